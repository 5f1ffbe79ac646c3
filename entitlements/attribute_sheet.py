"""
Metric attributes of software models from a sheet: all of it, or nothing and why.

The sheet is CSV with the headings of ``HEADINGS``, in any order. It is small (``MOST_BYTES``), and
is read and written within one request.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError
from django.db.models import QuerySet
from django.db.models.functions import Lower

from accounts.models import User
from common.acting import acting
from common.csv_text import BYTE_ORDER_MARKS, find_separator
from common.limited import Refused
from common.spreadsheets import read_back
from contracts.models import SoftwareModel
from entitlements.models import MetricAttribute, ModelAttribute
from entitlements.shipped import UNLIMITED

MOST_BYTES = 1_000_000
MOST_VALUE = 2_147_483_647
NEEDED = ("Software model", "Metric group", "License metric", "Attribute", "Value")
HEADINGS = ("Publisher", *NEEDED, "Source", "As of")


class SheetRefused(Exception):
    """A sheet of which nothing was written; ``problems`` says in sentences why, with the lines."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


class _Wrong(Exception):
    """What is wrong with one line, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class SheetLine:
    """A line of the sheet: where it stands, and its cells by heading, without blanks around."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class SheetValue:
    """What a line says: the value of an attribute for a software model; None is unlimited."""

    line: int
    model: SoftwareModel
    attribute: MetricAttribute
    value: int | None
    source: str
    as_of: date | None


@dataclass(frozen=True, kw_only=True)
class Saved:
    """How many values a sheet added and changed; the others stood so already."""

    added: int
    changed: int
    same: int


def save_sheet(content: bytes, *, by: User) -> Saved:
    """
    Write the values of a sheet, in one transaction.

    What stands already is changed by a superuser alone, as everywhere in the catalogue.

    :raises SheetRefused: with every line that is wrong, and then nothing is written
    """
    lines = read_lines(content)
    with acting(by, "Imported from a sheet of metric attributes"):
        planned = _planned(lines)
        return _write(planned, may_change=by.is_superuser)


# --- Reading ---


def read_lines(content: bytes) -> list[SheetLine]:
    """
    The lines of a CSV file.

    :raises SheetRefused: where it is too long, no text, or lacks a heading
    """
    if len(content) > MOST_BYTES:
        raise SheetRefused([f"The file has {len(content):,} bytes; {MOST_BYTES:,} are the most."])
    text = _text_of(content)
    try:
        separator = find_separator(io.StringIO(text))
        rows = list(csv.reader(io.StringIO(text), delimiter=separator, strict=True))
    except (csv.Error, Refused) as wrong:
        raise SheetRefused([f"The file cannot be read as CSV: {wrong}."]) from wrong
    return _lines_of(rows)


def _text_of(content: bytes) -> str:
    marks = (encoding for mark, encoding in BYTE_ORDER_MARKS if content.startswith(mark))
    try:
        text = content.decode(next(marks, "utf-8"))
    except UnicodeDecodeError as wrong:
        raise SheetRefused(["The file is not text in UTF-8. Save it as CSV (UTF-8)."]) from wrong
    if "\x00" in text:
        raise SheetRefused(["The file is no text. Save the sheet as CSV (UTF-8)."])
    return text


def _lines_of(rows: list[list[str]]) -> list[SheetLine]:
    headings = [cell.strip().casefold() for cell in rows[0]] if rows else []
    places = {
        name: headings.index(name.casefold()) for name in HEADINGS if name.casefold() in headings
    }
    missing = [name for name in NEEDED if name not in places]
    if missing:
        raise SheetRefused([f"The first row lacks the heading “{name}”." for name in missing])
    return [
        SheetLine(number=number, cells={n: _cell(row, at) for n, at in places.items()})
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]


def _cell(row: list[str], at: int) -> str:
    return read_back(row[at].strip()) if at < len(row) else ""


# --- Understanding ---


def _planned(lines: Sequence[SheetLine]) -> list[SheetValue]:
    attributes = _attributes()
    models = _models(lines)
    planned: list[SheetValue] = []
    problems: list[str] = []
    told: dict[tuple[int, int], int] = {}
    for line in lines:
        try:
            value = _value_of(line, attributes, models)
            first = told.setdefault((value.model.pk, value.attribute.pk), line.number)
            if first != line.number:
                raise _Wrong(f"says once more what line {first} says")
            planned.append(value)
        except _Wrong as wrong:
            problems.append(f"Line {line.number} {wrong}.")
    if problems:
        raise SheetRefused(problems)
    if not planned:
        raise SheetRefused(["The sheet has no line beneath its headings."])
    return planned


