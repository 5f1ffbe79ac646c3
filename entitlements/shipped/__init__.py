"""
The metric catalogue as it is shipped: texts, defaults and tables, in files with source and date.

They are read by the migration that fills the database, and by what counts without a database;
nothing here knows Django. A later edition is a new folder and a new migration, so that each
database tells in its history which edition it was given.

``as_of`` is the day of the source; where the source names none, the day on which it was read.
"""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

LATEST = "2026-11-24"
UNLIMITED = "unlimited"


@dataclass(frozen=True, kw_only=True)
class MetricText:
    """What a metric of a group is, for people to read."""

    group: str
    name: str
    description: str
    calculation: str
    source: str


@dataclass(frozen=True, kw_only=True)
class AttributeDefault:
    """What an attribute of a metric is where a software model says nothing; None is unlimited."""

    group: str
    metric: str
    key: str
    name: str
    value: int | None
    source: str
    as_of: date


@dataclass(frozen=True, kw_only=True)
class ValueOfProcessor:
    """What a core of a processor counts. It is matched by its whole name, without case."""

    processor: str
    value: Decimal
    notes: str
    source: str
    as_of: date


@dataclass(frozen=True, kw_only=True)
class Bracket:
    """From the bracket before it up to its bound; None: all above."""

    up_to: int | None
    factor: Decimal


@dataclass(frozen=True, kw_only=True)
class Brackets:
    """
    A table of tiers.

    :param way: "summed", each unit at the factor of its bracket, or "reached", all units at the
        factor of the tier that their number reaches
    """

    key: str
    name: str
    way: str
    source: str
    as_of: date
    tiers: tuple[Bracket, ...]


def metric_texts(edition: str = LATEST) -> Iterator[MetricText]:
    """The texts of all metrics; one that several groups have is written once for all of them."""
    for metric in _toml("metrics.toml", edition)["metric"]:
        for group in metric["groups"]:
            yield MetricText(
                group=group,
                name=metric["name"],
                description=metric["description"].strip(),
                calculation=metric["calculation"].strip(),
                source=metric["source"],
            )


def attribute_defaults(edition: str = LATEST) -> Iterator[AttributeDefault]:
    for row in _rows("metric_attributes.csv", edition):
        yield AttributeDefault(
            group=row["group"],
            metric=row["metric"],
            key=row["key"],
            name=row["name"],
            value=None if row["default"] == UNLIMITED else int(row["default"]),
            source=row["source"],
            as_of=date.fromisoformat(row["as_of"]),
        )


def pvu_per_core(edition: str = LATEST) -> Iterator[ValueOfProcessor]:
    """Processor value units a core, as IBM publishes them."""
    return _values_of_processors("pvu_per_core.csv", edition)


def core_factors(edition: str = LATEST) -> Iterator[ValueOfProcessor]:
    """Core factors, as Oracle publishes them."""
    return _values_of_processors("core_factors.csv", edition)


def tier_tables(edition: str = LATEST) -> Iterator[Brackets]:
    for table in _toml("tiers.toml", edition)["table"]:
        yield Brackets(
            key=table["key"],
            name=table["name"],
            way=table["way"],
            source=table["source"],
            as_of=table["as_of"],
            tiers=tuple(
                Bracket(up_to=None if bound == "above" else int(bound), factor=Decimal(factor))
                for bound, factor in table["tiers"]
            ),
        )


def starter_parts(edition: str = LATEST) -> Iterator[dict[str, str]]:
    """Part numbers that a publisher's own page shows, by the headers of their sheet."""
    return _rows("starter_parts.csv", edition)


def starter_components(edition: str = LATEST) -> Iterator[dict[str, str]]:
    """What the suites among them hold, as that page says, by the headers of their sheet."""
    return _rows("starter_components.csv", edition)


def _values_of_processors(name: str, edition: str) -> Iterator[ValueOfProcessor]:
    for row in _rows(name, edition):
        yield ValueOfProcessor(
            processor=row["processor"],
            value=Decimal(row["value"]),
            notes=row["notes"],
            source=row["source"],
            as_of=date.fromisoformat(row["as_of"]),
        )


def _rows(name: str, edition: str) -> Iterator[dict[str, str]]:
    with _path(name, edition).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _toml(name: str, edition: str) -> dict[str, list[dict]]:
    return tomllib.loads(_path(name, edition).read_text(encoding="utf-8"))


def _path(name: str, edition: str) -> Path:
    return Path(__file__).parent / edition / name
