"""Questions about entitlements: their state and their rights on a day, as SQL."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from common.searching import holding
from common.sql import rows_of
from entitlements.models import (
    Duration,
    Entitlement,
    EntitlementQuerySet,
    Kind,
    PurchaseReturn,
    ReturnAssignment,
    StatePeriod,
    UpgradedEntitlement,
)
from entitlements.rights import TakenAway, active_rights_on, rights_left_on
from entitlements.states import State, StateByHand, Substate, state_on

SEARCHED_BY = (
    "model__name",
    "model__product__vendor__name",
    "definition__name",
    "asset_tag",
    "serial_number",
    "matched_serial",
    "po_number",
)
NUMBERED_BY = {"E": ("pk",)}  # the reference of an entitlement without an asset tag
FOLLOWS_DATES = Q(kind=Kind.MAINTENANCE) | Q(duration=Duration.SUBSCRIPTION)


def with_words(entitlements: EntitlementQuerySet, text: str) -> EntitlementQuerySet:
    """Those that hold each of the words of a text: in a name, a number, a tag, the reference."""
    for word in text.replace("\x00", "").split():
        entitlements = entitlements.filter(holding(Entitlement, word, SEARCHED_BY, NUMBERED_BY))
    return entitlements


def with_state(entitlements: EntitlementQuerySet, day: date) -> EntitlementQuerySet:
    """
    Adds ``state_now``, the state on a day; None before the purchase.

    It says in SQL what ``entitlements.states.state_on`` says in Python.
    """
    return entitlements.annotate(
        state_by_hand=_state_by_hand(day), state_now=_state_on(day, by_hand=F("state_by_hand"))
    )


def with_changed_state(entitlements: EntitlementQuerySet, day: date) -> EntitlementQuerySet:
    """
    Those whose state on a day is not that of the day before: ``state_before``, ``state_then``.

    What was bought on the day itself had no state before it, and did not change it.
    """
    before = day - timedelta(days=1)
    of_hands = StatePeriod.objects.filter(Q(from_on=day) | Q(until_on=before))
    may_have = Q(ends_on=before) | Q(starts_on=day) | Q(pk__in=of_hands.values("entitlement"))
    stated = entitlements.filter(may_have, purchased_on__lte=before).annotate(
        state_before=_state_on(before, by_hand=_state_by_hand(before)),
        state_then=_state_on(day, by_hand=_state_by_hand(day)),
    )
    return stated.exclude(state_before=F("state_then"))


def _state_by_hand(day: date) -> Subquery:
    return Subquery(_periods_on(day).values("state")[:1])


def _state_on(day: date, *, by_hand: F | Subquery) -> Case:
    by_dates = Case(
        When(~FOLLOWS_DATES, then=Value(State.IN_USE)),
        When(starts_on__gt=day, then=Value(State.ON_ORDER)),
        When(ends_on__lt=day, then=Value(State.RETIRED)),
        default=Value(State.IN_USE),
        output_field=CharField(),
    )
    return Case(
        When(purchased_on__gt=day, then=None),
        default=Coalesce(by_hand, by_dates),
        output_field=CharField(),
    )


def with_substate(
    entitlements: EntitlementQuerySet, day: date, substates: Collection[str]
) -> EntitlementQuerySet:
    """Those whose state was set by hand for a day, with one of some substates."""
    return entitlements.filter(Exists(_periods_on(day).filter(substate__in=substates)))


def substates_on(day: date, ids: Collection[int]) -> dict[int, str]:
    """Of some entitlements that have a substate on a day: which, in words."""
    periods = _in_force(StatePeriod.objects.filter(entitlement__in=ids), day)
    found = periods.exclude(substate="").values_list("entitlement", "substate")
    return {pk: str(Substate(substate).label) for pk, substate in found}


def _periods_on(day: date) -> QuerySet[StatePeriod]:
    return _in_force(StatePeriod.objects.filter(entitlement=OuterRef("pk")), day)


def _in_force(periods: QuerySet[StatePeriod], day: date) -> QuerySet[StatePeriod]:
    return periods.filter(Q(until_on=None) | Q(until_on__gte=day), from_on__lte=day)


def with_rights(entitlements: EntitlementQuerySet, day: date) -> EntitlementQuerySet:
    """
    Adds ``rights_left`` and ``active_rights`` to entitlements read ``with_state``.

    Active rights are those left, but 0 where it is retired.
    """
    return with_rights_left(entitlements, day).annotate(
        active_rights=Case(
            When(state_now=State.RETIRED, purchased_rights__isnull=False, then=Value(0)),
            default=F("rights_left"),
            output_field=IntegerField(),
        ),
    )


class Held(NamedTuple):
    """What there is under a contract: how many entitlements, and whether there is anything else."""

    licenses: int
    maintenance: int
    has_documents: bool
    has_parts: bool
    has_reminder: bool


HELD = """
SELECT count(*) FILTER (WHERE kind = 'license'), count(*) FILTER (WHERE kind = 'maintenance'),
    EXISTS (SELECT FROM contracts_contractdocument WHERE contract_id = %(id)s),
    EXISTS (SELECT FROM contracts_contract WHERE parent_id = %(id)s),
    EXISTS (SELECT FROM contracts_reminder WHERE contract_id = %(id)s)
