"""Loading and deciding: the fingerprint, and worker processes that give the same answer."""

import os
import signal
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from allocation import deciding, loading
from allocation.core.values import Rule
from allocation.deciding import address_of, decide, decide_apart
from allocation.models import Allocation, KeptApart
from allocation.queries import raw_connection
from allocation.services import new_run
from allocation.steps import STEP_OF
from common.acting import acting
from common.models import JobState
from common.watching import Unwatched
from entitlements.models import (
    Entitlement,
    EntitlementDefinition,
    PurchaseReturn,
    StatePeriod,
)
from tests.allocation.processes import (
    execute,
    lives,
    other_transaction,
    start,
    wait_until,
    waits_at,
)
from tests.allocation.world import DAY, World, make_world


def fingerprint(world: World, day: date = DAY) -> str:
    return decide(
        raw_connection(), company=world.company.pk, day=day, watcher=Unwatched()
    ).fingerprint


def test_each_rule_of_the_core_belongs_to_a_step() -> None:
    assert STEP_OF.keys() == set(Rule)


@pytest.mark.django_db
def test_equal_input_has_an_equal_fingerprint() -> None:
    world = make_world()

    assert fingerprint(world) == fingerprint(world)


@pytest.mark.django_db
def test_what_a_run_is_not_given_leaves_the_fingerprint_alone() -> None:
    world = make_world()
    before = fingerprint(world)

    with acting(world.by, "A note"):
        Entitlement.objects.update(notes="Looked at", po_number="4711")
    make_world(name="Contoso")

    assert fingerprint(world) == before


def license_bought_more(world: World) -> None:
    Entitlement.objects.filter(pk=world.plain.pk).update(purchased_rights=4)


def position_got_a_serial(world: World) -> None:
    Entitlement.objects.filter(pk=world.large.pk).update(serial_number="S-1009")


def position_may_not_be_matched(world: World) -> None:
    Entitlement.objects.filter(pk=world.unmatched.pk).update(may_be_matched=False)


def price_changed(world: World) -> None:
    Entitlement.objects.filter(pk=world.large.pk).update(unit_cost="41")


def license_was_retired(world: World) -> None:
    StatePeriod.objects.create(
        company=world.company, entitlement=world.plain, state="retired", from_on=DAY
    )


def row_was_ended(world: World) -> None:
    Allocation.objects.update(
        ended_on=DAY, ended_at="2026-06-01T00:00Z", ended_by=world.by, end_reason="manual"
    )


def pair_was_parted(world: World) -> None:
    KeptApart.objects.create(
        company=world.company,
        position=world.large,
        license=world.plain,
        reason="Other plans",
        parted_by=world.by,
    )


def more_was_returned(world: World) -> None:
    PurchaseReturn.objects.update(quantity=2)


def grace_changed(world: World) -> None:
    EntitlementDefinition.objects.update(grace_days=31)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        license_bought_more,
        position_got_a_serial,
        position_may_not_be_matched,
        price_changed,
        license_was_retired,
        row_was_ended,
        pair_was_parted,
        more_was_returned,
        grace_changed,
    ],
)
def test_each_change_of_what_a_run_is_given_changes_the_fingerprint(
    change: Callable[[World], None],
) -> None:
    world = make_world()
    before = fingerprint(world)

    with acting(world.by, "Changed by a test"):
        change(world)

    assert fingerprint(world) != before


@pytest.mark.django_db
def test_another_day_is_another_fingerprint() -> None:
    world = make_world()

    assert fingerprint(world) != fingerprint(world, DAY + timedelta(days=1))


def test_titles_are_loaded_in_portions_that_leave_none_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loading, "ENTITLEMENTS_AT_A_TIME", 7)
    counts = [(3, 5), (4, 2), (9, 1), (12, 30), (13, 1)]

    portions = list(loading._portions(counts))

    assert portions == [(3, 4, 7), (9, 9, 1), (12, 12, 30), (13, 13, 1)]


@pytest.mark.django_db(transaction=True)
def test_worker_processes_give_the_answer_that_one_process_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = make_world()
    for _ in range(5):
        more = make_world()
        with acting(world.by, "Moved together"):
            more_titles = Entitlement.objects.filter(
                company=more.company, kind="license", cover=None
            )
            more_titles.update(company=world.company)
    alone = decide(raw_connection(), company=world.company.pk, day=DAY, watcher=Unwatched())
    monkeypatch.setattr(deciding, "ENTITLEMENTS_WORTH_PROCESSES", 0)
    monkeypatch.setattr(loading, "ENTITLEMENTS_AT_A_TIME", 1)

    together = decide_apart(
        address_of(raw_connection()), company=world.company.pk, day=DAY, watcher=Unwatched()
    )

    assert together.changes == alone.changes


RUN_IN_PROCESSES = """
import sys

if __name__ == "__main__":
    import django

    django.setup()
    from allocation import deciding, services

    deciding.ENTITLEMENTS_WORTH_PROCESSES = 0
    services.carry_out(int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_worker_processes_end_with_a_run_that_is_killed(tmp_path: Path) -> None:
    world = make_world()
    script = tmp_path / "run.py"
    script.write_text(RUN_IN_PROCESSES)
    run = new_run(company=world.company, as_of=DAY, by=world.by)
    with other_transaction() as other:
        execute(other, "LOCK TABLE entitlements_stateperiod IN ACCESS EXCLUSIVE MODE")
        process = start(str(script), str(run.pk))
        wait_until(lambda: waits_at("Reading and deciding"))

        os.kill(process.pid, signal.SIGKILL)
        process.wait()

        wait_until(lambda: not lives(process.pid))

    run.refresh_from_db()
    assert run.state == JobState.RUNNING
