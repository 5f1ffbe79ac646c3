"""What the pages of an import show: rows with their outcomes, figures, columns by their headers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from common.tags import write_tags
from entitlements.models import Import, ImportProblem, ImportRow, Outcome
from entitlements.workbook.columns import Holds, SheetKind, columns_by_name
from entitlements.workbook.headers import SheetMapping, headers_to_map
from entitlements.workbook.rows import Record, name_in_sheet

ROWS_A_PAGE = 50

RECORD_LABELS = {
    Record.CONTRACT: "Contracts",
    Record.LICENSE: "Licenses",
    Record.MAINTENANCE: "Maintenance",
    Record.RETURN: "Returns",
    Record.MODEL: "Software models",
    Record.PART: "Part numbers",
    Record.COMPONENT: "Suite components",
}


@dataclass(frozen=True)
class ShownProblem:
    """What is wrong with one cell: its header, what stands in it, and why that will not do."""

    header: str
    value: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ShownRow:
    """A record of a file, as the preview shows it."""

    sheet: str
    row: int
    record: str
    name: str
    details: str
    outcome: str
    changes: Sequence[tuple[str, str, str]]
    problems: Sequence[ShownProblem]


class Preview:
    """The rows of an import with one outcome, narrowed and paged."""

    def __init__(
        self,
        source: Import,
        *,
        outcome: Outcome,
        record: str = "",
        search: str = "",
        page: str = "",
    ) -> None:
        self._source = source
        self._mappings = [SheetMapping.from_json(stored) for stored in source.mappings]
        self.outcome = outcome
        self.record = record if record in RECORD_LABELS else ""
        self.search = search
        self.page: Page = self._paginator().get_page(page)

    def _paginator(self) -> Paginator:
        rows = self._rows()
        paginator = Paginator(rows, ROWS_A_PAGE)
        if not self.search:
            # The count is known: it stands in the figures.
            counts = self._source.figures.get("rows", {})
            kinds = [self.record] if self.record else list(counts)
            paginator.count = sum(counts.get(kind, {}).get(self.outcome, 0) for kind in kinds)
        return paginator

    def _rows(self) -> "QuerySet[ImportRow]":
        rows = ImportRow.objects.filter(source=self._source, outcome=self.outcome)
        if self.record:
            rows = rows.filter(record=self.record)
        if self.search:
            rows = rows.alias(text=Cast("raw", TextField())).filter(text__icontains=self.search)
        return rows.order_by("sheet", "row", "pk")

    @property
    def are_forgotten(self) -> bool:
        """Whether the rows are gone, though the figures tell that there were some."""
        return not ImportRow.objects.filter(source=self._source).exists()

    @property
    def rows(self) -> list[ShownRow]:
        rows = list(self.page.object_list)
        problems = self._problems_of(rows)
        return [self._shown(row, problems[row.sheet, row.row]) for row in rows]

    def _problems_of(
        self, rows: Sequence[ImportRow]
    ) -> Mapping[tuple[int, int], list[ImportProblem]]:
        by_place: dict[tuple[int, int], list[ImportProblem]] = defaultdict(list)
        if self.outcome == Outcome.REFUSED:
            for problem in ImportProblem.objects.filter(
                source=self._source, row__in={row.row for row in rows}
            ):
                by_place[problem.sheet, problem.row].append(problem)
        return by_place

    def _shown(self, row: ImportRow, problems: Sequence[ImportProblem]) -> ShownRow:
        mapping = self._mappings[row.sheet]
        name, details = named(Record(row.record), row.values)
        return ShownRow(
            sheet=mapping.sheet,
            row=row.row,
            record=row.record,
            name=name,
            details=details,
            outcome=row.outcome,
            changes=[
                (header, said(before), said(after))
                for header, (before, after) in row.changes.items()
            ],
            problems=[self._problem(mapping, row, problem) for problem in problems],
        )

    def _problem(
        self, mapping: SheetMapping, row: ImportRow, problem: ImportProblem
    ) -> ShownProblem:
        assert mapping.kind is not None
        name = name_in_sheet(mapping.kind, Record(row.record), problem.name)
        place = next((place for place, column in mapping.placed if column.name == name), None)
        column = columns_by_name(mapping.kind).get(name)
        if place is None:
            return ShownProblem(column.header if column else "", "", problem.reason)
        cell = row.raw[place] if place < len(row.raw) else None
        return ShownProblem(mapping.headers[place], said(cell), problem.reason)


def said(value: Any) -> str:
    """A kept value in words; nothing for nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case {"day": day}:
            return str(day)
        case list():
            return write_tags(value)
        case float() if value.is_integer():
            return f"{value:.0f}"
    return str(value)