Attributes = dict[tuple[str, str, str], MetricAttribute]
Models = dict[str, list[SoftwareModel]]


def _attributes() -> Attributes:
    """All attributes by group, metric, and both key and name; without case."""
    found: Attributes = {}
    for each in MetricAttribute.objects.select_related("metric__group"):
        of_metric = each.metric.group.name.casefold(), each.metric.name.casefold()
        found[(*of_metric, each.name.casefold())] = each
        found[(*of_metric, each.key.casefold())] = each
    return found


def _models(lines: Sequence[SheetLine]) -> Models:
    """The software models that the lines name, by name without case."""
    wanted = {line.cells["Software model"].lower() for line in lines}
    named = SoftwareModel.objects.alias(lower_name=Lower("name")).filter(lower_name__in=wanted)
    found: Models = defaultdict(list)
    for model in named.select_related("product__vendor"):
        found[model.name.casefold()].append(model)
    return found


def _value_of(line: SheetLine, attributes: Attributes, models: Models) -> SheetValue:
    cells = line.cells
    return SheetValue(
        line=line.number,
        model=_model_of(cells, models),
        attribute=_attribute_of(cells, attributes),
        value=_number_of(cells["Value"]),
        source=cells.get("Source", ""),
        as_of=_day_of(cells.get("As of", "")),
    )


def _model_of(cells: dict[str, str], models: Models) -> SoftwareModel:
    name, publisher = cells["Software model"], cells.get("Publisher", "")
    named = models.get(name.casefold(), [])
    if publisher:
        named = [m for m in named if m.product.vendor.name.casefold() == publisher.casefold()]
    if not named:
        raise _Wrong(
            f"names the software model “{f'{publisher} {name}'.strip()}”, which is not known"
        )
    if len(named) > 1:
        vendors = ", ".join(sorted(str(model.product.vendor) for model in named))
        raise _Wrong(f"names “{name}”, of which there are several ({vendors}): name the publisher")
    return named[0]


def _attribute_of(cells: dict[str, str], attributes: Attributes) -> MetricAttribute:
    group, metric, attribute = (cells[n] for n in ("Metric group", "License metric", "Attribute"))
    found = attributes.get((group.casefold(), metric.casefold(), attribute.casefold()))
    if found is None:
        raise _Wrong(f"names “{attribute}”, which the metric “{metric}” of “{group}” does not have")
    return found


def _number_of(text: str) -> int | None:
    if text.casefold() == UNLIMITED:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= MOST_VALUE):
        raise _Wrong(f"has the value “{text}”: write a whole number, or “{UNLIMITED}”")
    return int(text)


def _day_of(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Wrong(f"has the day “{text}”: write a day as 2026-12-31") from None


# --- Writing ---


def _write(planned: Sequence[SheetValue], *, may_change: bool) -> Saved:
    standing = {(each.model_id, each.attribute_id): each for each in _standing()}
    added: list[ModelAttribute] = []
    changed: list[ModelAttribute] = []
    for value in planned:
        stands = standing.get((value.model.pk, value.attribute.pk))
        if stands is None:
            added.append(_told(ModelAttribute(model=value.model, attribute=value.attribute), value))
        elif (stands.value, stands.source, stands.as_of) != _said(value):
            if not may_change:
                raise SheetRefused([_only_a_superuser_changes(stands, value)])
            changed.append(_told(stands, value))
    try:
        ModelAttribute.objects.bulk_create(added)
    except IntegrityError as meanwhile:
        raise SheetRefused(
            ["Somebody added some of these values just now. Try again."]
        ) from meanwhile
    ModelAttribute.objects.bulk_update(changed, ["value", "source", "as_of"])
    same = len(planned) - len(added) - len(changed)
    return Saved(added=len(added), changed=len(changed), same=same)


def _standing() -> QuerySet[ModelAttribute]:
    # Locked in the order of their keys, so that two sheets queue up.
    return ModelAttribute.objects.select_for_update().order_by("pk")


def _said(value: SheetValue) -> tuple[int | None, str, date | None]:
    return value.value, value.source, value.as_of


def _told(record: ModelAttribute, value: SheetValue) -> ModelAttribute:
    record.value, record.source, record.as_of = _said(value)
    return record


def _only_a_superuser_changes(stands: ModelAttribute, value: SheetValue) -> str:
    standing = UNLIMITED if stands.value is None else str(stands.value)
    return (
        f"Line {value.line} changes “{value.attribute.name}” of {value.model}, which is {standing}."
        " Only a superuser changes what stands."
    )
