"""Expense lines: that of the purchase keeps step, those of people are entered and taken back."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Company, User
from accounts.roles import Role
from allocation.models import LicenseNumbers
from common.acting import acting
from entitlements.at_once import ENTITLEMENTS_AT_ONCE
from entitlements.models import Duration, Entitlement, ExpenseLine, ImportState
from entitlements.services import (
    ExpenseRefused,
    add_expense,
    change_expense,
    keep_purchase_lines,
    save_entitlement,
    take_back_expense,
)
from entitlements.workbook.choices import Choices, Makes
from tests.entitlements.workbooks import LICENSE, do_import, licenses, reasons, undo
from tests.factories import CompanyFactory, LicenseFactory, MaintenanceFactory, make_user

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 1)
BOUGHT = date(2025, 1, 1)


@pytest.fixture
def by() -> User:
    return make_user(Role.LICENSE_MANAGER)


def save(entitlement: Entitlement, by: User, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(entitlement, name, value)
    save_entitlement(entitlement, by=by, reason="")


def lines(entitlement: Entitlement) -> list[tuple[Any, ...]]:
    found = ExpenseLine.objects.filter(entitlement=entitlement, is_of_purchase=True)
    return list(found.values_list("kind", "spent_on", "amount", "currency", "ended_on"))


@pytest.mark.parametrize(
    ("make", "kind", "day", "amount"),
    [
        pytest.param(
            lambda: LicenseFactory(purchased_rights=3), "purchase", BOUGHT, 600, id="perpetual"
        ),
        pytest.param(
            lambda: LicenseFactory(duration=Duration.SUBSCRIPTION, starts_on=DAY),
            "subscription",
            BOUGHT,
            200,
            id="subscription",
        ),
        pytest.param(
            lambda: MaintenanceFactory(purchased_rights=2),
            "maintenance",
            date(2026, 1, 1),
            80,
            id="maintenance",
        ),
        pytest.param(
            lambda: LicenseFactory(is_unlimited=True, purchased_rights=None, unit_cost=900),
            "purchase",
            BOUGHT,
            900,
            id="unlimited",
        ),
    ],
)
def test_saving_an_entitlement_writes_the_line_of_its_purchase(
    by: User, make: Any, kind: str, day: date, amount: int
) -> None:
    entitlement = make()

    save(entitlement, by)

    assert lines(entitlement) == [(kind, day, Decimal(amount), "EUR", None)]


def test_the_line_follows_rights_price_currency_and_day(by: User) -> None:
    license = LicenseFactory(purchased_rights=3)
    save(license, by)

    save(license, by, purchased_rights=4, unit_cost=Decimal(50), currency="USD", purchased_on=DAY)

    assert lines(license) == [("purchase", DAY, Decimal(200), "USD", None)]
    told = ExpenseLine.history.filter(entitlement_id=license.pk)
    assert [row.history_type for row in told] == ["~", "+"]


def test_a_line_that_is_in_step_is_not_written_again(by: User) -> None:
    license = LicenseFactory()
    save(license, by)

    save(license, by, notes="Nothing that costs")

    assert ExpenseLine.history.filter(entitlement_id=license.pk).count() == 1


def test_without_a_cost_there_is_no_line_and_one_that_was_counts_no_more(by: User) -> None:
    free, license = LicenseFactory(unit_cost=None, currency=""), LicenseFactory()
    save(free, by)
    save(license, by)

    save(license, by, unit_cost=None)
    ended = lines(license)
    save(license, by, unit_cost=Decimal(10))

    assert lines(free) == []
    assert [(amount, ended_on) for _, _, amount, _, ended_on in ended] == [(200, BOUGHT)]
    assert [(amount, ended_on) for _, _, amount, _, ended_on in lines(license)] == [(10, None)]


def test_lines_of_many_are_kept_by_a_fixed_number_of_statements_within_their_company() -> None:
    company, elsewhere = CompanyFactory(), LicenseFactory()
    few = [LicenseFactory(company=company).pk]
    many = [LicenseFactory(company=company).pk for _ in range(8)]
    counts = []

    for ids in (few, [*many, elsewhere.pk]):
        with acting(None, "Set up by a test"), CaptureQueriesContext(connection) as queries:
            keep_purchase_lines(company.pk, ids)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert set(ExpenseLine.objects.values_list("entitlement", flat=True)) == {*few, *many}


def add(entitlement: Entitlement, by: User, amount: str = "99.90") -> ExpenseLine:
    return add_expense(
        entitlement=entitlement,
        kind="other",
        spent_on=DAY,
        amount=Decimal(amount),
        currency="EUR",
        notes="",
        by=by,
    )


def change(line: ExpenseLine, by: User, amount: str) -> None:
    change_expense(
        line=line,
        kind="maintenance",
        spent_on=BOUGHT,
        amount=Decimal(amount),
        currency="CHF",
        notes="Invoice 12",
        by=by,
        reason="Misread",
    )


def test_a_line_entered_by_hand_is_changed_and_taken_back_once(by: User) -> None:
    line = add(LicenseFactory(), by)

    change(line, by, "-5")
    take_back_expense(line=line, day=DAY, by=by, reason="Booked twice")

    line.refresh_from_db()
    assert (line.kind, line.amount, line.currency, line.ended_on) == (
        "maintenance",
        Decimal(-5),
        "CHF",
        DAY,
    )
    for deed in (
        lambda: change(line, by, "6"),
        lambda: take_back_expense(line=line, day=DAY, by=by, reason="Again"),
    ):
        with pytest.raises(ExpenseRefused, match="taken back on 1 Mar 2026 already"):
            deed()


def test_the_line_of_the_purchase_is_not_changed_by_hand(by: User) -> None:
    license = LicenseFactory()
    save(license, by)
    line = ExpenseLine.objects.get(entitlement=license)

    with pytest.raises(ExpenseRefused, match="follows the unit cost and the rights"):
        change(line, by, "6")
    with pytest.raises(ExpenseRefused, match="follows the unit cost and the rights"):
        take_back_expense(line=line, day=DAY, by=by, reason="Wrong")


def test_nothing_is_no_amount(by: User) -> None:
    with pytest.raises(ExpenseRefused, match="0 is no amount"):
        add(LicenseFactory(), by, "0")


@pytest.fixture
def company() -> Company:
    return CompanyFactory()


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


EVERYTHING = Choices(makes=frozenset(Makes))


def test_an_import_writes_the_lines_and_its_undo_takes_them_along(
    company: Company, ada: User
) -> None:
    source = do_import(company, licenses(LICENSE), ada, choices=EVERYTHING)
    written = lines(Entitlement.objects.get())

    undo(source, ada)

    assert written == [("purchase", date(2026, 1, 5), Decimal(1200), "EUR", None)]
    assert source.state == ImportState.UNDONE, reasons(source)
    assert not ExpenseLine.objects.exists()


def test_undoing_a_change_brings_the_line_back_in_step(company: Company, ada: User) -> None:
    do_import(company, licenses({**LICENSE, "Asset tag": "A-1"}), ada, choices=EVERYTHING)
    source = do_import(company, licenses({**LICENSE, "Asset tag": "A-1", "Unit cost": 50}), ada)
    changed = lines(Entitlement.objects.get())

    undo(source, ada)

    assert [amount for _, _, amount, _, _ in changed] == [1500]
    assert [amount for _, _, amount, _, _ in lines(Entitlement.objects.get())] == [1200]


def test_a_line_entered_by_hand_holds_the_undoing_of_its_entitlement_back(
    company: Company, ada: User
) -> None:
    source = do_import(company, licenses(LICENSE), ada, choices=EVERYTHING)
    add(Entitlement.objects.get(), ada)

    undo(source, ada)

    assert source.state != ImportState.UNDONE
    assert "is used by 1 expense line" in reasons(source)
    assert ExpenseLine.objects.count() == 2


def test_changing_many_at_once_keeps_lines_and_numbers_in_step(by: User) -> None:
    license = LicenseFactory(purchased_rights=3)
    save(license, by)
    changed = {"unit_cost": Decimal(7), "purchased_on": date(2999, 1, 1)}

    with acting(by, "Changed with others"):
        Entitlement.objects.filter(pk=license.pk).update(**changed)
        ENTITLEMENTS_AT_ONCE.written(license.company_id, [license.pk], changed.keys())

    assert [(day, amount) for _, day, amount, _, _ in lines(license)] == [
        (date(2999, 1, 1), Decimal(21))
    ]
    assert LicenseNumbers.objects.get(license=license).entitled == 0
