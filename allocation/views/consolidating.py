"""Consolidate: a preview, the run that applies it, and the runs there were."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import ScopedRequest, needs
from accounts.models import Company
from accounts.roles import Capability
from allocation.comparison import counts_side_by_side
from allocation.forms import PreviewForm
from allocation.models import ConsolidateRun, RunPreview
from allocation.queries import last_applied_runs
from allocation.services import RunRefused, request_preview, request_run, stop
from allocation.steps import Change, Step
from allocation.views.run_lists import (
    ComparisonList,
    EndedInRun,
    MadeInRun,
    MatchedInRun,
    OfRun,
    PreviewList,
    ReturnedInRun,
    RunList,
    counted,
    shown_states,
    took,
)
from common.models import JobProgress, JobState
from common.progress import interrupted

RUNS_TO_COMPARE = 30
MOST_AT_ONCE = 50  # previews or runs on one page
NO_CONTENT_BUT_RELOAD = {"HX-Refresh": "true"}


# --- Preview ---


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def consolidate(request: ScopedRequest) -> HttpResponse:
    """Choose a day and companies, and ask for a preview."""
    today = timezone.localdate()
    form = PreviewForm(request.POST or None, scope=request.scope, today=today)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            previews = [
                request_preview(company=company, as_of=form.cleaned_data["day"], by=request.user)
                for company in form.cleaned_data["companies"]
            ]
        return redirect("preview", _numbers(previews))
    managed = request.scope.companies(Capability.MANAGE)
    return render(
        request,
        "allocation/consolidate.html",
        {
            "form": form,
            "under_way": _under_way(managed),
            "last_runs": last_applied_runs(managed),
        },
        status=422 if form.errors else 200,
    )


@require_safe
@needs(Capability.READ)
def preview(request: ScopedRequest, numbers: str) -> HttpResponseBase:
    """What runs would change; while it is being computed, how far that is."""
    previews = _previews(request, numbers)
    states = [ShownPreview(each) for each in previews]
    shown = PreviewList(
        request,
        previews=previews,
        numbers=numbers,
        shown_previews=states,
        is_under_way=any(state.is_under_way for state in states),
        is_whole=all(state.is_done for state in states),
        steps=_steps([each.counts for each in previews]),
        is_past=previews[0].as_of < timezone.localdate(),
        is_future=previews[0].as_of > timezone.localdate(),
        day=previews[0].as_of,
        hindrances=_hindrances(previews),
        may_run=_may_all(request, previews),
    )
    return shown.response()


@require_safe
@needs(Capability.READ)
def preview_progress(request: ScopedRequest, numbers: str) -> HttpResponse:
    """How far previews are; once all are over, the page is to be loaded again."""
    states = [ShownPreview(each) for each in _previews(request, numbers)]
    if not any(state.is_under_way for state in states):
        return HttpResponse(headers=NO_CONTENT_BUT_RELOAD)
    return render(
        request,
        "allocation/parts/preview_progress.html",
        {"shown_previews": states, "numbers": numbers},
    )


@require_POST
@needs(Capability.MANAGE)
def stop_preview(request: ScopedRequest, numbers: str) -> HttpResponse:
    previews = _previews(request, numbers)
    _demand_all(request, previews)
    for each in previews:
        stop(each.progress)
    messages.info(request, "The preview was asked to stop.")
    return redirect("preview", numbers)


@require_POST
@needs(Capability.MANAGE)
def run_preview(request: ScopedRequest, numbers: str) -> HttpResponse:
    """Apply what previews foresee, to the same records or not at all."""
    previews = _previews(request, numbers)
    _demand_all(request, previews)
    if not all(each.progress.state == JobState.DONE for each in previews):
        messages.error(request, "The preview is not finished. Wait for it, then run it.")
        return redirect("preview", numbers)
    try:
        with transaction.atomic():
            runs = [
                request_run(company=each.company, as_of=each.as_of, by=request.user, preview=each)
                for each in previews
            ]
    except RunRefused as refused:
        messages.error(request, str(refused))
        return redirect("preview", numbers)
    if len(runs) == 1:
        return redirect("run", runs[0].pk)
    return redirect("watch-runs", _numbers(runs))


class ShownPreview:
    """A preview as a page shows it."""

    def __init__(self, preview: RunPreview) -> None:
        self.preview = preview
        self.job: JobProgress = preview.progress
        self.is_interrupted = bool(interrupted([self.job]))

    @property
    def is_done(self) -> bool:
        return self.job.state == JobState.DONE

    @property
    def is_under_way(self) -> bool:
        return not self.job.is_over and not self.is_interrupted

    @property
    def problem(self) -> str:
        """Why there is nothing to see of it; empty where there is, or will be."""
        if self.is_interrupted:
            return "The preview was interrupted: the process that computed it was ended."
        if self.job.state == JobState.STOPPED:
            return "The preview was stopped."
        return self.job.problem


def _previews(request: ScopedRequest, numbers: str) -> list[RunPreview]:
    """The previews of some numbers, all of them; :raises Http404: if one cannot be seen."""
    ids = _ids(numbers)
    visible = RunPreview.objects.visible_to(request.scope.whole)
    found = visible.filter(pk__in=ids).select_related("company", "progress").order_by("pk")
    previews = list(found)
    if len(previews) != len(ids):
        raise Http404
    return previews


def _hindrances(previews: Sequence[RunPreview]) -> list[str]:
    """Why previews cannot be run, in sentences."""
    last_runs = {run.company_id: run for run in last_applied_runs({p.company_id for p in previews})}
    return [
        f"{each.company} has been consolidated for a later day ({last}), so this day can only be"
        " looked at."
        for each in previews
        if (last := last_runs.get(each.company_id)) and each.as_of < last.as_of
    ]


def _steps(all_counts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The counts of one or more runs by step and change, in order, where there are any."""
    steps = []
    for step in Step:
        for change in Change:
            found = [
                counts.get(step.value, {}).get(change.value, {"records": 0, "units": 0})
                for counts in all_counts
            ]
            records = sum(each["records"] for each in found)
            units = sum(each["units"] for each in found)
            if records:
                steps.append({"step": step, "change": change, "records": records, "units": units})
    return steps


