"""Runs the whole application on this machine, with demo data, until it is stopped."""

import os
import sys
import webbrowser
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from demo.load import USERS, load_demo
from lcm import locks, postgres, serve
from lcm.home import home
from lcm.signals import end_like_ctrl_c, undisturbed


class MadeByAnotherVersion(CommandError):
    """The tables that are there are none that this version knows."""


class Command(BaseCommand):
    help = "Start the application, a worker and the database with demo data; Ctrl-C stops them."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port on loopback (8000)")
        parser.add_argument("--no-browser", action="store_true", help="do not open a browser")

    def handle(self, *args: Any, port: int, no_browser: bool, **options: Any) -> None:
        if settings.INSTALLATION.is_production:
            raise CommandError("The demo does not run in production. Unset LCM_ENV for it.")
        try:
            self._run(port, opens_browser=not no_browser and has_display())
        except (postgres.Unavailable, serve.ServeFailed) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._say("\nStopped. The data stays; the same command starts it again.")

    def _run(self, port: int, *, opens_browser: bool) -> None:
        end_like_ctrl_c()
        with only_demo_of_this_home(), serve.reserve_port(port) as listener, database_running():
            self._prepare_database()
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            os.environ.setdefault("LCM_ADDRESS", address)  # for the links in mails
            with serve.running([serve.web_server(listener), serve.worker()]) as programs:
                serve.wait_until_healthy(programs, address, say=self._say)
                self._welcome(address)
                if opens_browser:
                    webbrowser.open(address)
                serve.keep_running(programs, until=lambda: False, say=self._say)

    def _prepare_database(self) -> None:
        """Bring the tables up to date, and load the demo data where there is nothing yet."""
        loading = home() / "demo.loading"
        if loading.exists():
            self._say("The demo data was loaded in part only; beginning anew.")
            start_with_empty_database()
            loading.unlink()
        if has_pending_migrations():
            self._say("Preparing the database …")
            try:
                call_command("migrate", verbosity=0)
            except InconsistentMigrationHistory as problem:
                raise MadeByAnotherVersion(
                    f"The database in {home()} was made by another version of LCM, and cannot be"
                    " brought up to this one. Move that folder away to begin with new demo data."
                ) from problem
        if not get_user_model().objects.exists():
            self._say("Loading the demo data …")
            loading.touch()
            load_demo(say=self._say)
            loading.unlink()
        connection.close()

    def _welcome(self, address: str) -> None:
        users = [f"  {user.username:<8} {user.password:<12} {user.role}" for user in USERS]
        self._say("\n".join([f"\nLCM runs at {address}\n", *users, "\nCtrl-C stops it."]))

    def _say(self, message: str) -> None:
        self.stdout.write(message)
        self.stdout.flush()  # at once, also into a file or a pipe


@contextmanager
def only_demo_of_this_home() -> Iterator[None]:
    with locks.if_free(home() / "demo.lock") as descriptor:
        if descriptor is None:
            raise serve.ServeFailed(
                "The demo of this folder runs already. Stop it with Ctrl-C where it was started."
            )
        yield


@contextmanager
def database_running() -> Iterator[None]:
    """The embedded database, stopped at the end of the block; one of DATABASE_URL is left alone."""
    postgres.ensure_running()
    try:
        yield
    finally:
        with undisturbed():
            connection.close()
            if is_embedded():
                postgres.embedded().stop()


def is_embedded() -> bool:
    return settings.INSTALLATION.database_url is None


def start_with_empty_database() -> None:
    if not is_embedded():
        raise CommandError(
            "The database that DATABASE_URL names has demo data in part. Empty it, remove "
            f"{home() / 'demo.loading'}, and try again."
        )
    postgres.embedded().remove()
    postgres.ensure_running()


def has_pending_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def has_display() -> bool:
    """Whether a browser could show itself to a person."""
    is_desktop = sys.platform in ("darwin", "win32")
    return is_desktop or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
