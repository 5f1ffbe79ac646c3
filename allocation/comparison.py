"""
Two runs side by side: what one did and the other did not, with the cause as far as records tell.

An allocation is made once and ended once, so what a run found done it does not do again. The cause
of a difference is therefore looked for in what happened between the two.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Case, CharField, Q, QuerySet, Value, When

from allocation.explanation import Names, who_ended, why_ended
from allocation.models import Allocation, ConsolidateRun
from allocation.steps import Change, Step
from common.shown import day_text
from entitlements.models import Entitlement


class Side(models.TextChoices):
    """Which of two runs touched an allocation."""

    FIRST = "first", "Only the first"
    SECOND = "second", "Only the second"
    BOTH = "both", "Both"


def touched_by(first: ConsolidateRun, second: ConsolidateRun) -> QuerySet[Allocation]:
    """The allocations that either run made or ended, with ``side``: by which of them."""
    by_first, by_second = changed_in(first), changed_in(second)
    return Allocation.objects.filter(by_first | by_second).annotate(
        side=Case(
            When(by_first & by_second, then=Value(Side.BOTH)),
            When(by_first, then=Value(Side.FIRST)),
            default=Value(Side.SECOND),
            output_field=CharField(),
        )
    )


def changed_in(run: ConsolidateRun) -> Q:
    """The allocations that a run made or ended."""
    ended = Q(ended_in_run=run)
    if run.first_allocation_id is None:
        return ended
    # By the span of its numbers, which an index serves.
    made = Q(pk__range=(run.first_allocation_id, run.last_allocation_id), made_in_run=run)
    return made | ended


def what_it_did(run: ConsolidateRun, row: Allocation) -> str:
    """What a run did to an allocation, in a word or two."""
    if row.made_in_run_id == run.pk:
        return f"Allocated: {row.get_basis_display().lower()}"
    if row.ended_in_run_id == run.pk:
        return f"Ended: {row.get_end_reason_display().lower()}"
    return ""


class StepCounts:
    """The counts of two runs in one step, side by side."""

    def __init__(self, step: Step, change: Change, first: int, second: int) -> None:
        self.step, self.change = step, change
        self.first, self.second = first, second

    @property
    def difference(self) -> int:
        return self.second - self.first


def counts_side_by_side(first: ConsolidateRun, second: ConsolidateRun) -> list[StepCounts]:
    """The counts of two runs by step and change, in the order of the steps, where there are any."""
    rows = [
        StepCounts(step, change, _records(first, step, change), _records(second, step, change))
        for step in Step
        for change in Change
    ]
    return [row for row in rows if row.first or row.second]


def _records(run: ConsolidateRun, step: Step, change: Change) -> int:
    number: int = run.counts.get(step.value, {}).get(change.value, {}).get("records", 0)
    return number


class Causes:
    """Why one run did to some allocations what the other did not."""

    def __init__(
        self, first: ConsolidateRun, second: ConsolidateRun, rows: Sequence[Allocation]
    ) -> None:
        self._runs = first, second
        self._earlier, self._later = sorted(self._runs, key=lambda run: run.pk)
        self._names = Names([(row.end_rule, row.end_figures) for row in rows])
        self._changes = _changes_between(self._earlier, self._later, _entitlements(rows))
        self._freed = _ended_between(self._earlier, self._later, rows)

    def sentence(self, row: Allocation) -> str:
        """The cause of the difference."""
        runs = {row.made_in_run_id, row.ended_in_run_id}
        if {self._earlier.pk, self._later.pk} <= runs:
            return why_ended(row, self._names)
        if self._earlier.pk in runs:
            return self._why_not_later(row)
        return self._why_not_earlier(row)

    def _why_not_later(self, row: Allocation) -> str:
        if row.made_in_run_id != self._earlier.pk:
            return f"{self._later} found it ended."
        if row.ended_at is None or row.ended_at > _end(self._later):
            return f"{self._later} found it there, and left it."
        return f"Before {self._later} it was ended by {who_ended(row)}."

    def _why_not_earlier(self, row: Allocation) -> str:
        found = (
            _bought_later(row, self._earlier.as_of)
            or self._changes.get(row.entitlement_id)
            or self._changes.get(row.covered_id)
        )
        if found:
            return found
        if row.made_in_run_id == self._later.pk and row.entitlement_id in self._freed:
            return f"Units of the maintenance became free after {self._earlier}."
        if row.made_in_run_id == self._later.pk and row.license_id in self._freed:
            return f"The license lost other cover after {self._earlier}."
        if self._earlier.as_of != self._later.as_of:
            return (
                f"The day moved from {day_text(self._earlier.as_of)} to"
                f" {day_text(self._later.as_of)}, and nothing else about the two."
            )
        return "Neither the license nor the maintenance was changed in between."


def _entitlements(rows: Iterable[Allocation]) -> set[int]:
    return {pk for row in rows for pk in (row.entitlement_id, row.covered_id)}


def _bought_later(row: Allocation, day: date) -> str:
    for name, record in (("maintenance", row.entitlement), ("license", row.covered)):
        if record.purchased_on > day:
            return (
                f"The {name} was bought on {day_text(record.purchased_on)}, after the day of the"
                f" earlier run ({day_text(day)})."
            )
    return ""


def _changes_between(
    earlier: ConsolidateRun, later: ConsolidateRun, ids: set[int]
) -> dict[int, str]:
    """A sentence about the last change of each entitlement that was changed between two runs."""
    history = Entitlement.history.filter(
        id__in=ids, history_date__gt=_end(earlier), history_date__lte=_end(later)
    ).order_by("history_id")
    rows = list(history)
    people = get_user_model()._default_manager.in_bulk({row.history_user_id for row in rows})
    return {row.id: _told(row, people) for row in rows}


def _told(row: Any, people: dict[Any, Any]) -> str:
    what = "license" if row.kind == "license" else "maintenance"
    verb = {"+": "entered", "~": "changed", "-": "removed"}[row.history_type]
    who = people.get(row.history_user_id, "the system")
    reason = f" ({row.history_change_reason})" if row.history_change_reason else ""
    return (
        f"In between the {what} was {verb} by {who} on {day_text(row.history_date.date())}{reason}."
    )


def _ended_between(
    earlier: ConsolidateRun, later: ConsolidateRun, rows: Sequence[Allocation]
) -> set[int]:
    """The entitlements among some whose other allocations ended after one run and up to another."""
    ids = _entitlements(rows)
    ended = Allocation.objects.cover().filter(
        Q(entitlement__in=ids) | Q(license__in=ids),
        ended_at__gt=_end(earlier),
        ended_at__lte=_end(later),
    )
    pairs = ended.values_list("entitlement", "license")
    return {pk for pair in pairs for pk in pair}


def _end(run: ConsolidateRun) -> datetime:
    return run.ended_at or run.asked_at
