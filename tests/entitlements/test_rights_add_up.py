"""
Whatever is upgraded, returned, taken back and cut: no rights below zero, and none that count twice.

Deeds are drawn at random and done by the services, which refuse what does not fit.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from entitlements.models import Entitlement, LicenseType, PurchaseReturn, UpgradedEntitlement
from entitlements.queries import with_rights, with_state
from entitlements.services import (
    RightsRefused,
    add_return,
    add_upgrade,
    end_upgrade,
    save_entitlement,
    take_back_return,
)
from tests.factories import (
    CompanyFactory,
    LicenseFactory,
    ProductFactory,
    SoftwareModelFactory,
    make_user,
)

FIRST = date(2026, 3, 1)
DAYS = 6
LICENSES = 4  # one bought, three that upgrade: a chain, a fan or a tree

of_license = st.integers(0, LICENSES - 1)
day = st.integers(0, DAYS - 1).map(lambda days: FIRST + timedelta(days=days))
number = st.integers(1, 9)
deed = st.one_of(
    st.tuples(st.just("upgrade"), of_license, of_license, number, day),
    st.tuples(st.just("return"), of_license, number, day),
    st.tuples(st.just("end upgrade"), st.integers(0, 5), day),
    st.tuples(st.just("take back"), st.integers(0, 5), day),
    st.tuples(st.just("cut"), of_license, number),
)


class Played:
    """A household on which deeds are done, those that are refused left out."""

    def __init__(self) -> None:
        self.company = CompanyFactory()
        self.by = make_user(Role.LICENSE_MANAGER, self.company)
        product = ProductFactory()
        self.licenses = [
            LicenseFactory(
                company=self.company,
                model=SoftwareModelFactory(product=product, version=str(place)),
                license_type=LicenseType.UPGRADE if place else LicenseType.FULL,
                purchased_rights=6 + place,
                purchased_on=FIRST,
            )
            for place in range(LICENSES)
        ]

    def do(self, what: str, *how: Any) -> None:
        deeds: dict[str, Callable[..., None]] = {
            "upgrade": self._upgrade,
            "return": self._return,
            "end upgrade": self._end_upgrade,
            "take back": self._take_back,
            "cut": self._cut,
        }
        with suppress(RightsRefused), transaction.atomic():
            deeds[what](*how)

    def _upgrade(self, source: int, target: int, rights: int, on: date) -> None:
        add_upgrade(
            target=self.licenses[target],
            source=self.licenses[source],
            rights=rights,
            effective_on=on,
            by=self.by,
        )

    def _return(self, license: int, quantity: int, on: date) -> None:
        add_return(
            license=self.licenses[license],
            quantity=quantity,
            day=on,
            unit_price=None,
            currency="",
            by=self.by,
        )

    def _end_upgrade(self, place: int, on: date) -> None:
        for upgrade in UpgradedEntitlement.objects.order_by("pk")[place : place + 1]:
            end_upgrade(upgrade=upgrade, day=on, by=self.by, reason="Drawn")

    def _take_back(self, place: int, on: date) -> None:
        for returned in PurchaseReturn.objects.order_by("pk")[place : place + 1]:
            take_back_return(returned=returned, day=on, by=self.by, reason="Drawn")

    def _cut(self, license: int, rights: int) -> None:
        record = Entitlement.objects.get(pk=self.licenses[license].pk)
        record.purchased_rights = rights
        save_entitlement(record, by=self.by, reason="Drawn")


def rights_on(on: date) -> dict[int, int]:
    read: Any = with_rights(with_state(Entitlement.objects.all(), on), on)
    return {each.pk: each.active_rights for each in read}


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(deeds=st.lists(deed, max_size=12))
def test_rights_are_never_below_zero_and_never_count_twice(deeds: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        played = Played()
        for what, *how in deeds:
            played.do(what, *how)

        for on in (FIRST + timedelta(days=days) for days in range(DAYS + 1)):
            active = rights_on(on)
            purchased = sum(each.purchased_rights or 0 for each in Entitlement.objects.all())
            returned = _standing(PurchaseReturn.objects.values_list(*OF_RETURN), on)
            moved = _standing(UpgradedEntitlement.objects.values_list(*OF_UPGRADE), on)
            assert min(active.values()) >= 0
            # What moved was purchased with the upgrade too: it counts at one side alone.
            assert sum(active.values()) == purchased - returned - moved
            for license in played.licenses:
                came = UpgradedEntitlement.objects.filter(target=license.pk)
                came_here = _standing(came.values_list(*OF_UPGRADE), on)
                assert came_here <= (Entitlement.objects.get(pk=license.pk).purchased_rights or 0)
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(returns=st.lists(st.tuples(of_license, number, day), max_size=4), rights=number)
def test_along_a_whole_chain_of_upgrades_the_rights_bought_count_once(
    returns: list[tuple[int, int, date]], rights: int
) -> None:
    with transaction.atomic():
        played = Played()
        for license in played.licenses:
            Played._cut(played, played.licenses.index(license), rights)
        for source in range(LICENSES - 1):
            played.do("upgrade", source, source + 1, rights, FIRST)
        for each in returns:
            played.do("return", *each)

        last = FIRST + timedelta(days=DAYS)
        returned = _standing(PurchaseReturn.objects.values_list(*OF_RETURN), last)
        assert sum(rights_on(last).values()) == rights - returned
        transaction.set_rollback(True)


OF_RETURN = ("quantity", "returned_on", "ended_on")
OF_UPGRADE = ("rights", "effective_on", "ended_on")


def _standing(rows: Any, on: date) -> int:
    """The units of rows that have begun and were not taken back by a day."""
    return sum(units for units, begins, ends in rows if begins <= on and (not ends or on < ends))
