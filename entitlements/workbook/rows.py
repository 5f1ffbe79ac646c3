"""
Reading whole rows: pure, from the cells of a row to the records it tells of.

Whatever is wrong with a row is gathered, so that a person mends it once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from common.tags import LONGEST_TAG, MOST_TAGS, TagsRefused, read_tags
from entitlements.workbook.cells import (
    Amount,
    Broken,
    CannotRead,
    Cell,
    as_text,
    is_empty,
    read_amount,
    read_choice,
    read_count,
    read_currency,
    read_day,
    read_text,
    read_yes_no,
    shortened,
)
from entitlements.workbook.choices import Choices
from entitlements.workbook.columns import (
    DURATIONS,
    LICENSE_TYPES,
    NAMED_IN_ONE,
    Column,
    Holds,
    SheetKind,
    columns_by_name,
)
from entitlements.workbook.headers import SheetMapping
from entitlements.workbook.marks import read_mark
from entitlements.workbook.model_names import taken_apart


class Record(StrEnum):
    """What one row tells of."""

    CONTRACT = "contract"
    LICENSE = "license"
    MAINTENANCE = "maintenance"
    RETURN = "return"
    MODEL = "model"
    PART = "part"
    COMPONENT = "component"


RECORD_OF_KIND = {
    SheetKind.CONTRACTS: Record.CONTRACT,
    SheetKind.LICENSES: Record.LICENSE,
    SheetKind.MAINTENANCE: Record.MAINTENANCE,
    SheetKind.MODELS: Record.MODEL,
    SheetKind.PARTS: Record.PART,
    SheetKind.COMPONENTS: Record.COMPONENT,
}


@dataclass(frozen=True)
class StagedRecord:
    """
    One record a row tells of; its values by column name, those that are given.

    :param units: how many licenses of one right it stands for; None: it is one record as it is
    """

    record: Record
    values: dict[str, Any]
    units: int | None = None

    def each(self) -> Iterator[dict[str, Any]]:
        """The values of every record that it stands for, each with its license number."""
        if self.units is None:
            yield self.values
            return
        first = self.values.get("license_number") or 0
        for number in range(first, first + self.units):
            yield self.values | {"purchased_rights": 1, "license_number": number}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one cell: the column's name, and the reason as a sentence."""

    name: str
    reason: str


