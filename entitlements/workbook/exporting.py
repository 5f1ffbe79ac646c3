"""
Writing files: a company's records in the columns of the template, and imports' refused rows.

Streamed from the database to disk in constant memory. A file of ours that is imported again changes
nothing.
"""

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from xlsxwriter import Workbook

from common import kept_files
from common.progress import Progress, running
from common.spreadsheets import make_harmless
from common.tags import write_tags
from entitlements.models import Import, ImportRow, Outcome, WorkbookExport
from entitlements.workbook.cells import as_text
from entitlements.workbook.columns import (
    OWN_SHEETS,
    Column,
    Holds,
    SheetKind,
    template_columns,
)
from entitlements.workbook.headers import SheetMapping, normalised
from entitlements.workbook.marks import RowMark
from entitlements.workbook.presets import MARK, OURS, REASON

MOST_ROWS = 1_048_575  # of a worksheet, beside the header
MOST_TEXT = 32_767  # characters of a cell
MOST_DIGITS = 15  # of a number in a spreadsheet
BATCH = 2_000


class CannotWrite(ValueError):
    """A worksheet cannot hold what is to be written; the message says what to do."""


def write(export_id: int) -> None:
    """Write the file of an export, once."""
    export = (
        WorkbookExport.objects.select_related("company", "refused_of__file", "progress", "asked_by")
        .filter(pk=export_id, file=None)
        .first()
    )
    if export is None:
        return
    with running(export.progress) as progress, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workbook"
        name = _write(export, path, progress)
        with transaction.atomic(), path.open("rb") as written:
            export.file = kept_files.keep(
                company_id=export.company_id,
                name=name,
                content=iter(lambda: written.read(kept_files.PIECE), b""),
                by=export.asked_by,
            )
            export.save(update_fields=["file"])


def _write(export: WorkbookExport, path: Path, progress: Progress) -> str:
    """Write an export's file; gives what it is to be called."""
    if export.refused_of is not None:
        return _write_refused(export.refused_of, path, progress)
    if export.sheet:
        kind = SheetKind(export.sheet)
        progress.step(f"Writing {kind.label.lower()}")
        headers = [column.header for column in template_columns(kind)]
        write_csv(path, headers, records_of(export.company_id, kind))
        return f"{export.company.code} {kind.value}.csv"
    with Workbook(str(path), {"constant_memory": True}) as workbook:
        for kind in OWN_SHEETS:
            progress.step(f"Writing {kind.label.lower()}")
            headers = [column.header for column in template_columns(kind)]
            _Worksheet(workbook, kind.label, headers).write(records_of(export.company_id, kind))
    return f"{export.company.code}.xlsx"


# --- Files ---


def write_csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file, with the byte order mark by which spreadsheet programs know UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([make_harmless(header) for header in headers])
        writer.writerows([_in_csv(value) for value in row] for row in rows)


def _in_csv(value: Any) -> Any:
    match value:
        case str():
            return make_harmless(value)
        case Decimal():
            return amount_text(value)
        case date():
            return value.isoformat()
    return value


def amount_text(amount: Decimal) -> str:
    """An amount with two decimals or four: with three, the point could divide thousands."""
    return f"{amount:.2f}" if amount == round(amount, 2) else f"{amount:.4f}"


