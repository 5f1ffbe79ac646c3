"""Runs and previews on the database: what they write, whom they wait for, what refuses them."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from allocation import tasks
from allocation.models import Allocation, ConsolidateRun, KeptApart, PreviewChange, RunPreview
from allocation.queries import last_applied_run
from allocation.services import (
    ChangedSincePreview,
    DayBeforeLastRun,
    carry_out,
    carry_out_preview,
    end_allocation,
    new_preview,
    new_run,
    request_preview,
    request_run,
    run_now,
    stop,
)
from common.acting import acting
from common.locks import CompanyIsBusy, hold_exclusively, hold_shared, holder_of
from common.models import JobProgress, JobState
from common.progress import JOB_LOCKS
from common.watching import Unwatched
from entitlements.models import Entitlement, PurchaseReturn, ReturnAssignment
from tests.allocation.processes import (
    execute,
    other_transaction,
    somebody_waits_for_a_lock,
    wait_until,
)
from tests.allocation.world import DAY, World, make_world

COUNTS_OF_THE_WORLD = {
    "returns": {"returned": {"records": 1, "units": 1}},
    "over-allocation": {"ended": {"records": 1, "units": 3}},
    "pre-processing": {"matched": {"records": 1, "units": 0}},
    "serial": {"allocated": {"records": 2, "units": 4}},
    "everything-else": {"allocated": {"records": 1, "units": 3}},
}


@pytest.fixture
def world(db: None) -> World:
    return make_world(name="Northwind")


def test_a_run_does_each_of_its_steps_and_counts_them(world: World) -> None:
    run = run_now(company=world.company, as_of=DAY, by=world.by)

    run.refresh_from_db()
    assert run.state == JobState.DONE
    assert run.counts == COUNTS_OF_THE_WORLD
    assert run.started_at is not None
    assert run.ended_at is not None
    assert len(run.fingerprint) == 32


def test_new_rows_say_their_rule_and_the_figures_that_decided(world: World) -> None:
    run = run_now(company=world.company, as_of=DAY, by=world.by)

    row = Allocation.objects.get(license=world.plain, ended_at=None)
    assert (row.entitlement, row.quantity, row.basis) == (world.large, 3, "uncovered")
    assert (row.made_in_run, row.made_by, row.made_on) == (run, None, DAY)
    assert row.rule == "uncovered"
    assert row.figures[-1] == 30  # the definition's grace days


def test_new_rows_stand_in_the_order_of_position_and_license_in_one_block(world: World) -> None:
    run = run_now(company=world.company, as_of=DAY, by=world.by)

    rows = Allocation.objects.filter(made_in_run=run).order_by("pk")
    pairs = [(row.entitlement_id, row.license_id) for row in rows]
    assert pairs == sorted(pairs)
    assert [row.pk for row in rows] == list(
        range(run.first_allocation_id or 0, (run.last_allocation_id or 0) + 1)
    )


def test_an_ended_row_says_why_and_by_which_run(world: World) -> None:
    run = run_now(company=world.company, as_of=DAY, by=world.by)

    row = world.over_allocated
    row.refresh_from_db()
    assert (row.ended_on, row.ended_in_run, row.ended_by) == (DAY, run, None)
    assert (row.end_reason, row.end_rule) == ("over-allocated", "over-allocated")
    assert row.end_figures == [3, 2]


def test_a_row_made_for_a_later_day_does_not_end_before_it_began(world: World) -> None:
    later = DAY + timedelta(days=30)
    with acting(world.by, "Set up by a test"):
        Allocation.objects.filter(pk=world.over_allocated.pk).update(made_on=later)

    run_now(company=world.company, as_of=DAY, by=world.by)

    world.over_allocated.refresh_from_db()
    assert world.over_allocated.ended_on == later


def test_a_match_and_a_return_say_by_which_run(world: World) -> None:
    run = run_now(company=world.company, as_of=DAY, by=world.by)

    world.unmatched.refresh_from_db()
    assigned = ReturnAssignment.objects.get()
    assert (world.unmatched.matched_serial, world.unmatched.matched_run_id) == ("S-1009", run.pk)
    assert world.unmatched.matched_figures == ["S-1009", 4, 10]  # bought ten days after the group
    assert (assigned.position, assigned.units, assigned.made_in_run_id) == (world.large, 1, run.pk)
    assert assigned.rule == "returned-free-units"


def test_the_history_of_every_change_says_who_why_and_by_which_run(world: World) -> None:
    run = run_now(company=world.company, as_of=DAY, by=world.by)

    written = [
        (row.history_type, row.history_user_id, row.history_change_reason)
        for tracked in (Allocation, Entitlement, ReturnAssignment)
        for row in tracked.history.filter(run_id=run.pk)
    ]
    reason = f"Consolidate #{run.pk} for 1 Jun 2026"
    assert sorted(written) == sorted(
        [("+", world.by.pk, reason)] * 4 + [("~", world.by.pk, reason)] * 2
    )


def test_a_position_that_may_not_be_matched_is_not(world: World) -> None:
    with acting(world.by, "Belongs to other licenses"):
        Entitlement.objects.filter(pk=world.unmatched.pk).update(may_be_matched=False)

    run_now(company=world.company, as_of=DAY, by=world.by)

    world.unmatched.refresh_from_db()
    assert world.unmatched.matched_serial == ""


def test_a_pair_kept_apart_is_left_apart(world: World) -> None:
    run_now(company=world.company, as_of=DAY, by=world.by)
    row = Allocation.objects.get(license=world.plain, ended_at=None)
    end_allocation(allocation=row, day=DAY, by=world.by, reason="Other plans", keep_apart=True)

    run_now(company=world.company, as_of=DAY, by=world.by)

    assert not Allocation.objects.filter(
        license=world.plain, entitlement=world.large, ended_at=None
    ).exists()
    assert KeptApart.objects.count() == 1


def test_a_row_ended_by_hand_is_made_anew_where_the_pair_is_not_kept_apart(world: World) -> None:
    run_now(company=world.company, as_of=DAY, by=world.by)
    row = Allocation.objects.get(license=world.plain, ended_at=None)
    end_allocation(allocation=row, day=DAY, by=world.by, reason="By mistake")

    run_now(company=world.company, as_of=DAY, by=world.by)

    assert Allocation.objects.filter(license=world.plain, ended_at=None).count() == 1


def test_an_unlimited_license_gives_its_cover_back(world: World) -> None:
    run_now(company=world.company, as_of=DAY, by=world.by)
    with acting(world.by, "Enterprise agreement"):
        Entitlement.objects.filter(pk=world.plain.pk).update(
            is_unlimited=True, purchased_rights=None
        )

    run_now(company=world.company, as_of=DAY, by=world.by)

    ended = Allocation.objects.get(license=world.plain, entitlement=world.large)
    assert (ended.end_reason, ended.end_rule) == ("license-invalid", "license-without-units")


def test_several_runs_in_one_transaction_are_all_or_nothing(world: World) -> None:
    with transaction.atomic():
        for days in range(3):
            run_now(company=world.company, as_of=DAY + timedelta(days=days), by=None)
        transaction.set_rollback(True)

    assert not ConsolidateRun.objects.exists()
    assert world.over_allocated.history.count() == 1


def test_a_day_before_the_last_run_is_refused(world: World) -> None:
    last = run_now(company=world.company, as_of=DAY, by=world.by)

    with pytest.raises(DayBeforeLastRun) as refused:
        request_run(company=world.company, as_of=date(2026, 5, 31), by=world.by)

    assert f"Northwind has been consolidated for 1 Jun 2026 (Consolidate #{last.pk})" in str(
        refused.value
    )
    assert last_applied_run(world.company.pk) == last


def test_the_day_of_the_last_run_can_be_run_again(world: World) -> None:
    run_now(company=world.company, as_of=DAY, by=world.by)

    assert run_now(company=world.company, as_of=DAY, by=world.by).counts == {}


def test_another_company_is_not_touched(world: World) -> None:
    other = make_world(name="Contoso")

    run_now(company=world.company, as_of=DAY, by=world.by)

    assert not other.over_allocated.history.filter(history_type="~").exists()
    assert not Allocation.objects.filter(company=other.company, made_in_run__isnull=False).exists()


# What needs connections beside the test's own


@pytest.fixture
def stored_world(transactional_db: None) -> World:
    return make_world(name="Northwind")


def test_a_run_carried_out_by_itself_ends_done_with_its_progress(stored_world: World) -> None:
    run = new_run(company=stored_world.company, as_of=DAY, by=stored_world.by)

    carry_out(run.pk)

    run.refresh_from_db()
    assert (run.state, run.progress.state) == (JobState.DONE, JobState.DONE)
    assert run.progress.title == f"Consolidate #{run.pk}"
    assert run.counts == COUNTS_OF_THE_WORLD


def test_a_run_taken_up_again_after_it_was_done_changes_nothing(stored_world: World) -> None:
    run = new_run(company=stored_world.company, as_of=DAY, by=stored_world.by)
    carry_out(run.pk)
    before = list(Allocation.history.values_list("history_id", flat=True))

    tasks.consolidate(run_id=run.pk)

    run.refresh_from_db()
    assert (run.state, run.counts) == (JobState.DONE, COUNTS_OF_THE_WORLD)
    assert list(Allocation.history.values_list("history_id", flat=True)) == before


class _InterruptsRightAfterTheCommit(Unwatched):
    """Presses Ctrl-C at the very moment in which a run is done."""

    def step(self, name: str, total: int = 0) -> None:
        if name == "Checking references":
            transaction.on_commit(self._interrupt)

    def _interrupt(self) -> None:
        raise KeyboardInterrupt


def test_a_run_interrupted_once_it_is_written_is_done(stored_world: World) -> None:
    run = new_run(company=stored_world.company, as_of=DAY, by=stored_world.by)

    with pytest.raises(KeyboardInterrupt):
        carry_out(run.pk, watcher=_InterruptsRightAfterTheCommit())

    run.refresh_from_db()
    assert (run.state, run.counts) == (JobState.DONE, COUNTS_OF_THE_WORLD)
    assert last_applied_run(stored_world.company.pk) == run


def test_a_run_asked_to_stop_before_it_began_does_nothing(stored_world: World) -> None:
    run = new_run(company=stored_world.company, as_of=DAY, by=stored_world.by)
    stop(run.progress)

    carry_out(run.pk)

    run.refresh_from_db()
    assert (run.state, run.progress.state) == (JobState.STOPPED, JobState.STOPPED)
    assert not Allocation.objects.filter(made_in_run__isnull=False).exists()


def test_a_run_that_came_too_late_for_its_day_is_refused_and_says_why(
    stored_world: World,
) -> None:
    early = new_run(company=stored_world.company, as_of=DAY, by=stored_world.by)
    late = new_run(company=stored_world.company, as_of=DAY + timedelta(days=1), by=None)
    carry_out(late.pk)

    with pytest.raises(DayBeforeLastRun):
        carry_out(early.pk)

    early.refresh_from_db()
    assert early.state == JobState.FAILED
    assert "a run for 1 Jun 2026 would rewrite the past" in early.problem


def test_an_impatient_run_says_who_has_the_company(stored_world: World) -> None:
    with held_by_a_job("Import #5", stored_world):
        run = new_run(company=stored_world.company, as_of=DAY, by=stored_world.by)

        with pytest.raises(CompanyIsBusy) as busy:
            carry_out(run.pk, patient=False)

    run.refresh_from_db()
    assert str(busy.value).startswith("Import #5 is running since ")
    assert run.state == JobState.FAILED


def held_by_a_job(title: str, world: World) -> "Held":
    return Held(title, world)


class Held:
    """A connection besides ours that holds a company's lock for a job."""

    def __init__(self, title: str, world: World) -> None:
        self.job = JobProgress.objects.create(
            title=title, company_id=world.company.pk, started_at="2026-06-01T10:02Z"
        )
        self.company = world.company.pk

    def __enter__(self) -> None:
        from common.locks import COMPANY_LOCKS, HOLDING_JOBS

        self.other = connection.copy()
        with self.other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [COMPANY_LOCKS, self.company])
            cursor.execute("SELECT pg_advisory_lock_shared(%s, %s)", [HOLDING_JOBS, self.job.pk])

    def __exit__(self, *problem: object) -> None:
        self.other.close()


