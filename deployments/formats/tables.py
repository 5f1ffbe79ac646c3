"""Tables in CSV: their text as rows below a header, whatever the encoding and the separator."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.csv_text import find_separator
from common.limited import Limits, Refused
from common.spreadsheets import read_back
from deployments.formats.cells import Broken, Row, read_each, shortened
from deployments.formats.fields import plain
from deployments.formats.found import Found, FoundProblem
from deployments.formats.options import Options
from deployments.formats.sources import Source, encoding_of

if TYPE_CHECKING:
    from _csv import Reader

LONGEST_CELL = 1 << 16
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}


class Unreadable(Exception):
    """The text of a table can be read once an option is chosen."""

    def __init__(self, option: str, sentence: str) -> None:
        super().__init__(sentence)
        self.option = option


@dataclass(frozen=True)
class Line:
    """
    A row below the header.

    :param number: of its first line in the file, from 1
    :param cells: as many as the header has
    """

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A header and what stands below it, to be taken once."""

    headers: list[str]
    lines: Iterator[Line | FoundProblem]

    @property
    def plain_headers(self) -> list[str]:
        return [plain(header) for header in self.headers]


@contextmanager
def table_of(source: Source, options: Options) -> Iterator[Table]:
    """
    The table in a file.

    :raises Unreadable: here or while its lines are taken
    :raises Refused: where it has no header, or too many columns
    """
    csv.field_size_limit(LONGEST_CELL)
    with _refusing_encodings(source, options), source.text(options) as text:
        reader = _reader(text, _separator(text, options))
        headers = _headers(reader, source.limits)
        yield Table(headers, _lines(reader, len(headers)))


@contextmanager
def _refusing_encodings(source: Source, options: Options) -> Iterator[None]:
    try:
        yield
    except (UnicodeError, LookupError):
        marked = encoding_of(source.beginning())
        if marked or options.encoding:
            named = (marked or options.encoding).upper()
            raise Unreadable(
                "encoding", f"Its text is not {named}. Choose another encoding."
            ) from None
        raise Unreadable(
            "encoding",
            "Its text is not UTF-8. Choose its encoding: often Windows-1252, where it was saved by"
            " an older spreadsheet program.",
        ) from None


def _separator(text: io.TextIOWrapper, options: Options) -> str:
    if options.separator:
        return SEPARATORS.get(options.separator, options.separator)
    try:
        separator = find_separator(text)
    except Refused as problem:
        raise Unreadable("separator", f"{problem}.") from None
    text.seek(0)
    return separator


def _reader(text: io.TextIOWrapper, separator: str) -> "Reader":
    try:
        return csv.reader(text, delimiter=separator, strict=True)
    except (TypeError, ValueError):
        raise Unreadable(
            "separator", f"“{shortened(separator)}” cannot separate cells. Choose another one."
        ) from None


def _headers(reader: "Reader", limits: Limits) -> list[str]:
    try:
        for cells in reader:
            if cells and cells[0].lower().startswith("sep=") and len(cells) <= 2:
                continue
            if any(cell.strip() for cell in cells):
                break
        else:
            raise Refused("It is empty")
    except csv.Error as problem:
        raise Refused(f"Its header cannot be read as CSV ({problem})") from None
    if len(cells) > limits.columns:
        raise Refused(f"It has {len(cells):,} columns, at most {limits.columns:,} are read")
    return [" ".join(read_back(cell).split()) for cell in cells]


def _lines(reader: "Reader", width: int) -> Iterator[Line | FoundProblem]:
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            yield FoundProblem(
                number, f"Line {number}: it cannot be read as CSV ({problem}). Look at its quotes."
            )
            continue
        if any(cells):
            try:
                yield Line(number, _fitted(cells, width))
            except Broken as broken:
                yield FoundProblem(number, f"Line {number}: {broken}.")


def _fitted(cells: list[str], width: int) -> list[str]:
    if len(cells) > width:
        if any(cells[width:]):
            raise Broken(f"it has {len(cells)} cells, and the header {width}")
        del cells[width:]
    cells.extend([""] * (width - len(cells)))
    return [read_back(cell) for cell in cells]


def read_lines(
    lines: Iterable[Line | FoundProblem], read: Callable[[Row, list[str]], Iterator[Found]]
) -> Iterator[Found]:
    """What is found in lines; one that cannot be read is a problem, and the next is read."""
    for line in lines:
        if isinstance(line, FoundProblem):
            yield line
        else:
            yield from read_each([(line.number, line.cells)], "Line", read)
