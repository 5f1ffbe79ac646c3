"""
Decides what a run changes: loads a company portion by portion and runs the core on each partition.

A large company is divided among worker processes, which read the same snapshot of the database over
connections of their own. The answer does not depend on how many there are.
"""

import gc
import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import chain
from multiprocessing import connection as multiprocessing_connection
from multiprocessing import get_context, parent_process
from typing import Any, NamedTuple

import psycopg
from psycopg.conninfo import make_conninfo

from allocation.core.consolidate import consolidate_partition
from allocation.core.values import Changes, Definition
from allocation.loading import (
    Database,
    Titles,
    fingerprint,
    load_definitions,
    load_partitions,
    load_titles,
)
from common.watching import Watcher

# Below this the processes take longer to start than they save.
ENTITLEMENTS_WORTH_PROCESSES = 100_000
MOST_PROCESSES = 4


class Decision(NamedTuple):
    """What a run changes, and a text that stands for all it was decided from."""

    changes: Changes
    fingerprint: str


class Task(NamedTuple):
    """What is to be decided; small, and sent to each process once."""

    company: int
    day: date
    definitions: Mapping[int, Definition]


class Part(NamedTuple):
    """What is decided of one portion of titles."""

    changes: Changes
    digest: bytes


def decide(database: Database, *, company: int, day: date, watcher: Watcher) -> Decision:
    """
    What a run of a company changes, read over one connection, in this process.

    :param database: in whose transaction it is read
    :raises StopAsked: if a person asks to stop meanwhile
    """
    task = Task(company, day, load_definitions(database, company=company))
    portions = load_titles(database, company=company)
    parts = (_decide_part(database, task, titles) for titles in portions)
    return _gathered(task, portions, parts, watcher)


def decide_apart(address: str, *, company: int, day: date, watcher: Watcher) -> Decision:
    """
    The same, read in a snapshot of its own, and by several processes where that pays.

    :param address: of the database, for connections of their own
    """
    with reading(address) as database:
        task = Task(company, day, load_definitions(database, company=company))
        portions = load_titles(database, company=company)
        if sum(titles.entitlements for titles in portions) < ENTITLEMENTS_WORTH_PROCESSES:
            parts = (_decide_part(database, task, titles) for titles in portions)
            return _gathered(task, portions, parts, watcher)
        with _processes(address, _exported(database), task) as pool:
            return _gathered(task, portions, pool.map(_decide_in_process, portions), watcher)


@contextmanager
def reading(address: str) -> Iterator[Database]:
    """A connection that sees the database as it is now, however long it reads."""
    with psycopg.connect(address) as database:
        database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        database.read_only = True
        yield database


def address_of(database: Database) -> str:
    """The address under which further connections to the same database can be made."""
    return make_conninfo(database.info.dsn, password=database.info.password or None)


def _decide_part(database: Database, task: Task, titles: Titles) -> Part:
    loaded = load_partitions(database, company=task.company, day=task.day, titles=titles)
    day = task.day.toordinal()
    outcomes = (
        consolidate_partition(day, task.definitions, partition)
        for partition in loaded.partitions.values()
    )
    return Part(_joined(outcomes), loaded.digest)


def _gathered(
    task: Task, portions: Sequence[Titles], parts: Iterator[Part], watcher: Watcher
) -> Decision:
    watcher.step("Reading and deciding", sum(titles.entitlements for titles in portions))
    done, changes, digests = 0, [], []
    for titles, part in zip(portions, parts, strict=True):
        changes.append(part.changes)
        digests.append(part.digest)
        done += titles.entitlements
        watcher.move_to(done)
    return Decision(
        _joined(changes),
        fingerprint(
            company=task.company, day=task.day, definitions=task.definitions, digests=digests
        ),
    )


def _joined(outcomes: Any) -> Changes:
    """All changes of several outcomes, list by list."""
    return Changes(*(list(chain.from_iterable(lists)) for lists in zip(*outcomes, strict=True)))


def _exported(database: Database) -> str:
    row = database.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None
    return str(row[0])


@contextmanager
def _processes(address: str, snapshot: str, task: Task) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(
        max_workers=min(os.process_cpu_count() or 1, MOST_PROCESSES),
        # Not forked: threads and connections of this process must not be copied into another.
        mp_context=get_context("spawn"),
        initializer=_begin_process,
        initargs=(address, snapshot, task),
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


class _OfProcess:
    """What a worker process keeps from portion to portion."""

    database: Database
    task: Task


def _begin_process(address: str, snapshot: str, task: Task) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Ctrl-C reaches all processes of a terminal; what to do about it is for the parent to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a portion makes goes with it, and holds no circles to look for.
    gc.disable()
    _OfProcess.task = task
    _OfProcess.database = psycopg.connect(address)
    _OfProcess.database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    _OfProcess.database.read_only = True
    _OfProcess.database.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")


def _end_with_parent() -> None:
    """A process whose parent was killed has nobody to answer to."""
    parent = parent_process()
    if parent is not None:
        multiprocessing_connection.wait([parent.sentinel])
        os._exit(1)


def _decide_in_process(titles: Titles) -> Part:
    return _decide_part(_OfProcess.database, _OfProcess.task, titles)
