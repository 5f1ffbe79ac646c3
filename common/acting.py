"""Who changes the database, and why: the one way into every write."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction

# Read by the history triggers; local to the transaction, so nothing leaks to its neighbours.
SETTINGS = ("lcm.acting", "lcm.user_id", "lcm.reason", "lcm.run_id")


@contextmanager
def acting(user: AbstractBaseUser | None, reason: str, run: int | None = None) -> Iterator[None]:
    """
    Open a transaction in which each change is recorded under a person and a reason.

    :param user: the person who acts; None where the system itself does
    :param reason: what a reader of the history shall see
    :param run: the id of the run that makes the changes, if one does
    """
    nested = connection.in_atomic_block
    with transaction.atomic():
        before = _current() if nested else None
        _set("yes", str(user.pk) if user else "", reason, str(run) if run else "")
        yield
        # An error rolls the settings back with the savepoint; only success has to restore them.
        if before is not None:
            _set(*before)


def _current() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT "
            + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in SETTINGS)
        )
        return tuple(cursor.fetchone())


def _set(*values: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS), values
        )
