"""
Made licenses, positions and cover for the benchmarks, written by set on the server.

One company, one definition, and as many titles as asked for, which all get the same number of
licenses and positions, of one to five units. Three fifths of the licenses have cover, by a position
of their own, that ends within the year around the day of the run; the other positions are new, and
start around that day. One in ten of either has a serial number.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.db import connection, models

from accounts.models import Company, User
from allocation.models import Allocation
from common.acting import acting
from contracts.models import Product, SoftwareModel, Vendor
from entitlements.models import Entitlement, EntitlementDefinition, LicenseMetric

DAY = date(2026, 6, 1)
FILLED = (Entitlement, Allocation)  # the tables that get the most rows


@dataclass(frozen=True)
class MadeData:
    """What was made: a company, the person who acts, and how many of each."""

    company: Company
    user: User
    licenses: int
    positions: int


def make(*, licenses: int, titles: int) -> MadeData:
    """Make as many positions as licenses, spread evenly over titles."""
    with acting(None, "Made for a benchmark"):
        company = Company.objects.create(name="Benchmark", code="BENCH")
        user = User.objects.create_user("bench")
        product = Product.objects.create(
            name="Product", vendor=Vendor.objects.create(name="Publisher")
        )
        SoftwareModel.objects.bulk_create(
            SoftwareModel(product=product, name=f"Title {n}", version=str(n)) for n in range(titles)
        )
        definition = EntitlementDefinition.objects.create(
            company=company, name="Software Assurance", grace_days=30
        )
    with acting(None, "Made for a benchmark"), filled_at_once():
        _insert_all(definition, user, licenses=licenses, titles=titles)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return MadeData(company, user, licenses, licenses)


def _insert_all(
    definition: EntitlementDefinition, user: User, *, licenses: int, titles: int
) -> None:
    first_title = SoftwareModel.objects.earliest("pk").pk
    common = {
        "company_id": str(definition.company_id),
        "model_id": f"{first_title} + i % {titles}",
        "serial_number": "CASE WHEN i % 10 = 0 THEN 'S-' || i / 2 ELSE '' END",
        "currency": "'EUR'",
        "may_be_matched": "true",
    }
    covered = licenses * 3 // 5
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.26)")
    insert(
        Entitlement,
        licenses,
        **common,
        kind="'license'",
        license_type="'full'",
        duration="'perpetual'",
        metric_id=str(LicenseMetric.objects.earliest("pk").pk),
        purchased_rights=_any(1, 5),
        purchased_on=_day("2020-01-01", within=1800),
        unit_cost="200",
    )
    first_license = Entitlement.objects.earliest("pk").pk
    units = (
        f"(SELECT purchased_rights FROM {table_of(Entitlement)} l WHERE l.id = {first_license} + i)"
    )
    insert(
        Entitlement,
        licenses,
        **common,
        kind="'maintenance'",
        definition_id=str(definition.pk),
        purchased_rights=f"CASE WHEN i < {covered} THEN {units} ELSE {_any(1, 5)} END",
        purchased_on=_either(covered, _day("2025-06-01"), _day("2026-05-01")),
        starts_on=_either(covered, _day("2025-07-01"), _day("2026-06-01")),
        ends_on=_either(covered, _day("2026-05-20", within=365), _day("2027-06-30", within=365)),
        unit_cost="40",
    )
    insert(
        Allocation,
        covered,
        company_id=str(definition.company_id),
        kind="'maintenance'",
        entitlement_id=f"{first_license + licenses} + i",
        license_id=f"{first_license} + i",
        quantity=units,
        basis="'uncovered'",
        figures="'[]'",
        end_figures="'[]'",
        made_on="date '2025-07-10'",
        made_at="now()",
        made_by_id=str(user.pk),
    )


def insert(model: type[models.Model], rows: int, **columns: str) -> None:
    """Insert rows numbered i from 0, with SQL for some columns; the others get their default."""
    required = {
        str(field.column): "''"
        if isinstance(field, models.CharField | models.TextField)
        else "false"
        for field in model._meta.local_concrete_fields
        if not (field.null or field.primary_key or field.generated or field.has_db_default())
    }
    values = required | columns
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table_of(model)} ({', '.join(values)})"
            f" SELECT {', '.join(values.values())} FROM generate_series(0, {rows - 1}) i"
        )


def _any(least: int, most: int) -> str:
    return f"({least} + floor(random() * {most - least + 1}))::int"


def _day(first: str, *, within: int = 30) -> str:
    return f"(date '{first}' + {_any(0, within)})"


def _either(covered: int, of_covering: str, of_new: str) -> str:
    return f"CASE WHEN i < {covered} THEN {of_covering} ELSE {of_new} END"


@contextmanager
def filled_at_once() -> Iterator[None]:
    """Take history, keys and indexes off the tables while they are filled."""
    taken_off = [(model, _constraints(model), _indexes(model)) for model in FILLED]
    _execute(f"ALTER TABLE {table_of(model)} DISABLE TRIGGER USER" for model in FILLED)
    for model, constraints, indexes in taken_off:
        _execute(
            f'ALTER TABLE {table_of(model)} DROP CONSTRAINT "{name}"' for name, _ in constraints
        )
        _execute(f'DROP INDEX "{name}"' for name, _ in indexes)
    yield
    for model, constraints, indexes in taken_off:
        _execute(definition for _, definition in indexes)
        _execute(
            f'ALTER TABLE {table_of(model)} ADD CONSTRAINT "{name}" {definition}'
            for name, definition in constraints
        )
    _execute(f"ALTER TABLE {table_of(model)} ENABLE TRIGGER USER" for model in FILLED)


def _constraints(model: type[models.Model]) -> Sequence[tuple[str, str]]:
    """The foreign keys of a table, by name, with their definitions."""
    return _fetch(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'f'",
        model,
    )


def _indexes(model: type[models.Model]) -> Sequence[tuple[str, str]]:
    """The indexes of a table that belong to no constraint, by name, with their definitions."""
    return _fetch(
        "SELECT relname, pg_get_indexdef(indexrelid)"
        " FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
        " WHERE indrelid = %s::regclass"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)",
        model,
    )


def _fetch(query: str, model: type[models.Model]) -> Sequence[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [table_of(model)])
        return cursor.fetchall()


def _execute(statements: Iterator[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def table_of(model: type[models.Model]) -> str:
    return model._meta.db_table
