"""
Reads what consolidate is given, by set, as the values of its core.

Plain SQL and no Django, so that a worker process starts fast and nothing stands between the rows
and the values. Rule: the specification of entitlements, *What consolidate sees*. A binary SELECT of
some ten thousand rows at a time is faster here than COPY, whose rows psycopg hands over one by one.
"""

import marshal
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import psycopg

from allocation.core.values import (
    ENDLESS,
    Basis,
    Definition,
    License,
    Pair,
    Partition,
    Position,
    Return,
    Row,
)

Database = psycopg.Connection[Any]

# Entitlements read at a time: enough to make a query pay, little enough to keep memory small. The
# fingerprint of a company depends on it, so it is no setting.
ENTITLEMENTS_AT_A_TIME = 40_000


class Titles(NamedTuple):
    """Software models with neighbouring ids, first and last included."""

    first: int
    last: int
    entitlements: int


class Loaded(NamedTuple):
    """
    Partitions by their title, and a digest of what was read for them.

    Equal input gives an equal digest; any change of what the core is given changes it.
    """

    partitions: Mapping[int, Partition]
    digest: bytes


def load_definitions(database: Database, *, company: int) -> dict[int, Definition]:
    """The entitlement definitions of a company, by id."""
    rows = _fetch(
        database,
        "SELECT id, grace_days, maximum_days FROM entitlements_entitlementdefinition"
        " WHERE company_id = %(company)s ORDER BY id",
        {"company": company},
    )
    return {row[0]: Definition(*row) for row in rows}


def load_titles(database: Database, *, company: int) -> list[Titles]:
    """All titles of a company's entitlements, in portions to be loaded at a time."""
    counts = _fetch(
        database,
        "SELECT model_id, count(*) FROM entitlements_entitlement"
        " WHERE company_id = %(company)s GROUP BY model_id ORDER BY model_id",
        {"company": company},
    )
    return list(_portions(counts))


def load_partitions(database: Database, *, company: int, day: date, titles: Titles) -> Loaded:
    """The partitions of a company's titles, as of a day."""
    asked: dict[str, Any] = {
        "company": company,
        "day": day,
        "first": titles.first,
        "last": titles.last,
        "endless": ENDLESS,
    }
    returns = _fetch(database, RETURNS, asked)
    # Only returns ask for prices.
    asked["priced"] = sorted({row[3] for row in returns})
    licenses = _with_used(
        _fetch(database, LICENSES + IN_TITLES + IN_ORDER, asked),
        dict(_fetch(database, USED, asked)),
    )
    positions = _fetch(database, POSITIONS + IN_TITLES + IN_ORDER, asked)
    rows = _fetch_rows(database, licenses, positions)
    kept_apart = _fetch(database, KEPT_APART, asked)
    sides = _Sides({row[0]: row[2] for row in licenses}, {row[0]: row[3] for row in positions})
    others = _fetch_others(database, sides, rows, asked)
    return Loaded(
        _partitions(
            licenses=_by_title(map(License._make, licenses)),
            positions=_by_title(map(_position if returns else Position._make, positions)),
            rows=_rows_by_title(sides, rows),
            returns=_by_title(map(_return, returns)),
            kept_apart=_pairs_by_title(kept_apart),
            other_licenses={row[0]: License._make(row) for row in others.licenses},
            other_positions={row[0]: _position(row) for row in others.positions},
        ),
        _digest(licenses, positions, rows, returns, kept_apart, *others),
    )


def load_partition(database: Database, *, company: int, title: int, day: date) -> Partition:
    """One company and title as of a day; without entitlements it is empty."""
    loaded = load_partitions(database, company=company, day=day, titles=Titles(title, title, 0))
    return loaded.partitions.get(title, Partition(licenses=(), positions=()))


def fingerprint(
    *, company: int, day: date, definitions: Mapping[int, Definition], digests: Iterable[bytes]
) -> str:
    """
    One text that stands for all input of a run.

    :param digests: of all portions of the company's titles, in order
    """
    given = blake2b(digest_size=16)
    given.update(_digest([(company, day.toordinal())], [tuple(d) for d in definitions.values()]))
    for digest in digests:
        given.update(digest)
    return given.hexdigest()


