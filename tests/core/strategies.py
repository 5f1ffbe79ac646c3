"""Made scenario documents for property tests of consolidate, and the step from a run to the next.

Few records, small figures and days that crowd around the day of the run, so that limits (± grace
days, first and last day, exactly enough units) and ties are met all the time. Live rows are made
freely, so they are wrong in every way that a release or an over-allocation has to put right.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]
Edit = tuple[str, int, int]
Draw = Callable[[st.SearchStrategy[Any]], Any]

FIRST_DAY = date.min.toordinal()
LAST_DAY = date.max.toordinal()

# The ends of the calendar are there for sums of days that leave it.
DAYS_OF_RUN = ["2026-01-15"] * 8 + ["9999-12-31", "9999-12-29", "0001-01-03"]
GRACE_DAYS = [0, 0, 1, 2, 2, 3, 30, 3650]
MATCH_DAYS = [0, 1, 3, 29, 31]
# Around the day of the run, around the 30 days of pre-processing and of grace, and far away.
OFFSETS = [*range(-7, 8), *range(-33, -28), *range(28, 34), -400, 365, 400]

COMPANIES = ["ACME", "ACME", "ACME", "acme"]
TITLES = ["visio", "visio", "visio", "Visio"]
# Code points order these differently from any locale, and the last two from UTF-16.
SERIALS = ["S", "S", "T", "T", "s", "É", "e", "10", "9", "\uffdc", "\U0001d54a"]
# Equal as numbers, not as text.
PRICES = [None, "10", "10.0", "10.00", "12.50", "0", "0.00"]
CURRENCIES = [None, None, "EUR", "USD"]
BASES = ["manual", "serial", "portal", "continuity", "uncovered"]


@dataclass(frozen=True, kw_only=True)
class Ingredients:
    """What one document is made of: the less there is of one thing, the more the rest meets.

    In a tidy document every license is valid, every record known and no live row contradicts its
    position or license, so that it is the later steps that decide.
    """

    as_of: int
    companies: list[str]
    titles: list[str]
    serials: list[str | None]
    positions_have_serials: bool
    rows: bool
    tidy: bool
    explicit_nulls: bool


def scenarios() -> st.SearchStrategy[Document]:
    """Valid scenario documents (specification: *Scenario document*)."""
    return _scenarios()


@st.composite
def _scenarios(draw: Draw) -> Document:
    ingredients = draw(_INGREDIENTS)
    scenario: Document = {"as_of": text_of(ingredients.as_of)}
    scenario["definitions"] = draw(_definitions())
    scenario["licenses"] = draw(_licenses(ingredients))
    scenario["positions"] = draw(_positions(ingredients, scenario))
    if ingredients.rows:
        rows = _plausible_rows(scenario) if ingredients.tidy else _any_rows(scenario)
        scenario["allocations"] = draw(rows)
    if ingredients.positions_have_serials:
        scenario["positions"] += draw(_contenders(ingredients, scenario))
    if draw(st.booleans()):
        scenario["returns"] = draw(_returns(ingredients, scenario["definitions"]))
    if draw(st.booleans()):
        scenario["downgrades"] = draw(_downgrades(ingredients, scenario))
        scenario["authorizations"] = draw(_authorizations(ingredients, scenario))
        scenario["orders"] = draw(_orders(ingredients, scenario))
    if draw(st.booleans()):
        scenario["kept_apart"] = draw(_pairs(scenario, max_size=3))
    return scenario if ingredients.explicit_nulls else _without_nulls(scenario)


_DAYS_OF_RUN = st.sampled_from(DAYS_OF_RUN).map(lambda day: date.fromisoformat(day).toordinal())

_ANYTHING = st.builds(
    Ingredients,
    as_of=_DAYS_OF_RUN,
    companies=st.sampled_from([COMPANIES[:1], COMPANIES[:1], COMPANIES]),
    titles=st.sampled_from([TITLES[:1], TITLES[:1], TITLES]),
    serials=st.sampled_from([[None], [None, "S"], [None, "S", "S", "T"], [None, "", *SERIALS]]),
    positions_have_serials=st.booleans(),
    rows=st.booleans(),
    tidy=st.booleans(),
    explicit_nulls=st.booleans(),
)
# One company and title, covered already, with or without serial numbers to contest the cover.
_COVERED = st.builds(
    Ingredients,
    as_of=_DAYS_OF_RUN,
    companies=st.just(COMPANIES[:1]),
    titles=st.just(TITLES[:1]),
    serials=st.sampled_from([[None], ["S", "S", "T"]]),
    positions_have_serials=st.just(True),
    rows=st.just(True),
    tidy=st.just(True),
    explicit_nulls=st.just(False),
)
_INGREDIENTS = st.one_of(_ANYTHING, _COVERED)


@st.composite
def _definitions(draw: Draw) -> list[Document]:
    return [
        {
            "id": identifier,
            "grace_days": draw(st.sampled_from(GRACE_DAYS)),
            "match_days": draw(st.sampled_from(MATCH_DAYS)),
        }
        for identifier in draw(st.sampled_from([["SA"], ["SA"], ["SA", "sa"]]))
    ]


@st.composite
def _licenses(draw: Draw, ingredients: Ingredients) -> list[Document]:
    return [
        {
            "id": f"L{number}",
            "company": draw(st.sampled_from(ingredients.companies)),
            "title": draw(st.sampled_from(ingredients.titles)),
            "units": draw(st.sampled_from([1, 1, 1, 2, 2, 3] + ([] if ingredients.tidy else [0]))),
            "purchased_on": draw(_days_mostly_past(ingredients)),
            "serial": draw(st.sampled_from(ingredients.serials)),
            "expires_on": None if ingredients.tidy else draw(_rarely(_days(ingredients))),
            "taken": draw(st.sampled_from([0, 0, 0, 1, 2])),
        }
        for number in range(draw(st.integers(0, 7)))
    ]


@st.composite
def _positions(draw: Draw, ingredients: Ingredients, scenario: Document) -> list[Document]:
    positions: list[Document] = []
    serials = ingredients.serials if ingredients.positions_have_serials else [None]
    for number in range(draw(st.integers(0, 7))):
        definition = draw(st.sampled_from(scenario["definitions"]))
        company = draw(st.sampled_from(ingredients.companies))
        title = draw(st.sampled_from(ingredients.titles))
        group = [
            license
            for license in scenario["licenses"]
            if (license["company"], license["title"]) == (company, title)
        ]
        quantity = draw(_quantities(group))
        starts_on = draw(_starts(ingredients, definition["grace_days"], positions))
        positions.append(
            {
                "id": f"P{number}",
                "definition": definition["id"],
                "company": company,
                "title": title,
                "quantity": quantity,
                "starts_on": starts_on,
                "purchased_on": draw(_purchases(ingredients, definition["match_days"], group)),
                "returned": min(quantity, draw(st.sampled_from([0, 0, 0, 0, 1, 2, 6]))),
                "serial": draw(st.sampled_from(serials)),
                "ends_on": draw(_ends(ingredients, definition["grace_days"], starts_on)),
                "unit_price": draw(st.sampled_from(PRICES)),
                "currency": draw(st.sampled_from(CURRENCIES)),
            }
        )
    return positions


def _quantities(group: list[Document]) -> st.SearchStrategy[int]:
    """Small numbers, and what the licenses of one serial number add up to, for step 5."""
    sums = [
        sum(license["units"] for license in group if license["serial"] == serial)
        for serial in SERIALS
    ]
    return st.sampled_from([1, 1, 2, 2, 3, 4, 6] + [units for units in sums if units > 0] * 2)


def _purchases(
    ingredients: Ingredients, match_days: int, group: list[Document]
) -> st.SearchStrategy[str]:
    """Any day, and days at both limits of the days after a license's purchase, for step 5."""
    limits = [
        date.fromisoformat(license["purchased_on"]).toordinal() + days
        for license in group
        for days in (0, 1, match_days or 30, (match_days or 30) + 1)
    ]
    near = [day for day in limits if day <= ingredients.as_of]
    anywhere = _days_mostly_past(ingredients)
    return st.one_of(anywhere, st.sampled_from(near).map(text_of)) if near else anywhere