def _under_way(companies: frozenset[int]) -> list[JobProgress]:
    """What writes in some companies now, or waits to; a preview writes nothing."""
    jobs = JobProgress.objects.filter(
        company_id__in=companies, state__in=(JobState.QUEUED, JobState.RUNNING), preview=None
    )
    found = list(jobs.select_related("started_by").order_by("pk"))
    dead = interrupted(found)
    names = Company.objects.in_bulk({job.company_id for job in found})
    for job in found:
        job.company_name = str(names.get(job.company_id, ""))  # type: ignore[attr-defined]
    return [job for job in found if job.pk not in dead]


# --- Runs ---


@require_safe
@needs(Capability.READ)
def run_list(request: ScopedRequest) -> HttpResponseBase:
    may_run = bool(request.scope.companies(Capability.MANAGE))
    return RunList(request, may_run=may_run).response()


PARTS: dict[str, type[OfRun]] = {
    "made": MadeInRun,
    "ended": EndedInRun,
    "matched": MatchedInRun,
    "returned": ReturnedInRun,
}


@require_safe
@needs(Capability.READ)
def run_page(request: ScopedRequest, pk: int, part: str = "made") -> HttpResponseBase:
    """A run: its counts by step, and one kind of its changes."""
    run = _run(request, pk)
    shown: Any = PARTS[part]
    page = shown(
        request,
        run=run,
        state=shown_states([run])[run.pk],
        is_under_way=_is_under_way(run),
        took=took(run),
        steps=_steps([run.counts]),
        tabs=_tabs(run, part),
        others=_others(run),
        may_run=request.scope.may(Capability.MANAGE, run.company_id),
        problem=_problem(run),
    )
    response: HttpResponseBase = page.response()
    return response


@require_safe
@needs(Capability.READ)
def run_progress(request: ScopedRequest, numbers: str) -> HttpResponse:
    """How far runs are; once all are over, the page is to be loaded again."""
    runs = _runs(request, numbers)
    if not any(_is_under_way(run) for run in runs):
        return HttpResponse(headers=NO_CONTENT_BUT_RELOAD)
    return render(
        request,
        "allocation/parts/run_progress.html",
        {"shown_runs": [_shown_run(request, run) for run in runs], "numbers": numbers},
    )


@require_safe
@needs(Capability.READ)
def watch_runs(request: ScopedRequest, numbers: str) -> HttpResponse:
    """Several runs that were started together."""
    runs = _runs(request, numbers)
    return render(
        request,
        "allocation/watch_runs.html",
        {
            "shown_runs": [_shown_run(request, run) for run in runs],
            "numbers": numbers,
            "is_under_way": any(_is_under_way(run) for run in runs),
            "day": runs[0].as_of,
            "may_consolidate": request.scope.may_anywhere(Capability.MANAGE),
        },
    )


