"""A file of an inventory as a stream of found rows, read by ``deployments.formats``."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from common.limited import events_of
from deployments.inventory.choices import Choices

# The program sees the packages of the project, of which it needs deployments.formats alone.
PROJECT = Path(__file__).resolve().parents[2]
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv.pop(1));"
    " from deployments.formats.process import main; main()"
)


@contextmanager
def opened(
    path: Path, *, name: str, format: str, choices: Choices
) -> Iterator[Iterator[dict[str, Any]]]:
    """
    The events of a file: its format, then its rows and what is wrong with some, or a question.

    :param name: as the person calls the file
    :param format: a key of ``deployments.formats.FORMATS``; empty: told by the file
    :raises common.limited.FileRefused: here or while the events are taken
    """
    asked = {
        "format": format,
        "name": name,
        "options": choices.for_reader,
        "limits": limits(),
    }
    with events_of(["-c", PROGRAM, str(PROJECT), str(path), json.dumps(asked)]) as events:
        yield events


def limits() -> dict[str, int]:
    """The limits of this installation; what ``LCM_INVENTORY_…`` of the settings say."""
    return {
        "unpacked": settings.LCM_INVENTORY_MOST_UNPACKED_MB << 20,
        "ratio": settings.LCM_INVENTORY_MOST_RATIO,
        "parts": settings.LCM_INVENTORY_MOST_PARTS,
        "rows": settings.LCM_INVENTORY_MOST_ROWS,
        "columns": settings.LCM_INVENTORY_MOST_COLUMNS,
        "memory": settings.LCM_INVENTORY_MEMORY_MB << 20,
        "seconds": settings.LCM_INVENTORY_SECONDS,
    }
