"""Contracts themselves: entered and changed."""

from accounts.models import Company, User
from common.acting import acting
from contracts.models import Contract, ContractTerm


class IsItsOwnPart(Exception):
    """A contract cannot be part of one that is part of it; the message names both."""


def save_contract(
    contract: Contract, *, by: User, reason: str, first_term: ContractTerm | None = None
) -> Contract:
    """
    Record a new contract, or what was changed on one.

    :param reason: what the history is to say; a usual sentence where it is empty
    :param first_term: the term with which a new contract begins
    :raises IsItsOwnPart: where its parent is among its own parts
    """
    usual = "Changed by hand" if contract.pk else "Entered by hand"
    with acting(by, reason or usual):
        if contract.pk and contract.parent_id:
            _demand_no_circle(contract)
        contract.save()
        if first_term is not None:
            first_term.contract = contract
            first_term.company_id = contract.company_id
            first_term.save()
    return contract


def _demand_no_circle(contract: Contract) -> None:
    # One at a time in a company: two people could close a circle together, each with half of it.
    Company.objects.select_for_update(no_key=True).get(pk=contract.company_id)
    parent_of = dict(
        Contract.objects.filter(company=contract.company_id)
        .exclude(parent=None)
        .values_list("pk", "parent_id")
    )
    above, seen = contract.parent_id, set[int]()
    while above is not None and above not in seen:
        if above == contract.pk:
            raise IsItsOwnPart(
                f"{contract.parent} is part of {contract.name} itself, directly or through others."
                " Choose a contract that is not."
            )
        seen.add(above)
        above = parent_of.get(above)