def _starts(
    ingredients: Ingredients, grace_days: int, earlier: list[Document]
) -> st.SearchStrategy[str]:
    """Any day, the last in effect or the first that is not, and days at the limits of grace
    around the end of an earlier position.
    """
    limits = [ingredients.as_of + grace_days, ingredients.as_of + grace_days + 1]
    for position in earlier:
        if position["ends_on"] is not None:
            end = date.fromisoformat(position["ends_on"]).toordinal()
            for days in (1, grace_days, grace_days + 1):
                limits += [end - days, end + days]
    return st.one_of(_days(ingredients), st.sampled_from(limits).map(text_of))


def _ends(
    ingredients: Ingredients, grace_days: int, starts_on: str
) -> st.SearchStrategy[str | None]:
    """Days from the first to long after, those at the limits of what the day of the run and the
    grace days decide, the last day there is, and no end.
    """
    start = date.fromisoformat(starts_on).toordinal()
    limits = [ingredients.as_of + days for days in (-1, 0, 1)]
    for days in (grace_days, grace_days + 1):
        limits += [ingredients.as_of - days, ingredients.as_of + days]
    later = [start + days for days in (0, 2, 7, 30, 365)]
    given = [max(day, start) for day in limits + later]
    open_ends = ["9999-12-31", text_of(ingredients.as_of + 365), None, None, None]
    return st.sampled_from(
        [*map(text_of, given), *(end for end in open_ends if not end or end >= starts_on)]
    )


