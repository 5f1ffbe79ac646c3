"""
Reads a file into rows, in a process of its own with limited memory and time.

This program (``common.limited``) is given a path and limits, and writes one JSON line an event:

    {"sheet": "Licenses", "skipped": ""}      a sheet begins, or is skipped for a reason
    {"merged": [[4, 9]]}                      in that sheet, cells of rows 4 to 9 are merged
    {"row": 2, "cells": ["a", 1.5, true, null, {"day": "2026-01-31"}, {"broken": "error"}]}
    {"refused": "a sentence"}                 the file cannot be read, and why
    {"end": true}                             all was read

It imports nothing of the project that knows Django.
"""

import csv
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, Any
from xml.etree import ElementTree

from common.csv_text import BYTE_ORDER_MARKS, find_separator
from common.limited import DAMAGED_ZIP, Limits, Refused, answer, check_unpacked

CHUNK = 1 << 20
XML_PARTS = (".xml", ".rels", ".vml")
LONGEST_CELL = 1 << 20
NO_ORDINARY_WORKBOOK = "no ordinary workbook does. Copy the cells into a new workbook"


def main() -> None:
    path, encoding, limits = sys.argv[1], sys.argv[2], Limits(**json.loads(sys.argv[3]))
    answer(
        lambda: read_events(path, encoding=encoding, limits=limits),
        limits,
        too_much_memory=TOO_MUCH_MEMORY,
    )


TOO_MUCH_MEMORY = (
    "Reading it needs more memory than is allowed. Look for cells far outside of the table, delete"
    " them, or split the file."
)


def read_events(path: str, *, encoding: str, limits: Limits) -> Iterator[dict[str, Any]]:
    """:raises Refused: where it cannot be read"""
    with open(path, "rb") as file:
        start = file.read(8)
    if start[:4] == b"PK\x03\x04":
        yield from read_xlsx(path, limits)
    elif start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Refused(
            "This is an old Excel file (.xls) or one with a password. Save it as .xlsx without one"
        )
    elif start[:2] == b"PK":
        raise Refused("This is an empty or broken ZIP file, not a workbook")
    else:
        yield from read_csv(path, encoding=encoding, limits=limits)


# --- XLSX ---


def read_xlsx(path: str, limits: Limits) -> Iterator[dict[str, Any]]:
    broken = check_package(path, limits)
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        workbook = CalamineWorkbook.from_path(path)
        left = limits.rows
        for metadata in workbook.sheets_metadata:
            if metadata.typ != SheetTypeEnum.WorkSheet:
                continue
            if metadata.visible != SheetVisibleEnum.Visible:
                yield {"sheet": metadata.name, "skipped": "it is hidden"}
                continue
            yield {"sheet": metadata.name, "skipped": ""}
            sheet = workbook.get_sheet_by_name(metadata.name)
            for event in read_sheet(sheet, broken.get(metadata.name, {}), left, limits):
                left -= "row" in event
                yield event
    except CalamineError as problem:
        raise Refused(
            f"It is no workbook that can be read ({problem}). Open and save it again"
        ) from None


def read_sheet(
    sheet: Any, broken: dict[int, dict[int, str]], rows_left: int, limits: Limits
) -> Iterator[dict[str, Any]]:
    """:param broken: by row and place, why a cell that is not empty has no value"""
    if sheet.start is None:
        return
    first_row, first_column = sheet.start
    if sheet.end[1] >= limits.columns:
        raise Refused(
            f"Sheet {sheet.name} has {sheet.end[1] + 1:,} columns, at most {limits.columns:,} are"
            " read. Delete what lies beside the table"
        )
    yield {
        "merged": sorted(
            [top + 1, end + 1] for (top, _), (end, _) in sheet.merged_cell_ranges or ()
        )
    }
    padding: list[Any] = [None] * first_column
    for number, cells in enumerate(sheet.iter_rows(), start=first_row + 1):
        if number not in broken and all(cell == "" for cell in cells):
            continue
        if rows_left <= 0:
            raise Refused(f"It has more than {limits.rows:,} rows. Split it")
        rows_left -= 1
        read = padding + [xlsx_cell(cell) for cell in cells]
        for place, why in broken.get(number, {}).items():
            if place < len(read):
                read[place] = {"broken": why}
        yield {"row": number, "cells": read}


