"""Real workers: imports of inventories that are killed half-way, and done by the next worker."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Company, Person, User
from common.uploads import is_interrupted
from deployments.inventory import jobs, services
from deployments.models import (
    Deployment,
    Device,
    DiscoveredSoftware,
    FoundRow,
    Installation,
    InventoryImport,
    InventoryState,
    ReportedCount,
    Subscription,
    Usage,
)
from tests.allocation.processes import (
    SECONDS,
    execute,
    let_time_pass_for_dead_workers,
    lives,
    other_transaction,
    somebody_waits_for_a_lock,
    start_command,
    take_up_what_dead_workers_left,
    wait_until,
)
from tests.deployments.inventories import model_of, rule_for
from tests.factories import CompanyFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = date(2026, 11, 16)
TUESDAY = MONDAY + timedelta(days=1)

HEADER = "Device,Person,Title,Last used on,Metric,Count,Cores\n"
ON_MONDAY = HEADER + "PC-1,ada@ex.test,DrawIt,2026-11-15,,,\nPC-2,,DrawIt,,,,\n"
# PC-1 is used once more, PC-2 has it no more, PC-3 is new; so are Ben, what he has, and a total.
ON_TUESDAY = HEADER + (
    "PC-1,ada@ex.test,DrawIt,2026-11-17,,,\n"
    "PC-1,,,,,,8\n"
    "PC-3,,DrawIt,,,,\n"
    ",ben@ex.test,DrawIt Online,,,,\n"
    ",,TextIt,,installs,7,\n"
)


@pytest.fixture
def company() -> Company:
    rule_for(model_of("DrawIt"), name="DrawIt*")
    return CompanyFactory()


@pytest.fixture
def ada() -> User:
    return UserFactory()


def upload(company: Company, by: User, content: str, day: date) -> InventoryImport:
    return services.start_inventory(
        company=company,
        name="inventory.csv",
        content=[content.encode()],
        source="agent",
        day=day,
        is_full=True,
        by=by,
    )


def previewed(company: Company, by: User, content: str, day: date) -> InventoryImport:
    inventory = upload(company, by, content, day)
    jobs.read(inventory.pk)
    inventory.refresh_from_db()
    return inventory


def load(company: Company, by: User, content: str, day: date) -> None:
    inventory = previewed(company, by, content, day)
    services.confirm(inventory, by=by)
    jobs.apply(inventory.pk)


def records() -> list[Any]:
    """All that an import writes, with its history."""
    models = (
        Person,
        Device,
        DiscoveredSoftware,
        Installation,
        Subscription,
        Usage,
        ReportedCount,
        Deployment,
    )
    histories = (Person.history, Device.history)
    return [
        *(list(model._default_manager.order_by("pk").values()) for model in models),
        *(list(history.order_by("pk").values()) for history in histories),
    ]


def told() -> dict[str, Any]:
    """What the records say after Tuesday's file, were it imported once or in two attempts."""
    found = Installation.objects.order_by("device__name")
    return {
        "people": sorted(Person.objects.values_list("email", flat=True)),
        "installations": list(
            found.values_list("device__name", "seen_on", "last_seen_on", "gone_on")
        ),
        "subscriptions": Subscription.objects.count(),
        "used on": Usage.objects.get().last_used_on,
        "totals": list(ReportedCount.objects.values_list("count", flat=True)),
        "cores": Device.objects.get(name="PC-1").cores,
        "deployed": list(Deployment.objects.values_list("installs", "users")),
    }


AFTER_TUESDAY = {
    "people": ["ada@ex.test", "ben@ex.test"],
    "installations": [
        ("PC-1", MONDAY, TUESDAY, None),
        ("PC-2", MONDAY, MONDAY, TUESDAY),
        ("PC-3", TUESDAY, TUESDAY, None),
    ],
    "subscriptions": 1,
    "used on": TUESDAY,
    "totals": [7],
    "cores": 8,
    "deployed": [(2, 2)],
}


