"""Days as formats write them. None is guessed: what can be read in two ways is not read."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from deployments.formats.cells import Broken, shortened
from deployments.formats.options import DayOrder

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].*)?")
_YEAR_FIRST = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})(?: .*)?")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?: .*)?")
_SLASHED = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})(?: .*)?")
_SECONDS = re.compile(r"[0-9]{9,10}(?:\.[0-9]+)?")

# What programs write where they know no day: the beginnings of their calendars.
BEGINNINGS = {date(1, 1, 1), date(1601, 1, 1), date(1899, 12, 30), date(1900, 1, 1)} | {
    date(1970, 1, 1)
}
_NOTHING = {"", "0", "-1", "0000-00-00", "0000-00-00 00:00:00"}


class Unordered(Exception):
    """A day can be read with the day first or with the month first; the message is the day."""


def iso_day(value: Any) -> date | None:
    """
    2026-01-31, alone or with a time, or with slashes, or as Windows writes it: 20260131.

    :raises Broken: where it is something else
    """
    text = _text(value)
    if text in _NOTHING:
        return None
    for pattern in (_ISO, _YEAR_FIRST, _COMPACT):
        if match := pattern.fullmatch(text):
            year, month, day = map(int, match.groups())
            return _day(text, year, month, day)
    raise Broken(f"“{shortened(text)}” is no day that can be read without guessing")


def agent_day(value: Any) -> date | None:
    """A day of an inventory agent: ISO, or day first, as agents for Windows write it."""
    if match := _SLASHED.fullmatch(_text(value)):
        day, month, year = map(int, match.groups())
        return _day(_text(value), year, month, day)
    return iso_day(value)


def osquery_day(value: Any) -> date | None:
    """A day of osquery: seconds since 1970, else what the package itself says."""
    text = _text(value)
    if _SECONDS.fullmatch(text):
        return _unless_beginning(datetime.fromtimestamp(float(text), UTC).date())
    if re.fullmatch(r"-?[0-9]+\.0*", text):  # a number without a day: -1.0
        return None
    return iso_day(value)


def written_day(value: Any, order: DayOrder) -> date | None:
    """
    A day as people and their spreadsheet programs write it; dotted ones have the day first.

    :raises Unordered: where its order must be known, and is not
    :raises Broken: where it is no day
    """
    if not value:
        return None
    text = _text(value)
    if match := _DOTTED.fullmatch(text):
        day, month, year = map(int, match.groups())
        return _day(text, year, month, day)
    if match := _SLASHED.fullmatch(text):
        if not order:
            raise Unordered(text)
        first, second, year = map(int, match.groups())
        day, month = (first, second) if order == "dmy" else (second, first)
        return _day(text, year, month, day)
    try:
        return iso_day(text)
    except Broken:
        raise Broken(f"“{shortened(text)}” is no day; write it as 2026-01-31") from None


def _text(value: Any) -> str:
    match value:
        case str():
            return value.strip()
        case None:
            return ""
        case bool():
            raise Broken("it is no day")
        case int() | float() | Decimal():
            return str(value)
    raise Broken("it is no day")


def _day(text: str, year: int, month: int, day: int) -> date | None:
    try:
        return _unless_beginning(date(year, month, day))
    except ValueError:
        raise Broken(f"there is no day “{shortened(text)}”") from None


def _unless_beginning(day: date) -> date | None:
    return None if day in BEGINNINGS else day
