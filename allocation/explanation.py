"""
Why: what made an allocation, what ended it, and why a position and a license are not allocated.

Told from what stands on the rows, and from the core, which is run again on the one title.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from allocation.core.sentences import tell
from allocation.core.values import Figures, Partition, Rule
from allocation.core.whynot import Obstacle, Verdict, why_not_covered, why_not_more
from allocation.models import Allocation, EndReason
from allocation.queries import definitions_of, partition_of
from entitlements.models import Entitlement

# A title may have thousands of positions; these are the ones a person will read.
MOST_VERDICTS = 40


class Names:
    """The names of entitlements that figures refer to, read once for many sentences."""

    def __init__(self, told: Iterable[tuple[str, Sequence[Any]]]) -> None:
        """
        :param told: rules with their figures
        """
        ids = {figures[1] for rule, figures in told if rule == Rule.SERIAL_DISPLACED}
        self._names = named(ids)

    def sentence(self, rule: str, figures: Sequence[Any]) -> str:
        """What a rule says; positions in it are named."""
        if not rule:
            return ""
        if rule == Rule.SERIAL_DISPLACED:
            serial, position_id = figures
            taker = self._names.get(position_id)
            if taker is not None:
                return f"Serial number {serial} matched {taker}, which took its place."
        return tell(Rule(rule), tuple(figures))


def named(ids: Iterable[int]) -> dict[int, Entitlement]:
    """Entitlements with what their names are made of, by id."""
    wanted = set(ids)
    if not wanted:
        return {}
    return Entitlement.objects.select_related("model", "definition").in_bulk(wanted)


def names_of(rows: Iterable[Allocation]) -> Names:
    """The names that the sentences of some allocations need."""
    return Names([(row.end_rule, row.end_figures) for row in rows])


def why_made(row: Allocation, names: Names) -> str:
    """By which rule an allocation was made, with the figures that decided; or by hand."""
    if row.rule:
        return names.sentence(row.rule, row.figures)
    return f"Allocated by hand{_because(row.notes)}"


def why_ended(row: Allocation, names: Names) -> str:
    """Why an allocation was ended; empty while it is live."""
    if row.is_live:
        return ""
    if row.end_rule:
        return names.sentence(row.end_rule, row.end_figures)
    if row.end_reason == EndReason.MANUAL:
        return f"Ended by hand{_because(row.end_notes)}"
    return f"{row.get_end_reason_display()}{_because(row.end_notes)}"


def who_made(row: Allocation) -> str:
    """The run or the person behind an allocation: "consolidate #41", "Grace Hopper"."""
    return _who(row.made_in_run, row.made_by)


def who_ended(row: Allocation) -> str:
    """The run or the person that ended an allocation; empty while it is live."""
    return "" if row.is_live else _who(row.ended_in_run, row.ended_by)


def _who(run: Any, person: Any) -> str:
    return f"consolidate #{run.pk}" if run is not None else str(person or "")


def _because(notes: str) -> str:
    return f": {notes.rstrip('.')}." if notes.strip() else "."


# --- Why not ---


@dataclass(frozen=True, kw_only=True)
class Answer:
    """
    Why something is not covered, or does not cover more.

    :param general: the sentence that says all there is, where no candidate has to be looked at
    :param awaited: what the next run would allocate, since the records have changed since the last
    :param refusals: each candidate with the first condition that it failed, the most telling first
    :param left_out: how many more candidates there are, by what stood in their way
    """

    general: str = ""
    awaited: Sequence[Entitlement] = ()
    refusals: Sequence["Refusal"] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say: every candidate is allocated already."""
        return not (self.general or self.awaited or self.refusals)


@dataclass(frozen=True)
class Refusal:
    """A position or a license that was turned down, and why, in a sentence."""

    entitlement: Entitlement
    sentence: str


# What is worth reading first: what nearly fitted, then what never could.
NEARNESS = {
    obstacle: rank
    for rank, obstacle in enumerate(
        (
            Obstacle.KEPT_APART,
            Obstacle.SERIAL_BLOCKED,
            Obstacle.TOO_FEW_UNITS,
            Obstacle.STARTS_TOO_LATE,
            Obstacle.STARTS_TOO_EARLY,
            Obstacle.NOT_IN_EFFECT,
            Obstacle.ENDS_TOO_SOON,
            Obstacle.LAST_DAY,
            Obstacle.NOT_BOUGHT,
            Obstacle.LICENSE_NOT_BOUGHT,
            Obstacle.COVERED_WITHOUT_END,
            Obstacle.LICENSE_WITHOUT_UNITS,
            Obstacle.LICENSE_EXPIRED,
            Obstacle.ENDED,
            Obstacle.COVERS_ALREADY,
        )
    )
}

