"""The plain recount that proves the stored numbers, and the numbers of a new day."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Company
from allocation.models import ReservationKind
from allocation.recount import differences
from allocation.services import UseRefused, end_allocation, refresh_outdated, reserve
from common.acting import acting
from contracts.models import Product
from deployments.counting import recount
from deployments.models import (
    Device,
    DiscoveredSoftware,
    Installation,
    ReportedCount,
    Subscription,
)
from entitlements.models import (
    Entitlement,
    PurchaseReturn,
    StatePeriod,
    UpgradedEntitlement,
)
from entitlements.signals import rights_changed
from entitlements.states import State
from tests.allocation.using import TODAY, Household, figures
from tests.factories import CompanyFactory, LicenseFactory, PersonFactory, SoftwareModelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> Household:
    return Household()


def found(house: Household, *, devices: int, people: int, reported: int = 0) -> Product:
    """A product with real rows: so many installs, of which the first have so many people."""
    model = SoftwareModelFactory()
    company = house.company
    with acting(None, "Set up by a test"):
        rule = model.discovery_maps.create(name=model.name)
        title = DiscoveredSoftware.objects.create(
            company=company, name=model.name, model=model, rule=rule, seen_on=TODAY
        )
        seen: dict[str, Any] = {"company": company, "software": title, "seen_on": TODAY}
        seen |= {"last_seen_on": TODAY, "source": "glpi"}
        for number in range(devices):
            device = Device.objects.create(company=company, name=f"{model.name}-{number}")
            user = PersonFactory(company=company) if number < people else None
            Installation.objects.create(device=device, person=user, **seen)
            if user is not None:
                Subscription.objects.create(person=user, **seen)
        if reported:
            ReportedCount.objects.create(
                company=company,
                software=title,
                source="fleet",
                metric="installs",
                day=TODAY,
                count=reported,
            )
        recount(company_id=company.pk, product_ids=[model.product_id])
    return model.product


def broken(statement: str, *values: Any) -> None:
    """Change the database behind the back of everything that keeps the numbers."""
    with acting(None, "Broken by a test"), connection.cursor() as cursor:
        cursor.execute(statement, values)


def told(company: Company) -> list[str]:
    return list(differences(company, timezone.localdate()))


def test_what_the_services_keep_is_what_the_recount_gives(
    house: Household, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = house.license(10), house.license(5)
    office, reader = (
        found(house, devices=9, people=4),
        found(house, devices=0, people=0, reported=7),
    )
    house.track(first, office, 3)
    house.track(second, office, 0)
    house.track(first, office, 0, metric="users")
    house.track(second, reader, 0)

    call_command("check_numbers")

    assert figures(second).consumed == 13
    assert "as counted" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        pytest.param(
            "UPDATE allocation_allocation SET consumed = consumed + 1",
            "consumed is stored as 5, and counted as 4",
            id="an allocation",
        ),
        pytest.param(
            "UPDATE allocation_licensenumbers SET available = 99",
            "available is stored as 99, and counted as 6",
            id="a license",
        ),
        pytest.param(
            "UPDATE allocation_productnumbers SET uncovered = 2 WHERE metric = 'installs'",
            "(installs): uncovered is stored as 2, and counted as 0",
            id="a product",
        ),
        pytest.param(
            "UPDATE deployments_deployment SET users = 8",
            "users is stored as 8, and counted as 1",
            id="a deployment",
        ),
        pytest.param(
            "UPDATE deployments_deployment SET installs_without_person = 0",
            "installs_without_person is stored as 0, and counted as 3",
            id="installs without a person",
        ),
        pytest.param(
            "DELETE FROM allocation_licensenumbers",
            "no numbers are stored",
            id="a license without numbers",
        ),
        pytest.param(
            "UPDATE deployments_installation SET gone_on = last_seen_on",
            "installs is stored as 4, and counted as 0",
            id="an installation gone past the recount",
        ),
        pytest.param(
            "UPDATE entitlements_entitlement SET purchased_rights = 3",
            "entitled is stored as 10, and counted as 3",
            id="rights changed past the services",
        ),
    ],
)
def test_a_figure_broken_in_the_database_is_found(
    house: Household, capsys: pytest.CaptureFixture[str], statement: str, sentence: str
) -> None:
    house.track(house.license(10), found(house, devices=4, people=1), 0)
    broken(statement)

    with pytest.raises(CommandError, match="differ from the recount") as failed:
        call_command("check_numbers", "--company", house.company.code)

    assert failed.value.returncode == 1
    assert sentence in capsys.readouterr().out


@pytest.mark.parametrize(
    ("table", "figure"),
    [
        *(("allocation_allocation", figure) for figure in ("consumed", "deployed")),
        *(
            ("allocation_licensenumbers", figure)
            for figure in ("entitled", "consumed", "deployed", "idle", "reserved", "available")
        ),
        *(
            ("allocation_productnumbers", figure)
            for figure in ("deployed", "allocated", "idle", "covered", "uncovered")
        ),
        *(
            ("deployments_deployment", figure)
            for figure in ("installs", "users", "installs_without_person")
        ),
    ],
)
def test_each_stored_figure_is_proved(house: Household, table: str, figure: str) -> None:
    house.track(house.license(10), found(house, devices=4, people=1), 0)
    assert told(house.company) == []
    broken(f"UPDATE {table} SET {figure} = {figure} + 1")

    assert any(f"{figure} is stored as" in sentence for sentence in told(house.company))


@pytest.mark.parametrize(
    ("holds_until", "kept"),
    [
        pytest.param(None, "for ever", id="for ever"),
        pytest.param(date(2099, 1, 1), "through 1 Jan 2099", id="a day too long"),
    ],
)
def test_numbers_kept_longer_than_they_hold_are_found(
    house: Household, holds_until: date | None, kept: str
) -> None:
    license = on_subscription(house, ends_on=date(2098, 12, 31))
    assert told(house.company) == []
    broken("UPDATE allocation_licensenumbers SET holds_until = %s", holds_until)

    (sentence,) = told(house.company)

    assert license.reference in sentence
    assert sentence.endswith(f"holding {kept}, and what is entitled changes on 1 Jan 2099.")


def test_only_the_companies_asked_for_are_checked(
    house: Household, capsys: pytest.CaptureFixture[str]
) -> None:
    house.track(house.license(10), found(house, devices=4, people=1), 0)
    broken("UPDATE allocation_licensenumbers SET idle = 7")

    call_command("check_numbers", "--company", CompanyFactory().code)

    assert "All numbers of 1 companies are as counted" in capsys.readouterr().out


STEPS = st.tuples(
    st.sampled_from("tturedi"), st.integers(0, 2), st.integers(0, 2), st.integers(0, 9)
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, min_size=3, max_size=10))
def test_whatever_is_done_in_whatever_order_the_recount_gives_the_same(
    steps: list[tuple[str, int, int, int]],
) -> None:
    house = Household()
    licenses = [house.license(rights) for rights in (12, 6, None)]
    models = [found_in_steps(house) for _ in range(3)]

    for step, license, product, number in steps:
        take(house, step, licenses[license], models[product], number)

    assert told(house.company) == []


def found_in_steps(house: Household) -> DiscoveredSoftware:
    model = SoftwareModelFactory()
    with acting(None, "Set up by a test"):
        rule = model.discovery_maps.create(name=model.name)
        return DiscoveredSoftware.objects.create(
            company=house.company, name=model.name, model=model, rule=rule, seen_on=TODAY
        )


def take(
    house: Household, step: str, license: Entitlement, title: DiscoveredSoftware, number: int
) -> None:
    """One step of whoever works with licenses; what a rule forbids changes nothing."""
    with suppress(UseRefused):
        match step:
            case "t":
                house.track(license, title.model.product, number)
            case "u":
                house.track(license, title.model.product, 0)
            case "r":
                reserve_for_project(house, license, number)
            case "e":
                end_first(house, license)
            case "d":
                report(house, title, number)
            case "i":
                change_rights(license, number + 1)


def reserve_for_project(house: Household, license: Entitlement, number: int) -> None:
    reserve(
        license=license,
        kind=ReservationKind.PROJECT,
        label=f"Project {number}",
        quantity=number,
        day=TODAY,
        by=house.by,
    )


def end_first(house: Household, license: Entitlement) -> None:
    row = license.allocations.live().order_by("pk").first()
    if row is not None:
        end_allocation(allocation=row, day=TODAY, by=house.by, reason="Over")


def change_rights(license: Entitlement, rights: int) -> None:
    with acting(None, "Rights changed"):
        limited = Entitlement.objects.filter(pk=license.pk, is_unlimited=False)
        limited.update(purchased_rights=rights)
        rights_changed.send(Entitlement, company_id=license.company_id, license_ids=[license.pk])


def report(house: Household, title: DiscoveredSoftware, count: int) -> None:
    with acting(None, "Reported"):
        ReportedCount.objects.update_or_create(
            company=house.company,
            software=title,
            source="fleet",
            metric="installs",
            day=TODAY,
            defaults={"count": count},
        )
        recount(company_id=house.company.pk, product_ids=[title.model.product_id])


# --- The numbers of a new day ---

TOMORROW = TODAY + timedelta(days=1)


def on_subscription(house: Household, **days: date) -> Entitlement:
    return house.license(5, duration="subscription", **{"starts_on": date(2025, 1, 1), **days})


def test_a_license_that_ends_grants_nothing_from_the_next_day_on(house: Household) -> None:
    license = on_subscription(house, ends_on=TODAY)
    house.track(license, house.product(installs=3), 0)
    assert (figures(license).entitled, figures(license).holds_until) == (5, TODAY)

    number = refresh_outdated(day=TOMORROW)

    assert number == 1
    assert (figures(license).entitled, figures(license).available) == (0, -3)


def test_a_license_that_starts_grants_from_that_day_on(house: Household) -> None:
    license = on_subscription(house, starts_on=TOMORROW)
    assert (figures(license).entitled, figures(license).holds_until) == (0, TODAY)

    refresh_outdated(day=TOMORROW)

    assert (figures(license).entitled, figures(license).holds_until) == (5, None)


def test_returns_upgrades_and_states_to_come_are_awaited(house: Household) -> None:
    in_stock, returned, upgraded = (house.license(5) for _ in range(3))
    common = {"company": house.company}
    with acting(None, "Set up by a test"):
        StatePeriod.objects.create(
            **common,
            entitlement=in_stock,
            state=State.IN_STOCK,
            from_on=TODAY,
            until_on=date(2026, 6, 30),
        )
        PurchaseReturn.objects.create(
            **common, entitlement=returned, quantity=2, returned_on=date(2026, 7, 1)
        )
        UpgradedEntitlement.objects.create(
            **common,
            target=LicenseFactory(**common),
            source=upgraded,
            rights=5,
            effective_on=date(2026, 7, 1),
        )
    house.count(in_stock, returned, upgraded)
    assert [figures(each).holds_until for each in (in_stock, returned, upgraded)] == [
        date(2026, 6, 30)
    ] * 3

    refresh_outdated(day=date(2026, 7, 1))

    assert [figures(each).entitled for each in (in_stock, returned, upgraded)] == [5, 3, 0]


def test_numbers_of_days_on_which_the_worker_was_down_are_made_up_for(house: Household) -> None:
    license = on_subscription(house, starts_on=date(2026, 6, 10), ends_on=date(2026, 6, 20))

    refresh_outdated(day=date(2026, 8, 1))

    assert (figures(license).entitled, figures(license).holds_until) == (0, None)


def test_a_day_that_changes_nothing_is_not_counted_again(house: Household) -> None:
    on_subscription(house, ends_on=TODAY)
    refresh_outdated(day=TOMORROW)

    assert refresh_outdated(day=TOMORROW) == 0


def test_licenses_that_have_no_numbers_yet_are_given_some() -> None:
    licenses = [LicenseFactory(purchased_rights=4), LicenseFactory(purchased_rights=6)]

    refresh_outdated(day=TODAY)

    assert [figures(license).available for license in licenses] == [4, 6]
