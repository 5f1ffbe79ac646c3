"""
The scenario document: what consolidate needs to know, as JSON.

The shape is the specification's *Scenario document*. Reading is strict: whatever is not said there
is an error that names the list, the place (from 0) and the key.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from allocation.core.values import (
    ENDLESS,
    Authorization,
    Basis,
    Changes,
    Definition,
    Downgrade,
    License,
    Order,
    Pair,
    Position,
    Return,
    Row,
    Snapshot,
)

MOST_DAYS = 3650
PRICE = re.compile(r"\d+(\.\d+)?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class InvalidScenario(Exception):
    """The document is not a scenario; the message names the list, the place and the key."""


class Names(NamedTuple):
    """The document's texts by the numbers that the core uses: the place in each list."""

    licenses: Sequence[str]
    positions: Sequence[str]
    returns: Sequence[str]
    authorizations: Sequence[str]
    allocations: Sequence[str]


class Scenario(NamedTuple):
    """A document read: its title, its values, and how to name them again."""

    title: str
    snapshot: Snapshot
    names: Names


def read_scenario(text: str) -> Scenario:
    """
    Read a scenario document.

    :raises InvalidScenario: naming the first thing that is wrong
    """
    return _Reader(_unwrapped(_parsed(text))).scenario()


def _parsed(text: str) -> Any:
    def no_twin(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read = dict(pairs)
        if len(read) < len(pairs):
            names = [name for name, _value in pairs]
            twin = next(name for name in names if names.count(name) > 1)
            raise InvalidScenario(f"The key {twin!r} is given twice in one object.")
        return read

    def no_constant(name: str) -> Any:
        raise InvalidScenario(f"{name} is not a JSON value.")

    try:
        return json.loads(text, object_pairs_hook=no_twin, parse_constant=no_constant)
    except json.JSONDecodeError as error:
        raise InvalidScenario(f"This is not JSON: {error}.") from None
    except ValueError:  # Python reads no whole number of more than some thousand digits
        raise InvalidScenario("This is not a scenario: a number has too many digits.") from None
    except RecursionError:
        raise InvalidScenario("This is not a scenario: it is nested too deeply.") from None


def _unwrapped(document: Any) -> Any:
    """A document that holds a scenario is read as what is in it."""
    if isinstance(document, dict) and "scenario" in document:
        return document["scenario"]
    return document


class _Kind(NamedTuple):
    """A kind of value: what it is called in messages, and how it is read."""

    name: str
    read: Callable[[Any], Any]  # raises ValueError where the value is not of the kind


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    value.encode()  # raises for half of a surrogate pair, which JSON can spell and nothing can show
    return value


def _day(value: Any) -> int:
    if not DAY.fullmatch(_text(value)):
        raise ValueError
    return date.fromisoformat(value).toordinal()


def _whole(least: int, most: int | None = None) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError
        if value < least or (most is not None and value > most):
            raise ValueError
        return value

    return read


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _price(value: Any) -> Decimal:
    if not PRICE.fullmatch(_text(value)):
        raise ValueError
    return Decimal(value)


TEXT = _Kind("a text", _text)
DAY_KIND = _Kind("a day such as 2026-01-31", _day)
COUNT = _Kind("a whole number, 0 or more", _whole(0))
SOME = _Kind("a whole number, 1 or more", _whole(1))
FEW_DAYS = _Kind(f"a whole number of days from 0 to {MOST_DAYS}", _whole(0, MOST_DAYS))
FLAG = _Kind("true or false", _yes_or_no)
PRICE_KIND = _Kind('a price as text, such as "10.00"', _price)
BASIS = _Kind("one of " + ", ".join(Basis), lambda value: Basis(_text(value)))

MISSING: Any = object()  # the default of a key that must be given


class _Key(NamedTuple):
    """A key of an entry: its kind, and what stands for it where it is not given."""

    kind: _Kind
    default: Any = MISSING


KEYS: Mapping[str, Mapping[str, _Key]] = {
    "definitions": {
        "id": _Key(TEXT),
        "grace_days": _Key(FEW_DAYS, 0),
        "match_days": _Key(FEW_DAYS, 0),
    },
    "licenses": {
        "id": _Key(TEXT),
        "company": _Key(TEXT),
        "title": _Key(TEXT),
        "units": _Key(COUNT),
        "purchased_on": _Key(DAY_KIND),
        "serial": _Key(TEXT, ""),
        "expires_on": _Key(DAY_KIND, ENDLESS),
        "taken": _Key(COUNT, 0),
    },
    "positions": {
        "id": _Key(TEXT),
        "definition": _Key(TEXT),
        "company": _Key(TEXT),
        "title": _Key(TEXT),
        "quantity": _Key(SOME),
        "starts_on": _Key(DAY_KIND),
        "purchased_on": _Key(DAY_KIND),
        "returned": _Key(COUNT, 0),
        "serial": _Key(TEXT, ""),
        "ends_on": _Key(DAY_KIND, ENDLESS),
        "unit_price": _Key(PRICE_KIND, None),
        "currency": _Key(TEXT, ""),
        "may_be_matched": _Key(FLAG, True),
    },
    "returns": {
        "id": _Key(TEXT),
        "definition": _Key(TEXT),
        "company": _Key(TEXT),
        "title": _Key(TEXT),
        "quantity": _Key(SOME),
        "returned_on": _Key(DAY_KIND),
        "unit_price": _Key(PRICE_KIND, None),
        "currency": _Key(TEXT, ""),
        "assigned": _Key(COUNT, 0),
    },
    "authorizations": {
        "id": _Key(TEXT),
        "company": _Key(TEXT),
        "title": _Key(TEXT),
        "units": _Key(SOME),
        "approved_on": _Key(DAY_KIND),
        "active": _Key(FLAG, True),
        "license": _Key(TEXT, None),
    },
    "orders": {
        "id": _Key(TEXT),
        "authorization": _Key(TEXT),
        "definition": _Key(TEXT),
        "promised_end": _Key(DAY_KIND),
        "ordered_on": _Key(DAY_KIND),
    },
    "downgrades": {
        "license": _Key(TEXT),
        "title": _Key(TEXT),
        "order": _Key(COUNT),
        "starts_on": _Key(DAY_KIND, -ENDLESS),
        "ends_on": _Key(DAY_KIND, ENDLESS),
    },
    "allocations": {
        "id": _Key(TEXT),
        "position": _Key(TEXT),
        "license": _Key(TEXT),
        "units": _Key(SOME),
        "basis": _Key(BASIS),
    },
    "kept_apart": {"position": _Key(TEXT), "license": _Key(TEXT)},
}

# Which list a key refers to.
REFERENCES: Mapping[str, Mapping[str, str]] = {
    "positions": {"definition": "definitions"},
    "returns": {"definition": "definitions"},
    "authorizations": {"license": "licenses"},
    "orders": {"authorization": "authorizations", "definition": "definitions"},
    "downgrades": {"license": "licenses"},
    "allocations": {"position": "positions", "license": "licenses"},
    "kept_apart": {"position": "positions", "license": "licenses"},
}

Entry = dict[str, Any]


class _Reader:
    """Reads one document; the numbers of the core are the places in the document's lists."""

    def __init__(self, document: Any) -> None:
        if not isinstance(document, dict):
            raise InvalidScenario("A scenario is one JSON object.")
        for name in document:
            if name not in KEYS and name not in ("as_of", "title"):
                raise InvalidScenario(f"{name}: there is no such key in a scenario.")
        if document.get("as_of") in (None, []):
            raise InvalidScenario("as_of: is missing; it is the day the run is for.")
        self.day: int = _read("as_of", document["as_of"], DAY_KIND)
        title = document.get("title")
        self.title: str = "" if _is_none(title) else _read("title", title, TEXT)
        self.entries = {name: _entries(name, document.get(name)) for name in KEYS}
        self.places = {name: _places(name, entries) for name, entries in self.entries.items()}
        self.numbers: dict[str, dict[str, int]] = {"company": {}, "title": {}}
        self._check_references()
        self._check_order_of_days()
        self._check_parts()
        self._check_pairs()

    def scenario(self) -> Scenario:
        snapshot = Snapshot(
            day=self.day,
            definitions={each.id: each for each in self._values("definitions", Definition)},
            licenses=self._values("licenses", License),
            positions=self._values("positions", Position),
            returns=self._values("returns", Return),
            authorizations=self._values("authorizations", Authorization),
            orders=self._values("orders", Order),
            downgrades=self._values("downgrades", Downgrade),
            rows=self._values("allocations", Row),
            kept_apart=[tuple(each.values()) for each in self._numbered("kept_apart")],
        )
        names = Names(*([each["id"] for each in self.entries[name]] for name in Names._fields))
        return Scenario(self.title, snapshot, names)

    def _check_references(self) -> None:
        for name, references in REFERENCES.items():
            for place, entry in enumerate(self.entries[name]):
                for key, target in references.items():
                    if entry[key] is not None and entry[key] not in self.places[target]:
                        raise InvalidScenario(
                            f"{name}[{place}].{key}: there is no {entry[key]!r} in {target}."
                        )

    def _check_order_of_days(self) -> None:
        for name in ("positions", "downgrades"):
            for place, entry in enumerate(self.entries[name]):
                if entry["ends_on"] < entry["starts_on"]:
                    raise InvalidScenario(f"{name}[{place}].ends_on: is before starts_on.")

    def _check_parts(self) -> None:
        for name, part in (("positions", "returned"), ("returns", "assigned")):
            for place, entry in enumerate(self.entries[name]):
                if entry[part] > entry["quantity"]:
                    raise InvalidScenario(
                        f"{name}[{place}].{part}: {entry[part]} is more than the quantity,"
                        f" {entry['quantity']}."
                    )

    def _check_pairs(self) -> None:
        seen: dict[Pair, int] = {}
        for place, entry in enumerate(self.entries["allocations"]):
            pair = (entry["position"], entry["license"])
            if pair in seen:
                raise InvalidScenario(
                    f"allocations[{place}].license: {pair[0]!r} is allocated to {pair[1]!r}"
                    f" already in allocations[{seen[pair]}]."
                )
            seen[pair] = place

    def _values[Value](self, name: str, make: Callable[..., Value]) -> list[Value]:
        return [make(**entry) for entry in self._numbered(name)]

    def _numbered(self, name: str) -> Iterable[Entry]:
        """The entries of a list with numbers for ids, references, companies and titles."""
        references = REFERENCES.get(name, {})
        for place, entry in enumerate(self.entries[name]):
            numbered = dict(entry)
            if "id" in numbered:
                numbered["id"] = place
            for key, target in references.items():
                if numbered[key] is not None:
                    numbered[key] = self.places[target][numbered[key]]
            for key, numbers in self.numbers.items():
                if key in numbered:
                    numbered[key] = numbers.setdefault(numbered[key], len(numbers))
            yield numbered


def _is_none(value: Any) -> bool:
    return value is None or value == []


def _entries(name: str, entries: Any) -> list[Entry]:
    if _is_none(entries):
        return []
    if not isinstance(entries, list):
        raise InvalidScenario(f"{name}: is not a list.")
    return [_entry(f"{name}[{place}]", KEYS[name], each) for place, each in enumerate(entries)]


def _entry(where: str, keys: Mapping[str, _Key], entry: Any) -> Entry:
    if not isinstance(entry, dict):
        raise InvalidScenario(f"{where}: is not an object.")
    for name in entry:
        if name not in keys:
            raise InvalidScenario(f"{where}.{name}: there is no such key here.")
    return {name: _value(f"{where}.{name}", key, entry.get(name)) for name, key in keys.items()}


def _value(where: str, key: _Key, value: Any) -> Any:
    if not _is_none(value):
        return _read(where, value, key.kind)
    if key.default is MISSING:
        raise InvalidScenario(f"{where}: is missing; it is {key.kind.name}.")
    return key.default


def _read(where: str, value: Any, kind: _Kind) -> Any:
    try:
        return kind.read(value)
    except ValueError:
        shown = json.dumps(value, ensure_ascii=False)
        raise InvalidScenario(f"{where}: {shown[:80]} is not {kind.name}.") from None


def _places(name: str, entries: Sequence[Entry]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, entry in enumerate(entries):
        if "id" not in entry:
            continue
        if entry["id"] in places:
            raise InvalidScenario(
                f"{name}[{place}].id: {entry['id']!r} is the id of"
                f" {name}[{places[entry['id']]}] too."
            )
        places[entry["id"]] = place
    return places


def result_document(changes: Changes, names: Names) -> dict[str, list[dict[str, Any]]]:
    """The result of a run as the specification's *Result*: six lists, by the document's names."""
    return {
        "returned": [
            {
                "return": names.returns[each.return_],
                "position": names.positions[each.position],
                "units": each.units,
            }
            for each in changes.returned
        ],
        "released": [
            {
                "authorization": names.authorizations[each.authorization],
                "reason": str(each.reason),
            }
            for each in changes.released
        ],
        "deallocated": [
            {"allocation": names.allocations[each.row.id], "reason": str(each.reason)}
            for each in changes.ended
        ],
        "assigned": [
            {
                "authorization": names.authorizations[each.authorization],
                "license": names.licenses[each.license],
            }
            for each in changes.assigned
        ],
        "serials": [
            {"position": names.positions[each.position], "serial": each.serial}
            for each in changes.matched
        ],
        "allocated": [
            {
                "position": names.positions[each.position],
                "license": names.licenses[each.license],
                "units": each.units,
                "basis": str(each.basis),
            }
            for each in changes.allocated
        ],
    }
