"""Running statements that write by sets."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

Parameters = Sequence[Any] | Mapping[str, Any]


def run(statement: str, parameters: Parameters | None = None) -> int:
    """Run a statement; gives the number of rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        number: int = cursor.rowcount
    return number


def rows_of(statement: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
    """What a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
