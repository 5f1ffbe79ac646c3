"""
Reading strangers' files: by a program in a process of its own, with limited memory and time.

Whoever uploads a file may mean harm or merely have a broken file, so nothing of it is opened in the
worker itself. The program is a module of the project that has ``main``; it limits itself before it
opens the file, and writes one JSON line an event (``answer``). Its last line is ``{"end": true}``,
or ``{"refused": "why"}``; without either it was ended by its limits. It knows no Django: the
settings hold secrets.
"""

import json
import lzma
import resource
import signal
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Event = dict[str, Any]

MB = 1 << 20
TOO_LONG = "Reading it takes longer than is allowed. Split the file."
TOO_MUCH = "Reading it needs more memory than is allowed. Split the file."


@dataclass(frozen=True, kw_only=True)
class Limits:
    """
    What one file may ask for.

    :param unpacked: bytes of all parts of a ZIP together
    :param ratio: how many times larger than the file they may be
    :param memory: bytes of address space of the program
    :param seconds: of the processor
    """

    unpacked: int
    ratio: int
    parts: int
    rows: int
    columns: int
    memory: int
    seconds: int


# --- The worker ---


class FileRefused(Exception):
    """The file cannot be read; the message is a sentence that says why and what to do."""


# The program sees the packages of the project beside those of its environment.
PROJECT = Path(__file__).resolve().parent.parent
START = (
    "import sys; from importlib import import_module; sys.path.insert(0, sys.argv.pop(1));"
    " import_module(sys.argv.pop(1)).main()"
)


@contextmanager
def events_of(program: str, *arguments: str) -> Iterator[Iterator[Event]]:
    """
    The events of a program, in order, until its end.

    :param program: the module whose ``main`` it is
    :raises FileRefused: here or while the events are taken, where the file cannot be read
    """
    # No environment: it holds secrets, which a process that reads strangers' files need not have.
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", START, str(PROJECT), program, *arguments],
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


def _events(process: "subprocess.Popen[str]") -> Iterator[Event]:
    assert process.stdout is not None
    for line in process.stdout:
        event: Event = json.loads(line)
        if "refused" in event:
            raise FileRefused(f"{event['refused']}.")
        if "end" in event:
            return
        yield event
    ended_by_time = process.wait() in (-signal.SIGXCPU, -signal.SIGKILL)
    raise FileRefused(TOO_LONG if ended_by_time else TOO_MUCH)


# --- The program ---


class Refused(Exception):
    """The file cannot be read; the message says why and what to do, without a full stop."""


def answer(
    events: Callable[[], Iterator[Event]], limits: Limits, *, too_much_memory: str = TOO_MUCH
) -> None:
    """
    Limit this process, and write events until their end, or until the file is refused.

    :param events: opens the file when it is called; raises ``Refused``
    :param too_much_memory: a sentence for whoever's file needs more than is allowed
    """
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 5))
    try:
        for event in events():
            _say(event)
        _say({"end": True})
    except Refused as refusal:
        _say({"refused": str(refusal)})
    except MemoryError:
        _say({"refused": too_much_memory.removesuffix(".")})


_encoded = json.JSONEncoder(separators=(",", ":")).encode


def _say(event: Event) -> None:
    sys.stdout.write(_encoded(event) + "\n")


# What opening and unpacking a ZIP raises where it is damaged, whichever way it is packed.
DAMAGED_ZIP = (
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    UnicodeError,
    zlib.error,
    lzma.LZMAError,
)


def check_unpacked(unpacked: int, *, size: int, limits: Limits, remedy: str) -> None:
    """
    Hold what came out of a ZIP against its limits, while it is unpacked.

    :param unpacked: bytes so far; what the ZIP states of them is not believed
    :param size: of the ZIP itself
    :param remedy: the end of a sentence that says what no ordinary file does, and what to do
    :raises Refused: where it is too much
    """
    if unpacked > limits.unpacked:
        raise Refused(f"It unpacks to more than {limits.unpacked // MB:,} MB. Split it")
    if unpacked > MB and unpacked > size * limits.ratio:
        raise Refused(f"It unpacks to more than {limits.ratio} times its size, which {remedy}")
