"""What must always hold after a run of consolidate, numbered as in the specification."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.core.strategies import (
    CALM,
    COMPANIES,
    THEMES,
    Document,
    Draw,
    apply,
    consolidated,
    in_any_order,
    number_of,
    scenario_of,
    scenarios,
    text_of,
    written_cases,
)

ROOT = Path(__file__).parents[2]


SEEDS = 25


def on_scenarios(test: Callable[[Document], None]) -> Callable[[], None]:
    """Hold a property against the written cases, documents of every theme, and what Hypothesis
    finds.
    """
    property_of_all = CALM(given(scenario=scenarios())(test))
    for case in written_cases():
        document = json.loads(case.read_text(encoding="utf-8"))
        property_of_all = example(scenario=document["scenario"])(property_of_all)
    for theme in THEMES.values():
        for seed in range(SEEDS):
            property_of_all = example(scenario=scenario_of(f"{seed}", theme))(property_of_all)
    return property_of_all


# --- 1 to 3: what a run may leave and make ----------------------------------------------------


@on_scenarios
def test_1_no_open_position_has_more_units_allocated_than_its_net(scenario: Document) -> None:
    after = apply(scenario, consolidated(scenario))

    used: Counter[str] = Counter()
    for row in after.get("allocations") or []:
        used[row["position"]] += row["units"]
    for position in after.get("positions") or []:
        if is_open(position, after["as_of"]):
            net = position["quantity"] - (position.get("returned") or 0)
            assert used[position["id"]] <= net, position


@on_scenarios
def test_2_no_row_is_made_beside_a_live_one_of_the_same_definition_and_period(
    scenario: Document,
) -> None:
    result = consolidated(scenario)

    positions = by_id(scenario, "positions")
    periods_on: Counter[tuple[str | None, ...]] = Counter()
    for row in apply(scenario, result)["allocations"]:
        periods_on[row["license"], *period_of(positions[row["position"]])] += 1
    for row in result["allocated"]:
        assert periods_on[row["license"], *period_of(positions[row["position"]])] == 1, row


@on_scenarios
def test_3_every_row_made_joins_an_open_position_and_a_valid_license_of_the_same_title(
    scenario: Document,
) -> None:
    result = consolidated(scenario)

    positions, licenses = by_id(scenario, "positions"), by_id(scenario, "licenses")
    kept_apart = [(p["position"], p["license"]) for p in scenario.get("kept_apart") or []]
    for row in result["allocated"]:
        position, license = positions[row["position"]], licenses[row["license"]]
        assert position["company"] == license["company"]
        assert position["title"] == license["title"]
        assert is_open(position, scenario["as_of"])
        assert is_valid(license, scenario["as_of"])
        assert row["units"] == license["units"]
        assert (row["position"], row["license"]) not in kept_apart


# --- 4: a run on its own result ---------------------------------------------------------------


@on_scenarios
def test_4_a_run_repeated_on_its_own_result_changes_nothing(scenario: Document) -> None:
    after = apply(scenario, consolidated(scenario))

    again = consolidated(after)

    assert not any(again.values()), again


# --- 5: content and the stated orders alone ---------------------------------------------------


@on_scenarios
def test_5_the_order_of_lists_that_have_no_stated_order_does_not_count(scenario: Document) -> None:
    turned = scenario | {
        listed: (scenario.get(listed) or [])[::-1]
        for listed in ("definitions", "downgrades", "kept_apart")
    }

    assert in_any_order(consolidated(turned)) == in_any_order(consolidated(scenario))


@on_scenarios
def test_5_the_names_that_records_have_in_the_document_do_not_count(scenario: Document) -> None:
    renamed = renamed_backwards(scenario)

    result = consolidated(renamed)

    assert in_any_order(renamed_backwards(result)) == in_any_order(consolidated(scenario))


@on_scenarios
def test_5_the_order_in_which_companies_are_given_does_not_count(scenario: Document) -> None:
    forwards, backwards = (by_company(scenario, reverse=reverse) for reverse in (False, True))

    assert in_any_order(consolidated(forwards)) == in_any_order(consolidated(scenario))
    assert in_any_order(consolidated(backwards)) == in_any_order(consolidated(scenario))


@on_scenarios
def test_5_companies_without_ties_between_them_may_as_well_run_alone(scenario: Document) -> None:
    cut = without_ties_between_companies(scenario)

    together = consolidated(cut)

    alone = [consolidated(only_company(cut, company)) for company in set(COMPANIES)]
    assert in_any_order(together) == in_any_order(merged(alone))


def test_5_neither_hash_seed_nor_locale_nor_time_zone_counts() -> None:
    answers = {
        answer_in_another_process(crowded_scenario(), PYTHONHASHSEED=seed, LC_ALL=locale, TZ=zone)
        for seed, locale, zone in [
            ("0", "C.UTF-8", "UTC"),
            ("1", "C.UTF-8", "Pacific/Kiritimati"),
            ("42", "de_DE.UTF-8", "Pacific/Niue"),
        ]
    }

    assert len(answers) == 1
    result = json.loads(answers.pop())
    assert {row["basis"] for row in result["allocated"]} == {"serial", "continuity", "uncovered"}
    assert result["serials"]


# --- 6: history -------------------------------------------------------------------------------


@on_scenarios
def test_6_rows_are_only_ended_each_once_and_a_live_pair_is_not_made_again(
    scenario: Document,
) -> None:
    before = deepcopy(scenario)

    result = consolidated(scenario)

    assert scenario == before
    given_rows = by_id(scenario, "allocations")
    ended = [entry["allocation"] for entry in result["deallocated"]]
    assert len(ended) == len(set(ended))
    assert set(ended) <= set(given_rows)
    pairs = [(r["position"], r["license"]) for r in apply(scenario, result)["allocations"]]
    assert len(pairs) == len(set(pairs))


@on_scenarios
def test_6_no_row_of_a_position_that_is_not_open_is_ended(scenario: Document) -> None:
    result = consolidated(scenario)

    rows, positions = by_id(scenario, "allocations"), by_id(scenario, "positions")
    for entry in result["deallocated"]:
        position = positions[rows[entry["allocation"]]["position"]]
        assert is_open(position, scenario["as_of"]), position


@on_scenarios
def test_6_returned_and_assigned_units_stay_within_their_quantities(scenario: Document) -> None:
    after = apply(scenario, consolidated(scenario))

    for position in after.get("positions") or []:
        assert (position.get("returned") or 0) <= position["quantity"], position
    for returned in after.get("returns") or []:
        assert (returned.get("assigned") or 0) <= returned["quantity"], returned


@on_scenarios
def test_6_a_license_is_drawn_only_as_far_as_its_units_go(scenario: Document) -> None:
    result = consolidated(scenario)

    after = apply(scenario, result)
    drawn: Counter[str] = Counter()
    for authorization in after.get("authorizations") or []:
        if authorization.get("license"):
            drawn[authorization["license"]] += authorization["units"]
    licenses = by_id(scenario, "licenses")
    for entry in result["assigned"]:
        license = licenses[entry["license"]]
        assert drawn[license["id"]] <= license["units"] - (license.get("taken") or 0), license


# --- 7: continuity covers as many as can be ---------------------------------------------------


@st.composite
def renewals(draw: Draw) -> Document:
    """Licenses of one unit with cover, and positions longer than twice the grace days to follow.

    The cover is in effect, so (b) leaves these licenses alone, and a license that goes without in
    the first pass of (a) finds no more in the later ones.
    """
    grace_days = draw(st.integers(0, 4))
    as_of = 739_000
    scenario: Document = {
        "as_of": text_of(as_of),
        "definitions": [{"id": "SA", "grace_days": grace_days}],
        "licenses": [],
        "positions": [],
        "allocations": [],
    }
    for number, end in enumerate(draw(st.lists(st.integers(0, 14), min_size=1, max_size=9))):
        scenario["licenses"].append(license_of(f"L{number}", units=1, purchased_on=as_of - 500))
        scenario["positions"].append(
            position_of(f"C{number}", quantity=1, starts_on=as_of - 400, ends_on=as_of + end)
        )
        scenario["allocations"].append(
            {
                "id": f"X{number}",
                "position": f"C{number}",
                "license": f"L{number}",
                "units": 1,
                "basis": "uncovered",
            }
        )
    followers = st.tuples(
        st.integers(-5, 19), st.sampled_from([1, 2, 5, 60]), st.sampled_from([1, 1, 2, 3])
    )
    for number, (start, more, quantity) in enumerate(draw(st.lists(followers, max_size=9))):
        starts_on = as_of + start
        scenario["positions"].append(
            position_of(
                f"P{number}",
                quantity=quantity,
                starts_on=starts_on,
                ends_on=starts_on + 2 * grace_days + more,
            )
        )
    return scenario


@CALM
@given(renewals())
def test_7_continuity_covers_as_many_licenses_as_any_assignment_could(scenario: Document) -> None:
    result = consolidated(scenario)

    continued = {row["license"] for row in result["allocated"] if row["basis"] == "continuity"}
    assert len(continued) == size_of_largest_matching(seats_within_windows(scenario))


def seats_within_windows(scenario: Document) -> list[list[str]]:
    """For each license the seats, one for each unit of a position, that may follow its cover."""
    [definition] = scenario["definitions"]
    positions = by_id(scenario, "positions")
    seats = []
    for row in scenario["allocations"]:
        end = number_of(positions[row["position"]]["ends_on"])
        seats.append(
            [
                f"{position['id']}/{unit}"
                for position in scenario["positions"]
                if position["id"].startswith("P")
                and is_open(position, scenario["as_of"])
                and abs(number_of(position["starts_on"]) - end) <= definition["grace_days"]
                for unit in range(position["quantity"])
            ]
        )
    return seats


def size_of_largest_matching(seats: list[list[str]]) -> int:
    """Match licenses and seats by augmenting paths (Kuhn)."""
    holder: dict[str, int] = {}

    def find_seat(license: int, tried: set[str]) -> bool:
        for seat in seats[license]:
            if seat not in tried:
                tried.add(seat)
                if seat not in holder or find_seat(holder[seat], tried):
                    holder[seat] = license
                    return True
        return False

    return sum(find_seat(license, set()) for license in range(len(seats)))


@pytest.mark.parametrize(
    ("seats", "size"),
    [
        ([], 0),
        ([[]], 0),
        ([["a", "b"], ["a"]], 2),
        ([["a"], ["a"], ["a", "b"]], 2),
        ([["b", "a"], ["b", "c"], ["b"]], 3),
    ],
)
def test_the_largest_matching_is_found_by_moving_earlier_holders(
    seats: list[list[str]], size: int
) -> None:
    assert size_of_largest_matching(seats) == size


# --- Reading documents ------------------------------------------------------------------------


def by_id(scenario: Document, listed: str) -> dict[str, Document]:
    return {record["id"]: record for record in scenario.get(listed) or []}


def is_open(position: Document, as_of: str) -> bool:
    end = position.get("ends_on")
    return position["purchased_on"] <= as_of and (end is None or end > as_of)


def is_valid(license: Document, as_of: str) -> bool:
    expiry = license.get("expires_on")
    return (
        license["purchased_on"] <= as_of
        and license["units"] > 0
        and (expiry is None or expiry >= as_of)
    )


def period_of(position: Document) -> tuple[str, str, str | None]:
    return (position["definition"], position["starts_on"], position.get("ends_on"))


# --- Changing documents without changing what they say ----------------------------------------

NAMES = {"id", "definition", "license", "position", "authorization", "allocation", "return"}


def renamed_backwards(value: Any, key: str = "") -> Any:
    """Rename all records so that their names sort the other way; done twice, nothing changes."""
    if isinstance(value, list):
        return [renamed_backwards(entry) for entry in value]
    if isinstance(value, dict):
        return {name: renamed_backwards(entry, name) for name, entry in value.items()}
    if key in NAMES and value is not None:
        return value.swapcase().translate(str.maketrans("0123456789", "9876543210"))
    return value


def company_of(scenario: Document, listed: str, record: Document) -> str:
    """Give a record's own company, or that of the record which it belongs to."""
    if listed in ("allocations", "kept_apart"):
        return str(by_id(scenario, "positions")[record["position"]]["company"])
    if listed == "orders":
        return str(by_id(scenario, "authorizations")[record["authorization"]]["company"])
    if listed == "downgrades":
        return str(by_id(scenario, "licenses")[record["license"]]["company"])
    return str(record["company"])


