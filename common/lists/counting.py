"""How many rows a list has. Nothing waits for a long count."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

# Up to here rows are counted one by one; beyond, the count is the planner's unless asked for.
COUNTED_EXACTLY = 10_000


@dataclass(frozen=True)
class Rows:
    """How many rows there are."""

    number: int
    is_exact: bool

    @property
    def text(self) -> str:
        return f"{self.number:,}" if self.is_exact else f"about {self.number:,}"


def estimate_rows(queryset: QuerySet[Any]) -> int:
    """About how many rows a query has, as the planner sees it, to two significant digits."""
    sql, parameters = queryset.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql, parameters)
        (plan,) = cursor.fetchone()
    rows = max(int(plan[0]["Plan"]["Plan Rows"]), COUNTED_EXACTLY)
    unit = 10 ** (len(str(rows)) - 2)
    return int(round(rows / unit) * unit)
