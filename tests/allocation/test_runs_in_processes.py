"""Real processes: two runs at once, a run that is stopped, a run that is killed at each step."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from allocation import tasks
from allocation.models import Allocation, ConsolidateRun
from allocation.services import carry_out, new_run, request_run, stop
from common.locks import COMPANY_LOCKS, CompanyIsBusy
from common.models import JobState
from common.progress import interrupted
from entitlements.models import Entitlement, ReturnAssignment
from tests.allocation.processes import (
    SECONDS,
    execute,
    let_time_pass_for_dead_workers,
    other_transaction,
    start_command,
    take_up_what_dead_workers_left,
    wait_until,
    waits_at,
)
from tests.allocation.world import DAY, World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


# A check at the very end of a run, as those of references are, that takes as long as a test wants.
LAST_CHECK = 0x7E57
MAKE_LAST_CHECK = f"""
    CREATE FUNCTION make_last_check() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_advisory_xact_lock_shared({LAST_CHECK}, 0); RETURN NULL; END
    $$;
    CREATE CONSTRAINT TRIGGER last_check AFTER INSERT ON allocation_allocation
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION make_last_check();
"""


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    with connection.cursor() as cursor:
        cursor.execute(MAKE_LAST_CHECK)
        yield make_world(name="Northwind", code="NW")
        cursor.execute("DROP FUNCTION make_last_check CASCADE")


def start_run(*arguments: str) -> subprocess.Popen[str]:
    return start_command("consolidate", "--company", "NW", "--as-of", DAY.isoformat(), *arguments)


def company_is_held(other: BaseDatabaseWrapper, world: World) -> None:
    execute(other, "SELECT pg_advisory_xact_lock_shared(%s, %s)", COMPANY_LOCKS, world.company.pk)


def states_are_locked(other: BaseDatabaseWrapper, world: World) -> None:
    execute(other, "LOCK TABLE entitlements_stateperiod IN ACCESS EXCLUSIVE MODE")


def row_is_locked(other: BaseDatabaseWrapper, world: World) -> None:
    execute(
        other,
        "SELECT 1 FROM allocation_allocation WHERE id = %s FOR UPDATE",
        world.over_allocated.pk,
    )


def returns_are_locked(other: BaseDatabaseWrapper, world: World) -> None:
    execute(other, "LOCK TABLE entitlements_returnassignment IN SHARE MODE")


def same_pair_is_being_written(other: BaseDatabaseWrapper, world: World) -> None:
    execute(other, "SELECT set_config('lcm.acting', 'yes', true)")
    execute(
        other,
        "INSERT INTO allocation_allocation (company_id, kind, entitlement_id, license_id, quantity,"
        " basis, rule, figures, notes, made_on, made_at, made_by_id, end_reason, end_rule,"
        " end_figures, end_notes)"
        " VALUES (%s, 'maintenance', %s, %s, 3, 'manual', '', '[]', '', now(), now(), %s,"
        " '', '', '[]', '')",
        world.company.pk,
        world.large.pk,
        world.plain.pk,
        world.by.pk,
    )


def last_check_is_held(other: BaseDatabaseWrapper, world: World) -> None:
    execute(other, "SELECT pg_advisory_xact_lock(%s, 0)", LAST_CHECK)


# What the test locks, so that the run comes to a step and no further.
STEPS = {
    "Waiting": company_is_held,
    "Reading and deciding": states_are_locked,
    "Ending allocations": row_is_locked,
    "Noting returns and serial numbers": returns_are_locked,
    "Writing new allocations": same_pair_is_being_written,
    "Checking references": last_check_is_held,
}


def records() -> list[Any]:
    """All that a run changes, with its history."""
    return [
        list(rows.order_by("pk").values())
        for rows in (
            Allocation.objects.all(),
            Entitlement.objects.all(),
            ReturnAssignment.objects.all(),
            Allocation.history.all(),
            Entitlement.history.all(),
        )
    ]


@pytest.mark.parametrize(("step", "lock"), STEPS.items(), ids=STEPS.keys())
def test_a_run_killed_at_a_step_leaves_everything_as_it_was(
    world: World, step: str, lock: Callable[[BaseDatabaseWrapper, World], None]
) -> None:
    before = records()
    with other_transaction() as other:
        lock(other, world)
        process = start_run("--wait")
        wait_until(lambda: waits_at(step))

        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

        killed = ConsolidateRun.objects.select_related("progress").get()
        wait_until(lambda: interrupted([killed.progress]) == {killed.progress_id})

    assert killed.state == JobState.RUNNING
    assert records() == before

    next_run = new_run(company=world.company, as_of=DAY, by=world.by)
    carry_out(next_run.pk)

    next_run.refresh_from_db()
    assert (
        sum(
            changed["records"]
            for changes in next_run.counts.values()
            for changed in changes.values()
        )
        == 6
    )
    assert not Allocation.objects.filter(made_in_run=killed).exists()


def test_a_killed_run_that_is_taken_up_again_is_applied_once(world: World) -> None:
    with other_transaction() as other:
        last_check_is_held(other, world)
        process = start_run()
        wait_until(lambda: waits_at("Checking references"))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    run = ConsolidateRun.objects.get()

    tasks.consolidate(run_id=run.pk)
    tasks.consolidate(run_id=run.pk)

    run.refresh_from_db()
    assert run.state == JobState.DONE
    assert Allocation.history.filter(run_id=run.pk, history_type="+").count() == 3


def test_a_run_that_is_asked_to_stop_leaves_everything_as_it_was(world: World) -> None:
    before = records()
    with other_transaction() as other:
        row_is_locked(other, world)
        process = start_run()
        wait_until(lambda: waits_at("Ending allocations"))
        run = ConsolidateRun.objects.select_related("progress").get()
        stop(run.progress)
    process.wait(SECONDS)

    run.refresh_from_db()
    run.progress.refresh_from_db()
    assert (run.state, run.progress.state) == (JobState.STOPPED, JobState.STOPPED)
    assert records() == before


def test_ctrl_c_stops_a_run_with_a_sentence_and_leaves_everything_as_it_was(world: World) -> None:
    before = records()
    with other_transaction() as other:
        row_is_locked(other, world)
        process = start_run()
        wait_until(lambda: waits_at("Ending allocations"))

        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=SECONDS)[1]

    run = ConsolidateRun.objects.select_related("progress").get()
    assert process.returncode == 130
    assert said.splitlines()[-1] == (
        "CommandError: Stopped at Northwind: a run that was not done has changed nothing."
    )
    assert "Traceback" not in said
    assert (run.state, run.progress.state) == (JobState.STOPPED, JobState.STOPPED)
    assert records() == before


def test_of_two_runs_at_once_the_second_waits_and_finds_nothing_to_do(world: World) -> None:
    with other_transaction() as other:
        last_check_is_held(other, world)
        first = start_run()
        wait_until(lambda: waits_at("Checking references"))
        second = start_run("--wait")
        wait_until(
            lambda: ConsolidateRun.objects.filter(progress__step__startswith="Waiting").exists()
        )
        waiting = ConsolidateRun.objects.latest("pk").progress.step
    told_first, told_second = (
        process.communicate(timeout=SECONDS)[0] for process in (first, second)
    )

    assert (first.returncode, second.returncode) == (0, 0)
    made_first, made_second = ConsolidateRun.objects.order_by("pk")
    assert waiting.startswith(f"Waiting: {made_first} is running since ")
    assert made_second.counts == {}
    assert "Everything else            Allocated" in told_first
    assert told_second.splitlines()[1:] == ["  nothing"]


def test_without_waiting_a_second_run_says_which_one_has_the_company(world: World) -> None:
    with other_transaction() as other:
        last_check_is_held(other, world)
        process = start_run()
        wait_until(lambda: waits_at("Checking references"))
        first = ConsolidateRun.objects.get()
        second = new_run(company=world.company, as_of=DAY, by=world.by)

        with pytest.raises(CompanyIsBusy) as busy:
            carry_out(second.pk, patient=False)
    process.wait(SECONDS)

    assert str(busy.value).startswith(f"{first} is running since ")


def test_the_worker_carries_out_what_was_asked_for(world: World) -> None:
    run = request_run(company=world.company, as_of=DAY, by=world.by)

    worker = start_command("procrastinate", "worker", "--one-shot")
    _, said = worker.communicate(timeout=SECONDS)

    run.refresh_from_db()
    assert run.state == JobState.DONE, said
    assert Allocation.objects.filter(made_in_run=run).count() == 3


def test_a_run_whose_worker_was_killed_is_done_by_the_next(world: World) -> None:
    run = request_run(company=world.company, as_of=DAY, by=world.by)
    with other_transaction() as other:
        last_check_is_held(other, world)
        worker = start_command("procrastinate", "worker", "--one-shot")
        wait_until(lambda: waits_at("Checking references"))
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    let_time_pass_for_dead_workers()

    take_up_what_dead_workers_left()
    start_command("procrastinate", "worker", "--one-shot").communicate(timeout=SECONDS)

    run.refresh_from_db()
    assert run.state == JobState.DONE
    assert Allocation.history.filter(run_id=run.pk, history_type="+").count() == 3
