import time

import pytest
from django.db import connection

from common.models import JobProgress, JobState
from common.progress import JOB_LOCKS, ask_to_stop, interrupted, running

pytestmark = pytest.mark.django_db(transaction=True)


def job() -> JobProgress:
    return JobProgress.objects.create(title="Counting")


def test_progress_is_seen_by_others_while_the_work_is_not() -> None:
    counting = job()

    with running(counting) as progress:
        progress.step("Reading", total=200)
        progress._written_at = 0.0  # as if a second had passed
        progress.move_to(50)

        counting.refresh_from_db()
        assert (counting.state, counting.step, counting.percent) == (
            JobState.RUNNING,
            "Reading",
            25,
        )

    counting.refresh_from_db()
    assert counting.state == JobState.DONE
    assert counting.is_over
    assert counting.ended_at is not None


def test_a_job_that_is_asked_to_stop_stops_at_its_next_step() -> None:
    counting = job()
    reached = []

    with running(counting) as progress:
        progress.step("Reading")
        reached.append("reading")
        ask_to_stop(counting)
        progress.step("Writing")
        reached.append("writing")

    counting.refresh_from_db()
    assert counting.state == JobState.STOPPED
    assert reached == ["reading"]


def test_a_job_that_fails_says_why_and_lets_the_error_through() -> None:
    counting = job()

    with pytest.raises(ValueError, match="row 7"), running(counting):
        raise ValueError("row 7 has no end")

    counting.refresh_from_db()
    assert (counting.state, counting.problem) == (JobState.FAILED, "row 7 has no end")


def test_a_job_that_is_over_cannot_be_asked_to_stop() -> None:
    counting = job()
    with running(counting):
        pass

    ask_to_stop(counting)

    counting.refresh_from_db()
    assert counting.stop_asked_at is None


def test_a_running_job_whose_process_is_gone_is_interrupted() -> None:
    killed = JobProgress.objects.create(title="Killed", state=JobState.RUNNING)
    done = JobProgress.objects.create(title="Done", state=JobState.DONE)
    alive = job()

    with running(alive):
        alive.refresh_from_db()
        assert interrupted([killed, done, alive]) == {killed.pk}


def test_the_lock_of_a_job_ends_with_it() -> None:
    counting = job()
    with running(counting):
        assert is_locked(counting)

    # The server ends a closed connection in a moment, not at once.
    given_up_at = time.monotonic() + 10
    while is_locked(counting) and time.monotonic() < given_up_at:
        time.sleep(0.01)
    assert not is_locked(counting)


def is_locked(held: JobProgress) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE classid = %s AND objid = %s AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())",
            [JOB_LOCKS, held.pk],
        )
        return cursor.fetchone() is not None
