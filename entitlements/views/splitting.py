"""Splitting a license: first what it would do, then the split."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from allocation.services import foresee_split, split_license
from common.dialogs import go_to
from common.forms import say_refused
from common.locks import CompanyIsBusy
from common.shown import count_of
from entitlements.models import Entitlement
from entitlements.rights_forms import SplitForm
from entitlements.services import RightsRefused
from entitlements.views.dialogs import dialog, entitlement_to_change

ROWS_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def split(request: ScopedRequest, pk: int) -> HttpResponse:
    license = entitlement_to_change(request, pk)
    form = SplitForm(request.POST or None)
    shown: dict[str, Any] = {}
    if request.method == "POST" and "show" in request.POST:
        form.say_nothing_of_the_reason()
    if request.method == "POST" and form.is_valid():
        if "show" in request.POST:
            shown = _foreseen(license, form)
        elif (second := _split(request, license, form)) is not None:
            return go_to(request, reverse("entitlement", args=[second.pk]))
    return dialog(
        request,
        form,
        license,
        template="entitlements/split.html",
        title="Split license",
        verb="Split it",
        **shown,
    )


def _foreseen(license: Entitlement, form: SplitForm) -> dict[str, Any]:
    """What the two licenses would have; nothing where the form says why it cannot be."""
    rights = form.cleaned_data["rights"]
    try:
        divided = foresee_split(license=license, rights=rights, day=timezone.localdate())
    except RightsRefused as refused:
        say_refused(form, refused)
        return {}
    return {
        "rights": rights,
        "rest": (license.purchased_rights or 0) - rights,
        "divided": divided[:ROWS_SHOWN],
        "more": len(divided[ROWS_SHOWN:]),
    }


def _split(request: ScopedRequest, license: Entitlement, form: SplitForm) -> Entitlement | None:
    """The second record; None where the form says why there is none."""
    asked = form.cleaned_data
    try:
        second = split_license(license=license, day=timezone.localdate(), by=request.user, **asked)
    except (RightsRefused, CompanyIsBusy) as refused:
        say_refused(form, refused)
        return None
    messages.success(
        request, f"{count_of(asked['rights'], 'right')} of {license} were split off: this is them."
    )
    return second
