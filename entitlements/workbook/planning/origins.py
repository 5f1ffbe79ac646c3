"""
Which row of which file each staged row is, and which records such rows are already.

A refused row that comes back is marked with the row it was. It is the record that this row has
become, if it has; and it is never a record that another row of that file is, however equal.
"""

from common.sql import rows_of, run


def find() -> None:
    """Make ``origin``, a line for each staged record; and ``told``, what those files' rows are."""
    run(_ORIGIN)
    run(_TOLD)
    run("CREATE INDEX ON told (object_id)")
    run("ANALYZE origin, told")


# The mark of a file from elsewhere says nothing here: its rows stand for themselves.
_ORIGIN = """
CREATE TEMP TABLE origin ON COMMIT DROP AS
SELECT s.row_id, s.record, coalesce(marked.id, importing.source_id) AS origin_id,
    CASE WHEN marked.id IS NULL THEN s.sheet
        ELSE split_part(s.refused_as, ' ', 4)::integer - 1 END AS sheet,
    CASE WHEN marked.id IS NULL THEN s."row"
        ELSE split_part(s.refused_as, ' ', 6)::integer END AS "row"
FROM importing CROSS JOIN named s
LEFT JOIN entitlements_import marked ON marked.company_id = importing.company_id
    AND marked.id = split_part(s.refused_as, ' ', 2)::bigint
WHERE s.record IN ('license', 'maintenance', 'return')
"""

# For each file the records of its rows, and of the rows of the files that it continues.
_TOLD = """
CREATE TEMP TABLE told ON COMMIT DROP AS
WITH RECURSIVE file AS (
    SELECT DISTINCT origin_id AS for_id, origin_id FROM origin
    UNION
    SELECT file.for_id, earlier.continues_id FROM file
    JOIN entitlements_import earlier ON earlier.id = file.origin_id
    WHERE earlier.continues_id IS NOT NULL
)
SELECT file.for_id, known.origin_id, known.sheet, known."row", known.record, known.object_id
FROM file JOIN entitlements_toldrecord known USING (origin_id)
"""


def match(matched: str, *, kinds: str, records: str) -> None:
    """
    Match rows that have become a record before; the n-th of a mark is the n-th of its records.

    :param matched: the table of ``row_id`` and ``target_id`` to add to
    :param kinds: of staged records, quoted and separated by commas
    :param records: the table that holds their records
    """
    run(
        f"""
        INSERT INTO {matched} (row_id, target_id)
        SELECT staged.row_id, known.object_id FROM (
            SELECT origin.*, row_number() OVER (
                PARTITION BY origin_id, sheet, "row", record ORDER BY row_id
            ) AS n
            FROM origin WHERE record IN ({kinds})
                AND NOT EXISTS (SELECT 1 FROM {matched} m WHERE m.row_id = origin.row_id)
        ) staged JOIN (
            SELECT told.*, row_number() OVER (
                PARTITION BY origin_id, sheet, "row", record ORDER BY object_id
            ) AS n
            FROM told JOIN {records} e ON e.id = told.object_id
            WHERE told.for_id = told.origin_id AND told.record IN ({kinds})
                AND NOT EXISTS (SELECT 1 FROM {matched} m WHERE m.target_id = e.id)
        ) known USING (origin_id, sheet, "row", record, n)
        """
    )


def in_order() -> list[int]:
    """The files that rows come from, this import last: what comes back has its records first."""
    return [
        origin_id
        for (origin_id,) in rows_of(
            "SELECT origin_id FROM origin CROSS JOIN importing GROUP BY origin_id, source_id"
            " ORDER BY origin_id = source_id, origin_id"
        )
    ]


def is_free(record: str, matched: str, *, kinds: str) -> str:
    """
    The condition that a record may be matched by what it says: no row is it yet, and no other row
    of the file with the id ``%(origin)s`` is it.

    :param record: the name of the record's table in the statement
    """
    return (
        f"NOT EXISTS (SELECT 1 FROM {matched} m WHERE m.target_id = {record}.id)"
        " AND NOT EXISTS (SELECT 1 FROM told WHERE told.for_id = %(origin)s"
        f" AND told.record IN ({kinds}) AND told.object_id = {record}.id)"
    )
