"""Home folders, with databases of their own, for runs that are to leave nothing behind."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lcm import locks
from lcm.postgres.cluster import Cluster

PREFIX = "lcm-disposable-"
IN_USE = "in-use"


@contextmanager
def disposable_home() -> Iterator[Path]:
    """
    Give this process and its children a home folder, removed with its database at the end.

    That database may lose what it was told when the machine fails: all right here, and faster.
    """
    remove_abandoned_homes()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    folder.chmod(0o711)  # the server may run as another user, and has to pass through
    before = {name: os.environ.get(name) for name in ("LCM_HOME", "LCM_PG_FSYNC")}
    os.environ |= {"LCM_HOME": str(folder), "LCM_PG_FSYNC": "off"}
    try:
        # The lock tells later runs that this one still lives.
        with locks.exclusive(folder / IN_USE):
            yield folder
    finally:
        _set_or_remove(before)
        remove_home(folder)


def remove_abandoned_homes() -> None:
    """Stop and remove what runs left behind that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if os.access(folder / IN_USE, os.W_OK) and not locks.is_held(folder / IN_USE):
            remove_home(folder)


def remove_home(folder: Path) -> None:
    Cluster(folder, durable=False).remove()
    shutil.rmtree(folder, ignore_errors=True)


def _set_or_remove(variables: dict[str, str | None]) -> None:
    for name, setting in variables.items():
        if setting is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = setting