def test_a_writing_service_is_told_which_run_it_has_to_wait_for(stored_world: World) -> None:
    with (
        held_by_a_job("Consolidate #41", stored_world),
        pytest.raises(CompanyIsBusy) as busy,
        transaction.atomic(),
    ):
        hold_shared(stored_world.company.pk, seconds=0.1)

    assert str(busy.value) == ("Consolidate #41 is running since 10:02. Try again when it is done.")


def test_who_holds_a_company_can_be_asked_without_waiting(stored_world: World) -> None:
    assert holder_of(stored_world.company.pk) == ""

    with held_by_a_job("Consolidate #41", stored_world):
        assert holder_of(stored_world.company.pk).startswith("Consolidate #41 is running since")


def test_a_refused_lock_leaves_the_transaction_usable(stored_world: World) -> None:
    with held_by_a_job("Consolidate #41", stored_world), transaction.atomic():
        with pytest.raises(CompanyIsBusy):
            hold_exclusively(stored_world.company.pk, seconds=0.1)

        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",)


def everything() -> list[object]:
    """All that a run may change, to be compared."""
    return [
        list(records.order_by("pk").values())
        for records in (
            Allocation.objects.all(),
            Entitlement.objects.all(),
            ReturnAssignment.objects.all(),
            PurchaseReturn.objects.all(),
            Allocation.history.all(),
            Entitlement.history.all(),
            ConsolidateRun.objects.all(),
        )
    ]


