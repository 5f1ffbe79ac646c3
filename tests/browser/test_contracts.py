"""Contracts in a real browser: renewed, given notice of, reminded of, with and without script."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.roles import Role
from common.kept_documents import add_document
from contracts.models import Contract, ContractDocument, ContractTerm
from contracts.services import record_due_reminders, set_reminder
from tests.browser.conftest import Visit, problems_of
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    ContractTermFactory,
    LicenseFactory,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mona() -> User:
    return make_user(Role.LICENSE_MANAGER, CompanyFactory(name="Northwind"), email="m@example.org")


@pytest.fixture
def contract(mona: User) -> Contract:
    """A contract of everything: terms, costs, a document, parts, and an end that comes soon."""
    today = timezone.localdate()
    company = mona.memberships.get().company
    contract = ContractFactory(company=company, name="Select Plus", value=1200, currency="EUR")
    ContractTermFactory(
        contract=contract,
        starts_on=today - timedelta(days=300),
        ends_on=today + timedelta(days=65),
        value=1200,
        currency="EUR",
        notice_length=30,
    )
    ContractFactory(company=company, parent=contract, name="A part")
    LicenseFactory(company=company, contract=contract)
    add_document(to=contract, name="signed.txt", content=b"Signed", title="", by=mona)
    set_reminder(contract=contract, notice_days=None, members=[mona], by=mona, reason="")
    record_due_reminders(day=today)
    return contract


PAGES = [
    "/",
    "/contracts/{pk}",
    "/contracts/{pk}/edit",
    "/contracts/{pk}/renew",
    "/contracts/{pk}/give-notice",
    "/contracts/{pk}/reminders",
    "/contracts/{pk}/add-document",
    "/renewals/",
    "/renewals/?kind=none",
    "/renewals/feed",
]


@pytest.mark.parametrize("width", [1600, 360])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_and_fits_its_window(
    visit: Visit, mona: User, contract: Contract, path: str, width: int
) -> None:
    page = visit(mona, path.format(pk=contract.pk), width=width)

    assert problems_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _renew(page: Page) -> None:
    page.get_by_role("link", name="Renew", exact=True).click()
    page.get_by_label("Reason").fill("Signed for another year")
    page.get_by_role("button", name="Renew", exact=True).click()


@pytest.mark.parametrize("script", [True, False])
def test_a_contract_is_renewed(visit: Visit, mona: User, contract: Contract, script: bool) -> None:
    page = visit(mona, f"/contracts/{contract.pk}", script=script)

    _renew(page)

    expect(page.locator("#terms tbody tr")).to_have_count(2)
    expect(page.locator("#history")).to_contain_text("Signed for another year")
    expect(page.locator("#toasts")).to_contain_text("Select Plus was renewed until")


def test_a_dialog_keeps_what_was_typed_and_says_what_is_wrong_beside_its_field(
    visit: Visit, mona: User, contract: Contract
) -> None:
    page = visit(mona, f"/contracts/{contract.pk}")
    page.get_by_role("link", name="Give notice").click()
    page.get_by_label("Last day of the contract").fill("2000-01-01")
    page.get_by_label("Reason").fill("Too dear")

    page.get_by_role("button", name="Record the notice").click()

    expect(page.locator("#id_ends_on_error")).to_contain_text("cannot end before that")
    expect(page.get_by_label("Reason")).to_have_value("Too dear")
    assert problems_of(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Give notice")).to_be_focused()
    assert ContractTerm.objects.get().notice_given_on is None


@pytest.mark.parametrize("script", [True, False])
def test_a_document_is_added_and_downloaded(
    visit: Visit, mona: User, contract: Contract, script: bool, tmp_path: Path
) -> None:
    file = tmp_path / "offer.csv"
    file.write_text("what;price\nSelect Plus;1200\n")
    page = visit(mona, f"/contracts/{contract.pk}", script=script)

    page.get_by_role("link", name="Add a document").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("Title").fill("The offer")
    page.get_by_role("button", name="Add it").click()

    with page.expect_download() as download:
        page.get_by_role("link", name="The offer", exact=True).click()
    assert download.value.suggested_filename == "offer.csv"
    assert download.value.path().read_text() == file.read_text()
    assert ContractDocument.objects.count() == 2


def test_a_reminder_is_dismissed_on_the_home_page(
    visit: Visit, mona: User, contract: Contract
) -> None:
    page = visit(mona, "/")

    page.get_by_role("button", name="Dismiss the reminder of Select Plus").click()

    expect(page.get_by_role("heading", name="You are reminded")).to_have_count(0)
