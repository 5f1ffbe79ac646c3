"""The calculation of a license metric in a browser: at a click, and without script."""

import pytest
from playwright.sync_api import expect

from accounts.models import Company, User
from accounts.roles import Role
from entitlements.models import Entitlement, LicenseMetric
from tests.browser.conftest import Visit, problems_of
from tests.factories import CompanyFactory, LicenseFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(transactional_db: None) -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def auditor(company: Company) -> User:
    return make_user(Role.AUDITOR, company)


@pytest.fixture
def license(company: Company) -> Entitlement:
    per_core = LicenseMetric.objects.get(group__name="Common", name="Per Core")
    return LicenseFactory(company=company, metric=per_core)


def test_the_icon_beside_a_metric_shows_its_calculation(
    visit: Visit, auditor: User, license: Entitlement
) -> None:
    page = visit(auditor, f"/entitlements/{license.pk}")
    icon = page.get_by_role("link", name="How Per Core is calculated")

    icon.click()
    dialog = page.get_by_role("dialog", name="Per Core")

    expect(dialog).to_contain_text("2 × 8 = 16 rights")
    assert problems_of(page) == []
    dialog.get_by_role("button", name="Close").first.click()
    expect(dialog).to_have_count(0)
    expect(icon).to_be_focused()


def test_without_script_the_icon_leads_to_the_page_of_the_metric(
    visit: Visit, auditor: User, license: Entitlement
) -> None:
    page = visit(auditor, f"/entitlements/{license.pk}", script=False)

    page.get_by_role("link", name="How Per Core is calculated").click()

    expect(page.get_by_role("heading", level=1, name="Per Core")).to_be_visible()
    expect(page.get_by_text("2 × 8 = 16 rights").first).to_be_visible()


def test_the_icon_of_the_form_shows_the_metric_that_is_chosen(
    visit: Visit, company: Company
) -> None:
    page = visit(make_user(Role.LICENSE_MANAGER, company), "/entitlements/add-license")
    icon = page.get_by_role("link", name="How the license metric is calculated")
    per_named_user = LicenseMetric.objects.get(group__name="Common", name="Per Named User")

    icon.click()
    nothing = page.get_by_role("dialog", name="No metric is chosen")
    expect(nothing).to_be_visible()
    nothing.get_by_role("button", name="Close").first.click()
    page.locator('select[name="metric"]').select_option(str(per_named_user.pk))
    icon.click()

    expect(page.get_by_role("dialog", name="Per Named User")).to_contain_text(
        "an allocation is compulsory"
    )


def test_metrics_open_one_by_one_on_the_page_of_all(visit: Visit, auditor: User) -> None:
    page = visit(auditor, "/metrics/", script=False)
    oracle = page.get_by_role("region", name="Oracle")

    oracle.get_by_text("Named User Plus").first.click()

    expect(oracle.get_by_text("Min users per processor")).to_be_visible()
    expect(oracle.get_by_text("8 × 0.5 × 25 = 100 rights")).to_be_visible()


@pytest.mark.parametrize("width", [1600, 360])
def test_open_metrics_are_accessible(visit: Visit, auditor: User, width: int) -> None:
    page = visit(auditor, "/metrics/", width=width)

    page.locator("details.metric").evaluate_all("all => all.forEach(one => one.open = true)")

    assert problems_of(page) == []


def test_a_processor_is_searched_from_the_page_of_its_metric(visit: Visit, auditor: User) -> None:
    per_processor = LicenseMetric.objects.get(group__name="Oracle", name="Per Processor")
    page = visit(auditor, f"/metrics/{per_processor.pk}")

    page.get_by_label("Find a processor").fill("sparc t5")
    page.get_by_role("button", name="Find").click()

    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("rowheader", name="SPARC T5")).to_be_visible()
