"""
The state of one key (company, definition, title) while a run works on it.

Positions of different keys never compete, so each step works on one of these alone.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from allocation.core.terms import is_expired, net, order_of_positions
from allocation.core.values import (
    Allocated,
    Basis,
    Definition,
    Ended,
    Figures,
    License,
    Pair,
    Position,
    Reason,
    Row,
    Rule,
)


class Cover(NamedTuple):
    """A live row on a license whose position has not expired."""

    position: Position
    row: Row | None  # None: made by this run


class Key:
    """
    The open positions of a key in their order, and what they and others of the definition cover.

    ``order``, ``free``, ``net`` and ``rows`` go by *place*, the position's rank in the order;
    ``carriers`` are the places that carry a serial number.
    """

    def __init__(
        self,
        day: int,
        definition: Definition,
        open_positions: Iterable[Position],
        kept_apart: frozenset[Pair],
    ) -> None:
        self.day = day
        self.definition = definition
        self.kept_apart = kept_apart
        self.order: list[Position] = sorted(open_positions, key=order_of_positions)
        self.starts = [position.starts_on for position in self.order]
        self.net = [net(position) for position in self.order]
        self.free = self.net.copy()
        # By id, since of a position with many rows many may be ended.
        self.rows: list[dict[int, Row]] = [{} for _ in self.order]
        self.place_of = {position.id: place for place, position in enumerate(self.order)}
        self.carriers: dict[str, list[int]] = {}
        for place, position in enumerate(self.order):
            if position.serial:
                self.carriers.setdefault(position.serial, []).append(place)
        # By license: its cover, and the latest end of what covered it and has expired.
        self.cover: dict[int, list[Cover]] = {}
        self.lapsed: dict[int, int] = {}
        self.ended: list[Ended] = []
        self.allocated: list[Allocated] = []

    def enter(self, row: Row, position: Position, on_own_license: bool) -> None:
        """Take a live row into the books: units used, and cover or lapsed cover of its license."""
        place = self.place_of.get(position.id)
        if place is not None:
            self.free[place] -= row.units
            self.rows[place][row.id] = row
        if not on_own_license:
            return
        if is_expired(position, self.day):
            last = self.lapsed.get(row.license, position.ends_on)
            self.lapsed[row.license] = max(last, position.ends_on)
        else:
            self.cover.setdefault(row.license, []).append(Cover(position, row))

    def end(self, row: Row, reason: Reason, rule: Rule, figures: Figures) -> None:
        """End a row of an open position; its units are free again at once."""
        place = self.place_of[row.position]
        self.free[place] += row.units
        del self.rows[place][row.id]
        on_license = self.cover.get(row.license, [])
        self.cover[row.license] = [cover for cover in on_license if cover.row is not row]
        self.ended.append(Ended(row, reason, rule, figures))

    def allocate(
        self, place: int, license: License, basis: Basis, rule: Rule, figures: Figures
    ) -> None:
        """Cover a license whole."""
        position = self.order[place]
        self.free[place] -= license.units
        self.cover.setdefault(license.id, []).append(Cover(position, None))
        self.allocated.append(
            Allocated(position.id, license.id, license.units, basis, rule, figures)
        )

    def give_serial(self, place: int, serial: str) -> None:
        """A position takes the serial number of a group."""
        self.order[place] = self.order[place]._replace(serial=serial)
        self.carriers.setdefault(serial, []).append(place)

    def may_pair(self, place: int, license: License) -> bool:
        """What *fits* asks beside open, valid and free: no live row yet, and not kept apart."""
        position = self.order[place]
        if self.kept_apart and (position.id, license.id) in self.kept_apart:
            return False
        covers = self.cover.get(license.id, ())
        return all(cover.position.id != position.id for cover in covers)

    def has_live_row(self, place: int) -> bool:
        return self.free[place] < self.net[place]

    def covers_on(self, license: License) -> Sequence[Cover]:
        """*cover(l, d)*: live rows of the definition that have not expired, started or not."""
        return self.cover.get(license.id, ())

    def has_room(self) -> bool:
        """Whether any position has a unit to give."""
        return max(self.free, default=0) > 0