def test_a_preview_writes_itself_and_nothing_else(stored_world: World) -> None:
    before = everything()
    preview = new_preview(company=stored_world.company, as_of=DAY, by=stored_world.by)

    carry_out_preview(preview.pk)

    preview.refresh_from_db()
    assert everything() == before
    assert preview.counts == COUNTS_OF_THE_WORLD
    assert preview.progress.state == JobState.DONE


def test_a_preview_that_somebody_else_computed_meanwhile_is_not_written_twice(
    stored_world: World,
) -> None:
    preview = new_preview(company=stored_world.company, as_of=DAY, by=stored_world.by)

    def compute() -> None:
        carry_out_preview(preview.pk)
        connection.close()

    with other_transaction() as somebody_else:
        execute(
            somebody_else, "SELECT pg_advisory_xact_lock(%s, %s)", JOB_LOCKS, preview.progress_id
        )
        late = threading.Thread(target=compute)
        late.start()
        wait_until(somebody_waits_for_a_lock)
        RunPreview.objects.filter(pk=preview.pk).update(fingerprint="that of somebody else")
    late.join()

    assert not PreviewChange.objects.exists()


def test_a_preview_shows_each_change_with_its_rule(stored_world: World) -> None:
    preview = new_preview(company=stored_world.company, as_of=DAY, by=stored_world.by)

    carry_out_preview(preview.pk)

    shown = {
        (change.step, change.change, change.position_id, change.license_id, change.rule)
        for change in PreviewChange.objects.filter(preview=preview)
    }
    world = stored_world
    matched, first, second = world.unmatched.pk, world.first_of_group.pk, world.second_of_group.pk
    assert shown == {
        ("returns", "returned", world.large.pk, None, "returned-free-units"),
        ("over-allocation", "ended", world.small.pk, world.plain.pk, "over-allocated"),
        ("pre-processing", "matched", matched, None, "group-matched"),
        ("serial", "allocated", matched, first, "serial"),
        ("serial", "allocated", matched, second, "serial"),
        ("everything-else", "allocated", world.large.pk, world.plain.pk, "uncovered"),
    }


