"""What a run does once rights moved away from a license, were returned, or came back."""

from datetime import date

import pytest

from allocation.models import Allocation
from allocation.services import run_now
from contracts.models import SoftwareModel
from entitlements.models import Entitlement, LicenseType
from entitlements.services import add_return, add_upgrade, end_upgrade, take_back_return
from tests.allocation.world import DAY, World, make_world
from tests.factories import LicenseFactory, SoftwareModelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = make_world()
    run_now(company=made.company, as_of=DAY, by=made.by)
    return made


def upgrade_of(license: Entitlement) -> Entitlement:
    newer: SoftwareModel = SoftwareModelFactory(product=license.model.product, version="2027")
    upgrade: Entitlement = LicenseFactory(
        company=license.company,
        model=newer,
        license_type=LicenseType.UPGRADE,
        purchased_rights=1,
        purchased_on=date(2026, 5, 1),
    )
    return upgrade


def covered_units(world: World) -> list[int]:
    """The units of the rows that cover the license now."""
    run_now(company=world.company, as_of=DAY, by=world.by)
    live = Allocation.objects.filter(license=world.plain, ended_at=None)
    return list(live.values_list("quantity", flat=True))


def test_a_license_whose_rights_moved_away_is_covered_anew_and_once_more_when_they_are_back(
    world: World,
) -> None:
    upgrade = add_upgrade(target=upgrade_of(world.plain), source=world.plain, rights=1, by=world.by)
    moved = covered_units(world)
    end_upgrade(upgrade=upgrade, day=DAY, by=world.by, reason="Never delivered")

    assert moved == [2]
    assert covered_units(world) == [3]
    ended = Allocation.objects.filter(license=world.plain, end_reason="license-changed")
    assert ended.count() == 2


def test_a_license_of_which_rights_are_returned_is_covered_for_the_rest(world: World) -> None:
    returned = add_return(
        license=world.plain,
        quantity=2,
        day=date(2026, 5, 1),
        unit_price=None,
        currency="",
        by=world.by,
    )
    rest = covered_units(world)
    take_back_return(returned=returned, day=DAY, by=world.by, reason="Refused by the vendor")

    assert rest == [1]
    assert covered_units(world) == [3]
