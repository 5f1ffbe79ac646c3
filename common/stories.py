"""The history of a record as sentences: before → after, by whom, why, and by which run."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.core.exceptions import EmptyResultSet
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from common.history import OWN_COLUMNS
from common.shown import Money, show
from common.sql import rows_of

MOST_ROWS = 1_000  # of each kind of record that are looked through, the latest
SHOWN_CHAPTERS = 50
NOBODY = "The system"
ADDED = "added"
EMPTY: tuple[Any, ...] = ("", None, False, [], {})
# By what a record is called, its history rows.
Histories = Mapping[str, QuerySet[Any]]
VERBS = {"+": ADDED, "~": "changed", "-": "removed"}
AMOUNTS = ("value", "amount", "unit_cost", "unit_price", "price")
ROW_COLUMNS = (
    "history_id",
    "history_type",
    "history_date",
    "history_user_id",
    "history_change_reason",
    "run_id",
)


@dataclass(frozen=True)
class FieldChange:
    """One field of a change, with its values as an export holds them; an empty one is ""."""

    name: str
    label: str
    old: Any
    new: Any

    @property
    def before(self) -> str | SafeString:
        """The old value as a person sees it."""
        return show(self.old)

    @property
    def after(self) -> str | SafeString:
        """The new value as a person sees it."""
        return show(self.new)


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """What one person or run changed on a record at one moment."""

    verb: str
    subject: str
    person: str
    reason: str
    run_id: int | None
    at: datetime
    changes: Sequence[FieldChange]

    @property
    def is_beginning(self) -> bool:
        """Whether it tells how the record was entered, which is all its fields at once."""
        return self.verb == ADDED


class Row(NamedTuple):
    """A history row. Its values are by column, as JSON has them; amounts are exact."""

    subject: str
    model: type[Model]
    history_id: int
    kind: str
    at: datetime
    user_id: int | None
    reason: str | None
    run_id: int | None
    record_id: int
    values: dict[str, Any]


class Teller:
    """
    Tells rows as chapters.

    :param untold: fields that go without saying: those by which parts name the record, and codes
        that the page puts into words elsewhere
    :param known: records that have been read already, whose names are not read again
    :param named_with: by model, the related records that names are made of, to be read with them
    """

    def __init__(
        self,
        *,
        untold: Collection[str] = (),
        known: Iterable[Model | None] = (),
        named_with: Mapping[type[Model], Sequence[str]] | None = None,
    ) -> None:
        # Who is signed in may be a proxy of the record: its class tells what it is.
        self._known: dict[Any, str] = {
            (record.__class__, record.pk): str(record) for record in known if record
        }
        self._untold = {*OWN_COLUMNS, "id", "company", "history_user", *untold}
        self._named_with = named_with or {}

    def chapters(self, pairs: Sequence[tuple[Row, Row | None]]) -> list[Chapter]:
        """
        Rows as chapters. The number of queries does not grow with them.

        :param pairs: each row with the one before it of the same record, if there is one
        """
        self._learn_names(pairs)
        people = self._people_of(pairs)
        return [
            Chapter(
                verb=VERBS[row.kind],
                subject=row.subject,
                person=people.get(row.user_id, NOBODY),
                reason=row.reason or "",
                run_id=row.run_id,
                at=row.at,
                changes=self._changes(before, row),
            )
            for row, before in pairs
        ]

    def _people_of(self, pairs: Sequence[tuple[Row, Row | None]]) -> dict[int | None, str]:
        user = get_user_model()
        ids = {row.user_id for row, _ in pairs if row.user_id}
        known = {id: self._known[user, id] for id in ids if (user, id) in self._known}
        unknown = ids - known.keys()
        read = user._default_manager.in_bulk(unknown) if unknown else {}
        return known | {id: str(person) for id, person in read.items()}

    def said(self, row: Row, name: str) -> str:
        """The value of a field of a row that was told, in words."""
        field: Any = row.model._meta.get_field(name)
        return str(_said(field, row.values.get(str(field.column)), self._known, row))

    def told_fields(self, model: type[Model]) -> "list[Field[Any, Any]]":
        """The fields of a model whose changes are told."""
        fields = model._meta.concrete_fields
        return [field for field in fields if field.name not in self._untold]

    def _changes(self, before: Row | None, row: Row) -> list[FieldChange]:
        # The row of a removal holds what the record was until then.
        before, after = (row, None) if row.kind == "-" else (before, row)
        changes = []
        for field in self.told_fields(row.model):
            old = before.values.get(str(field.column)) if before is not None else None
            new = after.values.get(str(field.column)) if after is not None else None
            # Of what is entered or removed as a whole, what was empty goes without saying.
            is_empty = (old if after is None else new) in EMPTY
            if old != new and not (is_empty and (before is None or after is None)):
                changes.append(
                    FieldChange(
                        name=field.name,
                        label=_label(field),
                        old=_said(field, old, self._known, before),
                        new=_said(field, new, self._known, after),
                    )
                )
        return changes

    def _learn_names(self, pairs: Sequence[tuple[Row, Row | None]]) -> None:
        """Read the names of all records that the rows refer to, once for each model."""
        wanted: dict[type[Model], set[Any]] = defaultdict(set)
        for pair in pairs:
            for row in filter(None, pair):
                for field in self.told_fields(row.model):
                    if isinstance(field, ForeignKey):
                        key = row.values.get(str(field.column))
                        if key is not None and (field.related_model, key) not in self._known:
                            wanted[field.related_model].add(key)
        for model, keys in wanted.items():
            for key, record in self._records(model).in_bulk(keys).items():
                self._known[model, key] = str(record)

    def _records(self, model: type[Model]) -> QuerySet[Any]:
        related = self._named_with.get(model)
        records = model._default_manager.all()
        return records.select_related(*related) if related else records


class StoryQuery:
    """
    The story of some records, told from their history rows.

    :param histories: by what the record is called ("the contract", "a term"), its history rows
    :param untold: fields that go without saying, see ``Teller``
    :param field: only chapters that change this field; empty for all
    :param known: records that have been read already, whose names are not read again
    """

    def __init__(
        self,
        histories: Histories,
        *,
        untold: Collection[str] = (),
        field: str = "",
        known: Iterable[Model | None] = (),
    ) -> None:
        self._histories = histories
        self._teller = Teller(untold=untold, known=known)
        self._field = field

    def latest(self, limit: int) -> list[Chapter]:
        """The last changes, the newest first. The number of queries does not grow with them."""
        chapters = self._teller.chapters(self._pairs())
        shown = (c for c in chapters if not self._field or self._touches(c))
        return list(islice(shown, limit))

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The names and labels of the fields whose changes can be asked for."""
        models = [each.model for each in self._histories.values()]
        return labels_of(field for model in models for field in self._teller.told_fields(model))

    def _touches(self, chapter: Chapter) -> bool:
        return any(change.name == self._field for change in chapter.changes)

    def _pairs(self) -> list[tuple[Row, Row | None]]:
        """Each history row with the one before it of the same record, or None."""
        by_record: dict[Any, list[Row]] = defaultdict(list)
        for row in read_histories(self._histories):
            by_record[row.subject, row.record_id].append(row)
        pairs = [
            (row, before)
            for story in by_record.values()
            for row, before in zip(story, [*story[1:], None], strict=True)
            # The oldest row that was read may have one before it that was not.
            if before is not None or row.kind == "+"
        ]
        return sorted(pairs, key=lambda pair: (pair[0].at, pair[0].history_id), reverse=True)


