"""Documents of entitlements."""

from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import documents
from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from entitlements.models import EntitlementDocument
from entitlements.views.dialogs import entitlement_to_change

OF_ENTITLEMENTS = documents.Kind(
    model=EntitlementDocument,
    owner="entitlement",
    related=("model", "definition"),
    listed_as="Entitlements",
    list_view="entitlements",
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add(request: ScopedRequest, pk: int) -> HttpResponse:
    return documents.add_page(request, OF_ENTITLEMENTS, entitlement_to_change(request, pk))


@require_safe
@needs(Capability.READ)
def download(request: ScopedRequest, pk: int) -> StreamingHttpResponse:
    return documents.download(request, OF_ENTITLEMENTS, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def remove(request: ScopedRequest, pk: int) -> HttpResponse:
    return documents.remove_page(request, OF_ENTITLEMENTS, pk)
