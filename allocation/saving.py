"""
Writes what a run decided, by set: ends, matches, returns, and new rows by binary COPY.

Everything happens in the caller's transaction, under ``acting`` with the run's id, so that the
triggers write the history of each change beside it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import batched, repeat
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection
from psycopg.types.json import Jsonb

from allocation.core.values import Allocated, Changes, Ended, Matched, Returned
from allocation.models import ConsolidateRun, RunPreview
from allocation.steps import STEP_OF, by_change
from common.watching import Watcher
from entitlements.models import Kind

ROWS_AT_A_TIME = 10_000


def save_run(run: ConsolidateRun, changes: Changes, made_at: datetime, progress: Watcher) -> None:
    """
    Write a run's changes, and note on it which ids its new rows have.

    :param made_at: the moment that all of them carry
    :raises StopAsked: if a person asks to stop meanwhile; the caller's transaction undoes the rest
    """
    # Ends first: a pair whose row is ended can get a new one in the same run.
    progress.step("Ending allocations", len(changes.ended))
    _save_ended(run, changes.ended, made_at)
    progress.step("Noting returns and serial numbers", len(changes.returned) + len(changes.matched))
    _save_returned(run, changes.returned)
    _save_matched(run, changes.matched)
    progress.step("Writing new allocations", len(changes.allocated))
    _save_allocated(run, changes.allocated, made_at, progress)


def _save_ended(run: ConsolidateRun, ended: Sequence[Ended], ended_at: datetime) -> None:
    if not ended:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            # Never before it began: a person can allocate for a day that is after the run's.
            "UPDATE allocation_allocation a SET ended_on = greatest(%s::date, a.made_on),"
            " ended_at = %s, ended_in_run_id = %s,"
            " end_reason = e.reason, end_rule = e.rule, end_figures = e.figures::jsonb"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])"
            " AS e(id, reason, rule, figures) WHERE a.id = e.id",
            [
                run.as_of,
                ended_at,
                run.pk,
                [end.row.id for end in ended],
                [end.reason.value for end in ended],
                [end.rule.value for end in ended],
                [json.dumps(end.figures) for end in ended],
            ],
        )


def _save_returned(run: ConsolidateRun, returned: Sequence[Returned]) -> None:
    if not returned:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO entitlements_returnassignment"
            " (company_id, purchase_return_id, position_id, units, rule, figures,"
            " made_on, made_in_run_id)"
            " SELECT %s, r.return_id, r.position_id, r.units, r.rule, r.figures::jsonb, %s, %s"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::text[])"
            " WITH ORDINALITY AS r(return_id, position_id, units, rule, figures, place)"
            " ORDER BY r.place",
            [
                run.company_id,
                run.as_of,
                run.pk,
                [taken.return_ for taken in returned],
                [taken.position for taken in returned],
                [taken.units for taken in returned],
                [taken.rule.value for taken in returned],
                [json.dumps(taken.figures) for taken in returned],
            ],
        )


def _save_matched(run: ConsolidateRun, matched: Sequence[Matched]) -> None:
    if not matched:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE entitlements_entitlement e SET matched_serial = m.serial,"
            " matched_figures = m.figures::jsonb, matched_run_id = %s"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS m(id, serial, figures)"
            " WHERE e.id = m.id",
            [
                run.pk,
                [match.position for match in matched],
                [match.serial for match in matched],
                [json.dumps(match.figures) for match in matched],
            ],
        )


def _save_allocated(
    run: ConsolidateRun, allocated: Sequence[Allocated], made_at: datetime, progress: Watcher
) -> None:
    if not allocated:
        return
    ids = _reserve_ids(len(allocated))
    run.first_allocation_id, run.last_allocation_id = ids[0], ids[-1]
    # The appearance of new rows: that of their position, then of their license.
    in_order = sorted(allocated, key=attrgetter("position", "license"))
    lines = map(_line, ids, in_order, repeat(_end_of_line(run, made_at)))
    with connection.cursor() as cursor, cursor.copy(COPY_ALLOCATIONS) as copy:
        for written, some in enumerate(batched(lines, ROWS_AT_A_TIME)):
            progress.move_to(written * ROWS_AT_A_TIME)
            copy.write("".join(some))


# In text: as binary, psycopg would write days, moments and JSON in Python, value by value, which
# takes several times as long here and saves the server nothing.
COPY_ALLOCATIONS = (
    "COPY allocation_allocation (id, entitlement_id, license_id, quantity, basis, rule, figures,"
    " company_id, kind, made_on, made_at, made_in_run_id,"
    " notes, end_reason, end_rule, end_notes, end_figures) FROM STDIN"
)
_figures = json.JSONEncoder(separators=(",", ":")).encode


def _line(id_: int, row: Allocated, end_of_line: str) -> str:
    figures = _figures(row.figures).replace("\\", "\\\\")  # COPY reads backslashes once more
    return (
        f"{id_}\t{row.position}\t{row.license}\t{row.units}\t{row.basis.value}\t{row.rule.value}"
        f"\t{figures}{end_of_line}"
    )


def _end_of_line(run: ConsolidateRun, made_at: datetime) -> str:
    """What all new rows share; nobody has noted anything, or ended them."""
    shared = [run.company_id, Kind.MAINTENANCE.value, run.as_of, made_at.isoformat(), run.pk]
    return "".join(f"\t{value}" for value in [*shared, "", "", "", "", "[]"]) + "\n"


def _reserve_ids(count: int) -> list[int]:
    """Ids for new rows, ascending: one block, but for ids that others take at the same moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('allocation_allocation_id_seq') FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def save_preview(preview: RunPreview, changes: Changes, progress: Watcher) -> None:
    """Write what a run would change."""
    progress.step("Writing the preview", sum(len(records) for _, records in by_change(changes)))
    rows = (
        (preview.pk, STEP_OF[record.rule].value, change.value, *_previewed(record))
        for change, records in by_change(changes)
        for record in records
    )
    _copy("allocation_previewchange", PREVIEW_CHANGE, rows, progress)


