"""Rights move from one license to another: what is allowed, refused, and told of both."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, connections

from accounts.models import Company, User
from accounts.roles import Role
from allocation.models import LicenseNumbers
from common.acting import acting
from contracts.models import SoftwareModel
from entitlements.models import Entitlement, LicenseType, StatePeriod, UpgradedEntitlement
from entitlements.queries import with_rights, with_state
from entitlements.services import (
    RightsRefused,
    UpgradeRefused,
    add_return,
    add_upgrade,
    end_upgrade,
    save_entitlement,
)
from entitlements.states import State
from tests.allocation.processes import SECONDS, execute, other_transaction, wait_until
from tests.factories import (
    CompanyFactory,
    LicenseFactory,
    MaintenanceFactory,
    ProductFactory,
    SoftwareModelFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

BOUGHT = date(2024, 1, 10)
DAY = date(2025, 3, 1)
LATER = date(2025, 9, 1)


class Household:
    """A company with licenses of one publisher."""

    def __init__(self) -> None:
        self.company: Company = CompanyFactory()
        self.by: User = make_user(Role.LICENSE_MANAGER, self.company)
        self.product = ProductFactory()

    def model(self, version: str) -> SoftwareModel:
        found = SoftwareModel.objects.filter(product=self.product, version=version).first()
        return found or SoftwareModelFactory(product=self.product, version=version)

    def full(self, rights: int | None, **fields: Any) -> Entitlement:
        return LicenseFactory(
            company=self.company,
            **{"model": self.model("2013"), "purchased_on": BOUGHT}
            | {"purchased_rights": rights, "is_unlimited": rights is None}
            | fields,
        )

    def upgrade(self, rights: int, **fields: Any) -> Entitlement:
        given = {"model": self.model("2016"), "purchased_on": DAY} | fields
        return self.full(rights, license_type=LicenseType.UPGRADE, **given)

    def move(
        self, source: Entitlement, target: Entitlement, rights: int, on: date | None = None
    ) -> UpgradedEntitlement:
        return add_upgrade(target=target, source=source, rights=rights, effective_on=on, by=self.by)


@pytest.fixture
def household() -> Household:
    return Household()


def active(license: Entitlement, day: date) -> int:
    """The active rights of a license on a day, as pages show them."""
    found: Any = with_rights(with_state(Entitlement.objects.all(), day), day).get(pk=license.pk)
    rights: int = found.active_rights
    return rights


def test_rights_that_move_are_inactive_at_the_source_and_active_at_the_target(
    household: Household,
) -> None:
    source, target = household.full(50), household.upgrade(30)

    upgrade = household.move(source, target, 30)

    assert upgrade.effective_on == target.purchased_on
    assert [active(source, DAY - timedelta(days=1)), active(source, DAY)] == [50, 20]
    assert active(target, DAY) == 30


def test_the_stored_numbers_follow_an_upgrade_and_its_end(household: Household) -> None:
    source, target = household.full(50), household.upgrade(30)

    upgrade = household.move(source, target, 30)
    moved = LicenseNumbers.objects.get(license=source).entitled
    end_upgrade(upgrade=upgrade, day=LATER, by=household.by, reason="Never ordered")

    assert (moved, LicenseNumbers.objects.get(license=source).entitled) == (20, 50)


def test_rights_taken_back_count_at_the_source_from_that_day_on(household: Household) -> None:
    source, target = household.full(50), household.upgrade(30)
    upgrade = household.move(source, target, 30)

    end_upgrade(upgrade=upgrade, day=LATER, by=household.by, reason="Ordered as full licenses")

    assert [active(source, LATER - timedelta(days=1)), active(source, LATER)] == [20, 50]
    told = UpgradedEntitlement.history.filter(id=upgrade.pk).first()
    assert told.history_change_reason == "Upgrade taken back: Ordered as full licenses"


def test_rights_do_not_flow_back_when_the_target_ends(household: Household) -> None:
    source = household.full(10)
    target = household.upgrade(10, duration="subscription", starts_on=DAY, ends_on=LATER)

    household.move(source, target, 10)

    assert active(source, LATER + timedelta(days=1)) == 0


def refused_with(
    household: Household, source: Entitlement, target: Entitlement, rights: int = 5, **when: Any
) -> str:
    with pytest.raises(UpgradeRefused) as refused:
        household.move(source, target, rights, **when)
    assert UpgradedEntitlement.objects.filter(target=target, source=source).count() == 0
    return str(refused.value)


def test_more_than_the_active_rights_of_the_source_are_refused_with_both_figures(
    household: Household,
) -> None:
    source = household.full(8)

    said = refused_with(household, source, household.upgrade(30), rights=9)

    assert said.startswith("9 is more than the 8 active rights that")
    assert "1 Mar 2025" in said


def test_rights_returned_before_cannot_move(household: Household) -> None:
    source = household.full(8)
    give_back(household, source, 3, on=BOUGHT)

    said = refused_with(household, source, household.upgrade(30), rights=6)

    assert "6 is more than the 5 active rights" in said
    assert "returned or moved away" in said


def test_rights_that_are_returned_later_cannot_move_before_it(household: Household) -> None:
    source = household.full(8)
    give_back(household, source, 3, on=LATER)

    said = refused_with(household, source, household.upgrade(30), rights=6)

    assert "6 is more than the 5 rights that" in said
    assert "1 Sep 2025" in said


def test_rights_that_came_by_an_upgrade_can_move_on_but_once(household: Household) -> None:
    first, second = household.full(10), household.upgrade(10)
    third = household.upgrade(10, model=household.model("2019"), purchased_on=LATER)
    household.move(first, second, 10)
    household.move(second, third, 10)

    said = refused_with(household, first, third, rights=1, on=LATER)

    assert "1 is more than the 0 active rights" in said
    assert [active(each, LATER) for each in (first, second, third)] == [0, 0, 10]


def test_what_is_retired_on_the_day_has_no_rights_to_move(household: Household) -> None:
    source = household.full(8)
    with acting(None, "Set up by a test"):
        StatePeriod.objects.create(
            company=household.company, entitlement=source, state=State.RETIRED, from_on=DAY
        )

    said = refused_with(household, source, household.upgrade(30))

    assert "5 is more than the 0 active rights" in said
    assert "it is retired" in said


def test_more_in_all_than_the_target_purchased_is_refused_with_the_sum(
    household: Household,
) -> None:
    one, other, target = household.full(20), household.full(20), household.upgrade(30)
    household.move(one, target, 18)

    said = refused_with(household, other, target, rights=13)

    assert "With these 13 there would be 31 rights moved to" in said
    assert "which has 30: at most 12 more can." in said


def test_a_source_of_another_publisher_is_refused_naming_both(household: Household) -> None:
    foreign = household.full(10, model=SoftwareModelFactory())

    said = refused_with(household, foreign, household.upgrade(5))

    assert str(foreign.model.product.vendor) in said
    assert str(household.product.vendor) in said


def test_a_license_cannot_upgrade_itself(household: Household) -> None:
    target = household.upgrade(5)

    assert "cannot upgrade itself" in refused_with(household, target, target)


def test_maintenance_is_not_upgraded(household: Household) -> None:
    position = MaintenanceFactory(
        company=household.company, model=household.model("2013"), purchased_rights=9
    )

    assert "is maintenance" in refused_with(household, position, household.upgrade(5))


def test_nothing_moves_to_a_full_license(household: Household) -> None:
    said = refused_with(household, household.full(9), household.full(9))

    assert "is no license of type Upgrade" in said


def test_rights_stay_in_their_company(household: Household) -> None:
    elsewhere = LicenseFactory(model=household.model("2013"), purchased_rights=9)

    said = refused_with(household, elsewhere, household.upgrade(5))

    assert str(elsewhere.company) in said
    assert str(household.company) in said


def test_an_unlimited_license_has_no_number_of_rights_that_could_move(
    household: Household,
) -> None:
    assert "is unlimited" in refused_with(household, household.full(None), household.upgrade(5))


@pytest.mark.parametrize("rights", [0, -3])
def test_no_rights_are_no_upgrade(household: Household, rights: int) -> None:
    said = refused_with(household, household.full(9), household.upgrade(5), rights=rights)

    assert f"{rights} is no number of rights" in said


def test_rights_move_not_before_the_target_was_bought(household: Household) -> None:
    before = DAY - timedelta(days=1)

    said = refused_with(household, household.full(9), household.upgrade(5), on=before)

    assert "was bought on 1 Mar 2025" in said
    assert "28 Feb 2025" in said


def test_a_source_bought_later_has_nothing_to_move_yet(household: Household) -> None:
    source = household.full(9, purchased_on=LATER)

    said = refused_with(household, source, household.upgrade(5))

    assert "is bought on 1 Sep 2025: on 1 Mar 2025 it has no rights." in said


def test_a_source_is_listed_once_and_again_after_it_was_taken_back(household: Household) -> None:
    source, target = household.full(9), household.upgrade(5)
    upgrade = household.move(source, target, 2)

    with pytest.raises(UpgradeRefused, match=r"2 rights moved from .* on 1 Mar 2025 already"):
        household.move(source, target, 1)
    end_upgrade(upgrade=upgrade, day=DAY, by=household.by, reason="Three, not two")
    household.move(source, target, 3)

    assert active(source, DAY) == 6


@pytest.mark.parametrize("length", [2, 3])
def test_a_circle_of_upgrades_is_refused_however_long(household: Household, length: int) -> None:
    chain = [household.upgrade(9, model=household.model(str(n))) for n in range(length)]
    for source, target in pairwise(chain):
        household.move(source, target, 1)

    said = refused_with(household, chain[-1], chain[0], rights=1)

    assert "has rights that came from" in said


def test_a_chain_that_meets_itself_without_closing_is_no_circle(household: Household) -> None:
    first = household.full(9)
    left, right = household.upgrade(3), household.upgrade(3, model=household.model("2019"))
    last = household.upgrade(4, model=household.model("2024"), purchased_on=LATER)

    for source, target in ((first, left), (first, right), (left, last), (right, last)):
        household.move(source, target, 2)

    assert [active(each, LATER) for each in (first, left, right, last)] == [5, 1, 1, 4]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        pytest.param(-1, "The rights moved on 1 Mar 2025", id="before it began"),
        pytest.param(0, "", id="on its day: it never was"),
    ],
)
def test_an_upgrade_is_taken_back_from_its_day_on(
    household: Household, days: int, said: str
) -> None:
    source = household.full(9)
    upgrade = household.move(source, household.upgrade(5), 5)
    day = DAY + timedelta(days=days)

    if said:
        with pytest.raises(UpgradeRefused, match=said):
            end_upgrade(upgrade=upgrade, day=day, by=household.by, reason="Wrong")
    else:
        end_upgrade(upgrade=upgrade, day=day, by=household.by, reason="Wrong")

    assert active(source, DAY) == (4 if said else 9)


def test_an_upgrade_is_taken_back_once_and_for_a_reason(household: Household) -> None:
    upgrade = household.move(household.full(9), household.upgrade(5), 5)

    with pytest.raises(RightsRefused, match="Give a reason"):
        end_upgrade(upgrade=upgrade, day=LATER, by=household.by, reason=" ")
    end_upgrade(upgrade=upgrade, day=LATER, by=household.by, reason="Wrong")

    with pytest.raises(UpgradeRefused, match="taken back on 1 Sep 2025 already"):
        end_upgrade(upgrade=upgrade, day=LATER, by=household.by, reason="Wrong")


def save(household: Household, license: Entitlement, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(license, name, value)
    save_entitlement(license, by=household.by, reason="Corrected")


def test_a_source_is_not_saved_with_fewer_rights_than_moved_away(household: Household) -> None:
    source = household.full(9)
    household.move(source, household.upgrade(5), 5)
    give_back(household, source, 2, on=LATER)

    with pytest.raises(RightsRefused) as refused:
        save(household, source, purchased_rights=6)

    assert str(refused.value).startswith("7 of its rights are returned or moved away by upgrades:")
    assert "cannot have only 6" in str(refused.value)
    assert refused.value.field == "purchased_rights"
    save(household, source, purchased_rights=7)
    assert active(source, LATER) == 0


def test_a_target_is_not_saved_with_fewer_rights_than_moved_to_it(household: Household) -> None:
    target = household.upgrade(9)
    household.move(household.full(9), target, 5)

    with pytest.raises(RightsRefused, match=r"5 rights were moved to it .* cannot have only 4"):
        save(household, target, purchased_rights=4)


def test_a_side_of_an_upgrade_is_not_given_to_another_publisher(household: Household) -> None:
    source, target = household.full(9), household.upgrade(5)
    household.move(source, target, 5)

    for side in (source, target):
        with pytest.raises(RightsRefused, match="Rights moved between it and"):
            save(household, side, model=SoftwareModelFactory())


def give_back(household: Household, license: Entitlement, quantity: int, *, on: date) -> None:
    add_return(
        license=license,
        quantity=quantity,
        day=on,
        unit_price=None,
        currency="",
        by=household.by,
    )


def at_the_same_moment(wanted: Entitlement, *deeds: Callable[[], Any]) -> list[Exception]:
    """
    Let people act at once, each over a connection of their own.

    A third transaction holds the license that they want until all of them wait.

    :returns: what they were told where they were refused
    """
    problems: list[Exception] = []

    def act(deed: Callable[[], Any]) -> None:
        try:
            deed()
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=[deed]) for deed in deeds]
    with other_transaction() as other:
        execute(other, "SELECT 1 FROM entitlements_entitlement WHERE id = %s FOR UPDATE", wanted.pk)
        for thread in threads:
            thread.start()
        wait_until(lambda: how_many_wait() == len(threads))
    for thread in threads:
        thread.join(SECONDS)
    return problems


def how_many_wait() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        number: int = cursor.fetchone()[0]
    return number


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_upgrade_the_last_rights_one_is_told_that_they_are_gone() -> None:
    household = Household()
    source = household.full(5)
    targets = [household.upgrade(5), household.upgrade(5, model=household.model("2019"))]

    (refused,) = at_the_same_moment(
        source, *(lambda target=target: household.move(source, target, 4) for target in targets)
    )

    assert "4 is more than the 1 active rights" in str(refused)
    assert UpgradedEntitlement.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_upgrade_and_a_return_of_the_same_rights_do_not_both_happen() -> None:
    household = Household()
    source, target = household.full(5), household.upgrade(5)

    problems = at_the_same_moment(
        source,
        lambda: household.move(source, target, 4),
        lambda: give_back(household, source, 4, on=DAY),
    )

    assert len(problems) == 1
    assert "4 is more than the 1 active rights" in str(problems[0])
    assert active(source, DAY) == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_who_would_close_a_circle_together_do_not() -> None:
    household = Household()
    one, other = household.upgrade(5), household.upgrade(5, model=household.model("2019"))

    problems = at_the_same_moment(
        one, lambda: household.move(one, other, 1), lambda: household.move(other, one, 1)
    )

    assert len(problems) == 1
    assert "has rights that came from" in str(problems[0])
