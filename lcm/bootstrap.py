"""
Makes the project's Python environment, and runs the command again inside it.

`manage.py` calls `enter_environment()` first, so that a fresh clone needs nothing but some Python.
This is why this module has only the standard library, and no syntax newer than Python 3.8. What it
has to say goes to standard error: standard output belongs to the command.

The environment is the folder `.venv`, made by uv from `uv.lock`. Two marks tell its state. The
*stamp* says what it was made from; it is written last. The *building mark* stands while uv works:
uv ended in the middle leaves half a package that its next run takes for whole, so where the mark is
found, the environment is made anew. An environment without either was made by a person (`uv sync`)
or by an image, and stays theirs to maintain.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import IO, Any, Iterator, NoReturn

PROJECT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
ENVIRONMENT = os.path.join(PROJECT, ".venv")
STAMP = os.path.join(ENVIRONMENT, "made-from")
LOCKED_PACKAGES = os.path.join(PROJECT, "uv.lock")
WORKPLACE = os.path.join(PROJECT, ".lcm")
BUILDING = os.path.join(WORKPLACE, "environment.building")
LOCK = os.path.join(WORKPLACE, "environment.lock")
UV_FOLDER = os.path.join(WORKPLACE, "uv")

IS_WINDOWS = os.name == "nt"
PROGRAMS = "Scripts" if IS_WINDOWS else "bin"
SUFFIX = ".exe" if IS_WINDOWS else ""
PYTHON = os.path.join(ENVIRONMENT, PROGRAMS, "python" + SUFFIX)

# Best first: the one the project is developed with, and those that every locked package has wheels
# for.
PYTHON_VERSIONS = ("3.13", "3.14", "3.12")
UV_REQUIREMENT = "uv==0.13.9"
OLDEST_UV = (0, 8)
# Set for the command that is run again, to notice when that did not lead into the environment.
ENTERED = "LCM_ENVIRONMENT_ENTERED"


class SetupFailed(Exception):
    """The environment could not be made; the message says why and what to do."""


def enter_environment() -> None:
    """
    Return when running inside the project's environment, up to date; else run the command again
    there.

    In the second case the environment is made or brought up to date if need be, and this function
    does not return. Ends the command with a sentence where that is impossible.
    """
    inside = is_inside()
    if inside:
        os.environ.pop(ENTERED, None)
        if is_current() or not is_ours():
            return
    try:
        if not is_current():
            make_environment()
        if not inside and os.environ.get(ENTERED) == PROJECT:
            raise SetupFailed(
                f"{PYTHON} is no environment of its own. Remove {ENVIRONMENT} and try again."
            )
    except (SetupFailed, OSError) as error:
        say(f"Set-up failed: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("Set-up interrupted; run the command again to go on.")
        sys.exit(130)
    run_again_inside()


def is_inside() -> bool:
    return os.path.realpath(sys.prefix) == os.path.realpath(ENVIRONMENT)


def is_ours() -> bool:
    return os.path.exists(STAMP) or os.path.exists(BUILDING)


def is_current() -> bool:
    """Whether the environment is whole, and made for this place from what is locked now."""
    if os.path.exists(BUILDING) or not os.path.exists(PYTHON):
        return False
    try:
        with open(STAMP, "rb") as stamp:
            return stamp.read() == current_stamp()
    except OSError:
        return False


def current_stamp() -> bytes:
    # The place is part of it: programs in an environment name its absolute path.
    with open(LOCKED_PACKAGES, "rb") as locked:
        return os.fsencode(ENVIRONMENT) + b"\n" + locked.read()


def make_environment() -> None:
    """Make the environment or bring it up to date, one command at a time."""
    open_missing_streams()
    os.makedirs(WORKPLACE, exist_ok=True)
    with only_one_at_a_time() as lock:
        if is_current():
            return  # the command that this one waited for has made it
        say("Setting up the environment in .venv; the first time this takes a moment.")
        python = find_python()
        uv = find_uv(python)
        if os.path.exists(BUILDING) or not os.path.exists(PYTHON):
            remove(ENVIRONMENT)
        with open(BUILDING, "w"):
            pass
        remove(STAMP)
        synchronise(uv, python, lock)
        write_whole(STAMP, current_stamp())
        remove(BUILDING)


def synchronise(uv: str, python: str | None, lock: IO[str]) -> None:
    """Let uv bring `.venv` to what `uv.lock` says."""
    environment = dict(os.environ, UV_PROJECT_ENVIRONMENT=ENVIRONMENT, UV_NO_PROGRESS="1")
    # Organisations put certificates of their own between a machine and the internet.
    environment.setdefault("UV_SYSTEM_CERTS", "true")
    for name in ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "UV_PYTHON"):
        environment.pop(name, None)
    command = [uv, "sync", "--frozen", "--quiet", "--project", PROJECT]
    if python is None:
        say("There is no Python 3.12 or newer on this machine; asking uv to bring one.")
        command += ["--python", PYTHON_VERSIONS[0]]
    else:
        command += ["--python", python]
    # uv inherits the lock: it is held until uv has ended, even if this process is killed before.
    if run(command, env=environment, pass_fds=() if IS_WINDOWS else (lock.fileno(),)) != 0:
        raise SetupFailed(
            "the packages could not be installed; uv says why above. Is the network reachable?"
            + ("" if python else f" Or install Python {PYTHON_VERSIONS[0]} and try again.")
        )


def find_python() -> str | None:
    """A CPython of a version that suits, or None."""
    for candidate in python_candidates():
        if suits(candidate):
            return candidate
    return None


def python_candidates() -> Iterator[str]:
    folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/local/bin", "/usr/bin"]
    yield sys.executable
    for version in PYTHON_VERSIONS:
        name = "python" + version
        for folder in folders:
            yield os.path.join(folder, name + SUFFIX)
        for pattern in install_folders():
            for folder in sorted(glob.glob(pattern % version), reverse=True):
                yield os.path.join(
                    folder, "python.exe" if IS_WINDOWS else os.path.join("bin", name)
                )
    for name in ("python3", "python"):
        yield shutil.which(name) or ""


def install_folders() -> list[str]:
    """Patterns of folders that hold a Python beside the system's, `%s` being its version."""
    at_home = os.path.expanduser
    pyenv = os.environ.get("PYENV_ROOT") or at_home("~/.pyenv")
    return [
        os.path.join(pyenv, "versions", "%s*"),
        at_home("~/.local/share/uv/python/cpython-%s*"),
        at_home("~/.asdf/installs/python/%s*"),
        at_home("~/.local/share/mise/installs/python/%s*"),
        "/opt/homebrew/opt/python@%s",
        "/usr/local/opt/python@%s",
        "/Library/Frameworks/Python.framework/Versions/%s",
        at_home("~\\AppData\\Roaming\\uv\\python\\cpython-%s*"),
    ]


