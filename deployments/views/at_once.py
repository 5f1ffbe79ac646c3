"""Pages on which many devices are changed."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import ScopedRequest, needs
from accounts.at_once import change_page, undo_page
from accounts.roles import Capability
from deployments.at_once import DEVICES_AT_ONCE, DevicesForm
from deployments.views.devices import DeviceList


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def change_devices(request: ScopedRequest) -> HttpResponse:
    return change_page(
        request,
        DeviceList(request),
        DEVICES_AT_ONCE,
        DevicesForm,
        undo_view="undo-change-of-devices",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def undo_change(request: ScopedRequest, pk: int) -> HttpResponse:
    return undo_page(request, DEVICES_AT_ONCE, pk, back=reverse("devices"))
