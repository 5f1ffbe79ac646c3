"""
How what a license gives and receives is divided when the license is split in two: pure.

Quantities are divided in step with the rights, whole units each; what is over by rounding stays
with the first license, as far as it has room for it.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple


class CannotDivide(Exception):
    """What cannot be divided, people and devices, does not fit into the two licenses."""


class Held(NamedTuple):
    """
    Units that are held of a license, or by it; in the order of the ids they were made.

    :param is_whole: whether they go as a whole or not at all, as those of a person do
    :param stays: whether they stay with the first license
    """

    id: int
    quantity: int
    is_whole: bool = False
    stays: bool = False


def divide(held: Collection[Held], *, rights: int, of: int) -> dict[int, int]:
    """
    How many units of each go to the second license; those that go with none are left out.

    Where all units fit into ``of`` rights before, those that go fit into ``rights`` and those that
    stay into the rest; where they do not, what is over stays with the first.

    :param rights: those of the second license, 1 to ``of`` - 1
    :raises CannotDivide: where whole ones do not let them fit
    """
    total = sum(each.quantity for each in held)
    goal = min(total * rights // of, rights)
    least = max(0, total - (of - rights)) if total <= of else 0
    share = sum(each.quantity for each in held if each.is_whole) * rights // of
    wholes = [each for each in held if each.is_whole and not each.stays]
    parts = [each for each in held if not each.is_whole and not each.stays]
    gone = _whole_ones(wholes, most=min(share, goal))
    gone |= _in_step(parts, goal - sum(gone.values()))
    gone |= _to_make_room(wholes, gone, least=least, most=rights)
    if sum(gone.values()) < least:
        raise CannotDivide
    return {id: quantity for id, quantity in gone.items() if quantity}


def _whole_ones(wholes: Sequence[Held], *, most: int) -> dict[int, int]:
    """As many as fit, those made last first: who had the license first keeps it."""
    gone: dict[int, int] = {}
    for each in reversed(wholes):
        if sum(gone.values()) + each.quantity <= most:
            gone[each.id] = each.quantity
    return gone


def _in_step(parts: Sequence[Held], goal: int) -> dict[int, int]:
    """A number of units taken from some in step with what they hold, by largest remainder."""
    total = sum(each.quantity for each in parts)
    goal = min(goal, total)
    if goal <= 0:
        return {}
    gone = {each.id: each.quantity * goal // total for each in parts}
    # What rounding left over goes to those that lost most by it; ties to those made first.
    by_remainder = sorted(parts, key=lambda each: (-(each.quantity * goal % total), each.id))
    for each in by_remainder[: goal - sum(gone.values())]:
        gone[each.id] += 1
    return gone


def _to_make_room(
    wholes: Sequence[Held], gone: dict[int, int], *, least: int, most: int
) -> dict[int, int]:
    """Further whole ones, where those that stay would not fit otherwise."""
    more: dict[int, int] = {}
    for each in sorted(wholes, key=lambda each: (-each.quantity, -each.id)):
        moved = sum(gone.values()) + sum(more.values())
        if moved >= least:
            break
        if each.id not in gone and moved + each.quantity <= most:
            more[each.id] = each.quantity
    return more
