"""The list of allocations, every one there ever was; and the parts of it on other pages."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Case, CharField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.access import ScopedRequest
from accounts.models import Company, User
from accounts.roles import Capability
from allocation.comparison import changed_in
from allocation.explanation import Names, names_of, who_ended, who_made, why_ended, why_made
from allocation.models import Allocation, Basis, ConsolidateRun, EndReason, TargetKind
from allocation.queries import SHOWN_OF_USES
from common.filters import AnyOfFilter, DayFilter
from common.lists import Chip, Column, RecordList, View
from common.shown import Exact, State, Tone
from contracts.models import Contract
from entitlements.models import Entitlement
from entitlements.queries import with_words

LIVE, EXPIRED, ENDED = "live", "expired", "ended"
STATES = {
    LIVE: State("Live", Tone.FINE),
    EXPIRED: State("Expired", Tone.ENDED),
    ENDED: State("Ended", Tone.ENDED),
}
UNLIMITED = "Unlimited"
RELATED = (
    "company",
    "license__model",
    "license__definition",
    "entitlement__model",
    "entitlement__definition",
    "made_by",
    "made_in_run__started_by",
    "ended_by",
    "ended_in_run__started_by",
)


class MomentInput(forms.DateTimeInput):
    """A moment, in the browser's own control."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class MomentFilter(django_filters.DateTimeFilter):
    """A moment to the minute, in the reader's time zone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", MomentInput)
        kwargs.setdefault("input_formats", ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
        kwargs.setdefault("error_messages", {"invalid": "Write a moment as 2026-12-31T14:30."})
        super().__init__(*args, **kwargs)


def _visible_entitlements(request: ScopedRequest) -> QuerySet[Entitlement]:
    visible = Entitlement.objects.visible_to(request.scope.whole)
    return visible.select_related("model", "definition")


def _visible_companies(request: ScopedRequest) -> QuerySet[Company]:
    return Company.objects.filter(pk__in=request.scope.companies())


def _visible_contracts(request: ScopedRequest) -> QuerySet[Contract]:
    return Contract.objects.visible_to(request.scope.whole)


def _of_licenses(licenses: Any) -> Q:
    """The allocations that cover some licenses, and those that use them."""
    return Q(license__in=licenses) | Q(license=None, entitlement__in=licenses)


class AllocationFilters(django_filters.FilterSet):
    """
    Filters of allocations.

    *As of* looks by days, at what held on a day; *as known at* by moments, at what had been written
    by then. The state is told as of the same day and moment.
    """

    as_of = DayFilter(label="as of", method="filter_as_of")
    known_at = MomentFilter(label="as known at", method="filter_known_at")
    state = AnyOfFilter(
        label="State",
        field_name="state_then",
        choices=[(key, state.word) for key, state in STATES.items()],
    )
    company = django_filters.ModelChoiceFilter(
        label="Company", queryset=_visible_companies, empty_label="Any company"
    )
    target = AnyOfFilter(label="Allocated to", choices=TargetKind.choices, method="filter_target")
    basis = AnyOfFilter(label="Basis", choices=Basis.choices)
    reason = AnyOfFilter(label="Reason", field_name="end_reason", choices=EndReason.choices)
    run = django_filters.NumberFilter(
        label="Consolidate #", method="filter_run", min_value=1, max_value=2**31
    )
    person = django_filters.CharFilter(label="Name has", method="filter_person")
    license_named = django_filters.CharFilter(
        label="Name, serial number or reference has", method="filter_license_named"
    )
    position_named = django_filters.CharFilter(
        label="Name, serial number or reference has", method="filter_position_named"
    )
    contract_named = django_filters.CharFilter(
        label="Number or name has", method="filter_contract_named"
    )
    held_from = DayFilter(label="from", method="filter_held_from")
    held_until = DayFilter(label="until", field_name="made_on", lookup_expr="lte")
    made_from = DayFilter(label="from", field_name="made_on", lookup_expr="gte")
    made_until = DayFilter(label="until", field_name="made_on", lookup_expr="lte")
    ended_from = DayFilter(label="from", field_name="ended_on", lookup_expr="gte")
    ended_until = DayFilter(label="until", field_name="ended_on", lookup_expr="lte")
    license = django_filters.ModelChoiceFilter(
        label="License", queryset=_visible_entitlements, method="filter_license"
    )
    position = django_filters.ModelChoiceFilter(
        label="Maintenance", field_name="entitlement", queryset=_visible_entitlements
    )
    contract = django_filters.ModelChoiceFilter(
        label="Contract", queryset=_visible_contracts, method="filter_contract"
    )

    def filter_queryset(self, queryset: Any) -> Any:
        asked = self.form.cleaned_data
        found = with_state_then(queryset, asked.get("as_of"), asked.get("known_at"))
        return super().filter_queryset(found)

    def filter_as_of(self, found: Any, name: str, day: date) -> Any:
        return found.filter(made_on__lte=day).exclude(state_then=ENDED)

    def filter_known_at(self, found: Any, name: str, moment: datetime) -> Any:
        return found.filter(made_at__lte=moment).exclude(state_then=ENDED)

    def filter_held_from(self, found: Any, name: str, day: date) -> Any:
        return found.exclude(ended_on__lte=day)

    def filter_run(self, found: Any, name: str, number: Any) -> Any:
        visible = ConsolidateRun.objects.visible_to(self.request.scope.whole)
        run = visible.filter(pk=int(number)).first()
        return found.none() if run is None else found.filter(changed_in(run))

    def filter_person(self, found: Any, name: str, text: str) -> Any:
        people = User.objects.filter(
            Q(username__icontains=text)
            | Q(first_name__icontains=text)
            | Q(last_name__icontains=text)
        ).values("pk")
        return found.filter(
            Q(made_by__in=people)
            | Q(ended_by__in=people)
            | Q(made_in_run__started_by__in=people)
            | Q(ended_in_run__started_by__in=people)
        )

    def filter_target(self, found: Any, name: str, kinds: Sequence[str]) -> Any:
        return found.given_to(kinds) if kinds else found

    def filter_license(self, found: Any, name: str, license: Entitlement) -> Any:
        return found.filter(_of_licenses([license.pk]))

    def filter_license_named(self, found: Any, name: str, text: str) -> Any:
        return found.filter(_of_licenses(self._entitlements_with(text)))

    def filter_position_named(self, found: Any, name: str, text: str) -> Any:
        return found.cover().filter(entitlement__in=self._entitlements_with(text))

    def _entitlements_with(self, text: str) -> Any:
        visible = Entitlement.objects.visible_to(self.request.scope.whole)
        return with_words(visible, text).values("pk")

    def filter_contract_named(self, found: Any, name: str, text: str) -> Any:
        named = Contract.objects.filter(Q(number__icontains=text) | Q(name__icontains=text))
        of_scope = named.visible_to(self.request.scope.whole)
        return self.filter_contract_in(found, of_scope)

    def filter_contract(self, found: Any, name: str, contract: Contract) -> Any:
        return self.filter_contract_in(found, Contract.objects.filter(pk=contract.pk))

    def filter_contract_in(self, found: Any, contracts: QuerySet[Contract]) -> Any:
        wanted = contracts.values("pk")
        return found.filter(Q(entitlement__contract__in=wanted) | Q(license__contract__in=wanted))


def with_state_then(
    allocations: QuerySet[Allocation], as_of: date | None, known_at: datetime | None
) -> Any:
    """
    Adds ``state_then``: live, expired or ended, on a day and as known at a moment.

    :param as_of: None: the day of the moment, else today
    """
    day = as_of or timezone.localdate(known_at)
    is_ended = Q(ended_on__lte=day) if as_of else Q()
    is_ended &= Q(ended_at__lte=known_at) if known_at else Q(ended_at__isnull=False)
    return allocations.annotate(
        state_then=Case(
            When(is_ended, then=Value(ENDED)),
            # What uses a license that has expired still draws on it, and shows as over-allocated.
            When(license__isnull=False, entitlement__ends_on__lt=day, then=Value(EXPIRED)),
            default=Value(LIVE),
            output_field=CharField(),
        )
    )


def in_short(position: Entitlement) -> str:
    """The name of maintenance beside a license, which tells the software model already."""
    return f"{position.definition} ({position.reference})"


def both_sides(position_label: str) -> tuple[Column, Column]:
    """The columns of the license and of what covers it, in lists of what runs did."""
    return (
        Column(
            name="license",
            label="License",
            value=lambda allocation: str(allocation.license),
            sort="license__model__name",
        ),
        Column(
            name="position",
            label=position_label,
            value=lambda allocation: in_short(allocation.entitlement),
            sort="entitlement__definition__name",
            is_across=True,
        ),
    )


class AllocationList(RecordList[Allocation]):
    view = "allocations"
    name = "allocations"
    title = "Allocation history"
    noun, nouns = "allocation", "allocations"
    template = "allocation/history.html"
    filterset = AllocationFilters
    chips = (
        Chip("State", ["state"]),
        Chip("On a day", ["as_of"]),
        Chip("Known at", ["known_at"]),
        Chip("Company", ["company"]),
        Chip("Allocated to", ["target"]),
        Chip("Basis", ["basis"]),
        Chip("Reason", ["reason"]),
        Chip("Run", ["run"]),
        Chip("Person", ["person"]),
        Chip("License", ["license_named"]),
        Chip("Maintenance", ["position_named"]),
        Chip("Contract", ["contract_named"]),
        Chip("Held", ["held_from", "held_until"]),
        Chip("Made", ["made_from", "made_until"]),
        Chip("Ended", ["ended_from", "ended_until"]),
        Chip("License", ["license"], is_quiet=True),
        Chip("Maintenance", ["position"], is_quiet=True),
        Chip("Contract", ["contract"], is_quiet=True),
    )
    views = (
        View("All"),
        View("Live", {"state": LIVE}),
        View("Ended", {"state": ENDED}),
        View("Expired", {"state": EXPIRED}),
        View("By hand", {"basis": Basis.MANUAL.value}),
        View("Deployments", {"target": TargetKind.DEPLOYMENT.value}),
    )
    numbered = {"A": ("pk",), "E": ("license", "entitlement")}
    search = (
        "license__model__name",
        "license__asset_tag",
        "license__serial_number",
        "entitlement__model__name",
        "entitlement__asset_tag",
        "entitlement__serial_number",
        "entitlement__matched_serial",
        "entitlement__definition__name",
        "deployment__product__name",
        "reservation_label",
        "person__name",
        "device__name",
    )
    default_sort = "-made"
    request: ScopedRequest
    names: Names

    def records(self) -> QuerySet[Allocation]:
        visible = Allocation.objects.visible_to(self.request.scope)
        return visible.select_related(*RELATED, *SHOWN_OF_USES)

    def make_columns(self) -> Sequence[Column]:
        return (*self._sides(), *self._what(), *self._when(), *self._who())

    def _sides(self) -> Sequence[Column]:
        return (
            Column(
                name="license",
                label="License",
                value=lambda a: str(a.license or a.entitlement),
                sort=Coalesce("license__model__name", "entitlement__model__name"),
            ),
            Column(
                name="position",
                label="Covered by, or allocated to",
                value=lambda a: a.target_text if a.is_use else in_short(a.entitlement),
                sort="entitlement__definition__name",
                is_across=True,
            ),
            Column(
                name="target",
                label="Kind",
                value=lambda a: a.target_kind.label,
                rank=3,
                is_chosen=False,
            ),
        )

    def _what(self) -> Sequence[Column]:
        several = len(self.request.scope.companies()) > 1
        return (
            Column(
                name="company",
                label="Company",
                value=lambda a: a.company.name,
                rank=3,
                is_chosen=several,
            ),
            Column(
                name="units",
                label="Units",
                value=lambda a: UNLIMITED if a.is_use and a.is_unlimited else a.quantity,
                sort="quantity",
                is_number=True,
                total=Sum("quantity"),
            ),
            Column(name="state", label="State", value=lambda a: STATES[a.state_then], rank=1),
            Column(
                name="basis",
                label="Basis",
                value=lambda a: a.get_basis_display(),
                sort="basis",
                rank=3,
            ),
        )

    def _when(self) -> Sequence[Column]:
        return (
            # Numbers are given out as rows are made, so this is the order of the making.
            Column(name="made", label="Made for", value=lambda a: a.made_on, sort="pk"),
            Column(name="ended", label="Ended for", value=lambda a: a.ended_on, sort="ended_on"),
            Column(
                name="reason",
                label="Reason",
                value=lambda a: a.get_end_reason_display(),
                sort="end_reason",
                rank=3,
                is_chosen=False,
            ),
            Column(name="why", label="Why", value=self.why, is_long=True),
        )

    def _who(self) -> Sequence[Column]:
        return (
            Column(name="made_by", label="Made by", value=who_made, rank=3, is_chosen=False),
            Column(name="ended_by", label="Ended by", value=who_ended, rank=3, is_chosen=False),
            Column(
                name="made_at",
                label="Written at",
                value=lambda a: Exact(a.made_at),
                sort="made_at",
                rank=3,
                is_chosen=False,
            ),
            Column(
                name="ended_at",
                label="End written at",
                value=lambda a: Exact(a.ended_at) if a.ended_at else None,
                sort="ended_at",
                rank=3,
                is_chosen=False,
            ),
            Column(
                name="number",
                label="Number",
                value=lambda a: str(a),
                rank=3,
                is_chosen=False,
            ),
        )

    def why(self, row: Allocation) -> str:
        """Why the row is as it is: what ended it, else what made it."""
        return why_ended(row, self.names) or why_made(row, self.names)

    def attach(self, rows: Sequence[Any]) -> None:
        self.names = names_of(rows)

    def is_ended(self, row: Any) -> bool:
        return row.state_then != LIVE

    def address(self, record: Allocation) -> str:
        return reverse("allocation", args=[record.pk])

    def empty_state(self) -> dict[str, str]:
        state = {
            "title": "Nothing was allocated yet",
            "text": "Consolidate allocates maintenance to the licenses it covers, and people give"
            " licenses to what uses them. Each allocation is kept here for good, with what made it"
            " and what ended it.",
        }
        if self.request.scope.companies(Capability.MANAGE):
            state |= {"action": "Consolidate", "address": reverse("consolidate")}
        return state


def allocations_of(request: ScopedRequest, *, position: str, state: list[str]) -> AllocationList:
    """The allocations of a position in some states, for its page."""
    asked = QueryDict(mutable=True)
    asked["position"] = position
    asked.setlist("state", state)
    ended = "state,ended," if ENDED in state else ""
    asked["columns"] = f"units,basis,made,{ended}why"
    return AllocationList(request, parameters=asked)