def read_histories(histories: Histories) -> list[Row]:
    """The latest rows of each history, the newest first: one query for all."""
    statements: list[str] = []
    parameters: list[Any] = []
    for subject, rows in histories.items():
        latest = rows.order_by("-history_id").values("history_id")[:MOST_ROWS]
        try:
            keys, of_keys = latest.query.sql_with_params()
        except EmptyResultSet:  # it is asked of no record
            continue
        # Names of tables and columns of a model, and nothing that anybody entered.
        statements.append(
            f"SELECT %s, {', '.join(ROW_COLUMNS)}, id, to_jsonb(h)::text"  # noqa: S608
            f' FROM "{rows.model._meta.db_table}" h WHERE history_id IN ({keys})'
        )
        parameters += [subject, *of_keys]
    if not statements:
        return []
    found = [
        Row._make(
            [subject, histories[subject].model, *columns, json.loads(values, parse_float=Decimal)]
        )
        for subject, *columns, values in rows_of(" UNION ALL ".join(statements), parameters)
    ]
    return sorted(found, key=lambda row: row.history_id, reverse=True)


@dataclass(frozen=True, kw_only=True)
class ShownStory:
    """A story on a page: what is told, and by which field it is narrowed."""

    chapters: Sequence[Chapter]
    fields: Sequence[tuple[str, str]]
    field: str


def shown_story(
    request: HttpRequest,
    histories: Histories,
    *,
    untold: Collection[str] = (),
    known: Iterable[Model | None] = (),
) -> ShownStory:
    """The story of the page of a record, narrowed to the field that its address names."""
    field = request.GET.get("changed", "")
    query = StoryQuery(histories, untold=untold, field=field, known=known)
    return ShownStory(chapters=query.latest(SHOWN_CHAPTERS), fields=query.fields, field=field)


def labels_of(fields: "Iterable[Field[Any, Any]]") -> list[tuple[str, str]]:
    """The names and labels of fields, each name once, in the order of the labels."""
    labels: dict[str, str] = {}
    for field in fields:
        labels.setdefault(field.name, _label(field))
    return sorted(labels.items(), key=itemgetter(1))


def _label(field: Any) -> str:
    label = str(field.verbose_name)
    return label[:1].upper() + label[1:]


def _said(field: Any, value: Any, names: dict[Any, str], row: Row | None) -> Any:
    """A value as an export holds it; "" where there is none."""
    if value in ("", None) or row is None:
        return ""
    if isinstance(field, ForeignKey):
        return names.get((field.related_model, value), "something no longer there")
    value = field.to_python(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field.name in AMOUNTS:
        return Money(value, row.values.get("currency") or "")
    return ", ".join(map(str, value)) if isinstance(value, list) else value
