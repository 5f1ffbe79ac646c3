"""
The state of the database as a scenario document: ``simulate`` on it tells what a run would do.

The shape is the specification's *Scenario document*. Names are made to be read and to be unique:
entitlements are called ``E-12``, allocations ``A-55``, returns ``R-3``, titles by their model.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from accounts.models import Company
from allocation.core.values import ENDLESS, License, Partition, Position, Return, Row
from allocation.loading import Database, load_partitions, load_titles
from contracts.models import SoftwareModel
from entitlements.models import EntitlementDefinition

Entry = dict[str, Any]


def snapshot(database: Database, *, companies: Sequence[Company], day: date) -> Entry:
    """
    What consolidate is given of some companies on a day, as a document.

    A row of a position of another company is left out: it covers under that company's definition,
    which bears on nothing here.
    """
    partitions = [
        partition
        for company in companies
        for titles in load_titles(database, company=company.pk)
        for partition in load_partitions(
            database, company=company.pk, day=day, titles=titles
        ).partitions.values()
    ]
    positions = _by_id(each.positions for each in partitions)
    rows = {
        row.id: row
        for row in _by_id(each.rows for each in partitions).values()
        if row.position in positions
    }
    licenses = _by_id(each.licenses for each in partitions)
    licenses |= _licenses_elsewhere(partitions, rows, licenses)
    names = _Names(companies)
    return {
        "as_of": day.isoformat(),
        "title": f"Snapshot of {', '.join(company.name for company in companies)}",
        "definitions": names.definition_entries(),
        "licenses": [names.license(each) for each in _in_order(licenses)],
        "positions": [names.position(each) for each in _in_order(positions)],
        "returns": [
            names.return_(each) for each in _in_order(_by_id(each.returns for each in partitions))
        ],
        "allocations": [_allocation(each) for each in _in_order(rows)],
        "kept_apart": [
            {"position": f"E-{position}", "license": f"E-{license}"}
            for position, license in sorted(set().union(*(each.kept_apart for each in partitions)))
            if license in licenses
        ],
    }


def _by_id[Value: (License, Position, Return, Row)](
    lists: Iterable[Iterable[Value]],
) -> dict[int, Value]:
    return {value.id: value for values in lists for value in values}


def _in_order[Value](by_id: Mapping[int, Value]) -> list[Value]:
    """By appearance, which is the primary key."""
    return [by_id[id_] for id_ in sorted(by_id)]


def _licenses_elsewhere(
    partitions: Iterable[Partition], rows: Mapping[int, Row], licenses: Mapping[int, License]
) -> dict[int, License]:
    """The licenses of other companies that rows of these companies stand on."""
    wanted = {row.license for row in rows.values()} - licenses.keys()
    return {
        id_: license
        for partition in partitions
        for id_, license in partition.other_licenses.items()
        if id_ in wanted
    }


class _Names:
    """What companies, titles and definitions are called in a document."""

    def __init__(self, companies: Sequence[Company]) -> None:
        self._companies = dict(Company.objects.values_list("pk", "code"))
        models = dict(SoftwareModel.objects.values_list("pk", "name"))
        shared = {name for name, number in Counter(models.values()).items() if number > 1}
        self._titles = {
            pk: f"{name} (M-{pk})" if name in shared else name for pk, name in models.items()
        }
        of_companies = EntitlementDefinition.objects.filter(company__in=companies)
        self._definitions = list(of_companies.order_by("pk"))
        self._called = {
            each.pk: f"{each.name} ({self._companies[each.company_id]})"
            for each in self._definitions
        }

    def definition_entries(self) -> list[Entry]:
        return [
            {
                "id": self._called[each.pk],
                "grace_days": each.grace_days,
                "match_days": each.maximum_days,
            }
            for each in self._definitions
        ]

    def license(self, license: License) -> Entry:
        return _with_given(
            {
                "id": f"E-{license.id}",
                "company": self._companies[license.company],
                "title": self._titles[license.title],
                "units": license.units,
                "purchased_on": _day(license.purchased_on),
            },
            serial=license.serial,
            expires_on=_day(license.expires_on),
            taken=license.taken,
        )

    def position(self, position: Position) -> Entry:
        entry = _with_given(
            {
                "id": f"E-{position.id}",
                "definition": self._called[position.definition],
                "company": self._companies[position.company],
                "title": self._titles[position.title],
                "quantity": position.quantity,
                "starts_on": _day(position.starts_on),
                "purchased_on": _day(position.purchased_on),
            },
            returned=position.returned,
            serial=position.serial,
            ends_on=_day(position.ends_on),
            **_price(position),
        )
        return entry if position.may_be_matched else entry | {"may_be_matched": False}

    def return_(self, returned: Return) -> Entry:
        return _with_given(
            {
                "id": f"R-{returned.id}",
                "definition": self._called[returned.definition],
                "company": self._companies[returned.company],
                "title": self._titles[returned.title],
                "quantity": returned.quantity,
                "returned_on": _day(returned.returned_on),
            },
            assigned=returned.assigned,
            **_price(returned),
        )


def _allocation(row: Row) -> Entry:
    return {
        "id": f"A-{row.id}",
        "position": f"E-{row.position}",
        "license": f"E-{row.license}",
        "units": row.units,
        "basis": row.basis.value,
    }


def _price(priced: Position | Return) -> dict[str, str]:
    price = "" if priced.unit_price is None else str(priced.unit_price)
    return {"unit_price": price, "currency": priced.currency}


def _day(ordinal: int) -> str:
    return "" if ordinal == ENDLESS else date.fromordinal(ordinal).isoformat()


def _with_given(required: Entry, **optional: Any) -> Entry:
    """An entry with those of its optional keys that say something."""
    return required | {key: value for key, value in optional.items() if value}
