"""Pages on which many entitlements are changed."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import ScopedRequest, needs
from accounts.at_once import change_page, undo_page
from accounts.roles import Capability
from entitlements.at_once import ENTITLEMENTS_AT_ONCE, EntitlementsForm
from entitlements.views.lists import EntitlementList


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def change_entitlements(request: ScopedRequest) -> HttpResponse:
    return change_page(
        request,
        EntitlementList(request),
        ENTITLEMENTS_AT_ONCE,
        EntitlementsForm,
        undo_view="undo-change-of-entitlements",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def undo_change(request: ScopedRequest, pk: int) -> HttpResponse:
    return undo_page(request, ENTITLEMENTS_AT_ONCE, pk, back=reverse("entitlements"))
