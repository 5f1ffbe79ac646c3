"""What moves rights, in a browser: upgrades, states, notes, with script and without."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Company, User
from accounts.roles import Role
from entitlements.models import (
    Entitlement,
    LicenseType,
    StatePeriod,
    UpgradedEntitlement,
    WorkNote,
)
from entitlements.states import State, Substate
from tests.browser.conftest import Visit, problems_of
from tests.factories import CompanyFactory, LicenseFactory, SoftwareModelFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)

AGO = timezone.localdate() - timedelta(days=100)


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def mona(company: Company) -> User:
    return make_user(Role.LICENSE_MANAGER, company, username="mona")


@pytest.fixture
def source(company: Company) -> Entitlement:
    model = SoftwareModelFactory(name="Office 2013")
    return LicenseFactory(company=company, model=model, purchased_rights=8, asset_tag="OLD")


@pytest.fixture
def target(company: Company, source: Entitlement) -> Entitlement:
    model = SoftwareModelFactory(product=source.model.product, version="2016", name="Office 2016")
    return LicenseFactory(
        company=company,
        model=model,
        purchased_rights=10,
        purchased_on=AGO,
        license_type=LicenseType.UPGRADE,
        asset_tag="NEW",
    )


def test_rights_move_in_a_dialog_which_says_what_is_too_much(
    visit: Visit, mona: User, source: Entitlement, target: Entitlement
) -> None:
    page = visit(mona, f"/entitlements/{target.pk}")
    expect(page.get_by_text("This upgrade names no license that it upgrades")).to_be_visible()

    page.get_by_role("link", name="Add an upgraded entitlement").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("From entitlement").fill("Office 2013")
    dialog.get_by_role("option").first.click()
    dialog.get_by_label("Number of rights").fill("9")
    dialog.get_by_role("button", name="Move the rights").click()
    expect(dialog.get_by_text("9 is more than the 8 active rights").first).to_be_visible()
    assert problems_of(page) == []
    dialog.get_by_label("Number of rights").fill("6")
    dialog.get_by_role("button", name="Move the rights").click()

    expect(page.get_by_text("6 rights moved here from")).to_be_visible()
    expect(page.get_by_text("4 of its 10 rights upgrade no license")).to_be_visible()
    moved = UpgradedEntitlement.objects.get()
    assert (moved.source, moved.rights, moved.effective_on) == (source, 6, AGO)


def test_rights_move_and_come_back_without_script(
    visit: Visit, mona: User, source: Entitlement, target: Entitlement
) -> None:
    page = visit(mona, f"/entitlements/{target.pk}", script=False)

    page.get_by_role("link", name="Add an upgraded entitlement").click()
    page.get_by_label("From entitlement").fill("OLD")
    page.get_by_label("Number of rights").fill("8")
    page.get_by_role("button", name="Move the rights").click()
    expect(page.get_by_text("8 rights moved here from")).to_be_visible()
    page.get_by_role("link", name="Take the upgrade from").click()
    page.get_by_label("Reason").fill("Bought as full licenses")
    page.get_by_role("button", name="Take it back").click()

    expect(page.get_by_text("count there again.")).to_be_visible()
    assert UpgradedEntitlement.objects.get().ended_on == timezone.localdate()


def test_the_substates_follow_the_state_where_there_is_script(
    visit: Visit, mona: User, source: Entitlement
) -> None:
    page = visit(mona, f"/entitlements/{source.pk}")

    page.get_by_role("link", name="Set state").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("State", exact=True).select_option("Missing")
    expect(dialog.get_by_role("option", name="Stolen")).to_have_count(1)
    expect(dialog.get_by_role("option", name="Sold")).to_have_count(0)
    dialog.get_by_label("Substate").select_option("Stolen")
    dialog.get_by_label("Reason").fill("The notebook is gone")
    assert problems_of(page) == []
    dialog.get_by_role("button", name="Set it").click()

    expect(page.get_by_text("Missing (stolen)").first).to_be_visible()
    expect(page.get_by_role("link", name="Back to by date")).to_be_visible()
    period = StatePeriod.objects.get()
    assert (period.state, period.substate) == (State.MISSING, Substate.STOLEN)


def test_all_substates_stand_under_their_states_without_script(
    visit: Visit, mona: User, source: Entitlement
) -> None:
    page = visit(mona, f"/entitlements/{source.pk}/state", script=False)

    page.get_by_label("State", exact=True).select_option("Missing")
    page.get_by_label("Substate").select_option("Sold")
    page.get_by_label("Reason").fill("Wrong at first")
    page.get_by_role("button", name="Set it").click()
    expect(page.get_by_text("Sold is no substate of Missing").first).to_be_visible()
    page.get_by_label("Substate").select_option("Lost")
    page.get_by_role("button", name="Set it").click()

    expect(page.get_by_text("Missing (lost)").first).to_be_visible()


def test_a_work_note_is_written_on_a_phone(visit: Visit, mona: User, source: Entitlement) -> None:
    page = visit(mona, f"/entitlements/{source.pk}", width=360)

    page.get_by_role("link", name="Add a work note").click()
    page.get_by_role("dialog").get_by_label("Note").fill("Asked the vendor for the papers")
    page.get_by_role("button", name="Add the note").click()

    expect(page.get_by_text("Asked the vendor for the papers")).to_be_visible()
    assert WorkNote.objects.get().written_by == mona
