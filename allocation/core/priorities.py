"""Steps 7 and 8: what was promised in the portal, continuity of cover, and uncovered licenses."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from allocation.core.key import Key
from allocation.core.rooms import Rooms
from allocation.core.terms import is_in_effect
from allocation.core.values import ENDLESS, Basis, License, Promise, Rule


def cover_promises(key: Key, promises: Iterable[Promise], valid: Mapping[int, License]) -> None:
    """Step 7: each promise is kept by the position in effect that ends soonest on or after it."""
    due = [each for each in promises if each.ordered_on <= key.day <= each.promised_end]
    if not due or not key.has_room():
        return
    in_effect = bisect_right(key.starts, key.day + key.definition.grace_days)
    soonest_first = sorted(range(in_effect), key=lambda place: (key.order[place].ends_on, place))
    ends = [key.order[place].ends_on for place in soonest_first]
    rooms = Rooms(key.free, soonest_first)
    for promise in sorted(due, key=lambda each: (each.ordered_on, each.order)):
        license = valid.get(promise.license)
        if license is None or _is_kept(key, promise, license):
            continue
        place = _first_that_pairs(key, rooms, license, bisect_left(ends, promise.promised_end))
        if place is not None:
            figures = (promise.promised_end, key.order[place].ends_on)
            key.allocate(place, license, Basis.PORTAL, Rule.PORTAL, figures)


def _is_kept(key: Key, promise: Promise, license: License) -> bool:
    covers = key.covers_on(license)
    return any(cover.position.ends_on >= promise.promised_end for cover in covers)


def cover_the_rest(key: Key, valid: Sequence[License]) -> None:
    """
    Step 8: continuity to exhaustion, then uncovered licenses, until neither adds a row.

    Free units only shrink here and cover only grows. So a license that found nothing finds nothing
    later either, unless its own cover changed: each pass of continuity takes up only those that the
    pass before covered, and uncovered licenses are gone through once.
    """
    if not key.has_room():
        return
    rank_of = {license.id: rank for rank, license in enumerate(valid)}
    _continue_all(key, [each for each in valid if each.id in key.cover], rank_of)
    _continue_all(key, _cover_uncovered(key, valid), rank_of)


def _continue_all(key: Key, licenses: Iterable[License], rank_of: Mapping[int, int]) -> None:
    """Passes of continuity, each for the licenses that the one before covered further."""
    pending = _pending(key, licenses, rank_of)
    if not pending:
        return
    # The soonest end only moves on from pass to pass.
    renewals = _renewals(key, after=pending[0].end)
    while pending:
        covered = [each.license for each in pending if _continue_one(key, renewals, each)]
        pending = _pending(key, covered, rank_of)


class Pending(NamedTuple):
    """A license whose cover comes to an end, in the order in which a pass takes them up."""

    end: int
    rank: int
    license: License


def _pending(
    key: Key, licenses: Iterable[License], rank_of: Mapping[int, int]
) -> Sequence[Pending]:
    return sorted(
        Pending(end, rank_of[license.id], license)
        for license in licenses
        if (end := cover_ends_on(key, license)) is not None
    )


class Renewals(NamedTuple):
    """Positions that may continue cover, in order, with the days they start on."""

    starts: Sequence[int]
    rooms: Rooms


def _renewals(key: Key, after: int) -> Renewals:
    """Those with room that end after a day."""
    places = [
        place
        for place, position in enumerate(key.order)
        if key.free[place] > 0 and position.ends_on > after
    ]
    return Renewals([key.starts[place] for place in places], Rooms(key.free, places))


def cover_ends_on(key: Key, license: License) -> int | None:
    """The latest end of a license's cover; None where it has none, or endless cover."""
    covers = key.covers_on(license)
    if not covers:
        return None
    end = max([cover.position.ends_on for cover in covers])
    return None if end == ENDLESS else end


def _continue_one(key: Key, renewals: Renewals, pending: Pending) -> bool:
    grace, rooms = key.definition.grace_days, renewals.rooms
    end, _rank, license = pending
    rank = bisect_left(renewals.starts, end - grace)
    last = bisect_right(renewals.starts, end + grace, rank)
    while (rank := rooms.first(license.units, rank)) < last:
        place = rooms.places[rank]
        if key.order[place].ends_on > end and key.may_pair(place, license):
            figures = (end, key.order[place].starts_on, grace)
            key.allocate(place, license, Basis.CONTINUITY, Rule.CONTINUITY, figures)
            return True
        rank += 1
    return False


def _cover_uncovered(key: Key, valid: Sequence[License]) -> list[License]:
    """Licenses without cover in effect, lately lapsed ones first; answers the covered."""
    lapsed, others = _uncovered(key, valid)
    if not lapsed and not others:
        return []
    lasting, ending = _by_how_long_they_last(key)
    covered: list[License] = []
    for rule, licenses in ((Rule.LAPSED, lapsed), (Rule.UNCOVERED, others)):
        for license in licenses:
            place = _first_that_pairs(key, lasting, license)
            if place is None:
                place = _first_that_pairs(key, ending, license)
            if place is not None:
                figures = (key.lapsed.get(license.id, 0), key.definition.grace_days)
                key.allocate(place, license, Basis.UNCOVERED, rule, figures)
                covered.append(license)
    return covered


def _uncovered(key: Key, valid: Sequence[License]) -> tuple[list[License], list[License]]:
    lapsed: list[License] = []
    others: list[License] = []
    since = key.day - key.definition.grace_days
    for license in valid:
        if license.id not in key.cover or not _has_cover_in_effect(key, license):
            within_grace = key.lapsed.get(license.id, -ENDLESS) >= since
            (lapsed if within_grace else others).append(license)
    return lapsed, others


def _has_cover_in_effect(key: Key, license: License) -> bool:
    return any(
        is_in_effect(cover.position, key.day, key.definition) for cover in key.covers_on(license)
    )


def _by_how_long_they_last(key: Key) -> tuple[Rooms, Rooms]:
    """Positions in effect: those that outlast the day plus grace, and those about to end."""
    grace_end = key.day + key.definition.grace_days
    started = range(bisect_right(key.starts, grace_end))
    in_effect = [place for place in started if key.free[place] > 0]
    lasting = [place for place in in_effect if key.order[place].ends_on > grace_end]
    ending = [place for place in in_effect if key.order[place].ends_on <= grace_end]
    return Rooms(key.free, lasting), Rooms(key.free, ending)


def _first_that_pairs(key: Key, rooms: Rooms, license: License, start: int = 0) -> int | None:
    rank, end = start, len(rooms.places)
    while (rank := rooms.first(license.units, rank)) < end:
        if key.may_pair(rooms.places[rank], license):
            return rooms.places[rank]
        rank += 1
    return None
