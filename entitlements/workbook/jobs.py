"""
The work on imports and exports, done in the worker.

A job may be started a second time after its worker was killed: it does what is left to do, or
nothing. What writes records is one transaction.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import ExclusionViolation, ForeignKeyViolation, UniqueViolation

from common import kept_files
from common.acting import acting
from common.limited import FileRefused
from common.locks import hold_shared
from common.models import KeptFile
from common.progress import Progress
from common.sql import run
from common.uploads import do_once
from entitlements.models import (
    Import,
    ImportRow,
    ImportState,
    WorkbookExport,
)
from entitlements.workbook import applying, planning, staging, undoing
from entitlements.workbook.choices import Choices
from entitlements.workbook.headers import SheetMapping
from entitlements.workbook.reading import opened

# The class of the advisory locks by which imports of one company follow each other.
IMPORT_LOCKS = 0x4C46
SECONDS_TO_WAIT = 30.0

DAYS_KEPT = 30  # how long staged rows and written files can be looked at

# What the database says where somebody wrote a record between our comparing and our writing.
WRITTEN_MEANWHILE = (UniqueViolation, ForeignKeyViolation, ExclusionViolation)

LOST = "What was read of the file was lost when the database was interrupted. Read it again."
DATA_CHANGED = (
    "Records changed since the preview, so that the import would do something else now."
    " Look at the preview again: it is up to date."
)


def read(import_id: int) -> None:
    """Read a file and show what it would do, or what a person has to answer first."""
    _carry_out(_read, import_id, ImportState.READING, falls_back_to=ImportState.REFUSED)


def apply(import_id: int) -> None:
    """Do what the preview shows; where records changed since, show the new preview instead."""
    _carry_out(_apply, import_id, ImportState.APPLYING, falls_back_to=ImportState.PREVIEWED)


def undo(import_id: int) -> None:
    """Undo an import as a whole, or say what was touched since."""
    _carry_out(_undo, import_id, ImportState.UNDOING, falls_back_to=ImportState.APPLIED)


def _carry_out(
    work: Callable[[Import, Progress], None],
    import_id: int,
    state: ImportState,
    *,
    falls_back_to: ImportState,
) -> None:
    """Do a job once; where it is stopped or fails, the import stands where it stood before."""
    do_once(
        lambda: _in_state(import_id, state),
        work,
        fall_back=lambda source, remarks: _fall_back(source, falls_back_to, remarks),
    )


def _in_state(import_id: int, state: ImportState) -> Import | None:
    """The import, if it still waits for this job."""
    return (
        Import.objects.select_related("company", "file", "progress", "applied_by", "undone_by")
        .filter(pk=import_id, state=state)
        .first()
    )


def _fall_back(source: Import, state: ImportState, remarks: list[str]) -> None:
    source.state = state
    source.remarks = remarks
    with transaction.atomic():
        source.save(update_fields=["state", "remarks", "figures", "fingerprint"])


# --- Reading ---


def _read(source: Import, progress: Progress) -> None:
    forget_before(timezone.now() - timedelta(days=DAYS_KEPT))
    try:
        _stage_and_preview(source, progress)
    except FileRefused as refusal:
        staging.clear(source)
        _fall_back(source, ImportState.REFUSED, [str(refusal)])


def _stage_and_preview(source: Import, progress: Progress) -> None:
    choices = Choices.from_json(source.choices)
    confirmed = [SheetMapping.from_json(stored) for stored in source.mappings]
    progress.step("Reading the file")
    with (
        transaction.atomic(),
        kept_files.on_disk(source.file) as path,
        opened(path, encoding=choices.encoding) as sheets,
    ):
        staged = staging.stage(
            source, sheets, choices=choices, confirmed=confirmed, moved_to=progress.move_to
        )
        source.mappings = [mapping.as_json() for mapping in staged.mappings]
        source.remarks = staged.remarks
        source.figures = {"samples": staged.samples}
        if staged.questions:
            source.remarks = staged.questions + staged.remarks
            source.state = ImportState.ASKING
            source.save()
            return
        progress.step("Comparing with what there is")
        _preview(source, choices)


def forget_before(moment: datetime) -> None:
    """Forget staged rows of imports that were started before a moment, and files written before."""
    run(
        "WITH old AS (SELECT id FROM entitlements_import WHERE started_at < %(moment)s),"
        " problems AS (DELETE FROM entitlements_importproblem USING old WHERE source_id = old.id)"
        " DELETE FROM entitlements_importrow USING old WHERE source_id = old.id",
        {"moment": moment},
    )
    old = WorkbookExport.objects.filter(asked_at__lt=moment).exclude(file=None)
    written = list(old.values_list("file_id", flat=True))
    old.update(file=None)
    KeptFile.objects.filter(pk__in=written).delete()


def _preview(source: Import, choices: Choices) -> None:
    run("ANALYZE entitlements_importrow, entitlements_importproblem")
    planning.plan(source, choices)
    source.state = ImportState.PREVIEWED
    source.save()


# --- Importing ---


def _apply(source: Import, progress: Progress) -> None:
    try:
        with acting(source.applied_by, str(source)):
            _plan_and_write(source, progress)
    except IntegrityError as error:
        if not isinstance(error.__cause__, WRITTEN_MEANWHILE):
            raise
        with transaction.atomic():
            _preview(source, Choices.from_json(source.choices))
            _fall_back(source, ImportState.PREVIEWED, [DATA_CHANGED])


def _plan_and_write(source: Import, progress: Progress) -> None:
    progress.step("Waiting for other changes of the company")
    _after_other_imports(source)
    hold_shared(source.company_id, job=source.progress, seconds=SECONDS_TO_WAIT)
    _lock_records(source)
    if not ImportRow.objects.filter(source=source).exists():
        _fall_back(source, ImportState.REFUSED, [LOST])
        return
    progress.step("Comparing with what there is")
    seen = source.fingerprint
    _preview(source, Choices.from_json(source.choices))
    if source.fingerprint != seen:
        _fall_back(source, ImportState.PREVIEWED, [DATA_CHANGED])
        return
    progress.step("Writing records")
    applying.write(source)
    source.state = ImportState.APPLIED
    source.applied_at = timezone.now()
    source.remarks = []
    source.save()


def _after_other_imports(source: Import) -> None:
    run("SELECT pg_advisory_xact_lock(%s, %s)", [IMPORT_LOCKS, source.company_id])


def _lock_records(source: Import) -> None:
    """Lock what will be changed, in the order of keys, so that nobody changes it meanwhile."""
    for table, record in (
        ("contracts_contract", "('contract')"),
        ("entitlements_entitlement", "('license', 'maintenance')"),
    ):
        run(
            f"SELECT 1 FROM {table} WHERE id IN (SELECT target_id FROM entitlements_importrow"
            f" WHERE source_id = %s AND record IN {record} AND outcome = 'changed')"
            " ORDER BY id FOR UPDATE",
            [source.pk],
        )


# --- Undoing ---


def _undo(source: Import, progress: Progress) -> None:
    try:
        with acting(source.undone_by, f"Undone: {source}"):
            progress.step("Waiting for other changes of the company")
            _after_other_imports(source)
            hold_shared(source.company_id, job=source.progress, seconds=SECONDS_TO_WAIT)
            progress.step("Undoing")
            source.remarks = undoing.undo(source)
            source.state = ImportState.UNDONE
            source.undone_at = timezone.now()
            source.save()
    except undoing.CannotUndo as refusal:
        reasons = ["It cannot be undone.", *refusal.reasons]
        _fall_back(source, ImportState.APPLIED, reasons)
    except IntegrityError:
        reason = "It cannot be undone: other records have come to depend on its rows."
        _fall_back(source, ImportState.APPLIED, [reason])
