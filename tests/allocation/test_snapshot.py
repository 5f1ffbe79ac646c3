"""The snapshot document: simulated, it tells what a run would do."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, assume, given, settings

from allocation.queries import raw_connection
from allocation.snapshot import snapshot
from common.acting import acting
from common.shown import day_text
from entitlements.models import Entitlement
from tests.allocation.documents import Document, Stored, can_be_stored, store
from tests.allocation.using import Household
from tests.allocation.world import DAY, make_world
from tests.core.strategies import consolidated, in_any_order, scenarios
from tests.factories import CompanyFactory, LicenseFactory, SoftwareModelFactory

PROJECT = Path(__file__).resolve().parent.parent.parent


def renamed(stored: Stored, result: Document) -> Document:
    """The result of a stored document by the names that a snapshot gives."""
    names = {
        **{("license", text): f"E-{record.pk}" for text, record in stored.licenses.items()},
        **{("position", text): f"E-{record.pk}" for text, record in stored.positions.items()},
        **{("return", text): f"R-{record.pk}" for text, record in stored.returns.items()},
        **{("allocation", text): f"A-{record.pk}" for text, record in stored.allocations.items()},
    }
    return {
        listed: [
            {key: names.get((key, value), value) for key, value in entry.items()}
            for entry in entries
        ]
        for listed, entries in result.items()
    }


@pytest.mark.django_db
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(scenarios())
def test_a_simulated_snapshot_tells_what_the_run_does(document: Document) -> None:
    assume(can_be_stored(document))
    with transaction.atomic():
        stored = store(document)
        companies = list(stored.companies.values())

        written = snapshot(raw_connection(), companies=companies, day=stored.as_of)
        runs = stored.run_all()

        simulated = in_any_order(consolidated(json.loads(json.dumps(written))))
        assert simulated == in_any_order(renamed(stored, stored.result(runs)))
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_snapshot_is_read_by_people_too() -> None:
    world = make_world(name="Northwind", code="NW")

    written = snapshot(raw_connection(), companies=[world.company], day=DAY)

    assert written["title"] == "Snapshot of Northwind"
    assert written["definitions"] == [
        {"id": f"{world.small.definition} (NW)", "grace_days": 30, "match_days": 0}
    ]
    assert written["licenses"][0] == {
        "id": f"E-{world.plain.pk}",
        "company": "NW",
        "title": "Visio 2024",
        "units": 3,
        "purchased_on": "2025-01-01",
    }
    assert written["allocations"] == [
        {
            "id": f"A-{world.over_allocated.pk}",
            "position": f"E-{world.small.pk}",
            "license": f"E-{world.plain.pk}",
            "units": 3,
            "basis": "uncovered",
        }
    ]


@pytest.mark.django_db
def test_units_that_a_license_gives_to_what_uses_it_are_told_as_taken() -> None:
    house = Household()
    license = house.license(10)
    house.track(license, house.product(installs=4), 0)
    house.track(license, house.product(installs=1), 3)

    written = snapshot(raw_connection(), companies=[house.company], day=DAY)

    assert (written["licenses"][0]["units"], written["licenses"][0]["taken"]) == (10, 7)


@pytest.mark.django_db
def test_titles_of_one_name_are_told_apart() -> None:
    company = CompanyFactory()
    for _ in range(2):
        LicenseFactory(company=company, model=SoftwareModelFactory(name="Visio"))

    written = snapshot(raw_connection(), companies=[company], day=DAY)

    first, second = (entry["title"] for entry in written["licenses"])
    assert first != second
    assert first.startswith("Visio (M-")


@pytest.mark.django_db
def test_a_position_that_may_not_be_matched_says_so() -> None:
    world = make_world()
    with acting(world.by, "Belongs to other licenses"):
        Entitlement.objects.filter(pk=world.unmatched.pk).update(may_be_matched=False)

    written = snapshot(raw_connection(), companies=[world.company], day=DAY)

    assert consolidated(written)["serials"] == []


@pytest.mark.django_db(transaction=True)
def test_the_commands_snapshot_and_simulate_work_together(tmp_path: Path) -> None:
    world = make_world(name="Northwind", code="NW")
    make_world(name="Contoso", code="CO")
    out = StringIO()

    call_command("snapshot", "--as-of", DAY.isoformat(), "--company", "NW", stdout=out)

    path = tmp_path / "northwind.json"
    path.write_text(out.getvalue(), encoding="utf-8")
    simulated = json.loads(told_by_simulate(path))
    assert [entry["position"] for entry in simulated["serials"]] == [f"E-{world.unmatched.pk}"]
    assert len(simulated["allocated"]) == 3


def told_by_simulate(path: Path) -> str:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), "simulate", "--json", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_tells_what_would_change_and_changes_nothing() -> None:
    world = make_world(name="Northwind", code="NW")
    out = StringIO()

    call_command(
        "consolidate", "--dry-run", "--as-of", DAY.isoformat(), stdout=out, stderr=StringIO()
    )

    assert out.getvalue().splitlines() == [
        "Northwind: a run for 1 Jun 2026 would change:",
        "  Returns                    Return assigned                   1 (1 units)",
        "  Over-allocation            Allocation ended                  1 (3 units)",
        "  Pre-processing             Serial number matched             1",
        "  Serial number              Allocated                         2 (4 units)",
        "  Everything else            Allocated                         1 (3 units)",
    ]
    assert not world.over_allocated.history.filter(history_type="~").exists()


@pytest.mark.django_db(transaction=True)
def test_consolidate_goes_on_after_a_company_that_was_refused() -> None:
    make_world(name="Contoso", code="CO")
    make_world(name="Northwind", code="NW")
    run("--company", "CO", "--as-of", "2026-07-01")
    said = StringIO()
    out = StringIO()

    with pytest.raises(CommandError, match="One company was not consolidated"):
        call_command("consolidate", "--as-of", DAY.isoformat(), stdout=out, stderr=said)

    assert "Contoso: Contoso has been consolidated for 1 Jul 2026" in said.getvalue()
    assert "Northwind: Consolidate #" in out.getvalue()


def run(*arguments: Any) -> None:
    call_command("consolidate", *arguments, stdout=StringIO(), stderr=StringIO())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--company", "XX"], "There is no company XX. There are: NW.", id="company"),
        pytest.param(["--as-of", "1.6.2026"], "'1.6.2026' is not a day like 2026-05-31", id="day"),
    ],
)
def test_a_command_says_what_is_wrong_with_an_argument(arguments: list[str], words: str) -> None:
    CompanyFactory(name="Northwind", code="NW")

    with pytest.raises(CommandError) as refused:
        run(*arguments)

    assert words in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_the_day_is_today_where_none_is_given() -> None:
    CompanyFactory(name="Northwind", code="NW")
    out = StringIO()

    call_command("consolidate", stdout=out, stderr=StringIO())

    assert f"for {day_text(timezone.localdate())} done:" in out.getvalue()
