"""
What was known of an entitlement at the end of a day, and what came to be known between two days.

It is put together from histories alone: a record that was entered late, or corrected since, is
shown as it stood in this database then. State and rights are those of the same day.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, DateField, DateTimeField, Model, Q, QuerySet, Sum

from allocation.life import ENDS, Event, end_of, tell_events, teller_of
from allocation.life_sources import EventKind, Source, sources_of
from allocation.models import Allocation
from common.stories import MOST_ROWS, FieldChange, Row, read_histories
from entitlements.models import (
    Entitlement,
    KeyReveal,
    PurchaseReturn,
    ReturnAssignment,
    StatePeriod,
    UpgradedEntitlement,
)
from entitlements.rights import TakenAway, active_rights_on, rights_left_on
from entitlements.states import State, StateByHand, Substate, state_on

SHOWN_OF_KIND = 100
RECORD_ITSELF = 0  # the place of its source
# Of what takes rights away: the fields of how many, and from which day.
TAKES_AWAY = {
    PurchaseReturn: ("quantity", "returned_on"),
    ReturnAssignment: ("units", "made_on"),
    UpgradedEntitlement: ("rights", "effective_on"),
}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """
    What is computed of an entitlement for a day; nothing before it was entered.

    :param state: None before its purchase too
    :param purchased_rights, rights_left, active_rights: None where they are unlimited
    :param allocations, units: of what it gives: how many stand, and how many units they name
    :param takes_deployed: whether one of them takes whatever is deployed
    """

    is_entered: bool = False
    state: State | None = None
    substate: str = ""
    purchased_rights: int | None = None
    rights_left: int | None = None
    active_rights: int | None = None
    allocations: int = 0
    units: int = 0
    takes_deployed: bool = False

    @property
    def lines(self) -> list[tuple[str, Any]]:
        """The figures with their labels."""
        if not self.is_entered:
            return []
        unlimited = "Unlimited" if self.purchased_rights is None else None
        return [
            ("State", self._state_text),
            ("Purchased rights", unlimited or self.purchased_rights),
            ("Rights left", unlimited or self.rights_left),
            ("Active rights", unlimited or self.active_rights),
            ("Allocations", self.allocations),
            ("Units allocated", self._units_text),
        ]

    @property
    def _units_text(self) -> Any:
        if not self.takes_deployed:
            return self.units
        return f"{self.units:,} and all deployed" if self.units else "All deployed"

    @property
    def _state_text(self) -> str:
        if self.state is None:
            return "Not purchased yet"
        return f"{self.state.label}, {self.substate.lower()}" if self.substate else self.state.label


@dataclass(frozen=True, kw_only=True)
class Group:
    """What stood of one kind, the latest first, and whether there was more."""

    kind: EventKind
    records: Sequence[Event]
    has_more: bool


@dataclass(frozen=True, kw_only=True)
class Known:
    """An entitlement as it was known at the end of a day."""

    day: date
    figures: Figures
    facts: Sequence[FieldChange]
    groups: Sequence[Group]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """
    What differs between two days.

    :param figures: label, value on the first day, value on the second, of those that differ
    :param fields: of the record itself
    :param groups: of what belongs to it: what was added, changed, ended, removed
    """

    first: Known
    second: Known
    figures: Sequence[tuple[str, Any, Any]]
    fields: Sequence[FieldChange]
    groups: Sequence[Group]


def known_on(entitlement: Entitlement, day: date, *, tells_of_keys: bool) -> Known:
    """
    What was known of an entitlement at the end of a day.

    :param tells_of_keys: whether license keys are among it, which only some people may see
    """
    sources = _told_sources(entitlement, tells_of_keys=tells_of_keys)
    standing = {
        number: _standing(source, day) for number, source in enumerate(sources) if source.is_history
    }
    rows = read_histories({str(number): found for number, found in standing.items()})
    record = next((row for row in rows if int(row.subject) == RECORD_ITSELF), None)
    events = tell_events(
        sources,
        [(row._replace(kind="+"), None) for row in [*rows, *_written(sources, until=end_of(day))]],
        teller_of(entitlement),
    )
    return Known(
        day=day,
        figures=Figures() if record is None else _figures(sources, record, rows, standing, day),
        facts=_of_record(events),
        groups=_groups(events),
    )


def compare(
    entitlement: Entitlement, first_day: date, second_day: date, *, tells_of_keys: bool
) -> Comparison:
    """What came to be known of an entitlement between the ends of two days."""
    first = known_on(entitlement, first_day, tells_of_keys=tells_of_keys)
    second = known_on(entitlement, second_day, tells_of_keys=tells_of_keys)
    sources = sources_of(entitlement, tells_of_keys=tells_of_keys)
    pairs = _differing(sources, end_of(first_day), end_of(second_day))
    events = [event for event in tell_events(sources, pairs, teller_of(entitlement)) if event.tells]
    return Comparison(
        first=first,
        second=second,
        figures=_differing_figures(first.figures, second.figures),
        fields=_of_record(events),
        groups=_groups(events),
    )


# --- What stood ---


def _standing(source: Source, day: date) -> QuerySet[Any]:
    """The latest history row of each record that had not ended by the end of a day."""
    latest = _latest(source, end_of(day)).exclude(history_type="-")
    for field in latest.model._meta.concrete_fields:
        if field.name in ENDS:
            still = Q(**{f"{field.name}__isnull": True})
            if isinstance(field, DateField) and not isinstance(field, DateTimeField):
                still |= Q(**{f"{field.name}__gt": day})  # an end that was known to come
            latest = latest.filter(still)
    return latest


def _latest(source: Source, moment: datetime, ids: QuerySet[Any] | None = None) -> QuerySet[Any]:
    """The last history row before a moment, of each record or of some."""
    rows = source.events.filter(history_date__lt=moment)
    if ids is not None:
        rows = rows.filter(id__in=ids)
    last = rows.order_by("id", "-history_id").distinct("id").values("history_id")
    found: QuerySet[Any] = source.events.model.objects.filter(history_id__in=last)
    return found


def _written(
    sources: Sequence[Source], *, until: datetime, since: datetime | None = None
) -> list[Row]:
    """What was written once before a moment, the latest first."""
    rows: list[Row] = []
    for number, source in enumerate(sources):
        if not source.is_history:
            found = source.events.filter(**{f"{source.at}__lt": until})
            if since is not None:
                found = found.filter(**{f"{source.at}__gte": since})
            latest = found.order_by("-pk").values_list("pk", flat=True)[: SHOWN_OF_KIND + 1]
            rows += source.written_rows(str(number), list(latest))
    return rows


def _figures(
    sources: Sequence[Source],
    record: Row,
    rows: Sequence[Row],
    standing: Mapping[int, QuerySet[Any]],
    day: date,
) -> Figures:
    entitlement = _as_it_was(record)
    by_hand, substate = _by_hand(sources, rows, day)
    state = state_on(
        day,
        purchased_on=entitlement.purchased_on,
        follows_dates=entitlement.follows_dates,
        starts_on=entitlement.starts_on,
        ends_on=entitlement.ends_on,
        by_hand=by_hand,
    )
    purchased, taken = entitlement.purchased_rights, _taken_away(sources, rows, entitlement.pk)
    given = EventKind.COVER if entitlement.is_maintenance else EventKind.USE
    gives = next(n for n, s in enumerate(sources) if s.kind == given and s.model is Allocation)
    counted = (
        standing[gives]
        .order_by()
        .aggregate(
            allocations=Count("pk"),
            units=Sum("quantity"),
            unlimited=Count("pk", filter=Q(quantity=0)),
        )
    )
    return Figures(
        is_entered=True,
        state=state,
        substate=substate if state is not None else "",
        purchased_rights=purchased,
        rights_left=rights_left_on(day, purchased_rights=purchased, taken_away=taken),
        active_rights=active_rights_on(
            day, purchased_rights=purchased, taken_away=taken, state=state
        ),
        allocations=counted["allocations"],
        units=counted["units"] or 0,
        takes_deployed=counted["unlimited"] > 0,
    )


def _as_it_was(row: Row) -> Entitlement:
    """The record that a history row holds. It is not to be saved."""
    return Entitlement(
        **{
            field.attname: field.to_python(row.values[field.column])
            for field in Entitlement._meta.concrete_fields
            if field.column in row.values
        }
    )


def _by_hand(
    sources: Sequence[Source], rows: Sequence[Row], day: date
) -> tuple[StateByHand | None, str]:
    """The state set by hand whose period holds the day, and its substate in words."""
    for row in _rows_of(sources, rows, StatePeriod):
        first, last = _value(row, "from_on"), _value(row, "until_on")
        if first <= day and (last is None or day <= last):
            substate = row.values["substate"]
            said = str(Substate(substate).label) if substate else ""
            return StateByHand(State(row.values["state"]), first, last), said
    return None, ""


def _taken_away(sources: Sequence[Source], rows: Sequence[Row], pk: int) -> list[TakenAway]:
    taken = []
    for model, (units, first_day) in TAKES_AWAY.items():
        for row in _rows_of(sources, rows, model):
            # Of an upgrade only the license loses rights from which they move.
            if row.values.get("source_id", pk) == pk:
                days = _value(row, first_day), _value(row, "ended_on")
                taken.append(TakenAway(row.values[units], *days))
    return taken


def _rows_of(sources: Sequence[Source], rows: Sequence[Row], model: type[Model]) -> list[Row]:
    return [row for row in rows if sources[int(row.subject)].model is model]


def _value(row: Row, name: str) -> Any:
    field: Any = row.model._meta.get_field(name)
    return field.to_python(row.values[field.column])


# --- What differs ---


def _differing(
    sources: Sequence[Source], first: datetime, second: datetime
) -> list[tuple[Row, Row | None]]:
    """Of each record that changed between two moments, how it stood then; what is gone by both."""
    before: dict[str, QuerySet[Any]] = {}
    after: dict[str, QuerySet[Any]] = {}
    for number, source in enumerate(sources):
        if source.is_history:
            between = source.events.filter(history_date__gte=first, history_date__lt=second)
            ids = between.order_by("-id").values("id").distinct()[:MOST_ROWS]
            before[str(number)] = _latest(source, first, ids)
            after[str(number)] = _latest(source, second, ids)
    stood = {(row.subject, row.record_id): row for row in read_histories(before) if row.kind != "-"}
    pairs = [
        _as_one_step(row, stood.get((row.subject, row.record_id))) for row in read_histories(after)
    ]
    written: list[tuple[Row, Row | None]] = [
        (row, None) for row in _written(sources, until=second, since=first)
    ]
    return [pair for pair in pairs if pair is not None] + written


def _as_one_step(row: Row, before: Row | None) -> tuple[Row, Row | None] | None:
    """All that happened to a record between two moments as one change; None if it came and went."""
    if row.kind == "-":
        return None if before is None else (row, before)
    return row._replace(kind="+" if before is None else "~"), before


def _differing_figures(first: Figures, second: Figures) -> list[tuple[str, Any, Any]]:
    were = dict(first.lines)
    return [
        (label, were.get(label, ""), value)
        for label, value in second.lines
        if were.get(label) != value
    ]


# --- As it is shown ---


def _of_record(events: Sequence[Event]) -> list[FieldChange]:
    return [c for event in events if event.kind == EventKind.RECORD for c in event.changes]


def _groups(events: Sequence[Event]) -> list[Group]:
    """The events of each kind beside the record itself, in the order of the kinds."""
    by_kind: dict[EventKind, list[Event]] = defaultdict(list)
    for event in events:
        by_kind[event.kind].append(event)
    return [
        Group(
            kind=kind,
            records=by_kind[kind][:SHOWN_OF_KIND],
            has_more=len(by_kind[kind]) > SHOWN_OF_KIND,
        )
        for kind in EventKind
        if by_kind[kind] and kind != EventKind.RECORD
    ]


def _told_sources(entitlement: Entitlement, *, tells_of_keys: bool) -> list[Source]:
    """Those of which records stand: that a key was shown happened, and is nothing that stands."""
    sources = sources_of(entitlement, tells_of_keys=tells_of_keys)
    return [source for source in sources if source.model is not KeyReveal]
