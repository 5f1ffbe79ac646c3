"""
What a person can do with an inventory: have it read, answer its questions, confirm it. Each of
these only asks; the worker does it (``jobs``).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.db import transaction
from procrastinate.contrib.django import app

from accounts.models import Company, User
from common import kept_files
from common.uploads import demand_interrupted, demand_state, set_on_its_way
from deployments.inventory.choices import Choices, signature
from deployments.models import InventoryImport, InventoryState

# The job that moves an import on from a state, and what a person sees it called.
JOBS = {
    InventoryState.READING: ("deployments.tasks.read_inventory", "Reading"),
    InventoryState.APPLYING: ("deployments.tasks.apply_inventory", "Importing"),
}


def start_inventory(
    *,
    company: Company,
    name: str,
    content: Iterable[bytes],
    source: str,
    day: date,
    by: User,
    format: str = "",
    is_full: bool = False,
    choices: Choices | None = None,
) -> InventoryImport:
    """
    Keep a file and have it read; nothing else is written until a person confirms.

    :param source: names the inventory; only its own rows are gone where a full file omits them
    :param day: on which the file says what there was
    :param is_full: the file holds everything of its source
    """
    with transaction.atomic():
        started = keep_inventory(
            company=company,
            name=name,
            content=content,
            source=source,
            day=day,
            by=by,
            format=format,
            is_full=is_full,
            choices=choices or Choices(),
        )
        _queue(started, InventoryState.READING, by=by)
    return started


def keep_inventory(
    *,
    company: Company,
    name: str,
    content: Iterable[bytes],
    source: str,
    day: date,
    by: User,
    format: str,
    is_full: bool,
    choices: Choices,
) -> InventoryImport:
    """Keep a file that is to be read. The caller opens the transaction, and sees to the job."""
    return InventoryImport(
        company=company,
        file=kept_files.keep(company_id=company.pk, name=name, content=content, by=by),
        format=format,
        source=source,
        is_full=is_full,
        day=day,
        choices=choices.as_json(),
        started_by=by,
    )


def answer(source: InventoryImport, *, choices: Choices, by: User) -> None:
    """
    Say what the reader asked, and have the file read so; the same headers will be read so again.

    :raises common.uploads.NotNow: unless the import waits for answers
    """
    with transaction.atomic():
        demand_state(source, InventoryState.ASKING)
        headers = source.figures["asked"]["headers"]
        if headers and choices.columns:
            choices = replace(choices, headers=signature(headers))
        source.choices = choices.as_json()
        _queue(source, InventoryState.READING, by=by)


def read_again(source: InventoryImport, *, by: User) -> None:
    """
    Have a file read once more: its preview is old, or what refused it was mended.

    :raises common.uploads.NotNow: where it is imported already, or a job is under way
    """
    with transaction.atomic():
        demand_state(source, InventoryState.PREVIEWED, InventoryState.REFUSED)
        _queue(source, InventoryState.READING, by=by)


def confirm(source: InventoryImport, *, by: User) -> None:
    """
    Have the import done as its preview shows it.

    :raises common.uploads.NotNow: unless it shows a preview
    """
    with transaction.atomic():
        demand_state(source, InventoryState.PREVIEWED)
        source.applied_by = by
        _queue(source, InventoryState.APPLYING, by=by)


def try_again(source: InventoryImport, *, by: User) -> None:
    """
    Queue the job of an import anew, where its worker was killed.

    :raises common.uploads.NotNow: where it is not interrupted
    """
    with transaction.atomic():
        demand_state(source, *JOBS)
        demand_interrupted(source)
        _queue(source, InventoryState(source.state), by=by)


def new_progress(source: InventoryImport, state: InventoryState, *, by: User) -> None:
    """Set the import on its way: its state, and the progress of the job that will do it."""
    _, verb = JOBS[state]
    title = f"{verb} {source.file.name}"
    set_on_its_way(source, state, title=title, company_id=source.company_id, by=by)


def _queue(source: InventoryImport, state: InventoryState, *, by: User) -> None:
    new_progress(source, state, by=by)
    task, _ = JOBS[state]
    # One inventory of a company at a time: the next one's preview has to see what this one did.
    configured = app.configure_task(task, lock=f"inventory-{source.company_id}")
    configured.defer(import_id=source.pk)
