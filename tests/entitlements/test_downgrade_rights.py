"""Rights to use other versions: in force on their days, apart from each other, never deleted."""

from datetime import date
from typing import Any

import pytest

from accounts.models import User
from accounts.roles import Role
from contracts.models import SoftwareModel
from entitlements.models import DowngradeRight, Entitlement
from entitlements.services import (
    DowngradeRefused,
    RightsRefused,
    add_downgrade_right,
    change_downgrade_right,
    end_downgrade_right,
)
from tests.factories import LicenseFactory, MaintenanceFactory, SoftwareModelFactory, make_user

pytestmark = pytest.mark.django_db

JAN, MAR, JUN, DEC = (date(2026, month, 1) for month in (1, 3, 6, 12))


@pytest.fixture
def license() -> Entitlement:
    return LicenseFactory()


@pytest.fixture
def by(license: Entitlement) -> User:
    return make_user(Role.LICENSE_MANAGER, license.company)


@pytest.fixture
def older() -> SoftwareModel:
    return SoftwareModelFactory(name="Office 2013")


def add(
    license: Entitlement,
    model: SoftwareModel,
    by: User,
    starts_on: date | None = None,
    ends_on: date | None = None,
    **fields: Any,
) -> DowngradeRight:
    return add_downgrade_right(
        entitlement=license,
        model=model,
        starts_on=starts_on,
        ends_on=ends_on,
        by=by,
        **{"order": 1} | fields,
    )


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "overlaps"),
    [
        pytest.param(None, None, True, id="open on both sides"),
        pytest.param(JAN, MAR, True, id="its last day is the other's first"),
        pytest.param(JUN, None, True, id="its first day is the other's last"),
        pytest.param(JAN, date(2026, 2, 28), False, id="ends the day before"),
        pytest.param(date(2026, 6, 2), None, False, id="begins the day after"),
    ],
)
def test_rights_to_one_model_share_no_day(
    license: Entitlement,
    older: SoftwareModel,
    by: User,
    starts_on: date | None,
    ends_on: date | None,
    overlaps: bool,
) -> None:
    add(license, older, by, MAR, JUN, order=7)

    if overlaps:
        with pytest.raises(
            DowngradeRefused, match=r"Office 2013 of order 7, .* from 1 Mar 2026 until 1 Jun 2026"
        ):
            add(license, older, by, starts_on, ends_on)
    else:
        add(license, older, by, starts_on, ends_on)

    assert DowngradeRight.objects.count() == (1 if overlaps else 2)


def test_rights_to_other_models_and_of_other_licenses_may_share_days(
    license: Entitlement, older: SoftwareModel, by: User
) -> None:
    add(license, older, by)
    add(license, SoftwareModelFactory(), by)
    add(LicenseFactory(company=license.company), older, by)

    assert DowngradeRight.objects.count() == 3


def test_a_right_that_ends_before_it_begins_is_refused_with_both_days(
    license: Entitlement, older: SoftwareModel, by: User
) -> None:
    with pytest.raises(DowngradeRefused, match="The end, 1 Jan 2026, is before the start, 1 Mar"):
        add(license, older, by, MAR, JAN)


def test_the_own_model_needs_no_right(license: Entitlement, by: User) -> None:
    with pytest.raises(DowngradeRefused, match="is what the license grants already"):
        add(license, license.model, by)


def test_maintenance_serves_no_installations(older: SoftwareModel, by: User) -> None:
    with pytest.raises(DowngradeRefused, match="is maintenance"):
        add(MaintenanceFactory(), older, by)


def test_order_and_days_are_changed_under_the_same_rule(
    license: Entitlement, older: SoftwareModel, by: User
) -> None:
    right = add(license, older, by, JAN, MAR)
    add(license, older, by, JUN, None, order=2)

    change_downgrade_right(
        right=right, order=3, starts_on=None, ends_on=MAR, by=by, reason="By the contract"
    )
    with pytest.raises(DowngradeRefused, match="of order 2, which holds from 1 Jun 2026 on"):
        change_downgrade_right(
            right=right, order=3, starts_on=None, ends_on=DEC, by=by, reason="Longer"
        )

    right.refresh_from_db()
    assert (right.order, right.starts_on, right.ends_on) == (3, None, MAR)


def test_a_right_ends_on_a_day_that_counts_and_stays(
    license: Entitlement, older: SoftwareModel, by: User
) -> None:
    right = add(license, older, by, JAN)

    end_downgrade_right(right=right, day=JUN, by=by, reason="Sold without it")

    right.refresh_from_db()
    assert right.ends_on == JUN
    with pytest.raises(DowngradeRefused, match="It ends on 1 Jun 2026 already"):
        end_downgrade_right(right=right, day=DEC, by=by, reason="Later")
    with pytest.raises(RightsRefused, match="Give a reason"):
        end_downgrade_right(right=right, day=MAR, by=by, reason="")


def test_a_right_does_not_end_before_it_begins(
    license: Entitlement, older: SoftwareModel, by: User
) -> None:
    right = add(license, older, by, MAR)

    with pytest.raises(DowngradeRefused, match="begins on 1 Mar 2026: it cannot end on 1 Jan 2026"):
        end_downgrade_right(right=right, day=JAN, by=by, reason="Wrong")
