"""Imports of inventories: upload, questions, preview, progress. The administrators' alone."""

from collections.abc import Callable, Sequence
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import ScopedRequest, needs
from accounts.models import Company
from accounts.roles import Capability
from common import uploads
from common.downloads import as_download
from common.filters import AnyOfFilter
from common.kept_files import PIECE
from common.lists import Chip, Column, RecordList
from common.shown import State, Tone
from deployments.formats import FORMATS, template_csv
from deployments.forms import AnswerForm, UploadForm
from deployments.inventory import services
from deployments.inventory.choices import Choices
from deployments.models import InventoryImport, InventoryState

NO_CONTENT_BUT_RELOAD = {"HX-Refresh": "true"}

TONES = {
    InventoryState.READING: Tone.SOON,
    InventoryState.ASKING: Tone.SOON,
    InventoryState.PREVIEWED: Tone.SOON,
    InventoryState.APPLYING: Tone.SOON,
    InventoryState.APPLIED: Tone.FINE,
    InventoryState.REFUSED: Tone.OVER,
}


class InventoryFilters(django_filters.FilterSet):
    state = AnyOfFilter(label="State", field_name="state", choices=InventoryState.choices)
    source = django_filters.CharFilter(label="Source", lookup_expr="iexact")


class InventoryList(RecordList[InventoryImport]):
    view = "inventory-imports"
    name = "inventory-imports"
    title = "Inventory imports"
    noun, nouns = "import", "imports"
    template = "deployments/inventory_list.html"
    filterset = InventoryFilters
    chips = (Chip("State", ["state"]), Chip("Source", ["source"]))
    search = ("file__name", "source")
    default_sort = "-started"
    request: ScopedRequest

    def records(self) -> QuerySet[InventoryImport]:
        visible = InventoryImport.objects.visible_to(self.request.scope, Capability.ADMINISTER)
        return visible.select_related("file", "company", "started_by")

    def make_columns(self) -> Sequence[Column]:
        several = len(self.request.scope.companies(Capability.ADMINISTER)) > 1
        return (
            Column(name="file", label="File", value=lambda i: i.file.name, sort="file__name"),
            Column(name="state", label="State", value=shown_state, rank=1),
            Column(
                name="company",
                label="Company",
                value=lambda i: i.company.name,
                sort="company__name",
                rank=3,
                is_chosen=several,
            ),
            Column(name="source", label="Source", value=lambda i: i.source, sort="source"),
            Column(name="format", label="Format", value=format_label, rank=3),
            Column(name="day", label="Found on", value=lambda i: i.day, sort="day"),
            Column(name="devices", label="Devices", value=_devices, is_number=True),
            Column(name="rows", label="Installations", value=_installations, is_number=True),
            Column(name="by", label="By", value=lambda i: str(i.started_by), rank=3),
            Column(
                name="started", label="Uploaded", value=lambda i: i.started_at, sort="started_at"
            ),
        )

    def address(self, inventory: InventoryImport) -> str:
        return reverse("inventory-import", args=[inventory.pk])

    def empty_state(self) -> dict[str, str]:
        return {
            "title": "No inventory yet",
            "text": "Import what GLPI, OCS, osquery, Fleet, Intune, Microsoft Graph or another tool"
            " found: devices, what is installed on them, and who uses it.",
            "action": "Import an inventory",
            "address": reverse("add-inventory"),
        }


def shown_state(inventory: InventoryImport) -> State:
    state = InventoryState(inventory.state)
    return State(state.label, TONES[state])


def format_label(inventory: InventoryImport) -> str:
    known = FORMATS.get(inventory.format)
    return known.label if known else ""


def _devices(inventory: InventoryImport) -> int | None:
    counts = inventory.figures.get("counts")
    return counts["devices_new"] + counts["devices_seen"] if counts else None


def _installations(inventory: InventoryImport) -> int | None:
    counts = inventory.figures.get("counts")
    return counts["installations_new"] + counts["installations_seen"] if counts else None


# --- Pages ---


@require_safe
@needs(Capability.ADMINISTER)
def inventory_list(request: ScopedRequest) -> HttpResponseBase:
    return InventoryList(request).response()


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.ADMINISTER)
def add_inventory(request: ScopedRequest) -> HttpResponse:
    """Upload a file; it is read, and nothing is written before it is confirmed."""
    companies = Company.objects.filter(pk__in=request.scope.companies(Capability.ADMINISTER))
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        companies=companies,
        today=timezone.localdate(),
    )
    if request.method == "POST" and form.is_valid():
        started = _started(request, form)
        return redirect("inventory-import", started.pk)
    sources = InventoryImport.objects.visible_to(request.scope, Capability.ADMINISTER)
    return render(
        request,
        "deployments/add_inventory.html",
        {
            "form": form,
            "formats": FORMATS.values(),
            "sources": sources.order_by("source").values_list("source", flat=True).distinct(),
        },
        status=422 if form.errors else 200,
    )


def _started(request: ScopedRequest, form: UploadForm) -> InventoryImport:
    given = form.cleaned_data
    return services.start_inventory(
        company=given["company"],
        name=given["file"].name,
        content=given["file"].chunks(PIECE),
        source=given["source"].strip(),
        day=given["day"],
        format=given["format"],
        is_full=given["is_full"],
        choices=Choices(adds_people=given["adds_people"]),
        by=request.user,
    )