def suits(candidate: str) -> bool:
    """Whether a program is a Python that the locked packages run on. It has to be run to know."""
    # A shim of pyenv exists and is executable even where it leads nowhere.
    if not candidate or not os.access(candidate, os.X_OK):
        return False
    question = (
        "import sys, sysconfig;"
        "print(sys.implementation.name, '%d.%d' % sys.version_info[:2],"
        " sysconfig.get_config_var('Py_GIL_DISABLED') or 0)"
    )
    answer = output_of([candidate, "-I", "-c", question])
    return answer.split() in [["cpython", version, "0"] for version in PYTHON_VERSIONS]


def find_uv(python: str | None) -> str:
    """uv: this project's own, the one on PATH, or else brought into the project by pip."""
    own = os.path.join(UV_FOLDER, "bin", "uv" + SUFFIX)
    for candidate in (own, shutil.which("uv") or ""):
        if candidate and uv_version(candidate) >= OLDEST_UV:
            return candidate
    install_uv([sys.executable, *([python] if python else [])])
    if uv_version(own) < OLDEST_UV:
        raise SetupFailed(f"{own} does not run on this machine. Install uv and try again.")
    return own


def uv_version(uv: str) -> tuple[int, ...]:
    words = output_of([uv, "--version"]).split()
    if len(words) < 2 or words[0] != "uv":
        return (0,)
    return tuple(int(number) for number in words[1].split(".")[:2] if number.isdigit())


def install_uv(pythons: list[str]) -> None:
    """Install uv into a folder of the project: the system's packages are the system's alone."""
    unfinished = UV_FOLDER + ".unfinished"
    environment = dict(
        os.environ, PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0", PIP_ROOT_USER_ACTION="ignore"
    )
    for python in [*pythons, shutil.which("python3") or "", "/usr/bin/python3"]:
        if not python or not output_of([python, "-m", "pip", "--version"]):
            continue
        remove(unfinished)
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command += ["--no-input", "--target", unfinished, UV_REQUIREMENT]
        if run(command, env=environment) == 0:
            remove(UV_FOLDER)
            os.rename(unfinished, UV_FOLDER)
            return
    raise SetupFailed(
        "uv is needed to install the packages, and pip could not bring it. Install uv, or pip for "
        "this Python (Debian: apt install python3-pip), and try again."
    )


def run_again_inside() -> NoReturn:
    os.environ[ENTERED] = PROJECT
    command = [PYTHON, os.path.abspath(sys.argv[0]), *sys.argv[1:]]
    if IS_WINDOWS:
        # exec would start a new process there and return to the shell at once.
        sys.exit(subprocess.call(command))
    os.execv(PYTHON, command)  # noqa: S606 the same command goes on in this process


def run(command: list[str], **options: Any) -> int:
    """Run a program that speaks on standard error alone; its exit code."""
    return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=2, **options)


def output_of(command: list[str]) -> str:
    """What a program prints, or nothing where it fails."""
    try:
        return subprocess.check_output(
            command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60
        ).decode(errors="replace")
    except (OSError, subprocess.SubprocessError):
        return ""


@contextmanager
def only_one_at_a_time() -> Iterator[IO[str]]:
    """Hold the lock of the set-up; the kernel frees it when its holders end, however they end."""
    with open(LOCK, "a") as lock:
        if not try_lock(lock):
            say("Another command is setting up the environment; waiting for it.")
            wait_for_lock(lock)
        yield lock


if IS_WINDOWS:
    import msvcrt
    import time

    def try_lock(lock: IO[str]) -> bool:
        lock.seek(0)
        try:
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True

    def wait_for_lock(lock: IO[str]) -> None:
        while not try_lock(lock):
            time.sleep(0.2)

else:
    import fcntl

    def try_lock(lock: IO[str]) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait_for_lock(lock: IO[str]) -> None:
        fcntl.flock(lock, fcntl.LOCK_EX)


def open_missing_streams() -> None:
    """Open the standard streams that a caller has closed, lest a file of ours get their numbers."""
    descriptor = 0
    while descriptor <= 2:
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)


def write_whole(path: str, content: bytes) -> None:
    with open(path + ".unfinished", "wb") as file:
        file.write(content)
    os.replace(path + ".unfinished", path)


def remove(path: str) -> None:
    """Remove a file or a folder, whether it is there or not."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)


def say(message: str) -> None:
    if sys.stderr is not None:
        print(message, file=sys.stderr, flush=True)
