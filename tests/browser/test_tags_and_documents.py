"""Tags, documents and copies of an entitlement in a browser, with script and without."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import User
from accounts.roles import Role
from entitlements.models import Entitlement
from tests.browser.conftest import Visit, problems_of
from tests.factories import CompanyFactory, LicenseFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mona() -> User:
    return make_user(Role.LICENSE_MANAGER, CompanyFactory(name="Northwind"))


@pytest.fixture
def license(mona: User) -> Entitlement:
    company = mona.memberships.get().company
    LicenseFactory(company=company, tags=["SAP", "Audit 2026"])
    return LicenseFactory(company=company, asset_tag="TAG-1", tags=["Cloud"])


@pytest.mark.parametrize("script", [True, False])
def test_a_license_is_tagged_and_its_tag_leads_to_all_that_have_it(
    visit: Visit, mona: User, license: Entitlement, script: bool
) -> None:
    page = visit(mona, f"/entitlements/{license.pk}/edit", script=script)

    page.get_by_label("Tags").fill("Cloud; sap")
    page.get_by_role("button", name="Save the changes").click()
    page.get_by_role("link", name="SAP", exact=True).click()

    expect(page.locator("tbody tr")).to_have_count(2)


def test_tags_in_use_are_offered_after_those_that_are_written(
    visit: Visit, mona: User, license: Entitlement
) -> None:
    page = visit(mona, f"/entitlements/{license.pk}/edit")

    page.get_by_label("Tags").fill("Cloud; ")

    offered = page.locator("datalist#id_tags_in_use option")
    expect(offered).to_have_count(2)
    values = [offered.nth(number).get_attribute("value") for number in range(2)]
    assert values == ["Cloud; Audit 2026", "Cloud; SAP"]


@pytest.mark.parametrize("script", [True, False])
def test_a_document_is_added_to_a_license(
    visit: Visit, mona: User, license: Entitlement, tmp_path: Path, script: bool
) -> None:
    file = tmp_path / "certificate.txt"
    file.write_text("One license")
    page = visit(mona, f"/entitlements/{license.pk}", script=script)

    page.get_by_role("link", name="Add a document").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Add it").click()

    with page.expect_download() as download:
        page.get_by_role("link", name="certificate.txt", exact=True).click()
    assert Path(download.value.path()).read_text() == "One license"


@pytest.mark.parametrize("script", [True, False])
def test_a_license_is_copied(visit: Visit, mona: User, license: Entitlement, script: bool) -> None:
    page = visit(mona, f"/entitlements/{license.pk}", script=script)

    page.get_by_role("link", name="Copy", exact=True).click()
    expect(page.get_by_text("Copied from")).to_be_visible()
    page.get_by_role("button", name="Add a license").click()

    expect(page.locator(".tags")).to_have_text("Cloud")
    copy = Entitlement.objects.latest("pk")
    assert (copy.model_id, copy.asset_tag) == (license.model_id, "")


@pytest.mark.parametrize("width", [1600, 360])
@pytest.mark.parametrize(
    "path",
    [
        "/entitlements/{}",
        "/entitlements/{}/edit",
        "/entitlements/add-license?copy_of={}",
        "/entitlements/?columns=tags,state&tag=Cloud",
        "/entitlements/change?rows={}",
    ],
)
def test_what_shows_tags_is_accessible_and_fits_its_window(
    visit: Visit, mona: User, license: Entitlement, path: str, width: int
) -> None:
    page = visit(mona, path.format(license.pk), width=width)

    assert problems_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
