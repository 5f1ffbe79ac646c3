"""System checks of the house's own mechanisms."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections, models
from django.db.migrations.executor import MigrationExecutor

from common.history import function_body, function_name


@register(Tags.database)
def history_triggers_match_their_models(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """
    Each tracked model has a trigger that writes just the fields its history model has.

    Asked of a database only once all migrations are applied: before that they are still to come.
    """
    problems: list[CheckMessage] = []
    for alias in databases or ():
        if _has_migrations_to_apply(alias):
            continue
        stored = _stored_functions(alias)
        for record in tracked_models():
            function = function_name(record._meta.db_table)
            if stored.get(function) != function_body(record, history_of(record)):
                problems.append(_forgotten(record, function in stored))
    return problems


def _has_migrations_to_apply(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def tracked_models() -> list[type[models.Model]]:
    """The models that have a history."""
    return [m for m in apps.get_models() if hasattr(m._meta, "simple_history_manager_attribute")]


def history_of(record: type[models.Model]) -> type[models.Model]:
    """The history model of a tracked model."""
    manager_name: str = record._meta.simple_history_manager_attribute  # type: ignore[attr-defined]
    history: type[models.Model] = getattr(record, manager_name).model
    return history


def _stored_functions(alias: str) -> dict[str, str]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace"
            " AND starts_with(proname, 'history_of_')"
        )
        return dict(cursor.fetchall())


def _forgotten(record: type[models.Model], exists: bool) -> Error:
    state = "writes other fields than" if exists else "is missing for"
    return Error(
        f"The history trigger {state} {record._meta.label}.",
        hint=f'Add TrackHistory("{record._meta.object_name}") to a migration after the change.',
        id="common.E001",
    )
