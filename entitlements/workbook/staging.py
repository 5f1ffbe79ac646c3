"""Staging: the rows of a file, read and typed, by COPY into the import's tables."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.db import connection

from common.limited import FileRefused
from common.limits import limits_of
from entitlements.models import HeaderMapping, Import
from entitlements.workbook.cells import as_text
from entitlements.workbook.choices import Choices, what_is_lacking
from entitlements.workbook.headers import (
    ROWS_TO_SEARCH,
    SheetMapping,
    find_header,
    map_sheet,
    signature,
)
from entitlements.workbook.reading import Sheet, SheetRow
from entitlements.workbook.rows import ReadRow, RowReader

BATCH = 2_000
SAMPLED_ROWS = 3
LONGEST_SAMPLE = 40


@dataclass
class Staged:
    """
    What staging found.

    :param mappings: how each sheet is read; or, where one is not sure, may be read
    :param samples: the first rows of each sheet, for a person to know its columns by
    :param questions: what a person has to answer first; nothing: all rows are staged
    :param remarks: what the person should know
    """

    mappings: list[SheetMapping] = field(default_factory=list)
    samples: list[list[list[str]]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    rows: int = 0
    records: int = 0


def stage(
    source: Import,
    sheets: Iterable[Sheet],
    *,
    choices: Choices,
    confirmed: Sequence[SheetMapping],
    moved_to: Callable[[int], None] = lambda rows: None,
) -> Staged:
    """
    Read and stage the rows of all sheets that can be read for sure.

    :param confirmed: the mappings a person confirmed for this file; they stand before all others
    :param moved_to: told how many rows are staged, now and then
    :raises FileRefused: where the file cannot be read, or holds no table
    """
    clear(source)
    staged = Staged()
    known = {mapping.sheet: mapping for mapping in confirmed}
    for sheet in sheets:
        if sheet.skipped:
            staged.remarks.append(f"Sheet {sheet.title} was not read: {sheet.skipped}.")
            continue
        head = list(islice(sheet.rows, ROWS_TO_SEARCH))
        if not head:
            continue
        place = find_header([row.cells for row in head])
        mapping = _map(source, sheet, head[place], known.get(sheet.title), staged)
        _refuse_merged_cells(sheet, mapping)
        staged.samples.append(_sample(mapping, head[place + 1 :]))
        if mapping.kind is not None and not staged.questions:
            reader = RowReader(mapping, choices)
            rows = chain(head[place + 1 :], sheet.rows)
            _copy(source, len(staged.mappings) - 1, _read(reader, rows), staged, moved_to)
    if not staged.mappings:
        raise FileRefused("The file holds no table: none of its sheets has a row.")
    staged.questions += what_is_lacking(staged.mappings, choices)
    if staged.questions:
        clear(source)
    elif not staged.rows:
        raise FileRefused("No sheet has a row below its header.")
    return staged


def clear(source: Import) -> None:
    """Forget what was staged."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM entitlements_importrow WHERE source_id = %s", [source.pk])
        cursor.execute("DELETE FROM entitlements_importproblem WHERE source_id = %s", [source.pk])


def _map(
    source: Import, sheet: Sheet, header: SheetRow, confirmed: SheetMapping | None, staged: Staged
) -> SheetMapping:
    headers = tuple(as_text(cell) for cell in header.cells)
    mapping, is_sure = confirmed, True
    if mapping is None or mapping.headers != headers:
        mapping, is_sure = map_sheet(
            sheet=sheet.title,
            header_row=header.number,
            headers=headers,
            remembered=_remembered(source, headers),
        )
    if not is_sure:
        staged.questions.append(_what_to_say(mapping))
    staged.questions += mapping.problems()
    staged.mappings.append(mapping)
    return mapping


def _what_to_say(mapping: SheetMapping) -> str:
    if mapping.kind is None:
        return f"Say what sheet {mapping.sheet} lists, and then what its columns hold."
    return (
        f"Say whether sheet {mapping.sheet} lists {mapping.kind.label.lower()}, and what its"
        " columns hold."
    )


def _sample(mapping: SheetMapping, rows: Sequence[SheetRow]) -> list[list[str]]:
    secret = mapping.secret_places
    return [
        [
            "" if place in secret else as_text(cell).replace("\x00", "\ufffd")[:LONGEST_SAMPLE]
            for place, cell in enumerate(row.cells)
        ]
        for row in rows[:SAMPLED_ROWS]
    ]


def _remembered(source: Import, headers: Sequence[str]) -> Mapping[str, Any] | None:
    remembered = HeaderMapping.objects.filter(
        company_id=source.company_id, signature=signature(headers)
    )
    return remembered.values("kind", "columns").first()


def _refuse_merged_cells(sheet: Sheet, mapping: SheetMapping) -> None:
    """Above the table they are a title; in it, one value would stand for several cells."""
    below = [f"{first} to {last}" for first, last in sheet.merged if last > mapping.header_row]
    if mapping.kind is not None and below:
        listed = ", ".join(below[:5]) + (" and others" if len(below) > 5 else "")
        raise FileRefused(
            f"Sheet {sheet.title} has merged cells (rows {listed}). Unmerge them: one value cannot"
            " stand for several cells."
        )


def _read(reader: RowReader, rows: Iterable[SheetRow]) -> Iterator[tuple[int, ReadRow]]:
    for row in rows:
        read = reader.read(row.cells)
        if read is not None:
            yield row.number, read


def _copy(
    source: Import,
    sheet: int,
    rows: Iterator[tuple[int, ReadRow]],
    staged: Staged,
    moved_to: Callable[[int], None],
) -> None:
    while batch := list(islice(rows, BATCH)):
        staged.records += sum(record.units or 1 for _, read in batch for record in read.records)
        _demand_few(staged.records)
        _copy_into(
            ROW_COLUMNS,
            (
                (source.pk, sheet, number, record.record, as_json(read.raw), as_json(values))
                for number, read in batch
                for record in read.records
                for values in record.each()
            ),
        )
        _copy_into(
            PROBLEM_COLUMNS,
            (
                (source.pk, sheet, number, problem.name, problem.reason)
                for number, read in batch
                for problem in read.problems
            ),
        )
        staged.rows += len(batch)
        moved_to(staged.rows)


def _demand_few(records: int) -> None:
    """Refuse a file whose rows would become more records than a file may have rows."""
    # A row of two records, a license and its maintenance, is no reason to refuse a file.
    most = 2 * limits_of("IMPORT").rows
    if records > most:
        raise FileRefused(
            f"With one license a unit the file makes more than {most:,} records, the most of one"
            " file. Split it."
        )


ROW_COLUMNS = 'entitlements_importrow (source_id, sheet, "row", record, raw, "values")'
PROBLEM_COLUMNS = 'entitlements_importproblem (source_id, sheet, "row", name, reason)'


def _copy_into(columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {columns} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{value!r} is no value of a row")


# One encoder for all rows: to make one for each would take longer than to use it.
as_json = json.JSONEncoder(default=_plain, ensure_ascii=False).encode
