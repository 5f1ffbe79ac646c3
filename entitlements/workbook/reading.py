"""
A file as a stream of rows, read by the parser in its own limited process.

Nothing of the file is trusted: neither its name, nor what it says of its size, nor its XML.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.conf import settings

from common.spreadsheets import read_back
from entitlements.workbook import parser
from entitlements.workbook.cells import Broken, Cell
from entitlements.workbook.parser import Limits


class FileRefused(Exception):
    """The file cannot be read; the message is a sentence that says why and what to do."""


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


def limits() -> Limits:
    """The limits of this installation; what ``LCM_IMPORT_…`` of the settings say."""
    return Limits(
        unpacked=settings.LCM_IMPORT_MOST_UNPACKED_MB << 20,
        ratio=settings.LCM_IMPORT_MOST_RATIO,
        parts=settings.LCM_IMPORT_MOST_PARTS,
        rows=settings.LCM_IMPORT_MOST_ROWS,
        columns=settings.LCM_IMPORT_MOST_COLUMNS,
        memory=settings.LCM_IMPORT_MEMORY_MB << 20,
        seconds=settings.LCM_IMPORT_SECONDS,
    )


@contextmanager
def opened(path: Path, *, encoding: str) -> Iterator[Iterator[Sheet]]:
    """
    The sheets of a file, in order.

    :param encoding: of a CSV file without byte order mark; empty: UTF-8
    :raises FileRefused: here or while the sheets are taken, where the file cannot be read
    """
    command = [sys.executable, "-I", parser.__file__, str(path), encoding]
    # No environment: it holds secrets, which a process that reads strangers' files need not have.
    process = subprocess.Popen(
        [*command, json.dumps(asdict(limits()))],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env={},
        text=True,
        encoding="ascii",
    )
    try:
        yield _sheets(_events(process))
    finally:
        process.kill()
        process.communicate()


def _events(process: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)
        if "refused" in event:
            raise FileRefused(f"{event['refused']}.")
        if "end" in event:
            return
        yield event
    raise FileRefused(_why_it_ended(process.wait()))


def _why_it_ended(status: int) -> str:
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return "Reading it takes longer than is allowed. Split the file."
    return f"{parser.TOO_MUCH_MEMORY}."


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
