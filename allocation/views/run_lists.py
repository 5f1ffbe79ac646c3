"""The list of runs, what one run changed, what a preview would, and what two runs did apart."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet, Sum
from django.urls import reverse

from accounts.access import ScopedRequest
from accounts.models import Company
from accounts.roles import Capability
from allocation.comparison import Causes, Side, touched_by, what_it_did
from allocation.core.values import Rule
from allocation.explanation import Names, named, names_of, why_ended, why_made
from allocation.models import (
    Allocation,
    Basis,
    ConsolidateRun,
    EndReason,
    PreviewChange,
    RunPreview,
)
from allocation.steps import STEP_OF, Change, Step
from allocation.views.lists import RELATED, AllocationList, both_sides, in_short
from common.filters import AnyOfFilter, DayFilter
from common.lists import Chip, Column, RecordList, View
from common.models import JobState
from common.progress import interrupted
from common.searching import holding
from common.shown import Exact, State, Tone
from entitlements.models import Entitlement, ReturnAssignment
from entitlements.queries import NUMBERED_BY

INTERRUPTED = State("Interrupted", Tone.OVER)
STATES = {
    JobState.QUEUED: State("Waiting", Tone.SOON),
    JobState.RUNNING: State("Running", Tone.SOON),
    JobState.DONE: State("Done", Tone.FINE),
    JobState.STOPPED: State("Stopped", Tone.ENDED),
    JobState.FAILED: State("Failed", Tone.OVER),
}


def shown_states(runs: Sequence[ConsolidateRun]) -> dict[int, State]:
    """The states of runs as words; one whose process died is interrupted, whatever it says."""
    dead = interrupted([run.progress for run in runs if not run.is_over])
    return {
        run.pk: INTERRUPTED if run.progress_id in dead else STATES[JobState(run.state)]
        for run in runs
    }


def counted(counts: dict[str, dict[str, dict[str, int]]], change: Change, what: str) -> int:
    """A figure of a run over all its steps: ``records`` or ``units`` of one kind of change."""
    return sum(of_step.get(change.value, {}).get(what, 0) for of_step in counts.values())


def duration_text(duration: timedelta | None) -> str:
    """How long a run took: "40 ms", "2.4 s", "12 s", "3 min 20 s"."""
    if duration is None:
        return ""
    seconds = duration.total_seconds()
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


class RunFilters(django_filters.FilterSet):
    company = django_filters.ModelChoiceFilter(
        label="Company",
        queryset=lambda request: Company.objects.filter(pk__in=request.scope.companies()),
        empty_label="Any company",
    )
    state = AnyOfFilter(label="State", choices=JobState.choices)
    person = django_filters.CharFilter(label="Name has", method="filter_person")
    day_from = DayFilter(label="from", field_name="as_of", lookup_expr="gte")
    day_until = DayFilter(label="until", field_name="as_of", lookup_expr="lte")

    def filter_person(self, found: Any, name: str, text: str) -> Any:
        return found.filter(
            Q(started_by__username__icontains=text)
            | Q(started_by__first_name__icontains=text)
            | Q(started_by__last_name__icontains=text)
        )


class RunList(RecordList[ConsolidateRun]):
    view = "runs"
    name = "runs"
    title = "Runs"
    noun, nouns = "run", "runs"
    template = "allocation/run_list.html"
    filterset = RunFilters
    chips = (
        Chip("Company", ["company"]),
        Chip("State", ["state"]),
        Chip("Person", ["person"]),
        Chip("For the day", ["day_from", "day_until"]),
    )
    default_sort = "-run"
    request: ScopedRequest

    def records(self) -> QuerySet[ConsolidateRun]:
        visible = ConsolidateRun.objects.visible_to(self.request.scope)
        return visible.select_related("company", "started_by", "progress")

    def make_columns(self) -> Sequence[Column]:
        return (
            Column(name="run", label="Run", value=str, sort="pk"),
            Column(
                name="company",
                label="Company",
                value=lambda r: r.company.name,
                sort="company__name",
            ),
            Column(name="day", label="For the day", value=lambda r: r.as_of, sort="as_of"),
            Column(name="state", label="State", value=lambda r: r.shown_state, rank=1),
            *self._figures(),
            Column(
                name="person",
                label="Started by",
                value=lambda r: str(r.started_by or "The system"),
                rank=3,
            ),
            Column(
                name="at",
                label="Started",
                value=lambda r: Exact(r.started_at or r.asked_at),
                sort="asked_at",
            ),
            Column(name="took", label="Took", value=lambda r: took(r), is_number=True, rank=3),
        )

    def _figures(self) -> list[Column]:
        return [
            _figure(Change.ALLOCATED, "Allocated", rank=1),
            _figure(Change.ENDED, "Ended", rank=1),
            _figure(Change.MATCHED, "Matched", rank=3),
            _figure(Change.RETURNED, "Returned", rank=3),
        ]

    def attach(self, rows: Sequence[Any]) -> None:
        states = shown_states(rows)
        for run in rows:
            run.shown_state = states[run.pk]

    def is_ended(self, run: Any) -> bool:
        return run.state in (JobState.STOPPED, JobState.FAILED)

    def address(self, record: ConsolidateRun) -> str:
        return reverse("run", args=[record.pk])

    def empty_state(self) -> dict[str, str]:
        state = {
            "title": "No run yet",
            "text": "A run allocates the maintenance of a company to the licenses it covers."
            " Look at a preview first; nothing is written before you run it.",
        }
        if self.request.scope.companies(Capability.MANAGE):
            state |= {"action": "Consolidate", "address": reverse("consolidate")}
        return state


def _figure(change: Change, label: str, *, rank: int) -> Column:
    """How many records of one kind a run changed; empty where it was not applied."""

    def value(run: ConsolidateRun) -> int | None:
        return counted(run.counts, change, "records") if run.state == JobState.DONE else None

    return Column(name=change.value, label=label, value=value, is_number=True, rank=rank)


def took(run: ConsolidateRun) -> str:
    """How long a run worked; empty while it does."""
    if run.started_at is None or run.ended_at is None:
        return ""
    return duration_text(run.ended_at - run.started_at)


# --- What a run changed ---


def rules_of(steps: Sequence[str]) -> list[Rule]:
    """The rules that belong to some steps."""
    return [rule for rule, step in STEP_OF.items() if step in steps]


class MadeFilters(django_filters.FilterSet):
    step = AnyOfFilter(label="Step", choices=Step.choices, method="filter_step")
    basis = AnyOfFilter(label="Basis", choices=Basis.choices)

    def filter_step(self, found: Any, name: str, steps: list[str]) -> Any:
        return found.filter(rule__in=rules_of(steps)) if steps else found


class EndedFilters(django_filters.FilterSet):
    step = AnyOfFilter(label="Step", choices=Step.choices, method="filter_step")
    reason = AnyOfFilter(label="Reason", field_name="end_reason", choices=EndReason.choices)

    def filter_step(self, found: Any, name: str, steps: list[str]) -> Any:
        return found.filter(end_rule__in=rules_of(steps)) if steps else found


class OfRun:
    """What the lists of one run share: their run, and the page they stand on."""

    template = "allocation/run.html"
    context: dict[str, Any]
    nothing: str

    @property
    def run(self) -> ConsolidateRun:
        run: ConsolidateRun = self.context["run"]
        return run

    def empty_state(self) -> dict[str, str]:
        return {"title": self.nothing, "text": ""}


class AllocationsOfRun(OfRun, RecordList[Allocation]):
    """Allocations that a run made or ended."""

    numbered = AllocationList.numbered
    search = (
        "license__model__name",
        "license__asset_tag",
        "license__serial_number",
        "entitlement__asset_tag",
        "entitlement__serial_number",
        "entitlement__definition__name",
    )
    default_sort = "number"
    names: Names

    def make_columns(self) -> Sequence[Column]:
        return (
            *both_sides("Maintenance"),
            Column(
                name="units",
                label="Units",
                value=lambda a: a.quantity,
                sort="quantity",
                is_number=True,
                rank=1,
                total=Sum("quantity"),
            ),
            Column(name="step", label="Step", value=lambda a: self.step(a).label),
            self.how(),
            Column(name="why", label="Why", value=self.why, is_long=True),
            Column(
                name="number",
                label="Number",
                value=str,
                sort="pk",
                is_chosen=False,
                rank=3,
            ),
        )

    def how(self) -> Column:
        raise NotImplementedError

    def step(self, row: Allocation) -> Step:
        raise NotImplementedError

    def why(self, row: Allocation) -> str:
        raise NotImplementedError

    def attach(self, rows: Sequence[Allocation]) -> None:
        self.names = names_of(rows)

    def address(self, record: Allocation) -> str:
        return reverse("allocation", args=[record.pk])


class MadeInRun(AllocationsOfRun):
    view = name = "run-made"
    title = "Allocated"
    noun, nouns = "allocation", "allocations"
    nothing = "This run allocated nothing"
    filterset = MadeFilters
    chips = (Chip("Step", ["step"]), Chip("Basis", ["basis"]))

    def records(self) -> QuerySet[Allocation]:
        return made_in(self.run).select_related(*RELATED)

    def how(self) -> Column:
        return Column(
            name="basis", label="Basis", value=lambda a: a.get_basis_display(), sort="basis", rank=3
        )

    def step(self, row: Allocation) -> Step:
        return STEP_OF[Rule(row.rule)]

    def why(self, row: Allocation) -> str:
        return why_made(row, self.names)


class EndedInRun(AllocationsOfRun):
    view = name = "run-ended"
    title = "Ended"
    noun, nouns = "ended allocation", "ended allocations"
    nothing = "This run ended nothing"
    filterset = EndedFilters
    chips = (Chip("Step", ["step"]), Chip("Reason", ["reason"]))

    def records(self) -> QuerySet[Allocation]:
        return Allocation.objects.filter(ended_in_run=self.run).select_related(*RELATED)

    def how(self) -> Column:
        return Column(
            name="reason",
            label="Reason",
            value=lambda a: a.get_end_reason_display(),
            sort="end_reason",
        )

    def step(self, row: Allocation) -> Step:
        return STEP_OF[Rule(row.end_rule)]

    def why(self, row: Allocation) -> str:
        return why_ended(row, self.names)


class NoFilters(django_filters.FilterSet):
    """A list that is searched and sorted, and not filtered."""


class MatchedInRun(OfRun, RecordList[Entitlement]):
    view = name = "run-matched"
    title = "Serial numbers matched"
    noun, nouns = "match", "matches"
    nothing = "This run matched no serial number"
    filterset = NoFilters
    search = ("model__name", "asset_tag", "matched_serial", "definition__name")
    numbered = NUMBERED_BY
    default_sort = "position"

    def records(self) -> QuerySet[Entitlement]:
        matched = Entitlement.objects.filter(matched_run_id=self.run.pk)
        return matched.select_related("model", "definition")

    def make_columns(self) -> Sequence[Column]:
        return (
            Column(name="position", label="Maintenance", value=str, sort="model__name"),
            Column(
                name="serial",
                label="Serial number",
                value=lambda e: e.matched_serial,
                sort="matched_serial",
                rank=1,
            ),
            Column(
                name="units",
                label="Units",
                value=lambda e: e.purchased_rights,
                sort="purchased_rights",
                is_number=True,
            ),
            Column(name="why", label="Why", value=self.why, is_long=True),
        )

    def why(self, position: Entitlement) -> str:
        return Names(()).sentence(Rule.GROUP_MATCHED, position.matched_figures or ())

    def address(self, record: Entitlement) -> str:
        return reverse("entitlement", args=[record.pk])


class ReturnedInRun(OfRun, RecordList[ReturnAssignment]):
    view = name = "run-returned"
    title = "Returns assigned"
    noun, nouns = "assignment", "assignments"
    nothing = "This run assigned no return"
    filterset = NoFilters
    search = ("position__model__name", "position__asset_tag", "position__definition__name")
    numbered = {"E": ("position",)}
    default_sort = "position"

    def records(self) -> QuerySet[ReturnAssignment]:
        assigned = ReturnAssignment.objects.filter(made_in_run_id=self.run.pk)
        return assigned.select_related("position__model", "position__definition", "purchase_return")

    def make_columns(self) -> Sequence[Column]:
        return (
            Column(
                name="position",
                label="Maintenance",
                value=lambda r: str(r.position),
                sort="position__model__name",
            ),
            Column(
                name="return",
                label="Return of",
                value=lambda r: r.purchase_return.returned_on,
                sort="purchase_return__returned_on",
            ),
            Column(
                name="units",
                label="Units",
                value=lambda r: r.units,
                sort="units",
                is_number=True,
                rank=1,
                total=Sum("units"),
            ),
            Column(name="why", label="Why", value=self.why, is_long=True),
            Column(name="ended", label="Corrected on", value=lambda r: r.ended_on, rank=3),
        )

    def why(self, assignment: ReturnAssignment) -> str:
        return Names(()).sentence(assignment.rule, assignment.figures)

    def address(self, record: ReturnAssignment) -> str:
        return reverse("entitlement", args=[record.position_id])


def made_in(run: ConsolidateRun) -> QuerySet[Allocation]:
    """The allocations a run made, found by the span of their numbers."""
    if run.first_allocation_id is None:
        return Allocation.objects.none()
    span = (run.first_allocation_id, run.last_allocation_id)
    return Allocation.objects.filter(pk__range=span, made_in_run=run)


# --- What a run would change ---


class PreviewFilters(django_filters.FilterSet):
    step = AnyOfFilter(label="Step", choices=Step.choices)
    change = AnyOfFilter(label="Change", choices=Change.choices)
    company = django_filters.ModelChoiceFilter(
        label="Company",
        field_name="preview__company",
        queryset=lambda request: Company.objects.filter(pk__in=request.scope.companies()),
        empty_label="Any company",
    )


class PreviewList(RecordList[PreviewChange]):
    """What some previews, of one company each, foresee."""

    view = name = "preview"
    title = "Preview"
    noun, nouns = "change", "changes"
    template = "allocation/preview.html"
    filterset = PreviewFilters
    chips = (Chip("Step", ["step"]), Chip("Change", ["change"]), Chip("Company", ["company"]))
    views = (
        View("All changes"),
        View("Allocated", {"change": Change.ALLOCATED.value}),
        View("Ended", {"change": Change.ENDED.value}),
    )
    search = ("model__name", "asset_tag", "serial_number", "definition__name")
    numbered = NUMBERED_BY
    default_sort = "number"
    request: ScopedRequest
    names: Names

    @property
    def previews(self) -> Sequence[RunPreview]:
        previews: Sequence[RunPreview] = self.context["previews"]
        return previews

    def records(self) -> QuerySet[PreviewChange]:
        return PreviewChange.objects.filter(preview__in=[p.pk for p in self.previews])

    def matching(self, word: str) -> Q:
        """The rows hold numbers only: the word is looked for in what they stand for."""
        companies = [preview.company_id for preview in self.previews]
        found = Entitlement.objects.filter(
            holding(Entitlement, word, self.search, self.numbered), company__in=companies
        )
        return Q(position_id__in=found.values("pk")) | Q(license_id__in=found.values("pk"))

    def make_columns(self) -> Sequence[Column]:
        return (
            Column(name="subject", label="License or maintenance", value=self.subject),
            Column(name="position", label="Maintenance", value=self.position),
            Column(
                name="company",
                label="Company",
                value=lambda c: c.company_name,
                rank=3,
                is_chosen=len(self.previews) > 1,
            ),
            Column(
                name="change",
                label="Change",
                value=lambda c: Change(c.change).label,
                sort="change",
                rank=1,
            ),
            Column(
                name="units",
                label="Units",
                value=lambda c: c.units or None,
                sort="units",
                is_number=True,
                rank=1,
                total=Sum("units"),
            ),
            Column(name="step", label="Step", value=lambda c: Step(c.step).label, sort="step"),
            Column(name="why", label="Why", value=self.why, is_long=True),
            Column(
                name="number",
                label="Place in the run",
                value=lambda c: c.pk,
                sort="pk",
                is_number=True,
                is_chosen=False,
                is_exported=False,
            ),
        )

    def subject(self, change: Any) -> str:
        """What the row is about: the license, or where there is none the maintenance."""
        return str(change.license or change.position or "")

    def position(self, change: Any) -> str | None:
        return in_short(change.position) if change.license and change.position else None

    def why(self, change: Any) -> str:
        return self.names.sentence(change.rule, change.figures)

    def attach(self, rows: Sequence[Any]) -> None:
        self.names = Names([(row.rule, row.figures) for row in rows])
        companies = {preview.pk: preview.company.name for preview in self.previews}
        found = named(i for row in rows for i in (row.position_id, row.license_id) if i)
        for row in rows:
            row.license = found.get(row.license_id)
            row.position = found.get(row.position_id)
            row.company_name = companies[row.preview_id]

    def address(self, change: Any) -> str:
        subject = change.license or change.position
        return reverse("entitlement", args=[subject.pk]) if subject else ""

    def empty_state(self) -> dict[str, str]:
        return {
            "title": "A run would change nothing",
            "text": "Everything is allocated as the rules ask for on that day.",
        }


# --- What two runs did apart ---


class ComparisonFilters(django_filters.FilterSet):
    side = AnyOfFilter(label="Who did it", choices=Side.choices)


class ComparisonList(RecordList[Allocation]):
    """The allocations that two runs made or ended, with what each of them did."""

    view = name = "compare-runs"
    title = "Comparison"
    noun, nouns = "allocation", "allocations"
    template = "allocation/comparison.html"
    filterset = ComparisonFilters
    chips = (Chip("Who did it", ["side"], is_quiet=True),)
    search = AllocationsOfRun.search
    numbered = AllocationsOfRun.numbered
    default_sort = "number"
    request: ScopedRequest
    causes: Causes

    def __init__(
        self,
        request: ScopedRequest,
        *,
        first: ConsolidateRun,
        second: ConsolidateRun,
        **context: Any,
    ) -> None:
        self.first, self.second = first, second
        self.views = (  # type: ignore[misc]  # its labels name the runs
            View("All"),
            View(f"Only #{first.pk}", {"side": Side.FIRST.value}),
            View(f"Only #{second.pk}", {"side": Side.SECOND.value}),
            View("Both", {"side": Side.BOTH.value}),
        )
        super().__init__(request, first=first, second=second, **context)

    def records(self) -> QuerySet[Allocation]:
        return touched_by(self.first, self.second).select_related(*RELATED)

    def make_columns(self) -> Sequence[Column]:
        return (
            *both_sides("Maintenance"),
            Column(
                name="units",
                label="Units",
                value=lambda a: a.quantity,
                sort="quantity",
                is_number=True,
                total=Sum("quantity"),
            ),
            self._did("first", self.first),
            self._did("second", self.second),
            Column(name="cause", label="Cause", value=self.cause, is_long=True),
            Column(name="number", label="Number", value=str, sort="pk", is_chosen=False, rank=3),
        )

    @staticmethod
    def _did(name: str, run: ConsolidateRun) -> Column:
        return Column(
            name=name, label=f"#{run.pk} did", value=lambda a: what_it_did(run, a), rank=1
        )

    def cause(self, row: Allocation) -> str:
        return self.causes.sentence(row)

    def attach(self, rows: Sequence[Allocation]) -> None:
        self.causes = Causes(self.first, self.second, rows)

    def address(self, record: Allocation) -> str:
        return reverse("allocation", args=[record.pk])

    def empty_state(self) -> dict[str, str]:
        return {"title": "Neither run changed an allocation", "text": ""}
