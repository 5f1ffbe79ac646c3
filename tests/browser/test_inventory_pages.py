"""Inventories, found software and rules in a real browser, with and without script."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Company, User
from accounts.roles import Role
from deployments.inventory import jobs
from deployments.models import Deployment, InventoryImport
from tests.browser.conftest import Visit, problems_of
from tests.factories import CompanyFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)

FILE = b"Rechner;Publisher;Title;Version\nPC-1;Acme;DrawIt 5.1;5.1\nPC-2;Acme;DrawIt 5.2;5.2\n"


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind", code="NW")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company, username="ada")


def work_on(page: Page, job: Callable[[int], None]) -> None:
    """Do what the worker would, and look again; the page would look again by itself."""
    job(InventoryImport.objects.get().pk)
    page.reload()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_an_inventory_goes_in_and_a_rule_counts_it(
    visit: Visit, ada: User, company: Company, tmp_path: Path, script: bool
) -> None:
    file = tmp_path / "pcs.csv"
    file.write_bytes(FILE)
    page = visit(ada, reverse("add-inventory"), script=script)

    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Source", exact=True).fill("Table of Madrid")
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.get_by_role("heading", name="pcs.csv")).to_be_visible()
    work_on(page, jobs.read)
    page.get_by_label("Rechner").select_option("Device")
    page.get_by_role("button", name="Read it so").click()
    work_on(page, jobs.read)
    expect(page.get_by_text("2 titles met no rule of discovery.")).to_be_visible()
    assert not script or problems_of(page) == []
    page.get_by_role("button", name="Import", exact=True).click()
    work_on(page, jobs.apply)
    page.get_by_role("link", name="Unmatched software").click()
    page.get_by_role("link", name="DrawIt 5.1").click()
    page.get_by_role("link", name="Make a rule").click()
    page.get_by_label("A new software model").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("row", name="DrawIt Northwind 0 → 2")).to_be_visible()
    page.get_by_role("button", name="Make the rule").click()

    expect(page.get_by_role("heading", name="Acme · DrawIt *")).to_be_visible()
    assert Deployment.objects.get(company=company).installs == 2


@pytest.mark.parametrize("width", [1600, 360])
@pytest.mark.parametrize(
    "view", ["inventory-imports", "add-inventory", "discovered-titles", "discovery-rules"]
)
def test_a_page_has_no_barriers(visit: Visit, ada: User, view: str, width: int) -> None:
    page = visit(ada, reverse(view), width=width)

    assert problems_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
