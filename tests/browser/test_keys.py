"""License keys in a browser: shown to who may see them, and gone again; with script and without."""

import pytest
from playwright.sync_api import expect

from accounts.models import Company, User
from accounts.roles import Role
from entitlements.models import CountedBy, Entitlement, KeyReveal, LicenseMetric
from entitlements.services import add_keys
from tests.allocation.using import Household
from tests.browser.conftest import Visit, problems_of
from tests.factories import CompanyFactory, PersonFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "XQ7PM-2K9DW-RT4VB-8HJ3N-PWY6G"


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def mona(company: Company) -> User:
    return make_user(Role.LICENSE_MANAGER, company, username="mona")


@pytest.fixture
def license(company: Company, mona: User) -> Entitlement:
    per_user = LicenseMetric.objects.filter(counted_by=CountedBy.PERSON).first()
    license = Household(company=company, by=mona).license(10, metric=per_user)
    add_keys(entitlement=license, pasted=KEY, label="Volume", by=mona)
    return license


def test_a_license_manager_is_shown_a_key_and_it_is_gone_again(
    visit: Visit, mona: User, license: Entitlement
) -> None:
    page = visit(mona, f"/entitlements/{license.pk}")
    expect(page.get_by_text(KEY)).to_have_count(0)

    page.get_by_role("link", name="Show Volume").click()
    page.get_by_role("button", name="Show the key").click()
    expect(page.get_by_text(KEY)).to_be_visible()
    assert problems_of(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert KEY not in page.content()
    assert KeyReveal.objects.get().revealed_by == mona


def test_a_key_hides_itself(visit: Visit, mona: User, license: Entitlement) -> None:
    page = visit(mona, f"/entitlements/{license.pk}")
    page.clock.install()

    page.get_by_role("link", name="Show Volume").click()
    page.get_by_role("button", name="Show the key").click()
    expect(page.get_by_text(KEY)).to_be_visible()
    page.clock.fast_forward(30_000)

    expect(page.get_by_text(KEY)).to_have_count(0)
    assert KEY not in page.content()


def test_without_script_a_key_is_shown_on_a_page_of_its_own(
    visit: Visit, mona: User, license: Entitlement
) -> None:
    page = visit(mona, f"/entitlements/{license.pk}", script=False)

    page.get_by_role("link", name="Show Volume").click()
    page.get_by_role("button", name="Show the key").click()

    expect(page.get_by_text(KEY)).to_be_visible()
    page.get_by_role("link", name="Back to the key").click()
    expect(page.get_by_role("heading", name="Volume")).to_be_visible()
    expect(page.get_by_text("Shown to")).to_be_visible()


def test_an_auditor_sees_who_was_shown_a_key_and_no_way_to_see_it(
    visit: Visit, company: Company, license: Entitlement
) -> None:
    page = visit(make_user(Role.AUDITOR, company), f"/entitlements/{license.pk}")

    page.get_by_role("link", name="Volume").click()

    expect(page.get_by_role("heading", name="Shown to")).to_be_visible()
    expect(page.get_by_role("link", name="Show the key")).to_have_count(0)
    assert problems_of(page) == []


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_keys_are_pasted_and_one_is_given_to_a_person(
    visit: Visit, company: Company, mona: User, license: Entitlement, script: bool
) -> None:
    PersonFactory(company=company, name="Ann Berg")
    page = visit(mona, f"/entitlements/{license.pk}", script=script)

    page.get_by_role("link", name="Add keys").click()
    page.get_by_role("textbox", name="License keys").fill("FIRST-KEY\nSECOND-KEY")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("2 license keys were added")).to_be_visible()
    page.get_by_role("link", name="Allocate to a person").click()
    page.locator("#id_person").fill("Ann Berg")
    page.locator("#id_license_key").fill("Key 3")
    page.get_by_role("button", name="Allocate").click()

    expect(page.get_by_role("link", name="Ann Berg").first).to_be_visible()
    given = license.allocations.get()
    assert given.license_key is not None
    assert given.license_key.label == "Key 3"
