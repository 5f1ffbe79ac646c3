"""The core and the naive reading of the same rules answer every document alike."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from tests.core.naive import naive_result
from tests.core.strategies import (
    CROWDED,
    THEMES,
    Document,
    Theme,
    apply,
    consolidated,
    edited,
    edits_of,
    in_any_order,
    made_small,
    scenario_of,
    scenarios,
    written_cases,
)

SEEDS = 150
FEW_SEEDS = 12


@pytest.mark.parametrize("case", written_cases(), ids=lambda path: path.stem)
@pytest.mark.parametrize("answer", [naive_result, consolidated])
def test_a_written_case_is_answered_as_expected(case: Path, answer: Any) -> None:
    document = json.loads(case.read_text(encoding="utf-8"))

    result = answer(document["scenario"])

    assert in_any_order(result) == in_any_order(document["expected"])


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_core_and_the_naive_reading_agree_from_run_to_run(theme: Theme) -> None:
    for seed in range(SEEDS):
        assert_agreed_from_run_to_run(f"{seed}", theme)


def test_the_core_and_the_naive_reading_agree_on_crowded_documents() -> None:
    for seed in range(FEW_SEEDS):
        assert_agreed_from_run_to_run(f"{seed}", CROWDED)


@settings(max_examples=300, deadline=None)
@given(scenarios())
def test_the_core_and_the_naive_reading_agree_on_what_hypothesis_finds(scenario: Document) -> None:
    assert in_any_order(consolidated(scenario)) == in_any_order(naive_result(scenario))


def assert_agreed_from_run_to_run(seed: str, theme: Theme) -> None:
    scenario = scenario_of(seed, theme)
    for changes in edits_of(seed):
        assert_agreed(scenario)

        scenario = edited(apply(scenario, naive_result(scenario)), changes)


def assert_agreed(scenario: Document) -> None:
    """Fail with a small document, written as a case that can be kept in `found`."""
    if differ(scenario):
        small = made_small(scenario, differ)
        case = json.dumps({"scenario": small, "expected": naive_result(small)}, indent=1)
        pytest.fail(f"The core answers {consolidated(small)}, the naive reading:\n{case}")


def differ(scenario: Document) -> bool:
    return in_any_order(consolidated(scenario)) != in_any_order(naive_result(scenario))
