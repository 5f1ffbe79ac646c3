"""
JSON of any size, an entry at a time.

Depth is checked before a parser sees the text: parsers of JSON need time or stack in proportion to
it, and no inventory is deep.
"""

import codecs
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from itertools import accumulate
from typing import IO, Any

import ijson

from common.limited import Refused
from deployments.formats.sources import BEGINNING, Source

DEEPEST = 50
LONGEST_LINE = 64 << 20
NOT_WHOLE = "It is no whole JSON ({}). Export it again"


def keys_at_the_beginning(source: Source) -> frozenset[str]:
    """
    The paths of keys that the first part of a file shows: ``content.bios``, ``item.name``.

    Empty where it is no JSON. Entries of a list are called ``item``; several documents in a file
    count as one.
    """
    paths: set[str] = set()
    # It ends in the middle, or it is something else; what was seen before that counts.
    with suppress(ijson.JSONError, ValueError, Refused), source.utf8() as file:
        start = _Bounded(file, BEGINNING)
        for prefix, event, value in ijson.parse(start, multiple_values=True, buf_size=256):
            if event == "map_key" and prefix.count(".") < 4:
                paths.add(f"{prefix}.{value}" if prefix else value)
    return frozenset(paths)


def entries(source: Source, path: str) -> Iterator[tuple[int, Any]]:
    """
    The values at a path, numbered from 1: ``value.item`` are the entries of the list ``value``.

    :raises Refused: where it is no whole JSON
    """
    with _refusing(), source.utf8() as file:
        yield from enumerate(ijson.items(_Bounded(file), path), start=1)


def documents(source: Source) -> Iterator[tuple[int, Any]]:
    """All documents of a file, one after the other, numbered from 1."""
    with _refusing(), source.utf8() as file:
        yield from enumerate(ijson.items(_Bounded(file), "", multiple_values=True), start=1)


def is_list(source: Source) -> bool:
    """Whether the file is one list."""
    with source.utf8() as file:
        return bytes(file.read(1 << 12)).lstrip().startswith(b"[")


def has_a_document_a_line(source: Source) -> bool:
    """Whether the first line is a whole document, as in logs."""
    if is_list(source):
        return False
    with source.utf8() as file:
        line = file.readline(LONGEST_LINE)
    try:
        return isinstance(document_in(line), dict)
    except ValueError:
        return False


def lines(source: Source) -> Iterator[tuple[int, bytes]]:
    """
    The lines of a file that are not empty, numbered from 1.

    :raises Refused: where one is far too long
    """
    with source.utf8() as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise Refused(f"Line {number:,} is longer than any result. Export it again")
            if line.strip():
                yield number, line


def document_in(line: bytes) -> Any:
    """
    The document in a line.

    :raises ValueError: where it is none, or too deep
    """
    _Depth().pass_over(line)
    return json.loads(line, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except ijson.JSONError as problem:
        raise Refused(NOT_WHOLE.format(_first_line(problem))) from None
    except UnicodeError:
        raise Refused("Its text is not UTF-8 or UTF-16. Export it again") from None
    except ValueError as problem:
        raise Refused(NOT_WHOLE.format(_first_line(problem))) from None


def _first_line(problem: Exception) -> str:
    text = problem.args[0] if problem.args else ""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return text.strip().split("\n", 1)[0].strip()[:100]


class _Bounded:
    """A file whose depth is checked as it is read, and of which at most so much is read."""

    def __init__(self, file: IO[bytes] | codecs.StreamRecoder, most: int | None = None) -> None:
        self._file = file
        self._left = most
        self._depth = _Depth()

    def read(self, size: int) -> bytes:
        if self._left is not None:
            size = min(size, self._left)
            self._left -= size
        chunk: bytes = self._file.read(size) if size else b""
        try:
            self._depth.pass_over(chunk)
        except ValueError as problem:
            raise Refused(str(problem)) from None
        return chunk


_NO_MARKS = bytes(byte for byte in range(256) if byte not in b'"[]{}')
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class _Depth:
    """How deep a text nests, chunk by chunk; what stands in its strings does not count."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._carried = b""

    def pass_over(self, chunk: bytes) -> None:
        """:raises ValueError: where it becomes too deep"""
        text = self._carried + chunk
        whole = text.rstrip(b"\\")
        # One that is left may escape what comes next; two of them are one character.
        self._carried = b"\\" * ((len(text) - len(whole)) % 2)
        brackets = self._outside_strings(
            whole.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _NO_MARKS)
        )
        depths = list(accumulate((_STEPS[mark] for mark in brackets), initial=self._depth))
        if max(depths) > DEEPEST:
            raise ValueError(f"It nests deeper than {DEEPEST} levels, which no inventory does")
        self._depth = depths[-1]

    def _outside_strings(self, marks: bytes) -> bytes:
        if self._in_string:
            marks = b'"' + marks
        self._in_string = marks.count(b'"') % 2 == 1
        if self._in_string:
            marks += b'"'
        return re.sub(rb'"[^"]*"', b"", marks)
