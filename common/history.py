"""
History tables: django-simple-history's models, filled by triggers of the database.

A statement-level trigger writes history for every way a row can change: ``save()``, ``update()``,
bulk and COPY, and psql. It takes who, why and by which run from ``common.acting``.
"""

from collections.abc import Sequence
from typing import Any

from django.apps.registry import Apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState
from simple_history.models import HistoricalRecords

from common.operations import InDatabaseAlone

# Columns of a history row that do not copy a column of the record.
OWN_COLUMNS = frozenset(
    {
        "history_id",
        "history_date",
        "history_change_reason",
        "history_type",
        "history_user_id",
        "run_id",
    }
)


class HistoryRow(models.Model):
    """What every history row has besides the record: the run that made the change."""

    # No foreign key: history outlives what it describes.
    run_id = models.BigIntegerField(null=True)

    class Meta:
        abstract = True


class History(HistoricalRecords):
    """
    Declares the history of a model; the rows are written by the trigger of ``TrackHistory``.

    Fields named in ``excluded_fields`` (secrets, generated columns) are neither kept nor noticed.
    """

    def __init__(self, excluded_fields: Sequence[str] = ()) -> None:
        super().__init__(
            bases=(HistoryRow,),
            excluded_fields=list(excluded_fields),
            history_id_field=models.BigAutoField(),
            history_change_reason_field=models.TextField(null=True),
            history_user_id_field=models.BigIntegerField(null=True),
            history_user_getter=_person_of,
        )

    def copy_fields(self, model: type[models.Model]) -> "dict[str, models.Field[Any, Any]]":
        fields: dict[str, models.Field[Any, Any]] = super().copy_fields(model)
        for field in fields.values():
            # One index serves the history of a record (see get_meta_options); more would only
            # slow down bulk writes.
            field.db_index = False  # type: ignore[attr-defined]
        return fields

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        options: dict[str, Any] = super().get_meta_options(model)
        # The primary key grows with time, so it orders the story of a record by itself.
        options["ordering"] = ("-history_id",)
        options["indexes"] = (
            models.Index(
                fields=(model._meta.pk.name, "history_id"),
                name=f"{model._meta.model_name}_history_of"[:30],
            ),
        )
        return options

    # The trigger writes; simple-history's signal handlers must not write a second time.
    def post_save(self, *args: Any, **kwargs: Any) -> None: ...

    def post_delete(self, *args: Any, **kwargs: Any) -> None: ...

    def pre_delete(self, *args: Any, **kwargs: Any) -> None: ...


def _person_of(row: Any) -> models.Model | None:
    if row.history_user_id is None:
        return None
    return get_user_model()._default_manager.filter(pk=row.history_user_id).first()


class TrackHistory(InDatabaseAlone):
    """
    Migration operation: makes (or makes anew) the history trigger of a model.

    Follow every change of a tracked model's fields with it; the check ``common.E001`` says where
    that was forgotten.
    """

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model_name], {})

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in trigger_statements(*self._tables(app_label, to_state.apps)):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        record, _history = self._tables(app_label, from_state.apps)
        table = record._meta.db_table
        for name in TRIGGER_EVENTS:
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"', params=None)
        schema_editor.execute(f'DROP FUNCTION IF EXISTS "{function_name(table)}"()', params=None)

    def describe(self) -> str:
        return f"Track the history of {self.model_name}"

    def _tables(self, app_label: str, apps: Apps) -> tuple[type[models.Model], type[models.Model]]:
        return (
            apps.get_model(app_label, self.model_name),
            apps.get_model(app_label, f"Historical{self.model_name}"),
        )


TRIGGER_EVENTS = {
    "history_of_insert": "AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows",
    "history_of_update": (
        "AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows"
    ),
    "history_of_delete": "AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows",
    # Would empty a table without a word in its history.
    "history_forbids_truncate": "BEFORE TRUNCATE ON {table}",
}


def trigger_statements(record: type[models.Model], history: type[models.Model]) -> list[str]:
    """The statements that make the history function and triggers of a table anew."""
    table = record._meta.db_table
    function = function_name(table)
    statements = [
        f'CREATE OR REPLACE FUNCTION "{function}"() RETURNS trigger LANGUAGE plpgsql AS '
        f"$history${function_body(record, history)}$history$"
    ]
    for name, event in TRIGGER_EVENTS.items():
        on_event = event.format(table=f'"{table}"')
        statements += [
            f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
            f'CREATE TRIGGER "{name}" {on_event} FOR EACH STATEMENT'
            f' EXECUTE FUNCTION "{function}"()',
        ]
    return statements


def function_name(table: str) -> str:
    return f"history_of_{table}"


def function_body(record: type[models.Model], history: type[models.Model]) -> str:
    """
    The body of the trigger function: one INSERT … SELECT for each kind of statement.

    An update that changes nothing leaves no row. A change is refused where nobody acts.
    """
    columns = tracked_columns(history)
    table, history_table = record._meta.db_table, history._meta.db_table
    key = record._meta.pk.column
    listed = ", ".join(f'"{column}"' for column in columns)

    def written(kind: str, rows: str) -> str:
        taken = ", ".join(f'r."{column}"' for column in columns)
        return (
            # Names of a model's tables and columns, and nothing that anybody entered.
            f'    INSERT INTO "{history_table}" ({listed}, history_type, history_date,'  # noqa: S608
            " history_user_id, history_change_reason, run_id)\n"
            f"    SELECT {taken}, '{kind}', changed_at,"
            " nullif(current_setting('lcm.user_id', true), '')::bigint,"
            " current_setting('lcm.reason', true),"
            " nullif(current_setting('lcm.run_id', true), '')::bigint\n"
            f"    FROM {rows};\n"
        )

    old = ", ".join(f'o."{column}"' for column in columns)
    new = ", ".join(f'r."{column}"' for column in columns)
    changed = (
        f'new_rows r JOIN old_rows o ON o."{key}" = r."{key}"\n'
        f"    WHERE ROW({new}) IS DISTINCT FROM ROW({old})"
    )
    return (
        "\nDECLARE\n"
        "  changed_at timestamptz := clock_timestamp();\n"
        "  written bigint;\n"
        "BEGIN\n"
        "  IF TG_OP = 'TRUNCATE' THEN\n"
        f"    RAISE EXCEPTION 'TRUNCATE of {table} would leave no history: use DELETE';\n"
        "  ELSIF TG_OP = 'INSERT' THEN\n"
        + written("+", "new_rows r")
        + "  ELSIF TG_OP = 'UPDATE' THEN\n"
        + written("~", changed)
        + "  ELSE\n"
        + written("-", "old_rows r")
        + "  END IF;\n"
        "  GET DIAGNOSTICS written = ROW_COUNT;\n"
        "  IF written > 0 AND current_setting('lcm.acting', true) IS DISTINCT FROM 'yes' THEN\n"
        f"    RAISE EXCEPTION 'Nobody acts: {table} can only be changed inside"
        " acting(user, reason)';\n"
        "  END IF;\n"
        "  RETURN NULL;\n"
        "END;\n"
    )


def tracked_columns(history: type[models.Model]) -> list[str]:
    """
    The columns a history table copies from its record.

    Sorted, since migrations and models know their fields in different orders.
    """
    columns = {field.column for field in history._meta.local_concrete_fields if field.column}
    return sorted(columns - OWN_COLUMNS)
