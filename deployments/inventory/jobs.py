"""
The work on inventories, done in the worker.

A job may be started a second time after its worker was killed: it does what is left to do, or
nothing. What writes records is one transaction.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from common import kept_files
from common.acting import acting
from common.limited import FileRefused
from common.locks import hold_shared
from common.progress import Progress
from common.sql import run
from common.uploads import do_once
from deployments.inventory import applying, planning, staging
from deployments.inventory.choices import Choices, signature
from deployments.inventory.reading import opened
from deployments.inventory.staging import Staged
from deployments.models import FoundRow, InventoryImport, InventoryState

# The class of the advisory locks by which inventories of one company follow each other.
INVENTORY_LOCKS = 0x4C48
SECONDS_TO_WAIT = 30.0

DAYS_KEPT = 30  # how long the staged rows of an import that nobody confirms are kept

LOST = "What was read of the file was lost when the database was interrupted. Read it again."
RECORDS_CHANGED = (
    "Records changed while it was imported, and nothing was written."
    " Look at the preview again: it is up to date."
)


def read(import_id: int) -> None:
    """Read a file and show what it would do, or what a person has to answer first."""
    _carry_out(_read, import_id, InventoryState.READING, falls_back_to=InventoryState.REFUSED)


def apply(import_id: int) -> None:
    """Write what was found."""
    _carry_out(_apply, import_id, InventoryState.APPLYING, falls_back_to=InventoryState.PREVIEWED)


def _carry_out(
    work: Callable[[InventoryImport, Progress], None],
    import_id: int,
    state: InventoryState,
    *,
    falls_back_to: InventoryState,
) -> None:
    """Do a job once; where it is stopped or fails, the import stands where it stood before."""
    do_once(
        lambda: _in_state(import_id, state),
        work,
        fall_back=lambda source, remarks: _fall_back(source, falls_back_to, remarks),
    )


def _in_state(import_id: int, state: InventoryState) -> InventoryImport | None:
    """The import, if it still waits for this job."""
    return (
        InventoryImport.objects.select_related("company", "file", "progress", "applied_by")
        .filter(pk=import_id, state=state)
        .first()
    )


def _fall_back(source: InventoryImport, state: InventoryState, remarks: list[str]) -> None:
    source.state = state
    source.remarks = remarks
    with transaction.atomic():
        source.save(update_fields=["state", "remarks", "figures", "format"])


# --- Reading ---


def _read(source: InventoryImport, progress: Progress) -> None:
    forget_before(timezone.now() - timedelta(days=DAYS_KEPT))
    try:
        with transaction.atomic():
            progress.step("Reading the file")
            staged = _stage(source, progress)
            if staged.question is not None:
                _ask(source, staged)
                return
            source.figures = {
                "problems": staged.problems,
                "refused": staged.refused,
                "omits_rows": bool(staged.refused or staged.is_part),
            }
            source.remarks = []
            progress.step("Comparing with what there is")
            _preview(source)
    except FileRefused as refusal:
        source.figures = {}
        _fall_back(source, InventoryState.REFUSED, [str(refusal)])


def _stage(source: InventoryImport, progress: Progress) -> Staged:
    """Stage the file; where it asks about headers that were answered before, with that answer."""
    with kept_files.on_disk(source.file) as path:
        while True:
            choices = Choices.from_json(source.choices)
            with opened(
                path, name=source.file.name, format=source.format, choices=choices
            ) as events:
                staged = staging.stage(source, events, moved_to=progress.move_to)
            source.format = staged.format
            remembered = _remembered(source, staged, choices)
            if remembered is None:
                return staged
            source.choices = remembered.as_json()


def _remembered(source: InventoryImport, staged: Staged, choices: Choices) -> Choices | None:
    """The choices with the columns that somebody said the same headers have; None: nobody did."""
    if staged.question is None or not staged.question["headers"] or choices.columns:
        return None
    headers = signature(staged.question["headers"])
    known = (
        InventoryImport.objects.filter(company_id=source.company_id, choices__headers=headers)
        .exclude(pk=source.pk)
        .order_by("-pk")
        .values_list("choices", flat=True)
        .first()
    )
    return replace(choices, columns=known["columns"], headers=headers) if known else None


def _ask(source: InventoryImport, staged: Staged) -> None:
    assert staged.question is not None
    source.figures = {"asked": staged.question}
    source.remarks = staged.question["questions"]
    source.state = InventoryState.ASKING
    source.save()


def _preview(source: InventoryImport) -> None:
    planning.plan(source)
    source.figures |= {
        "counts": planning.figures(),
        "unknown_people": planning.unknown_people(limit=20),
    }
    source.state = InventoryState.PREVIEWED
    source.save()


def forget_before(moment: datetime) -> None:
    """Forget staged rows of imports that were started before a moment."""
    run(
        "DELETE FROM deployments_foundrow row USING deployments_inventoryimport source"
        " WHERE source.id = row.source_import_id AND source.started_at < %s",
        [moment],
    )


# --- Importing ---


def _apply(source: InventoryImport, progress: Progress) -> None:
    try:
        with acting(source.applied_by, str(source)):
            _plan_and_write(source, progress)
    except IntegrityError:
        # Somebody wrote a device or a person between our comparing and our writing.
        with transaction.atomic():
            _preview(source)
            _fall_back(source, InventoryState.PREVIEWED, [RECORDS_CHANGED])


def _plan_and_write(source: InventoryImport, progress: Progress) -> None:
    progress.step("Waiting for other changes of the company")
    run("SELECT pg_advisory_xact_lock(%s, %s)", [INVENTORY_LOCKS, source.company_id])
    hold_shared(source.company_id, job=source.progress, seconds=SECONDS_TO_WAIT)
    if not FoundRow.objects.filter(source_import=source).exists():
        _fall_back(source, InventoryState.REFUSED, [LOST])
        return
    progress.step("Comparing with what there is")
    planning.plan(source)
    source.figures["counts"] = planning.figures()
    applying.write(source, progress)
    staging.clear(source)
    source.state = InventoryState.APPLIED
    source.applied_at = timezone.now()
    source.remarks = []
    source.save()