def _portions(counts: Iterable[tuple[int, int]]) -> Iterator[Titles]:
    gathered: Titles | None = None
    for title, entitlements in counts:
        if gathered is not None and gathered.entitlements + entitlements > ENTITLEMENTS_AT_A_TIME:
            yield gathered
            gathered = None
        first, before = (gathered.first, gathered.entitlements) if gathered else (title, 0)
        gathered = Titles(first, title, before + entitlements)
    if gathered is not None:
        yield gathered


def _with_used(licenses: list[tuple[Any, ...]], used: Mapping[int, int]) -> list[tuple[Any, ...]]:
    """The rows of licenses, in whose last column are at least the units that something uses."""
    if not used:
        return licenses
    return [(*row[:-1], max(row[-1], used.get(row[0], 0))) for row in licenses]


def _fetch_rows(
    database: Database,
    licenses: Sequence[tuple[Any, ...]],
    positions: Sequence[tuple[Any, ...]],
) -> list[tuple[Any, ...]]:
    """The live rows of some positions, and those on some licenses that are of other positions."""
    asked = {"licenses": _array(licenses), "positions": _array(positions)}
    rows = _fetch(database, ROWS_OF_POSITIONS, asked)
    strays = _fetch(database, ROWS_OF_OTHER_POSITIONS, asked)
    return sorted(rows + strays) if strays else rows


def _array(rows: Sequence[tuple[Any, ...]]) -> str:
    """The ids of rows as PostgreSQL reads an array: adapting a list would go element by element."""
    return "{" + ",".join([str(row[0]) for row in rows]) + "}"


class _Sides(NamedTuple):
    """The titles of what was loaded, by id: where a row stands, and where it comes from."""

    title_of_license: Mapping[int, int]
    title_of_position: Mapping[int, int]


class _Others(NamedTuple):
    """What stands on the far side of rows that lead out of their title or company."""

    licenses: list[tuple[Any, ...]]
    positions: list[tuple[Any, ...]]


def _fetch_others(
    database: Database,
    sides: _Sides,
    rows: Iterable[tuple[Any, ...]],
    asked: Mapping[str, Any],
) -> _Others:
    leading_out = [
        row
        for row in rows
        if sides.title_of_position.get(row[1]) != sides.title_of_license.get(row[2])
    ]
    if not leading_out:
        return _Others([], [])
    licenses = sorted({row[2] for row in leading_out})
    positions = sorted({row[1] for row in leading_out})
    return _Others(
        _fetch(database, LICENSES + BY_ID, {**asked, "ids": licenses}),
        _fetch(database, POSITIONS + BY_ID, {**asked, "ids": positions}),
    )


def _partitions(
    *,
    licenses: Mapping[int, list[License]],
    positions: Mapping[int, list[Position]],
    rows: Mapping[int, list[Row]],
    returns: Mapping[int, list[Return]],
    kept_apart: Mapping[int, frozenset[Pair]],
    other_licenses: Mapping[int, License],
    other_positions: Mapping[int, Position],
) -> dict[int, Partition]:
    return {
        title: Partition(
            licenses=licenses.get(title, ()),
            positions=positions.get(title, ()),
            rows=rows.get(title, ()),
            returns=returns.get(title, ()),
            kept_apart=kept_apart.get(title, frozenset()),
            other_licenses=other_licenses,
            other_positions=other_positions,
        )
        for title in sorted(licenses.keys() | positions.keys())
    }


def _by_title[Record: License | Position | Return](
    records: Iterable[Record],
) -> dict[int, list[Record]]:
    by_title: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        by_title[record.title].append(record)
    return by_title


