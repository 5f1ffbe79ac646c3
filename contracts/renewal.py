"""
When terms of contracts end, until when notice can be given, and what comes after: pure, no records.

Days are dates and the last day of a term counts. A term without an end, or with 9999-12-31 for it,
is endless: it has no last day to give notice and nothing comes after it.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain, islice, takewhile

from django.db import models

ENDLESS = date.max
# How long before the last day to give notice a page begins to say so.
NOTICE_SOON_DAYS = 90
USUAL_REMINDERS = (90, 60, 30)  # days before the end
# So many terms ahead notice reaches at most: ten years of months. What is further off is a slip.
MOST_TERMS_AHEAD = 120
SATURDAY = 5


class Renewal(models.TextChoices):
    """What happens at the end of a term."""

    NONE = "none", "Ends"
    MANUAL = "manual", "Renewed by hand"
    AUTOMATIC = "automatic", "Renews itself"


class LengthUnit(models.TextChoices):
    """In what a notice period or a renewal is measured."""

    DAYS = "days", "days"
    MONTHS = "months", "months"


class Standing(models.TextChoices):
    """Where a term stands on a day; every day is in exactly one of these."""

    AHEAD = "ahead", "Not begun"
    RUNNING = "running", "Running"
    NOTICE_DUE = "notice_due", "Notice due"
    NOTICE_PASSED = "notice_passed", "Notice passed"
    NOTICE_GIVEN = "notice_given", "Notice given"
    LAST_DAY = "last_day", "Last day"
    ENDED = "ended", "Ended"


@dataclass(frozen=True)
class Length:
    """So many days, or so many months."""

    number: int
    unit: LengthUnit

    def __str__(self) -> str:
        number, unit = self.number, str(self.unit.label)
        if self.unit == LengthUnit.MONTHS and number and number % 12 == 0:
            number, unit = number // 12, "years"
        return f"{number} {unit if number != 1 else unit.removesuffix('s')}"


@dataclass(frozen=True, kw_only=True)
class Term:
    """
    A term as these rules see it.

    :param notice: how long before the end notice has to be given; None where nobody has to
    :param renews_for: the length of the next term; None: as long as this one
    :param anchor_day: the day of the month on which later terms begin; None: the day after the end
    :param notice_given_on: when notice was given: the term is the last one
    """

    starts_on: date
    ends_on: date | None
    notice: Length | None = None
    renewal: Renewal = Renewal.NONE
    renews_for: Length | None = None
    anchor_day: int | None = None
    notice_given_on: date | None = None

    @property
    def is_endless(self) -> bool:
        return self.ends_on is None or self.ends_on == ENDLESS

    @property
    def rolls_on(self) -> bool:
        """Whether another term follows by itself."""
        return (
            self.renewal == Renewal.AUTOMATIC
            and self.notice_given_on is None
            and not self.is_endless
        )


@dataclass(frozen=True)
class NoticeDay:
    """
    The last day on which notice is in time.

    :param on: the day of the calendar
    :param working_on: the same, or the Friday before where that is a Saturday or Sunday
    """

    on: date
    working_on: date

    @property
    def is_moved(self) -> bool:
        return self.on != self.working_on


# --- Days and months ---


def add_months(day: date, months: int, *, anchor_day: int | None = None) -> date:
    """
    The day some months later, or earlier.

    A day that the month does not have becomes its last one: 31 January and a month is 28 February.

    :param anchor_day: the day of the month that is meant, so that after a short month it is the
        31st again
    """
    month_number = day.year * 12 + day.month - 1 + months
    year, month = divmod(month_number, 12)
    if year > date.max.year:
        return date.max
    if year < date.min.year:
        return date.min
    return date(year, month + 1, min(anchor_day or day.day, monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date:
    """The day some days later, or earlier; it stays within the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def _moved(day: date, length: Length, *, sign: int, anchor_day: int | None = None) -> date:
    if length.unit == LengthUnit.DAYS:
        return add_days(day, sign * length.number)
    return add_months(day, sign * length.number, anchor_day=anchor_day)


# --- Notice ---


def last_notice_day(term: Term) -> NoticeDay | None:
    """
    The last day to give notice, so that the whole notice period lies after it and before the end.

    **[reading]** The last day of the term counts: 30 days before 31 December is 1 December, and a
    month before 30 June is 31 May, since June is the month. Where that is a Saturday or a Sunday
    the Friday before is shown beside it: who wants to be sure does not wait for Monday.
    """
    if term.notice is None or term.ends_on is None or term.is_endless:
        return None
    notice_begins = _moved(add_days(term.ends_on, 1), term.notice, sign=-1)
    day = add_days(notice_begins, -1)
    return NoticeDay(on=day, working_on=add_days(day, -max(0, day.weekday() - SATURDAY + 1)))


