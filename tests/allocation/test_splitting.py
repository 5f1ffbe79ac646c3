"""A license split in two: nothing is lost, nothing counts twice, and runs find nothing to do."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from allocation.models import Allocation, Basis, EndReason, KeptApart
from allocation.services import (
    SplitRefused,
    allocate_by_hand,
    allocate_to_person,
    foresee_split,
    reserve,
    run_now,
    split_license,
    track_deployment,
)
from common.acting import acting
from entitlements.models import (
    CountedBy,
    DowngradeRight,
    Entitlement,
    ExpenseLine,
    LicenseKey,
    LicenseMetric,
    LicenseType,
    PurchaseReturn,
    StatePeriod,
    UpgradedEntitlement,
)
from entitlements.queries import with_rights, with_state
from entitlements.services import add_keys
from tests.allocation.using import TODAY, Household, figures
from tests.factories import (
    DefinitionFactory,
    MaintenanceFactory,
    PersonFactory,
    SoftwareModelFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def mira() -> User:
    return UserFactory(username="mira", first_name="Mira", last_name="Vik")


@pytest.fixture
def house(mira: User) -> Household:
    return Household(by=mira)


@pytest.fixture
def license(house: Household) -> Entitlement:
    return house.license(
        100,
        asset_tag="LIC-1",
        serial_number="S-1",
        license_number=0,
        purchased_on=date(2026, 1, 5),
        unit_cost=Decimal("12.50"),
        currency="EUR",
        metric=LicenseMetric.objects.filter(counted_by=CountedBy.PERSON).first(),
    )


def split(house: Household, license: Entitlement, rights: int) -> Entitlement:
    return split_license(
        license=license, rights=rights, day=TODAY, by=house.by, reason="Only a part is covered"
    )


def cover(license: Entitlement, **fields: Any) -> Allocation:
    """Maintenance for all of a license."""
    position = MaintenanceFactory(
        company=license.company,
        model=license.model,
        purchased_rights=license.purchased_rights,
        serial_number=license.serial_number,
        purchased_on=license.purchased_on,
        starts_on=license.purchased_on,
        **fields,
    )
    return allocate_by_hand(position=position, license=license, day=TODAY, by=UserFactory())


def live(license: Entitlement) -> list[tuple[str, int]]:
    """To or from what units are allocated now."""
    rows = Allocation.objects.live().order_by("pk")
    given = [(row.target_text, row.quantity) for row in rows.filter(entitlement=license)]
    received = [(row.entitlement.reference, row.quantity) for row in rows.filter(license=license)]
    return given + received


def test_two_records_share_what_is_true_of_the_purchase(
    house: Household, license: Entitlement
) -> None:
    second = split(house, license, 40)

    license.refresh_from_db()
    second.refresh_from_db()
    assert (license.purchased_rights, second.purchased_rights) == (60, 40)
    assert (license.total_cost, second.total_cost) == (Decimal("750"), Decimal("500"))
    for name in ("serial_number", "purchased_on", "contract", "model", "metric", "unit_cost"):
        assert getattr(second, name) == getattr(license, name)
    assert (second.license_number, second.asset_tag) == (1, "")
    assert second.split_from == license
    assert second.history.get().history_change_reason == "Split: Only a part is covered"


def test_the_purchase_stays_one_sum_among_the_expenses(
    house: Household, license: Entitlement
) -> None:
    split(house, license, 40)

    lines = ExpenseLine.objects.filter(is_of_purchase=True, ended_on=None)
    assert sum(line.amount for line in lines) == Decimal("1250")


def test_cover_of_each_definition_is_divided_in_step(
    house: Household, license: Entitlement
) -> None:
    assurance, support = (
        cover(license),
        cover(license, definition=DefinitionFactory(company=license.company)),
    )

    second = split(house, license, 40)

    of_assurance, of_support = assurance.entitlement.reference, support.entitlement.reference
    assert live(license) == [(of_assurance, 60), (of_support, 60)]
    assert live(second) == [(of_assurance, 40), (of_support, 40)]
    assurance.refresh_from_db()
    assert (assurance.end_reason, assurance.ended_by) == (EndReason.SPLIT, house.by)
    assert assurance.end_notes == "Only a part is covered"


def test_uses_are_divided_and_people_go_whole(house: Household, license: Entitlement) -> None:
    for name in ("Ann", "Bob"):
        allocate_to_person(
            license=license,
            person=PersonFactory(company=house.company, name=name),
            quantity=1,
            day=TODAY,
            by=house.by,
        )
    reserve(license=license, kind="project", label="Plant", quantity=50, day=TODAY, by=house.by)

    second = split(house, license, 50)

    assert sorted(live(license)) == [("Ann", 1), ("Project: Plant", 25)]
    assert sorted(live(second)) == [("Bob", 1), ("Project: Plant", 25)]


def test_whoever_has_a_key_of_the_license_keeps_it(house: Household, license: Entitlement) -> None:
    add_keys(entitlement=license, pasted="KEY-1", label="", by=house.by)
    for name, key in (("Ann", None), ("Bob", LicenseKey.objects.get())):
        allocate_to_person(
            license=license,
            person=PersonFactory(company=house.company, name=name),
            quantity=1,
            day=TODAY,
            by=house.by,
            license_key=key,
        )

    second = split(house, license, 50)

    assert live(license) == [("Bob", 1)]
    assert live(second) == [("Ann", 1)]
    assert LicenseKey.objects.get().entitlement == license


def test_what_takes_whatever_is_deployed_takes_it_of_both(
    house: Household, license: Entitlement
) -> None:
    product = house.product(installs=80)
    track_deployment(
        license=license, product=product, metric="installs", quantity=0, day=TODAY, by=house.by
    )

    second = split(house, license, 50)

    assert [figures(each).consumed for each in (license, second)] == [50, 30]
    assert [figures(each).available for each in (license, second)] == [0, 20]


def test_states_downgrade_rights_and_pairs_kept_apart_hold_for_both(
    house: Household, license: Entitlement
) -> None:
    position = MaintenanceFactory(company=house.company, model=license.model)
    with acting(house.by, "Set up by a test"):
        StatePeriod.objects.create(
            company=house.company,
            entitlement=license,
            state="missing",
            from_on=date(2026, 2, 1),
            until_on=date(2026, 2, 28),
        )
        DowngradeRight.objects.create(
            company=house.company, entitlement=license, model=SoftwareModelFactory()
        )
        KeptApart.objects.create(
            company=house.company,
            position=position,
            license=license,
            reason="Other site",
            parted_by=house.by,
        )

    second = split(house, license, 40)

    for each in (license, second):
        assert each.state_periods.count() == each.downgrade_rights.count() == 1
        assert each.kept_apart.count() == 1


def test_the_second_license_gets_its_part_of_what_upgrades_moved(house: Household) -> None:
    old = house.license(30)
    upgrade = house.license(30, license_type=LicenseType.UPGRADE, model=old.model)
    with acting(house.by, "Set up by a test"):
        UpgradedEntitlement.objects.create(
            company=house.company,
            source=old,
            target=upgrade,
            rights=30,
            effective_on=upgrade.purchased_on,
        )

    second = split(house, upgrade, 10)

    moved = {row.target_id: row.rights for row in UpgradedEntitlement.objects.all()}
    assert moved == {upgrade.pk: 20, second.pk: 10}


@pytest.mark.parametrize(
    ("rights", "sentence"),
    [
        pytest.param(0, "Give 1 to 69", id="none"),
        pytest.param(-3, "-3 cannot be split off", id="fewer"),
        pytest.param(70, "70 cannot be split off. Give 1 to 69", id="all that are left"),
    ],
)
def test_each_of_the_two_keeps_a_right(
    house: Household, license: Entitlement, rights: int, sentence: str
) -> None:
    with acting(house.by, "Set up by a test"):
        PurchaseReturn.objects.create(
            company=house.company,
            entitlement=license,
            quantity=30,
            returned_on=TODAY + timedelta(days=90),
        )

    with pytest.raises(SplitRefused, match=sentence):
        split(house, license, rights)

    assert Entitlement.objects.count() == 1


def test_what_cannot_be_split_says_why(house: Household, license: Entitlement) -> None:
    endless = house.license(None)
    with pytest.raises(SplitRefused, match="is unlimited"):
        split(house, endless, 1)
    with pytest.raises(SplitRefused, match="is maintenance"):
        split(house, MaintenanceFactory(company=house.company), 1)
    with pytest.raises(SplitRefused, match="has 1 active right: there is nothing"):
        split(house, house.license(1), 1)
    person = PersonFactory(company=house.company)
    allocate_to_person(license=license, person=person, quantity=100, day=TODAY, by=house.by)
    with pytest.raises(SplitRefused, match="what people and devices hold is not divided"):
        split(house, license, 40)


@pytest.mark.parametrize(("rights", "packs"), [(40, (12, 8)), (42, (None, None))])
def test_packs_that_stay_whole_stay_packs(
    house: Household, rights: int, packs: tuple[int | None, int | None]
) -> None:
    license = house.license(100, packs=20, rights_per_pack=5)

    second = split(house, license, rights)

    license.refresh_from_db()
    assert (license.packs, second.packs) == packs


def test_a_preview_writes_nothing_and_tells_what_the_split_does(
    house: Household, license: Entitlement
) -> None:
    cover(license)

    foreseen = foresee_split(license=license, rights=40, day=TODAY)

    assert [(each.allocation.quantity, each.units) for each in foreseen] == [(100, 40)]
    assert Entitlement.objects.licenses().count() == 1


def test_a_run_after_a_split_changes_nothing(house: Household, license: Entitlement) -> None:
    for _ in range(2):
        MaintenanceFactory(
            company=house.company,
            model=license.model,
            purchased_rights=100,
            serial_number="S-1",
            purchased_on=license.purchased_on,
            starts_on=license.purchased_on,
            definition=DefinitionFactory(company=house.company),
        )
    run_now(company=house.company, as_of=TODAY, by=house.by)
    before = Allocation.objects.live().filter(basis=Basis.SERIAL).count()

    split(house, license, 40)
    run = run_now(company=house.company, as_of=TODAY, by=house.by)

    assert before == 2
    assert not Allocation.objects.filter(made_in_run=run).exists()
    assert not Allocation.objects.filter(ended_in_run=run).exists()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rights=st.integers(1, 19),
    returned=st.integers(0, 5),
    reserved=st.lists(st.integers(1, 4), max_size=3),
    again=st.integers(1, 5),
)
def test_totals_are_those_of_before_on_every_day_however_often_it_is_split(
    rights: int, returned: int, reserved: list[int], again: int
) -> None:
    house = Household()
    license = house.license(30, purchased_on=date(2026, 1, 5))
    if returned:
        with acting(house.by, "Set up by a test"):
            PurchaseReturn.objects.create(
                company=house.company,
                entitlement=license,
                quantity=returned,
                returned_on=date(2026, 3, 1),
            )
    house.count(license)
    for number, quantity in enumerate(reserved):
        label = f"Project {number}"
        reserve(
            license=license, kind="project", label=label, quantity=quantity, day=TODAY, by=house.by
        )
    days = [date(2026, 1, 4), date(2026, 1, 5), date(2026, 2, 28), date(2026, 3, 1), TODAY]
    before = [totals(house, day) for day in days]

    second = split(house, license, rights)
    if (second.purchased_rights or 0) > again:
        split(house, second, again)

    assert [totals(house, day) for day in days] == before
    assert all(
        (figures(each).available or 0) >= 0
        for each in Entitlement.objects.filter(company=house.company)
    )


def totals(house: Household, day: date) -> tuple[int, int]:
    """All active rights of a company on a day, and all units that are allocated now."""
    read: Any = with_rights(with_state(Entitlement.objects.filter(company=house.company), day), day)
    active = sum(each.active_rights for each in read if each.state_now is not None)
    allocated = sum(row.quantity for row in Allocation.objects.live().filter(company=house.company))
    return active, allocated
