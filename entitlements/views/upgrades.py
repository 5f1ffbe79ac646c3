"""Upgrades of a license: which rights came to it, and which went from it to another."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from common.shown import count_of, day_text
from entitlements.models import Entitlement, LicenseType, UpgradedEntitlement
from entitlements.rights import TakenAway
from entitlements.rights_forms import DayAndReasonForm, UpgradeForm
from entitlements.services import add_upgrade, end_upgrade, rights_of_nowhere
from entitlements.views.dialogs import back_to, dialog, did, entitlement_to_change

SIDES = (
    "source__model",
    "source__definition",
    "target__model",
    "target__definition",
)


def parts_of_upgrades(license: Any, day: date) -> dict[str, Any]:
    """The section *Upgraded entitlements* of the page of a license."""
    touching = Q(source=license.pk) | Q(target=license.pk)
    moved = UpgradedEntitlement.objects.filter(touching).select_related(*SIDES)
    rows = list(moved.order_by("effective_on", "pk")) if license.sections.upgrades else []
    came = [row for row in rows if row.target_id == license.pk]
    return {
        "is_upgrade": license.license_type == LicenseType.UPGRADE,
        "upgraded_from": came,
        "upgrades_taken_back": any(row.ended_on for row in came),
        "upgraded_to": [row for row in rows if row.source_id == license.pk],
        "upgrade_warning": warning_of(license, came, day),
    }


def warning_of(license: Entitlement, came: Sequence[UpgradedEntitlement], day: date) -> str:
    """What is to be said where an upgrade does not tell for each right where it came from."""
    moved = [TakenAway(row.rights, row.effective_on, row.ended_on) for row in came]
    missing = rights_of_nowhere(license, moved, day=max(day, license.purchased_on))
    if not missing:
        return ""
    if missing == license.purchased_rights:
        return (
            "This upgrade names no license that it upgrades: until it does, the rights of both"
            " count, which is twice."
        )
    return (
        f"{missing:,} of its {license.purchased_rights:,} rights upgrade no license that is named:"
        " until it is, they count twice."
    )


def warn_of_nowhere(request: ScopedRequest, license: Entitlement) -> None:
    """Say after an upgrade was saved that some of its rights count twice."""
    if license.license_type != LicenseType.UPGRADE:
        return
    came = list(license.upgraded_from.all())
    if warning := warning_of(license, came, timezone.localdate()):
        messages.warning(request, warning)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add(request: ScopedRequest, pk: int) -> HttpResponse:
    target = entitlement_to_change(request, pk)
    form = UpgradeForm(request.POST or None, target=target)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: add_upgrade(target=target, by=request.user, **asked)):
            moved = count_of(asked["rights"], "right")
            return back_to(
                request,
                target.pk,
                f"{moved} moved here from {asked['source']} on {day_text(asked['effective_on'])}.",
            )
    return dialog(
        request, form, target, title="Add an upgraded entitlement", verb="Move the rights"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def end(request: ScopedRequest, pk: int) -> HttpResponse:
    visible = UpgradedEntitlement.objects.visible_to(request.scope.whole)
    upgrade = get_object_or_404(visible.select_related(*SIDES), pk=pk)
    target = entitlement_to_change(request, upgrade.target_id)
    form = DayAndReasonForm(
        request.POST or None,
        day=max(timezone.localdate(), upgrade.effective_on),
        label="Count there again from",
        help_text=f"{day_text(upgrade.effective_on)}: they never moved.",
    )
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: end_upgrade(upgrade=upgrade, by=request.user, **asked)):
            moved = count_of(upgrade.rights, "right")
            return back_to(request, target.pk, f"{moved} of {upgrade.source} count there again.")
    return dialog(
        request,
        form,
        target,
        title="Take the upgrade back",
        verb="Take it back",
        lead=(
            f"{count_of(upgrade.rights, 'right')} count at {upgrade.source} again. {target} keeps"
            " what it purchased: change that too where it was never bought."
        ),
        is_grave=True,
    )
