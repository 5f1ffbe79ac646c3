"""The metric catalogue as help for everybody: what each metric counts, and with which numbers."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from common.lists import Chip, Column, RecordList, View
from common.stories import shown_story
from contracts.models import SoftwareModel
from entitlements.catalogue import attributes_in_force, groups_of_metrics, tier_tables
from entitlements.metric_rules import PROCESSORS_OF_METRICS, TIERS_OF_METRICS, effect_of
from entitlements.models import (
    AgreementType,
    LicenseMetric,
    ModelAttribute,
    ProcessorTable,
    ProcessorValue,
    Tier,
    TierTable,
)

SHOWN_MODELS = 50


class ProcessorFilters(django_filters.FilterSet):
    table = django_filters.ChoiceFilter(
        label="Table", choices=ProcessorTable.choices, empty_label="Any table"
    )


class ProcessorList(RecordList[ProcessorValue]):
    """What a core counts, by processor."""

    view = "processors"
    name = "processors"
    title = "Processors"
    noun, nouns = "processor", "processors"
    template = "entitlements/processor_list.html"
    filterset = ProcessorFilters
    chips = (Chip("Table", ["table"], is_quiet=True),)
    views = (
        View("All"),
        *(View(table.label, {"table": table.value}) for table in ProcessorTable),
    )
    search = ("processor", "notes")
    default_sort = "processor"

    def records(self) -> QuerySet[ProcessorValue]:
        return ProcessorValue.objects.all()

    def make_columns(self) -> Sequence[Column]:
        return (
            Column(
                name="processor", label="Processor", value=lambda v: v.processor, sort="processor"
            ),
            Column(
                name="value",
                label="A core counts",
                value=lambda v: v.value.normalize(),
                sort="value",
                is_number=True,
                rank=1,
            ),
            Column(
                name="table",
                label="Table",
                value=lambda v: v.get_table_display(),
                is_chosen=not self.parameters.get("table"),  # else all rows are of one
            ),
            Column(name="notes", label="Notes", value=lambda v: v.notes, is_long=True),
            Column(name="source", label="Source", value=lambda v: v.source, is_long=True, rank=3),
            Column(name="as_of", label="As of", value=lambda v: v.as_of, sort="as_of"),
        )

    def address(self, value: ProcessorValue) -> str:
        return reverse("processor", args=[value.pk])


@require_safe
@needs(Capability.READ)
def metric_list(request: ScopedRequest) -> HttpResponse:
    """All groups with their metrics, and the tables that no metric's page shows."""
    return render(
        request,
        "entitlements/metrics.html",
        {
            "groups": groups_of_metrics(),
            "processor_tables": ProcessorTable.choices,
            "tier_tables": TierTable.objects.all(),
            "may_administer": request.scope.may_anywhere(Capability.ADMINISTER),
        },
    )


@require_safe
@needs(Capability.READ)
def metric_page(request: ScopedRequest, pk: int) -> HttpResponse:
    metric = get_object_or_404(LicenseMetric.objects.select_related("group"), pk=pk)
    key = metric.group.name, metric.name
    return render(
        request,
        "entitlements/metric.html",
        {
            "metric": metric,
            "attributes": metric.attributes.all(),
            "of_models": _values_of_models(metric),
            "agreements": _agreements(metric),
            "processors": _processors(request, PROCESSORS_OF_METRICS.get(key)),
            "tier_tables": _tiers(TIERS_OF_METRICS.get(key)),
            "story": shown_story(request, {"the metric": metric.history.all()}),
        },
    )


def _values_of_models(metric: LicenseMetric) -> QuerySet[ModelAttribute]:
    """What software models say of themselves, where it differs from the metric's default."""
    values = ModelAttribute.objects.filter(attribute__metric=metric)
    by_model = values.select_related("attribute", "model__product__vendor")
    return by_model.order_by("model__name", "attribute__name")[:SHOWN_MODELS]


def _agreements(metric: LicenseMetric) -> list[tuple[AgreementType, str]]:
    return [(each, effect_of(each)) for each in metric.group.agreement_types.all()]


def _processors(request: ScopedRequest, table: ProcessorTable | None) -> ProcessorList | None:
    if table is None:
        return None
    return ProcessorList(request, parameters=QueryDict(f"table={table.value}"))


def _tiers(key: str | None) -> list[dict[str, Any]]:
    return [] if key is None else [shown_tiers(table) for table in tier_tables([key])]


def shown_tiers(table: TierTable) -> dict[str, Any]:
    """A table of tiers with the first and the last unit of each bracket."""
    brackets, first = [], 1
    for tier in table.tiers.all():
        factor = tier.factor.normalize()
        brackets.append({"first": first, "last": tier.up_to, "factor": factor})
        first = (tier.up_to or 0) + 1
    return {"table": table, "brackets": brackets}


@require_safe
@needs(Capability.READ)
def calculation(request: ScopedRequest) -> HttpResponse:
    """
    How a metric is counted, as a dialog over the page where it stands; else the metric's page.

    The address names the ``metric``, and the ``model`` for which its attributes are asked.
    """
    metric = _named(request, "metric")
    if "HX-Request" not in request.headers:
        return redirect("metrics") if metric is None else redirect("metric", metric)
    if metric is None:
        return render(request, "entitlements/no_calculation.html")
    found = get_object_or_404(LicenseMetric.objects.select_related("group"), pk=metric)
    named = _named(request, "model")
    model = None if named is None else SoftwareModel.objects.filter(pk=named).first()
    context = {
        "metric": found,
        "model": model,
        "attributes": attributes_in_force(found, model),
    }
    return render(request, "entitlements/calculation.html", context)


def _named(request: ScopedRequest, name: str) -> int | None:
    """The key that the address gives under a name, if it gives one."""
    text = request.GET.get(name, "")
    return int(text[:18]) if text.isascii() and text.isdecimal() else None


@require_safe
@needs(Capability.READ)
def processor_list(request: ScopedRequest) -> HttpResponseBase:
    return ProcessorList(request).response()


@require_safe
@needs(Capability.READ)
def processor_page(request: ScopedRequest, pk: int) -> HttpResponse:
    value = get_object_or_404(ProcessorValue, pk=pk)
    return render(
        request,
        "entitlements/processor.html",
        {
            "value": value,
            "counts": value.value.normalize(),
            "story": shown_story(request, {"the processor": value.history.all()}),
        },
    )


@require_safe
@needs(Capability.READ)
def tier_page(request: ScopedRequest, key: str) -> HttpResponse:
    table = get_object_or_404(tier_tables(), key=key)
    histories = {"the table": table.history.all(), "a tier": Tier.history.filter(table=table.pk)}
    return render(
        request,
        "entitlements/tiers.html",
        {
            "tiers": shown_tiers(table),
            "story": shown_story(request, histories, untold=["table"]),
        },
    )
