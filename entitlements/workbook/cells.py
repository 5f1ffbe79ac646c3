"""
Reading single cells: pure, from what a file holds to what a record holds.

Whatever can be read in two ways is refused with the choice that would settle it, never guessed.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from common.currencies import CURRENCIES


@dataclass(frozen=True)
class Broken:
    """A cell without a value, though it is not empty: its formula failed, or nobody ran it."""

    why: str


# What the parser hands on. None is an empty cell.
Cell = str | int | float | bool | date | datetime | time | Broken | None

# Blanks around a text, which nobody types on purpose. The database compares with the same.
BLANKS = " \t\r\n\u00a0"
MOST_COUNT = 2_147_483_647  # PostgreSQL's integer
LONGEST_NUMBER = 64  # characters of any number, day or amount; more need not be looked at
MOST_EXACT_NUMBER = 10**15  # spreadsheets keep fifteen digits
SYMBOLS = {"€": "EUR", "£": "GBP", "US$": "USD"}


class CannotRead(ValueError):
    """A cell that cannot be read; the message says why and what to do."""


class DayOrder(StrEnum):
    """What 03/04/2026 means in a file."""

    ISO = ""  # only dates that begin with the year
    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


@dataclass(frozen=True, kw_only=True)
class Conventions:
    """
    How a person says the texts of their file are to be read.

    :param decimal_mark: "." or ","; empty where numbers that depend on it shall be refused
    :param dollar: the currency that a bare ``$`` stands for; empty where it shall be refused
    """

    day_order: DayOrder = DayOrder.ISO
    decimal_mark: str = ""
    dollar: str = ""


@dataclass(frozen=True)
class Amount:
    """An amount of money; the currency is empty where the cell does not name it."""

    number: Decimal
    currency: str = ""


def is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip(BLANKS))


def as_text(cell: Cell) -> str:
    """A cell as a person would write it: days in ISO, whole numbers without decimals."""
    match cell:
        case None | Broken():
            return ""
        case bool():
            return "yes" if cell else "no"
        case float():
            return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e21 else f"{cell:.15g}"
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
        case date() | time():
            return cell.isoformat()
    return str(cell)


def read_text(cell: Cell, *, longest: int) -> str:
    """
    A text, without the blanks around it.

    :raises CannotRead: where it is too long, or a number whose digits the spreadsheet has lost
    """
    if (
        isinstance(cell, int | float)
        and not isinstance(cell, bool)
        and abs(cell) >= MOST_EXACT_NUMBER
    ):
        raise CannotRead(
            f"{cell:.0f} is a number of more digits than a spreadsheet keeps."
            " Format the cell as text and write it again"
        )
    text = as_text(cell).strip(BLANKS)
    if "\x00" in text:
        raise CannotRead("holds a NUL character, which no text can hold. Remove it")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise CannotRead("holds half a character. Write it again")
    if len(text) > longest:
        raise CannotRead(f"has {len(text):,} characters, at most {longest:,} are kept. Shorten it")
    return text


_YEAR_FIRST = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}")


def read_day(cell: Cell, conventions: Conventions) -> date:
    """
    A day: a spreadsheet date, or a text that is one.

    :raises CannotRead: where it is no day, or one day or another by the order of day and month
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if not isinstance(cell, str):
        raise CannotRead(
            f"{as_text(cell)} is not a date. Format the cell as a date, or write it like 2026-01-31"
        )
    text = cell.strip(BLANKS)
    if match := _YEAR_FIRST.fullmatch(text):
        year, _, month, day = match.groups()
        return _day(text, year, month, day)
    if match := _YEAR_LAST.fullmatch(text):
        first, _, second, year = match.groups()
        if conventions.day_order is DayOrder.DAY_FIRST:
            return _day(text, year, second, first)
        if conventions.day_order is DayOrder.MONTH_FIRST:
            return _day(text, year, first, second)
        raise CannotRead(
            f"{text} can be read day first or month first."
            " Choose the order of day and month for this import, or write it like 2026-01-31"
        )
    if _SHORT_YEAR.fullmatch(text):
        raise CannotRead(f"{text} has a year of two digits. Write all four")
    raise CannotRead(f"“{shortened(text)}” is not a date. Write it like 2026-01-31")