def xlsx_cell(value: Any) -> Any:
    match value:
        case "":
            return None
        case str() | bool() | float() | int():
            return value
        case datetime() if value.time() != time():
            return {"moment": value.isoformat()}
        case datetime():
            return {"day": value.date().isoformat()}
        case date():
            return {"day": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case timedelta():
            return str(value)
    return str(value)


# By title of the sheet, row and place in it: why a cell has no value.
BrokenCells = dict[str, dict[int, dict[int, str]]]


def check_package(path: str, limits: Limits) -> BrokenCells:
    """
    Unpack every part once, counting, before anything is parsed.

    The sizes that a ZIP file states are not believed. On the way the cells are found that have no
    value though they are not empty, which calamine hands on as empty ones.
    """
    try:
        with zipfile.ZipFile(path) as package:
            _check_parts(package, limits)
            unpacked = 0
            size = _size_of(path)
            titles = _titles_of_parts(package)
            broken: BrokenCells = {}
            for part in package.infolist():
                found = broken.setdefault(titles.get(part.filename, ""), {})
                with package.open(part) as content:
                    unpacked = _check_part(part.filename, content, unpacked, size, limits, found)
            return broken
    except DAMAGED_ZIP as problem:
        raise Refused(f"The file is damaged ({problem}). Save it again") from None


def _size_of(path: str) -> int:
    with open(path, "rb") as file:
        return file.seek(0, io.SEEK_END)


def _check_parts(package: zipfile.ZipFile, limits: Limits) -> None:
    names = package.namelist()
    if len(names) > limits.parts:
        raise Refused(f"It has {len(names):,} parts, at most {limits.parts:,} are read")
    if "[Content_Types].xml" not in names or not any(n.startswith("xl/workbook") for n in names):
        raise Refused("This ZIP file is no XLSX workbook. Upload the workbook itself")
    if any(part.flag_bits & 1 for part in package.infolist()):
        raise Refused("It is protected by a password. Save it without one")


_DECLARATION = re.compile(
    rb"<\x00?!\x00?(?:D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E|E\x00?N\x00?T\x00?I\x00?T\x00?Y)"
)
# A cell whose formula has no value after it, or an empty one: nobody has calculated it. Its tags
# may carry a prefix, as those of some libraries do.
_CELL = rb"<(?:\w+:)?c (?=[^>]*\br=\"([A-Z]+)([0-9]+)\")"
_UNSAVED = re.compile(
    _CELL + rb"[^>]*>\s*<(?:\w+:)?f(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
_FAILED = re.compile(_CELL + rb"(?=[^>]*\bt=\"e\")[^>]*>")
_LONGEST_CELL_XML = 1 << 16
_MOST_BROKEN = 10_000


def _check_part(
    name: str,
    content: IO[bytes],
    unpacked: int,
    size: int,
    limits: Limits,
    broken: dict[int, dict[int, str]],
) -> int:
    is_xml = name.lower().endswith(XML_PARTS)
    is_sheet = name.startswith("xl/worksheets/")
    tail = b""
    while chunk := content.read(CHUNK):
        unpacked += len(chunk)
        check_unpacked(unpacked, size=size, limits=limits, remedy=NO_ORDINARY_WORKBOOK)
        seen = tail + chunk
        if is_xml and _DECLARATION.search(seen):
            raise Refused("It declares XML entities, which no workbook needs")
        if is_sheet:
            _find_broken(seen, broken)
        tail = seen[-_LONGEST_CELL_XML:]
    return unpacked


def _find_broken(xml: bytes, broken: dict[int, dict[int, str]]) -> None:
    for pattern, why in ((_UNSAVED, "unsaved"), (_FAILED, "error")):
        for match in pattern.finditer(xml):
            broken.setdefault(int(match.group(2)), {})[_place_of(match.group(1))] = why
    if len(broken) > _MOST_BROKEN:
        raise Refused(f"More than {_MOST_BROKEN:,} rows have formulas without a result. Mend them")


def _place_of(letters: bytes) -> int:
    """The place of a column from 0: A is 0, AA is 26."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def _titles_of_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """The titles of sheets by the names of their parts."""
    try:
        links = _small_xml(package, "xl/_rels/workbook.xml.rels")
        book = _small_xml(package, "xl/workbook.xml")
    except (KeyError, ElementTree.ParseError):
        raise Refused("It does not say which sheets it has. Open and save it again") from None
    targets = {link.get("Id"): _part_of(link.get("Target", "")) for link in links}
    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    return {
        targets.get(node.get(relation), ""): node.get("name", "")
        for node in book.iter()
        if node.tag.endswith("}sheet")
    }


def _part_of(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _small_xml(package: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A part that only lists other parts; a large one, or one with declarations, is refused."""
    with package.open(name) as content:
        xml = content.read(CHUNK)
    if len(xml) == CHUNK or _DECLARATION.search(xml):
        raise Refused("Its list of sheets is no ordinary one. Copy the sheets into a new workbook")
    return ElementTree.fromstring(xml)  # noqa: S314 - small, and without declarations


# --- CSV ---


def read_csv(path: str, *, encoding: str, limits: Limits) -> Iterator[dict[str, Any]]:
    csv.field_size_limit(LONGEST_CELL)
    with open(path, "rb") as file:
        start = file.read(4)
    marked = next((name for mark, name in BYTE_ORDER_MARKS if start.startswith(mark)), "")
    yield {"sheet": "CSV", "skipped": ""}
    yield {"merged": []}
    record = 0
    try:
        with open(path, encoding=marked or encoding or "utf-8", newline="") as text:
            separator = find_separator(text)
            text.seek(0)
            for record, cells in enumerate(
                csv.reader(text, delimiter=separator, strict=True), start=1
            ):
                if record == 1 and len(cells) == 2 and cells[0].lower() == "sep=":
                    continue
                if record == 1 and cells and re.fullmatch("sep=.?", cells[0], re.IGNORECASE):
                    continue
                yield from _csv_row(record, cells, limits)
    except UnicodeError:
        raise Refused(_wrong_encoding(marked or encoding)) from None
    except csv.Error as problem:
        raise Refused(
            f"Row {record + 1} cannot be read as CSV ({problem}). Look at its quotation marks"
        ) from None


def _csv_row(record: int, cells: list[str], limits: Limits) -> Iterator[dict[str, Any]]:
    if record > limits.rows:
        raise Refused(f"It has more than {limits.rows:,} rows. Split it")
    if len(cells) > limits.columns:
        raise Refused(
            f"Row {record:,} has {len(cells):,} columns, at most {limits.columns:,} are read"
        )
    if any(cells):
        yield {"row": record, "cells": [cell or None for cell in cells], "csv": True}


def _wrong_encoding(encoding: str) -> str:
    if encoding:
        return f"Its text is not {encoding.upper()}. Choose another encoding"
    return (
        "Its text is not UTF-8. Choose its encoding (often Windows-1252, where it was saved by an"
        " older spreadsheet program), or save it as CSV UTF-8"
    )