@st.composite
def _any_rows(draw: Draw, scenario: Document) -> list[Document]:
    """Rows across companies and titles, of wrong units, beyond what a position has."""
    units_of = {license["id"]: license["units"] for license in scenario["licenses"]}
    return [
        {
            "id": f"X{number}",
            **pair,
            "units": draw(st.sampled_from([units_of[pair["license"]] or 1] * 3 + [1, 2, 3])),
            "basis": draw(st.sampled_from(BASES)),
        }
        for number, pair in enumerate(draw(_pairs(scenario, max_size=8)))
    ]


@st.composite
def _plausible_rows(draw: Draw, scenario: Document) -> list[Document]:
    """Rows that contradict neither position nor license, up to two on a license."""
    free = {p["id"]: p["quantity"] - p["returned"] for p in scenario["positions"]}
    rows: list[Document] = []
    twice = draw(st.booleans())
    for license in draw(st.permutations(scenario["licenses"] * (2 if twice else 1))):
        fitting = [
            position["id"]
            for position in scenario["positions"]
            if (position["company"], position["title"]) == (license["company"], license["title"])
            and license["units"] <= free[position["id"]]
            and (position["id"], license["id"])
            not in {(r["position"], r["license"]) for r in rows}
        ]
        position = draw(st.sampled_from([None, *fitting]))
        if position is not None:
            free[position] -= license["units"]
            rows.append(
                {
                    "id": f"X{len(rows)}",
                    "position": position,
                    "license": license["id"],
                    "units": license["units"],
                    "basis": draw(st.sampled_from(BASES)),
                }
            )
    return rows


@st.composite
def _contenders(draw: Draw, ingredients: Ingredients, scenario: Document) -> list[Document]:
    """Positions without a row that carry a license's serial: they displace, or are blocked."""
    licenses = [license for license in scenario["licenses"] if license["serial"]]
    if not licenses:
        return []
    contenders = []
    for number in range(draw(st.integers(0, 2))):
        license = draw(st.sampled_from(licenses))
        definition = draw(st.sampled_from(scenario["definitions"]))
        earlier = scenario["positions"]
        starts_on = draw(_starts(ingredients, definition["grace_days"], earlier))
        contenders.append(
            {
                "id": f"S{number}",
                "definition": definition["id"],
                "company": license["company"],
                "title": license["title"],
                "quantity": draw(st.sampled_from([1, 2, 3, 6])),
                "starts_on": starts_on,
                "purchased_on": draw(_days_mostly_past(ingredients)),
                "serial": license["serial"],
                "ends_on": draw(_ends(ingredients, definition["grace_days"], starts_on)),
            }
        )
    return contenders


