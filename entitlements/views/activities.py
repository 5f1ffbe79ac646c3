"""Work notes on an entitlement: dated, signed, and never edited."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from entitlements.activity_forms import NoteForm
from entitlements.models import Entitlement
from entitlements.services import add_note
from entitlements.views.dialogs import back_to, dialog, did, entitlement_to_change

NOTES_ON_PAGE = 10
NOTES_OF_LIST = 50


def parts_of_activities(entitlement: Any) -> dict[str, Any]:
    """The section *Activities* of the page of an entitlement: its latest notes."""
    latest = entitlement.work_notes.select_related("written_by")[: NOTES_ON_PAGE + 1]
    notes = list(latest) if entitlement.sections.notes else []
    return {"work_notes": notes[:NOTES_ON_PAGE], "has_more_notes": len(notes) > NOTES_ON_PAGE}


@require_safe
@needs(Capability.READ)
def notes(request: ScopedRequest, pk: int) -> HttpResponse:
    """All work notes on an entitlement, a page at a time from the latest."""
    visible = Entitlement.objects.visible_to(request.scope.whole)
    entitlement = get_object_or_404(visible.select_related("model", "definition"), pk=pk)
    older = entitlement.work_notes.select_related("written_by")
    before = request.GET.get("before", "")
    if before.isdecimal():
        older = older.filter(pk__lt=int(before))
    found = list(older[: NOTES_OF_LIST + 1])
    return render(
        request,
        "entitlements/notes.html",
        {
            "entitlement": entitlement,
            "work_notes": found[:NOTES_OF_LIST],
            "older_than": found[NOTES_OF_LIST - 1].pk if len(found) > NOTES_OF_LIST else None,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add(request: ScopedRequest, pk: int) -> HttpResponse:
    entitlement = entitlement_to_change(request, pk)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: add_note(entitlement=entitlement, by=request.user, **asked)):
            return back_to(request, entitlement.pk, "The note was written.")
    return dialog(request, form, entitlement, title="Add a work note", verb="Add the note")
