"""
Consolidate on the database: runs that are applied, and previews that are not.

A run decides and saves in one transaction, under the company's exclusive lock. That transaction
also sets the run to *done*: however often it is taken up again after its process was killed, it is
applied once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import Company, User
from allocation.deciding import Decision, address_of, decide, decide_apart
from allocation.models import ConsolidateRun, PreviewChange, RunPreview
from allocation.queries import last_applied_run, raw_connection
from allocation.saving import save_preview, save_run
from allocation.steps import count
from common.acting import acting
from common.locks import CompanyIsBusy, hold_exclusively
from common.models import JobProgress, JobState
from common.progress import StopAsked, ask_to_stop, running
from common.shown import day_text
from common.watching import Unwatched, Watcher

SECONDS_BETWEEN_ATTEMPTS = 1.0
PREVIEWS_LAST = timedelta(days=1)
PREVIEWS_KEPT = 20  # of a company


class RunRefused(Exception):
    """A run cannot be applied; the message says why, and what to do instead."""


class DayBeforeLastRun(RunRefused):
    """A run cannot be applied for a day before the last one's."""


class ChangedSincePreview(RunRefused):
    """The records are no longer those of the preview that the run was to apply."""


def request_run(
    *, company: Company, as_of: date, by: User, preview: RunPreview | None = None
) -> ConsolidateRun:
    """
    Ask the worker for a run.

    :param preview: what a person saw and agreed to: the run is applied to the same records or not
    :raises DayBeforeLastRun: where the company has been consolidated for a later day
    """
    with transaction.atomic():
        run = new_run(company=company, as_of=as_of, by=by, preview=preview)
        # One after the other in a company: others wait here rather than in a worker.
        job = app.configure_task("allocation.tasks.consolidate", lock=f"company-{company.pk}")
        job.defer(run_id=run.pk)
        return run


def request_preview(*, company: Company, as_of: date, by: User) -> RunPreview:
    """Ask the worker for a preview; any day can be previewed."""
    with transaction.atomic():
        preview = new_preview(company=company, as_of=as_of, by=by)
        app.configure_task("allocation.tasks.preview").defer(preview_id=preview.pk)
        return preview


def stop(job: JobProgress) -> None:
    """Ask a run or a preview to stop: at its next step it does, and everything is as before."""
    ask_to_stop(job)


def new_run(
    *, company: Company, as_of: date, by: User | None, preview: RunPreview | None = None
) -> ConsolidateRun:
    """
    A run that waits to be carried out.

    :raises DayBeforeLastRun: where the company has been consolidated for a later day
    """
    _demand_day(company, as_of)
    with transaction.atomic():
        progress = JobProgress.objects.create(company_id=company.pk, started_by=by)
        run = ConsolidateRun.objects.create(
            company=company,
            as_of=as_of,
            started_by=by,
            progress=progress,
            expected_fingerprint=preview.fingerprint if preview else "",
        )
        _entitle(progress, str(run))
        return run


def new_preview(*, company: Company, as_of: date, by: User) -> RunPreview:
    """A preview that waits to be computed; any day can be previewed. Old ones are thrown away."""
    with transaction.atomic():
        _purge_previews(company)
        progress = JobProgress.objects.create(company_id=company.pk, started_by=by)
        preview = RunPreview.objects.create(
            company=company, as_of=as_of, asked_by=by, progress=progress
        )
        _entitle(progress, f"Preview of consolidate for {day_text(as_of)}")
        return preview


def carry_out(run_id: int, *, patient: bool = True, watcher: Watcher | None = None) -> None:
    """
    Carry a run out, unless it is over; to be called outside of any transaction.

    :param patient: whether to wait for whoever has the company, rather than to give up
    :param watcher: is told the progress too, besides the run's own
    :raises CompanyIsBusy: if it is not patient
    :raises DayBeforeLastRun: where another run for a later day came first
    :raises ChangedSincePreview: where the run was to apply a preview of other records
    """
    run = ConsolidateRun.objects.select_related("progress", "started_by").get(pk=run_id)
    with running(run.progress) as progress:
        # Whoever took it up before is dead or done: only one holds a job's progress.
        run.refresh_from_db(fields=["state"])
        if run.is_over:
            return
        with _noting_how_it_ends(run):
            _note(run, state=JobState.RUNNING, started_at=timezone.now())
            _carry_out_watched(run, _Both(progress, watcher or Unwatched()), patient)


def run_now(*, company: Company, as_of: date, by: User | None) -> ConsolidateRun:
    """
    Carry a run out at once, within the caller's transaction.

    :raises CompanyIsBusy: while somebody else has the company
    :raises DayBeforeLastRun: where the company has been consolidated for a later day
    """
    with transaction.atomic():
        run = new_run(company=company, as_of=as_of, by=by)
        run.started_at = timezone.now()
        with acting(by, _reason(run), run=run.pk):
            hold_exclusively(company.pk)
            decision = decide(raw_connection(), company=company.pk, day=as_of, watcher=Unwatched())
            _apply(run, decision, Unwatched())
        JobProgress.objects.filter(pk=run.progress_id).update(
            state=JobState.DONE, started_at=run.started_at, ended_at=run.ended_at
        )
        return run


