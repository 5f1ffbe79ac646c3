"""Step 6: positions with a serial number cover the licenses that share it, or displace others."""

from collections.abc import Mapping, Sequence

from allocation.core.groups import Group
from allocation.core.key import Cover, Key
from allocation.core.terms import follows, is_in_effect, is_open, overlap
from allocation.core.values import Basis, License, Position, Reason, Rule


def allocate_by_serial(key: Key, groups: Mapping[str, Group]) -> None:
    """Each position with a serial number in turn: licenses without conflict first."""
    for place, position in enumerate(key.order):
        if position.serial and key.free[place] > 0 and position.serial in groups:
            _cover_group(key, place, groups[position.serial])


def _cover_group(key: Key, place: int, group: Group) -> None:
    position = key.order[place]
    # Both as they stand now that the position's turn comes.
    conflicts = [(license, conflicts_with(key, position, license)) for license in group.licenses]
    for license, conflicting in conflicts:
        if not conflicting and _fits(key, place, license):
            key.allocate(place, license, Basis.SERIAL, Rule.SERIAL, (position.serial,))
    if not is_in_effect(position, key.day, key.definition):
        return
    for license, conflicting in conflicts:
        if conflicting and _fits(key, place, license):
            _displace(key, place, license, conflicting)


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


def _displace(key: Key, place: int, license: License, conflicting: Sequence[Cover]) -> None:
    if any(blocks(key, license, cover) for cover in conflicting):
        return
    position = key.order[place]
    for cover in conflicting:
        assert cover.row is not None  # what this run made blocks
        figures = (position.serial, position.id)
        key.end(cover.row, Reason.SERIAL_DISPLACED, Rule.SERIAL_DISPLACED, figures)
    figures = (position.serial, len(conflicting))
    key.allocate(place, license, Basis.SERIAL, Rule.SERIAL_DISPLACING, figures)


def _fits(key: Key, place: int, license: License) -> bool:
    return license.units <= key.free[place] and key.may_pair(place, license)
