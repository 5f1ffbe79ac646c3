"""
Two years of consolidate, month by month, and what people did between the runs.

Records dated after a day take no part in a run for it. So the history is the true one, though all
records are there before the first run.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

from accounts.models import User
from allocation.models import Allocation, Basis
from allocation.services import AllocationRefused, allocate_by_hand, end_allocation, run_now
from common.acting import acting
from demo.organisation import Household
from entitlements.models import Entitlement, Kind, StatePeriod
from entitlements.states import State, Substate

MONTHS = 24


def tell_story(household: Household, by: User, today: date, random: Random) -> None:
    """
    Consolidate a company for the first of each month, with edits between some of them.

    What was bought since is left to the first preview that somebody looks at.
    """
    for number, day in enumerate(first_days_of_months(today)):
        run_now(company=household.company, as_of=day, by=by)
        if edit := EDITS.get(number):
            edit(household, by, day + timedelta(days=7), random)


def first_days_of_months(today: date) -> Iterator[date]:
    """The first days of the last two years' months, this month's the last."""
    for ago in range(MONTHS - 1, -1, -1):
        months = today.year * 12 + today.month - 1 - ago
        yield date(months // 12, months % 12 + 1, 1)


def _sell(household: Household, by: User, day: date, random: Random) -> None:
    for license in _covered_licenses(household, 2, random):
        _set_state(license, State.RETIRED, Substate.SOLD, by, day, "Sold with the plant in Lyon")


def _lose(household: Household, by: User, day: date, random: Random) -> None:
    for license in _covered_licenses(household, 2, random):
        _set_state(license, State.MISSING, None, by, day, "Not found at the stock-taking")


def _cut(household: Household, by: User, day: date, random: Random) -> None:
    """Lower the rights of some licenses: their cover no longer fits, and is given anew."""
    for license in _covered_licenses(household, 3, random):
        if license.purchased_rights and license.purchased_rights > 1:
            with acting(by, "Purchase corrected after the vendor's statement"):
                license.purchased_rights -= 1
                license.save(update_fields=["purchased_rights"])


def _decide_by_hand(household: Household, by: User, day: date, random: Random) -> None:
    """Cover a license by hand, with the first position that a rule lets a person take."""
    free = Entitlement.objects.filter(
        company=household.company,
        kind=Kind.MAINTENANCE,
        allocations=None,
        purchased_on__lte=day,
        ends_on__gt=day,
    ).order_by("pk")
    for position in free[:30]:
        license = (
            Entitlement.objects.filter(
                company=household.company,
                kind=Kind.LICENSE,
                model=position.model,
                purchased_on__lte=day,
                purchased_rights__lte=position.purchased_rights,
            )
            .order_by("pk")
            .last()
        )
        if license is None:
            continue
        try:
            allocate_by_hand(
                position=position, license=license, day=day, by=by, notes="Agreed with the plant"
            )
        except AllocationRefused:
            continue
        return


def _part(household: Household, by: User, day: date, random: Random) -> None:
    live = Allocation.objects.filter(
        company=household.company,
        ended_at=None,
        basis=Basis.UNCOVERED,
        entitlement__ends_on__gt=day,
    ).order_by("pk")
    for row in live[:2]:
        end_allocation(
            allocation=row,
            day=day,
            by=by,
            reason="Support was bought for the other plant",
            keep_apart=True,
        )


def _stock(household: Household, by: User, day: date, random: Random) -> None:
    for license in _covered_licenses(household, 3, random):
        _set_state(license, State.IN_STOCK, None, by, day, "Given back by the department")


def _covered_licenses(household: Household, number: int, random: Random) -> list[Entitlement]:
    """Covered licenses of no example, and without a state that was set by hand before."""
    covered = Entitlement.objects.filter(
        company=household.company,
        kind=Kind.LICENSE,
        cover__ended_at=None,
        asset_tag="",
        state_periods=None,
    )
    ids = sorted(set(covered.filter(cover__isnull=False).values_list("pk", flat=True)))
    return list(Entitlement.objects.filter(pk__in=random.sample(ids, number)).order_by("pk"))


def _set_state(
    license: Entitlement, state: State, substate: Substate | None, by: User, day: date, why: str
) -> None:
    with acting(by, why):
        StatePeriod.objects.create(
            company=license.company,
            entitlement=license,
            state=state,
            substate=substate or "",
            from_on=day,
        )


# After which month's run.
EDITS: dict[int, Callable[[Household, User, date, Random], None]] = {
    4: _sell,
    9: _cut,
    11: _stock,
    13: _decide_by_hand,
    16: _part,
    19: _lose,
    21: _sell,
}
