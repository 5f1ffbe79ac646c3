"""The pages of contracts: for each role, in the right and the wrong company, by each method."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Company
from accounts.roles import Role
from common.acting import acting
from common.kept_documents import add_document
from contracts.models import Contract, ContractTerm, ContractType
from contracts.services import set_reminder
from entitlements.models import ExpenseLine
from entitlements.services import keep_purchase_lines
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
    assert "1 year" in text
    assert "€7.00" in text
    assert "Expired" in text


def test_the_page_holds_what_it_holds_whichever_company_the_switcher_shows(
    contract: Contract,
) -> None:
    license = LicenseFactory(company=contract.company, contract=contract)
    other = CompanyFactory()
    client = signed_in(Role.AUDITOR, contract.company, other)
    client.post("/narrow", {"company": other.pk})

    page = client.get(f"/contracts/{contract.pk}").content.decode()

    assert license.display_name in page


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
        pytest.param(
            {"value": "12", "currency": "xyz"}, "“XYZ” is no currency code", id="no such currency"
        ),
        pytest.param({"value": "-5", "currency": "EUR"}, "-5 is below 0", id="a negative value"),
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


# --- Adding a contract with its first term ---


def new_contract(company: Company, **changes: Any) -> dict[str, Any]:
    """What the form of a new contract sends, its first term left out."""
    return {
        "name": "Select Plus",
        "number": "MS-2",
        "type": ContractType.objects.all()[0].pk,
        "vendor": VendorFactory().pk,
        "company": company.pk,
        "term-notice_unit": "days",
        "term-renewal": "none",
        "term-renewal_unit": "months",
        **changes,
    }


def test_a_contract_begins_with_its_first_term(company: Company) -> None:
    client = signed_in(Role.LICENSE_MANAGER, company)
    sent = new_contract(
        company,
        reason="Signed today",
        **{
            "term-starts_on": "2026-01-01",
            "term-ends_on": "2026-12-31",
            "term-notice_length": "3",
            "term-notice_unit": "months",
            "term-renewal": "automatic",
            "term-renewal_length": "12",
        },
    )

    client.post("/contracts/add", sent)

    term = ContractTerm.objects.get()
    assert (term.company, term.ends_on) == (company, date(2026, 12, 31))
    assert str(term.by_rules.notice) == "3 months"
    assert term.history.get().history_change_reason == "Signed today"


def test_a_contract_without_a_term_is_a_draft(company: Company) -> None:
    signed_in(Role.LICENSE_MANAGER, company).post("/contracts/add", new_contract(company))

    assert Contract.objects.get().terms.count() == 0


def test_a_first_term_that_is_begun_has_to_be_whole(company: Company) -> None:
    sent = new_contract(company, **{"term-notice_length": "3"})

    page = signed_in(Role.LICENSE_MANAGER, company).post("/contracts/add", sent)

    assert page.status_code == 422
    assert 'href="#id_term-starts_on"' in page.content.decode()
    assert not Contract.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(
            {"renewal": "automatic", "ends_on": ""}, "What renews itself has a last day", id="end"
        ),
        pytest.param({"renewal": "automatic"}, "Say for how long it renews itself", id="length"),
        pytest.param({"renewal_length": "0"}, "Renew it for 1 or more", id="no length at all"),
        pytest.param({"anchor_day": "32"}, "32 is no day of a month", id="anchor"),
        pytest.param(
            {"anchor_day": "1", "renewal_unit": "days"}, "has no day of the month", id="days"
        ),
        pytest.param({"value": "5"}, "Say in which currency", id="currency"),
        pytest.param({"value": "-5", "currency": "EUR"}, "-5 is below 0", id="a negative value"),
        pytest.param(
            {"starts_on": "0026-01-01"}, "0026-01-01 is long ago", id="year of two digits"
        ),
        pytest.param({"starts_on": "2026-31-01"}, "Write a day as", id="no day"),
    ],
)
def test_a_term_says_what_is_wrong_with_it(
    contract: Contract, changes: dict[str, str], said: str
) -> None:
    client = signed_in(Role.LICENSE_MANAGER, contract.company)
    sent = term_fields("2026-01-01", "2026-12-31") | changes

    page = client.post(f"/contracts/{contract.pk}/add-term", sent)

    assert page.status_code == 422
    assert said in page.content.decode()
    assert not ContractTerm.objects.exists()


# --- Terms ---


@pytest.fixture
def term(contract: Contract) -> ContractTerm:
    return ContractTermFactory(contract=contract)


TERMS = ["/terms/{term}/edit", "/contracts/{pk}/renew"]


@pytest.mark.parametrize("address", TERMS)
def test_terms_are_changed_by_who_may_and_by_nobody_else(term: ContractTerm, address: str) -> None:
    company = term.contract.company
    where = address.format(pk=term.contract_id, term=term.pk)
    sent = term_fields("2030-01-01", "2030-12-31")
    visitors = {
        200: signed_in(Role.LICENSE_MANAGER, company).get(where),
        302: Client().get(where),
        403: signed_in(Role.AUDITOR, company).post(where, sent),
        404: signed_in(Role.ADMINISTRATOR, CompanyFactory()).post(where, sent),
        405: signed_in(Role.LICENSE_MANAGER, company).put(where),
    }

    assert {wanted: got.status_code for wanted, got in visitors.items()} == {n: n for n in visitors}
    assert signed_in(Role.REQUESTER, company).get(where).status_code == 404
    assert ContractTerm.objects.count() == 1
    assert ContractTerm.objects.get().starts_on == term.starts_on


def test_changes_a_term_and_tells_it_in_the_history_of_its_contract(term: ContractTerm) -> None:
    client = signed_in(Role.LICENSE_MANAGER, term.contract.company)
    sent = term_fields("2026-01-01", "2027-03-31", reason="Three months more")

    client.post(f"/terms/{term.pk}/edit", sent)

    page = client.get(f"/contracts/{term.contract_id}").content.decode()
    assert "31 Mar 2027" in page
    assert "Three months more" in page


def test_renews_as_the_last_term_proposes(term: ContractTerm) -> None:
    client = signed_in(Role.LICENSE_MANAGER, term.contract.company)
    where = f"/contracts/{term.contract_id}/renew"
    assert 'value="2027-01-01"' in client.get(where).content.decode()

    client.post(where, term_fields("2027-01-01", "2027-12-31"))

    spans = ContractTerm.objects.order_by("starts_on").values_list("starts_on", "ends_on")
    assert list(spans) == [
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 12, 31)),
    ]


def test_a_renewal_that_comes_too_late_for_another_says_so_beside_its_field(
    term: ContractTerm,
) -> None:
    client = signed_in(Role.LICENSE_MANAGER, term.contract.company)
    where = f"/contracts/{term.contract_id}/renew"
    client.post(where, term_fields("2027-01-01", "2027-12-31"))

    page = client.post(where, term_fields("2027-06-01", "2028-06-30"))

    assert page.status_code == 422
    assert "Another term covers days of it" in page.content.decode()


def test_what_has_no_end_is_not_renewed(contract: Contract) -> None:
    client = signed_in(Role.LICENSE_MANAGER, contract.company)

    assert client.get(f"/contracts/{contract.pk}/renew").status_code == 404
    assert "Renew</a>" not in client.get(f"/contracts/{contract.pk}").content.decode()


def test_records_notice_and_takes_it_back(term: ContractTerm) -> None:
    client = signed_in(Role.LICENSE_MANAGER, term.contract.company)
    where = f"/contracts/{term.contract_id}"

    client.post(f"{where}/give-notice", {"given_on": "2026-01-02", "ends_on": "2026-12-31"})
    assert "Notice was given on" in client.get(where).content.decode()
    refused = client.post(f"{where}/withdraw-notice", {"reason": ""})
    client.post(f"{where}/withdraw-notice", {"reason": "We stay"})

    assert refused.status_code == 422
    assert ContractTerm.objects.get().notice_given_on is None


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param({"given_on": "", "ends_on": "2026-12-31"}, "Choose a day", id="no day"),
        pytest.param(
            {"given_on": "9998-01-01", "ends_on": "9998-12-31"}, "is yet to come", id="to come"
        ),
        pytest.param(
            {"given_on": "2026-01-02", "ends_on": "2025-12-31"}, "cannot end before", id="before"
        ),
    ],
)
def test_notice_that_cannot_be_is_refused(
    term: ContractTerm, sent: dict[str, str], said: str
) -> None:
    client = signed_in(Role.LICENSE_MANAGER, term.contract.company)

    page = client.post(f"/contracts/{term.contract_id}/give-notice", sent)

    assert page.status_code == 422
    assert said in page.content.decode()
    assert ContractTerm.objects.get().notice_given_on is None


def test_dialogs_are_fetched_as_fragments_and_close_by_leading_on(term: ContractTerm) -> None:
    client = signed_in(Role.LICENSE_MANAGER, term.contract.company)
    where = f"/contracts/{term.contract_id}/renew"
    htmx = {"HX-Request": "true"}

    fragment = client.get(where, headers=htmx).content.decode()
    done = client.post(where, term_fields("2027-01-01", "2027-12-31"), headers=htmx)

    assert fragment.lstrip().startswith("<dialog")
    assert done.status_code == 204
    assert done.headers["HX-Redirect"] == f"/contracts/{term.contract_id}"


# --- The page of a contract ---


def test_a_circle_of_parents_is_refused_beside_its_field(contract: Contract) -> None:
    part = ContractFactory(company=contract.company, parent=contract, name="Part")
    client = signed_in(Role.LICENSE_MANAGER, contract.company)

    page = client.post(f"/contracts/{contract.pk}/edit", fields(contract, parent=part.pk))

    assert page.status_code == 422
    assert "is part of Select Plus itself" in page.content.decode()
    assert Contract.objects.get(pk=contract.pk).parent is None


def test_a_status_is_set_by_hand_and_back(contract: Contract, term: ContractTerm) -> None:
    client = signed_in(Role.LICENSE_MANAGER, contract.company)
    where = f"/contracts/{contract.pk}"

    client.post(f"{where}/edit", fields(contract, status_by_hand="cancelled"))
    cancelled = client.get(where).content.decode()
    client.post(f"{where}/edit", fields(contract, status_by_hand=""))

    assert "Cancelled, set by hand" in cancelled
    details = client.get(where).content.decode().partition("Details")[2].partition("History")[0]
    assert "set by hand" not in details


def test_the_page_tells_what_the_contract_costs_by_year(contract: Contract) -> None:
    ContractTermFactory(contract=contract, value=730, currency="EUR", ends_on=date(2027, 12, 31))
    license = LicenseFactory(
        company=contract.company, contract=contract, purchased_on=date(2026, 5, 1),
        purchased_rights=3, unit_cost=100, currency="EUR",
    )  # fmt: skip
    with acting(None, "Set up by a test"):
        keep_purchase_lines(contract.company_id, [license.pk])
        for spent, ended_on in ((50, None), (7, date(2026, 6, 2))):
            ExpenseLine.objects.create(
                company=contract.company, entitlement=license, kind="other", amount=spent,
                currency="EUR", spent_on=date(2026, 6, 1), ended_on=ended_on,
            )  # fmt: skip

    page = signed_in(Role.AUDITOR, contract.company).get(f"/contracts/{contract.pk}")

    spend = page.content.decode().partition('id="spend"')[2].partition("</section>")[0]
    for amount in ("€365.00", "€350.00", "€730.00"):
        assert amount in spend
    assert "€1,080.00" not in spend


def test_the_value_of_the_contract_counts_where_no_term_has_its_own(contract: Contract) -> None:
    with acting(None, "Set up by a test"):
        Contract.objects.filter(pk=contract.pk).update(value=500, currency="USD")
    ContractTermFactory(contract=contract)

    page = signed_in(Role.AUDITOR, contract.company).get(f"/contracts/{contract.pk}")

    assert "Spend by year in USD" in page.content.decode()


def test_the_page_asks_the_database_no_more_for_much_than_for_little(company: Company) -> None:
    client = signed_in(Role.LICENSE_MANAGER, company)
    counts = []
    for number in (2, 30):
        contract = ContractFactory(company=company)
        _fill(contract, number)
        client.get(f"/contracts/{contract.pk}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/contracts/{contract.pk}")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def _fill(contract: Contract, number: int) -> None:
    """Terms, parts, licenses, documents and reminded members, so many of each."""
    by = make_user(Role.LICENSE_MANAGER, contract.company)
    members = [make_user(Role.AUDITOR, contract.company) for _ in range(number)]
    set_reminder(contract=contract, notice_days=None, members=members, by=by, reason="")
    for each in range(number):
        year = 2000 + each
        ContractTermFactory(
            contract=contract, starts_on=date(year, 1, 1), ends_on=date(year, 12, 31)
        )
        ContractFactory(company=contract.company, parent=contract)
        LicenseFactory(company=contract.company, contract=contract)
        add_document(to=contract, name=f"{each}.txt", content=b"x", title="", by=by)


def test_a_name_is_shown_as_it_was_written_and_never_taken_for_markup(company: Company) -> None:
    contract = ContractFactory(company=company, name="<script>alert(1)</script>", notes="<b>x</b>")

    page = signed_in(Role.AUDITOR, company).get(f"/contracts/{contract.pk}").content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


POSTS = [address for address in CHANGE if "{pk}" in address] + [
    "/contracts/{pk}/renew",
    "/renewals/feed",
]


@pytest.mark.parametrize("address", POSTS)
def test_nothing_is_changed_without_the_token_of_the_form(
    contract: Contract, term: ContractTerm, address: str
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(Role.LICENSE_MANAGER, contract.company))

    response = client.post(address.format(pk=contract.pk), fields(contract, name="Forged"))

    assert response.status_code == 403
    assert Contract.objects.get().name == "Select Plus"


def test_what_is_due_is_not_said_of_a_contract_that_was_put_to_rest(company: Company) -> None:
    cancelled = ContractFactory(company=company, status_by_hand="cancelled")
    today = timezone.localdate()
    ContractTermFactory(
        contract=cancelled, starts_on=today, ends_on=today + timedelta(days=60), notice_length=10
    )

    page = signed_in(Role.AUDITOR, company).get(f"/contracts/{cancelled.pk}").content.decode()

    assert "be given by" not in page


ITSELF = {"renewal": "automatic", "renewal_length": 12}
BY_HAND = {"renewal": "manual"}


@pytest.mark.parametrize(
    ("rules", "days_left", "said"),
    [
        pytest.param(ITSELF, 60, "Notice has to be given by", id="notice due"),
        pytest.param(ITSELF, 5, "The last day to give notice was", id="notice passed"),
        pytest.param(ITSELF, 5, "it renews itself for 1 year", id="renews itself"),
        pytest.param(BY_HAND, 60, "Notice can be given by", id="nobody has to give notice"),
        pytest.param(BY_HAND, 60, "unless it is renewed by hand", id="by hand"),
        pytest.param(BY_HAND, 0, "unless it is renewed by hand", id="by hand, on the last day"),
        pytest.param({}, 60, "Notice can be given by", id="it ends anyway"),
        pytest.param({}, 0, "Today is the last day of the term. It ends on", id="the last day"),
    ],
)
def test_the_page_says_what_has_to_be_done(
    company: Company, rules: dict[str, Any], days_left: int, said: str
) -> None:
    contract = ContractFactory(company=company)
    today = timezone.localdate()
    ContractTermFactory(
        contract=contract,
        starts_on=today - timedelta(days=100),
        ends_on=today + timedelta(days=days_left),
        notice_length=10,
        **rules,
    )

    page = signed_in(Role.AUDITOR, company).get(f"/contracts/{contract.pk}").content.decode()

    assert said in " ".join(re.sub("<[^>]+>", "", page).split())
