"""The way into the project's environment: from any Python, in any folder, after any mishap."""

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lcm import bootstrap
from lcm.home import PROJECT

# A project without packages: what is tested is the way, and this one is short.
PYPROJECT = """
[project]
name = "tiny"
version = "{version}"
requires-python = ">=3.12"
[tool.uv]
package = false
"""
LOCKED = """
version = 1
requires-python = ">=3.12"
[[package]]
name = "tiny"
version = "{version}"
source = {{ virtual = "." }}
"""
COMMAND = """
import sys
from lcm.bootstrap import enter_environment
enter_environment()
print(sys.prefix, *sys.argv[1:])
"""


class TinyProject:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = folder / ".venv"
        (folder / "lcm").mkdir(parents=True)
        (folder / "lcm" / "__init__.py").touch()
        shutil.copy(PROJECT / "lcm" / "bootstrap.py", folder / "lcm")
        (folder / "manage.py").write_text(COMMAND)
        self.lock_version("1")
        self._share_uv()

    def lock_version(self, version: str) -> None:
        (self.folder / "pyproject.toml").write_text(PYPROJECT.format(version=version))
        (self.folder / "uv.lock").write_text(LOCKED.format(version=version))

    def _share_uv(self) -> None:
        """Use the uv that this project was set up with: to bring one takes a network."""
        uv = shutil.which("uv") or str(Path(bootstrap.UV_FOLDER) / "bin" / "uv")
        if Path(uv).exists():
            (self.folder / ".lcm" / "uv" / "bin").mkdir(parents=True)
            (self.folder / ".lcm" / "uv" / "bin" / "uv").symlink_to(Path(uv).resolve())

    def start(self, *arguments: str, **options: object) -> "subprocess.Popen[str]":
        inherited = ("PATH", "HOME", "SSL_CERT_FILE", "PIP_CERT")
        variables = {name: os.environ[name] for name in inherited if name in os.environ}
        return subprocess.Popen(
            [sys.executable, str(self.folder / "manage.py"), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=variables,
            **options,  # type: ignore[call-overload]
        )

    def run(self, *arguments: str, **options: object) -> tuple[str, str]:
        process = self.start(*arguments, **options)
        said = process.communicate(timeout=120)
        assert process.returncode == 0, said[1]
        return said


@pytest.fixture
def project(tmp_path: Path) -> TinyProject:
    return TinyProject(tmp_path / "a clone")


def test_a_fresh_clone_gets_an_environment_and_runs_the_command_in_it(
    project: TinyProject,
) -> None:
    output, said = project.run("say", "hello")

    assert output == f"{project.environment} say hello\n"
    assert "Setting up the environment" in said


def test_the_second_command_finds_the_environment_ready(project: TinyProject) -> None:
    project.run()

    output, said = project.run()

    assert output == f"{project.environment}\n"
    assert said == ""


def test_other_locked_packages_bring_the_environment_up_to_date(project: TinyProject) -> None:
    project.run()
    project.lock_version("2")

    said = project.run()[1]

    assert "Setting up the environment" in said
    assert project.run()[1] == ""


def test_two_commands_at_once_make_one_environment(project: TinyProject) -> None:
    commands = [project.start() for _ in range(3)]

    said = [command.communicate(timeout=120) for command in commands]

    assert [command.returncode for command in commands] == [0, 0, 0], said
    assert [output for output, _ in said] == [f"{project.environment}\n"] * 3


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.2, 0.3])
def test_a_set_up_killed_at_any_moment_is_done_again(project: TinyProject, seconds: float) -> None:
    command = project.start()
    time.sleep(seconds)
    command.kill()
    command.communicate()

    assert project.run()[0] == f"{project.environment}\n"


def test_what_a_killed_set_up_left_half_made_is_not_built_upon(project: TinyProject) -> None:
    project.run()
    half_a_package = project.environment / "half-a-package"
    half_a_package.touch()
    (project.folder / ".lcm" / "environment.building").touch()

    project.run()

    assert not half_a_package.exists()


def test_an_environment_whose_python_is_gone_is_made_anew(project: TinyProject) -> None:
    project.run()
    python = project.environment / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.13")

    assert project.run()[0] == f"{project.environment}\n"


def test_a_moved_clone_gets_an_environment_for_its_new_place(project: TinyProject) -> None:
    project.run()
    moved = project.folder.with_name("moved")
    project.folder.rename(moved)
    project.folder = moved

    output, said = project.run()

    assert output == f"{moved / '.venv'}\n"
    assert "Setting up the environment" in said


def test_an_environment_that_a_person_made_is_left_to_them(project: TinyProject) -> None:
    project.run()
    (project.environment / "made-from").unlink()
    python = project.environment / "bin" / "python"

    run = subprocess.run(
        [python, project.folder / "manage.py"], capture_output=True, text=True, check=True
    )

    assert run.stdout == f"{project.environment}\n"
    assert run.stderr == ""
    assert not (project.environment / "made-from").exists()


def test_works_in_a_long_path_below_a_closed_folder_without_standard_input(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    missing = 240 - len(str(closed)) - 2
    deep = closed / ("a" * (missing // 2)) / ("b" * (missing - missing // 2))
    project = TinyProject(deep)

    output, _ = project.run(stdin=subprocess.DEVNULL, preexec_fn=lambda: os.close(0))

    assert len(str(deep)) >= 240
    assert output == f"{project.environment}\n"


def test_makes_the_environment_without_any_standard_stream(project: TinyProject) -> None:
    command = project.start(preexec_fn=lambda: os.closerange(0, 3))

    command.communicate(timeout=120)

    assert command.returncode == 0
    assert (project.environment / "made-from").exists()


def test_without_uv_and_without_pip_s_help_it_says_what_to_install(
    project: TinyProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(project.folder / ".lcm", ignore_errors=True)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    variables = {"PATH": "/nowhere", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}

    command = subprocess.run(
        [sys.executable, project.folder / "manage.py"],
        env=variables,
        capture_output=True,
        text=True,
    )

    assert command.returncode == 1
    assert "Set-up failed: uv is needed" in command.stderr
    assert "Traceback" not in command.stderr
    assert command.stdout == ""


@pytest.mark.parametrize(
    ("script", "does"),
    [
        pytest.param(f'exec "{sys.executable}" "$@"', True, id="a Python that suits"),
        pytest.param("exit 127", False, id="a shim that leads nowhere"),
        pytest.param("echo cpython 3.11 0", False, id="too old"),
        pytest.param("echo cpython 3.13 1", False, id="without the lock that wheels expect"),
        pytest.param("echo pypy 3.13 0", False, id="another kind of Python"),
        pytest.param("echo", False, id="something else"),
    ],
)
def test_a_python_is_run_to_know_whether_it_suits(tmp_path: Path, script: str, does: bool) -> None:
    candidate = tmp_path / "python3.13"
    candidate.write_text(f"#!/bin/sh\n{script}\n")
    candidate.chmod(0o755)

    assert bootstrap.suits(str(candidate)) is does


def test_finds_a_python_beside_an_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "versions" / "3.13.7" / "bin" / "python3.13"
    installed.parent.mkdir(parents=True)
    installed.symlink_to(sys.executable)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "executable", "/nowhere/python3.11")

    assert str(installed) in list(bootstrap.python_candidates())


@pytest.mark.parametrize("module", ["manage.py", "lcm/bootstrap.py", "lcm/__init__.py"])
def test_any_python_from_3_8_on_can_read_what_comes_first(module: str) -> None:
    source = (PROJECT / module).read_text()

    assert ast.parse(source, feature_version=(3, 8))
