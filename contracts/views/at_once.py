"""Pages on which many contracts are changed."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import ScopedRequest, needs
from accounts.at_once import change_page, undo_page
from accounts.roles import Capability
from contracts.at_once import CONTRACTS_AT_ONCE, ContractsForm
from contracts.views.lists import ContractList


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def change_contracts(request: ScopedRequest) -> HttpResponse:
    return change_page(
        request,
        ContractList(request),
        CONTRACTS_AT_ONCE,
        ContractsForm,
        undo_view="undo-change-of-contracts",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def undo_change(request: ScopedRequest, pk: int) -> HttpResponse:
    return undo_page(request, CONTRACTS_AT_ONCE, pk, back=reverse("contracts"))
