"""Returns: of licenses, which lower rights at once, and of maintenance, which runs spread."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Company, User
from accounts.roles import Role
from allocation import fitting
from allocation.models import LicenseNumbers
from allocation.queries import partition_of
from common.acting import acting
from entitlements.models import Entitlement, PurchaseReturn, ReturnAssignment, StatePeriod
from entitlements.queries import with_rights, with_state
from entitlements.services import (
    ReturnRefused,
    RightsRefused,
    add_maintenance_return,
    add_return,
    change_maintenance_return,
    end_return_assignments,
    save_entitlement,
    take_back_return,
)
from entitlements.states import State
from tests.factories import (
    CompanyFactory,
    DefinitionFactory,
    LicenseFactory,
    MaintenanceFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

BOUGHT = date(2025, 1, 1)
DAY = date(2026, 3, 1)
LATER = date(2026, 6, 1)


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def by(company: Company) -> User:
    return make_user(Role.LICENSE_MANAGER, company)


@pytest.fixture
def license(company: Company) -> Entitlement:
    return LicenseFactory(company=company, purchased_rights=10, asset_tag="A-1")


@pytest.fixture
def position(company: Company) -> Entitlement:
    return MaintenanceFactory(company=company, purchased_rights=10, asset_tag="M-1")


def give_back(license: Entitlement, by: User, quantity: int, day: date = DAY) -> PurchaseReturn:
    return add_return(
        license=license, quantity=quantity, day=day, unit_price=None, currency="", by=by
    )


def left(entitlement: Entitlement, day: date) -> int:
    found: Any = with_rights(with_state(Entitlement.objects.all(), day), day)
    rights: int = found.get(pk=entitlement.pk).rights_left
    return rights


def test_returned_rights_count_no_more_from_their_day_on(license: Entitlement, by: User) -> None:
    give_back(license, by, 4)

    assert [left(license, DAY - timedelta(days=1)), left(license, DAY)] == [10, 6]
    assert LicenseNumbers.objects.get(license=license).entitled == 6


def test_a_return_taken_back_counts_again_from_that_day_on(license: Entitlement, by: User) -> None:
    returned = give_back(license, by, 4)

    take_back_return(returned=returned, day=LATER, by=by, reason="The vendor refused it")

    assert [left(license, LATER - timedelta(days=1)), left(license, LATER)] == [6, 10]
    assert LicenseNumbers.objects.get(license=license).entitled == 10
    told = PurchaseReturn.history.filter(id=returned.pk).first()
    assert told.history_change_reason == "Return taken back: The vendor refused it"


@pytest.mark.parametrize(
    ("quantity", "day", "said"),
    [
        pytest.param(8, DAY, "8 is more than the 7 active rights", id="more than is active"),
        pytest.param(
            6, DAY, "6 is more than the 5 rights .* left on 1 Jun 2026", id="more than stays"
        ),
        pytest.param(
            1, date(2024, 12, 31), "is bought on 1 Jan 2025", id="before the license was bought"
        ),
        pytest.param(0, DAY, "0 is no quantity", id="nothing"),
    ],
)
def test_a_return_of_what_is_not_there_is_refused(
    license: Entitlement, by: User, quantity: int, day: date, said: str
) -> None:
    give_back(license, by, 3, BOUGHT)
    give_back(license, by, 2, LATER)

    with pytest.raises(ReturnRefused, match=said):
        give_back(license, by, quantity, day)

    assert PurchaseReturn.objects.count() == 2


def test_of_a_retired_license_nothing_can_be_returned(license: Entitlement, by: User) -> None:
    with acting(None, "Set up by a test"):
        StatePeriod.objects.create(
            company=license.company, entitlement=license, state=State.RETIRED, from_on=BOUGHT
        )

    with pytest.raises(ReturnRefused, match=r"more than the 0 active rights .* \(it is retired\)"):
        give_back(license, by, 1)


def test_an_unlimited_license_has_no_number_to_return(company: Company, by: User) -> None:
    endless = LicenseFactory(company=company, is_unlimited=True, purchased_rights=None)

    with pytest.raises(ReturnRefused, match="is unlimited"):
        give_back(endless, by, 1)


def test_maintenance_is_not_returned_by_its_record(position: Entitlement, by: User) -> None:
    with pytest.raises(ReturnRefused, match="is maintenance"):
        give_back(position, by, 1)


@pytest.mark.parametrize(
    ("price", "currency", "field"),
    [
        pytest.param(Decimal(-1), "EUR", "unit_price", id="below zero"),
        pytest.param(Decimal(5), "", "currency", id="no currency"),
    ],
)
def test_a_price_needs_a_currency_and_is_not_below_zero(
    license: Entitlement, by: User, price: Decimal, currency: str, field: str
) -> None:
    with pytest.raises(ReturnRefused) as refused:
        add_return(license=license, quantity=1, day=DAY, unit_price=price, currency=currency, by=by)

    assert refused.value.field == field


def test_a_license_is_not_saved_with_fewer_rights_than_were_returned(
    license: Entitlement, by: User
) -> None:
    returned = give_back(license, by, 4)
    license.purchased_rights = 3

    with pytest.raises(RightsRefused, match=r"4 of its rights are returned .* only 3"):
        save_entitlement(license, by=by, reason="Cut")

    take_back_return(returned=returned, day=DAY, by=by, reason="Never was")
    save_entitlement(license, by=by, reason="Cut")
    assert left(license, DAY) == 3


def test_a_return_is_taken_back_once_not_before_its_day_and_for_a_reason(
    license: Entitlement, by: User
) -> None:
    returned = give_back(license, by, 4)

    with pytest.raises(ReturnRefused, match="returned on 1 Mar 2026: they cannot count again on"):
        take_back_return(returned=returned, day=BOUGHT, by=by, reason="Wrong")
    with pytest.raises(RightsRefused, match="Give a reason"):
        take_back_return(returned=returned, day=DAY, by=by, reason="")
    take_back_return(returned=returned, day=DAY, by=by, reason="Wrong")
    with pytest.raises(ReturnRefused, match="taken back on 1 Mar 2026 already"):
        take_back_return(returned=returned, day=DAY, by=by, reason="Wrong")


def give_back_maintenance(position: Entitlement, by: User, quantity: int = 4) -> PurchaseReturn:
    assert position.definition is not None
    return add_maintenance_return(
        company=position.company,
        definition=position.definition,
        model=position.model,
        quantity=quantity,
        day=DAY,
        unit_price=Decimal(40),
        currency="EUR",
        by=by,
    )


def assign(returned: PurchaseReturn, position: Entitlement, units: int, on: date = DAY) -> None:
    with acting(None, "Assigned by a run"):
        ReturnAssignment.objects.create(
            company=position.company,
            purchase_return=returned,
            position=position,
            units=units,
            made_on=on,
            made_in_run_id=1,
        )


def seen(position: Entitlement) -> Any:
    """What consolidate is given of the position's title."""
    return partition_of(company_id=position.company_id, model_id=position.model_id, as_of=LATER)


