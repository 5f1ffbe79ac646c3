"""Allocation history: every allocation ever, one in full, and the pairs that are kept apart."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.models import Company
from accounts.roles import Capability
from allocation.models import Allocation, KeptApart
from allocation.story import story_of
from allocation.views.lists import RELATED, STATES, AllocationList, with_state_then
from common.lists import Chip, Column, RecordList, View
from common.shown import Exact, State, Tone
from common.stories import shown_story

# What a rule and its figures mean is said in the story above, where a person reads it.
TOLD_IN_SENTENCES = ("kind", "rule", "figures", "end_rule", "end_figures")


@require_safe
@needs(Capability.READ)
def allocation_list(request: ScopedRequest) -> HttpResponseBase:
    return AllocationList(request).response()


@require_safe
@needs(Capability.READ)
def allocation_page(request: ScopedRequest, pk: int) -> HttpResponse:
    """The full story of an allocation."""
    visible = Allocation.objects.visible_to(request.scope.whole).select_related(*RELATED)
    allocation: Any = get_object_or_404(with_state_then(visible, None, None), pk=pk)
    template = "allocation/uses/use.html" if allocation.is_use else "allocation/allocation.html"
    return render(
        request,
        template,
        {
            "allocation": allocation,
            "state": STATES[allocation.state_then],
            "told": None if allocation.is_use else story_of(allocation),
            "story": shown_story(
                request, {"the allocation": allocation.history.all()}, untold=TOLD_IN_SENTENCES
            ),
            "may_change": request.scope.may(Capability.MANAGE, allocation.company_id),
            "today": timezone.localdate(),
        },
    )


class KeptApartFilters(django_filters.FilterSet):
    company = django_filters.ModelChoiceFilter(
        label="Company",
        queryset=lambda request: Company.objects.filter(pk__in=request.scope.companies()),
        empty_label="Any company",
    )
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[("apart", "Kept apart"), ("lifted", "Lifted")],
        method="filter_state",
        empty_label="Any",
    )

    def filter_state(self, found: Any, name: str, state: str) -> Any:
        return found.filter(lifted_at__isnull=state == "apart")


class KeptApartList(RecordList[KeptApart]):
    view = "kept-apart"
    name = "kept-apart"
    title = "Pairs kept apart"
    noun, nouns = "pair", "pairs"
    template = "allocation/kept_apart_list.html"
    filterset = KeptApartFilters
    chips = (Chip("Company", ["company"]), Chip("State", ["state"], is_quiet=True))
    views = (
        View("All"),
        View("Kept apart", {"state": "apart"}),
        View("Lifted", {"state": "lifted"}),
    )
    numbered = {"E": ("license", "position")}
    search = (
        "license__model__name",
        "license__asset_tag",
        "position__asset_tag",
        "position__definition__name",
        "reason",
    )
    default_sort = "-parted"
    request: ScopedRequest

    def records(self) -> QuerySet[KeptApart]:
        visible = KeptApart.objects.visible_to(self.request.scope)
        return visible.select_related(
            "company",
            "position__model",
            "position__definition",
            "license__model",
            "license__definition",
            "parted_by",
            "lifted_by",
        )

    def make_columns(self) -> Sequence[Column]:
        return (
            Column(
                name="license",
                label="License",
                value=lambda k: str(k.license),
                sort="license__model__name",
            ),
            Column(
                name="position",
                label="Maintenance",
                value=lambda k: str(k.position),
                sort="position__definition__name",
                is_long=True,
            ),
            Column(
                name="company",
                label="Company",
                value=lambda k: k.company.name,
                rank=3,
                is_chosen=len(self.request.scope.companies()) > 1,
            ),
            Column(name="state", label="State", value=_shown_state, rank=1),
            Column(name="reason", label="Reason", value=lambda k: k.reason, is_long=True),
            Column(name="person", label="Parted by", value=lambda k: str(k.parted_by), rank=3),
            Column(
                name="parted",
                label="Parted",
                value=lambda k: Exact(k.parted_at),
                sort="parted_at",
                rank=3,
            ),
            Column(
                name="lifted_by",
                label="Lifted by",
                value=lambda k: str(k.lifted_by or ""),
                rank=3,
                is_chosen=False,
            ),
            Column(
                name="lifted",
                label="Lifted",
                value=lambda k: Exact(k.lifted_at) if k.lifted_at else None,
                sort="lifted_at",
                rank=3,
                is_chosen=False,
            ),
        )

    def is_ended(self, record: KeptApart) -> bool:
        return record.lifted_at is not None

    def address(self, record: KeptApart) -> str:
        return reverse("kept-apart-pair", args=[record.pk])

    def empty_state(self) -> dict[str, str]:
        return {
            "title": "No pair is kept apart",
            "text": "Whoever ends an allocation by hand may keep its maintenance and its license"
            " apart. No run allocates such a pair again, until that is lifted here.",
        }


def _shown_state(pair: KeptApart) -> State:
    if pair.lifted_at is None:
        return State("Kept apart", Tone.SOON)
    return State("Lifted", Tone.ENDED)


@require_safe
@needs(Capability.READ)
def kept_apart_list(request: ScopedRequest) -> HttpResponseBase:
    return KeptApartList(request).response()


@require_safe
@needs(Capability.READ)
def kept_apart_page(request: ScopedRequest, pk: int) -> HttpResponse:
    """A pair that was parted: who did so and why, and whether it still is."""
    visible = KeptApart.objects.visible_to(request.scope.whole).select_related(
        "company",
        "position__model",
        "position__definition",
        "license__model",
        "license__definition",
        "parted_by",
        "lifted_by",
    )
    pair = get_object_or_404(visible, pk=pk)
    return render(
        request,
        "allocation/kept_apart.html",
        {
            "pair": pair,
            "state": _shown_state(pair),
            "story": shown_story(request, {"the pair": pair.history.all()}),
            "may_change": request.scope.may(Capability.MANAGE, pair.company_id),
        },
    )
