"""The frame and the lists in a real browser, with keyboard, on a phone, with and without script."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Company, User
from accounts.roles import Role
from tests.browser.conftest import Visit, problems_of
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    ContractTermFactory,
    LicenseFactory,
    MaintenanceFactory,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = timezone.localdate()


@pytest.fixture
def manager() -> User:
    """Who manages two companies with something in each kind of list."""
    northwind, contoso = CompanyFactory(name="Northwind"), CompanyFactory(name="Contoso")
    _fill(northwind)
    return make_user(Role.LICENSE_MANAGER, northwind, contoso)


def _fill(company: Company) -> None:
    for n in range(60):
        contract = ContractFactory(company=company, name=f"Agreement {n:02}", number=f"N-{n}")
        if n < 3:
            ContractTermFactory(
                contract=contract, starts_on=TODAY, ends_on=TODAY + timedelta(days=20 * n)
            )
    license = LicenseFactory(company=company, contract=contract, purchased_rights=1_234_567)
    MaintenanceFactory(company=company, model=license.model, ends_on=TODAY + timedelta(days=30))


@pytest.mark.parametrize("width", [1600, 360])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/contracts/",
        "/contracts/?status=foo",
        "/contracts/?q=nothing+like+it",
        "/contracts/add",
        "/entitlements/",
        "/entitlements/?kind=maintenance",
        "/entitlements/add-license",
        "/search?q=agreement",
    ],
)
def test_a_page_is_accessible_and_fits_its_window(
    visit: Visit, manager: User, path: str, width: int
) -> None:
    page = visit(manager, path, width=width)

    assert problems_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_list_of_many_columns_fits_a_page_of_twice_the_size(visit: Visit, manager: User) -> None:
    ContractTermFactory(
        contract=ContractFactory(
            company=Company.objects.get(name="Northwind"),
            name="Enterprise Agreement for the plants in the north",
            number="NOR-2026-0147",
            vendor__name="Dassault Systèmes",
            value=2_843_500,
            currency="SEK",
        ),
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=1_196),
    )

    page = visit(manager, "/contracts/?q=NOR-2026", width=800)

    expect(page.get_by_role("cell", name="SEK 2,843,500.00")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 800


def test_a_list_is_filtered_sorted_and_paged_without_leaving_the_page(
    visit: Visit, manager: User
) -> None:
    page = visit(manager, "/contracts/")
    page.evaluate("window.stillHere = true")
    rows = page.locator("#list tbody tr")

    page.get_by_role("link", name="Next").click()
    expect(rows).to_have_count(10)
    page.get_by_role("link", name="Contract", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Contract")
    page.locator("summary", has_text="Status").click()
    page.get_by_label("Active").check()
    page.locator(".chip [open]").get_by_role("button", name="Apply").click()
    expect(rows).to_have_count(3)

    assert page.evaluate("window.stillHere") is True
    assert page.url.endswith("/contracts/?sort=-name&status=active")
    page.get_by_role("link", name="Remove the filter Status").click()
    expect(rows).to_have_count(50)


def test_back_returns_to_the_whole_page_of_before(visit: Visit, manager: User) -> None:
    page = visit(manager, "/contracts/")

    page.get_by_role("link", name="Active", exact=True).click()
    expect(page.locator("#list tbody tr")).to_have_count(3)
    page.go_back()

    expect(page.locator("#list tbody tr")).to_have_count(50)
    expect(page.locator("nav#navigation")).to_be_visible()


def test_a_list_works_without_script(visit: Visit, manager: User) -> None:
    page = visit(manager, "/contracts/", script=False)

    page.locator("summary", has_text="Status").click()
    page.get_by_label("Active").check()
    page.locator(".chip [open]").get_by_role("button", name="Apply").click()

    assert page.locator("#list tbody tr").count() == 3


def test_the_keyboard_searches_walks_rows_and_goes_to_places(visit: Visit, manager: User) -> None:
    page = visit(manager, "/contracts/")

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Agreement 01")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search contracts")).to_be_focused()
    page.keyboard.type("N-17")
    page.keyboard.press("Enter")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", level=1)).to_have_text("Entitlements")


def test_the_dialog_of_keys_closes_by_escape_and_by_back_and_gives_the_focus_back(
    visit: Visit, manager: User
) -> None:
    page = visit(manager, "/contracts/")
    keys = page.get_by_role("dialog", name="Keys")
    page.get_by_role("link", name="Agreement 01").focus()

    page.keyboard.press("?")
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(page.get_by_role("link", name="Agreement 01")).to_be_focused()
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    page.go_back()

    expect(keys).to_be_hidden()
    assert page.url.endswith("/contracts/")


def test_places_are_in_a_sheet_on_a_phone(visit: Visit, manager: User) -> None:
    page = visit(manager, "/contracts/", width=360)
    places = page.get_by_role("navigation", name="Places")

    expect(places).to_be_hidden()
    page.get_by_role("button", name="Places").click()
    expect(places).to_be_visible()
    page.keyboard.press("Escape")

    expect(places).to_be_hidden()


def test_the_chosen_colours_are_there_at_once_on_the_next_page(visit: Visit, manager: User) -> None:
    page = visit(manager, "/")

    page.locator("summary[title=Look]").click()
    page.get_by_role("button", name="Dark").click()
    page.goto("/contracts/")

    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert problems_of(page) == []


def test_a_form_that_is_wrong_keeps_what_was_typed(visit: Visit, manager: User) -> None:
    page = visit(manager, "/contracts/add")

    page.get_by_label("Name").fill("Select Plus")
    page.get_by_role("button", name="Add the contract").click()

    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
    expect(page.get_by_label("Name")).to_have_value("Select Plus")
    assert problems_of(page) == []


def test_script_and_style_of_a_first_visit_are_small(visit: Visit, manager: User) -> None:
    page = visit(manager, "/contracts/")

    fetched = page.evaluate(
        "performance.getEntriesByType('resource').map(r => [r.name, r.decodedBodySize])"
    )

    weight = sum(size for name, size in fetched if name.endswith((".js", ".css", ".svg")))
    assert 60_000 < weight <= 120_000
