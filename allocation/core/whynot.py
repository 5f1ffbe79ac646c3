"""
*Why not?*: for a position and a license that are not allocated, the first condition that failed.

Both questions run the core again on the one partition, and look at the books as that run leaves
them: so the answer is that of the rules themselves.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from allocation.core.consolidate import run_partition
from allocation.core.key import Key
from allocation.core.priorities import cover_ends_on
from allocation.core.sentences import counted, shown
from allocation.core.serials import blocks, conflicts_with
from allocation.core.terms import is_in_effect, is_valid
from allocation.core.values import Definition, Figures, License, Partition, Position


class Obstacle(StrEnum):
    """Why a position does not cover a license."""

    LICENSE_NOT_BOUGHT = "license-not-bought"
    LICENSE_WITHOUT_UNITS = "license-without-units"
    LICENSE_EXPIRED = "license-expired"
    NOT_BOUGHT = "not-bought"
    ENDED = "ended"
    LAST_DAY = "last-day"
    COVERS_ALREADY = "covers-already"
    KEPT_APART = "kept-apart"
    TOO_FEW_UNITS = "too-few-units"
    SERIAL_BLOCKED = "serial-blocked"
    COVERED_WITHOUT_END = "covered-without-end"
    STARTS_TOO_EARLY = "starts-too-early"
    STARTS_TOO_LATE = "starts-too-late"
    ENDS_TOO_SOON = "ends-too-soon"
    NOT_IN_EFFECT = "not-in-effect"


class Verdict(NamedTuple):
    """On one position and one license: what stood in the way."""

    position: int
    license: int
    obstacle: Obstacle
    figures: Figures

    @property
    def sentence(self) -> str:
        return SENTENCES[self.obstacle](*self.figures)


def why_not_covered(
    day: int, definitions: Mapping[int, Definition], partition: Partition, license_id: int
) -> list[Verdict]:
    """For a license: every position of its company and title that does not cover it, and why."""
    license = next(each for each in partition.licenses if each.id == license_id)
    _changes, keys = run_partition(day, definitions, partition)
    return [_verdict(day, definitions, keys, position, license) for position in partition.positions]


def why_not_more(
    day: int, definitions: Mapping[int, Definition], partition: Partition, position_id: int
) -> list[Verdict]:
    """For a position: every license of its company and title that it does not cover, and why."""
    position = next(each for each in partition.positions if each.id == position_id)
    _changes, keys = run_partition(day, definitions, partition)
    return [_verdict(day, definitions, keys, position, license) for license in partition.licenses]


def _verdict(
    day: int,
    definitions: Mapping[int, Definition],
    keys: Mapping[int, Key],
    position: Position,
    license: License,
) -> Verdict:
    obstacle, figures = (
        _of_license(day, license)
        or _of_position(day, position)
        or _of_both(keys[position.definition], position, license)
    )
    return Verdict(position.id, license.id, obstacle, figures)


Found = tuple[Obstacle, Figures]


def _of_license(day: int, license: License) -> Found | None:
    if is_valid(license, day):
        return None
    if license.purchased_on > day:
        return Obstacle.LICENSE_NOT_BOUGHT, (license.purchased_on,)
    if license.units <= 0:
        return Obstacle.LICENSE_WITHOUT_UNITS, ()
    return Obstacle.LICENSE_EXPIRED, (license.expires_on,)


def _of_position(day: int, position: Position) -> Found | None:
    if position.purchased_on > day:
        return Obstacle.NOT_BOUGHT, (position.purchased_on,)
    if position.ends_on < day:
        return Obstacle.ENDED, (position.ends_on,)
    if position.ends_on == day:
        return Obstacle.LAST_DAY, (position.ends_on,)
    return None


def _of_both(key: Key, position: Position, license: License) -> Found:
    """The condition of *fits*, or else of steps 6 and 8, that an open position failed."""
    covers = key.covers_on(license)
    if any(cover.position.id == position.id for cover in covers):
        return Obstacle.COVERS_ALREADY, ()
    if (position.id, license.id) in key.kept_apart:
        return Obstacle.KEPT_APART, ()
    place = key.place_of[position.id]
    if key.free[place] < license.units:
        return Obstacle.TOO_FEW_UNITS, (license.units, max(key.free[place], 0))
    serial = key.order[place].serial
    if serial and serial == license.serial:
        conflicting = conflicts_with(key, position, license)
        if any(blocks(key, license, cover) for cover in conflicting):
            return Obstacle.SERIAL_BLOCKED, (serial, len(conflicting))
    return _of_time(key, position, license)


def _of_time(key: Key, position: Position, license: License) -> Found:
    grace = key.definition.grace_days
    covers = key.covers_on(license)
    covered = any(is_in_effect(each.position, key.day, key.definition) for each in covers)
    if not covered and not is_in_effect(position, key.day, key.definition):
        return Obstacle.NOT_IN_EFFECT, (position.starts_on, key.day, grace)
    end = cover_ends_on(key, license)
    if end is None:
        return Obstacle.COVERED_WITHOUT_END, ()
    if position.starts_on < end - grace:
        return Obstacle.STARTS_TOO_EARLY, (position.starts_on, end, grace)
    if position.starts_on > end + grace:
        return Obstacle.STARTS_TOO_LATE, (position.starts_on, end, grace)
    return Obstacle.ENDS_TOO_SOON, (position.ends_on, end)


def _window(start: int, end: int, grace: int) -> str:
    side = "after" if start > end else "before"
    return (
        f"Starts {shown(start)}: {counted(abs(start - end), 'day')} {side} the cover ends"
        f" ({shown(end)}), grace is {grace}."
    )


SENTENCES: Mapping[Obstacle, Callable[..., str]] = {
    Obstacle.LICENSE_NOT_BOUGHT: lambda day: f"The license is bought only on {shown(day)}.",
    Obstacle.LICENSE_WITHOUT_UNITS: lambda: "The license has no active rights to cover.",
    Obstacle.LICENSE_EXPIRED: lambda day: f"The license expired on {shown(day)}.",
    Obstacle.NOT_BOUGHT: lambda day: f"Bought only on {shown(day)}.",
    Obstacle.ENDED: lambda day: f"Ended on {shown(day)}.",
    Obstacle.LAST_DAY: lambda day: (
        f"Ends on the day itself, {shown(day)}: on its last day it takes nothing new."
    ),
    Obstacle.COVERS_ALREADY: lambda: "Covers this license already.",
    Obstacle.KEPT_APART: lambda: "Kept apart from this license by a person.",
    Obstacle.TOO_FEW_UNITS: lambda needed, free: (
        f"The license needs {counted(needed, 'unit')}; {free} of the position are free."
    ),
    Obstacle.SERIAL_BLOCKED: lambda serial, conflicting: (
        f"Carries the license's serial number {serial}, but cover stands there that it may not"
        f" displace ({counted(conflicting, 'allocation')} of the same time)."
    ),
    Obstacle.COVERED_WITHOUT_END: lambda: "The license is covered without end.",
    Obstacle.STARTS_TOO_EARLY: _window,
    Obstacle.STARTS_TOO_LATE: _window,
    Obstacle.ENDS_TOO_SOON: lambda ends, end: (
        f"Ends {shown(ends)}, not after the present cover, which ends {shown(end)}."
    ),
    Obstacle.NOT_IN_EFFECT: lambda start, day, grace: (
        f"Starts {shown(start)}: {counted(start - day, 'day')} after {shown(day)},"
        f" grace is {grace}."
    ),
}
