"""What all tests share."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

SHIPPED = "shipped"  # the schema that keeps what the migrations brought along


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """
    The test database, which is emptied to what it shipped with after each test that commits.

    Django would empty it by TRUNCATE, which the history forbids, and the metric catalogue with it.
    """
    with django_db_blocker.unblock():
        _keep_what_was_shipped()
    patch = pytest.MonkeyPatch()
    # Of the class: a browser test may be given another connection object than this one.
    patch.setattr(type(connection.ops), "execute_sql_flush", lambda _ops, _statements: _restore())
    yield
    patch.undo()


def _keep_what_was_shipped() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {SHIPPED}")
        for table in _tables():
            cursor.execute(f'CREATE TABLE {SHIPPED}."{table}" AS TABLE public."{table}"')


def _restore() -> None:
    tables = _tables()
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'ALTER TABLE public."{table}" DISABLE TRIGGER USER')
        cursor.execute("TRUNCATE " + ", ".join(f'public."{table}"' for table in tables))
        for table in _filled_tables():
            cursor.execute(f'INSERT INTO public."{table}" TABLE {SHIPPED}."{table}"')
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f'ALTER TABLE public."{table}" ENABLE TRIGGER USER')


def _tables() -> list[str]:
    return _names(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND tablename <> 'django_migrations' ORDER BY tablename"
    )


def _filled_tables() -> list[str]:
    kept = _names(f"SELECT tablename FROM pg_tables WHERE schemaname = '{SHIPPED}'")
    return [table for table in kept if _names(f'SELECT 1 FROM {SHIPPED}."{table}" LIMIT 1')]


def _names(query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]
