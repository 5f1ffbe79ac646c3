"""Downgrade and upgrade rights of a license: which other versions it lets one use, and when."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from common.shown import State, Tone, day_text
from entitlements.models import DowngradeRight
from entitlements.rights_forms import AddDowngradeForm, ChangeDowngradeForm, DayAndReasonForm
from entitlements.services import (
    add_downgrade_right,
    change_downgrade_right,
    end_downgrade_right,
)
from entitlements.views.dialogs import back_to, dialog, did, entitlement_to_change


def parts_of_downgrades(license: Any, day: date) -> dict[str, Any]:
    """The section *Downgrade and upgrade rights* of the page of a license."""
    if not license.sections.downgrade_rights:
        return {"downgrade_rights": []}
    rights: list[Any] = list(license.downgrade_rights.select_related("model"))
    for right in rights:
        right.standing = _standing(right, day)
    return {"downgrade_rights": rights}


def _standing(right: DowngradeRight, day: date) -> State:
    if right.ends_on is not None and right.ends_on < day:
        return State("Ended", Tone.ENDED)
    if right.starts_on is not None and right.starts_on > day:
        return State("Not yet", Tone.SOON)
    return State("In force", Tone.FINE)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add(request: ScopedRequest, pk: int) -> HttpResponse:
    license = entitlement_to_change(request, pk)
    form = AddDowngradeForm(request.POST or None, initial={"order": 1})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: add_downgrade_right(entitlement=license, by=request.user, **asked)):
            return back_to(request, license.pk, f"{asked['model']} may be used under it.")
    return dialog(
        request,
        form,
        license,
        title="Add a downgrade or upgrade right",
        verb="Add the right",
        lead=(
            "Name another version that the license lets one use. Installations of it are served"
            " after those of the own model, by order."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def change(request: ScopedRequest, pk: int) -> HttpResponse:
    right = _right(request, pk)
    license = entitlement_to_change(request, right.entitlement_id)
    form = ChangeDowngradeForm(request.POST or None, right=right)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: change_downgrade_right(right=right, by=request.user, **asked)):
            return back_to(request, license.pk, f"The right to {right.model} was changed.")
    return dialog(request, form, license, title=f"Change the right to {right.model}", verb="Save")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def end(request: ScopedRequest, pk: int) -> HttpResponse:
    right = _right(request, pk)
    license = entitlement_to_change(request, right.entitlement_id)
    form = DayAndReasonForm(
        request.POST or None,
        day=max(timezone.localdate(), right.starts_on or date.min),
        label="Last day",
        help_text="It still counts.",
    )
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: end_downgrade_right(right=right, by=request.user, **asked)):
            return back_to(
                request, license.pk, f"The right to {right.model} ends on {day_text(asked['day'])}."
            )
    return dialog(
        request,
        form,
        license,
        title=f"End the right to {right.model}",
        verb="End it",
        lead="A right that has ended stays in the list: what it allowed until then was allowed.",
        is_grave=True,
    )


def _right(request: ScopedRequest, pk: int) -> DowngradeRight:
    visible = DowngradeRight.objects.visible_to(request.scope.whole)
    return get_object_or_404(visible.select_related("model", "entitlement"), pk=pk)
