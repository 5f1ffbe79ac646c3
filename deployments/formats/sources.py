"""
A file, or the files in a ZIP, to be read from the beginning as often as need be.

A ZIP is unpacked once, counting, before anything in it is parsed: the sizes that it states are not
believed. Its members are only read, never written anywhere, so their names lead nowhere.
"""

import codecs
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Literal

from common.csv_text import BYTE_ORDER_MARKS
from common.limited import DAMAGED_ZIP, MB, Limits, Refused, check_unpacked
from deployments.formats.options import Options

BEGINNING = 1 << 16  # bytes by which a format is told
NO_ORDINARY_INVENTORY = "no ordinary inventory does. Upload its files themselves"


@dataclass(frozen=True)
class Source:
    """
    One file.

    :param name: as the person calls it, or its name in the ZIP
    :param limits: of reading it
    :param is_member: whether it is one of a ZIP
    """

    name: str
    open: Callable[[], IO[bytes]]
    limits: Limits
    is_member: bool = False

    @property
    def stem(self) -> str:
        """Its name without folders and ending, which may name a device."""
        return PurePosixPath(self.name.replace("\\", "/")).stem

    def beginning(self) -> bytes:
        with self.open() as file:
            return file.read(BEGINNING)

    @contextmanager
    def text(self, options: Options) -> Iterator[io.TextIOWrapper]:
        """Its text, with line ends as they are."""
        encoding = encoding_of(self.beginning()) or options.encoding or "utf-8"
        with io.TextIOWrapper(self.open(), encoding=encoding, newline="") as text:
            yield text

    @contextmanager
    def utf8(self) -> Iterator[IO[bytes] | codecs.StreamRecoder]:
        """Its text as UTF-8 without byte order mark, which is what JSON is written in."""
        encoding = encoding_of(self.beginning())
        with self.open() as file:
            if encoding == "utf-8-sig":
                file.read(3)
            if encoding.startswith("utf-16"):
                yield codecs.EncodedFile(file, "utf-8", encoding)
            else:
                yield file


def encoding_of(beginning: bytes) -> Literal["", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]:
    """The encoding that a byte order mark tells, or the zeros of UTF-16 without one."""
    for mark, name in BYTE_ORDER_MARKS:
        if beginning.startswith(mark):
            return "utf-8-sig" if name == "utf-8-sig" else "utf-16"
    match [byte == 0 for byte in beginning[:4]]:
        case [False, True, False, True]:
            return "utf-16-le"
        case [True, False, True, False]:
            return "utf-16-be"
    return ""


@contextmanager
def sources_of(path: str, *, name: str, limits: Limits) -> Iterator[Iterator[Source]]:
    """
    The file at a path, or the files in it where it is a ZIP.

    :raises Refused: where it is a ZIP that must not, or cannot, be unpacked
    """
    whole = Source(name, lambda: open(path, "rb"), limits)  # noqa: SIM115 - its reader closes it
    if not whole.beginning().startswith(b"PK\x03\x04"):
        yield iter((whole,))
        return
    with ExitStack() as opened:
        try:
            package = opened.enter_context(zipfile.ZipFile(path))
            _check(package, os.path.getsize(path), limits)
        except DAMAGED_ZIP as problem:
            raise Refused(f"The ZIP file is damaged ({problem}). Make it again") from None
        yield _members(package, limits)


def _members(package: zipfile.ZipFile, limits: Limits) -> Iterator[Source]:
    for member in package.infolist():
        if not member.is_dir() and not _is_dropping(member.filename):
            yield Source(member.filename, _opener(package, member), limits, is_member=True)


def _opener(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: package.open(member)


def _is_dropping(name: str) -> bool:
    """Whether it is one of the files that operating systems add by themselves."""
    *folders, file = name.replace("\\", "/").split("/")
    return "__MACOSX" in folders or file in {".DS_Store", "Thumbs.db", "desktop.ini"}


def _check(package: zipfile.ZipFile, size: int, limits: Limits) -> None:
    members = package.infolist()
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise Refused("It is a workbook. Save its sheet as CSV UTF-8, and upload that")
    if len(members) > limits.parts:
        raise Refused(f"It holds {len(members):,} files, at most {limits.parts:,} are read")
    if any(member.flag_bits & 1 for member in members):
        raise Refused("It is protected by a password. Make it without one")
    unpacked = 0
    for member in members:
        with package.open(member) as content:
            while chunk := content.read(MB):
                unpacked += len(chunk)
                check_unpacked(unpacked, size=size, limits=limits, remedy=NO_ORDINARY_INVENTORY)