def standing_on(term: Term, day: date) -> Standing:
    """
    Where a term stands on a day.

    The last day to give notice still is *notice due*; the last day of the term is *last day*,
    whatever else it is.
    """
    if day < term.starts_on:
        return Standing.AHEAD
    if term.ends_on is None or term.is_endless:
        return Standing.RUNNING
    if day >= term.ends_on:
        return Standing.ENDED if day > term.ends_on else Standing.LAST_DAY
    if term.notice_given_on is not None:
        return Standing.NOTICE_GIVEN
    return _standing_by_notice(last_notice_day(term), day)


def _standing_by_notice(notice: NoticeDay | None, day: date) -> Standing:
    if notice is None:
        return Standing.RUNNING
    if day > notice.on:
        return Standing.NOTICE_PASSED
    return Standing.NOTICE_DUE if (notice.on - day).days <= NOTICE_SOON_DAYS else Standing.RUNNING


# --- What comes after ---


def next_term(term: Term) -> Term | None:
    """
    The term that follows a term, or would if it were renewed; None after an endless one.

    It begins the day after the end, without a gap, and is as long as the renewal says, else as long
    as the term before. With an anchor day it ends so that the one after it begins on that day of
    the month. It has the same notice and renewal.
    """
    if term.ends_on is None or term.is_endless:
        return None
    starts_on = add_days(term.ends_on, 1)
    length = term.renews_for or length_of(term)
    assert length is not None
    following = _moved(starts_on, length, sign=1, anchor_day=term.anchor_day)
    return replace(
        term,
        starts_on=starts_on,
        ends_on=ENDLESS if following == date.max else add_days(following, -1),
        notice_given_on=None,
    )


def length_of(term: Term) -> Length | None:
    """How long a term is: in months where it is whole months, else in days; None for endless."""
    if term.ends_on is None or term.is_endless:
        return None
    following = add_days(term.ends_on, 1)
    first = term.starts_on
    months = (following.year - first.year) * 12 + following.month - first.month
    if months and add_months(first, months, anchor_day=term.anchor_day) == following:
        return Length(months, LengthUnit.MONTHS)
    return Length((following - first).days, LengthUnit.DAYS)


def terms_after(term: Term) -> Iterator[Term]:
    """The terms that follow by themselves, one after the other, without end while it renews."""
    while term.rolls_on and (following := next_term(term)):
        yield following
        term = following


def terms_begun(term: Term, day: date, *, most: int | None = None) -> list[Term]:
    """
    The terms that have begun by themselves after a term by a day.

    :param most: how many at most: the first ones
    """
    begun = takewhile(lambda following: following.starts_on <= day, terms_after(term))
    return list(islice(begun, most))


def next_end(term: Term, day: date) -> date | None:
    """
    The last day of what a term has become on a day; None for endless.

    Where it renews itself and nobody gave notice, its end has rolled on.
    """
    present = (terms_begun(term, day) or [term])[-1]
    return None if present.is_endless else present.ends_on


def end_by_notice(term: Term, given_on: date) -> date | None:
    """
    The last day of a contract whose notice is given on a day; None where nothing says it.

    In time it is the end of the term; too late the end of the first term that follows by itself for
    which it is in time. An endless term ends when its notice period has passed: on the first day
    for which the notice is in time.
    """
    if term.is_endless:
        return None if term.notice is None else _end_of_notice(given_on, term.notice)
    following = takewhile(lambda possible: not possible.is_endless, terms_after(term))
    for possible in chain([term], islice(following, MOST_TERMS_AHEAD)):
        notice = last_notice_day(possible)
        last_day = possible.ends_on if notice is None else notice.on
        if last_day is not None and given_on <= last_day:
            return possible.ends_on
    return None


def _end_of_notice(given_on: date, notice: Length) -> date:
    """The first day for which ``last_notice_day`` says that what was given on a day is in time."""
    notice_begins = add_days(given_on, 1)
    following = _moved(notice_begins, notice, sign=1)
    if notice.unit == LengthUnit.MONTHS and following.day < notice_begins.day:
        # The month has no such day: a whole month is over with its last one.
        following = add_days(following, 1)
    return add_days(following, -1)


# --- Reminders ---


def reminder_distances(notice_days: int | None) -> tuple[int, ...]:
    """
    How many days before the end reminders go out, the first one first.

    On the notice days, then 90, 60 and 30 days before the end as far as these come later; where the
    notice days are 30 or fewer that is the only one. Without notice days: 90, 60, 30.
    """
    if notice_days is None:
        return USUAL_REMINDERS
    return (notice_days, *(days for days in USUAL_REMINDERS if days < notice_days))


def due_distances(notice_days: int | None, *, ends_on: date, day: date) -> tuple[int, ...]:
    """The distances whose day has come, the nearest last; none once the end has passed."""
    left = (ends_on - day).days
    if left < 0:
        return ()
    return tuple(days for days in reminder_distances(notice_days) if days >= left)