OBSTACLES_IN_SHORT = {
    Obstacle.KEPT_APART: "kept apart by a person",
    Obstacle.SERIAL_BLOCKED: "blocked by cover of the same time",
    Obstacle.TOO_FEW_UNITS: "without enough free units",
    Obstacle.STARTS_TOO_LATE: "starting too late",
    Obstacle.STARTS_TOO_EARLY: "starting too early",
    Obstacle.NOT_IN_EFFECT: "not in effect yet",
    Obstacle.ENDS_TOO_SOON: "ending too soon",
    Obstacle.LAST_DAY: "on their last day",
    Obstacle.NOT_BOUGHT: "not bought yet",
    Obstacle.LICENSE_NOT_BOUGHT: "not bought yet",
    Obstacle.COVERED_WITHOUT_END: "covered without end",
    Obstacle.LICENSE_WITHOUT_UNITS: "without active rights",
    Obstacle.LICENSE_EXPIRED: "expired",
    Obstacle.ENDED: "ended",
    Obstacle.COVERS_ALREADY: "allocated already",
}


def why_not(license: Entitlement, day: date) -> Answer:
    """
    Why a license is not covered, or not covered for longer, by each position of its title.

    The core is run on the title as of the day: what a run for that day would do is taken as done.
    """
    if license.is_unlimited:
        return Answer(
            general="This license is unlimited: it has no units that maintenance could cover,"
            " so consolidate leaves it out."
        )
    partition, definitions = _partition_of(license, day), definitions_of(license.company_id)
    if not partition.positions:
        return Answer(
            general=f"{license.company} owns no maintenance for {license.model},"
            " and only maintenance for the same software model covers a license."
        )
    verdicts = why_not_covered(day.toordinal(), definitions, partition, license.pk)
    general = _of_the_license_itself(verdicts)
    if general:
        return Answer(general=general)
    return _answer(verdicts, partition, by="position")


def why_not_covering_more(position: Entitlement, day: date) -> Answer:
    """Why a position does not cover each further license of its title."""
    partition, definitions = _partition_of(position, day), definitions_of(position.company_id)
    if not partition.licenses:
        return Answer(
            general=f"{position.company} owns no license of {position.model},"
            " and maintenance covers only licenses of its own software model."
        )
    verdicts = why_not_more(day.toordinal(), definitions, partition, position.pk)
    general = _of_the_position_itself(verdicts)
    if general:
        return Answer(general=general)
    return _answer(verdicts, partition, by="license")


def _partition_of(entitlement: Entitlement, day: date) -> Partition:
    return partition_of(company_id=entitlement.company_id, model_id=entitlement.model_id, as_of=day)


OF_THE_LICENSE = {
    Obstacle.LICENSE_NOT_BOUGHT,
    Obstacle.LICENSE_WITHOUT_UNITS,
    Obstacle.LICENSE_EXPIRED,
}
OF_THE_POSITION = {Obstacle.NOT_BOUGHT, Obstacle.ENDED, Obstacle.LAST_DAY}


def _of_the_license_itself(verdicts: Sequence[Verdict]) -> str:
    """The sentence about the license, where no position could cover it for what it is itself."""
    first = verdicts[0]
    return first.sentence if first.obstacle in OF_THE_LICENSE else ""


def _of_the_position_itself(verdicts: Sequence[Verdict]) -> str:
    """The sentence about the position, where it takes no license at all for what it is itself."""
    said = next((v.sentence for v in verdicts if v.obstacle in OF_THE_POSITION), "")
    return f"The position takes nothing new. {said}" if said else ""


def _answer(verdicts: Sequence[Verdict], partition: Partition, *, by: str) -> Answer:
    allocated = {(row.position, row.license) for row in partition.rows}
    covering = [v for v in verdicts if v.obstacle == Obstacle.COVERS_ALREADY]
    awaited = [v for v in covering if (v.position, v.license) not in allocated][:MOST_VERDICTS]
    refused = [v for v in verdicts if v.obstacle != Obstacle.COVERS_ALREADY]
    ranked = sorted(refused, key=lambda v: (NEARNESS[v.obstacle], -_first_number(v.figures), v[:2]))
    told, left_out = ranked[:MOST_VERDICTS], ranked[MOST_VERDICTS:]
    names = named(getattr(verdict, by) for verdict in [*awaited, *told])
    return Answer(
        awaited=[names[getattr(v, by)] for v in awaited],
        refusals=[Refusal(names[getattr(v, by)], v.sentence) for v in told],
        left_out=Counter(OBSTACLES_IN_SHORT[v.obstacle] for v in left_out),
    )


def _first_number(figures: Figures) -> int:
    """Among those that failed by the same condition, later days and more units come first."""
    return next((figure for figure in figures if isinstance(figure, int)), 0)
