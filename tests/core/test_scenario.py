"""The scenario document is read strictly, and each error names the list, the place and the key."""

import json
from typing import Any

import pytest

from allocation.core.values import ENDLESS, Basis
from allocation.scenario import InvalidScenario, read_scenario

DEFINITION = {"id": "SA"}
LICENSE = {
    "id": "L1",
    "company": "ACME",
    "title": "visio",
    "units": 1,
    "purchased_on": "2025-01-01",
}
POSITION = {
    "id": "P1",
    "definition": "SA",
    "company": "ACME",
    "title": "visio",
    "quantity": 2,
    "starts_on": "2026-01-01",
    "purchased_on": "2026-01-01",
}
RETURN = {
    "id": "R1",
    "definition": "SA",
    "company": "ACME",
    "title": "visio",
    "quantity": 1,
    "returned_on": "2026-01-02",
}
AUTHORIZATION = {
    "id": "A1",
    "company": "ACME",
    "title": "visio",
    "units": 1,
    "approved_on": "2026-01-01",
}
ORDER = {
    "id": "O1",
    "authorization": "A1",
    "definition": "SA",
    "promised_end": "2026-12-31",
    "ordered_on": "2026-01-01",
}
DOWNGRADE = {"license": "L1", "title": "visio", "order": 0}
ALLOCATION = {"id": "X1", "position": "P1", "license": "L1", "units": 1, "basis": "serial"}
PAIR = {"position": "P1", "license": "L1"}


def document(**lists: Any) -> dict[str, Any]:
    return {
        "as_of": "2026-01-15",
        "definitions": [DEFINITION],
        "licenses": [LICENSE],
        "positions": [POSITION],
        "returns": [RETURN],
        "authorizations": [AUTHORIZATION],
        "orders": [ORDER],
        "downgrades": [DOWNGRADE],
        "allocations": [ALLOCATION],
        "kept_apart": [PAIR],
        **lists,
    }


def read(contents: Any) -> Any:
    return read_scenario(json.dumps(contents))


def test_a_document_with_every_list_is_read() -> None:
    title, snapshot, names = read(document(title="all of it"))

    assert title == "all of it"
    assert snapshot.licenses[0].expires_on == ENDLESS
    assert snapshot.rows[0].basis == Basis.SERIAL
    assert snapshot.kept_apart == [(0, 0)]
    assert (names.positions, names.allocations) == (["P1"], ["X1"])


@pytest.mark.parametrize("none", [None, []])
@pytest.mark.parametrize(
    "key", ["definitions", "returns", "orders", "downgrades", "allocations", "kept_apart"]
)
def test_a_list_that_is_null_or_empty_is_none(key: str, none: Any) -> None:
    lists: dict[str, Any] = {"licenses": [], "positions": [], "returns": [], "authorizations": []}
    lists |= {"orders": [], "downgrades": [], "allocations": [], "kept_apart": [], key: none}

    assert read(document(**lists)).snapshot.licenses == []


@pytest.mark.parametrize("none", [None, ""])
def test_an_empty_serial_number_is_none(none: Any) -> None:
    assert read(document(licenses=[{**LICENSE, "serial": none}])).snapshot.licenses[0].serial == ""


def test_a_document_that_holds_a_scenario_is_read_as_what_is_in_it() -> None:
    assert read({"scenario": document(), "expected": {}}).snapshot.day > 0


