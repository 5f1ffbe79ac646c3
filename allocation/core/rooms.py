"""Finds the first place with room for a number of units, again and again, without rescanning."""

from collections import defaultdict
from collections.abc import Sequence


class Rooms:
    """
    Places in an order of preference, each with room for some units, which only ever shrinks.

    For every number of units asked for it remembers which places are too small for it, and skips
    them in one step from then on. So finding stays fast however many places are full.
    """

    def __init__(self, free: Sequence[int], places: Sequence[int]) -> None:
        """
        :param free: free units by place; the caller keeps lowering them
        :param places: the places in the order in which they are tried
        """
        self.places = places
        self._free = free
        self._beyond: defaultdict[int, dict[int, int]] = defaultdict(dict)

    def room(self, place: int) -> int:
        return self._free[place]

    def first(self, units: int, start: int = 0) -> int:
        """The first rank from ``start`` on whose place has room; as many as places if none has."""
        beyond, free, places = self._beyond[units], self._free, self.places
        passed: list[int] = []
        rank, end = start, len(places)
        while rank < end:
            further = beyond.get(rank)
            if further is None:
                if free[places[rank]] >= units:
                    break
                further = rank + 1
            passed.append(rank)
            rank = further
        for each in passed:
            beyond[each] = rank
        return rank
