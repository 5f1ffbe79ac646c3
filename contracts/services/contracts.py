"""Contracts themselves: entered and changed."""

from django.db import IntegrityError, transaction

from accounts.models import Company, User
from common.acting import acting
from common.trees import closes_a_circle
from contracts.models import Contract, ContractTerm


class ContractRefused(Exception):
    """A contract cannot be recorded so. ``field`` is the one beside which the message belongs."""

    field = ""


class IsItsOwnPart(ContractRefused):
    """A contract cannot be part of one that is part of it; the message names both."""

    field = "parent"


class NumberIsTaken(ContractRefused):
    """Another contract of the company has the number; the message names it."""

    field = "number"


def save_contract(
    contract: Contract, *, by: User, reason: str, first_term: ContractTerm | None = None
) -> Contract:
    """
    Record a new contract, or what was changed on one.

    :param reason: what the history is to say; a usual sentence where it is empty
    :param first_term: the term with which a new contract begins
    :raises IsItsOwnPart: where its parent is among its own parts
    :raises NumberIsTaken: where another contract of the company got the number first
    """
    usual = "Changed by hand" if contract.pk else "Entered by hand"
    with acting(by, reason or usual):
        if contract.pk and contract.parent_id:
            _demand_no_circle(contract)
        _write(contract)
        if first_term is not None:
            first_term.contract = contract
            first_term.company_id = contract.company_id
            first_term.save()
    return contract


def _demand_no_circle(contract: Contract) -> None:
    # One at a time in a company: two people could close a circle together, each with half of it.
    Company.objects.select_for_update(no_key=True).get(pk=contract.company_id)
    parts = Contract.objects.filter(company=contract.company_id).exclude(parent=None)
    parents = dict(parts.values_list("pk", "parent_id"))
    if closes_a_circle(contract.pk, contract.parent_id, parents):
        raise IsItsOwnPart(
            f"{contract.parent} is part of {contract.name} itself, directly or through others."
            " Choose a contract that is not."
        )


def _write(contract: Contract) -> None:
    try:
        with transaction.atomic():
            contract.save()
    except IntegrityError as error:
        if "contract_number_is_unique_in_company" not in str(error):
            raise
        raise NumberIsTaken(
            f"{contract.company} has a contract with the number “{contract.number}” already."
        ) from error