class _Worksheet:
    """One sheet of a workbook that is written in constant memory, row after row."""

    def __init__(self, workbook: Workbook, title: str, headers: Sequence[str]) -> None:
        self._sheet = workbook.add_worksheet(title)
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._title = title
        self._headers = headers
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, max(len(headers) - 1, 0), 18)
        bold = workbook.add_format({"bold": True})
        for place, header in enumerate(headers):
            self._sheet.write_string(0, place, header, bold)

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        """:raises CannotWrite: where there are more rows, or longer texts, than a sheet can hold"""
        for number, row in enumerate(rows, start=1):
            if number > MOST_ROWS:
                raise CannotWrite(
                    f"{self._title} has more than {MOST_ROWS:,} rows, the most of a worksheet."
                    " Write it as CSV."
                )
            for place, value in enumerate(row):
                self._write_cell(number, place, value)

    def _write_cell(self, row: int, place: int, value: Any) -> None:
        match value:
            case None | "":
                return
            case bool():
                self._sheet.write_boolean(row, place, value)
            case int() | float():
                self._sheet.write_number(row, place, value)
            case Decimal() if len(value.normalize().as_tuple().digits) <= MOST_DIGITS:
                self._sheet.write_number(row, place, value)
            case Decimal():
                self._sheet.write_string(row, place, amount_text(value))
            case date() if value.year >= 1900:
                self._sheet.write_datetime(row, place, value, self._day)
            case date():
                self._sheet.write_string(row, place, value.isoformat())
            case _:
                self._write_text(row, place, str(value))

    def _write_text(self, row: int, place: int, text: str) -> None:
        if len(text) > MOST_TEXT:
            raise CannotWrite(
                f"{self._title}, row {row + 1}: {self._headers[place]} has {len(text):,}"
                f" characters, more than the {MOST_TEXT:,} of a cell. Write it as CSV."
            )
        # A typed text: whatever it begins with, no program takes it for a formula.
        self._sheet.write_string(row, place, text)


# --- A company's records ---


def records_of(company_id: int, kind: SheetKind) -> Iterator[list[Any]]:
    """The rows of a company's sheet, in the order of its records."""
    columns = template_columns(kind)
    expressions = EXPRESSIONS[kind]
    selected = ", ".join(f'{expressions[column.name]} AS "{column.name}"' for column in columns)
    statements = [f"SELECT {selected} {SOURCES[kind]}"]
    if kind is SheetKind.MAINTENANCE:
        of_returns = ", ".join(
            f'{RETURN_EXPRESSIONS.get(column.name, "NULL")} AS "{column.name}"'
            for column in columns
        )
        statements.append(f"SELECT {of_returns} {RETURN_SOURCE}")
    for statement in statements:
        for row in _streamed(statement, [company_id]):
            yield [_as_read(column, value) for column, value in zip(columns, row, strict=True)]


