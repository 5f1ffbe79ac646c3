"""
Keeps the programs of a local installation running, and stops all of them together.

Each program runs in a session of its own, so that Ctrl-C in the terminal reaches this process
alone, which then stops them in order, with every process that they started.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from lcm.home import PROJECT
from lcm.signals import undisturbed

SECONDS_TO_START = 120.0
SECONDS_TO_STOP = 5.0
SECONDS_TO_LET_GO = 2.0
# A program that ends sooner than this, so many times running, will not do better the next time.
SHORT_LIFE = 10.0
SHORT_LIVES = 3

# Loopback is asked directly, whatever http_proxy says.
_without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ServeFailed(Exception):
    """The installation could not be started or kept running; the message says why."""


class PortTaken(ServeFailed):
    """Another program listens on the port."""


class KeepsEnding(ServeFailed):
    """A program ends again and again right after its start."""


class NeverHealthy(ServeFailed):
    """The application did not come up in time."""


@dataclass(frozen=True)
class Service:
    """A program that is to run as long as its installation does."""

    name: str  # for people, like "web server"
    command: Sequence[str]
    inherited: tuple[int, ...] = ()  # file descriptors that it gets


def reserve_port(port: int) -> socket.socket:
    """
    Take a port of the loopback interface for a web server to be started later.

    :raises PortTaken: with what to do instead
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # The web server of an installation that was killed a moment ago may still be letting go of it.
    deadline = time.monotonic() + SECONDS_TO_LET_GO
    while True:
        try:
            listener.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            if time.monotonic() > deadline:
                listener.close()
                raise PortTaken(
                    f"Port {port} cannot be used ({error}). Choose another one with --port."
                ) from error
            time.sleep(0.1)
        else:
            return listener


def web_server(listener: socket.socket) -> Service:
    """The application behind gunicorn, on a port that was reserved for it."""
    bind = f"fd://{listener.fileno()}"
    command = [sys.executable, "-m", "gunicorn", "lcm.wsgi", "--bind", bind, "--log-level=warning"]
    return Service("web server", command, inherited=(listener.fileno(),))


def worker() -> Service:
    """The program that does the jobs which pages leave to it."""
    return Service("worker", [sys.executable, str(PROJECT / "manage.py"), "worker"])


@contextmanager
def running(services: Sequence[Service]) -> Iterator[list["Process"]]:
    """Start programs; stop them, and all that they started, at the end of the block."""
    processes: list[Process] = []
    try:
        for service in services:
            processes.append(Process(service))
        yield processes
    finally:
        with undisturbed():
            stop(processes)


def keep_running(
    processes: Sequence["Process"], *, until: Callable[[], bool], say: Callable[[str], None]
) -> None:
    """
    Start programs again that end, until a condition holds; it is asked a few times a second.

    :raises KeepsEnding: if one of them cannot be kept running
    """
    while not until():
        for process in processes:
            process.restart_if_ended(say)
        time.sleep(0.1)


def stop(processes: Sequence["Process"]) -> None:
    """Ask all programs to end, give them a while, together, to do so, and end what is left."""
    for process in processes:
        process.ask_to_stop()
    deadline = time.monotonic() + SECONDS_TO_STOP
    while time.monotonic() < deadline and any(process.is_alive() for process in processes):
        time.sleep(0.02)
    for process in processes:
        process.kill()


class Process:
    """One running program: started again when it ends by itself."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.short_lives = 0
        self._start()

    def _start(self) -> None:
        self.started_at = time.monotonic()
        self.popen = subprocess.Popen(
            self.service.command,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self.service.inherited,
            preexec_fn=_end_with_parent,  # there are no threads here that could hold a lock
        )

    def is_alive(self) -> bool:
        return self.popen.poll() is None

    def restart_if_ended(self, say: Callable[[str], None]) -> None:
        """
        Start the program again if it has ended.

        :raises KeepsEnding: if it never lives long enough to be of use
        """
        if self.is_alive():
            return
        code = self.popen.returncode
        self.kill()
        lived = time.monotonic() - self.started_at
        self.short_lives = self.short_lives + 1 if lived < SHORT_LIFE else 1
        if self.short_lives >= SHORT_LIVES:
            raise KeepsEnding(f"The {self.service.name} keeps ending (exit code {code}).")
        say(f"The {self.service.name} ended (exit code {code}); starting it again.")
        self._start()

    def ask_to_stop(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End whatever is left of the program and of the processes that it started."""
        self._signal(signal.SIGKILL)
        self.popen.wait()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, number)


def wait_until_healthy(
    processes: Sequence[Process], address: str, *, say: Callable[[str], None]
) -> None:
    """
    Return when the application at an address says that it is up.

    :raises NeverHealthy: if it does not in time
    :raises KeepsEnding: if one of its programs cannot be kept running
    """
    deadline = time.monotonic() + SECONDS_TO_START

    def is_up() -> bool:
        if time.monotonic() > deadline:
            raise NeverHealthy(f"The application at {address} does not come up.")
        return is_healthy(address)

    keep_running(processes, until=is_up, say=say)


def is_healthy(address: str) -> bool:
    """Whether the application at an address says that it is up."""
    try:
        with _without_proxy.open(f"{address}/healthz", timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _end_with_parent() -> None:
    """Let the kernel end this program with its supervisor, even one that is killed."""
    if _libc is not None:
        _libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
