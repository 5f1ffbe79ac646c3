"""Made scenario documents for property tests of consolidate, and the step from a run to the next.

Few records, small figures and days that crowd around the day of the run, so that limits (± grace
days, first and last day, exactly enough units) and ties are met all the time. A *theme* makes the
documents in which one step of the run has much to decide; together they reach every rule.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from allocation.core.consolidate import consolidate
from allocation.scenario import read_scenario, result_document

Document = dict[str, Any]
Edit = tuple[str, int, int]
Draw = Callable[[st.SearchStrategy[Any]], Any]
Choose = Callable[[Sequence[Any]], Any]

CALM = settings(max_examples=60, deadline=None)

FIRST_DAY = date.min.toordinal()
LAST_DAY = date.max.toordinal()

# The ends of the calendar are there for sums of days that leave it.
DAYS_OF_RUN = ["2026-01-15"] * 12 + ["9999-12-31", "9999-12-29", "0001-01-03"]
# Around the day of the run, around the 30 days of pre-processing and of grace, and far away.
WIDE = [*range(-7, 8), *range(-33, -28), *range(28, 34), -400, 365, 400]
NARROW = [-3, -2, -1, 0, 1, 2, 3]
PAST_ONLY = 0
RARELY_UNKNOWN = 1
OFTEN_UNKNOWN = 4

COMPANIES = ["ACME", "ACME", "ACME", "acme"]
TITLES = ["visio", "visio", "visio", "Visio"]
# Code points order these differently from any locale, and the last two from UTF-16.
SERIALS = ["S", "S", "T", "s", "É", "e", "10", "9", "\uffdc", "\U0001d54a"]
# Equal as numbers, not as text.
PRICES = [None, "10", "10.0", "10.00", "12.50", "0", "0.00"]
CURRENCIES = [None, None, "EUR", "USD"]
BASES = ("manual", "serial", "portal", "continuity", "uncovered")


@dataclass(frozen=True, kw_only=True)
class Theme:
    """What documents are made of: the less there is of one thing, the more the rest meets.

    Sizes are the least and the most records of a list. `contradicting` rows may lie across
    companies and titles, have other units than their license, and exceed their position.
    """

    companies: Sequence[str] = ("ACME",)
    titles: Sequence[str] = ("visio",)
    definitions: Sequence[str] = ("SA",)
    grace_days: Sequence[int] = (0, 1, 2, 3)
    match_days: Sequence[int] = (0, 1, 3)
    offsets: Sequence[int] = (*NARROW, 30, -400, 400)
    unknown: int = PAST_ONLY
    units: Sequence[int] = (1, 1, 2, 3)
    quantities: Sequence[int] = (1, 1, 2, 2, 3, 4, 6)
    returned: Sequence[int] = (0,)
    expiring: bool = False
    license_serials: Sequence[str | None] = (None,)
    position_serials: Sequence[str | None] = (None,)
    prices: Sequence[str | None] = (None,)
    currencies: Sequence[str | None] = (None,)
    bases: Sequence[str] = BASES
    contradicting: bool = False
    needs: Sequence[int] = (1, 1, 1, 2, 3)
    holding: Sequence[bool] = (False, True)
    active: Sequence[bool | None] = (True, True, True, None, False)
    licenses: tuple[int, int] = (1, 6)
    positions: tuple[int, int] = (1, 6)
    rows: tuple[int, int] = (0, 0)
    contenders: tuple[int, int] = (0, 0)
    returns: tuple[int, int] = (0, 0)
    downgrades: tuple[int, int] = (0, 0)
    authorizations: tuple[int, int] = (0, 0)
    orders: tuple[int, int] = (0, 0)
    kept_apart: tuple[int, int] = (0, 0)
    explicit_nulls: bool = False


THEMES = {
    "anything": Theme(
        companies=COMPANIES,
        titles=TITLES,
        definitions=("SA", "sa"),
        grace_days=(0, 1, 2, 30, 3650),
        match_days=(0, 1, 29, 31, 3650),
        offsets=WIDE,
        unknown=RARELY_UNKNOWN,
        units=(0, 1, 1, 1, 2, 3),
        returned=(0, 0, 0, 1, 6),
        expiring=True,
        license_serials=(None, "", *SERIALS),
        position_serials=(None, "", *SERIALS),
        prices=PRICES,
        currencies=CURRENCIES,
        contradicting=True,
        licenses=(0, 6),
        positions=(0, 6),
        rows=(0, 6),
        contenders=(0, 1),
        returns=(0, 2),
        downgrades=(0, 3),
        authorizations=(0, 4),
        orders=(0, 3),
        kept_apart=(0, 2),
        explicit_nulls=True,
    ),
    "release": Theme(
        companies=COMPANIES,
        titles=TITLES,
        unknown=OFTEN_UNKNOWN,
        units=(0, 1, 2, 2, 3),
        expiring=True,
        contradicting=True,
        holding=(False, True, True, True),
        licenses=(1, 4),
        positions=(1, 3),
        rows=(2, 8),
        downgrades=(0, 3),
        authorizations=(2, 6),
    ),
    "returns": Theme(
        definitions=("SA", "sa"),
        offsets=(-3, -2, -1, -1, 0, 0, 400),
        unknown=RARELY_UNKNOWN,
        returned=(0, 0, 1),
        prices=(None, "10", "10.0", "12.50"),
        currencies=(None, "EUR"),
        contradicting=True,
        licenses=(1, 3),
        positions=(2, 6),
        rows=(0, 5),
        returns=(1, 3),
    ),
    "over-allocation": Theme(
        offsets=(-400, -1, 0, 400),
        unknown=RARELY_UNKNOWN,
        units=(1, 2, 3, 4, 5),
        quantities=(1, 2, 3, 4, 6, 8),
        returned=(0, 1),
        bases=(*BASES, "uncovered", "continuity"),
        contradicting=True,
        licenses=(4, 7),
        positions=(1, 2),
        rows=(4, 10),
        returns=(0, 1),
    ),
    "drawing": Theme(
        companies=COMPANIES,
        titles=("visio", "Visio"),
        unknown=RARELY_UNKNOWN,
        units=(1, 1, 2, 3),
        needs=(1, 1, 2),
        expiring=True,
        license_serials=(None, "S", "s"),
        holding=(False, False, True),
        licenses=(2, 5),
        positions=(0, 0),
        downgrades=(4, 12),
        authorizations=(2, 6),
    ),
    "groups": Theme(
        offsets=(-4, -3, -2, -1, 0),
        match_days=(0, 3650),
        units=(1,),
        quantities=(2,),
        license_serials=("S", "T"),
        licenses=(4, 6),
        positions=(1, 3),
    ),
    "pre-processing": Theme(
        definitions=("SA", "sa"),
        offsets=(-5, -3, -2, -1, 0, 400),
        units=(1, 1, 2),
        returned=(0, 0, 0, 1),
        license_serials=("S", "S", "T", "T", "s", None),
        position_serials=(None, None, None, None, "S", "T"),
        licenses=(2, 7),
        positions=(1, 5),
        rows=(0, 2),
        contenders=(0, 1),
    ),
    "texts": Theme(
        offsets=(-2, -1, 400),
        units=(1,),
        quantities=(1,),
        license_serials=("Z", "a", "\uffdc", "\U0001d54a"),
        licenses=(2, 6),
        positions=(1, 4),
    ),
    "serial": Theme(
        definitions=("SA", "SA", "sa"),
        grace_days=(1, 2, 3),
        license_serials=("S", "S", "S", "T", None),
        position_serials=(None, None, None, "S", "T"),
        licenses=(2, 5),
        positions=(1, 5),
        rows=(1, 7),
        contenders=(1, 3),
        kept_apart=(0, 1),
    ),
    "displaced and matched": Theme(
        offsets=(-3, -2, -1, 0, 400),
        units=(1,),
        quantities=(1, 2),
        license_serials=("S", "T"),
        position_serials=(None, None, None, "S", "T"),
        bases=("uncovered",),
        licenses=(2, 5),
        positions=(2, 4),
        rows=(1, 5),
        contenders=(1, 2),
    ),
    "portal": Theme(
        offsets=(*NARROW, 400),
        unknown=RARELY_UNKNOWN,
        units=(1, 1, 2),
        needs=(1,),
        holding=(True, True, True, False),
        active=(True,),
        licenses=(1, 3),
        positions=(2, 7),
        rows=(0, 3),
        authorizations=(1, 3),
        orders=(2, 6),
        kept_apart=(0, 1),
    ),
    "continuity": Theme(
        definitions=("SA", "SA", "sa"),
        offsets=(*NARROW, 400),
        license_serials=(None, None, "S"),
        bases=("uncovered", "manual"),
        licenses=(2, 6),
        positions=(3, 8),
        rows=(1, 8),
        kept_apart=(0, 1),
    ),
    "lapsed": Theme(
        offsets=(-3, -2, -2, -1, -1, 0, 400),
        units=(1, 1, 2),
        quantities=(1, 2, 2, 3),
        bases=("uncovered",),
        licenses=(2, 6),
        positions=(3, 8),
        rows=(2, 8),
    ),
}


# Far more of everything on one title: for what the core keeps in mind between one search and the
# next. Too slow to be one theme among the others.
CROWDED = Theme(
    offsets=(*range(-12, 13), 30, -400, 400),
    unknown=RARELY_UNKNOWN,
    units=(1, 1, 2, 3, 5),
    quantities=(1, 2, 3, 5, 8, 13),
    returned=(0, 0, 0, 1),
    license_serials=(None, None, None, "S", "T", "U"),
    position_serials=(None, None, None, None, "S", "T"),
    needs=(1,),
    licenses=(15, 40),
    positions=(15, 40),
    rows=(5, 40),
    contenders=(0, 3),
    returns=(0, 3),
    authorizations=(0, 15),
    orders=(0, 20),
    kept_apart=(0, 15),
)


@st.composite
def scenarios(draw: Draw) -> Document:
    """Valid scenario documents (specification: *Scenario document*), of any theme."""

    def choose(values: Sequence[Any]) -> Any:
        return draw(st.sampled_from(values))

    return _document(choose, THEMES[choose(sorted(THEMES))])


def scenario_of(seed: str, theme: Theme) -> Document:
    """Make the document of a theme that belongs to a seed.

    Hypothesis makes a failing document small; a seed makes thousands of documents in its time, and
    spreads them evenly.
    """
    return _document(Random(seed).choice, theme)


def _document(choose: Choose, theme: Theme) -> Document:
    as_of = number_of(choose(DAYS_OF_RUN))
    return _Maker(choose=choose, theme=theme, as_of=as_of).document()


@dataclass(frozen=True, kw_only=True)
class _Maker:
    """Makes the lists of one document, each from those made before."""

    choose: Choose
    theme: Theme
    as_of: int

    def document(self) -> Document:
        scenario: Document = {"as_of": text_of(self.as_of)}
        scenario["definitions"] = self.definitions()
        scenario["licenses"] = self.records("L", self.theme.licenses, self.license)
        scenario["positions"] = []
        for number in self.numbers(self.theme.positions):
            scenario["positions"].append({"id": f"P{number}", **self.position(scenario)})
        if self.theme.contradicting:
            scenario["allocations"] = self.any_rows(scenario)
        else:
            scenario["allocations"] = self.plausible_rows(scenario)
        for number in self.numbers(self.theme.contenders):
            scenario["positions"] += self.contender(f"S{number}", scenario)
        scenario["returns"] = self.records("R", self.theme.returns, lambda: self.returned(scenario))
        scenario["downgrades"] = self.downgrades(scenario["licenses"])
        scenario["authorizations"] = self.records(
            "A", self.theme.authorizations, lambda: self.authorization(scenario["licenses"])
        )
        scenario["orders"] = self.orders(scenario)
        scenario["kept_apart"] = self.pairs(scenario, self.theme.kept_apart)
        explicit_nulls = self.theme.explicit_nulls and self.choose([True, False])
        return scenario if explicit_nulls else _without_nulls(scenario)

    # --- Records --------------------------------------------------------------------------

    def definitions(self) -> list[Document]:
        most = self.choose(range(1, len(self.theme.definitions) + 1))
        return [
            {
                "id": name,
                "grace_days": self.choose(self.theme.grace_days),
                "match_days": self.choose(self.theme.match_days),
            }
            for name in sorted(set(self.theme.definitions[:most]))
        ]

    def license(self) -> Document:
        return {
            **self.company_and_title(),
            "units": self.choose(self.theme.units),
            "purchased_on": self.past_day(),
            "serial": self.choose(self.theme.license_serials),
            "expires_on": self.rarely(self.day) if self.theme.expiring else None,
            "taken": self.choose([0, 0, 0, 1, 2]),
        }

    def position(self, scenario: Document) -> Document:
        definition = self.choose(scenario["definitions"])
        key = self.company_and_title()
        group = [
            license
            for license in scenario["licenses"]
            if (license["company"], license["title"]) == (key["company"], key["title"])
        ]
        quantity = self.quantity(group)
        return {
            "definition": definition["id"],
            **key,
            "quantity": quantity,
            **self.period(definition["grace_days"], scenario["positions"]),
            "purchased_on": self.purchase_after(group, definition["match_days"]),
            "returned": min(quantity, self.choose(self.theme.returned)),
            "serial": self.choose(self.theme.position_serials),
            "unit_price": self.choose(self.theme.prices),
            "currency": self.choose(self.theme.currencies),
            "may_be_matched": self.choose([None] * 6 + [True, False]),
        }

    def contender(self, name: str, scenario: Document) -> list[Document]:
        """Make a position without rows that carries a license's serial, to displace others."""
        licenses = [license for license in scenario["licenses"] if license["serial"]]
        if not licenses:
            return []
        license = self.choose(licenses)
        definition = self.choose(scenario["definitions"])
        return [
            {
                "id": name,
                "definition": definition["id"],
                "company": license["company"],
                "title": license["title"],
                "quantity": self.choose([1, 2, 3, 6]),
                **self.period(definition["grace_days"], scenario["positions"]),
                "purchased_on": self.past_day(),
                "serial": license["serial"],
            }
        ]

    def any_rows(self, scenario: Document) -> list[Document]:
        units_of = {license["id"]: license["units"] for license in scenario["licenses"]}
        return [
            {
                "id": f"X{number}",
                **pair,
                "units": self.choose([units_of[pair["license"]] or 1] * 8 + [1, 3]),
                "basis": self.choose(self.theme.bases),
            }
            for number, pair in enumerate(self.pairs(scenario, self.theme.rows))
        ]

    def plausible_rows(self, scenario: Document) -> list[Document]:
        """Make rows that contradict neither their position nor their license."""
        free = {p["id"]: p["quantity"] - p["returned"] for p in scenario["positions"]}
        rows: list[Document] = []
        for _ in self.numbers(self.theme.rows):
            taken = {(row["position"], row["license"]) for row in rows}
            fitting = [
                (position["id"], license)
                for position in scenario["positions"]
                for license in scenario["licenses"]
                if (position["company"], position["title"])
                == (license["company"], license["title"])
                and license["units"] <= free[position["id"]]
                and (position["id"], license["id"]) not in taken
            ]
            if fitting:
                position, license = self.choose(fitting)
                free[position] -= license["units"]
                rows.append(
                    {
                        "id": f"X{len(rows)}",
                        "position": position,
                        "license": license["id"],
                        "units": license["units"],
                        "basis": self.choose(self.theme.bases),
                    }
                )
        return rows

    def returned(self, scenario: Document) -> Document:
        quantity = self.choose([1, 2, 3, 5, 8])
        return {
            "definition": self.choose(scenario["definitions"])["id"],
            **self.company_and_title(),
            "quantity": quantity,
            "returned_on": self.past_day(),
            "unit_price": self.choose(self.theme.prices),
            "currency": self.choose(self.theme.currencies),
            "assigned": min(quantity, self.choose([0, 0, 0, 1, 8])),
        }

    def downgrades(self, licenses: list[Document]) -> list[Document]:
        return [self.downgrade(licenses) for _ in self.numbers(self.theme.downgrades) if licenses]

    def downgrade(self, licenses: list[Document]) -> Document:
        license = self.choose(licenses)
        others = [title for title in self.theme.titles if title != license["title"]]
        starts_on, ends_on = self.rarely(self.day), self.rarely(self.day)
        if starts_on and ends_on:
            starts_on, ends_on = sorted((starts_on, ends_on))
        return {
            "license": license["id"],
            "title": self.choose([*others * 3, license["title"]]),
            "order": self.choose([0, 1, 2]),
            "starts_on": starts_on,
            "ends_on": ends_on,
        }

    def authorization(self, licenses: list[Document]) -> Document:
        holds = bool(licenses) and self.choose(self.theme.holding)
        return {
            **self.company_and_title(),
            "units": self.choose(self.theme.needs),
            "approved_on": self.past_day(),
            "active": self.choose(self.theme.active),
            "license": self.choose(licenses)["id"] if holds else None,
        }

    def orders(self, scenario: Document) -> list[Document]:
        return [
            {
                "id": f"O{number}",
                "authorization": self.choose(scenario["authorizations"])["id"],
                "definition": self.choose(scenario["definitions"])["id"],
                "promised_end": self.promise(scenario["positions"]),
                "ordered_on": self.past_day(),
            }
            for number in self.numbers(self.theme.orders)
            if scenario["authorizations"]
        ]

    def pairs(self, scenario: Document, sizes: tuple[int, int]) -> list[Document]:
        """Pair positions and licenses, whatever their company and title, no pair twice."""
        pairs = [
            (self.choose(scenario["positions"])["id"], self.choose(scenario["licenses"])["id"])
            for _ in self.numbers(sizes)
            if scenario["positions"] and scenario["licenses"]
        ]
        return [
            {"position": position, "license": license} for position, license in dict.fromkeys(pairs)
        ]

    # --- Figures and days -----------------------------------------------------------------

    def company_and_title(self) -> Document:
        return {
            "company": self.choose(self.theme.companies),
            "title": self.choose(self.theme.titles),
        }

    def quantity(self, group: list[Document]) -> int:
        """Draw a small number, or what the licenses of one serial add up to, for step 5."""
        sums = Counter[str]()
        for license in group:
            sums[license["serial"] or ""] += license["units"]
        exactly = [units for units in sums.values() if units > 0]
        return int(self.choose([*self.theme.quantities, *exactly * 3]))

    def purchase_after(self, group: list[Document], match_days: int) -> str:
        """Draw a day of purchase, often at a limit of the days after a license's, for step 5."""
        limits = [
            number_of(license["purchased_on"]) + days
            for license in group
            for days in (0, 1, match_days or 30, (match_days or 30) + 1)
        ]
        near = [text_of(day) for day in limits if day <= self.as_of]
        return str(self.choose(near)) if near and self.choose([True, False]) else self.past_day()

    def period(self, grace_days: int, earlier: list[Document]) -> Document:
        """Draw a first and last day: often at a limit of grace around the day of the run or an
        earlier position's end, and often the same as an earlier one.
        """
        starts = [self.as_of + grace_days, self.as_of + grace_days + 1]
        ends = [self.as_of + days for days in (-1, 0, 1, 365)]
        for days in (grace_days, grace_days + 1):
            ends += [self.as_of - days, self.as_of + days]
        for position in earlier:
            starts.append(number_of(position["starts_on"]))
            if position["ends_on"] is not None:
                end = number_of(position["ends_on"])
                ends += [end, end + 1]
                for days in (1, grace_days, grace_days + 1):
                    starts += [end - days, end + days]
        starts_on = self.day() if self.choose([True, False]) else text_of(self.choose(starts))
        given = [text_of(day) for day in ends] + ["9999-12-31", self.day()]
        ends_on = self.choose([None, None, None, starts_on, *given])
        return {"starts_on": starts_on, "ends_on": ends_on and max(ends_on, starts_on)}

    def promise(self, positions: list[Document]) -> str:
        """Draw the day of a promise: often an end of a position, or the day before or after."""
        ends = [number_of(p["ends_on"]) for p in positions if p["ends_on"] is not None]
        near = [text_of(end + days) for end in ends for days in (-1, 0, 1)]
        near.append(text_of(self.as_of))
        return self.day() if self.choose([True, False]) else str(self.choose(near))

    def day(self) -> str:
        return text_of(self.as_of + int(self.choose(self.theme.offsets)))

    def past_day(self) -> str:
        """Draw a day that is not after the day of the run, or where the theme allows, is."""
        past = [offset for offset in self.theme.offsets if offset <= 0]
        return text_of(self.as_of + int(self.choose(past * 2 + [1, 2, 1, 7][: self.theme.unknown])))

    # --- Choosing -------------------------------------------------------------------------

    def rarely(self, value: Callable[[], Any]) -> Any:
        return value() if self.choose([False, False, True]) else None

    def numbers(self, sizes: tuple[int, int]) -> range:
        return range(self.choose(range(sizes[0], sizes[1] + 1)))

    def records(
        self, letter: str, sizes: tuple[int, int], record: Callable[[], Document]
    ) -> list[Document]:
        return [{"id": f"{letter}{number}", **record()} for number in self.numbers(sizes)]


