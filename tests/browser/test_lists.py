"""Lists in a real browser: ticked rows, views of one's own, filters by typing."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Company, User
from accounts.roles import Role
from contracts.models import Contract
from tests.browser.conftest import Visit, problems_of
from tests.factories import CompanyFactory, ContractFactory, VendorFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def manager(company: Company) -> User:
    """Who manages six contracts with Adobe and one with Acme."""
    adobe = VendorFactory(name="Adobe")
    for n in range(6):
        ContractFactory(company=company, name=f"Agreement {n}", vendor=adobe)
    ContractFactory(company=company, name="Other", vendor=VendorFactory(name="Acme"))
    return make_user(Role.LICENSE_MANAGER, company)


def ticks(page: Page) -> list[bool]:
    return [box.is_checked() for box in page.locator(".tick input[name=rows]").all()]


def test_rows_are_ticked_by_stretch_by_page_and_by_key(visit: Visit, manager: User) -> None:
    page = visit(manager, "/contracts/")
    boxes = page.locator(".tick input[name=rows]")

    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    stretch = ticks(page)
    expect(page.locator("[data-ticked]")).to_have_text("3 selected")
    page.locator("[data-tick-all]").click()
    expect(page.locator("[data-ticked]")).to_have_text("7 selected")
    page.get_by_role("button", name="Select none").click()
    expect(page.locator("#ticked")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")

    assert stretch == [False, True, True, True, False, False, False]
    assert ticks(page) == [True] + [False] * 6


@pytest.mark.parametrize("script", [True, False])
def test_ticked_contracts_are_changed_and_the_change_is_undone(
    visit: Visit, manager: User, script: bool
) -> None:
    page = visit(manager, "/contracts/", script=script)

    for box in page.locator(".tick input[name=rows]").all()[:2]:
        box.check()
    page.locator("#ticked").get_by_role("button", name="Change").click()
    page.get_by_label("Legal entity").first.fill("Northwind SE")
    page.get_by_label("Reason").fill("Merged")
    page.get_by_role("button", name="See what becomes of them").click()
    expect(page.locator("ins").first).to_have_text("Northwind SE")
    page.get_by_role("button", name="Change 2 contracts").click()
    expect(page.locator(".toast")).to_contain_text("2 contracts were changed")
    changed = Contract.objects.filter(legal_entity="Northwind SE").count()
    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo the change").click()
    expect(page.locator(".toast")).to_contain_text("2 contracts have their former values again")

    assert changed == 2
    assert not Contract.objects.filter(legal_entity="Northwind SE").exists()


@pytest.mark.parametrize("width", [1600, 360])
def test_the_pages_of_a_change_are_accessible_and_fit(
    visit: Visit, manager: User, width: int
) -> None:
    page = visit(manager, "/contracts/change?rows=all", width=width)
    problems = problems_of(page)
    page.get_by_label("Legal entity").first.fill("Northwind SE")
    page.get_by_label("Reason").fill("Merged")
    page.get_by_role("button", name="See what becomes of them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change 7 contracts?")
    problems += problems_of(page)
    page.get_by_role("button", name="Change 7 contracts").click()
    expect(page.locator(".toast")).to_contain_text("7 contracts were changed")
    problems += problems_of(page)
    page.get_by_role("link", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Undo the change of 7 contracts")

    assert problems + problems_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_view_is_kept_in_a_dialog_that_gives_the_focus_to_its_name(
    visit: Visit, manager: User
) -> None:
    page = visit(manager, "/contracts/?sort=-number")

    page.get_by_role("link", name="Keep this view").click()
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Newest first")
    page.keyboard.press("Enter")

    expect(page.locator(".tabs [aria-current]")).to_have_text("Newest first")
    assert "sort=-number" in page.url


def test_back_closes_the_dialog_of_a_view_and_gives_the_focus_back(
    visit: Visit, manager: User
) -> None:
    page = visit(manager, "/contracts/?sort=-number")
    page.get_by_role("link", name="Keep this view").click()
    expect(page.locator("dialog[open]")).to_be_visible()

    page.go_back()

    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_role("link", name="Keep this view")).to_be_focused()


def test_a_view_is_kept_without_script(visit: Visit, manager: User) -> None:
    page = visit(manager, "/contracts/?sort=-number", script=False)

    page.get_by_role("link", name="Keep this view").click()
    page.get_by_label("Name").fill("Newest first")
    page.get_by_role("button", name="Keep the view").click()

    expect(page.locator(".tabs [aria-current]")).to_have_text("Newest first")


def test_a_vendor_is_typed_in_a_filter_and_picked_by_keyboard(visit: Visit, manager: User) -> None:
    page = visit(manager, "/contracts/")

    page.locator(".chip summary", has_text="Vendor").click()
    page.locator("#id_vendor").fill("ac")
    expect(page.get_by_role("option", name="Acme")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")

    expect(page.locator(".table tbody th")).to_have_text(["Other"])
    expect(page.locator(".chip.active")).to_contain_text("Vendor: Acme")


def test_a_vendor_is_written_in_a_filter_without_script(visit: Visit, manager: User) -> None:
    page = visit(manager, "/contracts/", script=False)

    page.locator(".chip summary", has_text="Vendor").click()
    page.locator("#id_vendor").fill("acm")
    page.keyboard.press("Enter")

    expect(page.locator(".table tbody th")).to_have_text(["Other"])


def test_back_shows_nothing_of_before_once_one_has_signed_out(visit: Visit, manager: User) -> None:
    page = visit(manager, "/contracts/")
    page.locator("summary", has=page.locator(".avatar")).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()

    page.go_back()

    expect(page.get_by_text("Agreement 1")).to_have_count(0)
