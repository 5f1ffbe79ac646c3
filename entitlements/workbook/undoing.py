"""
Undoing an import as a whole: what it changed is restored, what it made is deleted.

Only while nothing later touched its rows. Their history tells: the last row of a record's history
says the same as the one the import left, and the one before that is what the record was.
"""

from collections.abc import Iterator

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone

from common.history import HistoryRow, tracked_columns
from common.sql import rows_of, run
from entitlements.models import ExpenseLine, Import
from entitlements.services import delete_purchase_lines, keep_purchase_lines
from entitlements.signals import rights_changed
from entitlements.workbook.applying import WRITTEN

# What rows of the file are; the rest was made by the way, and stays where others use it meanwhile.
ROWS = (
    "entitlements.purchasereturn",
    "entitlements.stateperiod",
    "entitlements.entitlement",
    "contracts.contractterm",
    "contracts.contract",
)
# What all companies share: what an import made of it stays where it is in use, what it changed is
# restored unless somebody changed it since.
LIBRARY = ("entitlements.publisherpart",)
MOST_TOLD = 20


class CannotUndo(Exception):
    """Something later touched the rows of the import. ``reasons`` says what, by whom and when."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def undo(source: Import) -> list[str]:
    """
    Undo an import; the caller holds the company's lock and acts.

    :returns: what was made by the way and stays, since it is in use
    :raises CannotUndo: where a record was touched since, or something refers to one to be deleted
    """
    reasons = [*_touched(source), *_referred_to(source)]
    if reasons:
        raise CannotUndo(reasons[:MOST_TOLD])
    stays: list[str] = []
    made = _ids_of(source, is_new=True)
    changed = set(_ids_of(source, is_new=False) + _ids_with_states(source)) - set(made)
    delete_purchase_lines(source.company_id, made)
    for label in WRITTEN:
        # Of rows, what was made goes first: it stands where what it took the place of stood.
        for step in (_delete, _restore) if label in ROWS else (_restore, _delete):
            step(source, label)
        if label not in ROWS:
            stays += _what_stays(source, label)
    keep_purchase_lines(source.company_id, _ids_of(source, is_new=False))
    # The apps above are told whose rights have changed back; of what is deleted there is no more.
    rights_changed.send(Import, company_id=source.company_id, license_ids=sorted(changed))
    return stays


def _ids_with_states(source: Import) -> list[int]:
    """The entitlements whose states by hand the import set."""
    noted = rows_of(
        "SELECT DISTINCT period.entitlement_id FROM entitlements_importedrecord r"
        " JOIN entitlements_stateperiod period ON period.id = r.object_id"
        " WHERE r.source_id = %s AND r.model = 'entitlements.stateperiod'",
        [source.pk],
    )
    return [entitlement_id for (entitlement_id,) in noted]


def _ids_of(source: Import, *, is_new: bool) -> list[int]:
    """The entitlements that the import made, or those that it changed."""
    noted = rows_of(
        "SELECT object_id FROM entitlements_importedrecord"
        " WHERE source_id = %s AND model = 'entitlements.entitlement' AND is_new = %s",
        [source.pk, is_new],
    )
    return [object_id for (object_id,) in noted]


def _touched(source: Import) -> Iterator[str]:
    for label in (*ROWS, *LIBRARY):
        which = "" if label in ROWS else " AND NOT r.is_new"
        record = apps.get_model(label)
        history = _history_of(record)
        table = history._meta.db_table
        ours, theirs = (
            ", ".join(f"{alias}.{column}" for column in tracked_columns(history))
            for alias in ("ours", "last")
        )
        for object_id, person_id, moment, reason in rows_of(
            "SELECT r.object_id, last.history_user_id, last.history_date,"
            " last.history_change_reason FROM entitlements_importedrecord r"
            f" JOIN {table} ours ON ours.history_id = r.history_id CROSS JOIN LATERAL ("
            f" SELECT * FROM {table} h WHERE h.id = r.object_id ORDER BY history_id DESC LIMIT 1"
            f") last WHERE r.source_id = %s AND r.model = %s{which}"
            " AND last.history_id <> r.history_id"
            f" AND (last.history_type = '-' OR ROW({ours}) IS DISTINCT FROM ROW({theirs}))"
            " ORDER BY last.history_id DESC LIMIT %s",
            [source.pk, label, MOST_TOLD],
        ):
            yield (
                f"{_called(record, object_id)} was changed by {_person(person_id)} on"
                f" {timezone.localtime(moment):%Y-%m-%d at %H:%M}: {reason}."
            )


def _history_of(record: type[models.Model]) -> type[models.Model]:
    history: type[models.Model] = record.history.model  # type: ignore[attr-defined]
    return history


def _called(record: type[models.Model], object_id: int) -> str:
    found = record._default_manager.filter(pk=object_id).first()
    noun = str(record._meta.verbose_name).capitalize()
    return f"{noun} {found}" if found else f"A {noun.lower()} that is deleted meanwhile"


def _person(person_id: int | None) -> str:
    found = get_user_model()._default_manager.filter(pk=person_id).first() if person_id else None
    return str(found) if found else "the system"


def _references(record: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """
    The kinds of record that refer to this kind, each with its column.

    History does not, nor does what the database deletes with the record.
    """
    for field in record._meta.get_fields(include_hidden=True):
        other = field.related_model
        if (
            isinstance(field, models.ManyToOneRel)
            and isinstance(other, type)
            and not issubclass(other, HistoryRow)
            and field.on_delete is not models.DO_NOTHING
        ):
            yield other, field.field.column


def _referred_to(source: Import) -> Iterator[str]:
    for label in ROWS:
        record = apps.get_model(label)
        for other, column in _references(record):
            for object_id, number in rows_of(
                f"SELECT r.object_id, count(*) FROM entitlements_importedrecord r"
                f" JOIN {other._meta.db_table} other ON other.{column} = r.object_id"
                " WHERE r.source_id = %s AND r.model = %s AND r.is_new AND NOT EXISTS ("
                "  SELECT 1 FROM entitlements_importedrecord own WHERE own.source_id = r.source_id"
                "  AND own.is_new AND own.model = %s AND own.object_id = other.id)"
                # The line of a purchase is told from the record alone, and goes with it.
                f"{' AND NOT other.is_of_purchase' if other is ExpenseLine else ''}"
                " GROUP BY r.object_id ORDER BY r.object_id LIMIT %s",
                [source.pk, label, other._meta.label_lower, MOST_TOLD],
            ):
                noun = other._meta.verbose_name if number == 1 else other._meta.verbose_name_plural
                yield f"{_called(record, object_id)} is used by {number} {noun}."


def _restore(source: Import, label: str) -> None:
    """Give changed records the values of the history row before the one the import left."""
    record = apps.get_model(label)
    history = _history_of(record)
    columns = [column for column in tracked_columns(history) if column != "id"]
    assigned = ", ".join(f"{column} = before.{column}" for column in columns)
    run(
        f"UPDATE {record._meta.db_table} e SET {assigned} FROM entitlements_importedrecord r"
        f" CROSS JOIN LATERAL (SELECT * FROM {history._meta.db_table} h WHERE h.id = r.object_id"
        "  AND h.history_id < r.history_id ORDER BY h.history_id DESC LIMIT 1) before"
        " WHERE r.source_id = %s AND r.model = %s AND NOT r.is_new AND e.id = r.object_id",
        [source.pk, label],
    )


def _delete(source: Import, label: str) -> None:
    """Delete what was made; of what was made by the way only what nobody touched or uses."""
    record = apps.get_model(label)
    free = ""
    if label not in ROWS:
        history = _history_of(record)._meta.db_table
        free = (
            f" AND r.history_id = (SELECT max(history_id) FROM {history} h WHERE h.id = e.id)"
        ) + "".join(
            f" AND NOT EXISTS (SELECT 1 FROM {other._meta.db_table} o WHERE o.{column} = e.id)"
            for other, column in _references(record)
        )
    run(
        f"DELETE FROM {record._meta.db_table} e USING entitlements_importedrecord r"
        " WHERE r.source_id = %s AND r.model = %s AND r.is_new AND e.id = r.object_id" + free,
        [source.pk, label],
    )


def _what_stays(source: Import, label: str) -> Iterator[str]:
    record = apps.get_model(label)
    for (object_id,) in rows_of(
        f"SELECT r.object_id FROM entitlements_importedrecord r JOIN {record._meta.db_table} e"
        " ON e.id = r.object_id WHERE r.source_id = %s AND r.model = %s AND r.is_new"
        " ORDER BY r.object_id LIMIT %s",
        [source.pk, label, MOST_TOLD],
    ):
        yield f"{_called(record, object_id)} stays: it is in use."
