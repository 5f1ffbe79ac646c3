"""Real processes and a second transaction, for tests in which several act on one database."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from procrastinate.contrib.django import procrastinate_app
from procrastinate.contrib.django.django_connector import DjangoConnector

from allocation.deciding import address_of
from allocation.models import ConsolidateRun
from allocation.queries import raw_connection
from common.tasks import take_up_stalled_jobs

PROJECT = Path(__file__).resolve().parent.parent.parent
SECONDS = 30.0


def start(*command: str) -> subprocess.Popen[str]:
    """Start a Python program on the database of the test, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, *command],
        env={
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "DJANGO_SETTINGS_MODULE": "lcm.settings",
            "DATABASE_URL": address_of(raw_connection()),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def start_command(*command: str) -> subprocess.Popen[str]:
    """Start a command of the project on the database of the test."""
    return start(str(PROJECT / "manage.py"), *command)


@contextmanager
def other_transaction() -> Iterator[BaseDatabaseWrapper]:
    """A transaction besides the test's own; what it locks is free again at the end."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        yield other
    finally:
        other.rollback()
        other.close()


def execute(other: BaseDatabaseWrapper, statement: str, *values: Any) -> None:
    with other.cursor() as cursor:
        cursor.execute(statement, values)


def wait_until(condition: Callable[[], bool]) -> None:
    """Ask again and again; fails where the condition does not come true."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def somebody_waits_for_a_lock() -> bool:
    return how_many_wait_for_a_lock() > 0


def waits_at(step: str) -> bool:
    """Whether the only run has come to a step, and waits there for another transaction."""
    run = ConsolidateRun.objects.select_related("progress").first()
    if run is None or not run.progress.step.startswith(step):
        return False
    return somebody_waits_for_a_lock()


def how_many_wait_for_a_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            # The server's own housekeeping waits at times too.
            " AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def let_time_pass_for_dead_workers() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"
        )


def take_up_what_dead_workers_left() -> None:
    """What each worker does once a minute."""
    # In a thread of its own: a browser of other tests may have left a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, _look_for_stalled_jobs()).result()


async def _look_for_stalled_jobs() -> None:
    connector = procrastinate_app.current_app.connector
    assert isinstance(connector, DjangoConnector)
    with procrastinate_app.current_app.replace_connector(connector.get_worker_connector()) as app:
        async with app.open_async():
            context: Any = SimpleNamespace(app=app)
            await take_up_stalled_jobs(context, timestamp=0)


def lives(group: int) -> bool:
    """Whether any process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