@pytest.mark.parametrize(
    ("contents", "problem"),
    [
        pytest.param([], "one JSON object", id="not an object"),
        pytest.param({"scenario": 1}, "one JSON object", id="a scenario that is none"),
        pytest.param(document(as_of=None), "as_of: is missing", id="no day"),
        pytest.param(document(as_of="2026-02-30"), 'as_of: "2026-02-30" is not', id="no such day"),
        pytest.param(document(as_of="20260115"), "as_of:", id="a day in another form"),
        pytest.param(document(as_of="2026-W03-4"), "as_of:", id="a day by its week"),
        pytest.param(document(as_of=20260115), "as_of:", id="a day as a number"),
        pytest.param(document(title=1), "title: 1 is not a text", id="a title that is no text"),
        pytest.param(document(colour="red"), "colour: there is no such key", id="unknown list"),
        pytest.param(document(licenses={}), "licenses: is not a list", id="no list"),
        pytest.param(document(licenses=["L1"]), "licenses[0]: is not an object", id="no object"),
        pytest.param(
            document(licenses=[LICENSE, {**LICENSE, "id": "L2", "colour": "red"}]),
            "licenses[1].colour: there is no such key",
            id="unknown key",
        ),
        pytest.param(
            document(licenses=[{k: v for k, v in LICENSE.items() if k != "units"}]),
            "licenses[0].units: is missing",
            id="missing key",
        ),
        pytest.param(
            document(licenses=[{**LICENSE, "units": None}]),
            "licenses[0].units: is missing",
            id="a required key that is null",
        ),
        pytest.param(
            document(licenses=[{**LICENSE, "units": True}]),
            "licenses[0].units: true",
            id="yes is no number",
        ),
        pytest.param(
            document(licenses=[{**LICENSE, "units": 1.0}]),
            "licenses[0].units: 1.0",
            id="no fraction",
        ),
        pytest.param(
            document(licenses=[{**LICENSE, "units": -1}]),
            "licenses[0].units: -1",
            id="fewer than none",
        ),
        pytest.param(
            document(licenses=[{**LICENSE, "id": 7}]),
            "licenses[0].id: 7",
            id="an id that is no text",
        ),
        pytest.param(
            document(licenses=[{**LICENSE, "serial": "S\ud800"}]),
            "licenses[0].serial",
            id="half a character",
        ),
        pytest.param(
            document(licenses=[LICENSE, LICENSE]), "licenses[1].id: 'L1'", id="the same id twice"
        ),
        pytest.param(
            document(positions=[{**POSITION, "quantity": 0}]),
            "positions[0].quantity: 0",
            id="no units",
        ),
        pytest.param(
            document(positions=[{**POSITION, "returned": 3}]),
            "positions[0].returned: 3 is more than the quantity, 2",
            id="more returned than bought",
        ),
        pytest.param(
            document(positions=[{**POSITION, "ends_on": "2025-12-31"}]),
            "positions[0].ends_on: is before starts_on",
            id="ends before it starts",
        ),
        pytest.param(
            document(
                downgrades=[{**DOWNGRADE, "starts_on": "2026-01-02", "ends_on": "2026-01-01"}]
            ),
            "downgrades[0].ends_on: is before starts_on",
            id="a right that ends before it starts",
        ),
        pytest.param(
            document(positions=[{**POSITION, "definition": "support"}]),
            "positions[0].definition: there is no 'support' in definitions",
            id="a reference to nothing",
        ),
        pytest.param(
            document(authorizations=[{**AUTHORIZATION, "license": "L9"}]),
            "authorizations[0].license: there is no 'L9' in licenses",
            id="a license that is not there",
        ),
        *(
            pytest.param(
                document(positions=[{**POSITION, "unit_price": price}]),
                "positions[0].unit_price",
                id=f"price {price!r}",
            )
            for price in (10, "-1", "1e2", "1,00", " 1", "NaN", "", "١")
        ),
        pytest.param(
            document(returns=[{**RETURN, "assigned": 2}]),
            "returns[0].assigned: 2 is more than the quantity, 1",
            id="more assigned than returned",
        ),
        pytest.param(
            document(definitions=[{"id": "SA", "grace_days": 3651}]),
            "definitions[0].grace_days: 3651",
            id="more than ten years of grace",
        ),
        pytest.param(
            document(allocations=[{**ALLOCATION, "basis": "magic"}]),
            'allocations[0].basis: "magic" is not one of manual, serial',
            id="an unknown basis",
        ),
        pytest.param(
            document(allocations=[{**ALLOCATION, "units": 0}]),
            "allocations[0].units",
            id="no units given",
        ),
        pytest.param(
            document(allocations=[ALLOCATION, {**ALLOCATION, "id": "X2"}]),
            "allocations[1].license: 'P1' is allocated to 'L1' already in allocations[0]",
            id="one pair twice",
        ),
        pytest.param(
            document(authorizations=[{**AUTHORIZATION, "active": 1}]),
            "authorizations[0].active: 1 is not true or false",
            id="a flag that is a number",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(contents: Any, problem: str) -> None:
    with pytest.raises(InvalidScenario) as error:
        read(contents)

    assert problem in str(error.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("{", "not JSON", id="cut off"),
        pytest.param('{"as_of": ' + "1" * 5000 + "}", "too many digits", id="endless digits"),
        pytest.param('{"as_of": "2026-01-15", "as_of": "2026-01-16"}', "twice", id="a key twice"),
        pytest.param('{"as_of": NaN}', "NaN is not a JSON value", id="not a number"),
        pytest.param("[" * 100_000, "nested too deeply", id="nested without end"),
    ],
)
def test_what_is_no_json_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidScenario, match=problem):
        read_scenario(text)
