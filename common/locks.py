"""
The writing locks of a company: one long change at a time, and many short ones between.

What rewrites much of a company (consolidate) holds the lock exclusively; every other service that
writes its records shares it. Whoever writes the numbers of its licenses also holds the lock of the
numbers. All last until the end of the transaction, and vanish with a process that is killed.

Locks are taken in one order, so that people queue up rather than deadlock: the company's lock; then
rows of entitlements, deployments, people and devices, each in the order of keys; then the lock of
the numbers; then rows of what uses licenses, and the numbers. Whoever holds the lock of the numbers
waits for no row that is locked before it: it locks what it will refer to beforehand
(``keep_referable``), since the check of a foreign key would wait for it too late.
"""

from django.db import OperationalError, connection, transaction
from django.db.models import Model
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from common.models import JobProgress

# Classes of advisory locks; the second key is the company's id, or the job's that holds it.
COMPANY_LOCKS = 0x4C44
HOLDING_JOBS = 0x4C45
NUMBER_LOCKS = 0x4C46
SECONDS_TO_WAIT = 2.0
# Numbers are written in a moment; at the end of a large import the moment is longer.
SECONDS_TO_WAIT_FOR_NUMBERS = 5.0
# What pg_locks calls the two ways to hold one.
EXCLUSIVE, SHARED = "ExclusiveLock", "ShareLock"


class CompanyIsBusy(Exception):
    """Somebody else holds the company's lock; the message says who, since when, and what to do."""


def hold_shared(
    company_id: int, *, job: JobProgress | None = None, seconds: float = SECONDS_TO_WAIT
) -> None:
    """
    Begin to write records of a company; call it first in the transaction of a writing service.

    :param job: the job that writes, if it is one: others who have to wait are told
    :param seconds: how long to wait for whoever rewrites the company
    :raises CompanyIsBusy: if that takes longer
    """
    _hold("pg_advisory_xact_lock_shared", COMPANY_LOCKS, company_id, job, seconds)


def hold_exclusively(
    company_id: int, *, job: JobProgress | None = None, seconds: float = SECONDS_TO_WAIT
) -> None:
    """
    Begin to rewrite a company: nobody else writes its records until the transaction ends.

    :param job: the job that rewrites: others who have to wait are told
    :param seconds: how long to wait for those who write at present
    :raises CompanyIsBusy: if that takes longer
    """
    _hold("pg_advisory_xact_lock", COMPANY_LOCKS, company_id, job, seconds)


def hold_numbers(company_id: int, *, seconds: float = SECONDS_TO_WAIT_FOR_NUMBERS) -> None:
    """
    Begin to write the numbers of a company's licenses: nobody else does until the transaction ends.

    Call it as late as can be. What the caller reads afterwards, everybody before it has written.

    :param seconds: how long to wait for whoever writes them at present
    :raises CompanyIsBusy: if that takes longer
    """
    _hold("pg_advisory_xact_lock", NUMBER_LOCKS, company_id, None, seconds)


def keep_referable(*records: Model) -> None:
    """Let nobody delete or lock some records fully, which the caller is about to refer to."""
    with connection.cursor() as cursor:
        for record in records:
            table = record._meta.db_table  # the name of a model's table, and no text of anybody's
            cursor.execute(f"SELECT FROM {table} WHERE id = %s FOR KEY SHARE", [record.pk])


def holder_of(company_id: int) -> str:
    """A sentence about whoever rewrites the company now; empty if nobody does."""
    holders = _holders(COMPANY_LOCKS, company_id, [EXCLUSIVE])
    return _sentence(holders) if holders else ""


def _hold(
    function: str, locks: int, company_id: int, job: JobProgress | None, seconds: float
) -> None:
    try:
        # A savepoint, so that the caller's transaction outlives a lock that could not be had.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout')")
            (before,) = cursor.fetchone()
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{seconds * 1000:.0f}"])
            cursor.execute(f"SELECT {function}(%s, %s)", [locks, company_id])
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
            if job:
                cursor.execute(
                    "SELECT pg_advisory_xact_lock_shared(%s, %s)", [HOLDING_JOBS, job.pk]
                )
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise CompanyIsBusy(_sentence(_holders(locks, company_id, [EXCLUSIVE, SHARED]))) from error


def _holders(locks: int, company_id: int, modes: list[str]) -> list[int]:
    """The other processes of the server that hold a lock of a company."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND granted AND pid <> pg_backend_pid() AND mode = ANY(%s)",
            [locks, company_id, modes],
        )
        return [pid for (pid,) in cursor.fetchall()]


def _sentence(holders: list[int]) -> str:
    job = _job_of(holders)
    if job is not None and job.started_at is not None:
        since = timezone.localtime(job.started_at)
        return f"{job.title} is running since {since:%H:%M}. Try again when it is done."
    return f"Somebody is changing this company's records{_since(holders)}. Try again in a moment."


def _job_of(holders: list[int]) -> JobProgress | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"
            " AND pid = ANY(%s)"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [HOLDING_JOBS, holders],
        )
        return JobProgress.objects.filter(pk__in=[row[0] for row in cursor.fetchall()]).first()


def _since(holders: list[int]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(xact_start) FROM pg_stat_activity WHERE pid = ANY(%s)", [holders]
        )
        (since,) = cursor.fetchone()
    return f" since {timezone.localtime(since):%H:%M}" if since else ""
