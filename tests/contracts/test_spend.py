"""What a contract costs by year."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.spend import Once, Running, YearOfSpend, spend_by_year


def running(starts: str, ends: str | None, amount: str, currency: str = "EUR") -> Running:
    return Running(
        starts_on=date.fromisoformat(starts),
        ends_on=date.fromisoformat(ends) if ends else None,
        amount=Decimal(amount),
        currency=currency,
    )


def once(day: str, amount: str, currency: str = "EUR") -> Once:
    return Once(on=date.fromisoformat(day), amount=Decimal(amount), currency=currency)


def years(found: dict[str, list[YearOfSpend]], currency: str = "EUR") -> dict[int, str]:
    return {year.year: f"{year.running} + {year.once}" for year in found[currency]}


@pytest.mark.parametrize(
    ("period", "found"),
    [
        pytest.param(
            running("2026-01-01", "2026-12-31", "1200"), {2026: "1200 + 0"}, id="one year"
        ),
        pytest.param(
            running("2026-07-01", "2027-06-30", "365"),
            {2026: "184.00 + 0", 2027: "181.00 + 0"},
            id="half and half, by days",
        ),
        pytest.param(
            running("2027-01-01", "2028-12-31", "731"),
            {2027: "365.00 + 0", 2028: "366.00 + 0"},
            id="a leap year costs a day more",
        ),
        pytest.param(
            running("2026-12-31", "2027-01-01", "0.01"),
            {2027: "0.01 + 0"},
            id="a cent is not divided",
        ),
        pytest.param(running("2026-03-01", None, "50"), {2026: "50 + 0"}, id="without end"),
        pytest.param(
            running("2026-03-01", "9999-12-31", "50"), {2026: "50 + 0"}, id="end of all days"
        ),
    ],
)
def test_the_value_of_a_term_is_spread_over_its_days(
    period: Running, found: dict[int, str]
) -> None:
    assert years(spend_by_year([period], [])) == found


def test_purchases_count_in_the_year_they_were_made_and_are_not_added_to_the_terms() -> None:
    found = spend_by_year(
        [running("2026-01-01", "2026-12-31", "10")],
        [once("2026-05-05", "1"), once("2026-06-06", "2"), once("2028-01-01", "4")],
    )

    assert years(found) == {2026: "10 + 3", 2028: "0 + 4"}


def test_currencies_are_never_added() -> None:
    found = spend_by_year([], [once("2026-05-05", "1"), once("2026-05-05", "2", "USD")])

    assert years(found, "EUR") == {2026: "0 + 1"}
    assert years(found, "USD") == {2026: "0 + 2"}


def test_nothing_spent_is_no_year() -> None:
    assert spend_by_year([], [once("2026-05-05", "0")]) == {}


@given(
    st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    st.decimals(0, 10**9, places=2),
)
def test_the_years_of_a_term_add_up_to_its_value(one: date, other: date, amount: Decimal) -> None:
    first, last = sorted((one, other))
    period = Running(starts_on=first, ends_on=last, amount=amount, currency="EUR")

    found = spend_by_year([period], [])

    assert sum(year.running for year in found.get("EUR", [])) == amount
