"""Staging: the rows that a file tells of, by COPY into ``FoundRow``."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from common.limited import FileRefused
from common.sql import run
from deployments.models import InventoryImport

BATCH = 2_000
MOST_PROBLEMS = 200  # that are kept to be shown; all are counted

COLUMNS = (
    "deployments_foundrow (source_import_id, number, kind, device, person, publisher, name,"
    " version, edition, platform, language, tag, installed_on, last_used_on, count, more)"
)


@dataclass
class Staged:
    """
    What staging found.

    :param format: of the file
    :param question: what a person has to answer first; None: all rows are staged
    :param problems: the first of them as number of the row, sentence, whether it was refused
    :param refused: how many rows were
    :param is_part: whether the file says itself that it is only a part
    """

    format: str = ""
    question: dict[str, Any] | None = None
    problems: list[list[Any]] = field(default_factory=list)
    refused: int = 0
    is_part: bool = False
    rows: int = 0


class _Asked(Exception):
    """The file cannot be read before a person answers."""


def stage(
    source: InventoryImport,
    events: Iterable[dict[str, Any]],
    *,
    moved_to: Callable[[int], None] = lambda rows: None,
) -> Staged:
    """
    Stage the rows of a file in the caller's transaction; where it asks a question, none.

    :param moved_to: told how many rows are staged, now and then
    :raises FileRefused: where the file cannot be read, or holds nothing
    """
    clear(source)
    staged = Staged()
    try:
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            cursor.copy(f"COPY {COLUMNS} FROM STDIN") as copy,
        ):
            for row in _rows(events, staged, moved_to):
                copy.write_row((source.pk, *row))
    except _Asked:
        return staged
    if not staged.rows:
        raise FileRefused(_why_there_is_nothing(staged))
    return staged


def clear(source: InventoryImport) -> None:
    """Forget what was staged."""
    run("DELETE FROM deployments_foundrow WHERE source_import_id = %s", [source.pk])


def _rows(
    events: Iterable[dict[str, Any]], staged: Staged, moved_to: Callable[[int], None]
) -> Iterator[list[Any]]:
    for event in events:
        if row := event.get("row"):
            staged.rows += 1
            if staged.rows % BATCH == 0:
                moved_to(staged.rows)
            if row[-1] is not None:
                row[-1] = json.dumps(row[-1])
            yield row
        else:
            _note(event, staged)


def _note(event: dict[str, Any], staged: Staged) -> None:
    match event:
        case {"format": format}:
            staged.format = format
        case {"problem": [number, sentence, is_refused]}:
            staged.refused += is_refused
            if len(staged.problems) < MOST_PROBLEMS:
                staged.problems.append([number, sentence, is_refused])
        case {"part": sentence}:
            staged.is_part = True
            _note({"problem": [0, sentence, False]}, staged)
        case {"asking": question}:
            staged.question = question
            raise _Asked


def _why_there_is_nothing(staged: Staged) -> str:
    if staged.problems:
        return f"None of its rows can be read. The first: {staged.problems[0][1]}"
    return "It holds no device, no software and no subscription."