@st.composite
def _returns(draw: Draw, ingredients: Ingredients, definitions: list[Document]) -> list[Document]:
    returns = []
    for number in range(draw(st.integers(0, 3))):
        quantity = draw(st.integers(1, 5))
        returns.append(
            {
                "id": f"R{number}",
                "definition": draw(st.sampled_from(definitions))["id"],
                "company": draw(st.sampled_from(ingredients.companies)),
                "title": draw(st.sampled_from(ingredients.titles)),
                "quantity": quantity,
                "returned_on": draw(_days_mostly_past(ingredients)),
                "unit_price": draw(st.sampled_from(PRICES)),
                "currency": draw(st.sampled_from(CURRENCIES)),
                "assigned": min(quantity, draw(st.sampled_from([0, 0, 0, 1, 5]))),
            }
        )
    return returns


@st.composite
def _downgrades(draw: Draw, ingredients: Ingredients, scenario: Document) -> list[Document]:
    if not scenario["licenses"]:
        return []
    return [
        {
            "license": draw(st.sampled_from(scenario["licenses"]))["id"],
            "title": draw(st.sampled_from(TITLES)),
            "order": draw(st.integers(0, 2)),
            "starts_on": draw(_rarely(_days(ingredients))),
            "ends_on": draw(_rarely(_days(ingredients))),
        }
        for _ in range(draw(st.integers(0, 4)))
    ]


@st.composite
def _authorizations(draw: Draw, ingredients: Ingredients, scenario: Document) -> list[Document]:
    identifiers = [license["id"] for license in scenario["licenses"]]
    return [
        {
            "id": f"A{number}",
            "company": draw(st.sampled_from(ingredients.companies)),
            "title": draw(st.sampled_from(TITLES)),
            "units": draw(st.sampled_from([1, 1, 1, 2, 3])),
            "approved_on": draw(_days_mostly_past(ingredients)),
            "active": draw(st.sampled_from([True, True, True, None, False])),
            "license": draw(st.sampled_from([None] * (1 + len(identifiers) // 2) + identifiers)),
        }
        for number in range(draw(st.integers(0, 6)))
    ]


@st.composite
def _orders(draw: Draw, ingredients: Ingredients, scenario: Document) -> list[Document]:
    if not scenario["authorizations"]:
        return []
    return [
        {
            "id": f"O{number}",
            "authorization": draw(st.sampled_from(scenario["authorizations"]))["id"],
            "definition": draw(st.sampled_from(scenario["definitions"]))["id"],
            "promised_end": draw(_promises(ingredients, scenario["positions"])),
            "ordered_on": draw(_days_mostly_past(ingredients)),
        }
        for number in range(draw(st.integers(0, 5)))
    ]


def _promises(ingredients: Ingredients, positions: list[Document]) -> st.SearchStrategy[str]:
    """Any day, and the ends of positions, the day before and the day after."""
    ends = [date.fromisoformat(p["ends_on"]).toordinal() for p in positions if p["ends_on"]]
    near = [end + days for end in ends for days in (-1, 0, 1)]
    anywhere = _days(ingredients)
    return st.one_of(anywhere, st.sampled_from(near).map(text_of)) if near else anywhere


@st.composite
def _pairs(draw: Draw, scenario: Document, *, max_size: int) -> list[Document]:
    """Different pairs of a position and a license, whatever their company and title."""
    if not scenario["positions"] or not scenario["licenses"]:
        return []
    pairs = draw(
        st.lists(
            st.tuples(
                st.sampled_from([position["id"] for position in scenario["positions"]]),
                st.sampled_from([license["id"] for license in scenario["licenses"]]),
            ),
            unique=True,
            max_size=max_size,
        )
    )
    return [{"position": position, "license": license} for position, license in pairs]


def _days(ingredients: Ingredients) -> st.SearchStrategy[str]:
    return st.sampled_from(OFFSETS).map(lambda offset: text_of(ingredients.as_of + offset))


def _days_mostly_past(ingredients: Ingredients) -> st.SearchStrategy[str]:
    past = [offset for offset in OFFSETS if offset <= 0]
    offsets = st.sampled_from(past if ingredients.tidy else past * 5 + [1, 7])
    return offsets.map(lambda offset: text_of(ingredients.as_of + offset))


def _rarely(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.none(), st.none(), values)


def text_of(day: int) -> str:
    """Write the day of this number, or the first or last there is where it lies beyond."""
    return date.fromordinal(min(max(day, FIRST_DAY), LAST_DAY)).isoformat()


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _without_nulls(entry) for key, entry in value.items() if entry is not None}
    return value


def edits() -> st.SearchStrategy[list[Edit]]:
    """What people change between two runs; `edited` gives the document after it."""
    edit = st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 6), st.integers(0, 6))
    return st.lists(edit, min_size=1, max_size=5)