FROM entitlements_entitlement WHERE contract_id = %(id)s
"""


def held_by_contract(contract_id: int) -> Held:
    """In one question, so that the page of a contract asks nothing about what is not there."""
    return Held._make(rows_of(HELD, {"id": contract_id})[0])


class Sections(NamedTuple):
    """Which of the records that may hang on an entitlement there are: most have hardly any."""

    states: bool
    returns: bool
    assigned: bool
    upgrades: bool
    downgrade_rights: bool
    keys: bool
    expenses: bool
    notes: bool
    splits: bool
    documents: bool


SECTIONS = """
SELECT EXISTS (SELECT FROM entitlements_stateperiod WHERE entitlement_id = %(id)s),
    EXISTS (SELECT FROM entitlements_purchasereturn WHERE entitlement_id = %(id)s),
    EXISTS (SELECT FROM entitlements_returnassignment WHERE position_id = %(id)s),
    EXISTS (SELECT FROM entitlements_upgradedentitlement WHERE source_id = %(id)s)
        OR EXISTS (SELECT FROM entitlements_upgradedentitlement WHERE target_id = %(id)s),
    EXISTS (SELECT FROM entitlements_downgraderight WHERE entitlement_id = %(id)s),
    EXISTS (SELECT FROM entitlements_licensekey WHERE entitlement_id = %(id)s),
    EXISTS (SELECT FROM entitlements_expenseline WHERE entitlement_id = %(id)s),
    EXISTS (SELECT FROM entitlements_worknote WHERE entitlement_id = %(id)s),
    EXISTS (SELECT FROM entitlements_entitlement WHERE split_from_id = %(id)s),
    EXISTS (SELECT FROM entitlements_entitlementdocument WHERE entitlement_id = %(id)s)
