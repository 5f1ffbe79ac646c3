"""
What a person can do with workbooks: import one, answer its questions, confirm it, undo it; and have
one written. Each of these only asks; the worker does it (``jobs``).
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from procrastinate.contrib.django import app

from accounts.models import Company, User
from common import kept_files
from common.acting import acting
from common.models import JobProgress
from common.uploads import demand_interrupted, demand_state, set_on_its_way
from entitlements.models import (
    HeaderMapping,
    Import,
    ImportState,
    Outcome,
    WorkbookExport,
)
from entitlements.workbook.choices import Choices
from entitlements.workbook.columns import SheetKind
from entitlements.workbook.headers import SheetMapping, signature

# The job that moves an import on from a state, and what a person sees it called.
JOBS = {
    ImportState.READING: ("entitlements.tasks.read_workbook", "Reading"),
    ImportState.APPLYING: ("entitlements.tasks.apply_import", "Importing"),
    ImportState.UNDOING: ("entitlements.tasks.undo_import", "Undoing the import of"),
}


class RowsAreRefused(Exception):
    """Rows are refused, and the person did not choose to leave them out."""


def start_import(
    *,
    company: Company,
    name: str,
    content: Iterable[bytes],
    choices: Choices,
    by: User,
    continues: Import | None = None,
) -> Import:
    """
    Keep a file and have it read; nothing else is written until the person confirms.

    :param continues: the import whose refused rows the file holds, mended, and nothing else
    :raises ValueError: where that is an import of another company
    """
    if continues is not None and continues.company_id != company.pk:
        raise ValueError(f"{continues} is not an import of {company}")
    with transaction.atomic():
        kept = kept_files.keep(company_id=company.pk, name=name, content=content, by=by)
        source = Import(
            company=company,
            file=kept,
            choices=choices.as_json(),
            started_by=by,
            continues=continues,
        )
        _queue(source, ImportState.READING, by=by)
    return source


def answer(source: Import, *, mappings: Sequence[SheetMapping], choices: Choices, by: User) -> None:
    """
    Say how the sheets are to be read; the same headers will be read so again.

    :raises common.uploads.NotNow: unless the import waits for answers or shows its preview
    """
    with acting(by, f"Mapped for {source}"):
        demand_state(source, ImportState.ASKING, ImportState.PREVIEWED, ImportState.REFUSED)
        for mapping in mappings:
            if not mapping.preset:
                _remember(source, mapping)
        source.mappings = [mapping.as_json() for mapping in mappings]
        source.choices = choices.as_json()
        _queue(source, ImportState.READING, by=by)


def _remember(source: Import, mapping: SheetMapping) -> None:
    HeaderMapping.objects.update_or_create(
        company_id=source.company_id,
        signature=signature(mapping.headers),
        defaults={"kind": mapping.kind or "", "columns": dict(mapping.columns)},
    )


def choose(source: Import, *, choices: Choices, by: User) -> None:
    """
    Choose anew how the file is to be read, and have it read again.

    :raises common.uploads.NotNow: where it is imported already, or a job is under way
    """
    with transaction.atomic():
        demand_state(source, ImportState.ASKING, ImportState.PREVIEWED, ImportState.REFUSED)
        source.choices = choices.as_json()
        _queue(source, ImportState.READING, by=by)


def confirm(source: Import, *, leave_refused_out: bool, by: User) -> None:
    """
    Have the import done as its preview shows it.

    :raises common.uploads.NotNow: unless it shows a preview
    :raises RowsAreRefused: where rows are refused and shall not be left out
    """
    with transaction.atomic():
        demand_state(source, ImportState.PREVIEWED)
        if not leave_refused_out and count_of(source, Outcome.REFUSED):
            raise RowsAreRefused
        source.leaves_refused_out = leave_refused_out
        source.applied_by = by
        _queue(source, ImportState.APPLYING, by=by)


def undo(source: Import, *, by: User) -> None:
    """
    Have an import undone as a whole.

    :raises common.uploads.NotNow: unless it is imported
    """
    with transaction.atomic():
        demand_state(source, ImportState.APPLIED)
        source.undone_by = by
        _queue(source, ImportState.UNDOING, by=by)


def try_again(source: Import, *, by: User) -> None:
    """
    Queue the job of an import anew, where its worker was killed.

    :raises common.uploads.NotNow: where it is not interrupted
    """
    with transaction.atomic():
        demand_state(source, *JOBS)
        demand_interrupted(source)
        _queue(source, ImportState(source.state), by=by)


def count_of(source: Import, outcome: Outcome) -> int:
    """How many records of the file have an outcome."""
    return sum(counts.get(outcome, 0) for counts in source.figures.get("rows", {}).values())


def write_company(*, company: Company, sheet: SheetKind | None, by: User) -> WorkbookExport:
    """Have a company's records written: one sheet as CSV, or all as a workbook."""
    what = f"{sheet.label} of {company}" if sheet else f"All of {company}"
    return _ask_for_file(
        WorkbookExport(company=company, sheet=sheet or "", asked_by=by), title=f"Writing: {what}"
    )


def write_refused_rows(source: Import, *, by: User) -> WorkbookExport:
    """Have the refused rows of an import written as they came, with their reasons, to be mended."""
    export = WorkbookExport(company=source.company, refused_of=source, asked_by=by)
    return _ask_for_file(export, title=f"Writing the refused rows of {source.file.name}")


def _ask_for_file(export: WorkbookExport, *, title: str) -> WorkbookExport:
    with transaction.atomic():
        export.progress = JobProgress.objects.create(
            title=title, company_id=export.company_id, started_by=export.asked_by
        )
        export.save()
        app.configure_task("entitlements.tasks.write_workbook").defer(export_id=export.pk)
    return export


def _queue(source: Import, state: ImportState, *, by: User) -> None:
    task, verb = JOBS[state]
    title = f"{verb} {source.file.name}"
    set_on_its_way(source, state, title=title, company_id=source.company_id, by=by)
    # One import of a company at a time: the next one's preview has to see what this one did.
    configured = app.configure_task(task, lock=f"import-{source.company_id}")
    configured.defer(import_id=source.pk)
