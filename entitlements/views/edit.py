"""Entering and changing entitlements."""

from typing import Any

from django.contrib import messages
from django.forms import model_to_dict
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from allocation.queries import numbers_of
from allocation.views.license_use import shown_available
from common.forms import say_refused
from common.locks import CompanyIsBusy
from entitlements.forms import EntitlementForm, LicenseForm, MaintenanceForm
from entitlements.models import Entitlement, Kind
from entitlements.services import RightsRefused, save_entitlement
from entitlements.services.library import SeveralModelsFit
from entitlements.views.dialogs import entitlement_to_change
from entitlements.views.pages import entitlement_in_scope
from entitlements.views.upgrades import warn_of_nowhere
from entitlements.warnings import warnings_of

FORMS: dict[Kind, type[EntitlementForm]] = {
    Kind.LICENSE: LicenseForm,
    Kind.MAINTENANCE: MaintenanceForm,
}
# What tells one record from another is not copied with the rest.
NOT_COPIED = {"asset_tag", "serial_number", "license_number"}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add_entitlement(request: ScopedRequest, kind: Kind) -> HttpResponse:
    """Add an entitlement; as a copy of another one, where the address says ``copy_of``."""
    source = _copied(request, kind)
    form = FORMS[kind](
        request.POST or None,
        scope=request.scope.whole if source else request.scope,
        initial=_initial_of(source),
    )
    if request.method == "POST" and (entitlement := _saved(request, form)):
        messages.success(request, f"{entitlement.display_name} was added.")
        _warn(request, entitlement)
        return redirect("entitlement", entitlement.pk)
    what = "a license" if kind == Kind.LICENSE else "maintenance"
    return _form_page(request, form, title=f"Add {what}", verb=f"Add {what}", copied=source)


def _copied(request: ScopedRequest, kind: Kind) -> Entitlement | None:
    """
    The entitlement to begin with.

    :raises Http404: where the person does not see it, or it is of the other kind
    :raises PermissionDenied: where the person may only read it
    """
    key = request.GET.get("copy_of", "")
    if not key:
        return None
    if not (key.isascii() and key.isdecimal()):
        raise Http404
    source = entitlement_to_change(request, int(key))
    if source.kind != kind:
        raise Http404
    return source


def _initial_of(source: Entitlement | None) -> dict[str, Any]:
    """With what the form of a new entitlement begins."""
    if source is None:
        return {}
    copied = set(FORMS[Kind(source.kind)].base_fields) - NOT_COPIED
    return {**model_to_dict(source, fields=copied), "reason": f"Copied from {source}"[:500]}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def edit_entitlement(request: ScopedRequest, pk: int) -> HttpResponse:
    entitlement = entitlement_in_scope(request, pk, timezone.localdate())
    request.scope.demand(Capability.MANAGE, entitlement.company_id)
    # As it is called now: the form gives what it is checking to the same record.
    title = f"Change {entitlement.display_name}"
    form = FORMS[Kind(entitlement.kind)](
        request.POST or None, instance=entitlement, scope=request.scope.whole
    )
    if request.method == "POST" and _saved(request, form):
        messages.success(request, f"{entitlement.display_name} was changed.")
        _warn(request, entitlement)
        return redirect("entitlement", entitlement.pk)
    return _form_page(request, form, title=title, verb="Save the changes")


def _warn(request: ScopedRequest, entitlement: Entitlement) -> None:
    """Say what was saved all the same, and should be looked at."""
    for warning in warnings_of(entitlement, timezone.localdate()):
        messages.warning(request, warning)
    warn_of_nowhere(request, entitlement)
    _warn_of_over_allocation(request, entitlement)


def _warn_of_over_allocation(request: ScopedRequest, entitlement: Entitlement) -> None:
    """Say that more of a license is allocated than it grants: it may be, and should be known."""
    numbers = numbers_of(entitlement)
    if numbers is not None and numbers.over_allocated:
        messages.warning(
            request,
            f"It is over-allocated by {numbers.over_allocated:,}: {numbers.consumed:,} are"
            f" allocated and {numbers.entitled:,} entitled. End or lower allocations, or buy more.",
        )


def _saved(request: ScopedRequest, form: EntitlementForm) -> Entitlement | None:
    """The entitlement as saved; None where the form says why it was not."""
    if not form.is_valid():
        return None
    try:
        return save_entitlement(
            form.save(commit=False), by=request.user, reason=form.cleaned_data["reason"]
        )
    except CompanyIsBusy as busy:
        form.add_error(None, str(busy))
    except SeveralModelsFit as several:
        form.add_error("model", str(several))
    except RightsRefused as refused:
        say_refused(form, refused)
    return None


def _form_page(
    request: ScopedRequest,
    form: EntitlementForm,
    *,
    title: str,
    verb: str,
    copied: Entitlement | None = None,
) -> HttpResponse:
    """The form on its page; for the script that draws it anew, its fields alone."""
    is_fields_alone = form.is_drawn_anew and "HX-Request" in request.headers
    response = render(
        request,
        f"entitlements/{'parts/form_fields' if is_fields_alone else 'form'}.html",
        {
            "form": form,
            "title": title,
            "verb": verb,
            "entitlement": form.instance,
            "copied": copied,
            "rights": _rights_of(form),
        },
        status=422 if form.errors else 200,
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def _rights_of(form: EntitlementForm) -> list[tuple[str, object]]:
    """What a license grants and what is left of it, to be read beside the fields that decide it."""
    numbers = numbers_of(form.instance) if form.instance.pk else None
    contract = form.chosen("contract")
    if numbers is None or (contract is not None and contract.type.is_enterprise):
        return []
    active = "Unlimited" if numbers.entitled is None else numbers.entitled
    return [("Active rights", active), ("Allocations available", shown_available(numbers))]
