"""
The progress of long jobs: shown while their transaction is still open, stopped on request.

A job writes its progress over a connection of its own, which also holds an advisory lock for as
long as the job lives. A row that says *running* while nobody holds its lock belongs to a job that
was killed: it is interrupted, and what it had begun is gone with its transaction.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from common.models import JobProgress, JobState

JOB_LOCKS = 0x4C43  # the class of advisory locks that jobs hold; the second key is the job's id
SECONDS_BETWEEN_WRITES = 0.25


class StopAsked(Exception):
    """A person asked the job to stop. What it did in its transaction is rolled back."""


class Progress:
    """Where a running job says how far it is. Made by ``running``."""

    def __init__(self, job_id: int, own_connection: BaseDatabaseWrapper) -> None:
        self._job_id = job_id
        self._connection = own_connection
        self._written_at = 0.0

    def step(self, name: str, total: int = 0) -> None:
        """
        Begin a step.

        :raises StopAsked: if a person asked for it
        """
        self._go_on(step=name, done=0, total=total)

    def move_to(self, done: int) -> None:
        """
        Say how much of the step is done; cheap enough to call for every batch.

        :raises StopAsked: if a person asked for it
        """
        if time.monotonic() - self._written_at >= SECONDS_BETWEEN_WRITES:
            self._go_on(done=done)

    def _go_on(self, **columns: Any) -> None:
        if self._write(**columns):
            raise StopAsked

    def _write(self, **columns: Any) -> bool:
        """Write columns of the row; whether a person asked the job to stop."""
        self._written_at = time.monotonic()
        assigned = ", ".join(f"{column} = %s" for column in columns)
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE common_jobprogress SET {assigned}, moved_at = now()"  # noqa: S608
                " WHERE id = %s RETURNING stop_asked_at",
                [*columns.values(), self._job_id],
            )
            row: tuple[datetime | None] | None = cursor.fetchone()
        return row is not None and row[0] is not None


@contextmanager
def running(job: JobProgress) -> Iterator[Progress]:
    """
    Run a job under its progress row: running, then done, stopped or failed.

    An exception leaves with the row saying what went wrong, and Ctrl-C with the row saying stopped;
    ``StopAsked`` ends here.
    """
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [JOB_LOCKS, job.pk])
        progress = Progress(job.pk, own)
        progress._write(state=JobState.RUNNING, started_at=timezone.now())
        yield progress
        _end(own, job, JobState.DONE)
    except StopAsked:
        _end(own, job, JobState.STOPPED)
    except KeyboardInterrupt:
        _end(own, job, JobState.STOPPED)
        raise
    except BaseException as problem:
        _end(own, job, JobState.FAILED, str(problem) or type(problem).__name__)
        raise
    finally:
        own.close()


def ask_to_stop(job: JobProgress) -> None:
    """Ask a job to stop; it does at its next step, and everything is as before."""
    JobProgress.objects.filter(pk=job.pk, ended_at=None).update(stop_asked_at=timezone.now())


def interrupted(jobs: list[JobProgress]) -> set[int]:
    """The ids of those jobs that say they run while no process holds their lock."""
    claimed = {job.pk for job in jobs if job.state == JobState.RUNNING}
    if not claimed:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"
            " AND objid = ANY(%s)"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [JOB_LOCKS, list(claimed)],
        )
        return claimed - {row[0] for row in cursor.fetchall()}


def _end(own: BaseDatabaseWrapper, job: JobProgress, state: JobState, problem: str = "") -> None:
    with own.cursor() as cursor:
        cursor.execute(
            "UPDATE common_jobprogress SET state = %s, problem = %s, ended_at = now()"
            " WHERE id = %s",
            [state, problem, job.pk],
        )
