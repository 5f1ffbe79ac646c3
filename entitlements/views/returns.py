"""Returns: of a license, on its page; of maintenance, which consolidate spreads over positions."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from common.dialogs import dialog_or_page, go_to
from common.shown import count_of, day_text
from entitlements.models import Entitlement, PurchaseReturn
from entitlements.rights_forms import (
    ChangeReturnForm,
    DayAndReasonForm,
    MaintenanceReturnForm,
    ReturnForm,
)
from entitlements.services import (
    add_maintenance_return,
    add_return,
    change_maintenance_return,
    end_return_assignments,
    take_back_return,
)
from entitlements.views.dialogs import back_to, dialog, did, entitlement_to_change

MOST_SHOWN = 20
SPREAD_BY_RUNS = (
    "A return names definition and software model. Consolidate takes its units from the positions"
    " of those: what was bought at the price named first, then the newest."
)


def parts_of_returns(license: Any) -> dict[str, Any]:
    """The section *Returns* of the page of a license."""
    returns = license.returns.order_by("-returned_on", "-pk")
    return _shown(list(returns) if license.sections.returns else [])


def parts_of_maintenance_returns(position: Entitlement) -> dict[str, Any]:
    """The section *Returns* of the page of maintenance: those of its definition and model."""
    live = Q(assignments__ended_on=None)
    here = live & Q(assignments__position=position.pk)
    returns: list[Any] = list(
        PurchaseReturn.objects.filter(
            company=position.company_id, definition=position.definition_id, model=position.model_id
        )
        .annotate(
            assigned=Coalesce(Sum("assignments__units", filter=live), 0),
            taken_here=Coalesce(Sum("assignments__units", filter=here), 0),
        )
        .order_by("-returned_on", "-pk")[: MOST_SHOWN + 1]
    )
    for returned in returns:
        returned.pending = 0 if returned.ended_on else returned.quantity - returned.assigned
    return _shown(returns[:MOST_SHOWN]) | {"has_more_returns": len(returns) > MOST_SHOWN}


def _shown(returns: list[Any]) -> dict[str, Any]:
    return {"returns": returns, "returns_taken_back": any(each.ended_on for each in returns)}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add(request: ScopedRequest, pk: int) -> HttpResponse:
    """Return rights of a license, or units of maintenance like those on the page."""
    entitlement = entitlement_to_change(request, pk)
    if entitlement.is_maintenance:
        return _add_like(request, entitlement)
    form = ReturnForm(
        request.POST or None,
        initial={"day": timezone.localdate(), "currency": entitlement.currency},
    )
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: add_return(license=entitlement, by=request.user, **asked)):
            returned = count_of(asked["quantity"], "right")
            return back_to(
                request, entitlement.pk, f"{returned} returned on {day_text(asked['day'])}."
            )
    return dialog(request, form, entitlement, title="Return rights", verb="Return them")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add_of_maintenance(request: ScopedRequest) -> HttpResponse:
    """Return maintenance of any definition and model, on the way to consolidate."""
    companies = request.scope.companies(Capability.MANAGE)
    form = MaintenanceReturnForm(
        request.POST or None, companies=companies, initial={"day": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid() and _returned(request, form):
        return go_to(request, reverse("consolidate"))
    return dialog_or_page(
        request,
        "entitlements/return_maintenance.html",
        form,
        title="Return maintenance",
        verb="Return it",
        lead=SPREAD_BY_RUNS,
        back=reverse("consolidate"),
    )


def _add_like(request: ScopedRequest, position: Entitlement) -> HttpResponse:
    """Return maintenance of the definition and the model of a position."""
    form = MaintenanceReturnForm(
        request.POST or None,
        companies=[position.company_id],
        initial={
            "definition": position.definition_id,
            "model": position.model_id,
            "day": timezone.localdate(),
            "unit_price": position.unit_cost,
            "currency": position.currency,
        },
    )
    if request.method == "POST" and form.is_valid() and _returned(request, form):
        return go_to(request, reverse("entitlement", args=[position.pk]))
    return dialog(
        request,
        form,
        position,
        title="Return maintenance",
        verb="Return it",
        lead=SPREAD_BY_RUNS,
    )


def _returned(request: ScopedRequest, form: MaintenanceReturnForm) -> bool:
    asked = form.cleaned_data
    if not did(form, lambda: add_maintenance_return(by=request.user, **asked)):
        return False
    messages.success(
        request,
        f"{count_of(asked['quantity'], 'unit')} returned on {day_text(asked['day'])}."
        " The next run of consolidate takes them from positions.",
    )
    bought = Entitlement.objects.maintenance().filter(
        company=asked["company"],
        definition=asked["definition"],
        model=asked["model"],
        purchased_on__lte=asked["day"],
    )
    if not bought.exists():
        messages.warning(
            request,
            f"No {asked['definition']} for {asked['model']} was bought by"
            f" {day_text(asked['day'])}: the return waits until there is some.",
        )
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def change(request: ScopedRequest, position: int, pk: int) -> HttpResponse:
    """Correct a return of maintenance of which no run has taken units."""
    page, returned = _on_page(request, position, pk)
    form = ChangeReturnForm(request.POST or None, returned=returned)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(
            form, lambda: change_maintenance_return(returned=returned, by=request.user, **asked)
        ):
            return back_to(request, page.pk, "The return was changed.")
    return dialog(request, form, page, title="Change the return", verb="Save")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def give_back(request: ScopedRequest, position: int, pk: int) -> HttpResponse:
    """Give the units of a return back to the positions they were taken from."""
    page, returned = _on_page(request, position, pk)
    form = _day_form(request, returned, label="Count there again from")
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(
            form,
            lambda: end_return_assignments(purchase_return=returned, by=request.user, **asked),
        ):
            return back_to(
                request, page.pk, "Its units are back at their positions. The return is pending."
            )
    return dialog(
        request,
        form,
        page,
        title="Give its units back",
        verb="Give them back",
        lead=(
            f"The units of the return of {day_text(returned.returned_on)} go back to the positions"
            " they were taken from. The return can then be changed; the next run of consolidate"
            " spreads it anew."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def take_back(request: ScopedRequest, position: int, pk: int) -> HttpResponse:
    page, returned = _on_page(request, position, pk)
    form = _day_form(request, returned, label="Count again from")
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: take_back_return(returned=returned, by=request.user, **asked)):
            return back_to(
                request, page.pk, f"The return of {day_text(returned.returned_on)} was taken back."
            )
    return dialog(
        request,
        form,
        page,
        title="Take the return back",
        verb="Take it back",
        lead=f"{count_of(returned.quantity, 'unit')} count again. The return stays in the list.",
        is_grave=True,
    )


def _day_form(request: ScopedRequest, returned: PurchaseReturn, *, label: str) -> DayAndReasonForm:
    return DayAndReasonForm(
        request.POST or None, day=max(timezone.localdate(), returned.returned_on), label=label
    )


def _on_page(
    request: ScopedRequest, entitlement_id: int, pk: int
) -> tuple[Entitlement, PurchaseReturn]:
    """An entitlement that the person may change, and a return that its page lists."""
    page = entitlement_to_change(request, entitlement_id)
    listed = PurchaseReturn.objects.filter(company=page.company_id)
    if page.is_maintenance:
        listed = listed.filter(definition=page.definition_id, model=page.model_id)
    else:
        listed = listed.filter(entitlement=page.pk)
    return page, get_object_or_404(listed.select_related("definition", "model"), pk=pk)
