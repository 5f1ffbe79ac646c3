"""The contract that an address names, for whoever may see or change it."""

from typing import Any

from django.shortcuts import get_object_or_404

from accounts.access import ScopedRequest
from accounts.roles import Capability
from contracts.models import Contract, ContractTerm


def contract_with_terms(request: ScopedRequest, pk: int) -> tuple[Any, list[ContractTerm]]:
    """
    The contract for its page, and its terms, the latest first, from which its dates are told.

    :raises Http404: where it does not exist for the person
    """
    visible = Contract.objects.visible_to(request.scope.whole)
    contract: Any = get_object_or_404(visible.select_related("company", "vendor", "type"), pk=pk)
    terms = list(contract.terms.order_by("-starts_on"))
    contract.starts_on = terms[-1].starts_on if terms else None
    ends = [term.ends_on for term in terms]
    contract.ends_on = max((end for end in ends if end), default=None) if None not in ends else None
    contract.is_given_up = bool(terms) and terms[0].notice_given_on is not None
    return contract, terms


def contract_to_change(request: ScopedRequest, pk: int) -> Contract:
    """
    The contract with its dates, to be changed.

    :raises Http404: where it does not exist for the person
    :raises PermissionDenied: where the person may only read it
    """
    visible = Contract.objects.visible_to(request.scope.whole).with_dates()
    related = visible.select_related(
        "company", "vendor", "reseller", "type", "parent", "business_owner"
    )
    contract = get_object_or_404(related, pk=pk)
    request.scope.demand(Capability.MANAGE, contract.company_id)
    return contract