def written_cases() -> list[Path]:
    """The cases of the specification, and small ones that tell a rule from its misreading."""
    here = Path(__file__).parent
    return sorted([*here.glob("scenarios/*.json"), *here.glob("found/*.json")])


def text_of(day: int) -> str:
    """Write the day of this number, or the first or last there is where it lies beyond."""
    return date.fromordinal(min(max(day, FIRST_DAY), LAST_DAY)).isoformat()


def number_of(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _without_nulls(scenario: Document) -> Document:
    return {
        key: [
            {name: field for name, field in entry.items() if field is not None} for entry in value
        ]
        if isinstance(value, list)
        else value
        for key, value in scenario.items()
    }


def edits_of(seed: str) -> list[list[Edit]]:
    """Give what people change after each of one to four runs, as belongs to a seed."""
    random = Random(seed)
    return [
        [
            (random.choice(sorted(EDITS)), random.randint(0, 6), random.randint(0, 6))
            for _ in range(random.randint(1, 5))
        ]
        for _ in range(random.randint(1, 4))
    ]


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
    scenario["as_of"] = text_of(number_of(scenario["as_of"]) + days)


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


def _raise(after: Document, listed: str, key: str, assignments: list[Document], *, by: str) -> None:
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


def consolidated(scenario: Document) -> Document:
    """Answer a document by way of the core, as the application does."""
    read = read_scenario(json.dumps(scenario))
    return result_document(consolidate(read.snapshot), read.names)


def in_any_order(result: Document) -> dict[str, Counter[str]]:
    """Make results comparable: "six lists, each in any order"."""
    return {
        listed: Counter(json.dumps(entry, sort_keys=True) for entry in listed_entries)
        for listed, listed_entries in result.items()
    }


def made_small(scenario: Document, differs: Callable[[Document], bool]) -> Document:
    """Leave out records, one after the other, as long as the document still differs."""
    for listed in ("orders", "authorizations", "returns", "downgrades", "kept_apart"):
        scenario = _with_fewer(scenario, listed, differs)
    for listed in ("allocations", "positions", "licenses", "definitions"):
        scenario = _with_fewer(scenario, listed, differs)
    return scenario


def _with_fewer(scenario: Document, listed: str, differs: Callable[[Document], bool]) -> Document:
    for record in reversed(scenario.get(listed) or []):
        fewer = _without(scenario, listed, record)
        if differs(fewer):
            scenario = fewer
    return scenario


def _without(scenario: Document, listed: str, record: Document) -> Document:
    """Leave out a record and all that refers to it."""
    fewer = scenario | {listed: [entry for entry in scenario[listed] if entry is not record]}
    reference = listed.removesuffix("s")
    for name, entries in scenario.items():
        if isinstance(entries, list) and name != listed and "id" in record:
            for entry in entries:
                if entry.get(reference) == record["id"] and entry in fewer[name]:
                    fewer = _without(fewer, name, entry)
    return fewer
