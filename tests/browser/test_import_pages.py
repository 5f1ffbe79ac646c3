"""The pages of an import in a real browser: readable by all, and usable without JavaScript."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Company, User
from accounts.roles import Role
from entitlements.models import Entitlement, Import
from entitlements.workbook import jobs
from tests.browser.conftest import Visit, problems_of
from tests.entitlements.workbooks import LICENSE, csv_of, licenses, preview
from tests.factories import CompanyFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)

UPLOAD = reverse("admin:entitlements_import_add")


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind", code="NW")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company, username="ada")


def page_of(source: Import) -> str:
    return reverse("admin:entitlements_import_change", args=[source.pk])


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_workbook_goes_in(
    visit: Visit, ada: User, company: Company, tmp_path: Path, script: bool
) -> None:
    workbook = tmp_path / "licenses.xlsx"
    workbook.write_bytes(licenses(LICENSE, {**LICENSE, "Purchased rights": 0}))
    page = visit(ada, UPLOAD, script=script)

    page.get_by_label("File", exact=True).set_input_files(workbook)
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.get_by_text("Waiting for the worker")).to_be_visible()
    work_on(page, jobs.read)
    page.get_by_role("link", name="Refused 1").click()
    expect(page.get_by_text("Must be above 0, and is 0.")).to_be_visible()
    page.get_by_label("Leave the 1 refused record out").check()
    page.get_by_role("button", name="Import 1 record").click()
    work_on(page, jobs.apply)

    expect(page.get_by_role("button", name="Undo this import")).to_be_visible()
    assert Entitlement.objects.count() == 1


def work_on(page: Page, job: Callable[[int], None]) -> None:
    """Do what the worker would, and look again; the page would look again by itself."""
    job(Import.objects.get().pk)
    page.reload()


@pytest.mark.parametrize("width", [1600, 360])
def test_the_pages_of_an_import_are_readable_by_all(
    visit: Visit, ada: User, company: Company, width: int
) -> None:
    refused = preview(company, licenses(LICENSE, {**LICENSE, "Purchased rights": 0}), ada)
    asking = preview(company, csv_of(["Maker", "Thing"], ["Acme", "DrawIt"]), ada, name="o.csv")
    broken = preview(company, b"PK\x03\x04", ada)

    for path in (UPLOAD, page_of(refused), page_of(asking), page_of(broken)):
        page = visit(ada, path, width=width)
        assert problems_of(page) == [], path
        overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(overflow), path
