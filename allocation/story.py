"""The full story of one allocation: who made it by which rule, what ended it, its two sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from allocation.explanation import names_of, who_ended, who_made, why_ended, why_made
from allocation.models import Allocation, KeptApart
from common.shown import Money
from entitlements.models import Entitlement


@dataclass(frozen=True, kw_only=True)
class Event:
    """The making or the end of an allocation."""

    verb: str  # "Allocated by", "Ended by"
    who: str
    person: str  # who started the run, where a run did it
    on: Any
    at: datetime
    sentence: str
    run_id: int | None


@dataclass(frozen=True)
class Fact:
    """A field of an entitlement when the allocation was made, and now."""

    label: str
    then: Any
    now: Any

    @property
    def differs(self) -> bool:
        return bool(self.then != self.now)


@dataclass(frozen=True, kw_only=True)
class Story:
    """All there is to tell of an allocation."""

    events: Sequence[Event]
    license_facts: Sequence[Fact]
    position_facts: Sequence[Fact]
    others: Sequence[Allocation]
    kept_apart: KeptApart | None


def story_of(row: Allocation) -> Story:
    """
    The story of an allocation.

    :param row: read with both entitlements, and who made and ended it
    """
    return Story(
        events=_events(row),
        license_facts=_facts(row.covered, row, LICENSE_FACTS),
        position_facts=_facts(row.entitlement, row, POSITION_FACTS),
        others=_others(row),
        kept_apart=KeptApart.objects.filter(
            position=row.entitlement_id, license=row.license_id, lifted_at=None
        )
        .select_related("parted_by")
        .first(),
    )


def _events(row: Allocation) -> list[Event]:
    names = names_of([row])
    events = [
        Event(
            verb="Allocated by",
            who=who_made(row),
            person=_starter(row.made_in_run),
            on=row.made_on,
            at=row.made_at,
            sentence=why_made(row, names),
            run_id=row.made_in_run_id,
        )
    ]
    if row.ended_at is not None:
        events.append(
            Event(
                verb="Ended by",
                who=who_ended(row),
                person=_starter(row.ended_in_run),
                on=row.ended_on,
                at=row.ended_at,
                sentence=why_ended(row, names),
                run_id=row.ended_in_run_id,
            )
        )
    return events


def _starter(run: Any) -> str:
    return "" if run is None else str(run.started_by or "the system")


# Labels with what they show, of a record or of its history row.
LICENSE_FACTS = {
    "Purchased rights": lambda e: e.purchased_rights,
    "Serial number": lambda e: e.serial_number,
    "Purchased on": lambda e: e.purchased_on,
    "Start": lambda e: e.starts_on,
    "End": lambda e: e.ends_on,
    "Software model": lambda e: e.model.name,
}
POSITION_FACTS = {
    "Purchased units": lambda e: e.purchased_rights,
    "Serial number": lambda e: e.serial_number or e.matched_serial,
    "Purchased on": lambda e: e.purchased_on,
    "Start": lambda e: e.starts_on,
    "End": lambda e: e.ends_on,
    "Unit price": lambda e: None if e.unit_cost is None else Money(e.unit_cost, e.currency),
    "Software model": lambda e: e.model.name,
}


def _facts(entitlement: Entitlement, row: Allocation, labels: Any) -> list[Fact]:
    """What an entitlement was when a row was made, and is now, as far as it matters to the row."""
    known = Q(history_date__lte=row.made_at)
    if row.made_in_run_id is not None:
        known |= Q(run_id=row.made_in_run_id)  # a serial number that the same run had matched
    then = entitlement.history.filter(known).select_related("model").first()
    return [
        Fact(label, value(then) if then is not None else None, value(entitlement))
        for label, value in labels.items()
        if value(entitlement) or (then is not None and value(then))
    ]


OTHERS_TOLD = 10


def _others(row: Allocation) -> list[Allocation]:
    """The other allocations of the license, the latest first."""
    others = Allocation.objects.filter(license=row.license_id).exclude(pk=row.pk)
    related = others.select_related("entitlement__model", "entitlement__definition")
    return list(related.order_by("-pk")[:OTHERS_TOLD])