def _rows_by_title(sides: _Sides, rows: Iterable[tuple[Any, ...]]) -> dict[int, list[Row]]:
    """Each row under its position's title, and under its license's too where that is another."""
    by_title: dict[int, list[Row]] = defaultdict(list)
    for id_, position, license_, units, basis in rows:
        row = Row(id_, position, license_, units, BASES[basis])
        home = sides.title_of_position.get(position)
        if home is not None:
            by_title[home].append(row)
        away = sides.title_of_license.get(license_)
        if away is not None and away != home:
            by_title[away].append(row)
    return by_title


def _pairs_by_title(pairs: Iterable[tuple[int, int, int]]) -> dict[int, frozenset[Pair]]:
    by_title: dict[int, set[Pair]] = defaultdict(set)
    for position, license_, title in pairs:
        by_title[title].add((position, license_))
    return {title: frozenset(pairs) for title, pairs in by_title.items()}


BASES: dict[str, Basis] = {basis.value: basis for basis in Basis}


def _position(row: tuple[Any, ...]) -> Position:
    return Position._make((*row[:10], _price(row[10]), *row[11:]))


def _return(row: tuple[Any, ...]) -> Return:
    return Return._make((*row[:6], _price(row[6]), *row[7:]))


@lru_cache(maxsize=10_000)  # few prices differ
def _price(written: str | None) -> Decimal | None:
    return None if written is None else Decimal(written)


def _digest(*fetched: Sequence[Sequence[Any]]) -> bytes:
    # Version 0 writes equal values alike; later ones also note which of them are one object.
    return blake2b(marshal.dumps(fetched, 0), digest_size=16).digest()  # type: ignore[arg-type]


