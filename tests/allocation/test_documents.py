"""The cases of the specification, and made ones: what the core says is done in the database."""

import json
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings

from allocation import loading
from allocation.models import Allocation
from tests.allocation.documents import Document, can_be_stored, store
from tests.core.strategies import consolidated, in_any_order, scenarios

CASES = sorted(
    path
    for folder in ("scenarios", "found")
    for path in (Path(__file__).parent.parent / "core" / folder).glob("*.json")
)
DOCUMENTS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in CASES}
STORABLE = {name: each for name, each in DOCUMENTS.items() if can_be_stored(each["scenario"])}


@pytest.mark.django_db
@pytest.mark.parametrize("case", STORABLE.values(), ids=STORABLE.keys())
def test_a_written_case_is_answered_as_expected_by_the_database(case: Document) -> None:
    stored = store(case["scenario"])

    runs = stored.run_all()

    assert in_any_order(stored.result(runs)) == in_any_order(case["expected"])


@pytest.mark.django_db
@pytest.mark.parametrize("case", STORABLE.values(), ids=STORABLE.keys())
def test_the_answer_is_the_same_where_each_title_is_loaded_for_itself(
    case: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "ENTITLEMENTS_AT_A_TIME", 1)
    stored = store(case["scenario"])

    runs = stored.run_all()

    assert in_any_order(stored.result(runs)) == in_any_order(case["expected"])


@pytest.mark.django_db
@pytest.mark.parametrize("case", STORABLE.values(), ids=STORABLE.keys())
def test_a_second_run_for_the_same_day_changes_nothing(case: Document) -> None:
    stored = store(case["scenario"])
    stored.run_all()
    before = list(Allocation.history.values_list("history_id", flat=True))

    again = stored.run_all()

    assert [run.counts for run in again] == [{}] * len(again)
    assert list(Allocation.history.values_list("history_id", flat=True)) == before


# A license that changed its title on the last day of its cover: what covers it is frozen, and
# covers it still, so that the position of its new title has nothing to do yet.
MOVED_ON_ITS_LAST_DAY: Document = {
    "as_of": "2026-06-01",
    "definitions": [{"id": "SA", "grace_days": 5}],
    "licenses": [
        {"id": "L", "company": "C", "title": "new", "units": 1, "purchased_on": "2025-01-01"}
    ],
    "positions": [
        {
            "id": position,
            "definition": "SA",
            "company": "C",
            "title": title,
            "quantity": 1,
            "starts_on": "2026-01-01",
            "purchased_on": "2026-01-01",
            "ends_on": ends_on,
        }
        for position, title, ends_on in (
            ("of the old title", "old", "2026-06-01"),
            ("of the new title", "new", "2026-12-31"),
        )
    ],
    "allocations": [
        {
            "id": "A",
            "position": "of the old title",
            "license": "L",
            "units": 1,
            "basis": "uncovered",
        }
    ],
}


@pytest.mark.django_db
@pytest.mark.parametrize("entitlements_at_a_time", [1, 40_000])
def test_a_row_between_two_titles_is_known_in_both(
    entitlements_at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "ENTITLEMENTS_AT_A_TIME", entitlements_at_a_time)
    stored = store(MOVED_ON_ITS_LAST_DAY)

    runs = stored.run_all()

    assert [run.counts for run in runs] == [{}]
    assert consolidated(MOVED_ON_ITS_LAST_DAY)["allocated"] == []


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(scenarios())
def test_what_the_core_decides_is_what_the_database_holds(document: Document) -> None:
    assume(can_be_stored(document))
    with transaction.atomic():
        stored = store(document)

        runs = stored.run_all()

        assert in_any_order(stored.result(runs)) == in_any_order(consolidated(document))
        transaction.set_rollback(True)
