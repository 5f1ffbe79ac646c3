"""A file of an inventory as a stream of found rows, read by ``deployments.formats``."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from common.limited import events_of
from common.limits import limits_of
from deployments.inventory.choices import Choices


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
        "limits": asdict(limits_of("INVENTORY")),
    }
    with events_of("deployments.formats.process", str(path), json.dumps(asked)) as events:
        yield events