def test_a_return_of_maintenance_waits_for_the_next_run(position: Entitlement, by: User) -> None:
    returned = give_back_maintenance(position, by)

    (given,) = seen(position).returns

    assert (given.id, given.quantity, given.assigned) == (returned.pk, 4, 0)
    assert left(position, LATER) == 10
    assert fitting.pending_units(position, LATER) == 4


def test_a_definition_of_another_company_is_refused(position: Entitlement, by: User) -> None:
    with pytest.raises(ReturnRefused, match=r"is a definition of .*, not of Northwind"):
        add_maintenance_return(
            company=position.company,
            definition=DefinitionFactory(),
            model=position.model,
            quantity=1,
            day=DAY,
            unit_price=None,
            currency="",
            by=by,
        )


def change(returned: PurchaseReturn, by: User, quantity: int) -> None:
    change_maintenance_return(
        returned=returned,
        quantity=quantity,
        day=DAY,
        unit_price=None,
        currency="",
        notes="",
        by=by,
        reason="Counted anew",
    )


def test_a_return_without_assignments_can_be_corrected(position: Entitlement, by: User) -> None:
    returned = give_back_maintenance(position, by)

    change(returned, by, 2)

    assert [given.quantity for given in seen(position).returns] == [2]


def test_a_return_with_assignments_is_not_edited_until_they_are_given_back(
    position: Entitlement, by: User
) -> None:
    returned = give_back_maintenance(position, by)
    assign(returned, position, 4)

    with pytest.raises(ReturnRefused, match="4 of its 4 units are taken from positions"):
        change(returned, by, 2)
    units = end_return_assignments(
        purchase_return=returned, day=LATER, by=by, reason="Wrong quantity"
    )
    change(returned, by, 2)

    assert units == 4
    assert left(position, LATER) == 10
    assert [(given.quantity, given.assigned) for given in seen(position).returns] == [(2, 0)]
    with pytest.raises(ReturnRefused, match="none of its units are assigned"):
        end_return_assignments(purchase_return=returned, day=LATER, by=by, reason="Twice")


def test_units_go_back_to_their_position_not_before_a_run_took_them(
    position: Entitlement, by: User
) -> None:
    returned = give_back_maintenance(position, by)
    assign(returned, position, 4, on=LATER)

    with pytest.raises(ReturnRefused, match="took units from positions on 1 Jun 2026"):
        end_return_assignments(purchase_return=returned, day=DAY, by=by, reason="Wrong")


def test_a_return_of_maintenance_taken_back_frees_its_position_and_no_run_spreads_it(
    position: Entitlement, by: User
) -> None:
    returned = give_back_maintenance(position, by)
    assign(returned, position, 3)

    units = take_back_return(returned=returned, day=LATER, by=by, reason="Never agreed")

    assert units == 3
    assert list(seen(position).returns) == []
    assert left(position, LATER) == 10
    assert fitting.pending_units(position, LATER) == 0
