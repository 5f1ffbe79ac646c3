"""The demo as a person runs it: real processes, real signals, one folder from test to test."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.urls import reverse

from demo.load import USERS
from lcm.home import PROJECT
from lcm.postgres.cluster import Cluster

pytestmark = pytest.mark.xdist_group("demo")  # one after the other, over one folder


class Demo:
    """The command, running in the background."""

    def __init__(self, home: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._output = home / "output"
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", "--no-browser", f"--port={port}"],
                cwd=PROJECT,
                env=variables_for(home),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self._output.read_text()

    def wait_until(self, condition: Callable[[], bool], *, seconds: float = 240) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)

    def wait_until_welcome(self) -> None:
        self.wait_until(lambda: f"LCM runs at {self.address}" in self.said)

    def answer(self) -> int:
        with urllib.request.urlopen(f"{self.address}/healthz", timeout=10) as response:
            return int(response.status)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(timeout=60)

    def stop_if_running(self) -> None:
        if self.process.poll() is None:
            self.stop()


def variables_for(home: Path) -> dict[str, str]:
    # A proxy for the way out is none for loopback.
    proxy = {"http_proxy": "http://127.0.0.1:9"}
    # Set to nothing is as good as not set, and the server is the embedded one.
    return {"PATH": os.environ["PATH"], "LCM_HOME": str(home), "DATABASE_URL": "", **proxy}


def processes_of(home: Path) -> list[str]:
    """The command line of every process that has to do with this home folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes()
            variables = (process / "environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(home) in arguments + variables:
            found.append(f"{process.name} {arguments.replace(bytes(1), b' ').decode()}")
    return found


def pid_of(home: Path, program: str) -> int | None:
    running = (int(line.split()[0]) for line in processes_of(home) if program in line)
    return next(running, None)


def wait_until_gone(home: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while left := processes_of(home):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="lcm-demo-")).resolve()
    folder.chmod(0o711)
    yield folder
    Cluster(folder, durable=False).remove()
    shutil.rmtree(folder)


@pytest.fixture
def port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def start(home: Path, port: int) -> Iterator[Callable[[], Demo]]:
    """Starts the demo; whatever is left running at the end of the test is stopped."""
    with ExitStack() as at_the_end:

        def start_demo() -> Demo:
            demo = Demo(home, port)
            at_the_end.callback(demo.stop_if_running)
            return demo

        yield start_demo


@pytest.fixture
def demo(start: Callable[[], Demo]) -> Demo:
    demo = start()
    demo.wait_until_welcome()
    return demo


def test_what_was_loaded_in_part_only_is_loaded_anew(home: Path, start: Callable[[], Demo]) -> None:
    server = Cluster(home)
    server.ensure_running()
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE left_half_done ()")
    (home / "demo.loading").touch()

    demo = start()
    demo.wait_until_welcome()

    assert "loaded in part only" in demo.said
    assert not (home / "demo.loading").exists()
    with psycopg.connect(server.url) as connection:
        left = connection.execute("SELECT to_regclass('left_half_done')").fetchone()
    assert left == (None,)


class StayingHere(urllib.request.HTTPRedirectHandler):
    """Shows where an answer leads instead of going there."""

    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        return fp


def test_each_user_that_it_names_signs_in_with_the_password_beside(demo: Demo) -> None:
    for user in USERS:
        cookies = urllib.request.HTTPCookieProcessor()
        browser = urllib.request.build_opener(cookies, StayingHere())
        sign_in = f"{demo.address}{reverse('sign-in')}"
        with browser.open(sign_in) as page:
            token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
        assert token
        form = {
            "csrfmiddlewaretoken": token[1],
            "username": user.username,
            "password": user.password,
        }

        with browser.open(sign_in, data=urlencode(form).encode()) as answer:
            leads_to = answer.headers["Location"]

        assert leads_to == reverse("home"), user.username
        assert re.search(rf"{user.username} +{user.password} +{re.escape(user.role)}", demo.said)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stops_everything_that_it_started(home: Path, demo: Demo, number: signal.Signals) -> None:
    assert demo.answer() == 200

    demo.stop(number)

    assert demo.process.returncode == 0, demo.said
    assert "Stopped." in demo.said
    assert processes_of(home) == []