def carry_out_preview(preview_id: int) -> None:
    """Compute a preview and store it; to be called outside of any transaction."""
    preview = RunPreview.objects.select_related("progress").get(pk=preview_id)
    with running(preview.progress) as progress:
        # Whoever took it up before is dead or done: only one holds a job's progress.
        preview.refresh_from_db(fields=["fingerprint"])
        if preview.fingerprint:
            return
        decision = foresee(company=preview.company, as_of=preview.as_of, watcher=progress)
        with transaction.atomic():
            save_preview(preview, decision.changes, progress)
            preview.fingerprint = decision.fingerprint
            preview.counts = count(decision.changes)
            preview.save(update_fields=["fingerprint", "counts"])


def foresee(*, company: Company, as_of: date, watcher: Watcher) -> Decision:
    """What a run for a day would change, on today's allocations; nothing is written."""
    return decide_apart(
        address_of(raw_connection()), company=company.pk, day=as_of, watcher=watcher
    )


class _Both:
    """Tells two watchers."""

    def __init__(self, *watchers: Watcher) -> None:
        self._watchers = watchers

    def step(self, name: str, total: int = 0) -> None:
        for watcher in self._watchers:
            watcher.step(name, total)

    def move_to(self, done: int) -> None:
        for watcher in self._watchers:
            watcher.move_to(done)


def _carry_out_watched(run: ConsolidateRun, watcher: Watcher, patient: bool) -> None:
    with acting(run.started_by, _reason(run), run=run.pk):
        _take_company(run, watcher, patient)
        # Read over connections of its own, which see what others committed before the lock.
        decision = decide_apart(
            address_of(raw_connection()), company=run.company_id, day=run.as_of, watcher=watcher
        )
        _apply(run, decision, watcher)
        # Else they were checked at the very end, without a step to show. That takes long for many.
        watcher.step("Checking references")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _take_company(run: ConsolidateRun, watcher: Watcher, patient: bool) -> None:
    while True:
        try:
            return hold_exclusively(
                run.company_id, job=run.progress, seconds=SECONDS_BETWEEN_ATTEMPTS
            )
        except CompanyIsBusy as busy:
            if not patient:
                raise
            watcher.step(f"Waiting: {busy}")


def _apply(run: ConsolidateRun, decision: Decision, watcher: Watcher) -> None:
    """Save what was decided, and the run as done with it."""
    _demand_day(run.company, run.as_of)  # again: another run may have come first
    if run.expected_fingerprint not in ("", decision.fingerprint):
        raise ChangedSincePreview(
            "The records have changed since the preview, so nothing was written."
            " Look at a new preview, and run that."
        )
    run.ended_at = timezone.now()
    save_run(run, decision.changes, run.ended_at, watcher)
    run.state = JobState.DONE
    run.fingerprint = decision.fingerprint
    run.counts = count(decision.changes)
    run.save(
        update_fields=[
            "state",
            "started_at",
            "ended_at",
            "fingerprint",
            "counts",
            "first_allocation_id",
            "last_allocation_id",
        ]
    )


def _demand_day(company: Company, as_of: date) -> None:
    last = last_applied_run(company.pk)
    if last is not None and as_of < last.as_of:
        raise DayBeforeLastRun(
            f"{company} has been consolidated for {day_text(last.as_of)} ({last}):"
            f" a run for {day_text(as_of)} would rewrite the past."
            " Choose that day or a later one; any day can be previewed."
        )


@contextmanager
def _noting_how_it_ends(run: ConsolidateRun) -> Iterator[None]:
    try:
        yield
    except (StopAsked, KeyboardInterrupt):
        _note(run, state=JobState.STOPPED, ended_at=timezone.now())
        raise
    except Exception as problem:
        words = str(problem) or type(problem).__name__
        _note(run, state=JobState.FAILED, ended_at=timezone.now(), problem=words)
        raise


def _note(run: ConsolidateRun, **columns: Any) -> None:
    """
    Write columns of a run at once, for others to see.

    Not where it is done: whatever came just after that has not undone it.
    """
    unfinished = ConsolidateRun.objects.filter(pk=run.pk).exclude(state=JobState.DONE)
    if not unfinished.update(**columns):
        return
    for name, value in columns.items():
        setattr(run, name, value)


def _entitle(progress: JobProgress, title: str) -> None:
    progress.title = title
    progress.save(update_fields=["title"])


def _reason(run: ConsolidateRun) -> str:
    return f"{run} for {day_text(run.as_of)}"


def _purge_previews(company: Company) -> None:
    of_company = RunPreview.objects.filter(company=company).order_by("-pk")
    kept = of_company.filter(asked_at__gte=timezone.now() - PREVIEWS_LAST)[: PREVIEWS_KEPT - 1]
    old = of_company.exclude(pk__in=[preview.pk for preview in kept])
    jobs = list(old.values_list("progress", flat=True))
    PreviewChange.objects.filter(preview__in=old).delete()
    old.delete()
    JobProgress.objects.filter(pk__in=jobs).delete()
