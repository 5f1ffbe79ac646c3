"""Workbooks for tests: written by hand, row by row, and imported through the real services."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from xlsxwriter import Workbook

from accounts.models import Company, User
from entitlements.models import Import, ImportProblem, ImportRow, Outcome
from entitlements.workbook import jobs, services
from entitlements.workbook.choices import Choices

Row = Mapping[str, Any]

# A row each that says what has to be said, to be varied by tests.
CONTRACT: Row = {
    "Contract number": "C-1",
    "Contract name": "Acme enterprise agreement",
    "Contract type": "License Agreement",
    "Vendor": "Acme",
    "Term start": date(2026, 1, 1),
    "Term end": date(2026, 12, 31),
}
LICENSE: Row = {
    "Publisher": "Acme",
    "Product": "DrawIt",
    "Version": "5",
    "Purchased on": date(2026, 1, 5),
    "License metric": "Per Device",
    "Purchased rights": 30,
    "Unit cost": 40,
    "Currency": "EUR",
}
MAINTENANCE: Row = {
    "Entitlement definition": "Software Assurance",
    "Publisher": "Acme",
    "Product": "DrawIt",
    "Version": "5",
    "Start": date(2026, 1, 5),
    "End": date(2027, 1, 4),
    "Purchased on": date(2026, 1, 5),
    "Quantity": 30,
    "Unit cost": 8,
    "Currency": "EUR",
}


def xlsx(**options: Any) -> "Sheets":
    return Sheets(options)


class Sheets:
    """A workbook to be: ``xlsx().add("Licenses", row, row).content``."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._file = io.BytesIO()
        self.workbook = Workbook(self._file, {"in_memory": True, **options})
        self._day = self.workbook.add_format({"num_format": "yyyy-mm-dd"})

    def add(self, title: str, *rows: Row) -> "Sheets":
        """A sheet whose headers are the keys of its rows, in the order in which they first come."""
        headers = list(dict.fromkeys(key for row in rows for key in row))
        return self.add_table(title, headers, *([row.get(key) for key in headers] for row in rows))

    def add_table(self, title: str, *lines: Sequence[Any]) -> "Sheets":
        sheet = self.workbook.add_worksheet(title)
        for number, line in enumerate(lines):
            for place, value in enumerate(line):
                self._write(sheet, number, place, value)
        return self

    def _write(self, sheet: Any, row: int, place: int, value: Any) -> None:
        if isinstance(value, date):
            sheet.write_datetime(row, place, value, self._day)
        elif isinstance(value, str):
            sheet.write_string(row, place, value)
        elif value is not None:
            sheet.write(row, place, value)

    @property
    def content(self) -> bytes:
        self.workbook.close()
        return self._file.getvalue()


def licenses(*rows: Row) -> bytes:
    return xlsx().add("Licenses", *rows).content


def maintenance(*rows: Row) -> bytes:
    return xlsx().add("Maintenance", *rows).content


def contracts(*rows: Row) -> bytes:
    return xlsx().add("Contracts", *rows).content


def csv_of(*lines: Sequence[Any], separator: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(lines)
    return text.getvalue().encode()


def preview(
    company: Company,
    content: bytes,
    by: User,
    *,
    name: str = "licenses.xlsx",
    choices: Choices | None = None,
) -> Import:
    """Upload a file and have the worker's job read it."""
    source = services.start_import(
        company=company, name=name, content=[content], choices=choices or Choices(), by=by
    )
    jobs.read(source.pk)
    source.refresh_from_db()
    return source


def confirm(source: Import, by: User, *, leave_refused_out: bool = False) -> Import:
    """Confirm an import and have the worker's job do it."""
    services.confirm(source, leave_refused_out=leave_refused_out, by=by)
    jobs.apply(source.pk)
    source.refresh_from_db()
    return source


def do_import(company: Company, content: bytes, by: User, **how: Any) -> Import:
    return confirm(preview(company, content, by, **how), by)


def undo(source: Import, by: User) -> Import:
    services.undo(source, by=by)
    jobs.undo(source.pk)
    source.refresh_from_db()
    return source


def outcomes(source: Import) -> list[str]:
    return list(ImportRow.objects.filter(source=source).values_list("outcome", flat=True))


def changes(source: Import) -> list[dict[str, Any]]:
    return list(ImportRow.objects.filter(source=source).values_list("changes", flat=True))


def problems(source: Import) -> list[tuple[int, str, str]]:
    """Row, column name and reason of everything that is refused."""
    found = ImportProblem.objects.filter(source=source).order_by("sheet", "row", "name")
    return list(found.values_list("row", "name", "reason"))


def reasons(source: Import) -> str:
    return " ".join(reason for _, _, reason in problems(source)) or " ".join(source.remarks)


def is_all(source: Import, outcome: Outcome) -> bool:
    found = outcomes(source)
    return bool(found) and set(found) == {outcome.value}