PARTS = {
    InventoryState.READING: "under_way",
    InventoryState.APPLYING: "under_way",
    InventoryState.ASKING: "asking",
    InventoryState.PREVIEWED: "previewed",
    InventoryState.APPLIED: "applied",
    InventoryState.REFUSED: "refused",
}


@require_safe
@needs(Capability.ADMINISTER)
def inventory_page(request: ScopedRequest, pk: int) -> HttpResponse:
    """Where an import stands, and what can be done with it now."""
    inventory = _inventory(request, pk)
    form = _answer_form(inventory) if inventory.state == InventoryState.ASKING else None
    return _page(request, inventory, form=form)


def _page(
    request: ScopedRequest, inventory: InventoryImport, *, form: AnswerForm | None = None
) -> HttpResponse:
    state = InventoryState(inventory.state)
    return render(
        request,
        f"deployments/inventory_{PARTS[state]}.html",
        {
            "inventory": inventory,
            "state": shown_state(inventory),
            "format": format_label(inventory),
            "counts": inventory.figures.get("counts", {}),
            "problems": inventory.figures.get("problems", []),
            "refused": inventory.figures.get("refused", 0),
            "omits_rows": inventory.figures.get("omits_rows", False),
            "unknown_people": inventory.figures.get("unknown_people", []),
            "is_interrupted": uploads.is_interrupted(inventory),
            "is_under_way": _is_under_way(inventory),
            "form": form,
        },
        status=422 if form is not None and form.errors else 200,
    )


def _answer_form(inventory: InventoryImport, posted: Any = None) -> AnswerForm:
    return AnswerForm(
        posted,
        asked=inventory.figures["asked"],
        choices=Choices.from_json(inventory.choices),
    )


@require_safe
@needs(Capability.ADMINISTER)
def inventory_progress(request: ScopedRequest, pk: int) -> HttpResponse:
    """How far the job is; once it is over, the page is to be loaded again."""
    inventory = _inventory(request, pk)
    if not _is_under_way(inventory):
        return HttpResponse(headers=NO_CONTENT_BUT_RELOAD)
    return render(request, "deployments/parts/inventory_progress.html", {"inventory": inventory})


@require_POST
@needs(Capability.ADMINISTER)
def answer_inventory(request: ScopedRequest, pk: int) -> HttpResponse:
    inventory = _inventory(request, pk)
    if inventory.state != InventoryState.ASKING:
        messages.warning(request, "This file waits for no answers any more.")
        return redirect("inventory-import", inventory.pk)
    form = _answer_form(inventory, request.POST)
    if not form.is_valid():
        return _page(request, inventory, form=form)
    return _do(
        request,
        inventory,
        lambda: services.answer(inventory, choices=form.answered, by=request.user),
    )


@require_POST
@needs(Capability.ADMINISTER)
def confirm_inventory(request: ScopedRequest, pk: int) -> HttpResponse:
    inventory = _inventory(request, pk)
    return _do(request, inventory, lambda: services.confirm(inventory, by=request.user))


@require_POST
@needs(Capability.ADMINISTER)
def stop_inventory(request: ScopedRequest, pk: int) -> HttpResponse:
    inventory = _inventory(request, pk)
    return _do(request, inventory, lambda: uploads.stop(inventory))


@require_POST
@needs(Capability.ADMINISTER)
def retry_inventory(request: ScopedRequest, pk: int) -> HttpResponse:
    inventory = _inventory(request, pk)
    return _do(request, inventory, lambda: services.try_again(inventory, by=request.user))


@require_POST
@needs(Capability.ADMINISTER)
def read_inventory_again(request: ScopedRequest, pk: int) -> HttpResponse:
    inventory = _inventory(request, pk)
    return _do(request, inventory, lambda: services.read_again(inventory, by=request.user))


def _do(
    request: ScopedRequest, inventory: InventoryImport, service: Callable[[], None]
) -> HttpResponse:
    try:
        service()
    except uploads.NotNow as refusal:
        messages.warning(request, str(refusal))
    return redirect("inventory-import", inventory.pk)


@require_safe
@needs(Capability.ADMINISTER)
def inventory_file(request: ScopedRequest, pk: int) -> HttpResponseBase:
    return as_download(_inventory(request, pk).file)


@require_safe
@needs(Capability.ADMINISTER)
def inventory_template(request: ScopedRequest) -> HttpResponse:
    """The table to fill in where no tool exports one."""
    return HttpResponse(
        template_csv().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="inventory template.csv"'},
    )


def _inventory(request: ScopedRequest, pk: int) -> InventoryImport:
    """:raises Http404: where it is none of the companies that the person administers"""
    visible = InventoryImport.objects.visible_to(request.scope.whole, Capability.ADMINISTER)
    related = visible.select_related("file", "company", "progress", "started_by", "applied_by")
    return get_object_or_404(related, pk=pk)


def _is_under_way(inventory: InventoryImport) -> bool:
    return inventory.state in services.JOBS and not uploads.is_interrupted(inventory)