def _fetch(database: Database, query: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    cursor = psycopg.Cursor(database)
    # Not prepared: a plan made for any titles would not know how many of them there are.
    return cursor.execute(query, asked, prepare=False, binary=True).fetchall()


def _ordinal(column: str) -> str:
    """SQL for a day as ``date.toordinal`` counts it."""
    return f"{column} - date '0001-01-01' + 1"


def _ordinal_or_endless(column: str) -> str:
    return f"coalesce({_ordinal(column)}, %(endless)s)"


IN_TITLES = """
    WHERE e.company_id = %(company)s AND e.model_id BETWEEN %(first)s AND %(last)s
"""
IN_ORDER = " ORDER BY e.model_id, e.id"
BY_ID = " WHERE e.id = ANY(%(ids)s) ORDER BY e.id"

RETIRED_BY_HAND = """
    LEFT JOIN entitlements_stateperiod retired
      ON retired.entitlement_id = e.id AND retired.state = 'retired'
      AND retired.from_on <= %(day)s
      AND (retired.until_on IS NULL OR retired.until_on >= %(day)s)
      AND e.purchased_on <= %(day)s
"""

NOT_GIVEN_BACK = "(ended_on IS NULL OR ended_on > %(day)s)"

# A license that its dates retire has expired, which says more than that it has no units. An
# unlimited one has none to cover. All of one that has not started is taken.
LICENSES = f"""
    SELECT e.id, e.company_id, e.model_id, e.units, e.purchased_on, e.serial_number, e.expires_on,
      CASE WHEN e.has_started THEN 0 ELSE e.units END
    FROM (
      SELECT e.id, e.company_id, e.model_id, e.serial_number,
        CASE WHEN retired.id IS NOT NULL OR e.is_unlimited THEN 0
          ELSE greatest(
            0, e.purchased_rights - coalesce(returned.units, 0) - coalesce(moved.units, 0)
          ) END::int AS units,
        {_ordinal("e.purchased_on")} AS purchased_on,
        {_ordinal_or_endless("e.ends_on")} AS expires_on,
        e.duration <> 'subscription' OR e.starts_on <= %(day)s AS has_started
      FROM entitlements_entitlement e
      LEFT JOIN (
        SELECT entitlement_id, sum(quantity) AS units FROM entitlements_purchasereturn
        WHERE entitlement_id IS NOT NULL AND returned_on <= %(day)s AND {NOT_GIVEN_BACK}
        GROUP BY entitlement_id
      ) returned ON returned.entitlement_id = e.id
      LEFT JOIN (
        SELECT source_id, sum(rights) AS units FROM entitlements_upgradedentitlement
        WHERE effective_on <= %(day)s AND {NOT_GIVEN_BACK} GROUP BY source_id
      ) moved ON moved.source_id = e.id
      {RETIRED_BY_HAND}
      WHERE e.kind = 'license'
    ) e
"""

# Of a position whose rights were cut below what was returned, all are returned, and no more.
POSITIONS = f"""
    SELECT e.id, e.definition_id, e.company_id, e.model_id, e.purchased_rights, e.starts_on,
      e.purchased_on, e.returned, e.serial_number, e.ends_on, e.unit_price, e.currency,
      e.may_be_matched
    FROM (
      SELECT e.id, e.definition_id, e.company_id, e.model_id, e.purchased_rights,
        {_ordinal("e.starts_on")} AS starts_on,
        {_ordinal("e.purchased_on")} AS purchased_on,
        CASE WHEN retired.id IS NOT NULL THEN e.purchased_rights
          ELSE least(e.purchased_rights, coalesce(returned.units, 0)) END::int AS returned,
        CASE WHEN e.serial_number <> '' THEN e.serial_number ELSE e.matched_serial END
          AS serial_number,
        {_ordinal_or_endless("e.ends_on")} AS ends_on,
        CASE WHEN e.model_id = ANY(%(priced)s) THEN e.unit_cost::text END AS unit_price,
        e.currency, e.may_be_matched
      FROM entitlements_entitlement e
      LEFT JOIN (
        SELECT position_id, sum(units) AS units FROM entitlements_returnassignment
        WHERE ended_on IS NULL GROUP BY position_id
      ) returned ON returned.position_id = e.id
      {RETIRED_BY_HAND}
      WHERE e.kind = 'maintenance'
    ) e
"""

ROWS_OF_POSITIONS = """
    SELECT id, entitlement_id, license_id, quantity, basis FROM allocation_allocation
    WHERE entitlement_id = ANY(%(positions)s::bigint[]) AND ended_at IS NULL
    ORDER BY id
"""

# As good as always there are none, which an index tells.
ROWS_OF_OTHER_POSITIONS = """
    SELECT id, entitlement_id, license_id, quantity, basis FROM allocation_allocation
    WHERE license_id = ANY(%(licenses)s::bigint[]) AND ended_at IS NULL
      AND entitlement_id <> ALL (%(positions)s::bigint[])
    ORDER BY id
"""

# What uses licenses as of today is taken on every day. By itself and not joined to the licenses:
# mostly there is none, and where there is much the planner might not know it yet.
USED = """
    SELECT entitlement_id, sum(consumed)::bigint FROM allocation_allocation
    WHERE company_id = %(company)s AND license_id IS NULL AND ended_at IS NULL
    GROUP BY entitlement_id
"""

# Those of which units are left to be assigned. What was taken back is so whatever the day, as are
# the assignments that ended with it.
RETURNS = f"""
    SELECT e.id, e.definition_id, e.company_id, e.model_id, e.quantity,
      {_ordinal("e.returned_on")}, e.unit_price::text, e.currency,
      coalesce(assigned.units, 0)::int
    FROM entitlements_purchasereturn e
    LEFT JOIN (
      SELECT purchase_return_id, sum(units) AS units FROM entitlements_returnassignment
      WHERE ended_on IS NULL GROUP BY purchase_return_id
    ) assigned ON assigned.purchase_return_id = e.id
    {IN_TITLES} AND e.ended_on IS NULL AND e.quantity > coalesce(assigned.units, 0)
    ORDER BY e.id
"""

KEPT_APART = f"""
    SELECT k.position_id, k.license_id, e.model_id
    FROM allocation_keptapart k JOIN entitlements_entitlement e ON e.id = k.position_id
    {IN_TITLES} AND k.lifted_at IS NULL
    ORDER BY k.id
"""
