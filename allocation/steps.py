"""The steps of a run, by number and name, and which of them each rule belongs to."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import models

from allocation.core.values import (
    Allocated,
    Assigned,
    Changes,
    Ended,
    Matched,
    Released,
    Returned,
    Rule,
)


class Step(models.TextChoices):
    """The steps, in the order in which a run takes them."""

    RELEASE = "release", "Release"
    RETURNS = "returns", "Returns"
    OVER_ALLOCATION = "over-allocation", "Over-allocation"
    AUTHORIZATIONS = "authorizations", "Licenses to authorizations"
    PRE_PROCESSING = "pre-processing", "Pre-processing"
    SERIAL = "serial", "Serial number"
    PORTAL = "portal", "Portal"
    EVERYTHING_ELSE = "everything-else", "Everything else"


class Change(models.TextChoices):
    """What can happen to a record in a run."""

    RELEASED = "released", "License released"
    ENDED = "ended", "Allocation ended"
    RETURNED = "returned", "Return assigned"
    ASSIGNED = "assigned", "License assigned"
    MATCHED = "matched", "Serial number matched"
    ALLOCATED = "allocated", "Allocated"


STEP_OF: dict[Rule, Step] = {
    Rule.LICENSE_EXPIRED: Step.RELEASE,
    Rule.LICENSE_WITHOUT_UNITS: Step.RELEASE,
    Rule.UNITS_CHANGED: Step.RELEASE,
    Rule.COMPANY_CHANGED: Step.RELEASE,
    Rule.TITLE_CHANGED: Step.RELEASE,
    Rule.REVOKED: Step.RELEASE,
    Rule.TOO_MANY_AUTHORIZED: Step.RELEASE,
    Rule.RETURNED_FREE_UNITS: Step.RETURNS,
    Rule.RETURNED_ALLOCATED_UNITS: Step.RETURNS,
    Rule.OVER_ALLOCATED: Step.OVER_ALLOCATION,
    Rule.OWN_TITLE: Step.AUTHORIZATIONS,
    Rule.DOWNGRADE: Step.AUTHORIZATIONS,
    Rule.GROUP_MATCHED: Step.PRE_PROCESSING,
    Rule.SERIAL: Step.SERIAL,
    Rule.SERIAL_DISPLACING: Step.SERIAL,
    Rule.SERIAL_DISPLACED: Step.SERIAL,
    Rule.PORTAL: Step.PORTAL,
    Rule.CONTINUITY: Step.EVERYTHING_ELSE,
    Rule.LAPSED: Step.EVERYTHING_ELSE,
    Rule.UNCOVERED: Step.EVERYTHING_ELSE,
}

Counts = dict[str, dict[str, dict[str, int]]]


def count(changes: Changes) -> Counts:
    """How many records, and of how many units, each step changed: by step, then by change."""
    tallies: dict[tuple[Step, Change], list[int]] = defaultdict(lambda: [0, 0])
    for change, records in by_change(changes):
        for record in records:
            tally = tallies[STEP_OF[record.rule], change]
            tally[0] += 1
            tally[1] += units_of(record)
    counts: Counts = {}
    for (step, change), (number, units) in tallies.items():
        counts.setdefault(step.value, {})[change.value] = {"records": number, "units": units}
    return counts


def by_change(changes: Changes) -> Sequence[tuple[Change, Sequence[Any]]]:
    """The lists of changes, each under its name."""
    return (
        (Change.RELEASED, changes.released),
        (Change.ENDED, changes.ended),
        (Change.RETURNED, changes.returned),
        (Change.ASSIGNED, changes.assigned),
        (Change.MATCHED, changes.matched),
        (Change.ALLOCATED, changes.allocated),
    )


def units_of(change: Released | Ended | Returned | Assigned | Matched | Allocated) -> int:
    """The units that a change is about; a match and an authorization move none themselves."""
    match change:
        case Ended():
            return change.row.units
        case Returned() | Allocated():
            return change.units
    return 0
