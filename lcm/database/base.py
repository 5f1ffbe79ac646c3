"""
Django's PostgreSQL backend, over the embedded server: a first connection starts it.

So that settings need not: reading them starts nothing, and neither does a command without a
database.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import OperationalError as NoConnection

from lcm import postgres


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; where that fails, make sure that the server runs and connect again."""
        try:
            return super().get_new_connection(conn_params)
        except NoConnection:
            self._ensure_running()
            return super().get_new_connection(conn_params)

    def _ensure_running(self) -> None:
        try:
            postgres.embedded().ensure_running()
        except postgres.Unavailable as error:
            raise NoConnection(str(error)) from error
