"""The tests' own database server ends with them, however they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lcm import locks
from lcm.home import PROJECT
from lcm.postgres.cluster import Cluster

INNER_TEST = """
import os, pathlib, time
from lcm import postgres

def test_inner():
    postgres.ensure_running()
    started = pathlib.Path({started!r})
    started.with_suffix(".new").write_text(os.environ["LCM_HOME"])
    started.with_suffix(".new").rename(started)
    time.sleep({seconds})
"""


class InnerRun:
    """A run of pytest whose one test starts the server and waits a while."""

    def __init__(self, folder: Path, *, seconds: float) -> None:
        self._started = folder / "started"
        test = folder / "test_inner.py"
        test.write_text(INNER_TEST.format(started=str(self._started), seconds=seconds))
        # A temporary folder of its own, so that it meets no home but those of this test.
        variables = {"PATH": os.environ["PATH"], "TMPDIR": str(folder)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "--rootdir=.", str(test)],
            cwd=PROJECT,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def home_once_started(self) -> Path:
        deadline = time.monotonic() + 60
        while not self._started.exists():
            assert self.process.poll() is None, self.process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return Path(self._started.read_text())


@pytest.fixture
def folder(home: Path) -> Path:
    return home


def test_a_run_leaves_neither_server_nor_folder(folder: Path) -> None:
    run = InnerRun(folder, seconds=0)
    home = run.home_once_started()

    output = run.process.communicate(timeout=60)[0]

    assert run.process.returncode == 0, output
    assert not home.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_neither_server_nor_folder(
    folder: Path, number: signal.Signals
) -> None:
    run = InnerRun(folder, seconds=60)
    home = run.home_once_started()
    server_lock = os.open(home / "postgres.alive", os.O_RDWR)

    run.process.send_signal(number)
    run.process.communicate(timeout=30)

    assert run.process.returncode == 2  # as pytest says when interrupted
    assert not home.exists()
    assert not locks.is_held(Path(f"/proc/self/fd/{server_lock}"))


def test_what_a_killed_run_left_is_removed_by_the_next(folder: Path) -> None:
    killed = InnerRun(folder, seconds=60)
    abandoned = killed.home_once_started()
    killed.process.kill()
    killed.process.communicate()
    assert Cluster(abandoned).is_alive()

    InnerRun(folder, seconds=0).process.communicate(timeout=60)

    assert not abandoned.exists()
