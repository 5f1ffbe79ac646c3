"""Documents of contracts."""

from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import documents
from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from contracts.models import ContractDocument
from contracts.views.reading import contract_to_change

OF_CONTRACTS = documents.Kind(
    model=ContractDocument, owner="contract", listed_as="Contracts", list_view="contracts"
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add(request: ScopedRequest, pk: int) -> HttpResponse:
    return documents.add_page(request, OF_CONTRACTS, contract_to_change(request, pk))


@require_safe
@needs(Capability.READ)
def download(request: ScopedRequest, pk: int) -> StreamingHttpResponse:
    return documents.download(request, OF_CONTRACTS, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def remove(request: ScopedRequest, pk: int) -> HttpResponse:
    return documents.remove_page(request, OF_CONTRACTS, pk)
