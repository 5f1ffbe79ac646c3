"""Step 5: positions without a serial number are matched to license record groups."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from allocation.core.groups import Group
from allocation.core.key import Key
from allocation.core.values import Matched, Rule

DAYS_WHERE_NONE_ARE_SET = 30


class Candidate(NamedTuple):
    """A group as it is preferred: bought nearest to the position, then the lower serial number."""

    days_before: int  # newest purchase, negated: the nearest comes first
    serial: str
    group: Group


Candidates = Mapping[int, list[Candidate]]  # by their units, each list in order of preference


def match_groups(key: Key, by_units: Candidates, places: Iterable[int]) -> list[Matched]:
    """
    Give each position the serial of a group that it exactly fits and soon follows.

    :param by_units: the groups still to be had; those that are matched are taken out
    :param places: those that may have become free to be matched
    """
    waiting = [place for place in places if _may_be_matched(key, place)]
    waiting.sort(key=lambda place: (key.order[place].purchased_on, key.order[place].id))
    most_days = key.definition.match_days or DAYS_WHERE_NONE_ARE_SET
    matched: list[Matched] = []
    for place in waiting:
        candidates = by_units.get(key.net[place], [])
        bought_on = key.order[place].purchased_on
        rank = _first_in_time(candidates, bought_on, most_days)
        if rank is not None:
            matched.append(_match(key, place, candidates.pop(rank).group))
    return matched


def _may_be_matched(key: Key, place: int) -> bool:
    position = key.order[place]
    return (
        not position.serial
        and position.may_be_matched
        and key.net[place] > 0
        and not key.has_live_row(place)
    )


def candidates_for(key: Key, groups: Iterable[Group]) -> Candidates:
    """The groups by their units, but for those whose serial an open position of the key carries."""
    by_units: dict[int, list[Candidate]] = {}
    for group in groups:
        if group.serial not in key.carriers:
            candidate = Candidate(-group.newest, group.serial, group)
            by_units.setdefault(group.units, []).append(candidate)
    for candidates in by_units.values():
        candidates.sort()
    return by_units


def _first_in_time(candidates: list[Candidate], bought_on: int, most_days: int) -> int | None:
    """The first candidate whose licenses were all bought before a day, within the days."""
    first_before = bisect_left(candidates, (1 - bought_on,))
    for rank in range(first_before, len(candidates)):
        group = candidates[rank].group
        if group.newest < bought_on - most_days:
            return None
        if group.oldest >= bought_on - most_days:
            return rank
    return None


def _match(key: Key, place: int, group: Group) -> Matched:
    position = key.order[place]
    key.give_serial(place, group.serial)
    figures = (group.serial, key.net[place], position.purchased_on - group.newest)
    return Matched(position.id, group.serial, Rule.GROUP_MATCHED, figures)