def named(record: Record, values: Mapping[str, Any]) -> tuple[str, str]:
    """How a staged record is called, and what else tells it from others."""
    if record is Record.CONTRACT:
        return (
            " · ".join(str(values[key]) for key in ("number", "name") if values.get(key)),
            _period(values),
        )
    if record is Record.COMPONENT:
        held = ("component", "component_version", "component_edition")
        return (
            " ".join(str(values[key]) for key in held if values.get(key)),
            " · ".join(str(values[key]) for key in ("publisher", "part") if values.get(key)),
        )
    model = " ".join(
        str(values[key])
        for key in ("product", "version", "edition", "platform", "language")
        if values.get(key)
    ) or str(values.get("software_model") or values.get("part") or "")
    said_besides = [
        values.get("part") if record is Record.PART else None,
        values.get("publisher"),
        values.get("definition"),
        values.get("asset_tag"),
        values.get("serial_number"),
        _license_number(values),
        _rights(record, values),
        _period(values),
    ]
    return model, " · ".join(str(part) for part in said_besides if part)


def _license_number(values: Mapping[str, Any]) -> str | None:
    number = values.get("license_number")
    return None if number is None else f"license number {number}"


def _rights(record: Record, values: Mapping[str, Any]) -> str:
    rights = values.get("purchased_rights")
    if rights is None:
        return "unlimited" if values.get("is_unlimited") else ""
    noun = "right" if record is Record.LICENSE else "unit"
    returned = " returned" if record is Record.RETURN else ""
    return f"{rights:,} {noun}{'' if rights == 1 else 's'}{returned}"


def _period(values: Mapping[str, Any]) -> str:
    start, end = values.get("starts_on"), values.get("ends_on")
    if not start:
        return ""
    return f"{start} to {end}" if end else f"from {start}"


@dataclass(frozen=True)
class Figure:
    """How many records have an outcome."""

    outcome: str
    label: str
    number: int


def figures(source: Import) -> list[Figure]:
    """The records of an import by outcome, over all sheets."""
    counts = source.figures.get("rows", {})
    return [
        Figure(outcome.value, outcome.label, sum(c.get(outcome, 0) for c in counts.values()))
        for outcome in Outcome
        if outcome != Outcome.REPEATED or any(c.get(outcome) for c in counts.values())
    ]


def kinds(source: Import) -> list[tuple[str, str]]:
    """The kinds of record an import tells of."""
    found = source.figures.get("rows", {})
    return [(record.value, label) for record, label in RECORD_LABELS.items() if record in found]


@dataclass(frozen=True)
class ShownColumn:
    """A column of a sheet, for a person to say what it holds."""

    key: str
    header: str
    sample: str
    name: str


def columns_to_map(mapping: SheetMapping, sample: Sequence[Sequence[str]]) -> list[ShownColumn]:
    """The columns of a sheet with their first values."""
    return [
        ShownColumn(
            key=key,
            header=mapping.headers[place],
            sample=", ".join(row[place] for row in sample if place < len(row) and row[place]),
            name=mapping.columns.get(key, ""),
        )
        for place, key in headers_to_map(mapping.headers)
    ]


def choosable(kind: SheetKind | None) -> list[tuple[str, str]]:
    """What a column of a kind of sheet may be read as."""
    if kind is None:
        return []
    return [
        (name, column.header)
        for name, column in columns_by_name(kind).items()
        if column.holds is not Holds.MARK
    ]
