"""Track Deployment step by step, as its instructions tell it: with script and without."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from accounts.models import Company, Department, User
from accounts.roles import Role
from allocation.models import Allocation
from common.acting import acting
from contracts.models import Contract, Product
from entitlements.models import Entitlement, LicenseMetric
from tests.allocation.using import Household
from tests.browser.conftest import Visit, problems_of
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    PersonFactory,
    ProductFactory,
    SoftwareModelFactory,
    VendorFactory,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def mona(company: Company) -> User:
    return make_user(Role.LICENSE_MANAGER, company, username="mona")


@pytest.fixture
def house(company: Company, mona: User) -> Household:
    return Household(company=company, by=mona)


@pytest.fixture
def products(house: Household) -> dict[str, Product]:
    """What is deployed of Microsoft, and a product of another vendor."""
    microsoft = VendorFactory(name="Microsoft")
    found = {
        "365 Apps": {"installs": 35, "users": 40},
        "Office": {"installs": 14, "users": 12},
        "Visio": {},
    }
    named: dict[str, Product] = {}
    for name, counts in found.items():
        named[name] = ProductFactory(vendor=microsoft, name=name)
        if counts:
            house.deploy(named[name], **counts)
    named["Photoshop"] = ProductFactory(name="Photoshop", vendor__name="Adobe")
    return named


@pytest.fixture
def contract(company: Company) -> Contract:
    return ContractFactory(company=company, name="Microsoft Enterprise Agreement")


@pytest.fixture
def e5(house: Household, products: dict[str, Product], contract: Contract) -> Entitlement:
    """Ninety rights of Microsoft 365 E5, counted by user."""
    suite = ProductFactory(name="Microsoft 365", vendor=products["Office"].vendor)
    return house.license(
        90,
        model=SoftwareModelFactory(product=suite, version="", name="Microsoft 365 E5"),
        contract=contract,
        metric=LicenseMetric.objects.get(group__name="Common", name="Per Named User"),
        asset_tag="L-E5",
    )


def figure(page: Page, label: str) -> Locator:
    return (
        page.locator("#use-figures > div")
        .filter(has=page.locator("dt", has_text=label))
        .locator("dd")
    )


def expect_figures(page: Page, **figures: str) -> None:
    for label, value in figures.items():
        expect(figure(page, label.capitalize())).to_have_text(re.compile(rf"^\s*{value}\b"))


def opened(page: Page, opener: Locator) -> Locator:
    opener.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


# --- The four steps ---


def test_the_four_steps_in_a_dialog_without_loading_the_page_anew(
    visit: Visit, mona: User, contract: Contract, e5: Entitlement
) -> None:
    page = visit(mona, "/contracts/")
    page.get_by_role("link", name=contract.name).click()
    page.get_by_role("region", name="Licenses").get_by_role("link", name=re.compile("E5")).click()
    expect(page.get_by_role("heading", name="Allocations")).to_be_visible()
    expect_figures(page, entitled="90", deployed="0", available="90")
    page.evaluate("window.isTheSamePage = true")

    opener = page.get_by_role("link", name="Track Deployment")
    dialog = opened(page, opener)
    expect(dialog.get_by_role("combobox", name="Vendor")).to_have_value("Microsoft")
    product = dialog.get_by_role("combobox", name="Product")
    product.click()
    expect(dialog.get_by_role("option")).to_have_count(4)
    expect(dialog.get_by_role("option").first).to_contain_text("35 installs, 40 users")
    expect(dialog.get_by_role("option", name=re.compile("Visio"))).to_contain_text("not deployed")
    product.press_sequentially("apps")
    expect(dialog.get_by_role("option")).to_have_count(1)
    product.press("Enter")
    expect(dialog.get_by_label("Allocated Quantity")).to_have_value("0")
    expect(dialog.get_by_text("0 means unlimited")).to_be_visible()
    expect(dialog.get_by_label("Users")).to_be_checked()
    dialog.get_by_label("Notes").fill("All of Northwind")
    dialog.get_by_role("button", name="Track").click()

    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    expect(page.get_by_text("It takes 40 units now.")).to_be_visible()
    row = page.get_by_role("row", name=re.compile("Microsoft 365 Apps"))
    expect(row).to_contain_text("Unlimited")
    expect(row).to_contain_text("All of Northwind")
    expect_figures(page, entitled="90", deployed="40", available="50")

    track(page, "Office", "0", "Users")
    expect_figures(page, entitled="90", deployed="52", available="38")
    expect(page.get_by_role("img", name="52 of 90 allocated, 38 free").first).to_be_visible()
    assert page.evaluate("window.isTheSamePage") is True
    assert Allocation.objects.count() == 2


def track(page: Page, product: str, quantity: str, metric: str) -> None:
    dialog = opened(page, page.get_by_role("link", name="Track Deployment"))
    box = dialog.get_by_role("combobox", name="Product")
    box.press_sequentially(product)
    expect(dialog.get_by_role("option").first).to_contain_text(product)
    box.press("Enter")
    dialog.get_by_label("Allocated Quantity").fill(quantity)
    dialog.get_by_label(metric).check()
    dialog.get_by_role("button", name="Track").click()
    expect(dialog).to_be_hidden()


def test_the_four_steps_without_script(
    visit: Visit, mona: User, contract: Contract, e5: Entitlement, products: dict[str, Product]
) -> None:
    page = visit(mona, "/contracts/", script=False)
    page.get_by_role("link", name=contract.name).click()
    page.get_by_role("link", name=re.compile("E5")).first.click()

    for product, wanted in (("365 Apps", "365 Apps (35 installs, 40 users)"), ("Office", None)):
        page.get_by_role("link", name="Track Deployment").click()
        page.get_by_label("Vendor").fill("Micro")
        page.get_by_label("Notes").fill(f"For {product}")
        page.get_by_role("button", name="Show products").click()
        choice = page.get_by_label("Product")
        expect(choice.locator("option")).to_have_count(4)
        choice.select_option(wanted or "Office (14 installs, 12 users)")
        expect(page.get_by_label("Notes")).to_have_value(f"For {product}")
        page.get_by_label("Users").check()
        page.get_by_role("button", name="Track").click()

    expect(page.get_by_text("It takes 12 units now.")).to_be_visible()
    expect_figures(page, entitled="90", deployed="52", available="38")
    expect(page.get_by_role("row", name=re.compile("Microsoft Office"))).to_contain_text(
        "For Office"
    )


def test_choosing_another_vendor_empties_the_product_and_offers_its_own(
    visit: Visit, mona: User, e5: Entitlement
) -> None:
    page = visit(mona, f"/entitlements/{e5.pk}")
    dialog = opened(page, page.get_by_role("link", name="Track Deployment"))
    product = dialog.get_by_role("combobox", name="Product")
    product.press_sequentially("office")
    expect(dialog.get_by_role("option")).to_have_count(1)
    product.press("Enter")

    vendor = dialog.get_by_role("combobox", name="Vendor")
    vendor.fill("")
    vendor.press_sequentially("adobe")
    expect(dialog.get_by_role("option")).to_have_count(1)
    vendor.press("Enter")

    expect(product).to_have_value("")
    product.click()
    expect(dialog.get_by_role("option")).to_have_text([re.compile("Photoshop")])


# --- What is refused ---


def test_what_is_refused_is_said_in_the_dialog_and_what_was_typed_is_kept(
    visit: Visit, mona: User, e5: Entitlement, products: dict[str, Product]
) -> None:
    page = visit(mona, f"/entitlements/{e5.pk}")
    dialog = opened(page, page.get_by_role("link", name="Track Deployment"))
    box = dialog.get_by_role("combobox", name="Product")
    box.press_sequentially("office")
    expect(dialog.get_by_role("option")).to_have_count(1)
    box.press("Enter")
    dialog.get_by_label("Allocated Quantity").fill("91")
    dialog.get_by_label("Notes").fill("More than there is")
    dialog.get_by_role("button", name="Track").click()

    expect(dialog.get_by_role("alert")).to_contain_text("91 is more than the 90 that are available")
    quantity = dialog.get_by_label("Allocated Quantity")
    expect(quantity).to_be_focused()
    expect(quantity).to_have_value("91")
    expect(dialog.get_by_label("Notes")).to_have_value("More than there is")
    expect(box).to_have_value("Office")
    assert problems_of(page) == []

    quantity.fill("90")
    dialog.get_by_role("button", name="Track").click()
    expect(dialog).to_be_hidden()
    expect_figures(page, available="0")


def test_of_two_people_who_take_the_last_unit_the_second_is_told(
    visit: Visit, mona: User, company: Company, house: Household
) -> None:
    license = house.license(1)
    nora = make_user(Role.LICENSE_MANAGER, company, username="nora")
    pages = [visit(user, f"/entitlements/{license.pk}") for user in (mona, nora)]

    dialogs = [opened(page, page.get_by_role("link", name="Reserve")) for page in pages]
    for dialog, label in zip(dialogs, ("Legal", "Sales"), strict=True):
        dialog.get_by_label("Name").fill(label)
        dialog.get_by_label("Reserved quantity").fill("1")
    dialogs[0].get_by_role("button", name="Reserve").click()
    expect(dialogs[0]).to_be_hidden()
    dialogs[1].get_by_role("button", name="Reserve").click()

    expect(dialogs[1].get_by_role("alert")).to_contain_text(
        "1 is more than the 0 that are available"
    )
    assert Allocation.objects.get().reservation_label == "Legal"


# --- Reserve, people, edit, end ---


def test_units_are_reserved_changed_and_ended_where_they_stand(
    visit: Visit, mona: User, company: Company, e5: Entitlement
) -> None:
    with acting(None, "Set up by a test"):
        Department.objects.create(company=company, name="Legal")
    page = visit(mona, f"/entitlements/{e5.pk}")

    dialog = opened(page, page.get_by_role("link", name="Reserve"))
    expect(dialog.locator("datalist option")).to_have_count(1)
    dialog.get_by_label("Name").fill("Legal")
    dialog.get_by_label("Reserved quantity").fill("20")
    dialog.get_by_role("button", name="Reserve").click()
    row = page.get_by_role("row", name=re.compile("Department: Legal"))
    expect(row).to_contain_text("20")
    expect_figures(page, reserved="20", available="70")

    dialog = opened(page, row.get_by_role("link", name="Edit"))
    dialog.get_by_label("Allocated Quantity").fill("30")
    dialog.get_by_label("Reason").fill("Ten more people")
    dialog.get_by_role("button", name="Save").click()
    expect_figures(page, reserved="30", available="60")
    expect(row.get_by_role("link", name="Edit")).to_be_focused()

    dialog = opened(page, row.get_by_role("link", name="End"))
    dialog.get_by_label("Reason").fill("Legal was sold")
    dialog.get_by_role("button", name="End it").click()
    expect_figures(page, available="90")
    page.get_by_text("1 ended allocation").click()
    expect(page.get_by_text("Legal was sold")).to_be_visible()


def test_a_person_is_found_by_typing_and_given_a_unit(
    visit: Visit, mona: User, company: Company, e5: Entitlement
) -> None:
    PersonFactory(company=company, name="Grace Hopper", email="grace@example.com")
    page = visit(mona, f"/entitlements/{e5.pk}")

    dialog = opened(page, page.get_by_role("link", name="Allocate to a person"))
    expect(dialog.get_by_text("90 of 90 available")).to_be_visible()
    box = dialog.get_by_role("combobox", name="Person")
    box.press_sequentially("grace")
    expect(dialog.get_by_role("option")).to_have_count(1)
    box.press("Enter")
    dialog.get_by_role("button", name="Allocate").click()

    expect(page.get_by_role("row", name=re.compile("Grace Hopper"))).to_be_visible()
    expect_figures(page, available="89")


def test_escape_and_back_close_the_dialog_and_focus_goes_back(
    visit: Visit, mona: User, e5: Entitlement
) -> None:
    page = visit(mona, f"/entitlements/{e5.pk}")
    opener = page.get_by_role("link", name="Track Deployment")

    dialog = opened(page, opener)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()

    dialog = opened(page, opener)
    page.go_back()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile(rf"/entitlements/{e5.pk}$"))


def test_whoever_was_signed_out_is_told_in_the_dialog_and_what_was_typed_is_kept(
    visit: Visit, mona: User, e5: Entitlement
) -> None:
    page = visit(mona, f"/entitlements/{e5.pk}")
    dialog = opened(page, page.get_by_role("link", name="Reserve"))
    dialog.get_by_label("Name").fill("Legal")
    dialog.get_by_label("Reserved quantity").fill("20")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    dialog.get_by_role("button", name="Reserve").click()

    expect(dialog.get_by_role("alert")).to_contain_text("You were signed out")
    expect(dialog.get_by_label("Name")).to_have_value("Legal")
    expect(page).to_have_url(re.compile(rf"/entitlements/{e5.pk}$"))
    assert not Allocation.objects.exists()


def test_a_dialog_opens_on_its_first_field(visit: Visit, mona: User, e5: Entitlement) -> None:
    page = visit(mona, f"/entitlements/{e5.pk}")

    dialog = opened(page, page.get_by_role("link", name="Track Deployment"))

    expect(dialog.get_by_role("combobox", name="Vendor")).to_be_focused()
    expect(dialog.get_by_role("option")).to_have_count(0)


# --- For everybody ---


@pytest.mark.parametrize("width", [1600, 800, 360])
def test_pages_of_uses_break_no_rule_of_accessibility_and_fit_the_screen(
    visit: Visit,
    mona: User,
    house: Household,
    e5: Entitlement,
    products: dict[str, Product],
    width: int,
) -> None:
    tracked = house.track(e5, products["365 Apps"], 0, "users")
    house.track(e5, products["Office"], 20, "installs")
    page = visit(mona, "/license-use/", width=width)
    paths = [
        "/license-use/",
        "/license-use/?metric=users&use=uncovered",
        f"/license-use/{tracked.deployment_id}",
        f"/entitlements/{e5.pk}",
        f"/entitlements/{e5.pk}/allocations",
        f"/entitlements/{e5.pk}/track",
        f"/entitlements/{e5.pk}/reserve",
        f"/entitlements/{e5.pk}/allocate-to-person",
        f"/allocations/{tracked.pk}",
        f"/allocations/{tracked.pk}/change",
        f"/allocations/{tracked.pk}/end",
        "/entitlements/?kind=license",
    ]

    found = []
    for path in paths:
        page.goto(path)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        problems = problems_of(page) + ([f"{wider} px too wide"] if wider > 0 else [])
        found += [f"{path}: {problem}" for problem in problems]

    assert not found, "\n".join(found)


def test_the_open_dialog_breaks_no_rule_of_accessibility(
    visit: Visit, mona: User, e5: Entitlement
) -> None:
    page = visit(mona, f"/entitlements/{e5.pk}", width=360)

    dialog = opened(page, page.get_by_role("link", name="Track Deployment"))
    dialog.get_by_role("combobox", name="Product").click()
    expect(dialog.get_by_role("option").first).to_be_visible()

    assert problems_of(page) == []
