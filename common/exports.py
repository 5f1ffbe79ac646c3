"""Tables as CSV and XLSX files: streamed, in constant memory, harmless to whoever opens them."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from common.spreadsheets import make_harmless

MOST_XLSX_ROWS = 1_048_575  # beside the header
MOST_XLSX_TEXT = 32_767
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TooManyRows(ValueError):
    """More rows than a worksheet can hold."""


def csv_response(
    name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    """A CSV file that is sent while it is written."""
    lines = csv_lines(headings, rows)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The lines of a CSV file. A byte order mark tells spreadsheet programs that it is UTF-8."""
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf" + writer.writerow([make_harmless(heading) for heading in headings])
    for row in rows:
        yield writer.writerow([_csv_value(value) for value in row])


class _Echo:
    """A file for ``csv.writer`` that hands each line on at once."""

    def write(self, line: str) -> bytes:
        return line.encode()


def _csv_value(value: Any) -> Any:
    if isinstance(value, str):
        return make_harmless(value)
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def xlsx_response(
    name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    """
    An XLSX file. Its parts are written to disk as the rows come.

    :raises TooManyRows: where a worksheet cannot hold them
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        write_xlsx(file, headings, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


def write_xlsx(file: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """
    Write one worksheet: a header that stays in view, then the rows as typed cells.

    :raises TooManyRows: where the worksheet cannot hold them
    """
    with Workbook(file, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(headings) - 1, 0), 18)
        bold = workbook.add_format({"bold": True})
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
        for number, row in enumerate(rows, start=1):
            if number > MOST_XLSX_ROWS:
                raise TooManyRows(
                    f"A worksheet holds {MOST_XLSX_ROWS:,} rows and there are more."
                    " Narrow the list by filters, or export it as CSV."
                )
            for column, value in enumerate(row):
                _write_cell(sheet, number, column, value, day=day, moment=moment)


def _write_cell(
    sheet: Worksheet, row: int, column: int, value: Any, *, day: Any, moment: Any
) -> None:
    match value:
        case None | "":
            return
        case int() | Decimal():
            sheet.write_number(row, column, value)
        case datetime():
            # Spreadsheets know no time zones: the reader's own local time.
            local = timezone.localtime(value).replace(tzinfo=None)
            sheet.write_datetime(row, column, local, moment)
        case date() if value.year >= 1900:
            sheet.write_datetime(row, column, value, day)
        case date():
            sheet.write_string(row, column, value.isoformat())
        case _:
            # A typed text: whatever it begins with, no program takes it for a formula.
            sheet.write_string(row, column, str(value)[:MOST_XLSX_TEXT])
