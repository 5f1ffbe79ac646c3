"""
A file as a stream of rows, read by the parser in its own limited process.

Nothing of the file is trusted: neither its name, nor what it says of its size, nor its XML.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from common.limited import events_of
from common.limits import limits_of
from common.spreadsheets import read_back
from entitlements.workbook.cells import Broken, Cell


@dataclass(frozen=True)
class SheetRow:
    """A row that is not empty; its number counts from 1, as spreadsheet programs do."""

    number: int
    cells: list[Cell]


@dataclass
class Sheet:
    """
    One sheet of a file. Its rows can be taken once, before the next sheet is asked for.

    :param skipped: why it is not read; empty where it is
    :param merged: from which row to which cells are merged
    """

    title: str
    skipped: str
    merged: list[tuple[int, int]]
    rows: Iterator[SheetRow]


@contextmanager
def opened(path: Path, *, encoding: str) -> Iterator[Iterator[Sheet]]:
    """
    The sheets of a file, in order.

    :param encoding: of a CSV file without byte order mark; empty: UTF-8
    :raises common.limited.FileRefused: here or while the sheets are taken
    """
    limits = json.dumps(asdict(limits_of("IMPORT")))
    with events_of("entitlements.workbook.parser", str(path), encoding, limits) as events:
        yield _sheets(events)


def _sheets(events: Iterator[dict[str, Any]]) -> Iterator[Sheet]:
    event = next(events, None)
    while event is not None:
        title, skipped = event["sheet"], event["skipped"]
        merged: list[tuple[int, int]] = []
        event = next(events, None)
        if event is not None and "merged" in event:
            merged = [(first, last) for first, last in event["merged"]]
            event = next(events, None)
        rows = _Rows(event, events)
        yield Sheet(title, skipped, merged, rows)
        event = rows.rest()


class _Rows(Iterator[SheetRow]):
    """The rows up to the next sheet; what is left of them is passed over by ``rest``."""

    def __init__(self, event: dict[str, Any] | None, events: Iterator[dict[str, Any]]) -> None:
        self._event = event
        self._events = events

    def __next__(self) -> SheetRow:
        event = self._event
        if event is None or "row" not in event:
            raise StopIteration
        self._event = next(self._events, None)
        return SheetRow(event["row"], _cells(event))

    def rest(self) -> dict[str, Any] | None:
        """The event after the last row."""
        while self._event is not None and "row" in self._event:
            self._event = next(self._events, None)
        return self._event


def _cells(event: dict[str, Any]) -> list[Cell]:
    if "csv" in event:
        return [cell and read_back(cell) for cell in event["cells"]]
    return [_cell(cell) if isinstance(cell, dict) else cell for cell in event["cells"]]


BROKEN = {
    "error": "Holds an error of its formula. Mend the formula, or write the value",
    "unsaved": "Holds a formula without its result. Open the file in a spreadsheet program and save"
    " it, so that it is calculated",
}


def _cell(typed: dict[str, str]) -> Cell:
    if "broken" in typed:
        return Broken(BROKEN[typed["broken"]])
    if "day" in typed:
        return date.fromisoformat(typed["day"])
    if "moment" in typed:
        return datetime.fromisoformat(typed["moment"])
    return time.fromisoformat(typed["time"])
