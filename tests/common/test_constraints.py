import pytest
from django.db import IntegrityError, connection

from common.acting import acting
from contracts.models import ContractTerm
from tests.allocation.world import make_world
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    ContractTermFactory,
    LicenseFactory,
)

pytestmark = pytest.mark.django_db


def test_a_record_refers_only_to_records_of_its_own_company() -> None:
    contract_of_another = ContractFactory()

    with pytest.raises(IntegrityError, match="contracts_contractterm_contract_within"):
        ContractTermFactory(contract=contract_of_another, company=CompanyFactory())


def test_maintenance_covers_no_license_of_another_company() -> None:
    allocation = make_world().over_allocated
    of_another = LicenseFactory()

    with (
        pytest.raises(IntegrityError, match="allocation_allocation_license_within"),
        acting(None, "Given away"),
    ):
        type(allocation).objects.filter(pk=allocation.pk).update(license=of_another)


def test_a_record_that_is_referred_to_keeps_its_company() -> None:
    term = ContractTermFactory()

    with pytest.raises(IntegrityError), acting(None, "Moved"):
        type(term.contract).objects.update(company=CompanyFactory())

    assert ContractTerm.objects.get().company_id == term.contract.company_id


def test_every_reference_within_a_company_is_held_by_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conname LIKE '%\\_within'"
        )
        held = {row[0] for row in cursor.fetchall()}

    assert {
        "entitlements_entitlement_contract_within",
        "entitlements_entitlement_definition_within",
        "entitlements_returnassignment_position_within",
        "allocation_allocation_entitlement_within",
        "allocation_allocation_license_within",
        "accounts_person_department_within",
    } <= held
