"""Starts, asks and stops one PostgreSQL server, safely for any number of processes at once."""

import hashlib
import os
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from lcm import locks
from lcm.home import kept_token
from lcm.postgres.account import Account, server_account
from lcm.postgres.programs import Programs, find_programs
from lcm.postgres.unavailable import Unavailable

ROLE = DATABASE = "lcm"
SUPERUSER = "postgres"
# The role owns its database and can make others for tests; it is no superuser, as it will be none
# in production. An empty line ends a statement here.
FIRST_STATEMENTS = f"""
CREATE ROLE {ROLE} LOGIN CREATEDB;

CREATE DATABASE {DATABASE} OWNER {ROLE};

"""
# Only names the socket's file: the server listens on no network address.
PORT = "5432"

# Sizes for one small machine: enough for bulk work, little enough to share it with the application.
SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    # Nothing replicates from here, and without replicas tables made and filled at once need no log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For tests alone: what they store may be lost with the machine.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

SECONDS_TO_START = 60
SECONDS_TO_STOP = 30
# A server that lives and has not answered for so long has lost its socket to somebody's clean-up.
SECONDS_TO_ANSWER = 10
LOG_LIMIT = 5_000_000


class ServerFailed(Unavailable):
    """The server did not come up, or did not stop."""


@dataclass(frozen=True)
class Cluster:
    """
    The PostgreSQL server of one home folder.

    Whether it answers is asked of the server itself. Whether any of its processes lives is told by
    a file lock which they all inherit and the kernel frees with the last of them; a process number
    in a file may be stale, and may be somebody else's by now.
    """

    home: Path
    durable: bool = True

    @property
    def storage(self) -> Path:
        """The folder of all that the server writes; a link where it had to lie elsewhere."""
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        return self.storage.resolve() / "server.log"

    @property
    def socket_folder(self) -> Path:
        # Paths of sockets are limited to about 100 bytes, and those of checkouts are not. Not in
        # the TMPDIR of one process: all that use this home must come to the same folder. The token
        # keeps apart from a server whose home was deleted under it, the path from a copy of the
        # whole home.
        token = kept_token(self.home / "postgres.token")
        name = hashlib.sha256(os.fsencode(self.home) + token.encode()).hexdigest()[:16]
        return Path("/tmp") / f"lcm-{name}"  # noqa: S108 _prepare_socket_folder checks whose it is

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}@/{DATABASE}?host={self.socket_folder}&port={PORT}"

    def answers(self) -> bool:
        """Whether the server takes connections now."""
        return self.is_alive() and self._is_ready(find_programs())

    def is_alive(self) -> bool:
        """Whether any process of the server exists, answering or not."""
        return self._alive_lock.exists() and locks.is_held(self._alive_lock)

    def ensure_running(self) -> None:
        """
        Return once the server takes connections, starting it if need be.

        :raises ServerFailed: with the reason the server gave
        :raises ProgramsMissing: if there is nothing to start
        :raises NoServerUser: if this process is root and cannot become anybody else
        """
        programs = find_programs()
        if self.is_alive() and self._is_ready(programs):
            return
        with self._only_one_at_a_time() as lock:
            if self.is_alive() and self._comes_to_answer(programs):
                return
            account = server_account(self.storage)
            self._prepare_storage(account)
            programs = self._programs_for(account, programs)
            self._stop_if_alive(account, programs)
            self._prepare_data(account, programs, lock)
            self._start(account, programs)

    def stop(self) -> bool:
        """
        Stop the server, ending its connections; whether there was one to stop.

        :raises ServerFailed: if it is still there after being told to abort
        """
        if not self.storage.exists():
            return False
        with self._only_one_at_a_time():
            account = server_account(self.storage)
            was_alive = self._stop_if_alive(account, self._programs_for(account, find_programs()))
            shutil.rmtree(self.socket_folder, ignore_errors=True)
            return was_alive

    def remove(self) -> None:
        """Stop the server and delete its data for good."""
        self.stop()
        shutil.rmtree(self.storage.resolve(), ignore_errors=True)
        self.storage.unlink(missing_ok=True)

    @property
    def _alive_lock(self) -> Path:
        return self.home / "postgres.alive"

    @property
    def _data(self) -> Path:
        return self.storage.resolve() / "data"

    @contextmanager
    def _only_one_at_a_time(self) -> Iterator[int]:
        try:
            with locks.exclusive(self.home / "postgres.lock") as descriptor:
                yield descriptor
        except PermissionError as error:
            raise ServerFailed(
                f"The database of this folder belongs to another user: {error.filename} may not be "
                "used. Run the command as that user, or set LCM_HOME to a folder of your own."
            ) from error

    def _is_ready(self, programs: Programs) -> bool:
        return self._ask(programs) == 0

    def _ask(self, programs: Programs) -> int:
        """What pg_isready says: 0 it takes connections, 1 not now, 2 nobody answers."""
        address = ["-h", str(self.socket_folder), "-p", PORT, "-U", ROLE, "-d", DATABASE]
        asking = [programs["pg_isready"], "-q", *address]
        return subprocess.run(asking, stdin=subprocess.DEVNULL).returncode

    def _comes_to_answer(self, programs: Programs) -> bool:
        """Wait for a living server that is starting, recovering or stopping; whether it answers."""
        heard_at = time.monotonic()

        def has_answered_or_gone() -> bool:
            nonlocal heard_at
            answer = self._ask(programs)
            if answer == 1:
                heard_at = time.monotonic()
            is_silent = time.monotonic() - heard_at > SECONDS_TO_ANSWER
            return answer == 0 or is_silent or not self.is_alive()

        _wait_until(has_answered_or_gone, seconds=SECONDS_TO_START)
        return self._is_ready(programs)

    def _prepare_storage(self, account: Account) -> None:
        if self.storage.exists():
            return
        self.storage.unlink(missing_ok=True)  # a link whose folder somebody has removed
        if account.is_other:
            # The server's user has to pass through this folder of ours, though not to read it.
            self.home.chmod(self.home.stat().st_mode | 0o011)
        if account.can_enter(self.home):
            # Owned before it gets its name: a later start runs as whoever owns it.
            unfinished = self.home / "postgres.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o700)
            account.own(unfinished)
            unfinished.rename(self.storage)
        else:
            # Below a folder that is closed to the server's user. It is not ours to open.
            elsewhere = Path(tempfile.mkdtemp(prefix="lcm-", dir="/var/lib"))
            account.own(elsewhere)
            self.storage.symlink_to(elsewhere)

    def _programs_for(self, account: Account, programs: Programs) -> Programs:
        """The programs, or a copy of them where the server's user cannot reach them."""
        if account.can_run(programs["postgres"]):
            return programs
        return programs.copied_to(self.storage.resolve() / f"programs-{programs.major}")

    def _prepare_data(self, account: Account, programs: Programs, lock: int) -> None:
        if self._data.exists():
            self._check_version(programs)
            return
        for unfinished in self.storage.glob("initialising-*"):
            shutil.rmtree(unfinished)
        unfinished = Path(tempfile.mkdtemp(prefix="initialising-", dir=self.storage.resolve()))
        account.own(unfinished)
        self._initialise(unfinished, account, programs, lock)
        # From here on it is whole: whoever finds it finds a database to use.
        unfinished.rename(self._data)

    def _initialise(self, data: Path, account: Account, programs: Programs, lock: int) -> None:
        # What is started here inherits the lock: killed with it half done, this command leaves the
        # rest to finish on its own, and no other may begin before.
        initdb = [programs["initdb"], f"--pgdata={data}", f"--username={SUPERUSER}"]
        initdb += ["--auth=trust", "--encoding=UTF8", *locale_arguments(programs.major)]
        single_user = [programs["postgres"], "--single", "-j", "-D", str(data)]
        if not self.durable:
            initdb += ["--no-sync"]
            single_user += ["-F"]
        _checked(account.run(initdb, capture_output=True, pass_fds=[lock]), "create its files")
        _checked(
            account.run(
                [*single_user, SUPERUSER],
                input=FIRST_STATEMENTS,
                capture_output=True,
                pass_fds=[lock],
            ),
            "create its database",
        )

    def _check_version(self, programs: Programs) -> None:
        made_by = (self._data / "PG_VERSION").read_text().strip()
        if made_by != str(programs.major):
            raise ServerFailed(
                f"The database in {self._data} was made by PostgreSQL {made_by}, "
                f"and {programs.folder} has PostgreSQL {programs.major}. Set LCM_PG_BIN to the "
                f"programs of PostgreSQL {made_by}, or move the database away to begin anew."
            )

    def _start(self, account: Account, programs: Programs) -> None:
        self._prepare_socket_folder(account)
        # No server is alive: this waits for no more than somebody who is just asking that.
        with locks.exclusive(self._alive_lock) as alive:
            self._forget_past_server()
            self._shorten_log()
            command = [programs["pg_ctl"], "start", "--silent", "--no-wait", "-D", str(self._data)]
            command += ["-l", str(self.log), "-o", self._server_options()]
            _checked(
                account.run(
                    command, stdin=subprocess.DEVNULL, capture_output=True, pass_fds=[alive]
                ),
                "start",
            )
        _wait_until(
            lambda: self._is_ready(programs) or not self.is_alive(), seconds=SECONDS_TO_START
        )
        if not self._is_ready(programs):
            raise ServerFailed(f"The database server did not start. It said:\n{self._last_words()}")

    def _forget_past_server(self) -> None:
        """Remove what a killed server left; only while holding the lock that tells it is gone."""
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.socket_folder.glob(".s.PGSQL.*"):
            left.unlink()

    def _server_options(self) -> str:
        settings = SETTINGS | {"unix_socket_directories": str(self.socket_folder)}
        if not self.durable:
            settings |= NOT_DURABLE
        return shlex.join(f"--{name}={setting}" for name, setting in settings.items())

    def _prepare_socket_folder(self, account: Account) -> None:
        folder = self.socket_folder
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        # In a folder that everybody may write to, another user could have been first.
        found = folder.lstat()
        is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid in (os.geteuid(), account.uid)
        if not is_ours or found.st_mode & 0o077:
            raise ServerFailed(
                f"{folder} should be a folder of user number {account.uid} alone, and is not. "
                "Remove it and try again."
            )
        account.own(folder)

    def _shorten_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.unlink()

    def _last_words(self) -> str:
        if not self.log.exists():
            return "(nothing)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def _stop_if_alive(self, account: Account, programs: Programs) -> bool:
        if not self.is_alive():
            return False
        for mode in ("fast", "immediate"):
            command = [programs["pg_ctl"], "stop", "--silent", "-m", mode, "--no-wait"]
            command += ["-D", str(self._data)]
            account.run(command, capture_output=True)
            if _wait_until(lambda: not self.is_alive(), seconds=SECONDS_TO_STOP):
                return True
        raise ServerFailed(f"The database server in {self._data} does not stop. See {self.log}.")


def locale_arguments(major: int) -> list[str]:
    """Order of text by code point, on every machine the same."""
    if major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C", "--lc-ctype=C.UTF-8"]


def _checked(result: subprocess.CompletedProcess[str], purpose: str) -> None:
    if result.returncode != 0:
        said = (result.stderr or result.stdout or "").strip()
        raise ServerFailed(f"The database server could not {purpose}. It said:\n{said}")


def _wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
