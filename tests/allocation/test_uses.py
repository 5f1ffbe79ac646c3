"""What uses licenses: the rules of the services, and the numbers they leave."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import pytest
from django.test import Client

from accounts.models import Person
from accounts.roles import Role
from allocation.models import Allocation, LicenseNumbers, ProductNumbers, ReservationKind
from allocation.services import (
    AlreadyEnded,
    AlreadyTracked,
    BeyondAvailable,
    DeviceRefused,
    NotALicense,
    PersonRefused,
    QuantityImpossible,
    ReservationImpossible,
    UseRefused,
    allocate_to_device,
    allocate_to_person,
    change_use,
    end_allocation,
    metric_warning,
    reserve,
    track_deployment,
)
from common.acting import acting
from deployments.models import Deployment, Device
from entitlements.models import Entitlement, LicenseMetric
from entitlements.services import save_entitlement
from tests.allocation.using import TODAY, Household, figures
from tests.factories import (
    CompanyFactory,
    MaintenanceFactory,
    PersonFactory,
    ProductFactory,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> Household:
    return Household()


def per_user() -> LicenseMetric:
    return LicenseMetric.objects.get(group__name="Common", name="Per Named User")


def reserved(license: Entitlement, quantity: int, house: Household, label: str = "Legal") -> object:
    return reserve(
        license=license,
        kind=ReservationKind.DEPARTMENT,
        label=label,
        quantity=quantity,
        day=TODAY,
        by=house.by,
    )


def device_of(house: Household, **fields: object) -> Device:
    with acting(None, "Set up by a test"):
        return Device.objects.create(
            **{"company": house.company, "name": f"PC-{Device.objects.count()}", **fields}
        )


# --- The table of the specification ---


class Case(NamedTuple):
    """
    A row of the table. ``uses``: (license, product, quantity); product None: a reservation.
    ``in_use``: what of each license is deployed.
    """

    entitled: Sequence[int | None]
    uses: Sequence[tuple[int, int | None, int]]
    deployed: Sequence[int]
    consumed: Sequence[int]
    available: Sequence[int | None]
    uncovered: int
    in_use: Sequence[int]
    idle: Sequence[int] = (0, 0)


CASES: Mapping[str, Case] = {
    "the seed's example": Case([90], [(0, 0, 0), (0, 1, 0)], [40, 12], [52], [38], 0, [52]),
    "tracked and reserved": Case(
        [275], [(0, 0, 100), (0, None, 50)], [100], [150], [125], 0, [100]
    ),
    "capped short": Case([100], [(0, 0, 40)], [65], [40], [60], 25, [40]),
    "capped long": Case([100], [(0, 0, 80)], [65], [80], [20], 0, [65], [15]),
    "the pool runs out": Case([60], [(0, 0, 0)], [75], [75], [-15], 15, [75]),
    "reserve, then unlimited": Case([60], [(0, None, 20), (0, 0, 0)], [50], [70], [-10], 10, [50]),
    "two licenses, one product": Case(
        [50, 30], [(0, 0, 50), (1, 0, 30)], [100], [50, 30], [0, 0], 20, [50, 30]
    ),
    "two unlimited in turn": Case(
        [50, 30], [(0, 0, 0), (1, 0, 0)], [70], [50, 20], [0, 10], 0, [50, 20]
    ),
    "two unlimited, over-used": Case(
        [50, 30], [(0, 0, 0), (1, 0, 0)], [100], [50, 50], [0, -20], 20, [50, 50]
    ),
    "two fixed, one product": Case(
        [50, 30], [(0, 0, 50), (1, 0, 30)], [60], [50, 30], [0, 0], 0, [50, 10], [0, 20]
    ),
    "unlimited license": Case([None], [(0, 0, 0)], [75], [75], [None], 0, [75]),
    "expired license": Case([0], [(0, 0, 0)], [12], [12], [-12], 12, [12]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_stored_numbers_are_those_of_the_table(case: Case, house: Household) -> None:
    licenses = [_granting(rights, house) for rights in case.entitled]
    products = [house.product(installs=units) for units in case.deployed]

    for license, product, quantity in case.uses:
        if product is None:
            reserved(licenses[license], quantity, house)
        else:
            house.track(licenses[license], products[product], quantity)

    numbers = [figures(license) for license in licenses]
    assert [each.entitled for each in numbers] == case.entitled
    assert [each.consumed for each in numbers] == case.consumed
    assert [each.deployed for each in numbers] == case.in_use
    assert [each.available for each in numbers] == case.available
    assert [each.idle for each in numbers] == list(case.idle)[: len(numbers)]
    uncovered = ProductNumbers.objects.filter(metric="installs").values_list("uncovered", flat=True)
    assert sum(uncovered) == case.uncovered


def _granting(rights: int | None, house: Household) -> Entitlement:
    """A license with so many active rights; of 0, an expired one."""
    if rights != 0:
        return house.license(rights)
    expired = {"duration": "subscription", "starts_on": date(2025, 1, 1)}
    return house.license(12, **expired, ends_on=date(2025, 12, 31))


# --- Refused ---


def test_more_than_is_available_is_refused_with_the_figure_and_nothing_is_saved(
    house: Household,
) -> None:
    license = house.license(10)
    reserved(license, 4, house)
    product = house.product(installs=30)

    with pytest.raises(BeyondAvailable, match="7 is more than the 6 that are available") as refused:
        house.track(license, product, 7)

    assert refused.value.field == "quantity"
    assert Allocation.objects.count() == 1
    assert figures(license).available == 6


def test_a_license_that_is_not_in_use_gives_nothing_and_says_so(house: Household) -> None:
    license = _granting(0, house)

    with pytest.raises(BeyondAvailable, match="on 1 Jun 2026 it is retired"):
        reserved(license, 1, house)

    assert not Allocation.objects.exists()


def test_an_unlimited_use_is_never_refused(house: Household) -> None:
    license = house.license(10)

    house.track(license, house.product(installs=25), 0)

    assert (figures(license).available, figures(license).over_allocated) == (-15, 15)


def test_what_unlimited_uses_take_is_not_available_to_others(house: Household) -> None:
    license = house.license(10)
    house.track(license, house.product(installs=8), 0)

    with pytest.raises(BeyondAvailable, match="3 is more than the 2"):
        reserved(license, 3, house)

    assert figures(license).consumed == 8


def test_an_endless_license_gives_any_quantity(house: Household) -> None:
    license = house.license(None)

    reserved(license, 1_000_000, house)

    assert (figures(license).available, figures(license).consumed) == (None, 1_000_000)


@pytest.mark.parametrize("quantity", [-1, 2**31])
def test_a_quantity_that_is_none_is_refused(house: Household, quantity: int) -> None:
    license = house.license(None)

    with pytest.raises(QuantityImpossible) as refused:
        house.track(license, house.product(), quantity)

    assert refused.value.field == "quantity"


def test_only_deployments_are_unlimited(house: Household) -> None:
    with pytest.raises(QuantityImpossible, match="0 is no quantity"):
        reserved(house.license(5), 0, house)

    assert not Allocation.objects.exists()


def test_maintenance_is_not_used(house: Household) -> None:
    position = MaintenanceFactory(company=house.company)

    with pytest.raises(NotALicense, match="is maintenance"):
        house.track(position, house.product(), 0)

    assert not Allocation.objects.exists()


def test_a_license_tracks_a_product_under_one_metric_once(house: Household) -> None:
    license, product = house.license(10), house.product(installs=3, users=2)
    house.track(license, product, 4)

    with pytest.raises(AlreadyTracked, match=r"by installs already \(4\)") as refused:
        house.track(license, product, 0)

    house.track(license, product, 0, metric="users")
    assert refused.value.field == "product"
    assert figures(license).consumed == 6


def test_a_label_is_reserved_once_whatever_its_case(house: Household) -> None:
    license = house.license(10)
    reserved(license, 2, house, label="Legal")

    with pytest.raises(ReservationImpossible, match="Department: Legal already") as refused:
        reserved(license, 2, house, label=" LEGAL ")

    assert refused.value.field == "label"


def test_a_reservation_says_for_whom(house: Household) -> None:
    with pytest.raises(ReservationImpossible, match="what the units are reserved for"):
        reserved(house.license(5), 1, house, label="  ")

    assert not Allocation.objects.exists()


def test_a_person_holds_a_license_once(house: Household) -> None:
    license = house.license(5, metric=per_user())
    person = PersonFactory(company=house.company, name="Nele Adam")
    given: dict[str, Any] = {"license": license, "person": person, "day": TODAY, "by": house.by}

    row = allocate_to_person(**given, quantity=2)

    with pytest.raises(PersonRefused, match=r"Nele Adam holds 2 of .* already") as refused:
        allocate_to_person(**given, quantity=1)
    assert (row.target_text, refused.value.field) == ("Nele Adam", "person")
    assert (figures(license).assigned, figures(license).available) == (2, 3)


def test_a_device_holds_a_license_once(house: Household) -> None:
    license, device = house.license(5), device_of(house, name="LT-04")
    given: dict[str, Any] = {"license": license, "device": device, "day": TODAY, "by": house.by}

    allocate_to_device(**given, quantity=1)

    with pytest.raises(DeviceRefused, match="LT-04 holds 1") as refused:
        allocate_to_device(**given, quantity=1)
    assert refused.value.field == "device"


def test_people_hold_only_licenses_that_count_people(house: Household) -> None:
    person = PersonFactory(company=house.company)

    with pytest.raises(PersonRefused, match="counts devices"):
        allocate_to_person(
            license=house.license(5), person=person, quantity=1, day=TODAY, by=house.by
        )

    assert not Allocation.objects.exists()


def test_devices_hold_only_licenses_that_count_devices(house: Household) -> None:
    license = house.license(5, metric=per_user())

    with pytest.raises(DeviceRefused, match="counts people"):
        allocate_to_device(
            license=license, device=device_of(house), quantity=1, day=TODAY, by=house.by
        )

    assert not Allocation.objects.exists()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda company: PersonFactory(), "is not of", id="another company's"),
        pytest.param(
            lambda company: PersonFactory(company=company, inactive_on=TODAY),
            "inactive since 1 Jun 2026",
            id="who has left",
        ),
    ],
)
def test_a_person_who_is_not_there_is_given_nothing(
    house: Household, make: Callable[[object], Person], reason: str
) -> None:
    license = house.license(5, metric=per_user())

    with pytest.raises(PersonRefused, match=reason):
        allocate_to_person(
            license=license, person=make(house.company), quantity=1, day=TODAY, by=house.by
        )

    assert not Allocation.objects.exists()


def test_a_device_that_is_gone_is_given_nothing(house: Household) -> None:
    device = device_of(house, gone_on=date(2026, 5, 1))

    with pytest.raises(DeviceRefused, match="gone since 1 May 2026"):
        allocate_to_device(
            license=house.license(5), device=device, quantity=1, day=TODAY, by=house.by
        )

    assert not Allocation.objects.exists()


# --- Changed and ended ---


def test_a_new_quantity_is_checked_against_what_is_available_and_its_own(house: Household) -> None:
    license = house.license(10)
    row = house.track(license, house.product(installs=3), 6)
    reserved(license, 2, house)

    with pytest.raises(BeyondAvailable, match=r"9 is more than the 8.*with the 6 of this"):
        change_use(allocation=row, quantity=9, notes="", day=TODAY, by=house.by)
    change_use(allocation=row, quantity=8, notes="All of it", day=TODAY, by=house.by)

    row.refresh_from_db()
    assert (row.quantity, row.notes, figures(license).available) == (8, "All of it", 0)


def test_lowering_passes_though_the_license_is_over_allocated(house: Household) -> None:
    license = house.license(10)
    row = house.track(license, house.product(installs=3), 9)
    license.purchased_rights = 4
    save_entitlement(license, by=house.by, reason="Fewer after all")

    change_use(allocation=row, quantity=7, notes="", day=TODAY, by=house.by)

    assert figures(license).available == -3


def test_an_unlimited_use_is_capped_at_what_it_takes_at_most(house: Household) -> None:
    license = house.license(10)
    row = house.track(license, house.product(installs=15), 0)

    with pytest.raises(BeyondAvailable, match="16 is more than the 10"):
        change_use(allocation=row, quantity=16, notes="", day=TODAY, by=house.by)
    change_use(allocation=row, quantity=12, notes="", day=TODAY, by=house.by)

    assert figures(license).available == -2


def test_a_fixed_use_can_be_made_unlimited(house: Household) -> None:
    license = house.license(10)
    row = house.track(license, house.product(installs=25), 3)

    change_use(allocation=row, quantity=0, notes="", day=TODAY, by=house.by)

    assert figures(license).available == -15


def test_the_history_says_who_changed_a_use_and_why(house: Household) -> None:
    row = house.track(house.license(10), house.product(installs=3), 3)

    change_use(
        allocation=row, quantity=2, notes="", day=TODAY, by=house.by, reason="One was given back"
    )

    changed, made = row.history.all()
    assert (changed.quantity, changed.history_change_reason) == (2, "One was given back")
    assert made.history_change_reason.startswith("Tracked Vendor")
    assert changed.history_user_id == made.history_user_id == house.by.pk


def test_an_ended_use_is_kept_and_draws_nothing(house: Household) -> None:
    license, product = house.license(10), house.product(installs=6)
    row = house.track(license, product, 0)

    end_allocation(allocation=row, day=TODAY, by=house.by, reason="Moved to the new suite")

    row.refresh_from_db()
    assert (row.is_live, row.ended_by, row.end_notes) == (False, house.by, "Moved to the new suite")
    assert (figures(license).consumed, figures(license).available) == (0, 10)
    assert ProductNumbers.objects.get(metric="installs").uncovered == 6


def test_an_ended_use_cannot_be_changed(house: Household) -> None:
    row = house.track(house.license(10), house.product(installs=6), 0)
    end_allocation(allocation=row, day=TODAY, by=house.by, reason="Moved")

    with pytest.raises(AlreadyEnded, match="Moved"):
        change_use(allocation=row, quantity=3, notes="", day=TODAY, by=house.by)

    assert figures(row.entitlement).consumed == 0


def test_a_use_that_ended_makes_room_for_another_of_its_kind(house: Household) -> None:
    license, product = house.license(10), house.product(installs=6)
    first = house.track(license, product, 10)
    end_allocation(allocation=first, day=TODAY, by=house.by, reason="Counted anew")

    house.track(license, product, 5)

    assert figures(license).consumed == 5


def test_what_one_license_loses_another_takes(house: Household) -> None:
    first, second = house.license(50), house.license(30)
    product = house.product(installs=70)
    row = house.track(first, product, 0)
    house.track(second, product, 0)

    end_allocation(allocation=row, day=TODAY, by=house.by, reason="Sold")

    assert (figures(first).consumed, figures(second).consumed) == (0, 70)


# --- What moves the numbers from below ---


def test_the_numbers_follow_the_inventory_by_themselves(house: Household) -> None:
    license, product = house.license(10), house.product(installs=3)
    row = house.track(license, product, 0)

    house.deploy(product, installs=8)

    row.refresh_from_db()
    assert (row.consumed, row.deployed, figures(license).available) == (8, 8, 2)


def test_the_inventory_leaves_no_trace_in_the_history_of_a_use(house: Household) -> None:
    product = house.product(installs=3)
    row = house.track(house.license(10), product, 0)

    house.deploy(product, installs=8)

    assert row.history.count() == 1


def test_the_numbers_follow_the_rights_of_the_license(house: Household) -> None:
    license = house.license(10)
    house.track(license, house.product(installs=8), 0)

    license.purchased_rights = 5
    save_entitlement(license, by=house.by, reason="Returned at the vendor's")

    assert (figures(license).entitled, figures(license).available) == (5, -3)


def test_a_license_that_is_entered_has_numbers_at_once(house: Household) -> None:
    license = house.license(10)
    LicenseNumbers.objects.all().delete()

    save_entitlement(license, by=house.by, reason="")

    assert figures(license).available == 10


def test_a_product_is_tracked_before_any_inventory_found_it(house: Household) -> None:
    product = ProductFactory()

    row = house.track(house.license(10), product, 4)

    assert Deployment.objects.get().product == product
    assert (row.consumed, row.deployed, row.idle) == (4, 0, 4)


def test_licenses_of_another_company_are_not_touched(house: Household) -> None:
    other = Household(company=CompanyFactory())
    product = house.product(installs=20)
    other.deploy(product, installs=7)
    other.track(other.license(10), product, 0)

    house.track(house.license(30), product, 0)

    assert sorted(LicenseNumbers.objects.values_list("consumed", flat=True)) == [7, 20]


# --- The metric ---


@pytest.mark.parametrize(
    ("name", "metric", "warns"),
    [
        pytest.param("Per Device", "users", True, id="devices by users"),
        pytest.param("Per Device", "installs", False, id="devices by installs"),
        pytest.param("Per Named User", "installs", True, id="people by installs"),
        pytest.param("Per Named User", "users", False, id="people by users"),
    ],
)
def test_a_metric_that_does_not_count_what_the_license_counts_is_warned_of(
    house: Household, name: str, metric: str, warns: bool
) -> None:
    license = house.license(5, metric=LicenseMetric.objects.get(group__name="Common", name=name))

    warning = metric_warning(license, metric)

    assert bool(warning) == warns
    assert track_deployment(
        license=license,
        product=house.product(),
        metric=metric,
        quantity=0,
        day=TODAY,
        by=house.by,
    ).is_live


def test_a_license_without_metric_is_warned_of_nothing(house: Household) -> None:
    assert metric_warning(house.license(5, metric=None), "users") == ""


def test_a_metric_that_is_none_is_refused(house: Household) -> None:
    with pytest.raises(UseRefused, match="“cores” is no deployment metric") as refused:
        house.track(house.license(5), house.product(), 0, metric="cores")

    assert refused.value.field == "metric"


# --- Where it shows ---


def test_the_home_page_counts_the_licenses_of_which_too_much_is_in_use(
    house: Household, client: Client
) -> None:
    house.track(house.license(10), house.product(installs=15), 0)
    house.track(house.license(10), house.product(installs=5), 0)
    client.force_login(make_user(Role.AUDITOR, house.company))

    page = client.get("/")

    assert page.context["attention"].over_used == 1
    assert "More units are in use than they grant" in page.content.decode()