@dataclass
class ReadRow:
    """A row as it was read: its cells, what it tells, and what is wrong with it."""

    raw: list[Any]
    records: list[StagedRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class RowReader:
    """Reads the rows of one sheet."""

    def __init__(self, mapping: SheetMapping, choices: Choices) -> None:
        if mapping.kind is None:
            raise ValueError(f"Sheet {mapping.sheet} is not to be read")
        self._kind = mapping.kind
        self._placed = mapping.placed
        self._width = len(mapping.headers)
        self._secret = frozenset(mapping.secret_places)
        self._choices = choices
        self._explanations = {
            place: columns_by_name(self._kind)[column.name].explanation
            for place, column in mapping.placed
        }
        self._subscription_by_end = "product" in mapping.one_record_for

    def read(self, cells: Sequence[Cell]) -> ReadRow | None:
        """The row, or None where it is empty or explains the columns."""
        if all(is_empty(cell) for cell in cells) or self._explains(cells):
            return None
        row = ReadRow(self._raw(cells))
        row.problems += _beyond_headers(cells[self._width :])
        values = self._values(cells, row.problems)
        self._fill_in(values)
        row.records = _records(self._kind, values)
        if self._choices.one_record_a_unit and self._kind is SheetKind.LICENSES:
            row.records[0] = _by_unit(row.records[0], row.problems)
        return row

    def _explains(self, cells: Sequence[Cell]) -> bool:
        """Whether the row is the one under the header of our template."""
        filled = [place for place, _ in self._placed if place < len(cells) and cells[place]]
        explained = [place for place in filled if cells[place] == self._explanations[place]]
        return len(explained) * 2 > len(filled)

    def _raw(self, cells: Sequence[Cell]) -> list[Any]:
        return [None if i in self._secret else _kept(cell) for i, cell in enumerate(cells)]

    def _values(self, cells: Sequence[Cell], problems: list[Problem]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        currencies: dict[str, str] = {}
        for place, column in self._placed:
            cell = cells[place] if place < len(cells) else None
            if is_empty(cell):
                if self._choices.empty_clears:
                    values[column.name] = None
                continue
            try:
                if isinstance(cell, Broken):
                    raise CannotRead(cell.why)
                value = READERS[column.holds](cell, column, self._choices)
            except CannotRead as refusal:
                problems.append(Problem(column.name, _as_sentence(str(refusal))))
                continue
            if isinstance(value, Amount):
                if value.currency:
                    currencies[column.name] = value.currency
                value = value.number
            values[column.name] = value
        self._settle_currencies(values, currencies, problems)
        return values

    def _settle_currencies(
        self, values: dict[str, Any], named: Mapping[str, str], problems: list[Problem]
    ) -> None:
        """Brings together the currency an amount names itself, its column's, and the chosen one."""
        columns = columns_by_name(self._kind)
        for name in [name for name in values if columns[name].holds is Holds.AMOUNT]:
            column = columns[name].currency
            said = named.get(name, "")
            told = said or self._choices.currency
            if said and values.get(column) and values[column] != said:
                problems.append(
                    Problem(name, f"Is in {said}, but the currency of the row is {values[column]}.")
                )
            elif told and values[name] is not None and not values.get(column):
                values[column] = told

    def _fill_in(self, values: dict[str, Any]) -> None:
        """What the row does not say and a choice or the kind of sheet does."""
        either = values.pop("type_or_duration", None)
        if either in LICENSE_TYPES:
            values["license_type"] = either
        elif either in DURATIONS:
            values["duration"] = either
        chosen = self._choices
        if self._kind in (SheetKind.LICENSES, SheetKind.MAINTENANCE) and chosen.purchased_on:
            values["purchased_on"] = values.get("purchased_on") or chosen.purchased_on
        if self._kind is SheetKind.MAINTENANCE and chosen.definition:
            values["definition"] = values.get("definition") or chosen.definition
        if values.get("maintenance_rights") and chosen.definition:
            values["maintenance_definition"] = (
                values.get("maintenance_definition") or chosen.definition
            )
        if values.get("software_model") and not values.get("product"):
            parts = taken_apart(values["software_model"], chosen.model_names)
            values |= {f"named_{part}": text for part, text in parts.items()}
        if self._subscription_by_end and values.get("ends_on") and not values.get("duration"):
            values["duration"] = "subscription"
            values["starts_on"] = values.get("starts_on") or values.get("purchased_on")


def _beyond_headers(cells: Sequence[Cell]) -> list[Problem]:
    """A row longer than its headers was torn apart, so that its values stand under wrong ones."""
    told = [as_text(cell) for cell in cells if not is_empty(cell)]
    if not told:
        return []
    reason = (
        f"Has “{shortened(told[0])}” beyond the last header: a separator within a value tears it"
        " apart. Put such values in quotation marks."
    )
    return [Problem("", reason)]


def _kept(cell: Cell) -> Any:
    """
    A cell as it is kept in JSON, and written back with its type where its row is refused.

    A text that the database cannot hold is kept as near as it can be; its cell is refused anyway.
    """
    if isinstance(cell, date | time):
        return {"day": as_text(cell)}
    if isinstance(cell, Broken):
        return None
    if isinstance(cell, str):
        text = cell.replace("\x00", "\ufffd")
        return text if text.isascii() else text.encode("utf-8", "replace").decode()
    return cell


def _as_sentence(reason: str) -> str:
    text = reason[0].upper() + reason[1:]
    return text if text.endswith((".", "?")) else f"{text}."


def _day(cell: Cell, column: Column, choices: Choices) -> date:
    return read_day(cell, choices.conventions)


def _amount(cell: Cell, column: Column, choices: Choices) -> Amount:
    return read_amount(cell, choices.conventions, decimals=column.decimals)


def _tags(cell: Cell, column: Column, choices: Choices) -> list[str]:
    try:
        return read_tags(read_text(cell, longest=MOST_TAGS * (LONGEST_TAG + 2)))
    except TagsRefused as refusal:
        raise CannotRead(str(refusal)) from None


READERS: dict[Holds, Callable[[Cell, Column, Choices], Any]] = {
    Holds.TEXT: lambda cell, column, choices: read_text(cell, longest=column.longest),
    Holds.DAY: _day,
    Holds.COUNT: lambda cell, column, choices: read_count(cell, choices.conventions),
    Holds.AMOUNT: _amount,
    Holds.CURRENCY: lambda cell, column, choices: read_currency(cell),
    Holds.YES_NO: lambda cell, column, choices: read_yes_no(cell),
    Holds.CHOICE: lambda cell, column, choices: read_choice(cell, column.options),
    Holds.TAGS: _tags,
    Holds.MARK: lambda cell, column, choices: read_mark(cell),
}


def _records(kind: SheetKind, values: dict[str, Any]) -> list[StagedRecord]:
    if kind is SheetKind.MAINTENANCE and _is_return(values):
        return [StagedRecord(Record.RETURN, _return_of(values))]
    if kind is not SheetKind.LICENSES:
        return [StagedRecord(RECORD_OF_KIND[kind], values)]
    own = {name: value for name, value in values.items() if not name.startswith(WITH_IT)}
    records = [StagedRecord(Record.LICENSE, own)]
    if values.get(f"{WITH_IT}rights"):
        records.append(StagedRecord(Record.MAINTENANCE, _maintenance_with(values)))
    return records


MOST_UNITS = 10_000  # of a row


def _by_unit(license: StagedRecord, problems: list[Problem]) -> StagedRecord:
    """The license as one record a unit; as it is where that is not told, which planning refuses."""
    values = license.values
    rights, packs, each = (
        values.get(name) for name in ("purchased_rights", "packs", "rights_per_pack")
    )
    if packs is not None and each is None:
        reason = "One license a unit needs the number of rights in a pack: fill Rights per pack."
        problems.append(Problem("packs", reason))
        return license
    of_packs = packs * each if packs is not None and each is not None else rights
    rights = of_packs if rights is None else rights
    if rights is None or rights < 1 or rights != of_packs:
        return license
    if rights > 1 and values.get("asset_tag"):
        reason = (
            f"{shortened(values['asset_tag'])} is the number of one license, and this row makes"
            f" {rights:,}: leave it empty."
        )
        problems.append(Problem("asset_tag", reason))
        return license
    if rights > MOST_UNITS:
        reason = (
            f"Would make {rights:,} licenses of one right; a row makes {MOST_UNITS:,} at most."
            " Split the row, or import it as one license."
        )
        problems.append(Problem("purchased_rights", reason))
        return license
    single = {k: v for k, v in values.items() if k not in ("packs", "rights_per_pack")}
    return StagedRecord(license.record, single, units=rights)


def _is_return(values: Mapping[str, Any]) -> bool:
    """Signified by a count or a price below 0."""
    return (values.get("purchased_rights") or 0) < 0 or (values.get("unit_cost") or 0) < 0


RETURN_NAMES = (
    "company", "definition", "publisher", "product", "version", "edition", "platform", "language",
    "software_model", "part", "purchased_on", "purchased_rights", "unit_cost", "currency", "notes",
    "refused_as", *NAMED_IN_ONE,
)  # fmt: skip


def _return_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """A return's values: the key, the day, and the absolute amounts."""
    taken = {name: values[name] for name in RETURN_NAMES if name in values}
    for name in ("purchased_rights", "unit_cost"):
        if isinstance(taken.get(name), int | Decimal):
            taken[name] = abs(taken[name])
    return taken


WITH_IT = "maintenance_"
SHARED_WITH_MAINTENANCE = (
    "company", "publisher", "product", "version", "edition", "platform", "language",
    "software_model", "product_type", "purchased_on", "serial_number", "currency", "po_number",
    "contract",
    "department", "location", "cost_centre", "refused_as", *NAMED_IN_ONE,
)  # fmt: skip
# The maintenance's own values, by the names they have in the row of the license.
OWN_OF_MAINTENANCE = {
    "maintenance_rights": "purchased_rights",
    "maintenance_definition": "definition",
    "maintenance_unit_cost": "unit_cost",
    "maintenance_starts_on": "starts_on",
    "maintenance_ends_on": "ends_on",
    "maintenance_seller": "seller",
}


def _maintenance_with(values: Mapping[str, Any]) -> dict[str, Any]:
    shared = {name: values[name] for name in SHARED_WITH_MAINTENANCE if name in values}
    own = {new: values[name] for name, new in OWN_OF_MAINTENANCE.items() if name in values}
    return shared | own


def name_in_sheet(kind: SheetKind, record: Record, name: str) -> str:
    """The column of a sheet in which a record's value stands."""
    if kind is SheetKind.LICENSES and record is Record.MAINTENANCE:
        return {new: old for old, new in OWN_OF_MAINTENANCE.items()}.get(name, name)
    return name
