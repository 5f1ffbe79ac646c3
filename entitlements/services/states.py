"""
States that people set by hand, for a period; outside of all periods the dates decide.

Rule: the specification's section *State*. Nothing is lost where a license is retired: its purchased
rights stay, and count again when it is set back.
"""

from datetime import date, timedelta

from django.db.models import Q, QuerySet

from accounts.models import User
from common.acting import acting
from common.locks import hold_shared
from common.shown import day_text
from entitlements.models import Entitlement, StatePeriod
from entitlements.services.rights import RightsRefused, demand_reason, lock_in_order
from entitlements.signals import rights_changed
from entitlements.states import SUBSTATES, State, Substate

ONE_DAY = timedelta(days=1)


class StateRefused(RightsRefused):
    """A state cannot be set so; the message names the value."""


def set_state(
    *,
    entitlement: Entitlement,
    state: str,
    substate: str,
    from_on: date,
    until_on: date | None,
    by: User,
    reason: str,
) -> StatePeriod:
    """
    Set the state of an entitlement by hand. On its days it takes the place of one set before.

    :param state: of ``State``
    :param substate: of ``Substate``; empty: none is said
    :param until_on: the last day, which counts; None: until it is set back
    :raises StateRefused: for a substate of another state, and days that do not fit
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    demand_reason(reason)
    _demand_substate(state, substate)
    _demand_days(entitlement, from_on, until_on)
    with acting(by, reason):
        hold_shared(entitlement.company_id)
        lock_in_order(entitlement)
        _make_room(entitlement, from_on, until_on)
        period = StatePeriod.objects.create(
            company_id=entitlement.company_id,
            entitlement=entitlement,
            state=state,
            substate=substate,
            from_on=from_on,
            until_on=until_on,
        )
        _announce(entitlement)
    return period


def back_by_date(*, entitlement: Entitlement, day: date, by: User, reason: str) -> None:
    """
    Let the dates tell the state again, from a day on.

    :param day: the first day on which they do
    :raises StateRefused: where no state is set by hand on that day or after it
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    demand_reason(reason)
    with acting(by, reason):
        hold_shared(entitlement.company_id)
        lock_in_order(entitlement)
        if not _on_days(entitlement, day, None).exists():
            raise StateRefused(
                f"No state is set by hand on {day_text(day)} or after it: its dates tell it"
                " already.",
                field="day",
            )
        _make_room(entitlement, day, None)
        _announce(entitlement)


def _make_room(entitlement: Entitlement, from_on: date, until_on: date | None) -> None:
    """Take some days out of the periods that are there: cut them short, or remove them."""
    for period in _on_days(entitlement, from_on, until_on).order_by("from_on"):
        if period.from_on < from_on:
            period.until_on = from_on - ONE_DAY
            period.save(update_fields=["until_on"])
        elif until_on is not None and (period.until_on is None or period.until_on > until_on):
            period.from_on = until_on + ONE_DAY
            period.save(update_fields=["from_on"])
        else:
            period.delete()


def _on_days(
    entitlement: Entitlement, from_on: date, until_on: date | None
) -> QuerySet[StatePeriod]:
    """The periods that share a day with some days."""
    periods = StatePeriod.objects.filter(entitlement=entitlement)
    if until_on is not None:
        periods = periods.filter(from_on__lte=until_on)
    return periods.filter(Q(until_on=None) | Q(until_on__gte=from_on))


def _announce(entitlement: Entitlement) -> None:
    rights_changed.send(
        StatePeriod, company_id=entitlement.company_id, license_ids=[entitlement.pk]
    )


# --- Rules ---


def _demand_substate(state: str, substate: str) -> None:
    if state not in State.values:
        raise StateRefused(f"“{state}” is no state.", field="state")
    if not substate:
        return
    if substate not in Substate.values:
        raise StateRefused(f"“{substate}” is no substate.", field="substate")
    allowed = SUBSTATES[State(state)]
    if substate not in allowed:
        offered = ", ".join(each.label for each in allowed)
        known = f"which has {offered}" if allowed else "which has none"
        raise StateRefused(
            f"{Substate(substate).label} is no substate of {State(state).label}, {known}.",
            field="substate",
        )


def _demand_days(entitlement: Entitlement, from_on: date, until_on: date | None) -> None:
    if until_on is not None and until_on < from_on:
        raise StateRefused(
            f"The last day, {day_text(until_on)}, is before the first, {day_text(from_on)}.",
            field="until_on",
        )
    if from_on < entitlement.purchased_on:
        raise StateRefused(
            f"{entitlement} was bought on {day_text(entitlement.purchased_on)}: it has no state on"
            f" {day_text(from_on)}, before that.",
            field="from_on",
        )
