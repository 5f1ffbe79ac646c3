"""Choosing a record by typing, in a browser: by keyboard, by mouse, and without script."""

import pytest
from playwright.sync_api import expect

from accounts.models import Company, User
from accounts.roles import Role
from tests.browser.conftest import Visit, problems_of
from tests.factories import CompanyFactory, SoftwareModelFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(transactional_db: None) -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def manager(company: Company) -> User:
    return make_user(Role.LICENSE_MANAGER, company)


def test_a_model_is_found_by_typing_and_picked_by_keyboard(visit: Visit, manager: User) -> None:
    SoftwareModelFactory(name="Visio 2024")
    wanted = SoftwareModelFactory(name="Visio 2026")
    page = visit(manager, "/entitlements/add-license")
    box = page.get_by_role("combobox", name="Software model")

    box.press_sequentially("visio")
    expect(page.locator(".chosen").get_by_role("option")).to_have_count(2)
    box.press("ArrowDown")
    box.press("Enter")

    expect(box).to_have_value("Visio 2026")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(page.locator('input[name="model"]')).to_have_value(str(wanted.pk))


def test_typing_replaces_what_was_chosen_and_enter_waits_for_a_choice(
    visit: Visit, manager: User
) -> None:
    SoftwareModelFactory(name="Visio 2024")
    SoftwareModelFactory(name="Project 2024")
    page = visit(manager, "/entitlements/add-license")
    box = page.get_by_role("combobox", name="Software model")
    box.press_sequentially("visio")
    page.locator(".chosen").get_by_role("option").click()
    page.wait_for_load_state("networkidle")  # what depends on the model is drawn anew

    box.blur()
    box.focus()
    box.press_sequentially("pro")
    box.press("Enter")
    expect(page.locator(".chosen").get_by_role("option")).to_contain_text("Project 2024")
    box.press("Enter")

    expect(box).to_have_value("Project 2024")


def test_the_open_list_is_accessible_and_escape_closes_it(visit: Visit, manager: User) -> None:
    SoftwareModelFactory(name="Visio 2024")
    page = visit(manager, "/entitlements/add-license")
    box = page.get_by_role("combobox", name="Software model")

    box.click()
    expect(page.locator(".chosen").get_by_role("option")).to_have_count(1)

    assert problems_of(page) == []
    box.press("Escape")
    expect(page.locator(".chosen").get_by_role("listbox")).to_have_count(0)


def test_without_script_several_of_a_name_are_asked_about(visit: Visit, manager: User) -> None:
    SoftwareModelFactory(name="Visio 2024")
    SoftwareModelFactory(name="Visio 2026")
    page = visit(manager, "/entitlements/add-license", script=False)

    page.get_by_label("Software model").fill("visio")
    page.get_by_role("button", name="Add").click()

    expect(page.get_by_text("Several are called so. Which software model?").first).to_be_visible()
    page.get_by_label("Software model").select_option("Visio 2026")
