"""Constraints that Django cannot declare: references within a company, trees, rows that stay."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState

from common.operations import InDatabaseAlone


class RefersWithin(InDatabaseAlone):
    """
    Migration operation: a foreign key that carries further columns, such as the company.

    ``RefersWithin("contractterm", "contract", ["company"])`` makes (contract, company) of a term
    refer to (id, company) of a contract: a term can only be of a contract of its own company. The
    field itself is declared with ``db_constraint=False``. The record referred to needs a unique
    constraint over ``id`` and the same fields, in that order.

    Where it ``cascades``, what refers is deleted with the record: for what is told from it alone.
    """

    def __init__(
        self, model_name: str, field: str, shared: list[str], *, cascades: bool = False
    ) -> None:
        self.model_name = model_name
        self.field = field
        self.shared = shared
        self.cascades = cascades

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        given = {"cascades": True} if self.cascades else {}
        return (type(self).__name__, [self.model_name, self.field, self.shared], given)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.field)
        target = field.related_model._meta
        table = model._meta.db_table
        own = [field.column, *(model._meta.get_field(name).column for name in self.shared)]
        theirs = [target.pk.column, *(target.get_field(name).column for name in self.shared)]
        schema_editor.execute(
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{self._name(table)}"'
            f" FOREIGN KEY ({_listed(own)}) REFERENCES"
            f' "{target.db_table}" ({_listed(theirs)})'
            + (" ON DELETE CASCADE" if self.cascades else ""),
            params=None,
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        schema_editor.execute(
            f'ALTER TABLE "{table}" DROP CONSTRAINT "{self._name(table)}"', params=None
        )

    def describe(self) -> str:
        return f"{self.model_name}.{self.field} refers within the same {', '.join(self.shared)}"

    def _name(self, table: str) -> str:
        return f"{table}_{self.field}_within"


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


class NeverAboveItself(InDatabaseAlone):
    """
    Migration operation: no record comes to stand above itself, directly or through others.

    ``NeverAboveItself("contract", "parent")`` refuses, however it is written, a contract that would
    be part of its own part. What stands above is locked while the trigger climbs: two people cannot
    close a circle together, each with half of it.
    """

    def __init__(self, model_name: str, field: str) -> None:
        self.model_name = model_name
        self.field = field

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model_name, self.field], {})

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        options = to_state.apps.get_model(app_label, self.model_name)._meta
        table, column = options.db_table, options.get_field(self.field).column
        name = self._name(table)
        schema_editor.execute(
            f"""
            CREATE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                above bigint := NEW."{column}";
                seen bigint[] := '{{}}';
            BEGIN
                WHILE above IS NOT NULL AND above <> ALL (seen) LOOP
                    IF above = NEW.id THEN
                        RAISE EXCEPTION 'A row of {table} would stand above itself'
                            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
                    END IF;
                    seen := seen || above;
                    SELECT "{column}" INTO above FROM "{table}" WHERE id = above FOR SHARE;
                END LOOP;
                RETURN NULL;
            END $$
            """,  # noqa: S608 - names of tables and columns of ours
            params=None,
        )
        schema_editor.execute(
            f'CREATE TRIGGER "{name}" AFTER INSERT OR UPDATE OF "{column}" ON "{table}"'
            f' FOR EACH ROW WHEN (NEW."{column}" IS NOT NULL) EXECUTE FUNCTION "{name}"()',
            params=None,
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        name = self._name(table)
        schema_editor.execute(f'DROP TRIGGER "{name}" ON "{table}"', params=None)
        schema_editor.execute(f'DROP FUNCTION "{name}"()', params=None)

    def describe(self) -> str:
        return f"No {self.model_name} stands above itself by {self.field}"

    def _name(self, table: str) -> str:
        return f"{table}_{self.field}_closes_no_circle"


class NeverEdited(InDatabaseAlone):
    """
    Migration operation: rows of a table are added, and neither changed nor deleted.

    For what is its own record of what happened, and has no history beside it.
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
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        schema_editor.execute(
            f'CREATE FUNCTION "{table}_is_never_edited"() RETURNS trigger LANGUAGE plpgsql AS'
            f" $$BEGIN RAISE EXCEPTION 'Rows of {table} are never changed or deleted'; END$$",
            params=None,
        )
        schema_editor.execute(
            f'CREATE TRIGGER "never_edited" BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}"'
            f' FOR EACH STATEMENT EXECUTE FUNCTION "{table}_is_never_edited"()',
            params=None,
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        schema_editor.execute(f'DROP TRIGGER "never_edited" ON "{table}"', params=None)
        schema_editor.execute(f'DROP FUNCTION "{table}_is_never_edited"()', params=None)

    def describe(self) -> str:
        return f"Rows of {self.model_name} are never edited"
