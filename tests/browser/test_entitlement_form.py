"""The form of an entitlement in a browser: part numbers, what applies; with script and without."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Company, User
from accounts.roles import Role
from contracts.models import Product
from entitlements.models import Entitlement, LicenseMetric, LicenseType
from tests.browser.conftest import Visit, problems_of
from tests.factories import (
    CompanyFactory,
    PartFactory,
    ProductFactory,
    SoftwareModelFactory,
    VendorFactory,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "/entitlements/add-license"


@pytest.fixture
def company(transactional_db: None) -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def manager(company: Company) -> User:
    return make_user(Role.LICENSE_MANAGER, company)


@pytest.fixture
def visio(company: Company) -> Product:
    return ProductFactory(vendor=VendorFactory(name="Microsoft"), name="Visio")


def part_of(product: Product, **fields: Any) -> Any:
    return PartFactory(vendor=product.vendor, product_name=product.name, number="VI-1", **fields)


def choose_part(page: Page) -> None:
    box = page.get_by_role("combobox", name="Publisher part number")
    box.press_sequentially("VI-1")
    page.locator(".chosen").get_by_role("option").first.click()


def test_a_part_number_fills_the_form_in_at_once(
    visit: Visit, manager: User, visio: Product
) -> None:
    SoftwareModelFactory(product=visio, version="2026", name="Visio 2026")
    metric = LicenseMetric.objects.get(group__name="Microsoft", name="Per User")
    part_of(visio, metric=metric, license_type=LicenseType.UPGRADE, rights_per_pack=25)
    page = visit(manager, ADD)

    choose_part(page)

    expect(page.get_by_role("combobox", name="Software model")).to_have_value("Visio 2026")
    expect(page.get_by_label("Metric group")).to_have_value(str(metric.group_id))
    expect(page.locator('select[name="metric"]')).to_have_value(str(metric.pk))
    expect(page.get_by_label("License type")).to_have_value("upgrade")
    expect(page.get_by_label("Rights per pack")).to_have_value("25")
    page.get_by_label("Number of packs").fill("2")
    page.get_by_label("Number of packs").press("Tab")
    expect(page.get_by_label("Purchased rights")).to_have_value("50")
    assert problems_of(page) == []
    page.get_by_label("Purchased on").fill("2026-01-31")
    page.get_by_role("button", name="Add a license").click()
    expect(page.get_by_role("heading", name="Visio 2026", exact=True)).to_be_visible()
    assert Entitlement.objects.get().purchased_rights == 50


def test_of_several_models_one_is_chosen_in_the_form(
    visit: Visit, manager: User, visio: Product
) -> None:
    SoftwareModelFactory(product=visio, version="2024", name="Visio 2024")
    newer = SoftwareModelFactory(product=visio, version="2026", name="Visio 2026")
    part_of(visio)
    page = visit(manager, ADD)

    choose_part(page)

    expect(page.get_by_text("2 software models fit VI-1: choose one.")).to_be_visible()
    page.locator('select[name="model"]').select_option(str(newer.pk))
    expect(page.get_by_role("combobox", name="Software model")).to_have_value("Visio 2026")


def test_where_none_fits_the_form_says_what_will_be_created(
    visit: Visit, manager: User, visio: Product
) -> None:
    part_of(visio, version="2027")
    page = visit(manager, ADD)

    choose_part(page)

    expect(page.get_by_text("Will be created: Microsoft Visio 2027.")).to_be_visible()


def test_a_model_of_another_product_is_warned_of_at_once(
    visit: Visit, manager: User, visio: Product
) -> None:
    SoftwareModelFactory(product=visio, version="2026", name="Visio 2026")
    SoftwareModelFactory(name="DrawIt 5")
    part_of(visio)
    page = visit(manager, ADD)
    choose_part(page)
    model = page.get_by_role("combobox", name="Software model")
    expect(model).to_have_value("Visio 2026")

    model.click()
    model.press_sequentially("DrawIt")
    page.locator(".chosen").get_by_role("option").first.click()

    expect(page.get_by_text("The part number VI-1 is of Microsoft Visio, and")).to_be_visible()


def test_fields_that_do_not_apply_come_and_go_and_what_was_typed_stays(
    visit: Visit, manager: User
) -> None:
    page = visit(manager, ADD)
    expect(page.locator('[name="ends_on"]')).to_have_count(0)
    page.get_by_label("PO number").fill("PO-4711")

    page.get_by_label("Duration").select_option("subscription")

    expect(page.locator('[name="ends_on"]')).to_be_visible()
    expect(page.get_by_label("PO number")).to_have_value("PO-4711")
    page.get_by_label("Unlimited").check()
    expect(page.locator('[name="purchased_rights"]')).to_have_count(0)
    expect(page.locator('[name="ends_on"]')).to_be_visible()


def test_without_script_the_button_applies_what_was_chosen(
    visit: Visit, manager: User, visio: Product
) -> None:
    SoftwareModelFactory(product=visio, version="2026", name="Visio 2026")
    part_of(visio, license_type=LicenseType.UPGRADE)
    page = visit(manager, ADD, script=False)
    page.locator('[name="part_text"]').fill("VI-1")
    page.get_by_label("Duration").select_option("subscription")

    page.get_by_role("button", name="Apply what was chosen").click()

    expect(page.locator('[name="model_text"]')).to_have_value("Visio 2026")
    expect(page.get_by_label("License type")).to_have_value("upgrade")
    expect(page.locator('[name="ends_on"]')).to_be_visible()
    assert not Entitlement.objects.exists()


def test_without_script_nothing_is_saved_before_a_part_number_was_looked_at(
    visit: Visit, manager: User, visio: Product
) -> None:
    SoftwareModelFactory(product=visio, version="2026", name="Visio 2026")
    part_of(visio)
    page = visit(manager, ADD, script=False)
    page.locator('[name="part_text"]').fill("VI-1")
    page.get_by_label("Purchased rights").fill("5")
    page.get_by_label("Purchased on").fill("2026-01-31")

    page.get_by_role("button", name="Add a license").click()

    expect(page.get_by_text("VI-1 has filled in fields below.")).to_be_visible()
    page.get_by_role("button", name="Add a license").click()
    expect(page.get_by_role("heading", name="Visio 2026", exact=True)).to_be_visible()
    assert Entitlement.objects.get().model.name == "Visio 2026"