Workers = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def start_worker() -> Iterator[Workers]:
    """Starts workers, of which none outlives the test: it could hold what the test left locked."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        started.append(start_command("procrastinate", "worker", "--one-shot"))
        return started[-1]

    yield start
    for worker in started:
        if lives(worker.pid):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.communicate()


def kill(worker: subprocess.Popen[str]) -> None:
    """Kill the worker alone: what it started to read the file has to end by itself."""
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    wait_until(lambda: not lives(worker.pid))


def waits_at(inventory: InventoryImport, step: str) -> Callable[[], bool]:
    def has_come_there() -> bool:
        inventory.refresh_from_db()
        assert inventory.progress is not None
        return inventory.progress.step.startswith(step) and somebody_waits_for_a_lock()

    return has_come_there


def let_the_next_worker_do_it(start_worker: Workers) -> None:
    let_time_pass_for_dead_workers()
    take_up_what_dead_workers_left()
    _, said = start_worker().communicate(timeout=SECONDS)
    assert "Error" not in said, said


# What the test locks, so that the import comes to a step and no further.
STEPS = {
    "Writing devices and titles": "LOCK TABLE deployments_device IN SHARE MODE",
    "Writing installations": "LOCK TABLE deployments_installation IN SHARE MODE",
    "Writing subscriptions": "LOCK TABLE deployments_subscription IN SHARE MODE",
    "Writing usage and totals": "LOCK TABLE deployments_usage IN SHARE MODE",
    "Counting deployments": "SELECT FROM deployments_deployment FOR UPDATE",
}


@pytest.mark.parametrize(("step", "lock"), STEPS.items(), ids=STEPS.keys())
def test_an_import_whose_worker_is_killed_leaves_nothing_half_and_is_done_by_the_next(
    company: Company, ada: User, start_worker: Workers, step: str, lock: str
) -> None:
    load(company, ada, ON_MONDAY, MONDAY)
    inventory = previewed(company, ada, ON_TUESDAY, TUESDAY)
    services.confirm(inventory, by=ada)
    before = records()
    with other_transaction() as other:
        execute(other, lock)
        worker = start_worker()
        wait_until(waits_at(inventory, step))
        kill(worker)
        wait_until(lambda: is_interrupted(inventory))

    inventory.refresh_from_db()
    assert inventory.state == InventoryState.APPLYING
    assert records() == before

    let_the_next_worker_do_it(start_worker)

    inventory.refresh_from_db()
    assert inventory.state == InventoryState.APPLIED
    assert told() == AFTER_TUESDAY
    assert not FoundRow.objects.exists()


# The first row that is staged waits for as long as a test wants.
FIRST_ROW = 0x7E58
MAKE_FIRST_ROW_WAIT = f"""
    CREATE FUNCTION wait_at_first_row() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_advisory_xact_lock_shared({FIRST_ROW}, 0); RETURN NEW; END
    $$;
    CREATE TRIGGER first_row BEFORE INSERT ON deployments_foundrow
      FOR EACH ROW EXECUTE FUNCTION wait_at_first_row();
"""


@pytest.fixture
def first_row_waits(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(MAKE_FIRST_ROW_WAIT)
        yield
        cursor.execute("DROP FUNCTION wait_at_first_row CASCADE")


@pytest.mark.usefixtures("first_row_waits")
def test_a_file_whose_worker_is_killed_while_it_is_read_is_read_by_the_next(
    company: Company, ada: User, start_worker: Workers
) -> None:
    # More than the program that reads the file can hand over before it has to wait.
    rows = "".join(f"PC-{number},,DrawIt,,,,\n" for number in range(20_000))
    inventory = upload(company, ada, HEADER + rows, MONDAY)
    with other_transaction() as other:
        execute(other, "SELECT pg_advisory_xact_lock(%s, 0)", FIRST_ROW)
        worker = start_worker()
        wait_until(waits_at(inventory, "Reading the file"))
        kill(worker)
        wait_until(lambda: is_interrupted(inventory))
    assert not FoundRow.objects.exists()

    let_the_next_worker_do_it(start_worker)

    inventory.refresh_from_db()
    assert inventory.state == InventoryState.PREVIEWED
    assert inventory.figures["counts"]["installations_new"] == 20_000
    assert FoundRow.objects.count() == 20_000
    assert not Device.objects.exists()
