"""The list of entitlements: licenses and maintenance, with what is entitled, allocated and free."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import django_filters
from django.db.models import Q, QuerySet, Sum
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.access import ScopedRequest
from accounts.roles import Capability
from allocation.figures import (
    cover_of_licenses,
    over_allocated,
    units_of_positions,
    without_cover,
)
from common.filters import AnyOfFilter, DayFilter, EndsWithinFilter
from common.lists import Chip, Column, RecordList, View
from common.shown import SOON_DAYS, Money, Tone, Utilisation, day_text, ends_in
from common.shown import State as ShownState
from contracts.models import Contract, Vendor
from entitlements.models import Duration, Entitlement, EntitlementDefinition, Kind
from entitlements.queries import NUMBERED_BY, SEARCHED_BY, with_rights, with_state
from entitlements.states import State

TONES = {
    State.ON_ORDER: Tone.SOON,
    State.IN_STOCK: Tone.FINE,
    State.IN_TRANSIT: Tone.SOON,
    State.IN_USE: Tone.FINE,
    State.CONSUMED: Tone.ENDED,
    State.IN_MAINTENANCE: Tone.SOON,
    State.RETIRED: Tone.ENDED,
    State.MISSING: Tone.OVER,
}
NOT_YET = ShownState("Not yet purchased", Tone.SOON)
UNLIMITED = "Unlimited"


class EntitlementFilters(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label="Kind", choices=Kind.choices, empty_label="Any kind")
    state = AnyOfFilter(label="State", field_name="state_now", choices=State.choices)
    publisher = django_filters.ModelChoiceFilter(
        label="Publisher",
        field_name="model__product__vendor",
        queryset=Vendor.objects.all(),
        empty_label="Any publisher",
    )
    model = django_filters.CharFilter(
        label="Software model has", field_name="model__name", lookup_expr="icontains"
    )
    definition = django_filters.ModelChoiceFilter(
        label="Definition", queryset=lambda request: _definitions(request), empty_label="Any"
    )
    serial = django_filters.CharFilter(label="Serial number", method="filter_serial")
    duration = django_filters.ChoiceFilter(
        label="Duration", choices=Duration.choices, empty_label="Any duration"
    )
    ends_from = DayFilter(label="from", field_name="ends_on", lookup_expr="gte")
    ends_until = DayFilter(label="until", field_name="ends_on", lookup_expr="lte")
    ends = EndsWithinFilter(label="Ends")
    cover = django_filters.ChoiceFilter(
        label="Cover", choices=[("none", "Not covered")], method="filter_cover"
    )
    allocated = django_filters.ChoiceFilter(
        label="Allocated", choices=[("over", "Over-allocated")], method="filter_allocated"
    )
    contract = django_filters.ModelChoiceFilter(
        label="Contract", queryset=lambda request: _contracts(request)
    )

    def filter_serial(self, found: Any, name: str, value: str) -> Any:
        return found.filter(Q(serial_number=value) | Q(matched_serial=value))

    def filter_cover(self, found: Any, name: str, value: str) -> Any:
        return without_cover(found, timezone.localdate())

    def filter_allocated(self, found: Any, name: str, value: str) -> Any:
        return over_allocated(found, timezone.localdate())


def _definitions(request: ScopedRequest) -> QuerySet[EntitlementDefinition]:
    return EntitlementDefinition.objects.visible_to(request.scope)


def _contracts(request: ScopedRequest) -> QuerySet[Contract]:
    return Contract.objects.visible_to(request.scope.whole)


class EntitlementList(RecordList[Entitlement]):
    view = "entitlements"
    name = "entitlements"
    title = "Entitlements"
    noun, nouns = "entitlement", "entitlements"
    template = "entitlements/entitlement_list.html"
    filterset = EntitlementFilters
    chips = (
        Chip("Kind", ["kind"], is_quiet=True),
        Chip("State", ["state"]),
        Chip("Publisher", ["publisher"]),
        Chip("Model", ["model"]),
        Chip("Ends", ["ends_from", "ends_until"]),
        Chip("Definition", ["definition"]),
        Chip("Serial number", ["serial"], is_quiet=True),
        Chip("Duration", ["duration"], is_quiet=True),
        Chip("Ends", ["ends"], is_quiet=True),
        Chip("Cover", ["cover"], is_quiet=True),
        Chip("Allocated", ["allocated"], is_quiet=True),
        Chip("Contract", ["contract"], is_quiet=True),
    )
    views = (
        View("All"),
        View("Licenses", {"kind": Kind.LICENSE.value}),
        View("Maintenance", {"kind": Kind.MAINTENANCE.value}),
        View("Without cover", {"kind": Kind.LICENSE.value, "cover": "none"}),
        View("Over-allocated", {"kind": Kind.MAINTENANCE.value, "allocated": "over"}),
        View("Ending soon", {"ends": str(SOON_DAYS)}),
    )
    search = SEARCHED_BY
    numbered = NUMBERED_BY
    default_sort = "name"
    request: ScopedRequest

    def __init__(
        self, request: ScopedRequest, *, parameters: QueryDict | None = None, **context: Any
    ) -> None:
        self.today = timezone.localdate()
        self.kind = (request.GET if parameters is None else parameters).get("kind", "")
        super().__init__(request, parameters=parameters, **context)

    def records(self) -> QuerySet[Entitlement]:
        visible = Entitlement.objects.visible_to(self.request.scope)
        stated = with_rights(with_state(visible, self.today), self.today)
        return stated.select_related("model__product__vendor", "definition", "company", "contract")

    def make_columns(self) -> Sequence[Column]:
        return (*self._what(), *self._figures(), *self._days(), *self._more())

    def _what(self) -> Sequence[Column]:
        several = len(self.request.scope.companies()) > 1
        return (
            Column(
                name="name",
                label="Entitlement",
                value=lambda e: e.display_name,
                sort="model__name",
            ),
            Column(name="reference", label="Reference", value=lambda e: e.reference, rank=2),
            Column(
                name="kind",
                label="Kind",
                value=lambda e: e.get_kind_display(),
                is_chosen=not self.kind,
            ),
            Column(
                name="company",
                label="Company",
                value=lambda e: e.company.name,
                sort="company__name",
                rank=3,
                is_chosen=several,
            ),
            Column(
                name="serial",
                label="Serial number",
                value=lambda e: e.effective_serial,
                sort="serial_number",
                rank=3,
                is_chosen=self.kind == Kind.LICENSE,
            ),
            Column(name="state", label="State", value=self.state, rank=1),
        )

    def _figures(self) -> Sequence[Column]:
        of_positions = self.kind != Kind.LICENSE
        return (
            Column(
                name="entitled",
                label="Entitled",
                value=_entitled,
                sort="purchased_rights",
                is_number=True,
                rank=1,
                total=Sum("rights_left"),
            ),
            Column(
                name="allocated",
                label="Allocated",
                value=lambda e: e.units and e.units.used,
                is_number=True,
                is_chosen=of_positions,
            ),
            Column(
                name="free",
                label="Free",
                value=lambda e: e.units and e.units.free,
                is_number=True,
                rank=1,
                is_chosen=of_positions,
            ),
            Column(
                name="use",
                label="Use",
                value=lambda e: e.units,
                is_exported=False,
                rank=3,
                is_chosen=of_positions,
            ),
            Column(
                name="covered",
                label="Covered",
                value=lambda e: e.cover_shown,
                is_chosen=self.kind == Kind.LICENSE,
                rank=1,
            ),
        )

    def _days(self) -> Sequence[Column]:
        return (
            Column(
                name="purchased",
                label="Purchased",
                value=lambda e: e.purchased_on,
                sort="purchased_on",
                rank=3,
                is_chosen=self.kind == Kind.LICENSE,
            ),
            Column(
                name="starts",
                label="Starts",
                value=lambda e: e.starts_on,
                sort="starts_on",
                rank=3,
                is_chosen=False,
            ),
            Column(name="ends", label="Ends", value=lambda e: e.ends_on, sort="ends_on", rank=3),
            Column(name="ends_in", label="Ends in", value=self.ends_in),
        )

    def _more(self) -> Sequence[Column]:
        return (
            Column(
                name="publisher",
                label="Publisher",
                value=lambda e: e.model.product.vendor.name,
                sort="model__product__vendor__name",
                is_chosen=False,
            ),
            Column(
                name="contract",
                label="Contract",
                value=lambda e: e.contract and e.contract.number,
                sort="contract__number",
                is_chosen=False,
            ),
            Column(
                name="cost",
                label="Total cost",
                value=lambda e: _money(e.total_cost, e.currency),
                sort="total_cost",
                is_money=True,
                is_chosen=False,
            ),
        )

    def state(self, entitlement: Any) -> ShownState:
        return shown_state(entitlement.state_now)

    def ends_in(self, entitlement: Any) -> ShownState | str | None:
        if entitlement.ends_on is None and not entitlement.follows_dates:
            return None
        return ends_in(entitlement.ends_on, self.today)

    def attach(self, rows: Sequence[Any]) -> None:
        positions = [row for row in rows if row.is_maintenance]
        licenses = [row for row in rows if not row.is_maintenance]
        units = units_of_positions(positions)
        for position in positions:
            held = units[position.pk]
            position.units = Utilisation(total=held.net, used=held.used)
            position.cover_shown = None
        covered = cover_of_licenses([row.pk for row in licenses], self.today)
        for license in licenses:
            license.units = None
            license.cover_shown = shown_cover(license, covered, self.today)

    def is_ended(self, entitlement: Any) -> bool:
        return entitlement.state_now == State.RETIRED

    def address(self, entitlement: Entitlement) -> str:
        return reverse("entitlement", args=[entitlement.pk])

    def empty_state(self) -> dict[str, str]:
        state = {
            "title": "No entitlements yet",
            "text": "A license grants the use of a software model; maintenance extends licenses."
            " Enter one, or import the workbook in which you keep them.",
        }
        if self.request.scope.companies(Capability.MANAGE):
            state |= {"action": "Add a license", "address": reverse("add-license")}
        return state


def shown_state(state: str | None) -> ShownState:
    """The state of an entitlement as a word with its tone."""
    return NOT_YET if state is None else ShownState(State(state).label, TONES[State(state)])


def shown_cover(license: Any, covered: Mapping[int, date | None], day: date) -> ShownState | None:
    """
    Until when a license is covered, in words; None where there is nothing to cover.

    :param license: read with rights
    :param covered: the last day of cover by license (``allocation.figures.cover_of_licenses``)
    """
    if license.pk not in covered:
        can_be_covered = license.active_rights and license.purchased_on <= day
        return ShownState("not covered", Tone.OVER) if can_be_covered else None
    until = covered[license.pk]
    if until is None:
        return ShownState("without end", Tone.FINE)
    tone = Tone.SOON if (until - day).days <= SOON_DAYS else Tone.FINE
    return ShownState(f"until {day_text(until)}", tone)


def _entitled(entitlement: Any) -> int | str:
    if entitlement.is_unlimited:
        return UNLIMITED
    rights: int = (
        entitlement.rights_left if entitlement.is_maintenance else entitlement.active_rights
    )
    return rights


def _money(amount: Any, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


def contract_entitlements(
    request: ScopedRequest, contract: Contract, kind: Kind
) -> EntitlementList:
    """The entitlements of one kind that a contract holds, for its page."""
    asked = QueryDict(mutable=True)
    asked.update({"contract": str(contract.pk), "kind": kind.value})
    return EntitlementList(request, parameters=asked)
