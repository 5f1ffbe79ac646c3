"""The time line of an entitlement in a browser: narrowed and turned, with and without script."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Company, User
from accounts.roles import Role
from entitlements.models import Entitlement
from entitlements.services import add_note, save_entitlement
from tests.browser.conftest import Visit, problems_of
from tests.factories import CompanyFactory, LicenseFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = timezone.localdate()


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.LICENSE_MANAGER, company)


@pytest.fixture
def license(company: Company, ada: User) -> Entitlement:
    """A license with more events than a page holds."""
    license = LicenseFactory(
        company=company, purchased_rights=20, purchased_on=TODAY - timedelta(days=9)
    )
    license.purchased_rights = 25
    save_entitlement(license, by=ada, reason="The order was for 25")
    for number in range(60):
        add_note(entitlement=license, text=f"Note {number}", by=ada)
    return license


@pytest.mark.parametrize("script", [True, False])
def test_it_is_narrowed_and_turned(
    visit: Visit, ada: User, license: Entitlement, script: bool
) -> None:
    page = visit(ada, f"/entitlements/{license.pk}/history", script=script)

    page.click("#older-events")
    expect(page.locator("#life")).to_contain_text("The order was for 25")
    page.click("#newest-events")
    expect(page.locator("#life")).to_contain_text("Note 59")
    page.select_option("#life-field", label="Purchased rights")
    page.click("#life button.primary")

    expect(page.locator("#life .story > li")).to_have_count(2)
    expect(page.locator("#life")).to_contain_text("20 → 25")
    assert "field=purchased_rights" in page.url


@pytest.mark.parametrize("script", [True, False])
def test_two_days_are_compared(visit: Visit, ada: User, license: Entitlement, script: bool) -> None:
    page = visit(ada, f"/entitlements/{license.pk}/history", script=script)

    page.click("text=Compare two days")
    page.click("main button.primary")

    expect(page.locator("#figures-then")).to_contain_text("Active rights: 25")
    assert f"to={TODAY}" in page.url


@pytest.mark.parametrize("width", [1600, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["history", "as-of", "compare"])
def test_it_is_accessible_and_fits_its_window(
    visit: Visit, ada: User, license: Entitlement, name: str, width: int, scheme: str
) -> None:
    page = visit(ada, f"/entitlements/{license.pk}/{name}", width=width)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.reload()  # colours would still be on their way

    assert problems_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
