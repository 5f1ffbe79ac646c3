"""Pages on a day to which no worker has counted the numbers of licenses yet."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from common.locks import CompanyIsBusy
from entitlements.models import Entitlement
from tests.allocation.using import Household, figures
from tests.allocation.visitors import text_of
from tests.factories import ProductFactory, make_user

pytestmark = pytest.mark.django_db
LAST_DAY = date(2026, 9, 30)
NEXT_DAY = date(2026, 10, 1)
ENDS_AT_MIDNIGHT: dict[str, Any] = {
    "duration": "subscription",
    "starts_on": date(2025, 10, 1),
    "ends_on": LAST_DAY,
}


@pytest.fixture
def house() -> Household:
    house = Household()
    house.by = make_user(Role.LICENSE_MANAGER, house.company, username="mona")
    return house


@pytest.fixture
def mona(house: Household) -> Client:
    client = Client()
    client.force_login(house.by)
    return client


@pytest.fixture
def ended(house: Household) -> Entitlement:
    """Ended at midnight, with the numbers of the day before."""
    license = house.license(50, asset_tag="OLD", **ENDS_AT_MIDNIGHT)
    house.track(license, ProductFactory(name="Visio"), 0)
    house.count(license, day=LAST_DAY)
    assert (figures(license).entitled, figures(license).holds_until) == (50, LAST_DAY)
    return license


@pytest.fixture(autouse=True)
def _next_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *moment: NEXT_DAY)


def listed(client: Client, view: str, **asked: str) -> list[str]:
    response = client.get(reverse(view), {"export": "csv", **asked})
    return b"".join(response).decode("utf-8-sig").splitlines()[1:]


def test_a_list_shows_the_numbers_of_its_day(mona: Client, ended: Entitlement) -> None:
    columns = "reference,entitled,available"

    assert listed(mona, "entitlements", kind="license", columns=columns)[0].endswith(",OLD,0,0")
    assert listed(mona, "entitlements", kind="license", use="free") == []


def test_what_the_end_of_one_license_leaves_to_another_is_counted_too(
    house: Household, mona: Client
) -> None:
    visio = house.product(installs=60)
    ended = house.license(50, **ENDS_AT_MIDNIGHT)
    lasting = house.license(20)
    house.track(ended, visio, 0)
    house.track(lasting, visio, 0)
    house.count(ended, day=LAST_DAY)
    assert figures(lasting).available == 10

    said = text_of(mona.get(reverse("entitlement", args=[lasting.pk])))

    assert "over-allocated by 40" in said
    assert listed(mona, "license-use", columns="deployed,uncovered")[0].endswith(",60,40")


def test_it_is_asked_once_a_day(mona: Client, ended: Entitlement) -> None:
    mona.get(reverse("license-use"))

    with CaptureQueriesContext(connection) as captured:
        mona.get(reverse("license-use"))

    assert not any("holds_until <" in query["sql"] for query in captured)


def test_a_page_does_not_wait_for_whoever_has_the_company_and_the_next_one_asks_again(
    mona: Client, ended: Entitlement, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*args: object, **options: object) -> None:
        raise CompanyIsBusy("Consolidate #41 is running since 23:58.")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("allocation.services.numbers.hold_shared", busy)
        assert mona.get(reverse("license-use")).status_code == 200
    assert figures(ended).entitled == 50

    mona.get(reverse("license-use"))

    assert figures(ended).entitled == 0


def test_nobody_has_anything_counted_before_signing_in(ended: Entitlement) -> None:
    Client().get(reverse("sign-in"))

    assert figures(ended).entitled == 50
