"""
The life of an entitlement: all that happened to it and to what belongs to it, the newest first.

It is read from the histories that the database keeps by itself, and from what is written once and
never changed: work notes, and who was shown a license key. A page of it is read by key, so that
page 1,000 costs what page 1 costs, and a license with a hundred thousand allocations opens at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.core import signing
from django.db.models import (
    BooleanField,
    Exists,
    F,
    Func,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import User
from allocation.life_sources import EventKind, Source, sources_of
from common.stories import (
    MOST_ROWS,
    NOBODY,
    VERBS,
    Chapter,
    FieldChange,
    Row,
    Teller,
    labels_of,
    read_histories,
)
from deployments.models import Deployment
from entitlements.models import Entitlement, ImportedRecord

PAGE_EVENTS = 50
EVENTS_AT_ONCE = MOST_ROWS // 2  # each may need the row before it as well
THE_SYSTEM = "system"
# Codes, which the pages of allocations put into words, and what each history row tells by itself.
UNTOLD = (
    "figures",
    "rule",
    "end_figures",
    "end_rule",
    "matched_figures",
    "made_at",
    "made_by",
    "made_in_run",
    "ended_at",
    "ended_by",
    "ended_in_run",
)
# What the names of records are made of, to be read with them.
NAMED_WITH: dict[type[Model], Sequence[str]] = {
    Entitlement: ("model", "definition"),
    Deployment: ("product__vendor",),
}
# A field that is filled in where a record ends, and the word for it.
ENDS = {
    "ended_on": "ended",
    "withdrawn_at": "withdrew",
    "removed_at": "removed",
    "lifted_at": "lifted",
}
SALT = "life of an entitlement"


class LostPlace(ValueError):
    """An address of a page that was changed."""


# Beside the kinds of events: whatever an import made or changed.
IMPORTS = "import"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """
    What of a life is asked for; what is empty asks for everything.

    :param kind: an ``EventKind``, or ``IMPORTS`` for what imports made and changed
    :param field: the name of a field that changed
    :param person: the id of a user, or ``THE_SYSTEM``
    :param from_on, until_on: the first and the last day, both counted
    """

    kind: str = ""
    field: str = ""
    person: str = ""
    from_on: date | None = None
    until_on: date | None = None


class Place(NamedTuple):
    """Where an event stands: by moment, then by what tells it, then by its number there."""

    at: datetime
    source: int
    number: int

    def as_text(self) -> str:
        """The place as a signed text for an address."""
        return signing.dumps([self.at.isoformat(), self.source, self.number], salt=SALT)

    @classmethod
    def from_text(cls, text: str) -> "Place":
        """
        The place that an address names.

        :raises LostPlace: where it is none that we wrote
        """
        try:
            at, source, number = signing.loads(text, salt=SALT)
            return cls(datetime.fromisoformat(at), source, number)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise LostPlace("The address of this page does not fit this time line.") from error


@dataclass(frozen=True, kw_only=True)
class Event:
    """
    One thing that happened.

    :param name: of the record it happened to, among those of its kind; "" where there is one only
    :param record_id: the key of that record
    :param import_id: of the import that made or changed it
    """

    kind: EventKind
    chapter: Chapter
    name: str
    record_id: int
    import_id: int | None

    @property
    def changes(self) -> Sequence[FieldChange]:
        return self.chapter.changes

    @property
    def tells(self) -> bool:
        """Whether it tells more than that something was saved."""
        return bool(self.changes) or self.chapter.verb != VERBS["~"]


@dataclass(frozen=True, kw_only=True)
class LifePage:
    """Some events, the newest first, and the place of the last where there are older ones."""

    events: Sequence[Event]
    older: Place | None


class _Found(NamedTuple):
    """The place of an event, with the number of the history row before it."""

    at: datetime
    source: int
    number: int
    before: int | None

    @property
    def place(self) -> Place:
        return Place(self.at, self.source, self.number)


def teller_of(entitlement: Entitlement) -> Teller:
    """What tells of an entitlement and of what belongs to it."""
    return Teller(untold=UNTOLD, known=[entitlement], named_with=NAMED_WITH)


class Life:
    """
    The time line of an entitlement.

    :param tells_of_keys: whether it tells of license keys, which only some people may see
    """

    def __init__(self, entitlement: Entitlement, *, tells_of_keys: bool) -> None:
        self._sources = sources_of(entitlement, tells_of_keys=tells_of_keys)
        self._asked = Asked()
        self._teller = teller_of(entitlement)

    def asking(self, asked: Asked) -> "Life":
        """The same life, of which only what is asked for is told."""
        narrowed = copy(self)
        narrowed._asked = asked
        return narrowed

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """The kinds of event that can be asked for, with their labels."""
        kinds = dict.fromkeys(source.kind for source in self._sources)
        return [*((kind.value, str(kind.label)) for kind in kinds), (IMPORTS, "Imports")]

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        """The fields that can be asked for, with their labels."""
        return labels_of(f for source in self._sources for f in self._told_fields(source))

    @cached_property
    def people(self) -> list[tuple[str, str]]:
        """Who had a part in it, with their names."""
        numbers = [
            source.events.order_by().values_list(source.by, flat=True) for source in self._sources
        ]
        found = set(numbers[0].union(*numbers[1:]).order_by())
        users = User.objects.filter(pk__in=found - {None})
        named = sorted(((str(user.pk), str(user)) for user in users), key=lambda each: each[1])
        return [*named, (THE_SYSTEM, NOBODY)] if None in found else named

    def page(self, after: Place | None = None, size: int = PAGE_EVENTS) -> LifePage:
        """The events after a place, or the newest. Their queries do not grow with their number."""
        found = self._find(after, size + 1)
        shown = found[:size]
        older = shown[-1].place if len(found) > size else None
        return LifePage(events=self._tell(shown), older=older)

    def all(self) -> Iterator[Event]:
        """All events, read some at a time."""
        page = self.page(size=EVENTS_AT_ONCE)
        yield from page.events
        while page.older is not None:
            page = self.page(page.older, EVENTS_AT_ONCE)
            yield from page.events

    # --- Which ---

    def _find(self, after: Place | None, limit: int) -> list[_Found]:
        """The places of the next events: one query over all that tells of them."""
        parts = [
            self._places_of(number, source, after)[:limit]
            for number, source in enumerate(self._sources)
            if self._can_tell(source)
        ]
        if len(parts) > 1:
            whole = parts[0].union(*parts[1:], all=True)
            parts = [whole.order_by("-event_at", "-event_source", "-event_number")[:limit]]
        return [_Found._make(row) for part in parts for row in part]

    def _can_tell(self, source: Source) -> bool:
        if self._asked.kind == IMPORTS:
            return source.is_history and self._tells_field(source)
        return self._asked.kind in ("", source.kind) and self._tells_field(source)

    def _tells_field(self, source: Source) -> bool:
        told = {field.name for field in self._told_fields(source)}
        return not self._asked.field or self._asked.field in told

    def _told_fields(self, source: Source) -> list[Any]:
        fields = self._teller.told_fields(source.events.model)
        return [field for field in fields if field.name not in source.untold]

    def _places_of(self, number: int, source: Source, after: Place | None) -> QuerySet[Any]:
        events = self._narrowed(source)
        if after is not None:
            events = events.filter(_older_than(after, number, source))
        before: Any = Value(None, output_field=IntegerField())
        if source.is_history:
            before = Subquery(_row_before(source).values("history_id")[:1])
        return (
            events.annotate(
                event_at=F(source.at),
                event_source=Value(number),
                event_number=F("pk"),
                event_before=before,
            )
            .order_by("-event_at", "-event_number")
            .values_list("event_at", "event_source", "event_number", "event_before")
        )

    def _narrowed(self, source: Source) -> QuerySet[Any]:
        asked, events = self._asked, source.events
        if asked.kind == IMPORTS:
            events = events.filter(Exists(_imported(source)))
        if asked.person == THE_SYSTEM:
            events = events.filter(**{f"{source.by}__isnull": True})
        elif asked.person:
            events = events.filter(**{source.by: asked.person})
        if asked.from_on is not None:
            events = events.filter(**{f"{source.at}__gte": start_of(asked.from_on)})
        if asked.until_on is not None:
            events = events.filter(**{f"{source.at}__lt": end_of(asked.until_on)})
        return _changing(events, source, asked.field) if asked.field else events

    # --- What ---

    def _tell(self, found: Sequence[_Found]) -> list[Event]:
        rows = self._read(found)
        pairs = [
            (rows[each.source, each.number], rows.get((each.source, each.before))) for each in found
        ]
        imports = self._imports_of(row for row, _ in pairs)
        return tell_events(self._sources, pairs, self._teller, imports)

    def _read(self, found: Sequence[_Found]) -> dict[tuple[int, int | None], Row]:
        """The rows of events and those before them, by the place of their source and number."""
        wanted: dict[int, set[int]] = defaultdict(set)
        for each in found:
            wanted[each.source] |= {each.number, *([each.before] if each.before else [])}
        histories = {
            str(number): self._sources[number].history_rows(numbers)
            for number, numbers in wanted.items()
            if self._sources[number].is_history
        }
        rows: dict[tuple[int, int | None], Row] = {
            (int(row.subject), row.history_id): row for row in read_histories(histories)
        }
        for number, numbers in wanted.items():
            if not self._sources[number].is_history:
                rows |= {
                    (number, row.history_id): row
                    for row in self._sources[number].written_rows(str(number), numbers)
                }
        return rows

    def _imports_of(self, rows: Iterable[Row]) -> dict[tuple[str, int], int]:
        """By model and number of a history row, the import that wrote it."""
        wanted: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            source = self._sources[int(row.subject)]
            if source.is_history:
                wanted[source.record_label].append(row)
        asked = Q(pk__in=[])
        for label, of_model in wanted.items():
            asked |= Q(
                model=label,
                object_id__in={row.record_id for row in of_model},
                history_id__in=[row.history_id for row in of_model],
            )
        written = ImportedRecord.objects.filter(asked)
        return {
            (label, history_id): import_id
            for label, history_id, import_id in written.values_list(
                "model", "history_id", "source_id"
            )
        }


def tell_events(
    sources: Sequence[Source],
    pairs: Sequence[tuple[Row, Row | None]],
    teller: Teller,
    imports: Mapping[tuple[str, int], int] | None = None,
) -> list[Event]:
    """
    Rows as events. The number of queries does not grow with them.

    :param pairs: each row with the one before it; the subject of a row is the place of its source
    :param imports: by model and number of a history row, the import that wrote it
    """
    events = []
    for (row, before), chapter in zip(pairs, teller.chapters(pairs), strict=True):
        source = sources[int(row.subject)]
        verb = source.verb or _verb(row, before) or chapter.verb
        told = [change for change in chapter.changes if change.name not in source.untold]
        events.append(
            Event(
                kind=source.kind,
                chapter=replace(chapter, subject=source.subject, verb=verb, changes=told),
                name=_name_of(source, row, teller),
                record_id=row.record_id,
                import_id=(imports or {}).get((source.record_label, row.history_id)),
            )
        )
    return events


def _name_of(source: Source, row: Row, teller: Teller) -> str:
    """By what a record is told from others of its kind."""
    said = (teller.said(row, name) for name in source.named_by)
    name = " ".join(text for text in said if text)
    return name or (f"{source.numbered}{row.record_id}" if source.numbered else "")


def _verb(row: Row, before: Row | None) -> str:
    if row.kind != "~" or before is None:
        return ""
    filled_in = (name for name in ENDS if row.values.get(name) and not before.values.get(name))
    return next((ENDS[name] for name in filled_in), "")


def _older_than(place: Place, number: int, source: Source) -> Q:
    """Of the events of a source, those that come after a place, where the newest is first."""
    earlier = Q(**{f"{source.at}__lt": place.at})
    same = Q(**{source.at: place.at})
    if number < place.source:
        return earlier | same
    return earlier | same & Q(pk__lt=place.number) if number == place.source else earlier


def _row_before(source: Source) -> QuerySet[Any]:
    """The history row before an outer one, of the same record."""
    earlier = source.events.model.objects.filter(
        id=OuterRef("id"), history_id__lt=OuterRef("history_id")
    )
    return earlier.order_by("-history_id")


def _imported(source: Source) -> QuerySet[ImportedRecord]:
    return ImportedRecord.objects.filter(
        model=source.record_label, object_id=OuterRef("id"), history_id=OuterRef("history_id")
    )


def _changing(events: QuerySet[Any], source: Source, field: str) -> QuerySet[Any]:
    """The events that change a field; of what is entered or removed, where it is not empty."""
    filled_in = Q(**{f"{field}__isnull": False}) & ~Q(field_text__in=("", "false", "[]", "{}"))
    events = events.annotate(field_text=Cast(F(field), TextField()))
    if not source.is_history:
        return events.filter(filled_in)
    differs = Func(
        F(field),
        Subquery(_row_before(source).values(field)[:1]),
        arg_joiner=" IS DISTINCT FROM ",
        template="(%(expressions)s)",
        output_field=BooleanField(),
    )
    events = events.annotate(field_differs=differs)
    return events.filter(Q(history_type="~", field_differs=True) | ~Q(history_type="~") & filled_in)


def start_of(day: date) -> datetime:
    """The first moment of a day, where this installation is."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """The first moment after a day."""
    return start_of(day + timedelta(days=1))
