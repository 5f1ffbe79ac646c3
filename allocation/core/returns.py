"""Steps 2 and 3: returns are spread over positions, and what these no longer hold is ended."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from allocation.core.key import Key
from allocation.core.rooms import Rooms
from allocation.core.terms import Price, price_of
from allocation.core.values import Basis, Position, Reason, Return, Returned, Row, Rule

# The weakest basis first: it gives way where two rows are equally large.
WEAKNESS = {Basis.UNCOVERED: 0, Basis.CONTINUITY: 1, Basis.PORTAL: 2, Basis.SERIAL: 3}


def spread_returns(key: Key, returns: Iterable[Return]) -> list[Returned]:
    """Step 2: the units of each known return that are not yet assigned, return after return."""
    shelves = Shelves(key)
    spread: list[Returned] = []
    for each in sorted(returns, key=lambda r: (r.returned_on, r.id)):
        if each.returned_on <= key.day and each.assigned < each.quantity:
            spread += _spread_one(key, each, shelves)
    return spread


class Shelf:
    """Places of a key, the newest purchase first, and how to find those that have units left."""

    def __init__(self, key: Key, newest_first: Sequence[int]) -> None:
        self.bought_on = [-key.order[place].purchased_on for place in newest_first]  # ascending
        self.free = Rooms(key.free, newest_first)
        self.net = Rooms(key.net, newest_first)


class Shelves:
    """All places, and those of each price: a return takes from its own price first."""

    def __init__(self, key: Key) -> None:
        newest_first = sorted(
            range(len(key.order)),
            key=lambda place: (key.order[place].purchased_on, key.order[place].id),
            reverse=True,
        )
        by_price: dict[Price, list[int]] = {}
        for place in newest_first:
            by_price.setdefault(_price_of(key.order[place]), []).append(place)
        self._all = Shelf(key, newest_first)
        self._by_price = {price: Shelf(key, places) for price, places in by_price.items()}

    def preferred(self, each: Return) -> Iterator[Shelf]:
        """In order. What stands on both has nothing left to take when the second is reached."""
        if same_price := self._by_price.get(_price_of(each)):
            yield same_price
        yield self._all


def _price_of(each: Return | Position) -> Price:
    return price_of(each.unit_price, each.currency)


def _spread_one(key: Key, each: Return, shelves: Shelves) -> list[Returned]:
    left = each.quantity - each.assigned
    free_taken: dict[int, int] = {}
    allocated_taken: dict[int, int] = {}
    for shelf in shelves.preferred(each):
        left -= _take(key, each, shelf, shelf.free, left, free_taken)
    for shelf in shelves.preferred(each):
        left -= _take(key, each, shelf, shelf.net, left, allocated_taken)
    return [
        _returned(key, each, place, free_taken.get(place, 0), allocated_taken.get(place, 0))
        for place in {**free_taken, **allocated_taken}
    ]


def _take(
    key: Key, each: Return, shelf: Shelf, rooms: Rooms, wanted: int, taken: dict[int, int]
) -> int:
    """Take up to the wanted units, of places bought on or before the return; how many it were."""
    left = wanted
    rank = bisect_left(shelf.bought_on, -each.returned_on)
    while left and (rank := rooms.first(1, rank)) < len(rooms.places):
        place = rooms.places[rank]
        taken[place] = min(left, rooms.room(place))
        left -= taken[place]
        _lower(key, place, taken[place])
    return wanted - left


def _lower(key: Key, place: int, units: int) -> None:
    key.net[place] -= units
    key.free[place] -= units


def _returned(key: Key, each: Return, place: int, free: int, allocated: int) -> Returned:
    position = key.order[place]
    same = _price_of(position) == _price_of(each)
    rule = Rule.RETURNED_ALLOCATED_UNITS if allocated else Rule.RETURNED_FREE_UNITS
    return Returned(each.id, position.id, free + allocated, rule, (free, allocated, int(same)))


def end_over_allocation(key: Key) -> None:
    """Step 3: while a position has more units allocated than its net, one row is ended whole."""
    for place, free in enumerate(key.free):
        if free < 0:
            _end_excess(key, place)


def _end_excess(key: Key, place: int) -> None:
    given_up_first = sorted(map(_size, _but_manual(key.rows[place].values())))
    given_up_last = sorted(map(_size, _manual(key.rows[place].values())))
    while key.free[place] < 0:
        candidates = given_up_first or given_up_last
        *_, appearance = candidates.pop(_chosen(candidates, -key.free[place]))
        figures = (key.net[place] - key.free[place], key.net[place])
        key.end(key.rows[place][-appearance], Reason.OVER_ALLOCATED, Rule.OVER_ALLOCATED, figures)


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
