"""Deployments, devices and people in a real browser: unfolding, keeping a device, and axe."""

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from tests.browser.conftest import Visit, problems_of
from tests.deployments.environment import Environment
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def environment() -> Environment:
    environment = Environment()
    environment.install(
        environment.pc, environment.found("DrawIt", version="24.2", model=environment.model)
    )
    return environment


def test_every_page_is_accessible_and_fits_its_window(
    visit: Visit, environment: Environment
) -> None:
    user = make_user(Role.ADMINISTRATOR, environment.company)
    page = visit(user, "/deployments/")

    for width in (1600, 360):
        page.set_viewport_size({"width": width, "height": 1000})
        for address in (
            f"/deployments/?open={environment.deployment.pk}",
            f"/deployments/{environment.deployment.pk}",
            "/installations/",
            "/subscriptions/",
            "/devices/",
            f"/devices/{environment.pc.pk}",
            f"/devices/{environment.pc.pk}/edit",
            "/people/",
            f"/people/{environment.ada.pk}",
            f"/people/{environment.ada.pk}/edit",
            "/people/add",
        ):
            page.goto(address)

            assert problems_of(page) == [], (address, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_product_unfolds_and_back_folds_it_again(
    visit: Visit, environment: Environment, script: bool
) -> None:
    user = make_user(Role.AUDITOR, environment.company)
    page = visit(user, "/deployments/", script=script)
    unfold = page.locator(f"#versions-{environment.deployment.pk}")

    unfold.click()

    expect(page.get_by_text("Version 24.2")).to_be_visible()
    expect(unfold).to_have_attribute("aria-expanded", "true")
    if script:
        expect(unfold).to_be_focused()
    page.go_back()
    expect(page.get_by_text("Version 24.2")).to_have_count(0)


def test_a_device_is_given_to_somebody_found_by_typing(
    visit: Visit, environment: Environment
) -> None:
    user = make_user(Role.LICENSE_MANAGER, environment.company)
    page = visit(user, f"/devices/{environment.spare.pk}")
    page.get_by_role("link", name="Change", exact=True).click()

    page.get_by_label("Used by").fill("bo")
    page.get_by_role("option", name="Bob").click()
    page.get_by_label("Reason").fill("Handed over")
    page.get_by_role("button", name="Save the changes").click()

    expect(page.get_by_text("pc-2 was changed.")).to_be_visible()
    expect(page.locator("#history")).to_contain_text("Handed over")
    environment.spare.refresh_from_db()
    assert environment.spare.person == environment.bob
    assert environment.deployment.installs_without_person == 0
