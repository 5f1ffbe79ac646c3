"""The cover of a license over time: what covers it, past, present and promised, and the gaps."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from allocation.models import Allocation
from common.shown import count_of, day_text
from contracts.models import ENDLESS
from entitlements.models import Entitlement

ONE_DAY = timedelta(days=1)
# A license may have been covered, renewed and covered anew for decades; older rows are in the list.
MOST_ROWS = 120


class Phase(StrEnum):
    """Where a stretch of cover stands on a day."""

    PAST = "past"
    PRESENT = "present"
    PROMISED = "promised"
    TAKEN_BACK = "taken-back"
    GAP = "gap"


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """
    Days of a license, both counted, which an allocation covers or nothing does.

    :param ends_on: None: without end
    :param row: the allocation; None: a gap
    """

    starts_on: date
    ends_on: date | None
    phase: Phase
    row: Allocation | None = None

    @property
    def last_day(self) -> date:
        """The last day, where none is given one beyond all others."""
        return self.ends_on or ENDLESS

    @property
    def days(self) -> int:
        return (self.last_day - self.starts_on).days + 1

    @property
    def text(self) -> str:
        """The stretch in words, for those who do not see it."""
        if self.row is None:
            return f"No cover {self.period} ({count_of(self.days, 'day')})"
        return f"{self.row.entitlement}: {self.period}, {PHASES_IN_WORDS[self.phase]}"

    @property
    def period(self) -> str:
        if self.ends_on is None:
            return f"from {day_text(self.starts_on)}, without end"
        return f"{day_text(self.starts_on)} – {day_text(self.ends_on)}"


PHASES_IN_WORDS = {
    Phase.PAST: "past",
    Phase.PRESENT: "covers now",
    Phase.PROMISED: "yet to begin",
    Phase.TAKEN_BACK: "ended before its time",
    Phase.GAP: "not covered",
}


COUNTED = {
    Phase.PRESENT: ("present allocation", "present allocations"),
    Phase.PROMISED: ("future allocation", "future allocations"),
    Phase.PAST: ("past allocation", "past allocations"),
    Phase.TAKEN_BACK: ("allocation ended early", "allocations ended early"),
    Phase.GAP: ("gap", "gaps"),
}


@dataclass(frozen=True, kw_only=True)
class Strand:
    """The cover of one definition: its stretches and gaps, the earliest first."""

    definition: str
    stretches: Sequence[Stretch]

    @property
    def gaps(self) -> list[Stretch]:
        return [stretch for stretch in self.stretches if stretch.phase == Phase.GAP]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """All cover of a license as seen on a day."""

    day: date
    strands: Sequence[Strand]
    is_cut: bool = False

    @property
    def stretches(self) -> list[Stretch]:
        return [stretch for strand in self.strands for stretch in strand.stretches]

    @property
    def rows(self) -> list[Stretch]:
        """The allocations, what covers now and later first."""
        covering = [stretch for stretch in self.stretches if stretch.row is not None]
        return sorted(covering, key=lambda s: (s.starts_on, s.last_day), reverse=True)

    @property
    def is_covered_now(self) -> bool:
        return any(stretch.phase == Phase.PRESENT for stretch in self.stretches)

    @property
    def text(self) -> str:
        """The time line in one sentence."""
        counts = Counter(stretch.phase for stretch in self.stretches)
        return ", ".join(
            count_of(counts[phase], one, many)
            for phase, (one, many) in COUNTED.items()
            if counts[phase]
        )


def coverage_of(license: Entitlement, day: date) -> Coverage:
    """What covers a license, as seen on a day: all its allocations, and the gaps between them."""
    rows = list(
        Allocation.objects.filter(license=license)
        .select_related(
            "entitlement__model",
            "entitlement__definition",
            "made_in_run",
            "made_by",
            "ended_in_run",
            "ended_by",
        )
        .order_by("-pk")[: MOST_ROWS + 1]
    )
    return coverage_from(rows[:MOST_ROWS], day, until=license.ends_on, is_cut=len(rows) > MOST_ROWS)


def coverage_from(
    rows: Iterable[Allocation], day: date, *, until: date | None = None, is_cut: bool = False
) -> Coverage:
    """
    The coverage that some allocations of one license make.

    :param until: the last day of the license itself; after it nothing is missing
    """
    stretches = sorted(
        (_stretch(row, day) for row in rows),
        key=lambda s: (_definition(s), s.starts_on, s.last_day),
    )
    strands = [
        Strand(definition=name, stretches=_with_gaps(list(group), day, until))
        for name, group in groupby(stretches, key=_definition)
    ]
    return Coverage(day=day, strands=strands, is_cut=is_cut)


def _definition(stretch: Stretch) -> str:
    return "" if stretch.row is None else str(stretch.row.entitlement.definition)


def _stretch(row: Allocation, day: date) -> Stretch:
    starts_on = row.entitlement.starts_on or row.made_on
    ends_on = row.entitlement.ends_on
    if row.ended_on is not None and row.ended_on <= (ends_on or ENDLESS):
        # Ended before its position was; where it had not begun, only its first day is left to show.
        last_day = max(starts_on, row.ended_on - ONE_DAY)
        return Stretch(starts_on=starts_on, ends_on=last_day, phase=Phase.TAKEN_BACK, row=row)
    return Stretch(
        starts_on=starts_on, ends_on=ends_on, phase=_phase(starts_on, ends_on, day), row=row
    )


def _phase(starts_on: date, ends_on: date | None, day: date) -> Phase:
    if ends_on is not None and ends_on < day:
        return Phase.PAST
    return Phase.PROMISED if starts_on > day else Phase.PRESENT


def _with_gaps(stretches: list[Stretch], day: date, until: date | None) -> list[Stretch]:
    """The stretches of one definition, with those between them in which nothing covers."""
    found: list[Stretch] = []
    covered_until: date | None = None
    for stretch in stretches:
        if not _covers_at_all(stretch):
            found.append(stretch)
            continue
        if covered_until is not None and stretch.starts_on > covered_until + ONE_DAY:
            found.append(_gap(covered_until + ONE_DAY, stretch.starts_on - ONE_DAY))
        found.append(stretch)
        covered_until = max(covered_until or stretch.last_day, stretch.last_day)
    missing_until = min(day, until or day)
    if covered_until is not None and covered_until < missing_until:
        found.append(_gap(covered_until + ONE_DAY, missing_until))
    return found


def _covers_at_all(stretch: Stretch) -> bool:
    row = stretch.row
    return row is None or row.ended_on is None or row.ended_on > stretch.starts_on


def _gap(starts_on: date, ends_on: date) -> Stretch:
    return Stretch(starts_on=starts_on, ends_on=ends_on, phase=Phase.GAP)
