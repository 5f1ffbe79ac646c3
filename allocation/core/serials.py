"""Step 6: positions with a serial number cover the licenses that share it, or displace others."""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

from allocation.core.groups import Group
from allocation.core.key import Cover, Key
from allocation.core.terms import follows, is_in_effect, is_open, overlap
from allocation.core.values import Basis, License, Position, Reason, Rule


def allocate_by_serial(key: Key, groups: Mapping[str, Group], places: Iterable[int]) -> set[int]:
    """
    Each position with a serial number in turn: licenses without conflict first.

    A position finds nothing that it did not find at its last turn, unless displacement freed its
    units or cleared a license with its serial number. So only those have to be looked at.

    :param places: those that may find something
    :returns: the places that displacement touched when their turn was over, or that have no turn
    """
    turns = sorted(places)  # a sorted list is a heap
    waiting = set(turns)
    again: set[int] = set()
    while turns:
        place = heappop(turns)
        waiting.discard(place)
        group = groups.get(key.order[place].serial)
        if group is None or key.free[place] <= 0:
            continue
        for touched in _cover_group(key, place, group):
            if touched < place or not key.order[touched].serial:
                again.add(touched)
            elif touched not in waiting:
                waiting.add(touched)
                heappush(turns, touched)
    return again


def _cover_group(key: Key, place: int, group: Group) -> Iterable[int]:
    """The position's turn; answers the places that displacement touched."""
    position = key.order[place]
    # Both as they stand now that the position's turn comes.
    conflicts = [(license, conflicts_with(key, position, license)) for license in group.licenses]
    for license, conflicting in conflicts:
        if not conflicting and _fits(key, place, license):
            key.allocate(place, license, Basis.SERIAL, Rule.SERIAL, (position.serial,))
    touched: set[int] = set()
    if is_in_effect(position, key.day, key.definition):
        for license, conflicting in conflicts:
            if conflicting and _fits(key, place, license):
                touched |= _displace(key, place, license, conflicting)
    return touched


def conflicts_with(key: Key, position: Position, license: License) -> Sequence[Cover]:
    """The cover whose time overlaps the position's, but where one of the two renews the other."""
    return [cover for cover in key.covers_on(license) if _conflicts(key, position, cover.position)]


def _conflicts(key: Key, position: Position, other: Position) -> bool:
    return (
        overlap(position, other)
        and not follows(position, other, key.definition)
        and not follows(other, position, key.definition)
    )


def blocks(key: Key, license: License, cover: Cover) -> bool:
    """Whether conflicting cover keeps its license: same serial, made by hand, or frozen."""
    return (
        cover.row is None  # a run ends nothing that it made
        or cover.row.basis == Basis.MANUAL
        or not is_open(cover.position, key.day)
        or cover.position.serial == license.serial
    )


def _displace(key: Key, place: int, license: License, conflicting: Sequence[Cover]) -> set[int]:
    if any(blocks(key, license, cover) for cover in conflicting):
        return set()
    position = key.order[place]
    for cover in conflicting:
        assert cover.row is not None  # what this run made blocks
        figures = (position.serial, position.id)
        key.end(cover.row, Reason.SERIAL_DISPLACED, Rule.SERIAL_DISPLACED, figures)
    figures = (position.serial, len(conflicting))
    key.allocate(place, license, Basis.SERIAL, Rule.SERIAL_DISPLACING, figures)
    freed = {key.place_of[cover.position.id] for cover in conflicting}
    # Those that carry the serial too and come before are in effect as well: had nothing but what
    # is displaced now stood in their way, they would have displaced it themselves.
    return freed.union(other for other in key.carriers[license.serial] if other > place)


def _fits(key: Key, place: int, license: License) -> bool:
    return license.units <= key.free[place] and key.may_pair(place, license)