def edited(scenario: Document, edits: list[Edit]) -> Document:
    """Give the scenario after the edits; one that finds no record to change changes nothing."""
    after = deepcopy(scenario)
    for kind, place, value in edits:
        listed, change = EDITS[kind]
        records = [after] if listed is None else after.get(listed) or []
        if records:
            change(records[place % len(records)], value)
    return after


def _pass_days(scenario: Document, value: int) -> None:
    days = [1, 2, 3, 7, 30, 31, 365][value]
    scenario["as_of"] = text_of(date.fromisoformat(scenario["as_of"]).toordinal() + days)


def _give_serial(record: Document, value: int) -> None:
    record["serial"] = [None, "S", "S", "S", "T", "T", "\uffdc"][value]


def _change_quantity(position: Document, value: int) -> None:
    position["quantity"] = max(1, value, position.get("returned") or 0)


def _change_units(license: Document, value: int) -> None:
    license["units"] = value


def _move_to_other_title(license: Document, value: int) -> None:
    license["title"] = TITLES[value % len(TITLES)]


def _expire(license: Document, value: int) -> None:
    license["expires_on"] = license["purchased_on"]


def _revoke(authorization: Document, value: int) -> None:
    authorization["active"] = False


def _take_other_license_units(license: Document, value: int) -> None:
    license["taken"] = value


EDITS: dict[str, tuple[str | None, Callable[[Document, int], None]]] = {
    "days pass": (None, _pass_days),
    "more days pass": (None, _pass_days),
    "license is given a serial": ("licenses", _give_serial),
    "position is given a serial": ("positions", _give_serial),
    "quantity changes": ("positions", _change_quantity),
    "units change": ("licenses", _change_units),
    "license moves to another title": ("licenses", _move_to_other_title),
    "license expires": ("licenses", _expire),
    "authorization is revoked": ("authorizations", _revoke),
    "other allocations take units": ("licenses", _take_other_license_units),
}


def apply(scenario: Document, result: Document) -> Document:
    """Give the scenario as it stands after a run, to run again; the one given is left alone."""
    after = deepcopy(scenario)
    _raise(after, "positions", "returned", result["returned"], by="position")
    _raise(after, "returns", "assigned", result["returned"], by="return")
    for entry in result["released"]:
        _named(after, "authorizations", entry["authorization"])["license"] = None
    for entry in result["assigned"]:
        _named(after, "authorizations", entry["authorization"])["license"] = entry["license"]
    for entry in result["serials"]:
        _named(after, "positions", entry["position"])["serial"] = entry["serial"]
    ended = {entry["allocation"] for entry in result["deallocated"]}
    live = [row for row in after.get("allocations") or [] if row["id"] not in ended]
    after["allocations"] = live + _new_rows(after, result["allocated"])
    return after


def _raise(
    after: Document, listed: str, key: str, assignments: list[Document], *, by: str
) -> None:
    for assignment in assignments:
        entry = _named(after, listed, assignment[by])
        entry[key] = (entry.get(key) or 0) + assignment["units"]


def _new_rows(after: Document, allocated: list[Document]) -> list[Document]:
    """Give new rows ids and their order: "in the appearance of their position, then license"."""
    places = {
        listed: {entry["id"]: place for place, entry in enumerate(after.get(listed) or [])}
        for listed in ("positions", "licenses")
    }
    used = {row["id"] for row in after.get("allocations") or []}
    unused = (f"N{number}" for number in count() if f"N{number}" not in used)
    ordered = sorted(
        allocated,
        key=lambda row: (places["positions"][row["position"]], places["licenses"][row["license"]]),
    )
    return [{"id": identifier, **row} for identifier, row in zip(unused, ordered, strict=False)]


def _named(document: Document, listed: str, identifier: str) -> Document:
    return next(entry for entry in document[listed] if entry["id"] == identifier)
