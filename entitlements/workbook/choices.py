"""What a person chooses for an import, besides the file: pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Self

from entitlements.workbook.cells import Conventions, DayOrder
from entitlements.workbook.columns import SheetKind
from entitlements.workbook.headers import SheetMapping
from entitlements.workbook.model_names import ModelNames


class Makes(StrEnum):
    """What an import may make where a row names something that is not there yet."""

    CATALOGUE = "catalogue"  # publishers and vendors, products, software models
    PARTS = "parts"
    DEFINITIONS = "definitions"
    PLACES = "places"  # departments, locations, cost centres


MAKES_LABELS = {
    Makes.CATALOGUE: "Publishers, vendors, products and software models",
    Makes.PARTS: "Publisher part numbers",
    Makes.DEFINITIONS: "Entitlement definitions",
    Makes.PLACES: "Departments, locations and cost centres",
}


@dataclass(frozen=True, kw_only=True)
class Choices:
    """
    How a file is to be read, and what to take where it says nothing.

    :param encoding: of a CSV file; empty: UTF-8, or what its byte order mark says
    :param purchased_on: the purchase day of rows without one
    :param currency: of amounts without one
    :param definition: the name of the definition of maintenance without one
    :param model_names: what names of software models in one cell are made of
    :param one_record_a_unit: a license of five rights becomes five licenses of one right
    :param empty_clears: an empty cell empties the field of a known record; else it leaves it
    """

    conventions: Conventions = field(default_factory=Conventions)
    encoding: str = ""
    purchased_on: date | None = None
    currency: str = ""
    definition: str = ""
    model_names: ModelNames = ModelNames.KNOWN
    one_record_a_unit: bool = False
    empty_clears: bool = False
    makes: frozenset[Makes] = frozenset({Makes.CATALOGUE, Makes.PARTS})

    def as_json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "purchased_on": self.purchased_on.isoformat() if self.purchased_on else None,
            "makes": sorted(self.makes),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        conventions = stored["conventions"]
        return cls(
            conventions=Conventions(
                day_order=DayOrder(conventions["day_order"]),
                decimal_mark=conventions["decimal_mark"],
                dollar=conventions["dollar"],
            ),
            encoding=stored["encoding"],
            purchased_on=date.fromisoformat(stored["purchased_on"])
            if stored["purchased_on"]
            else None,
            currency=stored["currency"],
            definition=stored["definition"],
            model_names=ModelNames(stored.get("model_names", ModelNames.KNOWN)),
            one_record_a_unit=stored.get("one_record_a_unit", False),
            empty_clears=stored["empty_clears"],
            makes=frozenset(Makes(name) for name in stored["makes"]),
        )


def what_is_lacking(mappings: Iterable[SheetMapping], choices: Choices) -> list[str]:
    """What the sheets do not tell and no choice does: sentences, nothing where all is told."""
    lacking = []
    for mapping in mappings:
        entitlements = mapping.kind in (SheetKind.LICENSES, SheetKind.MAINTENANCE)
        if entitlements and not (choices.purchased_on or "purchased_on" in mapping.names):
            lacking.append(
                f"Sheet {mapping.sheet} has no column for the purchase day. Choose a day for all."
            )
        if _needs_definition(mapping) and not choices.definition:
            lacking.append(
                f"Sheet {mapping.sheet} does not say which entitlement definition its maintenance"
                " has: choose one."
            )
    return lacking


def _needs_definition(mapping: SheetMapping) -> bool:
    if mapping.kind is SheetKind.MAINTENANCE:
        return "definition" not in mapping.names
    return "maintenance_rights" in mapping.names and "maintenance_definition" not in mapping.names
