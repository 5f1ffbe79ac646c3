"""The pages of contracts: for each role, in the right and the wrong company, by each method."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import Company
from accounts.roles import Role
from contracts.models import Contract, ContractTerm, ContractType
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    ContractTermFactory,
    LicenseFactory,
    MaintenanceFactory,
    MembershipFactory,
    VendorFactory,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def contract(company: Company) -> Contract:
    return ContractFactory(company=company, name="Select Plus", number="MS-1")


def signed_in(role: Role, *companies: Company) -> Client:
    client = Client()
    client.force_login(make_user(role, *companies))
    return client


def fields(contract: Contract, **changes: Any) -> dict[str, Any]:
    """What the form of a contract sends."""
    return {
        "name": contract.name,
        "number": contract.number,
        "type": contract.type_id,
        "vendor": contract.vendor_id,
        **changes,
    }


def term_fields(starts_on: str, ends_on: str, **changes: Any) -> dict[str, Any]:
    """What the form of a term sends."""
    return {
        "starts_on": starts_on,
        "ends_on": ends_on,
        "notice_unit": "days",
        "renewal": "none",
        "renewal_unit": "months",
        **changes,
    }


READ = ["/contracts/", "/contracts/{pk}"]
CHANGE = [
    "/contracts/add",
    "/contracts/{pk}/edit",
    "/contracts/{pk}/add-term",
    "/contracts/{pk}/give-notice",
    "/contracts/{pk}/withdraw-notice",
    "/contracts/{pk}/reminders",
    "/contracts/{pk}/add-document",
]


@pytest.mark.parametrize("address", READ)
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.LICENSE_MANAGER, Role.AUDITOR])
def test_whoever_reads_the_company_opens_its_contracts(
    contract: Contract, address: str, role: Role
) -> None:
    page = signed_in(role, contract.company).get(address.format(pk=contract.pk))

    assert page.status_code == 200
    assert "Select Plus" in page.content.decode()


@pytest.mark.parametrize("address", READ + CHANGE)
def test_a_requester_does_not_know_that_contracts_exist(contract: Contract, address: str) -> None:
    client = signed_in(Role.REQUESTER, contract.company)

    assert client.get(address.format(pk=contract.pk)).status_code == 404


@pytest.mark.parametrize("address", [a for a in READ + CHANGE if "{pk}" in a])
def test_a_contract_of_another_company_is_not_there(contract: Contract, address: str) -> None:
    client = signed_in(Role.ADMINISTRATOR, CompanyFactory())

    assert client.get(address.format(pk=contract.pk)).status_code == 404
    assert client.post(address.format(pk=contract.pk)).status_code in (404, 405)


@pytest.mark.parametrize("address", READ + CHANGE)
def test_whoever_is_not_signed_in_is_led_to_sign_in(contract: Contract, address: str) -> None:
    response = Client().get(address.format(pk=contract.pk))

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("address", CHANGE)
def test_an_auditor_changes_nothing_also_not_by_a_forged_request(
    contract: Contract, address: str
) -> None:
    client = signed_in(Role.AUDITOR, contract.company)
    where = address.format(pk=contract.pk)

    responses = [client.get(where), client.post(where, fields(contract, name="Forged"))]

    assert [response.status_code for response in responses] == [403, 403]
    assert Contract.objects.get().name == "Select Plus"


def test_a_manager_of_one_company_changes_nothing_in_another_that_they_audit(
    contract: Contract,
) -> None:
    user = make_user(Role.AUDITOR, contract.company)
    MembershipFactory(user=user, role=Role.LICENSE_MANAGER)
    client = Client()
    client.force_login(user)

    response = client.post(f"/contracts/{contract.pk}/edit", fields(contract, name="Forged"))

    assert response.status_code == 403


@pytest.mark.parametrize("address", READ)
def test_reading_pages_answer_to_no_post(contract: Contract, address: str) -> None:
    client = signed_in(Role.ADMINISTRATOR, contract.company)

    assert client.post(address.format(pk=contract.pk)).status_code == 405


def test_the_page_tells_what_the_contract_holds(contract: Contract) -> None:
    license = LicenseFactory(company=contract.company, contract=contract)
    maintenance = MaintenanceFactory(company=contract.company, contract=contract)
    ContractTermFactory(
        contract=contract, starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31), value=7,
        currency="EUR",
    )  # fmt: skip

    page = signed_in(Role.AUDITOR, contract.company).get(f"/contracts/{contract.pk}")

    text = page.content.decode()
    assert license.display_name in text
    assert maintenance.display_name in text
    assert "12 months" in text
    assert "€7.00" in text
    assert "Expired" in text


def test_adds_a_contract_under_the_name_and_the_reason_of_who_does(company: Company) -> None:
    user = make_user(Role.LICENSE_MANAGER, company)
    client = Client()
    client.force_login(user)
    sent = {
        "name": "Select Plus",
        "number": "MS-2",
        "type": ContractType.objects.all()[0].pk,
        "vendor": VendorFactory().pk,
        "company": company.pk,
        "value": "1200.50",
        "currency": "eur",
        "reason": "Signed today",
    }

    response = client.post("/contracts/add", sent)

    added = Contract.objects.get()
    assert response.headers["Location"] == f"/contracts/{added.pk}"
    assert (str(added.value), added.currency) == ("1200.50", "EUR")
    told = added.history.get()
    assert (told.history_user_id, told.history_change_reason) == (user.pk, "Signed today")


def test_a_contract_cannot_be_added_to_a_company_one_does_not_manage(company: Company) -> None:
    elsewhere = CompanyFactory()
    client = signed_in(Role.LICENSE_MANAGER, company)
    sent = {
        "name": "Forged",
        "number": "X-1",
        "type": ContractType.objects.all()[0].pk,
        "vendor": VendorFactory().pk,
        "company": elsewhere.pk,
    }

    response = client.post("/contracts/add", sent)

    assert response.status_code == 422
    assert not Contract.objects.exists()


def test_changes_a_contract_and_tells_it_in_its_history(contract: Contract) -> None:
    client = signed_in(Role.LICENSE_MANAGER, contract.company)
    sent = fields(contract, name="Enterprise Agreement", reason="Renamed by Microsoft")

    client.post(f"/contracts/{contract.pk}/edit", sent)

    page = client.get(f"/contracts/{contract.pk}").content.decode()
    assert "Renamed by Microsoft" in page
    assert "<del>Select Plus</del> → <ins>Enterprise Agreement</ins>" in page


def test_the_history_is_narrowed_to_one_field(contract: Contract) -> None:
    client = signed_in(Role.LICENSE_MANAGER, contract.company)
    client.post(f"/contracts/{contract.pk}/edit", fields(contract, name="Renamed"))
    client.post(
        f"/contracts/{contract.pk}/edit", fields(contract, name="Renamed", po_number="PO-9")
    )

    page = client.get(f"/contracts/{contract.pk}?changed=po_number").content.decode()

    history = page[page.index('id="history"') :].partition("</section>")[0]
    assert "PO-9" in history
    assert "Renamed" not in history


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"number": ""}, "This field is required", id="no number"),
        pytest.param({"value": "12"}, "Say in which currency", id="no currency"),
        pytest.param({"value": "12", "currency": "EURO"}, "at most 3", id="long currency"),
        pytest.param(
            {"value": "12", "currency": "E1"}, "is no currency code", id="no currency code"
        ),
        pytest.param({"purchased_on": "1.2.2026"}, "Write a day as 2026-12-31", id="no day"),
        pytest.param({"value": "x", "currency": "EUR"}, "Enter a number", id="no amount"),
    ],
)
def test_says_what_is_wrong_and_keeps_what_was_typed(
    contract: Contract, changes: dict[str, str], said: str
) -> None:
    client = signed_in(Role.LICENSE_MANAGER, contract.company)

    page = client.post(
        f"/contracts/{contract.pk}/edit", fields(contract, name="Typed before", **changes)
    )

    text = page.content.decode()
    assert page.status_code == 422
    assert said in text
    assert "Typed before" in text
    assert Contract.objects.get().name == "Select Plus"


def test_a_number_is_given_once_in_a_company(contract: Contract) -> None:
    other = ContractFactory(company=contract.company, number="MS-2")
    client = signed_in(Role.LICENSE_MANAGER, contract.company)

    page = client.post(f"/contracts/{other.pk}/edit", fields(other, number="MS-1"))

    assert "has a contract with the number “MS-1” already" in page.content.decode()


def test_a_contract_is_part_of_one_of_its_own_company_only(contract: Contract) -> None:
    elsewhere = ContractFactory(name="Elsewhere")
    client = signed_in(Role.LICENSE_MANAGER, contract.company, elsewhere.company)

    page = client.post(f"/contracts/{contract.pk}/edit", fields(contract, parent=elsewhere.pk))

    assert "belongs to" in page.content.decode()
    assert Contract.objects.get(pk=contract.pk).parent is None


def test_adds_a_term(contract: Contract) -> None:
    client = signed_in(Role.LICENSE_MANAGER, contract.company)

    client.post(f"/contracts/{contract.pk}/add-term", term_fields("2026-01-01", "2026-12-31"))

    term = ContractTerm.objects.get()
    assert (term.starts_on, term.ends_on) == (date(2026, 1, 1), date(2026, 12, 31))
    assert term.company == contract.company


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        pytest.param("2026-06-01", "2027-05-31", "Another term covers days of it", id="overlap"),
        pytest.param("2026-12-31", "", "Another term covers days of it", id="last day"),
        pytest.param("2027-02-01", "2027-01-01", "before the first, 2027-02-01", id="turned"),
    ],
)
def test_a_term_overlaps_no_other(contract: Contract, first: str, last: str, said: str) -> None:
    ContractTermFactory(contract=contract)
    client = signed_in(Role.LICENSE_MANAGER, contract.company)

    page = client.post(f"/contracts/{contract.pk}/add-term", term_fields(first, last))

    assert said in page.content.decode()
    assert ContractTerm.objects.count() == 1
