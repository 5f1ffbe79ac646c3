"""What a person can do to a contract."""

from accounts.models import User
from common.acting import acting
from contracts.models import Contract, ContractTerm


def save_contract(contract: Contract, *, by: User, reason: str) -> Contract:
    """
    Record a new contract, or what was changed on one.

    :param reason: what the history is to say; a usual sentence where it is empty
    """
    usual = "Changed by hand" if contract.pk else "Entered by hand"
    with acting(by, reason or usual):
        contract.save()
    return contract


def save_term(term: ContractTerm, *, by: User, reason: str) -> ContractTerm:
    """
    Record a term of a contract, or what was changed on one.

    :raises django.db.IntegrityError: where it overlaps another term of the contract
    """
    usual = "Changed by hand" if term.pk else "Entered by hand"
    term.company_id = term.contract.company_id
    with acting(by, reason or usual):
        term.save()
    return term
