"""The rights of an entitlement on a day: pure, no queries. Rule: *Active rights* in *Fields*."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from entitlements.states import State


class TakenAway(NamedTuple):
    """Rights that an entitlement lacks from a day on: returned, or moved away by an upgrade."""

    rights: int
    from_on: date
    given_back_on: date | None = None  # the first day on which they count again

    def lacks_on(self, day: date) -> bool:
        return self.from_on <= day and (self.given_back_on is None or day < self.given_back_on)


def rights_left_on(
    day: date, *, purchased_rights: int | None, taken_away: Iterable[TakenAway]
) -> int | None:
    """The purchased rights less what was taken away by a day; None where they are unlimited."""
    if purchased_rights is None:
        return None
    return purchased_rights - sum(taken.rights for taken in taken_away if taken.lacks_on(day))


class Fewest(NamedTuple):
    """The fewest rights that are left on any of some days, and the first day with so few."""

    rights: int
    on: date


def fewest_rights_left(
    *, purchased_rights: int, taken_away: Iterable[TakenAway], from_on: date = date.min
) -> Fewest:
    """
    The fewest rights that are left on any day from one on; below 0 where too much is taken.

    :param from_on: the first day that is looked at; all of them where it is not given
    """
    taken = list(taken_away)
    # They become fewer only where something is taken away.
    days = {from_on, *(each.from_on for each in taken if each.from_on > from_on)}
    return min(
        Fewest(purchased_rights - sum(each.rights for each in taken if each.lacks_on(day)), day)
        for day in days
    )


def active_rights_on(
    day: date,
    *,
    purchased_rights: int | None,
    taken_away: Iterable[TakenAway],
    state: State | None,
) -> int | None:
    """
    The rights that count on a day: those left, but none where the entitlement is retired.

    :param state: the state on that day (``entitlements.states.state_on``)
    :returns: None where they are unlimited
    """
    left = rights_left_on(day, purchased_rights=purchased_rights, taken_away=taken_away)
    return 0 if left is not None and state == State.RETIRED else left


def last_day_unchanged(
    day: date, *, first_days: Iterable[date | None], last_days: Iterable[date | None]
) -> date | None:
    """
    The last day through which nothing that begins or ends by date does so.

    :param first_days: days on which something begins
    :param last_days: last days of something; a last day counts
    :returns: None where nothing comes any more
    """
    ends = [first - timedelta(days=1) for first in first_days if first is not None and first > day]
    ends += [last for last in last_days if last is not None and last >= day]
    return min(ends, default=None)