def test_a_past_day_can_be_previewed(stored_world: World) -> None:
    run_now(company=stored_world.company, as_of=DAY, by=stored_world.by)
    past = new_preview(company=stored_world.company, as_of=date(2026, 3, 1), by=stored_world.by)

    carry_out_preview(past.pk)

    past.refresh_from_db()
    assert past.fingerprint != ""


def test_what_was_previewed_is_run_where_nothing_has_changed(stored_world: World) -> None:
    preview = new_preview(company=stored_world.company, as_of=DAY, by=stored_world.by)
    carry_out_preview(preview.pk)
    preview.refresh_from_db()

    run = request_run(company=stored_world.company, as_of=DAY, by=stored_world.by, preview=preview)
    carry_out(run.pk)

    run.refresh_from_db()
    assert run.state == JobState.DONE
    assert run.fingerprint == preview.fingerprint


def test_a_run_says_that_the_records_changed_since_its_preview(stored_world: World) -> None:
    preview = new_preview(company=stored_world.company, as_of=DAY, by=stored_world.by)
    carry_out_preview(preview.pk)
    preview.refresh_from_db()
    with acting(stored_world.by, "Bought more"):
        Entitlement.objects.filter(pk=stored_world.large.pk).update(purchased_rights=6)
    run = new_run(company=stored_world.company, as_of=DAY, by=stored_world.by, preview=preview)

    with pytest.raises(ChangedSincePreview):
        carry_out(run.pk)

    run.refresh_from_db()
    assert run.state == JobState.FAILED
    assert "changed since the preview, so nothing was written" in run.problem
    assert not Allocation.objects.filter(made_in_run=run).exists()


def test_previews_are_thrown_away_after_a_day(stored_world: World) -> None:
    old = new_preview(company=stored_world.company, as_of=DAY, by=stored_world.by)
    carry_out_preview(old.pk)
    RunPreview.objects.update(asked_at="2026-01-01T00:00Z")

    new = request_preview(company=stored_world.company, as_of=DAY, by=stored_world.by)

    assert list(RunPreview.objects.all()) == [new]
    assert not PreviewChange.objects.exists()
    assert list(JobProgress.objects.all()) == [new.progress]