@require_POST
@needs(Capability.MANAGE)
def stop_run(request: ScopedRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    request.scope.demand(Capability.MANAGE, run.company_id)
    if run.is_over:
        messages.info(request, f"{run} was over before it could be stopped.")
    else:
        stop(run.progress)
        messages.info(request, f"{run} was asked to stop: nothing of it will be written.")
    return redirect("run", run.pk)


@require_safe
@needs(Capability.READ)
def compare_runs(request: ScopedRequest, pk: int, other: int) -> HttpResponseBase:
    """Two runs side by side."""
    first, second = _run(request, pk), _run(request, other)
    if first.pk == second.pk:
        return redirect("run", first.pk)
    comparison = ComparisonList(
        request, first=first, second=second, steps=counts_side_by_side(first, second)
    )
    return comparison.response()


@require_safe
@needs(Capability.READ)
def choose_comparison(request: ScopedRequest, pk: int) -> HttpResponse:
    """Go to the comparison with the run that was chosen on a run's page."""
    run = _run(request, pk)
    chosen = request.GET.get("with", "").removeprefix("#")
    if not chosen.isascii() or not chosen.isdecimal() or len(chosen) > 18:
        messages.error(request, f"“{chosen}” is no number of a run. Write it as 41.")
        return redirect("run", run.pk)
    visible = ConsolidateRun.objects.visible_to(request.scope.whole)
    if not visible.filter(pk=int(chosen)).exists():
        messages.error(request, f"There is no consolidate #{chosen} that you can see.")
        return redirect("run", run.pk)
    return redirect("compare-runs", run.pk, int(chosen))


def _run(request: ScopedRequest, pk: int) -> ConsolidateRun:
    visible = ConsolidateRun.objects.visible_to(request.scope.whole)
    related = visible.select_related("company", "started_by", "progress")
    return get_object_or_404(related, pk=pk)


def _runs(request: ScopedRequest, numbers: str) -> list[ConsolidateRun]:
    return [_run(request, pk) for pk in _ids(numbers)]


def _is_under_way(run: ConsolidateRun) -> bool:
    return not run.is_over and not interrupted([run.progress])


def _shown_run(request: ScopedRequest, run: ConsolidateRun) -> dict[str, Any]:
    return {
        "run": run,
        "job": run.progress,
        "state": shown_states([run])[run.pk],
        "is_under_way": _is_under_way(run),
        "problem": _problem(run),
        "made": counted(run.counts, Change.ALLOCATED, "records"),
        "ended": counted(run.counts, Change.ENDED, "records"),
        "may_stop": request.scope.may(Capability.MANAGE, run.company_id),
    }


def _problem(run: ConsolidateRun) -> str:
    """Why a run wrote nothing, in a sentence; empty where it did, or still may."""
    if run.state == JobState.STOPPED:
        return "The run was stopped. Nothing was written."
    if not run.is_over and interrupted([run.progress]):
        return (
            "The run was interrupted: the process that worked on it was ended. Nothing was"
            " written, and the next run does the whole."
        )
    return run.problem


def _tabs(run: ConsolidateRun, part: str) -> list[dict[str, Any]]:
    labels = (
        ("made", "run", "Allocated", Change.ALLOCATED),
        ("ended", "run-ended", "Ended", Change.ENDED),
        ("matched", "run-matched", "Serial numbers matched", Change.MATCHED),
        ("returned", "run-returned", "Returns assigned", Change.RETURNED),
    )
    return [
        {
            "view": view,
            "label": label,
            "count": counted(run.counts, change, "records"),
            "is_current": part == name,
        }
        for name, view, label, change in labels
    ]


def _others(run: ConsolidateRun) -> list[ConsolidateRun]:
    """The runs of the same company that a run may be compared with, the nearest before it first."""
    done = ConsolidateRun.objects.filter(company=run.company_id, state=JobState.DONE)
    return list(done.exclude(pk=run.pk).order_by("-pk")[:RUNS_TO_COMPARE])


# --- Numbers in addresses: "41,42" ---


def _numbers(records: Sequence[ConsolidateRun | RunPreview]) -> str:
    return ",".join(str(record.pk) for record in records)


def _ids(numbers: str) -> list[int]:
    ids = sorted({int(number) for number in numbers.split(",")})
    if len(ids) > MOST_AT_ONCE or ids[-1] >= 2**63:
        raise Http404
    return ids


def _may_all(request: ScopedRequest, previews: Sequence[RunPreview]) -> bool:
    return all(request.scope.may(Capability.MANAGE, each.company_id) for each in previews)


def _demand_all(request: ScopedRequest, previews: Sequence[RunPreview]) -> None:
    for each in previews:
        request.scope.demand(Capability.MANAGE, each.company_id)
