"""Pages of entitlements: the list, a license, a position of maintenance."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import ForeignKey
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.documents import documents_of
from accounts.roles import Capability
from allocation.figures import cover_of_licenses, units_of_positions
from allocation.queries import Drawn, drawn_on
from allocation.views.cover import parts_of_license, parts_of_maintenance
from allocation.views.license_use import parts_of_uses
from common.shown import Tags, Utilisation, ends_in
from common.stories import ShownStory, shown_story
from entitlements.models import (
    DowngradeRight,
    Entitlement,
    EntitlementDocument,
    ExpenseLine,
    PurchaseReturn,
    StatePeriod,
    UpgradedEntitlement,
)
from entitlements.queries import sections_of, tell_standing
from entitlements.views.activities import parts_of_activities
from entitlements.views.downgrades import parts_of_downgrades
from entitlements.views.expenses import parts_of_expenses
from entitlements.views.keys import parts_of_keys
from entitlements.views.lists import EntitlementList, shown_cover, shown_state
from entitlements.views.returns import parts_of_maintenance_returns, parts_of_returns
from entitlements.views.states import parts_of_states, substate_of
from entitlements.views.upgrades import parts_of_upgrades
from entitlements.warnings import warnings_of


@require_safe
@needs(Capability.READ)
def entitlement_list(request: ScopedRequest) -> HttpResponseBase:
    may_add = bool(request.scope.companies(Capability.MANAGE))
    return EntitlementList(request, may_add=may_add).response()


@require_safe
@needs(Capability.READ)
def entitlement_page(request: ScopedRequest, pk: int) -> HttpResponse:
    """The page of a license, or of maintenance."""
    today = timezone.localdate()
    entitlement = entitlement_in_scope(request, pk, today)
    template = "maintenance" if entitlement.is_maintenance else "license"
    if entitlement.is_maintenance:
        parts = _figures_of_maintenance(entitlement) | parts_of_maintenance(request, entitlement)
    else:
        drawn = drawn_on(entitlement)
        parts = _figures_of_license(entitlement, drawn, today)
        parts |= parts_of_license(entitlement, today, has_rows=drawn.has_cover)
        parts |= parts_of_uses(request, entitlement, drawn)
        parts |= parts_of_keys(request, entitlement)
    parts |= parts_of_states(entitlement, today) | parts_of_expenses(entitlement)
    parts |= parts_of_activities(entitlement)
    parts["documents"] = documents_of(entitlement) if entitlement.sections.documents else []
    return render(
        request,
        f"entitlements/{template}.html",
        {
            "entitlement": entitlement,
            "state": shown_state(entitlement.state_now, substate_of(parts["state_by_hand"])),
            "tags": Tags(entitlement.tags, reverse("entitlements")),
            "ends": ends_in(entitlement.ends_on, today) if entitlement.follows_dates else None,
            "story": _story(request, entitlement, parts),
            "may_change": request.scope.may(Capability.MANAGE, entitlement.company_id),
            "warnings": warnings_of(entitlement, today),
            **parts,
        },
    )


def _figures_of_license(license: Any, drawn: Drawn, day: date) -> dict[str, Any]:
    covered = cover_of_licenses([license.pk], day) if drawn.has_cover else {}
    return {
        "cover": shown_cover(license, covered, day),
        "taken_away": _taken_away(license),
        "group": _license_group(license),
        "splits": _splits(license),
        **parts_of_upgrades(license, day),
        **parts_of_downgrades(license, day),
        **parts_of_returns(license),
    }


def _figures_of_maintenance(position: Any) -> dict[str, Any]:
    units = units_of_positions([position])[position.pk]
    return {
        "units": units,
        "bar": Utilisation(total=units.net, used=units.used),
        "returned": _taken_away(position),
        "assignments": position.return_assignments.select_related("purchase_return"),
        **parts_of_maintenance_returns(position),
    }


def _taken_away(entitlement: Any) -> int:
    """How many of the purchased rights were returned or moved away by the day of the page."""
    if entitlement.rights_left is None:
        return 0
    taken: int = entitlement.purchased_rights - entitlement.rights_left
    return taken


def _license_group(license: Any) -> Any:
    """The other licenses that share the serial number."""
    if not license.serial_number:
        return Entitlement.objects.none()
    sharing = Entitlement.objects.licenses().filter(
        company=license.company_id, serial_number=license.serial_number
    )
    return sharing.exclude(pk=license.pk).select_related("model")[:20]


def _splits(license: Any) -> Sequence[Entitlement]:
    """The licenses that were split off from one."""
    if not license.sections.splits:
        return ()
    return list(license.split_into.select_related("model", "definition").order_by("pk"))


def entitlement_in_scope(request: ScopedRequest, pk: int, day: date) -> Any:
    """
    An entitlement that the person may see, else 404.

    It comes with its state and rights on a day, and with ``sections``: what hangs on it.
    """
    visible = Entitlement.objects.visible_to(request.scope.whole)
    # What most records have not is read where one has it: many tables joined take long to plan.
    related = visible.select_related(
        "company", "model__product__vendor", "definition", "metric__group", "contract__type"
    )
    entitlement: Any = get_object_or_404(related, pk=pk)
    entitlement.sections = sections_of(pk)
    tell_standing(entitlement, day, entitlement.sections)
    return entitlement


def _story(request: ScopedRequest, entitlement: Any, parts: dict[str, Any]) -> ShownStory:
    """
    What happened to an entitlement and to what its page lists.

    :param parts: of the page; of what it lists nothing of, there is no history to read
    """
    what = "the maintenance" if entitlement.is_maintenance else "the license"
    histories = {
        what: entitlement.history.all(),
    }
    if entitlement.sections.documents:
        # Removed ones as well, which the page lists no more.
        histories["a document"] = EntitlementDocument.history.filter(entitlement_id=entitlement.pk)
    by_hand = [line for line in parts["expense_lines"] if not line.is_of_purchase]
    listed: dict[str, tuple[Any, Sequence[Any]]] = {
        "a state": (StatePeriod, parts["state_periods"]),
        "a return": (PurchaseReturn, parts["returns"]),
        "an expense line": (ExpenseLine, by_hand),
        "an upgrade": (
            UpgradedEntitlement,
            [*parts.get("upgraded_from", ()), *parts.get("upgraded_to", ())],
        ),
        "a downgrade right": (DowngradeRight, parts.get("downgrade_rights", ())),
    }
    for subject, (model, records) in listed.items():
        if records:
            histories[subject] = model.history.filter(id__in=[each.pk for each in records])
    named = [
        getattr(entitlement, field.name)
        for field in Entitlement._meta.concrete_fields
        if isinstance(field, ForeignKey)
    ]
    return shown_story(
        request, histories, untold=["entitlement", "content_type"], known=[*named, request.user]
    )
