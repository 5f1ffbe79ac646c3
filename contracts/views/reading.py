"""The contract that an address names, for whoever may see or change it."""

from django.shortcuts import get_object_or_404

from accounts.access import ScopedRequest
from accounts.roles import Capability
from contracts.models import Contract


def contract_to_see(request: ScopedRequest, pk: int) -> Contract:
    """
    The contract with its dates and all that its page names.

    :raises Http404: where it does not exist for the person
    """
    visible = Contract.objects.visible_to(request.scope.whole).with_dates()
    related = visible.select_related(
        "company", "vendor", "reseller", "type", "parent", "business_owner"
    )
    return get_object_or_404(related, pk=pk)


def contract_to_change(request: ScopedRequest, pk: int) -> Contract:
    """
    The same, to be changed.

    :raises PermissionDenied: where the person may only read it
    """
    contract = contract_to_see(request, pk)
    request.scope.demand(Capability.MANAGE, contract.company_id)
    return contract
