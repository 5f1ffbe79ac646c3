"""Two people, or a person and an inventory, who change what uses licenses at the same moment."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction

from allocation.models import Allocation
from allocation.services import BeyondAvailable, change_use, end_allocation, reserve
from common.acting import acting
from common.locks import NUMBER_LOCKS, CompanyIsBusy, hold_numbers
from entitlements.models import Entitlement
from entitlements.services import save_entitlement
from tests.allocation.processes import (
    execute,
    how_many_wait_for_a_lock,
    other_transaction,
    wait_until,
)
from tests.allocation.using import TODAY, Household, figures

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> Household:
    return Household()


@contextmanager
def numbers_held(house: Household) -> Iterator[None]:
    """While it lasts, whoever wants to write the company's numbers stands in line."""
    with other_transaction() as other:
        execute(other, "SELECT pg_advisory_xact_lock(%s, %s)", NUMBER_LOCKS, house.company.pk)
        yield


def at_once(house: Household, *doings: Callable[[], Any]) -> list[Future[Any]]:
    """
    Do things over a connection each, all at once: they set out while the numbers are held.

    :returns: how each came out, in the order given
    """
    with ThreadPoolExecutor(len(doings)) as pool:
        with numbers_held(house):
            done = [pool.submit(_and_hang_up, doing) for doing in doings]
            wait_until(lambda: how_many_wait_for_a_lock() >= len(doings))
        wait(done, timeout=30)
        return done


def _and_hang_up(doing: Callable[[], Any]) -> Any:
    try:
        return doing()
    finally:
        connections.close_all()


def set_aside(house: Household, license: Entitlement, label: str, quantity: int = 1) -> Allocation:
    return reserve(
        license=license,
        kind="project",
        label=label,
        quantity=quantity,
        day=TODAY,
        by=house.by,
    )


def test_of_two_people_who_take_the_last_unit_one_gets_it_and_the_other_is_told(
    house: Household,
) -> None:
    license = house.license(3)
    set_aside(house, license, "Before", 2)

    outcomes = at_once(
        house,
        lambda: set_aside(house, license, "Berlin"),
        lambda: set_aside(house, license, "Lyon"),
    )

    refusals = [each.exception() for each in outcomes if each.exception()]
    assert len(refusals) == 1
    assert isinstance(refusals[0], BeyondAvailable)
    assert "1 is more than the 0 that are available" in str(refusals[0])
    assert (figures(license).consumed, figures(license).available) == (3, 0)


def test_an_inventory_and_a_person_at_once_leave_the_numbers_of_both(house: Household) -> None:
    license, product = house.license(100), house.product(installs=10)

    at_once(
        house,
        lambda: house.deploy(product, installs=40),
        lambda: house.track(license, product, 0),
    )

    assert (figures(license).consumed, figures(license).available) == (40, 60)


def test_a_use_that_is_raised_and_one_that_is_made_at_once_do_not_exceed_the_license(
    house: Household,
) -> None:
    license = house.license(10)
    standing = house.track(license, house.product(installs=3), 4)

    outcomes = at_once(
        house,
        lambda: change_use(allocation=standing, quantity=8, notes="", day=TODAY, by=house.by),
        lambda: set_aside(house, license, "Berlin", 5),
    )

    assert sum(isinstance(each.exception(), BeyondAvailable) for each in outcomes) == 1
    assert figures(license).consumed in (8, 9)


def test_uses_of_two_licenses_that_share_a_product_end_at_once_without_deadlock(
    house: Household,
) -> None:
    first, second, third = house.license(10), house.license(10), house.license(10)
    product = house.product(installs=24)
    rows = [house.track(license, product, 0) for license in (first, second, third)]

    outcomes = at_once(
        house,
        *(
            lambda row=row: end_allocation(allocation=row, day=TODAY, by=house.by, reason="Sold")
            for row in rows[:2]
        ),
    )

    assert [each.exception() for each in outcomes] == [None, None]
    assert [figures(each).consumed for each in (first, second, third)] == [0, 0, 24]


def test_rights_that_are_cut_while_the_license_is_tracked_count_for_both(house: Household) -> None:
    license, product = house.license(10), house.product(installs=6)
    license.purchased_rights = 4

    outcomes = at_once(
        house,
        lambda: save_entitlement(license, by=house.by, reason="Fewer"),
        lambda: house.track(license, product, 0),
    )

    assert [each.exception() for each in outcomes] == [None, None]
    assert (figures(license).entitled, figures(license).available) == (4, -2)


def test_who_holds_a_license_fully_and_wants_the_numbers_does_not_deadlock_with_a_use(
    house: Household,
) -> None:
    license, product = house.license(10), house.product(installs=6)

    def hold_and_save() -> None:
        with acting(house.by, "An upgrade"):
            Entitlement.objects.select_for_update().get(pk=license.pk)
            save_entitlement(license, by=house.by, reason="An upgrade")

    outcomes = at_once(house, hold_and_save, lambda: house.track(license, product, 0))

    assert [each.exception() for each in outcomes] == [None, None]
    assert figures(license).consumed == 6


def test_who_waits_too_long_for_the_numbers_is_told_what_to_do(
    house: Household,
) -> None:
    with numbers_held(house), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_and_hang_up, lambda: _hold_in_a_moment(house))
        refusal = waiting.exception(timeout=30)

    assert isinstance(refusal, CompanyIsBusy)
    assert "Try again in a moment" in str(refusal)


def _hold_in_a_moment(house: Household) -> None:
    with transaction.atomic():
        hold_numbers(house.company.pk, seconds=0.1)


def test_a_refused_use_leaves_no_trace(house: Household) -> None:
    license = house.license(1)

    with pytest.raises(BeyondAvailable):
        set_aside(house, license, "Berlin", 2)

    assert not Allocation.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert cursor.fetchone() == (0,)
