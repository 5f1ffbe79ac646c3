"""The time line of an entitlement: its page, and a file of what it shows."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from allocation.life import Event, Life, LostPlace, Place
from allocation.life_forms import LifeFilters
from allocation.life_sources import EventKind
from common.exports import TooManyRows
from common.lists.asked_list import EXPORT, EXPORTS
from common.shown import plain
from entitlements.models import Entitlement

AFTER = "after"
# What a record of an event has for a page.
PAGES = {EventKind.USE: "allocation", EventKind.SPLIT: "entitlement"}
HEADINGS = (
    "When",
    "Kind",
    "By",
    "What",
    "Of",
    "Field",
    "Before",
    "After",
    "Reason",
    "Run",
    "Import",
)


@require_safe
@needs(Capability.READ)
def history(request: ScopedRequest, pk: int) -> HttpResponseBase:
    """All that happened to an entitlement, a page at a time from the newest."""
    visible = Entitlement.objects.visible_to(request.scope.whole)
    entitlement = get_object_or_404(visible.select_related("model", "definition"), pk=pk)
    may_see_keys = request.scope.may(Capability.SEE_KEYS, entitlement.company_id)
    life = Life(entitlement, tells_of_keys=may_see_keys)
    filters = LifeFilters(request.GET, life=life)
    is_understood = filters.is_valid()
    found = life.asking(filters.asked)
    kind, problems = request.GET.get(EXPORT), []
    if kind in EXPORTS and is_understood:
        name = f"history-of-E-{entitlement.pk}"
        try:
            return EXPORTS[kind](name, HEADINGS, _lines(found.all()))
        except TooManyRows as error:
            problems.append(str(error))
    return _page(request, entitlement, found, filters, problems)


def _page(
    request: ScopedRequest,
    entitlement: Entitlement,
    life: Life,
    filters: LifeFilters,
    problems: list[str],
) -> HttpResponse:
    after, lost_its_place = _place(request)
    page = life.page(after)
    return render(
        request,
        "entitlements/history.html",
        {
            "entitlement": entitlement,
            "filters": filters,
            "is_narrowed": any(filters.data.get(name) for name in filters.fields),
            "problems": problems,
            "events": [(event, _address_of(event)) for event in page.events],
            "is_first": after is None,
            "lost_its_place": lost_its_place,
            "older": _address(request, **{AFTER: page.older.as_text()}) if page.older else "",
            "newest": _address(request),
            "exports": [
                ("CSV", _address(request, **{EXPORT: "csv"})),
                ("Excel (XLSX)", _address(request, **{EXPORT: "xlsx"})),
            ],
        },
        status=400 if EXPORT in request.GET else 200,
    )


def _place(request: HttpRequest) -> tuple[Place | None, bool]:
    """The place that the address names, and whether it names one that is none."""
    written = request.GET.get(AFTER, "")
    try:
        return (Place.from_text(written) if written else None), False
    except LostPlace:
        return None, True


def _address(request: HttpRequest, **changed: str) -> str:
    """This page as it is narrowed, from its beginning, with something more in its address."""
    asked = request.GET.copy()
    for name in (AFTER, EXPORT):
        asked.pop(name, None)
    for name, value in changed.items():
        asked[name] = value
    return f"{request.path}?{asked.urlencode()}"


def _address_of(event: Event) -> str:
    """The page of the record that something happened to, where it has one of its own."""
    view = PAGES.get(event.kind)
    return reverse(view, args=[event.record_id]) if view else ""


def _lines(events: Iterable[Event]) -> Iterator[list[Any]]:
    """A line for each field that changed; one for an event that changed none."""
    for event in events:
        told = event.chapter
        start = [told.at, str(event.kind.label), told.person, told.verb]
        start.append(f"{told.subject} {event.name}".strip())
        end = [told.reason, told.run_id, event.import_id]
        for change in event.changes:
            yield [*start, change.label, plain(change.old), plain(change.new), *end]
        if not event.changes:
            yield [*start, "", "", "", *end]
