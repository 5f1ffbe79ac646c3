"""Single cells: what is read, and what is refused because it could be read in two ways."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from entitlements.workbook.cells import (
    Amount,
    CannotRead,
    Conventions,
    DayOrder,
    as_text,
    read_amount,
    read_choice,
    read_count,
    read_currency,
    read_day,
    read_number,
    read_text,
    read_yes_no,
)

PLAIN = Conventions()
DAY_FIRST = Conventions(day_order=DayOrder.DAY_FIRST)
MONTH_FIRST = Conventions(day_order=DayOrder.MONTH_FIRST)
POINT = Conventions(decimal_mark=".")
COMMA = Conventions(decimal_mark=",")
US = Conventions(dollar="USD")


@pytest.mark.parametrize(
    ("cell", "conventions", "day"),
    [
        pytest.param("2026-01-31", PLAIN, date(2026, 1, 31), id="ISO"),
        pytest.param("2026/1/31", PLAIN, date(2026, 1, 31), id="year first with slashes"),
        pytest.param("2026-01-31T00:00:00", PLAIN, date(2026, 1, 31), id="ISO with time"),
        pytest.param(" 2026-01-31 ", PLAIN, date(2026, 1, 31), id="blanks around it"),
        pytest.param(date(2026, 1, 31), PLAIN, date(2026, 1, 31), id="spreadsheet date"),
        pytest.param(
            datetime.fromisoformat("2026-01-31T09:05"), PLAIN, date(2026, 1, 31), id="moment"
        ),
        pytest.param("31/01/2026", DAY_FIRST, date(2026, 1, 31), id="day first"),
        pytest.param("3.4.2026", DAY_FIRST, date(2026, 4, 3), id="day first with points"),
        pytest.param("03/04/2026", MONTH_FIRST, date(2026, 3, 4), id="month first"),
    ],
)
def test_a_day_is_read(cell, conventions, day):
    assert read_day(cell, conventions) == day


@pytest.mark.parametrize(
    ("cell", "conventions", "words"),
    [
        pytest.param("03/04/2026", PLAIN, "day first or month first", id="could be two days"),
        pytest.param("31/01/2026", PLAIN, "day first or month first", id="only by choice"),
        pytest.param("31/01/2026", MONTH_FIRST, "month 31, day 1", id="no such month"),
        pytest.param("2026-02-30", PLAIN, "no day of the calendar", id="no such day"),
        pytest.param("31/01/26", DAY_FIRST, "a year of two digits", id="short year"),
        pytest.param(46000.0, PLAIN, "Format the cell as a date", id="bare number"),
        pytest.param(time(9, 5), PLAIN, "not a date", id="time of day"),
        pytest.param("soon", PLAIN, "“soon” is not a date", id="word"),
        pytest.param("20260131", PLAIN, "not a date", id="digits only"),
        pytest.param("1" * 32_000, PLAIN, "is not a date", id="very long"),
    ],
)
def test_a_day_is_refused(cell, conventions, words):
    with pytest.raises(CannotRead, match=words):
        read_day(cell, conventions)


@pytest.mark.parametrize(
    ("cell", "conventions", "number"),
    [
        pytest.param("200", PLAIN, "200", id="whole"),
        pytest.param("200.50", PLAIN, "200.50", id="point that divides no thousands"),
        pytest.param("200,5", PLAIN, "200.5", id="comma that divides no thousands"),
        pytest.param("0.125", PLAIN, "0.125", id="no group begins with 0"),
        pytest.param("1,234.50", PLAIN, "1234.50", id="both marks, point last"),
        pytest.param("1.234,50", PLAIN, "1234.50", id="both marks, comma last"),
        pytest.param("1.234.567", PLAIN, "1234567", id="points that repeat"),
        pytest.param("1 234", PLAIN, "1234", id="blank between thousands"),
        pytest.param("1'234.50", PLAIN, "1234.50", id="Swiss"),
        pytest.param("1.234", POINT, "1.234", id="decimal point chosen"),
        pytest.param("1.234", COMMA, "1234", id="decimal comma chosen"),
        pytest.param("-5", PLAIN, "-5", id="negative"),
        pytest.param("\u22125", PLAIN, "-5", id="typographic minus"),
        pytest.param(0.1 + 0.2, PLAIN, "0.3", id="binary noise"),
        pytest.param(30.0, PLAIN, "30", id="number cell"),
    ],
)
def test_a_number_is_read(cell, conventions, number):
    assert read_number(cell, conventions) == Decimal(number)


@pytest.mark.parametrize(
    ("cell", "conventions", "words"),
    [
        pytest.param("1.234", PLAIN, "Choose the decimal mark", id="point"),
        pytest.param("1,234", PLAIN, "Choose the decimal mark", id="comma"),
        pytest.param("1.5", COMMA, "not a number with a decimal comma", id="against the choice"),
        pytest.param("12,34,567", PLAIN, "is not a number", id="groups of two"),
        pytest.param("1e5", PLAIN, "is not a number", id="exponent"),
        pytest.param("#REF!", PLAIN, "“#REF!” is not a number", id="error of a formula"),
        pytest.param(True, PLAIN, "yes is not a number", id="yes"),
        pytest.param(float("inf"), PLAIN, "too large", id="infinite"),
    ],
)
def test_a_number_is_refused(cell, conventions, words):
    with pytest.raises(CannotRead, match=words):
        read_number(cell, conventions)


@pytest.mark.parametrize(
    ("cell", "conventions", "amount"),
    [
        pytest.param("EUR;200", PLAIN, Amount(Decimal(200), "EUR"), id="code and semicolon"),
        pytest.param("EUR 200", PLAIN, Amount(Decimal(200), "EUR"), id="code and blank"),
        pytest.param("200 EUR", PLAIN, Amount(Decimal(200), "EUR"), id="code last"),
        pytest.param("eur;200,50", PLAIN, Amount(Decimal("200.5"), "EUR"), id="small letters"),
        pytest.param("€200", PLAIN, Amount(Decimal(200), "EUR"), id="sign"),
        pytest.param("200 €", PLAIN, Amount(Decimal(200), "EUR"), id="sign last"),
        pytest.param("$40.00", US, Amount(Decimal("40.00"), "USD"), id="dollars as chosen"),
        pytest.param("US$40", PLAIN, Amount(Decimal(40), "USD"), id="US dollars"),
        pytest.param("-€8", PLAIN, Amount(Decimal(-8), "EUR"), id="negative"),
        pytest.param("200", PLAIN, Amount(Decimal(200)), id="no currency"),
        pytest.param(200.0, PLAIN, Amount(Decimal(200)), id="number cell"),
    ],
)
def test_an_amount_is_read(cell, conventions, amount):
    assert read_amount(cell, conventions, decimals=4) == amount


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        pytest.param("$40.00", "Choose for this import which one it is", id="which dollar"),
        pytest.param("¥40", "Write a code, like JPY;200", id="yen or yuan"),
        pytest.param("XYZ;40", "“XYZ” is not the code of a currency", id="unknown code"),
        pytest.param("1.23456", "more than 4 decimals", id="too exact"),
        pytest.param("999999999999999", "too large", id="too large"),
        pytest.param("free", "not a number", id="word"),
        pytest.param("1" + " " * 30_000 + "x", "not a number", id="long, to keep us busy"),
    ],
)
def test_an_amount_is_refused(cell, words):
    with pytest.raises(CannotRead, match=words):
        read_amount(cell, PLAIN, decimals=4)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param("  S-1\u00a0", "S-1", id="blanks around it"),
        pytest.param(12345.0, "12345", id="a number without its decimals"),
        pytest.param(1.5, "1.5", id="a number with decimals"),
        pytest.param(True, "yes", id="yes"),
        pytest.param(date(2026, 1, 31), "2026-01-31", id="a day"),
        pytest.param("line\nline", "line\nline", id="lines within"),
    ],
)
def test_a_text_is_read(cell, text):
    assert read_text(cell, longest=20) == text


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        pytest.param("x" * 21, "has 21 characters, at most 20", id="too long"),
        pytest.param("a\x00b", "NUL", id="NUL"),
        pytest.param("a\ud800", "half a character", id="surrogate"),
        pytest.param(1.23e17, "more digits than a spreadsheet keeps", id="digits lost"),
    ],
)
def test_a_text_is_refused(cell, words):
    with pytest.raises(CannotRead, match=words):
        read_text(cell, longest=20)


def test_counts_are_whole_and_fit():
    assert read_count("1 000", PLAIN) == 1000
    with pytest.raises(CannotRead, match=r"2\.5 is not a whole number"):
        read_count(2.5, PLAIN)
    with pytest.raises(CannotRead, match="the most that is kept"):
        read_count(3e9, PLAIN)


def test_choices_are_read_by_code_or_label_in_any_case():
    options = {"full": "Full", "vendor_credit": "Vendor credit"}

    assert read_choice("VENDOR CREDIT", options) == "vendor_credit"
    assert read_choice("vendor_credit", options) == "vendor_credit"
    with pytest.raises(CannotRead, match="none of the values allowed: Full, Vendor credit"):
        read_choice("Half", options)


@pytest.mark.parametrize(
    ("cell", "said"), [("Yes", True), (True, True), ("n", False), (0.0, False)]
)
def test_yes_and_no(cell, said):
    assert read_yes_no(cell) is said


def test_a_currency_is_its_code_or_its_sign():
    assert (read_currency("eur"), read_currency("£")) == ("EUR", "GBP")


def test_a_number_cell_reads_as_a_person_would_write_it():
    assert [as_text(cell) for cell in (30.0, 0.1, 1e21, None)] == ["30", "0.1", "1e+21", ""]
