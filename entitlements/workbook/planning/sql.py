"""Small tools for writing by sets: merging columns, checking rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices

from common.sql import run
from entitlements.workbook.cells import BLANKS
from entitlements.workbook.columns import Column, Holds

NOT_THERE = -1  # a reference to something that is named and does not exist yet

_BLANKS = "E'" + BLANKS.encode("unicode_escape").decode().replace("\\xa0", "\\u00A0") + "'"
_TYPES = {
    Holds.DAY: "date",
    Holds.COUNT: "bigint",
    Holds.AMOUNT: "numeric",
    Holds.YES_NO: "boolean",
    Holds.TAGS: "text[]",
}


def stage(table: str, columns: Sequence[Column], records: str) -> None:
    """
    Make a temporary table of staged records, a typed column for each value.

    ``given`` keeps the values as they were read: a value that is there as null was an empty cell
    that is to empty the field.
    """
    typed = ", ".join(f'"{column.name}" {_TYPES.get(column.holds, "text")}' for column in columns)
    run(
        f"CREATE TEMP TABLE {table} ON COMMIT DROP AS"
        ' SELECT r.id AS row_id, r.sheet, r."row", r.record, r."values" AS given, v.*'
        " FROM importing JOIN entitlements_importrow r ON r.source_id = importing.source_id"
        f' CROSS JOIN LATERAL jsonb_to_record(r."values") AS v({typed})'
        f" WHERE r.record IN ({records}) AND r.outcome <> 'repeated'"
    )


def kept(column: str, *, name: str = "", read: str = "", now: str = "e") -> str:
    """
    A value after the import: what the row gives, else what the record has.

    :param column: of the record
    :param name: of the value in the row; the same unless given
    :param read: the expression for what the row gives; the value itself unless given
    :param now: the alias of the record, all of whose columns are NULL for a new one
    """
    read = read or f's."{name or column}"'
    given = f"s.given ? '{name or column}'"
    return f"CASE WHEN {read} IS NOT NULL OR {given} THEN {read} ELSE {now}.{column} END"


def kept_text(column: str, *, name: str = "", now: str = "e") -> str:
    """
    The same for a text, which is never NULL.

    Blanks around a text and the kind of its line ends are no change.
    """
    read = f's."{name or column}"'
    plain = f"replace(btrim({now}.{column}, {_BLANKS}), E'\\r', '')"
    return (
        f"CASE WHEN {read} IS NULL AND NOT s.given ? '{name or column}'"
        f" OR {plain} = replace(coalesce({read}, ''), E'\\r', '')"
        f" THEN coalesce({now}.{column}, '') ELSE coalesce({read}, '') END"
    )


def found(identifier: str, name: str) -> str:
    """A reference: the id that was found, NULL where nothing is named, else NOT_THERE."""
    return f"CASE WHEN {name} IS NOT NULL THEN coalesce({identifier}, {NOT_THERE}) END"


def labelled(code: str, choices: type[TextChoices]) -> str:
    """The expression for what people call a code; NULL for none."""
    whens = " ".join(f"WHEN '{each.value}' THEN '{each.label}'" for each in choices)
    return f"(CASE {code} {whens} END)"


@dataclass(frozen=True)
class Check:
    """
    A rule for a planned record.

    :param name: the column a person has to look at
    :param fails: SQL: whether the rule is broken, about a planned record ``p``
    :param reason: SQL: the sentence that says why, with the values, and what to do
    """

    name: str
    fails: str
    reason: str


def refuse(table: str, checks: Sequence[Check], joins: str = "") -> None:
    """Keep a problem for each rule that a planned record breaks; the table is read once."""
    broken = ", ".join(
        f"({place}, '{check.name}', CASE WHEN {check.fails} THEN {check.reason} END)"
        for place, check in enumerate(checks)
    )
    any_broken = " OR ".join(f"({check.fails})" for check in checks)
    run(
        "INSERT INTO entitlements_importproblem"
        ' (source_id, sheet, "row", name, reason, is_of_cell)'
        ' SELECT importing.source_id, p.sheet, p."row", broken.name, broken.reason, false'
        f" FROM importing CROSS JOIN {table} p {joins}"
        f" CROSS JOIN LATERAL (VALUES {broken}) AS broken(place, name, reason)"
        # Most rows break no rule: they are passed over before a sentence is thought of.
        f" WHERE ({any_broken}) AND broken.reason IS NOT NULL"
        # Of a cell that could not be read there is nothing more to say.
        " AND NOT EXISTS (SELECT 1 FROM entitlements_importproblem unread"
        "  WHERE unread.source_id = importing.source_id AND unread.is_of_cell"
        '  AND unread.sheet = p.sheet AND unread."row" = p."row" AND unread.name = broken.name)'
        # Several records of one row may break a rule alike: it is said once.
        ' GROUP BY 1, 2, 3, 4, 5, broken.place ORDER BY p.sheet, p."row", broken.place'
    )


# Reasons that several sheets give.
NO_CURRENCY = (
    "'Has an amount but no currency. Write EUR;200, fill the currency column, or choose a currency"
    " for the import.'"
)
SEVERAL_PEOPLE = (
    "format('%s people are called %s. Give the e-mail address.', p.owners_of_name, p.owner_name)"
)


def same_in_file(table: str, column: str, name: str, what: str) -> None:
    """Refuse all rows of a file that share what may stand in it once."""
    run(
        "INSERT INTO entitlements_importproblem"
        ' (source_id, sheet, "row", name, reason, is_of_cell)'
        f" SELECT importing.source_id, p.sheet, p.\"row\", '{name}',"
        f" format('{what} %s stands in this file %s times, in rows %s.', p.{column}, same.n,"
        " same.places),"
        " false"
        f" FROM importing CROSS JOIN {table} p JOIN ("
        f" SELECT {column}, count(*) AS n,"
        ' string_agg("row"::text, \', \' ORDER BY sheet, "row") AS places'
        f" FROM {table} WHERE {column} <> '' GROUP BY {column} HAVING count(*) > 1"
        f') same ON same.{column} = p.{column} ORDER BY p.sheet, p."row"'
    )


# Whether a row is refused so far.
IS_REFUSED = (
    "EXISTS (SELECT 1 FROM entitlements_importproblem problem"
    " WHERE problem.source_id = importing.source_id"
    ' AND problem.sheet = p.sheet AND problem."row" = p."row")'
)
