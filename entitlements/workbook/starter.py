"""A starter set of part numbers, each with the public page that shows it, to be imported."""

import io
from collections.abc import Iterable, Mapping

from xlsxwriter import Workbook

from entitlements import shipped
from entitlements.workbook.columns import SheetKind


def starter_set() -> bytes:
    """The workbook: part numbers, and the components of the suites among them."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as workbook:
        _write(workbook, SheetKind.PARTS, shipped.starter_parts())
        _write(workbook, SheetKind.COMPONENTS, shipped.starter_components())
    return file.getvalue()


def _write(workbook: Workbook, kind: SheetKind, rows: Iterable[Mapping[str, str]]) -> None:
    sheet = workbook.add_worksheet(kind.label)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        for place, (header, value) in enumerate(row.items()):
            sheet.write_string(0, place, header)
            sheet.write_string(number, place, value)