OF_COMPANIES = [
    "licenses",
    "positions",
    "returns",
    "authorizations",
    "orders",
    "downgrades",
    "allocations",
    "kept_apart",
]


def by_company(scenario: Document, *, reverse: bool) -> Document:
    """Give one company after the other, the records of each as they were."""
    return scenario | {
        listed: sorted(
            scenario.get(listed) or [],
            key=lambda record: company_of(scenario, listed, record),
            reverse=reverse,
        )
        for listed in OF_COMPANIES
    }


def only_company(scenario: Document, company: str) -> Document:
    return scenario | {
        listed: [
            record
            for record in scenario.get(listed) or []
            if company_of(scenario, listed, record) == company
        ]
        for listed in OF_COMPANIES
    }


def without_ties_between_companies(scenario: Document) -> Document:
    """Drop what a record of one company holds of another's: such is history or a mistake."""
    cut = deepcopy(scenario)
    licenses = by_id(cut, "licenses")
    for listed in ("allocations", "kept_apart"):
        cut[listed] = [
            record
            for record in cut.get(listed) or []
            if company_of(cut, listed, record) == licenses[record["license"]]["company"]
        ]
    for authorization in cut.get("authorizations") or []:
        held = authorization.get("license")
        if held is not None and licenses[held]["company"] != authorization["company"]:
            authorization["license"] = None
    return cut