PREVIEW_CHANGE = {
    "preview_id": "int8",
    "step": "text",
    "change": "text",
    "rule": "text",
    "figures": "jsonb",
    "position_id": "int8",
    "license_id": "int8",
    "allocation_id": "int8",
    "return_id": "int8",
    "units": "int4",
    "basis": "text",
    "reason": "text",
    "serial": "text",
}


class _Previewed(NamedTuple):
    """What a preview says of one change, in the order of ``PREVIEW_CHANGE``."""

    rule: str
    figures: Jsonb
    position: int | None = None
    license: int | None = None
    allocation: int | None = None
    return_: int | None = None
    units: int | None = None
    basis: str = ""
    reason: str = ""
    serial: str = ""


def _previewed(change: Any) -> _Previewed:
    rule, figures = change.rule.value, Jsonb(change.figures)
    match change:
        case Allocated(position, license_, units, basis):
            return _Previewed(
                rule, figures, position=position, license=license_, units=units, basis=basis.value
            )
        case Ended(row, reason):
            return _Previewed(
                rule,
                figures,
                position=row.position,
                license=row.license,
                allocation=row.id,
                units=row.units,
                basis=row.basis.value,
                reason=reason.value,
            )
        case Returned(return_, position, units):
            return _Previewed(rule, figures, position=position, return_=return_, units=units)
        case Matched(position, serial):
            return _Previewed(rule, figures, position=position, serial=serial)
    raise TypeError(f"A preview of {type(change).__name__} is not known")


def _copy(
    table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]], progress: Watcher
) -> None:
    """Write rows by binary COPY; ``columns`` gives their types."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([*columns.values()])
        for written, row in enumerate(rows):
            if written % ROWS_AT_A_TIME == 0:
                progress.move_to(written)
            copy.write_row(row)