"""


def sections_of(entitlement_id: int) -> Sections:
    """In one question, so that a page asks nothing about what is not there."""
    return Sections._make(rows_of(SECTIONS, {"id": entitlement_id})[0])


def tell_standing(entitlement: Any, day: date, sections: Sections) -> None:
    """
    Set ``state_now``, ``rights_left`` and ``active_rights`` on an entitlement, as of a day.

    They are those of ``with_state`` and ``with_rights``, told from rows where there are any. The
    states set by hand are kept as ``periods``, the earliest first, and that of the day as
    ``period_now``.
    """
    entitlement.periods = list(entitlement.state_periods.all()) if sections.states else []
    now = next((each for each in entitlement.periods if each.holds(day)), None)
    entitlement.period_now = now
    by_hand = now and StateByHand(State(now.state), now.from_on, now.until_on)
    has_taken = sections.returns or sections.assigned or sections.upgrades
    of_rights = {
        "purchased_rights": entitlement.purchased_rights,
        "taken_away": taken_from(entitlement.pk) if has_taken else (),
    }
    entitlement.state_now = state_on(
        day,
        purchased_on=entitlement.purchased_on,
        follows_dates=entitlement.follows_dates,
        starts_on=entitlement.starts_on,
        ends_on=entitlement.ends_on,
        by_hand=by_hand,
    )
    entitlement.rights_left = rights_left_on(day, **of_rights)
    entitlement.active_rights = active_rights_on(day, state=entitlement.state_now, **of_rights)


def with_rights_left(entitlements: EntitlementQuerySet, day: date) -> EntitlementQuerySet:
    """
    Adds ``rights_left``: those purchased, less those returned and those moved away by upgrades.

    None where they are unlimited.
    """
    return entitlements.annotate(
        rights_left=F("purchased_rights")
        - Case(
            When(
                kind=Kind.LICENSE,
                then=_sum_of(_returns_of_licenses(day), "quantity", by="entitlement"),
            ),
            default=_sum_of(_returns_of_positions(day), "units", by="position"),
            output_field=IntegerField(),
        )
        - _sum_of(_moved_away(day), "rights", by="source"),
    )


def _returns_of_licenses(day: date) -> QuerySet[PurchaseReturn]:
    returned = PurchaseReturn.objects.filter(entitlement=OuterRef("pk"), returned_on__lte=day)
    return returned.filter(_not_given_back(day))


def _returns_of_positions(day: date) -> QuerySet[ReturnAssignment]:
    assigned = ReturnAssignment.objects.filter(position=OuterRef("pk"), made_on__lte=day)
    return assigned.filter(_not_given_back(day))


def _moved_away(day: date) -> QuerySet[UpgradedEntitlement]:
    moved = UpgradedEntitlement.objects.filter(source=OuterRef("pk"), effective_on__lte=day)
    return moved.filter(_not_given_back(day))


def _not_given_back(day: date) -> Q:
    """What was taken back counts no more on the day itself."""
    return Q(ended_on=None) | Q(ended_on__gt=day)


def _sum_of(rows: QuerySet[Any], field: str, *, by: str) -> Coalesce:
    """The sum of a field over the rows of an outer row; 0 where there are none."""
    summed = rows.order_by().values(by).annotate(sum_of_rows=Sum(field)).values("sum_of_rows")
    return Coalesce(Subquery(summed, output_field=IntegerField()), 0)


def taken_from(entitlement_id: int) -> list[TakenAway]:
    """What was returned of an entitlement, and what upgrades moved away from it."""
    returned = PurchaseReturn.objects.filter(entitlement=entitlement_id)
    assigned = ReturnAssignment.objects.filter(position=entitlement_id)
    moved = UpgradedEntitlement.objects.filter(source=entitlement_id)
    taken = assigned.values_list("units", "made_on", "ended_on").union(
        returned.order_by().values_list("quantity", "returned_on", "ended_on"),
        moved.values_list("rights", "effective_on", "ended_on"),
        all=True,
    )
    return [TakenAway._make(row) for row in taken]


def moved_to(entitlement_id: int) -> list[TakenAway]:
    """What upgrades moved to an entitlement, which each took away from another."""
    moved = UpgradedEntitlement.objects.filter(target=entitlement_id)
    return [TakenAway._make(row) for row in moved.values_list("rights", "effective_on", "ended_on")]


def next_license_number(company_id: int, serial_number: str) -> int:
    """The number after the last in the group of licenses that share a serial number, from 0."""
    of_group = _of_serial(company_id, serial_number)
    last: int | None = of_group.aggregate(last=Max("license_number"))["last"]
    return 0 if last is None else last + 1


def numbered(
    company_id: int, serial_number: str, number: int, *, besides: int | None
) -> Entitlement | None:
    """The license that has a number in the group of a serial number, another than ``besides``."""
    of_group = _of_serial(company_id, serial_number).filter(~Q(pk=besides))
    return of_group.filter(license_number=number).select_related("model", "definition").first()


def _of_serial(company_id: int, serial_number: str) -> EntitlementQuerySet:
    return Entitlement.objects.licenses().filter(company=company_id, serial_number=serial_number)
