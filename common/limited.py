"""
Reading strangers' files: by a program in a process of its own, with limited memory and time.

The program limits itself before it opens the file, and writes one JSON line an event. Its last line
is ``{"end": true}``, or ``{"refused": "why"}``; without either it was ended by its limits.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

TOO_LONG = "Reading it takes longer than is allowed. Split the file."
TOO_MUCH = "Reading it needs more memory than is allowed. Split the file."


class FileRefused(Exception):
    """The file cannot be read; the message is a sentence that says why and what to do."""


@contextmanager
def events_of(arguments: Sequence[str]) -> Iterator[Iterator[dict[str, Any]]]:
    """
    The events of a program of Python, in order, until its end.

    :param arguments: of the interpreter: the program's path, or ``-c`` and its text, and its own
    :raises FileRefused: here or while the events are taken, where the file cannot be read
    """
    # No environment: it holds secrets, which a process that reads strangers' files need not have.
    process = subprocess.Popen(
        [sys.executable, "-I", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env={},
        text=True,
        encoding="ascii",
    )
    try:
        yield _events(process)
    finally:
        process.kill()
        process.communicate()


def _events(process: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    for line in process.stdout:
        event: dict[str, Any] = json.loads(line)
        if "refused" in event:
            raise FileRefused(f"{event['refused']}.")
        if "end" in event:
            return
        yield event
    ended_by_time = process.wait() in (-signal.SIGXCPU, -signal.SIGKILL)
    raise FileRefused(TOO_LONG if ended_by_time else TOO_MUCH)