def _day(text: str, year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise CannotRead(
            f"{text} is no day of the calendar: month {int(month)}, day {int(day)}."
            " Look at the order of day and month chosen for this import"
        ) from None


def read_number(cell: Cell, conventions: Conventions) -> Decimal:
    """
    A number, from a number or a text.

    :raises CannotRead: where it is none, or depends on which mark is the decimal one
    """
    if isinstance(cell, bool | date | time | Broken) or cell is None:
        raise CannotRead(f"{as_text(cell)} is not a number")
    if isinstance(cell, int | float):
        if not math.isfinite(cell):
            raise CannotRead("the number is too large")
        # Fifteen digits are what a spreadsheet shows; what lies behind them is binary noise.
        return Decimal(f"{cell:.15g}")
    text = cell.strip(BLANKS).replace("\u2212", "-")
    return _number(text, conventions.decimal_mark)


_GROUPED = {
    # Decimal mark: whole part, in groups of three by the other mark or a blank, then decimals.
    # No group begins with 0, so 0.125 can only be an eighth.
    ".": re.compile(r"-?(\d+|[1-9]\d{0,2}(,\d{3})+|[1-9]\d{0,2}([ \u00a0\u202f'’]\d{3})+)(\.\d+)?"),
    ",": re.compile(r"-?(\d+|[1-9]\d{0,2}(\.\d{3})+|[1-9]\d{0,2}([ \u00a0\u202f'’]\d{3})+)(,\d+)?"),
}


def _number(text: str, decimal_mark: str) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise CannotRead(f"“{shortened(text)}” is not a number")
    readings = {
        _plain_number(text, mark)
        for mark in (decimal_mark or ".,")
        if _GROUPED[mark].fullmatch(text)
    }
    if len(readings) > 1:
        raise CannotRead(
            f"{text} is one number with a decimal point and another with a decimal comma."
            " Choose the decimal mark for this import"
        )
    if not readings:
        said = {"": "", ".": " with a decimal point", ",": " with a decimal comma"}[decimal_mark]
        raise CannotRead(f"“{shortened(text)}” is not a number{said}")
    return readings.pop()


def _plain_number(text: str, decimal_mark: str) -> Decimal:
    whole, _, decimals = text.partition(decimal_mark)
    digits = re.sub(r"[^\d-]", "", whole)
    try:
        return Decimal(f"{digits}.{decimals or 0}")
    except InvalidOperation:  # pragma: no cover - the pattern lets nothing else through
        raise CannotRead(f"“{shortened(text)}” is not a number") from None


def read_count(cell: Cell, conventions: Conventions) -> int:
    """
    A whole number. It may be negative: returns are.

    :raises CannotRead: where it is no whole number, or one too large to be kept
    """
    number = read_number(cell, conventions)
    if number != number.to_integral_value():
        raise CannotRead(f"{as_text(cell)} is not a whole number")
    if abs(number) > MOST_COUNT:
        raise CannotRead(f"{number:,.0f} is more than {MOST_COUNT:,}, the most that is kept")
    return int(number)


_CODE_FIRST = re.compile(r"([A-Za-z]{3})\s*;?\s*([-\u2212\d].*)")
_CODE_LAST = re.compile(r"(.*\d)\s*;?\s*([A-Za-z]{3})")
_SYMBOL_FIRST = re.compile(r"(-?)\s*(US\$|[€£$¥])\s*(.+)")
_SYMBOL_LAST = re.compile(r"(.+?)\s*(US\$|[€£$¥])")


def read_amount(cell: Cell, conventions: Conventions, *, decimals: int, digits: int = 18) -> Amount:
    """
    An amount of money: ``200``, ``EUR;200``, ``200 EUR``, ``€200``, ``$40.00``.

    :param decimals: how many are kept; an amount with more is refused, not rounded
    :raises CannotRead: where it is none, or it is not told what ``$`` stands for
    """
    number, currency = cell, ""
    if isinstance(cell, str):
        number, currency = _split_currency(cell.strip(BLANKS), conventions)
    value = read_number(number, conventions)
    if value != round(value, decimals):
        raise CannotRead(f"{value} has more than {decimals} decimals. Round it")
    if abs(value) >= 10 ** (digits - decimals):
        raise CannotRead(f"{value:,} is too large for an amount of money")
    return Amount(value, currency)


def _split_currency(text: str, conventions: Conventions) -> tuple[str, str]:
    if len(text) > LONGEST_NUMBER:
        return text, ""
    if match := _SYMBOL_FIRST.fullmatch(text):
        sign, symbol, number = match.groups()
        return sign + number, _currency_of_symbol(symbol, text, conventions)
    if match := _SYMBOL_LAST.fullmatch(text):
        number, symbol = match.groups()
        return number, _currency_of_symbol(symbol, text, conventions)
    if match := _CODE_FIRST.fullmatch(text):
        code, number = match.groups()
        return number, read_currency(code)
    if match := _CODE_LAST.fullmatch(text):
        number, code = match.groups()
        return number, read_currency(code)
    return text, ""


def _currency_of_symbol(symbol: str, text: str, conventions: Conventions) -> str:
    if symbol in SYMBOLS:
        return SYMBOLS[symbol]
    if symbol == "$" and conventions.dollar:
        return conventions.dollar
    if symbol == "$":
        raise CannotRead(
            f"{text}: several currencies are written $. Choose for this import which one it is"
        )
    raise CannotRead(f"{text}: several currencies are written {symbol}. Write a code, like JPY;200")


def read_currency(cell: Cell) -> str:
    """
    The code of a currency, like EUR.

    :raises CannotRead: where it is none
    """
    text = as_text(cell).strip(BLANKS)
    code = SYMBOLS.get(text, text.upper())
    if code not in CURRENCIES:
        raise CannotRead(f"“{shortened(text)}” is not the code of a currency, like EUR")
    return code


_WORDS = {
    **dict.fromkeys(("yes", "y", "true", "1", "x"), True),
    **dict.fromkeys(("no", "n", "false", "0"), False),
}


def read_yes_no(cell: Cell) -> bool:
    """:raises CannotRead: where it says neither"""
    word = as_text(cell).strip(BLANKS).lower()
    if word not in _WORDS:
        raise CannotRead(f"“{shortened(word)}” is neither yes nor no")
    return _WORDS[word]


def read_choice(cell: Cell, options: Mapping[str, str]) -> str:
    """
    The code of one of some options, which a person may write by label or code.

    :param options: label by code
    :raises CannotRead: where it is none of them; the message lists them
    """
    text = as_text(cell).strip(BLANKS)
    for code, label in options.items():
        if text.casefold() in (code.casefold(), label.casefold()):
            return code
    raise CannotRead(
        f"“{shortened(text)}” is none of the values allowed: {', '.join(options.values())}"
    )


def shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
