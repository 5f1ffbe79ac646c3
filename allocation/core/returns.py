"""Steps 2 and 3: returns are spread over positions, and what these no longer hold is ended."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from allocation.core.key import Key
from allocation.core.terms import price_of
from allocation.core.values import Basis, Reason, Return, Returned, Row, Rule

# The weakest basis first: it gives way where two rows are equally large.
WEAKNESS = {Basis.UNCOVERED: 0, Basis.CONTINUITY: 1, Basis.PORTAL: 2, Basis.SERIAL: 3}


def spread_returns(key: Key, returns: Iterable[Return]) -> list[Returned]:
    """Step 2: the units of each known return that are not yet assigned, return after return."""
    newest_first = sorted(
        range(len(key.order)),
        key=lambda place: (key.order[place].purchased_on, key.order[place].id),
        reverse=True,
    )
    spread: list[Returned] = []
    for each in sorted(returns, key=lambda r: (r.returned_on, r.id)):
        if each.returned_on <= key.day and each.assigned < each.quantity:
            spread += _spread_one(key, each, newest_first)
    return spread


def _spread_one(key: Key, each: Return, newest_first: Sequence[int]) -> list[Returned]:
    left = each.quantity - each.assigned
    free_taken: dict[int, int] = {}
    for place in _preferred(key, each, newest_first):
        if not left:
            break
        taken = min(left, max(key.free[place], 0))
        if taken:
            free_taken[place] = taken
            left -= taken
            _lower(key, place, taken)
    allocated_taken: dict[int, int] = {}
    for place in _preferred(key, each, newest_first):
        if not left:
            break
        taken = min(left, key.net[place])
        if taken:
            allocated_taken[place] = taken
            left -= taken
            _lower(key, place, taken)
    return [
        _returned(key, each, place, free_taken.get(place, 0), allocated_taken.get(place, 0))
        for place in {**free_taken, **allocated_taken}
    ]


def _preferred(key: Key, each: Return, newest_first: Sequence[int]) -> Iterator[int]:
    """The places a return takes from, in order: same price first, then the newest purchase."""
    price = price_of(each.unit_price, each.currency)
    for same_price in (True, False):
        for place in newest_first:
            position = key.order[place]
            if position.purchased_on > each.returned_on:
                continue
            if (price_of(position.unit_price, position.currency) == price) is same_price:
                yield place


def _lower(key: Key, place: int, units: int) -> None:
    key.net[place] -= units
    key.free[place] -= units


def _returned(key: Key, each: Return, place: int, free: int, allocated: int) -> Returned:
    position = key.order[place]
    same = price_of(position.unit_price, position.currency) == price_of(
        each.unit_price, each.currency
    )
    rule = Rule.RETURNED_ALLOCATED_UNITS if allocated else Rule.RETURNED_FREE_UNITS
    return Returned(each.id, position.id, free + allocated, rule, (free, allocated, int(same)))


def end_over_allocation(key: Key) -> None:
    """Step 3: while a position has more units allocated than its net, one row is ended whole."""
    for place, free in enumerate(key.free):
        if free < 0:
            _end_excess(key, place)


def _end_excess(key: Key, place: int) -> None:
    given_up_first = sorted(map(_size, _but_manual(key.rows[place])))
    given_up_last = sorted(map(_size, _manual(key.rows[place])))
    by_id = {row.id: row for row in key.rows[place]}
    while key.free[place] < 0:
        candidates = given_up_first or given_up_last
        *_, appearance = candidates.pop(_chosen(candidates, -key.free[place]))
        figures = (key.net[place] - key.free[place], key.net[place])
        key.end(by_id[-appearance], Reason.OVER_ALLOCATED, Rule.OVER_ALLOCATED, figures)


Size = tuple[int, int, int]  # units, weakness of the basis, appearance (latest first)


def _size(row: Row) -> Size:
    return (row.units, WEAKNESS.get(row.basis, 0), -row.id)


def _but_manual(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.basis != Basis.MANUAL]


def _manual(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.basis == Basis.MANUAL]


def _chosen(sizes: Sequence[Size], excess: int) -> int:
    """The row of exactly the excess; else the smallest larger one; else the largest."""
    at_least = bisect_left(sizes, (excess, 0, -(1 << 62)))
    if at_least < len(sizes):
        return at_least
    return bisect_left(sizes, (sizes[-1][0], 0, -(1 << 62)))
