"""What installations, subscriptions and totals add up to."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connection

from accounts.models import Company
from common.acting import acting
from common.sql import rows_of
from deployments.counting import deployment_of, recount, recount_what_is_on
from deployments.models import Deployment, Device, DiscoveredSoftware, Installation
from deployments.signals import deployments_counted
from tests.allocation.processes import wait_until
from tests.deployments.inventories import (
    Inventories,
    count,
    device,
    installation,
    model_of,
    rule_for,
    subscription,
)
from tests.factories import CompanyFactory, PersonFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    company = CompanyFactory()
    rule_for(model_of("DrawIt", "5"), name="DrawIt", version="5*")
    rule_for(model_of("DrawIt", "6"), name="DrawIt", version="6*")
    return company


def counted() -> dict[str, Any]:
    fields = ("installs", "users", "installs_without_person")
    return Deployment.objects.values(*fields).get(product__name="DrawIt")


def test_a_model_counts_once_on_a_device_whoever_found_it_and_in_how_many_titles(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(
        company,
        installation("PC-1", version="5.1"),
        installation("PC-1", version="5.2"),
        installation("PC-2", version="5.1"),
    )

    inventories.load(company, installation("PC-1", version="5.1"), source="scan")

    assert counted()["installs"] == 2


def test_two_models_of_a_product_on_a_device_are_two_installs(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(
        company, installation("PC-1", version="5.1"), installation("PC-1", version="6.0")
    )

    assert counted()["installs"] == 2


def test_users_are_distinct_people_of_subscriptions_installs_and_their_devices(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(
        company,
        device("PC-1", person="ada@ex.test"),
        installation("PC-1", version="5.1"),
        installation("PC-2", version="5.1", person="ben@ex.test"),
        installation("PC-3", version="5.1", person="Ada@ex.test"),
        installation("PC-4", version="5.1"),
        subscription("ben@ex.test", version="5.0"),
        subscription("cleo@ex.test", version="5.0"),
    )

    assert counted() == {"installs": 4, "users": 3, "installs_without_person": 1}


def test_what_is_gone_does_not_count(inventories: Inventories, company: Company) -> None:
    inventories.load(
        company, installation("PC-1", version="5.1"), subscription("a@ex.test", version="5")
    )

    inventories.load(company, installation("PC-1", "TextIt"), is_full=True)

    assert counted() == {"installs": 0, "users": 0, "installs_without_person": 0}


def test_totals_count_where_there_are_no_rows_the_largest_source_which_is_named(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, count("installs", 12, version="5.1"), source="Fleet")
    inventories.load(
        company,
        count("installs", 9, version="5.1"),
        count("installs", 8, version="6.1"),
        source="Intune",
    )

    deployment = Deployment.objects.get()

    assert (deployment.installs, deployment.installs_reported_by) == (17, "Intune")
    assert DiscoveredSoftware.objects.get(version="5.1").installs == 12


def test_one_row_stands_before_any_total(inventories: Inventories, company: Company) -> None:
    inventories.load(company, count("installs", 12, version="5.1"), source="Fleet")

    inventories.load(company, installation("PC-1", version="5.1"))

    deployment = Deployment.objects.get()
    assert (deployment.installs, deployment.installs_reported_by) == (1, "")


def test_the_latest_total_of_a_source_counts_and_a_full_file_ends_what_it_omits(
    inventories: Inventories, company: Company
) -> None:
    monday, tuesday, wednesday = (date(2026, 11, day) for day in (2, 3, 4))
    inventories.load(company, count("users", 5, version="5.1"), day=tuesday)
    inventories.load(company, count("users", 50, version="5.1"), day=monday)
    assert counted()["users"] == 5

    inventories.load(company, count("users", 1, "TextIt"), day=wednesday, is_full=True)

    assert counted()["users"] == 0


def test_who_comes_to_use_a_device_comes_to_use_what_is_on_it(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1", version="5.1"))
    person = PersonFactory(company=company)

    with acting(None, "Given out"):
        Device.objects.update(person=person)
        recount_what_is_on(company_id=company.pk, device_ids=[Device.objects.get().pk])

    assert counted() == {"installs": 1, "users": 1, "installs_without_person": 0}
    assert DiscoveredSoftware.objects.get().users == 1


def test_a_device_that_changes_hands_in_an_inventory_moves_the_users_of_other_sources(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1", version="5.1"), source="scan")

    inventories.load(company, device("PC-1", person="ada@ex.test"), installation("PC-1", "TextIt"))

    assert counted()["users"] == 1


def test_other_companies_are_not_counted(inventories: Inventories, company: Company) -> None:
    other = CompanyFactory()

    inventories.load(other, installation("PC-1", version="5.1"))

    assert not Deployment.objects.filter(company=company).exists()


def test_the_deployment_of_a_product_that_nobody_found_is_made_with_nothing(
    company: Company,
) -> None:
    product = model_of("DrawIt", "5").product

    first, second = deployment_of(company.pk, product), deployment_of(company.pk, product)

    assert first == second
    assert (first.installs, first.users) == (0, 0)


def test_those_above_are_told_of_the_deployments_that_differ(
    inventories: Inventories, company: Company
) -> None:
    told: list[tuple[int, list[int]]] = []

    def hear(company_id: int, deployment_ids: list[int], **_: Any) -> None:
        told.append((company_id, deployment_ids))

    deployments_counted.connect(hear)
    try:
        inventories.load(company, installation("PC-1", version="5.1"))
        recount(company_id=company.pk, product_ids=[model_of("DrawIt", "5").product_id])
    finally:
        deployments_counted.disconnect(hear)

    assert told == [(company.pk, [Deployment.objects.get().pk])]


def test_who_counts_second_waits_and_counts_what_the_first_one_wrote(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1", version="5.1"))
    found = Installation.objects.get()
    product = model_of("DrawIt", "5").product_id

    def find_another(name: str) -> None:
        device = Device.objects.create(company=company, name=name)
        Installation.objects.create(
            company=company,
            device=device,
            software=found.software,
            source="scan",
            seen_on=found.seen_on,
            last_seen_on=found.seen_on,
        )
        recount(company_id=company.pk, product_ids=[product])

    def find_meanwhile() -> None:
        with acting(None, "Found meanwhile"):
            find_another("PC-3")
        connection.close()

    def the_second_waits() -> bool:
        return bool(rows_of("SELECT FROM pg_locks WHERE NOT granted"))

    with ThreadPoolExecutor() as pool:
        with acting(None, "Found first"):
            find_another("PC-2")
            second = pool.submit(find_meanwhile)
            wait_until(the_second_waits)
        second.result(timeout=60)

    assert counted()["installs"] == 3
