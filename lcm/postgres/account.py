"""
The system user that the server runs as.

PostgreSQL refuses to run as root. Started by root it runs as `postgres`, or `nobody` where there is
no such user; started by anybody else it runs as that user.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lcm.postgres.unavailable import Unavailable


class NoServerUser(Unavailable):
    """Root has no other user to run the server as."""


@dataclass(frozen=True)
class Account:
    """A system user; `is_other` when it is not the one this process runs as."""

    uid: int
    gid: int
    is_other: bool

    def run(self, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this user, apart from this terminal's signals."""
        if self.is_other:
            options.update(user=self.uid, group=self.gid, extra_groups=[])
        return subprocess.run(
            command,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            start_new_session=True,
            text=True,
            **options,
        )

    def own(self, path: Path) -> None:
        """Make a folder that this process just created this user's."""
        if self.is_other:
            shutil.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user may pass through a folder and all folders above it."""
        if not self.is_other:
            return True
        return (
            self.run(
                ["/bin/sh", "-c", 'cd -- "$0"', str(folder)], stderr=subprocess.DEVNULL
            ).returncode
            == 0
        )

    def can_run(self, program: str) -> bool:
        """Whether this user may run a program that this process may run."""
        if not self.is_other:
            return True
        try:
            return self.run([program, "--version"], capture_output=True).returncode == 0
        except PermissionError:
            return False


def server_account(storage: Path) -> Account:
    """
    The user that a server with this storage has to run as when this process starts it.

    :raises NoServerUser: if this process is root and there is no user to become
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_other=False)
    if storage.exists():
        # Made by root's stand-in before, or by the ordinary user whose checkout this is.
        made_by = storage.stat()
        return Account(made_by.st_uid, made_by.st_gid, is_other=True)
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_uid, user.pw_gid, is_other=True)
    raise NoServerUser(
        "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody. "
        "Run the command as an ordinary user, or set DATABASE_URL to a server that runs already."
    )