def test_starts_again_soon_after_everything_was_killed(
    home: Path, demo: Demo, start: Callable[[], Demo]
) -> None:
    for line in processes_of(home):
        os.kill(int(line.split()[0]), signal.SIGKILL)
    demo.process.wait()

    again = start()
    again.wait_until_welcome()

    assert again.answer() == 200
    assert "Loading the demo data" not in again.said


def test_leaves_no_server_and_no_worker_when_it_is_killed_itself(home: Path, demo: Demo) -> None:
    demo.process.kill()
    demo.process.wait()
    Cluster(home, durable=False).stop()

    wait_until_gone(home, seconds=15)


def test_starts_again_what_ends_and_says_so(home: Path, demo: Demo) -> None:
    worker = pid_of(home, "manage.py worker")
    assert worker

    os.kill(worker, signal.SIGKILL)
    demo.wait_until(lambda: "The worker ended" in demo.said)

    assert re.search(r"The worker ended \(exit code -9\); starting it again", demo.said)
    demo.wait_until(lambda: pid_of(home, "manage.py worker") not in (worker, None))
    assert demo.answer() == 200


def test_a_second_demo_of_the_folder_is_refused(home: Path, demo: Demo, port: int) -> None:
    second = subprocess.run(
        [sys.executable, "manage.py", "demo", "--no-browser", f"--port={port + 1}"],
        cwd=PROJECT,
        env=variables_for(home),
        capture_output=True,
        text=True,
    )

    assert second.returncode == 1
    assert "runs already" in second.stderr
    assert demo.answer() == 200


def test_a_busy_port_gives_a_sentence(start: Callable[[], Demo], port: int) -> None:
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", port))
        occupant.listen()

        refused = start()
        refused.process.wait(timeout=30)

    assert refused.process.returncode == 1
    assert f"Port {port} cannot be used" in refused.said
    assert "--port" in refused.said
    assert "Traceback" not in refused.said


@pytest.fixture
def home_of_another_version() -> Iterator[Path]:
    """A home whose database knows of a table of ours, and of none that it stands on."""
    folder = Path(tempfile.mkdtemp(prefix="lcm-demo-")).resolve()
    folder.chmod(0o711)
    server = Cluster(folder)
    server.ensure_running()
    with psycopg.connect(server.url) as connection:
        connection.execute(
            "CREATE TABLE django_migrations"
            " (id serial, app text, name text, applied timestamptz DEFAULT now())"
        )
        connection.execute(
            "INSERT INTO django_migrations (app, name) VALUES ('allocation', '0001_initial')"
        )
    yield folder
    server.remove()
    shutil.rmtree(folder)


def test_a_database_of_another_version_gives_a_sentence(
    home_of_another_version: Path, port: int
) -> None:
    refused = Demo(home_of_another_version, port)
    refused.process.wait(timeout=60)

    assert refused.process.returncode == 1
    assert "was made by another version of LCM" in refused.said
    assert str(home_of_another_version) in refused.said
    assert "Traceback" not in refused.said


def test_does_not_run_in_production(home: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=PROJECT,
        env=variables_for(home)
        | {
            "LCM_ENV": "production",
            "LCM_KEY_SECRETS": "wY7tB2nQ5vK8mX1zR4cJ6pL9sD3fG0hA-eUoIqViZxMw_TjKuHyBrEd",
            "LCM_SECRET_KEY": "k3J9vQ2xZ7mN5bR8tW1yP4sD6fG0hL-aEcUoIqXzVnMw_TjKuBiYr",
            "LCM_ALLOWED_HOSTS": "licenses.example.org",
            "DATABASE_URL": "postgresql://nowhere/none",
        },
        capture_output=True,
        text=True,
    )

    assert refused.returncode == 1
    assert "does not run in production" in refused.stderr
