"""Many licenses and maintenance positions are changed at once."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Company, Department
from accounts.roles import Role
from common.acting import acting
from entitlements.models import Entitlement
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    LicenseFactory,
    MaintenanceFactory,
    PersonFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

CHANGE = "/entitlements/change"
WHY = "Moved to Legal"


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def client(company: Company) -> Client:
    signed_in = Client()
    signed_in.force_login(make_user(Role.LICENSE_MANAGER, company))
    return signed_in


def department(company: Company, name: str) -> Department:
    with acting(None, "Set up by a test"):
        return Department.objects.create(company=company, name=name)


def change(client: Client, where: str, **wanted: Any) -> Any:
    sent = {"reason": WHY, **wanted}
    preview = client.post(where, sent)
    shown = re.search(r'name="shown" value="(\w+)"', preview.content.decode())
    assert shown is not None
    client.post(where, {**sent, "shown": shown[1]})
    return preview


def test_all_of_a_kind_go_to_a_department_and_under_a_contract(
    client: Client, company: Company
) -> None:
    legal, contract = department(company, "Legal"), ContractFactory(company=company)
    license, position = LicenseFactory(company=company), MaintenanceFactory(company=company)

    change(client, f"{CHANGE}?kind=license&rows=all", department=legal.pk, contract=contract.pk)

    license.refresh_from_db()
    position.refresh_from_db()
    assert (license.department, license.contract) == (legal, contract)
    assert (position.department, position.contract) == (None, None)


def test_what_a_person_owns_goes_to_a_department_only_when_it_is_taken_from_them(
    client: Client, company: Company
) -> None:
    legal, omar = department(company, "Legal"), PersonFactory(company=company)
    free = LicenseFactory(company=company)
    owned = LicenseFactory(company=company, owned_by_person=omar)
    where = f"{CHANGE}?rows=all"

    preview = change(client, where, owned_by_department=legal.pk)
    refused = Entitlement.objects.get(pk=owned.pk).owned_by_person
    change(client, where, owned_by_department=legal.pk, emptied=["owned_by_person"])

    assert "A person owns it. Empty that" in preview.content.decode()
    assert refused == omar
    for license in (free, owned):
        license.refresh_from_db()
        assert (license.owned_by_department, license.owned_by_person) == (legal, None)


def test_a_contract_of_another_company_is_given_to_none(client: Client, company: Company) -> None:
    license = LicenseFactory(company=company)
    foreign = ContractFactory(name="Foreign")

    page = client.post(f"{CHANGE}?rows={license.pk}", {"contract": foreign.pk, "reason": WHY})

    assert page.status_code == 422
    assert "Foreign" not in page.content.decode()


def test_who_may_only_read_changes_nothing(company: Company) -> None:
    auditor = Client()
    auditor.force_login(make_user(Role.AUDITOR, company))
    license = LicenseFactory(company=company)

    answer = auditor.post(f"{CHANGE}?rows={license.pk}", {"notes": "x", "reason": WHY})

    assert answer.status_code == 403


def test_an_unfit_publisher_lists_nothing(client: Client, company: Company) -> None:
    license = LicenseFactory(company=company)
    publisher = license.model.product.vendor

    by_text = client.get("/entitlements/", {"publisher_text": publisher.name})
    by_none = client.get("/entitlements/", {"publisher_text": "Nobody at all"})
    by_key = client.get("/entitlements/", {"publisher": publisher.pk})

    assert [len(page.context["list"].page.rows) for page in (by_text, by_none, by_key)] == [1, 0, 1]
    assert "No vendor is called “Nobody at all”" in by_none.content.decode()
    assert f"publisher={publisher.pk}" in by_text.context["list"].query
    assert "publisher_text" not in by_text.context["list"].query