def merged(results: list[Document]) -> Document:
    return {
        listed: [entry for result in results for entry in result[listed]] for listed in results[0]
    }


# --- Documents and runs that are not made by chance -------------------------------------------


def license_of(name: str, *, units: int, purchased_on: int, serial: str | None = None) -> Document:
    return {
        "id": name,
        "company": "ACME",
        "title": "visio",
        "units": units,
        "purchased_on": text_of(purchased_on),
        "serial": serial,
    }


def position_of(
    name: str, *, quantity: int, starts_on: int, ends_on: int, serial: str | None = None
) -> Document:
    return {
        "id": name,
        "definition": "SA",
        "company": "ACME",
        "title": "visio",
        "quantity": quantity,
        "starts_on": text_of(starts_on),
        "ends_on": text_of(ends_on),
        "purchased_on": text_of(738_900),
        "serial": serial,
    }


def crowded_scenario() -> Document:
    """One title with many serial numbers, where the order of a set or a locale would show."""
    as_of = 739_000
    serials = ["S", "s", "Z", "z", "É", "e", "Ä", "a", "10", "9", "\uffdc", "\U0001d54a"]
    return {
        "as_of": text_of(as_of),
        "definitions": [{"id": "SA", "grace_days": 30}],
        "licenses": [
            license_of(
                f"L{number}",
                units=1 + number % 3,
                purchased_on=as_of - 110 - number % 4,
                serial=serials[number % 12],
            )
            for number in range(60)
        ],
        "positions": [
            position_of(
                f"P{number}",
                quantity=1 + number % 10,
                starts_on=as_of - 40 + number % 90,
                ends_on=as_of + 20 + number % 50 * 10,
                serial=serials[number % 12] if number % 3 == 0 else None,
            )
            for number in range(60)
        ],
    }


ANSWER = """
import json, sys
from allocation.core.consolidate import consolidate
from allocation.scenario import read_scenario, result_document
scenario = read_scenario(sys.stdin.read())
print(json.dumps(result_document(consolidate(scenario.snapshot), scenario.names)))
"""


def answer_in_another_process(scenario: Document, **environment: str) -> str:
    """Answer a document in a process of its own, in the order in which the core answers."""
    answer = subprocess.run(
        [sys.executable, "-c", ANSWER],
        input=json.dumps(scenario),
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout
