"""
A coverage as a drawing: where each bar, gap and tick lies.

Across in per cent and down in pixels, so that the same drawing fills a phone and a wide screen
while its letters keep their size.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from allocation.coverage import ONE_DAY, Coverage, Phase, Stretch

HEAD = 20  # the years
STRAND_HEAD = 18  # the name of a definition
LANE = 20
BAR = 14
FOOT = 4
# A bar of one day among thirty years is still to be seen.
THINNEST = 0.5
# Below this a bar has no room for its label.
LABELLED_FROM = 9.0
MOST_TICKS = 9
MOST_OF_THE_FUTURE = timedelta(days=2 * 365)
TICK_MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 600)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A stretch as drawn."""

    stretch: Stretch
    x: float
    width: float
    y: int
    label: str

    @property
    def kind(self) -> str:
        return self.stretch.phase.value


@dataclass(frozen=True, kw_only=True)
class Band:
    """The bars of one definition."""

    name: str
    y: int
    bars: Sequence[Bar]


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A day on the axis. On a narrow screen only the major ones are labelled."""

    x: float
    label: str
    is_major: bool


class TimeLine:
    """The drawing of a coverage."""

    head = HEAD
    bar = BAR

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self._first, self._last = _span(coverage)
        self.bands, self.height = self._laid_out()

    @property
    def text(self) -> str:
        return self.coverage.text

    def _laid_out(self) -> tuple[list[Band], int]:
        """The bands from top to bottom, and how high they are together."""
        bands: list[Band] = []
        y = HEAD
        for strand in self.coverage.strands:
            lanes = _in_lanes(strand.stretches)
            bars = [
                self._bar(stretch, y + STRAND_HEAD + lane * LANE)
                for lane, stretches in enumerate(lanes)
                for stretch in stretches
            ]
            bands.append(Band(name=strand.definition, y=y + STRAND_HEAD - 5, bars=bars))
            y += STRAND_HEAD + len(lanes) * LANE
        return bands, y + FOOT

    @property
    def today_x(self) -> float:
        return self._x(self.coverage.day)

    @property
    def ticks(self) -> list[Tick]:
        months = (self._last - self._first).days / 30.44
        step = next(step for step in TICK_MONTHS if months / step <= MOST_TICKS)
        days = list(_multiples(self._first, self._last, step))
        return [
            Tick(x=self._x(day), label=_tick_label(day, step), is_major=place % 3 == 0)
            for place, day in enumerate(days)
            if 2 <= self._x(day) <= 94  # a label beyond would be cut off
        ]

    def _bar(self, stretch: Stretch, y: int) -> Bar:
        x = self._x(stretch.starts_on)
        end = 100.0 if stretch.last_day >= self._last else self._x(stretch.last_day + ONE_DAY)
        width = max(round(end - x, 2), THINNEST)
        label = _label(stretch) if width >= LABELLED_FROM else ""
        return Bar(stretch=stretch, x=x, width=width, y=y, label=label)

    def _x(self, day: date) -> float:
        whole = (self._last - self._first).days or 1
        return round(100 * (day - self._first).days / whole, 2)


def _span(coverage: Coverage) -> tuple[date, date]:
    """The first and the last day of the drawing, with a little room at either side."""
    days = [coverage.day]
    for stretch in coverage.stretches:
        # Of what goes on for long some years are shown; the rest would be nothing but one colour.
        horizon = max(coverage.day, stretch.starts_on) + MOST_OF_THE_FUTURE
        shown_until = horizon if stretch.ends_on is None else min(stretch.ends_on, horizon)
        days += [stretch.starts_on, shown_until]
    first, last = min(days), max(days)
    room = timedelta(days=max((last - first).days // 50, 15))
    return first - room, last + room


def _in_lanes(stretches: Iterable[Stretch]) -> list[list[Stretch]]:
    """The stretches laid out so that none lies upon another, in as few lanes as that takes."""
    lanes: list[list[Stretch]] = []
    for stretch in sorted(stretches, key=lambda s: s.starts_on):
        for lane in lanes:
            if lane[-1].last_day < stretch.starts_on:
                lane.append(stretch)
                break
        else:
            lanes.append([stretch])
    return lanes


def _multiples(first: date, last: date, months: int) -> Iterable[date]:
    """The first days of months that are multiples of a number of months, within two days."""
    month = first.year * 12 + first.month - 1
    month += -month % months
    while (year := month // 12) <= last.year:
        day = date(year, month % 12 + 1, 1)
        if first <= day <= last:
            yield day
        month += months


def _tick_label(day: date, step: int) -> str:
    return f"{day:%Y}" if step % 12 == 0 else f"{day:%b} {day:%Y}"


def _label(stretch: Stretch) -> str:
    if stretch.phase == Phase.GAP:
        return "no cover"
    return "" if stretch.row is None else stretch.row.entitlement.reference
