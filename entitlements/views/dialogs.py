"""What the dialogs on the page of an entitlement share."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.access import ScopedRequest
from accounts.roles import Capability
from common.dialogs import dialog_or_page, go_to
from common.forms import say_refused
from common.locks import CompanyIsBusy
from entitlements.models import Entitlement
from entitlements.services import ExpenseRefused, NothingWritten, RightsRefused

RELATED = ("company", "model__product__vendor", "definition", "metric__group")


def entitlement_to_change(request: ScopedRequest, pk: int) -> Entitlement:
    """
    The entitlement that an address names, for whoever may change it.

    :raises Http404: where it does not exist for the person
    :raises PermissionDenied: where the person may only read it
    """
    visible = Entitlement.objects.visible_to(request.scope.whole).select_related(*RELATED)
    entitlement = get_object_or_404(visible, pk=pk)
    request.scope.demand(Capability.MANAGE, entitlement.company_id)
    return entitlement


def did(form: forms.Form, act: Callable[[], object]) -> bool:
    """Whether a service did what a form asks for; the form says why it did not."""
    try:
        act()
    except (RightsRefused, ExpenseRefused, NothingWritten, CompanyIsBusy) as refused:
        say_refused(form, refused)
        return False
    return True


def dialog(
    request: ScopedRequest, form: forms.Form, entitlement: Entitlement, **shown: Any
) -> HttpResponse:
    """
    A form about an entitlement, as a dialog or a page.

    :param shown: ``title``, ``verb``, and where there are: ``lead``, a sentence on what becomes of
        it, and ``is_grave``, where something ends
    """
    return dialog_or_page(
        request,
        shown.pop("template", "entitlements/dialog.html"),
        form,
        entitlement=entitlement,
        back=reverse("entitlement", args=[entitlement.pk]),
        **shown,
    )


def back_to(request: ScopedRequest, entitlement_id: int, said: str) -> HttpResponse:
    """On to the page of an entitlement, with what was done."""
    messages.success(request, said)
    return go_to(request, reverse("entitlement", args=[entitlement_id]))
