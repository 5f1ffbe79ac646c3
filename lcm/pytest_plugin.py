"""
Gives the tests a home folder and database server of their own, which end with them.

Loaded by `-p` in pyproject.toml, because the settings are read before any conftest.py. It only says
where the server is to live: the first test with a database starts it, and tests without one need
not wait. Tests that are to run on another server name it in `DATABASE_URL`.
"""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lcm import locks
from lcm.postgres.cluster import Cluster
from lcm.signals import end_like_ctrl_c

PREFIX = "lcm-tests-"
IN_USE = "in-use"

_until_the_end = pytest.StashKey[ExitStack]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Set the home folder before pytest-django reads the settings."""
    is_worker_of_xdist = "PYTEST_XDIST_WORKER" in os.environ
    if not is_worker_of_xdist:
        remove_abandoned_homes()
        early_config.stash[_until_the_end] = use_own_home()
    yield


def pytest_configure(config: pytest.Config) -> None:
    if _until_the_end in config.stash:
        end_like_ctrl_c()  # and stop the server then too


def pytest_unconfigure(config: pytest.Config) -> None:
    if _until_the_end in config.stash:
        config.stash[_until_the_end].close()


def use_own_home() -> ExitStack:
    """Make a home folder for this run and its workers; closing what is returned removes it."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    folder.chmod(0o711)  # the server may run as another user, and has to pass through
    os.environ["LCM_HOME"] = str(folder)
    os.environ["LCM_PG_FSYNC"] = "off"
    at_the_end = ExitStack()
    at_the_end.callback(remove_home, folder)
    # The lock tells later runs that this one still lives.
    at_the_end.enter_context(locks.exclusive(folder / IN_USE))
    return at_the_end


def remove_abandoned_homes() -> None:
    """Stop what runs left behind that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if os.access(folder / IN_USE, os.W_OK) and not locks.is_held(folder / IN_USE):
            remove_home(folder)


def remove_home(folder: Path) -> None:
    Cluster(folder, durable=False).remove()
    shutil.rmtree(folder, ignore_errors=True)
