"""
Gives the tests a home folder and database server of their own, which end with them.

Loaded by `-p` in pyproject.toml, because the settings are read before any conftest.py. It only says
where the server is to live: the first test with a database starts it, and tests without one need
not wait. Tests that are to run on another server name it in `DATABASE_URL`.
"""

import os
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from lcm.disposable import disposable_home
from lcm.signals import end_like_ctrl_c

_until_the_end = pytest.StashKey[ExitStack]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Make the home folder before pytest-django reads the settings; workers of xdist inherit it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        at_the_end = early_config.stash[_until_the_end] = ExitStack()
        at_the_end.enter_context(disposable_home())
    yield


def pytest_configure(config: pytest.Config) -> None:
    if _until_the_end in config.stash:
        end_like_ctrl_c()  # and stop the server then too


def pytest_unconfigure(config: pytest.Config) -> None:
    if _until_the_end in config.stash:
        config.stash[_until_the_end].close()
