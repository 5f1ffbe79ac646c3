"""The part library: what publishers sell under which number, and what is bought with it."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.filters import ChosenFilter
from accounts.roles import Capability
from common.lists import Chip, Column, RecordList, View
from common.stories import shown_story
from contracts.choosing import VENDORS
from entitlements.models import Entitlement, PublisherPart, SuiteComponent
from entitlements.parts import models_of

MOST_ENTITLEMENTS = 20
YES_NO = [("yes", "Yes"), ("no", "No")]


class PartFilters(django_filters.FilterSet):
    publisher = ChosenFilter(label="Publisher", field_name="vendor", source=VENDORS)
    suite = django_filters.ChoiceFilter(
        label="Suite", choices=YES_NO, empty_label="Any", method="filter_suite"
    )
    example = django_filters.ChoiceFilter(
        label="Example", choices=YES_NO, empty_label="Any", method="filter_example"
    )

    def filter_suite(
        self, parts: QuerySet[PublisherPart], name: str, value: str
    ) -> QuerySet[PublisherPart]:
        return parts.filter(is_suite=value == "yes")

    def filter_example(
        self, parts: QuerySet[PublisherPart], name: str, value: str
    ) -> QuerySet[PublisherPart]:
        return parts.filter(is_example=value == "yes")


class PartList(RecordList[PublisherPart]):
    """All part numbers."""

    view = "parts"
    name = "parts"
    title = "Part numbers"
    noun, nouns = "part number", "part numbers"
    template = "entitlements/part_list.html"
    filterset = PartFilters
    chips = (
        Chip("Publisher", ["publisher"]),
        Chip("Suite", ["suite"], is_quiet=True),
        Chip("Example", ["example"], is_quiet=True),
    )
    views = (
        View("All"),
        View("Suites", {"suite": "yes"}),
        View("Examples", {"example": "yes"}),
    )
    search = ("number", "description", "product_name", "vendor__name")
    default_sort = "number"

    def records(self) -> QuerySet[PublisherPart]:
        return PublisherPart.objects.select_related("vendor", "metric__group")

    def make_columns(self) -> Sequence[Column]:
        return (
            Column(name="number", label="Part number", value=lambda p: p.number, sort="number"),
            Column(
                name="publisher",
                label="Publisher",
                value=lambda p: p.vendor.name,
                sort="vendor__name",
                rank=1,
            ),
            Column(name="description", label="Description", value=_description, is_long=True),
            Column(name="software", label="Software", value=lambda p: p.software, rank=1),
            Column(
                name="type",
                label="License type",
                value=lambda p: p.get_license_type_display(),
                is_chosen=False,
            ),
            Column(name="metric", label="License metric", value=_metric, rank=3),
            Column(
                name="rights",
                label="Rights per pack",
                value=lambda p: p.rights_per_pack,
                sort="rights_per_pack",
                is_number=True,
            ),
            Column(name="suite", label="Suite defined", value=_yes_no("is_suite"), rank=2),
            Column(name="example", label="Example", value=_yes_no("is_example"), rank=3),
            Column(name="source", label="Source", value=lambda p: p.source, is_chosen=False),
            Column(name="as_of", label="Source as of", value=lambda p: p.as_of, is_chosen=False),
        )

    def address(self, part: PublisherPart) -> str:
        return reverse("part", args=[part.pk])


def _description(part: PublisherPart) -> str:
    return part.description


def _metric(part: PublisherPart) -> str:
    return str(part.metric or "")


def _yes_no(name: str) -> Any:
    return lambda part: "Yes" if getattr(part, name) else "No"


@require_safe
@needs(Capability.READ)
def part_list(request: ScopedRequest) -> HttpResponseBase:
    return PartList(request).response()


@require_safe
@needs(Capability.READ)
def part_page(request: ScopedRequest, pk: int) -> HttpResponse:
    parts = PublisherPart.objects.select_related("vendor", "metric__group")
    part = get_object_or_404(parts, pk=pk)
    bought = Entitlement.objects.visible_to(request.scope).filter(part=part)
    components = part.components.select_related("vendor")
    return render(
        request,
        "entitlements/part.html",
        {
            "part": part,
            "fit": models_of(part),
            "components": components,
            "bought": bought.select_related("model", "definition", "company").order_by("-pk")[
                :MOST_ENTITLEMENTS
            ],
            "bought_number": bought.count(),
            "story": shown_story(
                request,
                {
                    "the part number": part.history.all(),
                    "a component": SuiteComponent.history.filter(part_id=part.pk),
                },
                untold=["part"],
            ),
        },
    )
