"""The history of a record as sentences: before → after, by whom, why, and by which run."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from common.history import OWN_COLUMNS
from common.shown import Money, show

MOST_ROWS = 1_000  # of each kind of record that are looked through, the latest
SHOWN_CHAPTERS = 50
NOBODY = "The system"
ADDED = "added"


@dataclass(frozen=True)
class FieldChange:
    """One field of a change. Values are ready to be shown; an empty one is empty."""

    name: str
    label: str
    before: str | SafeString
    after: str | SafeString


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


class StoryQuery:
    """
    The story of some records, told from their history rows.

    :param histories: by what the record is called ("the contract", "a term"), its history rows
    :param untold: fields that go without saying: those by which parts name the record, and codes
        that the page puts into words elsewhere
    :param field: only chapters that change this field; empty for all
    """

    def __init__(
        self,
        histories: dict[str, QuerySet[Any]],
        *,
        untold: Collection[str] = (),
        field: str = "",
    ) -> None:
        self._histories = histories
        self._untold = {*OWN_COLUMNS, "id", "company", "history_user", *untold}
        self._field = field

    def latest(self, limit: int) -> list[Chapter]:
        """The last changes, the newest first. The number of queries does not grow with them."""
        pairs = self._pairs()
        names = self._names_of(pairs)
        people = get_user_model()._default_manager.in_bulk(
            {row.history_user_id for _, row, _ in pairs if row.history_user_id}
        )
        chapters = [
            Chapter(
                verb=_verb(row),
                subject=subject,
                person=str(people.get(row.history_user_id, NOBODY)),
                reason=row.history_change_reason or "",
                run_id=row.run_id,
                at=row.history_date,
                changes=self._changes(before, row, names),
            )
            for subject, row, before in pairs
        ]
        told = (c for c in chapters if not self._field or self._touches(c))
        return list(islice(told, limit))

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The names and labels of the fields whose changes can be asked for."""
        labels: dict[str, str] = {}
        for rows in self._histories.values():
            for field in self._told_fields(rows.model):
                labels.setdefault(field.name, _label(field))
        return sorted(labels.items(), key=itemgetter(1))

    def _touches(self, chapter: Chapter) -> bool:
        return any(change.name == self._field for change in chapter.changes)

    def _pairs(self) -> list[tuple[str, Any, Any]]:
        """Each history row with the one before it of the same record, or None."""
        pairs: list[tuple[str, Any, Any]] = []
        for subject, rows in self._histories.items():
            by_record: dict[Any, list[Any]] = defaultdict(list)
            for row in rows.order_by("-history_id")[:MOST_ROWS]:
                by_record[row.id].append(row)
            for story in by_record.values():
                pairs += [
                    (subject, row, before)
                    for row, before in zip(story, [*story[1:], None], strict=True)
                    # The oldest row that was read may have one before it that was not.
                    if before is not None or row.history_type == "+"
                ]
        return sorted(pairs, key=lambda pair: (pair[1].history_date, pair[1].pk), reverse=True)

    def _changes(self, before: Any, after: Any, names: dict[Any, str]) -> list[FieldChange]:
        if after.history_type == "-":
            # The row of a removal holds what the record was until then.
            before, after = after, None
        changes = []
        for field in self._told_fields(before or after):
            old = getattr(before, field.attname) if before is not None else None
            new = getattr(after, field.attname) if after is not None else None
            # Of what is entered or removed as a whole, what was empty goes without saying.
            is_empty = (old if after is None else new) in ("", None, False)
            if old != new and not (is_empty and (before is None or after is None)):
                changes.append(
                    FieldChange(
                        name=field.name,
                        label=_label(field),
                        before=_said(field, old, names, before),
                        after=_said(field, new, names, after),
                    )
                )
        return changes

    def _told_fields(self, row: Any) -> "list[Field[Any, Any]]":
        fields = row._meta.concrete_fields
        return [field for field in fields if field.name not in self._untold]

    def _names_of(self, pairs: Sequence[tuple[str, Any, Any]]) -> dict[Any, str]:
        """The names of all records that the rows refer to, read once for each model."""
        wanted: dict[type[Model], set[Any]] = defaultdict(set)
        for _, row, _ in pairs:
            for field in self._told_fields(row):
                value = getattr(row, field.attname)
                if isinstance(field, ForeignKey) and value is not None:
                    wanted[field.related_model].add(value)
        return {
            (model, key): str(record)
            for model, keys in wanted.items()
            for key, record in model._default_manager.in_bulk(keys).items()
        }


@dataclass(frozen=True, kw_only=True)
class ShownStory:
    """A story on a page: what is told, and by which field it is narrowed."""

    chapters: Sequence[Chapter]
    fields: Sequence[tuple[str, str]]
    field: str


def shown_story(
    request: HttpRequest, histories: dict[str, QuerySet[Any]], *, untold: Collection[str] = ()
) -> ShownStory:
    """The story of the page of a record, narrowed to the field that its address names."""
    field = request.GET.get("changed", "")
    query = StoryQuery(histories, untold=untold, field=field)
    return ShownStory(chapters=query.latest(SHOWN_CHAPTERS), fields=query.fields, field=field)


def _verb(row: Any) -> str:
    return {"+": ADDED, "~": "changed", "-": "removed"}[row.history_type]


def _label(field: Any) -> str:
    label = str(field.verbose_name)
    return label[:1].upper() + label[1:]


def _said(field: Any, value: Any, names: dict[Any, str], row: Any) -> str | SafeString:
    if value is None or value == "":
        return ""
    if isinstance(field, ForeignKey):
        return names.get((field.related_model, value), "something no longer there")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field.name in ("value", "unit_cost", "unit_price", "price"):
        return show(Money(value, getattr(row, "currency", "")))
    return show(value)
