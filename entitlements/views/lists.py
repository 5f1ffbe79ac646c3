"""The list of entitlements: licenses and maintenance, with what is entitled, allocated and free."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Q, QuerySet, Sum
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.access import ScopedRequest
from accounts.filters import ChosenFilter
from accounts.roles import Capability
from allocation.figures import (
    cover_of_licenses,
    over_allocated,
    units_of_positions,
    without_cover,
)
from allocation.models import LicenseNumbers
from allocation.views.license_use import UNLIMITED, bar_of, shown_available
from common.filters import AnyOfFilter, DayFilter, EndsWithinFilter, TagFilter
from common.lists import Chip, Column, RecordList, View
from common.shown import SOON_DAYS, Money, Tags, Tone, Utilisation, day_text, ends_in
from common.shown import State as ShownState
from contracts.choosing import VENDORS
from contracts.models import Contract
from entitlements.choosing import DEFINITIONS, PARTS
from entitlements.models import Duration, Entitlement, Kind
from entitlements.queries import (
    NUMBERED_BY,
    SEARCHED_BY,
    substates_on,
    with_changed_state,
    with_rights_left,
    with_state,
    with_substate,
)
from entitlements.states import State, Substate

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
# Columns of licenses that are hidden until they are asked for.
MORE_NUMBERS = {"idle": "Idle", "reserved": "Reserved"}
# What the numbers of a license say of its use.
USES = {
    "over": ("Over-allocated", Q(numbers__available__lt=0)),
    "free": ("Something available", Q(numbers__available__gt=0)),
    "idle": ("Allocated, not in use", Q(numbers__idle__gt=0)),
    "unused": ("Nothing allocated", Q(numbers__consumed=0)),
}


class EntitlementFilters(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label="Kind", choices=Kind.choices, empty_label="Any kind")
    state = AnyOfFilter(label="State", field_name="state_now", choices=State.choices)
    substate = AnyOfFilter(label="Substate", choices=Substate.choices, method="filter_substate")
    publisher = ChosenFilter(label="Publisher", field_name="model__product__vendor", source=VENDORS)
    model = django_filters.CharFilter(
        label="Software model has", field_name="model__name", lookup_expr="icontains"
    )
    definition = ChosenFilter(label="Definition", source=DEFINITIONS)
    part = ChosenFilter(label="Part number", source=PARTS)
    serial = django_filters.CharFilter(label="Serial number", method="filter_serial")
    duration = django_filters.ChoiceFilter(
        label="Duration", choices=Duration.choices, empty_label="Any duration"
    )
    ends_from = DayFilter(label="from", field_name="ends_on", lookup_expr="gte")
    ends_until = DayFilter(label="until", field_name="ends_on", lookup_expr="lte")
    ends = EndsWithinFilter(label="Ends")
    tag = TagFilter(label="Has the tag")
    cover = django_filters.ChoiceFilter(
        label="Cover", choices=[("none", "Not covered")], method="filter_cover"
    )
    allocated = django_filters.ChoiceFilter(
        label="Allocated", choices=[("over", "Over-allocated")], method="filter_allocated"
    )
    use = django_filters.ChoiceFilter(
        label="Use of a license",
        choices=[(name, label) for name, (label, _) in USES.items()],
        method="filter_use",
        empty_label="Any use",
    )
    changed = django_filters.ChoiceFilter(
        label="State", choices=[("today", "Changed since yesterday")], method="filter_changed"
    )
    contract = django_filters.ModelChoiceFilter(
        label="Contract", queryset=lambda request: _contracts(request)
    )

    def filter_serial(self, found: Any, name: str, value: str) -> Any:
        return found.filter(Q(serial_number=value) | Q(matched_serial=value))

    def filter_substate(self, found: Any, name: str, substates: list[str]) -> Any:
        return with_substate(found, timezone.localdate(), substates) if substates else found

    def filter_changed(self, found: Any, name: str, value: str) -> Any:
        return with_changed_state(found, timezone.localdate())

    def filter_cover(self, found: Any, name: str, value: str) -> Any:
        return without_cover(found, timezone.localdate())

    def filter_use(self, found: Any, name: str, use: str) -> Any:
        return found.filter(USES[use][1])

    def filter_allocated(self, found: Any, name: str, value: str) -> Any:
        return over_allocated(found, timezone.localdate())


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
        Chip("State", ["state", "substate"]),
        Chip("Publisher", ["publisher"]),
        Chip("Model", ["model"]),
        Chip("Ends", ["ends_from", "ends_until"]),
        Chip("Use", ["use"]),
        Chip("Tag", ["tag"]),
        Chip("Definition", ["definition"]),
        Chip("Serial number", ["serial"], is_quiet=True),
        Chip("Duration", ["duration"], is_quiet=True),
        Chip("Ends", ["ends"], is_quiet=True),
        Chip("Cover", ["cover"], is_quiet=True),
        Chip("Allocated", ["allocated"], is_quiet=True),
        Chip("Contract", ["contract"], is_quiet=True),
        Chip("State", ["changed"], is_quiet=True),
        Chip("Part number", ["part"], is_quiet=True),
    )
    views = (
        View("All"),
        View("Licenses", {"kind": Kind.LICENSE.value}),
        View("Maintenance", {"kind": Kind.MAINTENANCE.value}),
        View("Without cover", {"kind": Kind.LICENSE.value, "cover": "none"}),
        View("Over-allocated licenses", {"kind": Kind.LICENSE.value, "use": "over"}),
        View("Unused licenses", {"kind": Kind.LICENSE.value, "use": "unused"}),
        View("Over-allocated maintenance", {"kind": Kind.MAINTENANCE.value, "allocated": "over"}),
        View("Ending soon", {"ends": str(SOON_DAYS)}),
    )
    search = SEARCHED_BY
    numbered = NUMBERED_BY
    default_sort = "name"
    change_view = "change-entitlements"
    is_selectable = True
    request: ScopedRequest

    def __init__(
        self, request: ScopedRequest, *, parameters: QueryDict | None = None, **context: Any
    ) -> None:
        self.today = timezone.localdate()
        self.kind = (request.GET if parameters is None else parameters).get("kind", "")
        super().__init__(request, parameters=parameters, **context)

    def records(self) -> QuerySet[Entitlement]:
        # What a contract holds is of its company, whichever the switcher shows.
        scope = self.request.scope.whole if self.is_of_a_contract else self.request.scope
        visible = Entitlement.objects.visible_to(scope)
        stated = with_rights_left(with_state(visible, self.today), self.today)
        return stated.select_related("model", "definition", "numbers", *self.shown_related)

    @property
    def is_of_a_contract(self) -> bool:
        """Whether one contract narrows the list, as on its page."""
        return bool(self.parameters.get("contract"))

    def make_columns(self) -> Sequence[Column]:
        return (*self._what(), *self._figures(), *self._days(), *self._more())

    def _what(self) -> Sequence[Column]:
        several = len(self.request.scope.companies()) > 1 and not self.is_of_a_contract
        return (
            Column(
                name="name",
                label="Entitlement",
                value=lambda e: e.display_name,
                sort="model__name",
            ),
            Column(
                name="reference",
                label="Reference",
                value=lambda e: e.reference,
                rank=3 if self.kind == Kind.LICENSE else 2,
            ),
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
                related="company",
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
        """Of licenses their stored numbers, of maintenance what is allocated of its units."""
        of_licenses = self.kind == Kind.LICENSE
        return (
            Column(
                name="entitled",
                label="Entitled",
                value=_entitled,
                sort="numbers__entitled" if of_licenses else "purchased_rights",
                is_number=True,
                rank=1,
                total=Sum("numbers__entitled" if of_licenses else "rights_left"),
            ),
            Column(
                name="deployed",
                label="Deployed",
                value=_number("deployed"),
                sort="numbers__deployed",
                empty_is_smallest=True,
                is_number=True,
                rank=1,
                is_chosen=self.kind != Kind.MAINTENANCE,
            ),
            Column(
                name="allocated",
                label="Allocated",
                value=_allocated,
                sort="numbers__consumed" if of_licenses else None,
                is_number=True,
                rank=1,
                is_chosen=not of_licenses,
            ),
            Column(
                name="available",
                label="Available",
                value=_available,
                sort="numbers__available" if of_licenses else None,
                is_number=True,
                rank=1,
            ),
            Column(
                name="use",
                label="Use",
                value=lambda e: e.bar,
                sort="numbers__utilisation" if of_licenses else None,
                empty_is_smallest=True,
                is_exported=False,
                is_drawing=True,
                rank=1,
            ),
            Column(
                name="utilisation",
                label="Use, in per cent",
                value=_per_cent,
                sort="numbers__utilisation" if of_licenses else None,
                empty_is_smallest=True,
                is_number=True,
                is_chosen=False,
            ),
            *(self._figure(name, label) for name, label in MORE_NUMBERS.items()),
            Column(
                name="covered",
                label="Covered",
                value=lambda e: e.cover_shown,
                is_chosen=self.kind == Kind.LICENSE,
            ),
        )

    def _figure(self, name: str, label: str) -> Column:
        """A stored number of a license that is shown when it is asked for."""
        return Column(
            name=name,
            label=label,
            value=_number(name),
            sort=f"numbers__{name}",
            empty_is_smallest=True,
            is_number=True,
            is_chosen=False,
        )

    def _days(self) -> Sequence[Column]:
        return (
            Column(
                name="purchased",
                label="Purchased",
                value=lambda e: e.purchased_on,
                sort="purchased_on",
                rank=3,
                is_chosen=False,
            ),
            Column(
                name="starts",
                label="Starts",
                value=lambda e: e.starts_on,
                sort="starts_on",
                rank=3,
                is_chosen=False,
            ),
            Column(
                name="ends",
                label="Ends",
                value=lambda e: e.ends_on,
                sort="ends_on",
                rank=3,
                # Beside the numbers of licenses there is room for one of the two.
                is_chosen=self.kind != Kind.LICENSE,
            ),
            Column(name="ends_in", label="Ends in", value=self.ends_in, sort="ends_on", rank=1),
        )

    def _more(self) -> Sequence[Column]:
        return (
            Column(
                name="publisher",
                label="Publisher",
                value=lambda e: e.model.product.vendor.name,
                sort="model__product__vendor__name",
                related="model__product__vendor",
                is_chosen=False,
            ),
            Column(
                name="contract",
                label="Contract",
                value=lambda e: e.contract and e.contract.number,
                sort="contract__number",
                related="contract",
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
            Column(
                name="tags",
                label="Tags",
                value=lambda e: Tags(e.tags, reverse("entitlements")),
                is_across=True,
                is_chosen=False,
            ),
        )

    def state(self, entitlement: Any) -> ShownState:
        return shown_state(entitlement.state_now, entitlement.substate_shown)

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
            position.bar, position.cover_shown = position.units, None
        self._tell_substates(rows)
        covered = cover_of_licenses([row.pk for row in licenses], self.today)
        for license in licenses:
            license.units = None
            numbers = _numbers(license)
            license.bar = None if numbers is None else bar_of(numbers)
            license.cover_shown = shown_cover(license, covered, self.today)

    def _tell_substates(self, rows: Sequence[Any]) -> None:
        by_hand = [row.pk for row in rows if row.state_by_hand]
        substates = substates_on(self.today, by_hand) if by_hand else {}
        for row in rows:
            row.substate_shown = substates.get(row.pk, "")

    def may_change_rows(self) -> bool:
        return self.request.scope.may_anywhere(Capability.MANAGE)

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


def shown_state(state: str | None, substate: str = "") -> ShownState:
    """The state of an entitlement as a word with its tone, and with a substate in words."""
    if state is None:
        return NOT_YET
    words = f"{State(state).label} ({substate.lower()})" if substate else State(state).label
    return ShownState(words, TONES[State(state)])


def shown_cover(license: Any, covered: Mapping[int, date | None], day: date) -> ShownState | None:
    """
    Until when a license is covered, in words; None where there is nothing to cover.

    :param license: read with state and rights
    :param covered: the last day of cover by license (``allocation.figures.cover_of_licenses``)
    """
    if license.pk not in covered:
        is_in_force = license.purchased_on <= day and license.state_now != State.RETIRED
        can_be_covered = is_in_force and license.rights_left
        return ShownState("not covered", Tone.OVER) if can_be_covered else None
    until = covered[license.pk]
    if until is None:
        return ShownState("without end", Tone.FINE)
    tone = Tone.SOON if (until - day).days <= SOON_DAYS else Tone.FINE
    return ShownState(f"until {day_text(until)}", tone)


def _entitled(entitlement: Any) -> int | str | None:
    if entitlement.is_unlimited:
        return UNLIMITED
    if entitlement.is_maintenance:
        rights: int | None = entitlement.rights_left
        return rights
    return _number("entitled")(entitlement)


def _available(entitlement: Any) -> int | str | ShownState | None:
    if entitlement.units is not None:
        free: int = entitlement.units.free
        return free
    numbers = _numbers(entitlement)
    return None if numbers is None else shown_available(numbers)


def _allocated(entitlement: Any) -> int | None:
    if entitlement.units is not None:
        used: int = entitlement.units.used
        return used
    return _number("consumed")(entitlement)


def _numbers(entitlement: Any) -> LicenseNumbers | None:
    """The numbers of a license; None of maintenance, and where they are yet to be counted."""
    return getattr(entitlement, "numbers", None)


def _number(name: str) -> Callable[[Any], Any]:
    """From an entitlement to one of the numbers of a license; None where it has none."""
    return lambda entitlement: getattr(_numbers(entitlement), name, None)


def _per_cent(entitlement: Any) -> Decimal | None:
    share: Decimal | None = _number("utilisation")(entitlement)
    return None if share is None else round(share * 100, 1)


def _money(amount: Any, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


def contract_entitlements(
    request: ScopedRequest, contract: Contract, kind: Kind, *, number: int
) -> EntitlementList:
    """
    The entitlements of one kind that a contract holds, for its page.

    :param number: how many there are
    """
    asked = QueryDict(mutable=True)
    asked.update({"contract": str(contract.pk), "kind": kind.value})
    listed = EntitlementList(request, parameters=asked, number=number)
    listed.only = listed.records().filter(contract=contract, kind=kind)
    return listed