def _streamed(statement: str, parameters: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement, by a cursor of the server, so that they are never all in memory."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(statement, parameters)
        while batch := cursor.fetchmany(BATCH):
            yield from batch


def _as_read(column: Column, value: Any) -> Any:
    """A value as its column is read: options by their labels, yes and no as words."""
    if value is None or value == "":
        return None
    if column.holds is Holds.CHOICE:
        return column.options[value]
    if column.holds is Holds.YES_NO:
        return "Yes" if value else "No"
    if column.holds is Holds.TAGS:
        return write_tags(value) or None
    return value


_OWNER = "coalesce(nullif(owner.email, ''), owner.name)"

_MODEL = {
    "part": "part.number",
    "publisher": "publisher.name",
    "product": "product.name",
    "version": "model.version",
    "edition": "model.edition",
    "platform": "model.platform",
    "language": "model.language",
}
_OF_ENTITLEMENT = _MODEL | {
    "company": "company.name",
    "asset_tag": "e.asset_tag",
    "product_type": "model.product_type",
    "starts_on": "e.starts_on",
    "ends_on": "e.ends_on",
    "purchased_on": "e.purchased_on",
    "rights_per_pack": "e.rights_per_pack",
    "packs": "e.packs",
    "purchased_rights": "e.purchased_rights",
    "serial_number": "e.serial_number",
    "unit_cost": "e.unit_cost",
    "currency": "e.currency",
    "seller": "seller.name",
    "po_number": "e.po_number",
    "invoice_number": "e.invoice_number",
    "state": "stated.state",
    "substate": "stated.substate",
    "state_from": "stated.from_on",
    "state_until": "stated.until_on",
    "contract": "contract.number",
    "owner": _OWNER,
    "owning_department": "owning.name",
    "department": "department.name",
    "location": "location.name",
    "cost_centre": "centre.name",
    "tags": "e.tags",
    "notes": "e.notes",
}
# By column name, the SQL expression of its value.
EXPRESSIONS: dict[SheetKind, dict[str, str]] = {
    SheetKind.CONTRACTS: {
        "company": "company.name",
        "number": "e.number",
        "name": "e.name",
        "type": "type.name",
        "vendor": "vendor.name",
        "reseller": "reseller.name",
        "parent": "parent.number",
        "legal_entity": "e.legal_entity",
        "purchased_on": "e.purchased_on",
        "value": "e.value",
        "currency": "e.currency",
        "po_number": "e.po_number",
        "invoice_number": "e.invoice_number",
        "business_owner": _OWNER,
        "status": "e.status_by_hand",
        "starts_on": "term.starts_on",
        "ends_on": "term.ends_on",
        "term_value": "term.value",
        "term_currency": "term.currency",
        "notice_length": "term.notice_length",
        "notice_unit": "term.notice_unit",
        "renewal": "term.renewal",
        "renewal_length": "term.renewal_length",
        "renewal_unit": "term.renewal_unit",
        "anchor_day": "term.anchor_day",
        "notes": "e.notes",
    },
    SheetKind.LICENSES: _OF_ENTITLEMENT
    | {
        "license_type": "e.license_type",
        "duration": "e.duration",
        "metric_group": "coalesce(metric_group.name, agreement_group.name)",
        "metric": "metric.name",
        "agreement_type": "agreement.code",
        "database_option": "e.database_option",
        "is_unlimited": "e.is_unlimited",
        "license_number": "e.license_number",
    },
    SheetKind.MAINTENANCE: _OF_ENTITLEMENT
    | {"definition": "definition.name", "may_be_matched": "e.may_be_matched"},
}

_ENTITLEMENTS = """
FROM entitlements_entitlement e
JOIN accounts_company company ON company.id = e.company_id
JOIN contracts_softwaremodel model ON model.id = e.model_id
JOIN contracts_product product ON product.id = model.product_id
JOIN contracts_vendor publisher ON publisher.id = product.vendor_id
LEFT JOIN entitlements_publisherpart part ON part.id = e.part_id
LEFT JOIN entitlements_entitlementdefinition definition ON definition.id = e.definition_id
LEFT JOIN entitlements_licensemetric metric ON metric.id = e.metric_id
LEFT JOIN entitlements_metricgroup metric_group ON metric_group.id = metric.group_id
LEFT JOIN entitlements_agreementtype agreement ON agreement.id = e.agreement_type_id
LEFT JOIN entitlements_metricgroup agreement_group ON agreement_group.id = agreement.group_id
LEFT JOIN contracts_vendor seller ON seller.id = e.vendor_id
LEFT JOIN contracts_contract contract ON contract.id = e.contract_id
LEFT JOIN accounts_person owner ON owner.id = e.owned_by_person_id
LEFT JOIN accounts_department owning ON owning.id = e.owned_by_department_id
LEFT JOIN accounts_department department ON department.id = e.department_id
LEFT JOIN accounts_location location ON location.id = e.location_id
LEFT JOIN accounts_costcentre centre ON centre.id = e.cost_centre_id
LEFT JOIN LATERAL (
    SELECT * FROM entitlements_stateperiod WHERE entitlement_id = e.id ORDER BY from_on DESC LIMIT 1
) stated ON true
WHERE e.company_id = %s AND e.kind = '{kind}' ORDER BY e.id
"""
SOURCES: dict[SheetKind, str] = {
    SheetKind.CONTRACTS: """
FROM contracts_contract e
JOIN accounts_company company ON company.id = e.company_id
JOIN contracts_contracttype type ON type.id = e.type_id
JOIN contracts_vendor vendor ON vendor.id = e.vendor_id
LEFT JOIN contracts_vendor reseller ON reseller.id = e.reseller_id
LEFT JOIN contracts_contract parent ON parent.id = e.parent_id
LEFT JOIN accounts_person owner ON owner.id = e.business_owner_id
LEFT JOIN LATERAL (
    SELECT * FROM contracts_contractterm WHERE contract_id = e.id ORDER BY starts_on DESC LIMIT 1
) term ON true
WHERE e.company_id = %s ORDER BY e.id
""",
    SheetKind.LICENSES: _ENTITLEMENTS.format(kind="license"),
    SheetKind.MAINTENANCE: _ENTITLEMENTS.format(kind="maintenance"),
}

# A return is a line with a negative quantity.
RETURN_EXPRESSIONS = {name: expression for name, expression in _MODEL.items() if name != "part"} | {
    "company": "company.name",
    "definition": "definition.name",
    "purchased_on": "e.returned_on",
    "purchased_rights": "-e.quantity",
    "unit_cost": "e.unit_price",
    "currency": "e.currency",
    "notes": "e.notes",
}
RETURN_SOURCE = """
FROM entitlements_purchasereturn e
JOIN accounts_company company ON company.id = e.company_id
JOIN entitlements_entitlementdefinition definition ON definition.id = e.definition_id
JOIN contracts_softwaremodel model ON model.id = e.model_id
JOIN contracts_product product ON product.id = model.product_id
JOIN contracts_vendor publisher ON publisher.id = product.vendor_id
WHERE e.company_id = %s AND e.ended_on IS NULL ORDER BY e.id
"""


# --- Refused rows ---


def _write_refused(source: Import, path: Path, progress: Progress) -> str:
    """Write the refused rows as they came and in their format, each with all its reasons."""
    progress.step("Writing refused rows")
    mappings = [SheetMapping.from_json(stored) for stored in source.mappings]
    stem = source.file.name.rsplit(".", 1)[0]
    if is_csv(mappings):
        write_csv(path, _headers_of_refused(mappings[0]), refused_rows(source, 0, mappings[0]))
        return f"{stem} refused.csv"
    with Workbook(str(path), {"constant_memory": True}) as workbook:
        for place, mapping in enumerate(mappings):
            if ImportRow.objects.filter(
                source=source, sheet=place, outcome=Outcome.REFUSED
            ).exists():
                sheet = _Worksheet(workbook, mapping.sheet, _headers_of_refused(mapping))
                sheet.write(refused_rows(source, place, mapping))
    return f"{stem} refused.xlsx"


def is_csv(mappings: Sequence[SheetMapping]) -> bool:
    """Whether an import's file was a CSV file, which has one sheet without a title of its own."""
    return len(mappings) == 1 and mappings[0].sheet == "CSV"


def _headers_of_refused(mapping: SheetMapping) -> list[str]:
    headers = [header for header in mapping.headers if normalised(header) not in OURS]
    return [*headers, MARK.capitalize(), REASON.capitalize()]


def refused_rows(source: Import, sheet: int, mapping: SheetMapping) -> Iterator[list[Any]]:
    """
    The cells of the refused rows of a sheet, each with its mark and its reasons at its end.

    A row that came back and is refused again keeps the mark of the row it was first.
    """
    places = [i for i, header in enumerate(mapping.headers) if normalised(header) not in OURS]
    for number, raw, came_as, reasons in _streamed(
        'SELECT DISTINCT ON (r."row") r."row", r.raw::text, r."values" ->> \'refused_as\','
        " (SELECT string_agg(DISTINCT problem.reason, ' ')"
        "  FROM entitlements_importproblem problem WHERE problem.source_id = r.source_id"
        '  AND problem.sheet = r.sheet AND problem."row" = r."row")'
        " FROM entitlements_importrow r WHERE r.source_id = %s AND r.sheet = %s"
        " AND r.outcome = 'refused' ORDER BY r.\"row\"",
        [source.pk, sheet],
    ):
        cells = json.loads(raw)
        mark = came_as or str(RowMark(import_id=source.pk, sheet=sheet, row=number))
        yield [*(_typed(cells[i]) if i < len(cells) else None for i in places), mark, reasons]


def _typed(cell: Any) -> Any:
    """A kept cell with the type it had in the file."""
    if not isinstance(cell, dict):
        return cell
    try:
        return date.fromisoformat(cell["day"])
    except ValueError:
        return as_text(cell["day"])
