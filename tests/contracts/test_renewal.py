"""When terms end, until when notice can be given, and what comes after, as tables of days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.renewal import (
    Length,
    LengthUnit,
    NoticeDay,
    Renewal,
    Standing,
    Term,
    add_months,
    due_distances,
    end_by_notice,
    last_notice_day,
    length_of,
    next_end,
    next_term,
    reminder_distances,
    standing_on,
    terms_begun,
)


def day(text: str) -> date:
    return date.fromisoformat(text)


def months(number: int) -> Length:
    return Length(number, LengthUnit.MONTHS)


def days(number: int) -> Length:
    return Length(number, LengthUnit.DAYS)


def make_term(starts: str, ends: str | None, **fields: object) -> Term:
    return Term(starts_on=day(starts), ends_on=day(ends) if ends else None, **fields)  # type: ignore[arg-type]


def span(term: Term | None) -> tuple[str, str]:
    assert term is not None
    return (str(term.starts_on), str(term.ends_on))


@pytest.mark.parametrize(
    ("start", "later", "anchor_day", "found"),
    [
        pytest.param("2026-01-31", 1, None, "2026-02-28", id="31 January and a month"),
        pytest.param("2028-01-31", 1, None, "2028-02-29", id="in a leap year"),
        pytest.param("2026-02-28", 1, 31, "2026-03-31", id="anchored on the 31st again"),
        pytest.param("2026-03-31", 1, 31, "2026-04-30", id="anchored in a short month"),
        pytest.param("2028-02-29", 12, None, "2029-02-28", id="29 February and a year"),
        pytest.param("2026-12-15", 1, None, "2027-01-15", id="over the turn of the year"),
        pytest.param("2026-03-31", -1, None, "2026-02-28", id="a month earlier"),
        pytest.param("9999-12-01", 1, None, "9999-12-31", id="beyond the calendar"),
        pytest.param("0001-01-31", -1, None, "0001-01-01", id="before the calendar"),
    ],
)
def test_months_are_counted_as_people_do(
    start: str, later: int, anchor_day: int | None, found: str
) -> None:
    assert add_months(day(start), later, anchor_day=anchor_day) == day(found)


@pytest.mark.parametrize(
    ("ends", "notice", "on", "working_on"),
    [
        pytest.param("2026-12-31", days(30), "2026-12-01", "2026-12-01", id="30 days, a Tuesday"),
        pytest.param("2026-12-31", months(3), "2026-09-30", "2026-09-30", id="three months"),
        pytest.param("2026-06-30", months(1), "2026-05-31", "2026-05-29", id="all of June, Sunday"),
        pytest.param("2027-02-28", months(1), "2027-01-31", "2027-01-29", id="all of February"),
        pytest.param("2028-02-29", months(1), "2028-01-31", "2028-01-31", id="a leap February"),
        pytest.param("2027-03-30", months(1), "2027-02-27", "2027-02-26", id="no 31 February"),
        pytest.param("2026-11-30", days(2), "2026-11-28", "2026-11-27", id="a Saturday"),
        pytest.param("2026-12-31", days(0), "2026-12-31", "2026-12-31", id="until the last day"),
        pytest.param("2026-12-31", months(32767), "0001-01-01", "0001-01-01", id="absurdly long"),
    ],
)
def test_the_whole_notice_period_lies_after_the_last_day_to_give_it(
    ends: str, notice: Length, on: str, working_on: str
) -> None:
    term = make_term("2026-01-01", ends, notice=notice)

    assert last_notice_day(term) == NoticeDay(day(on), day(working_on))


@pytest.mark.parametrize(
    "term",
    [
        pytest.param(make_term("2026-01-01", None, notice=months(3)), id="no end"),
        pytest.param(make_term("2026-01-01", "9999-12-31", notice=days(1)), id="end of all days"),
        pytest.param(make_term("2026-01-01", "2026-12-31"), id="no notice period"),
    ],
)
def test_without_end_or_notice_period_there_is_no_last_day_to_give_notice(term: Term) -> None:
    assert last_notice_day(term) is None
    assert standing_on(term, day("2026-06-01")) == Standing.RUNNING


@pytest.mark.parametrize(
    ("today", "standing"),
    [
        pytest.param("2025-12-31", Standing.AHEAD, id="the day before it begins"),
        pytest.param("2026-01-01", Standing.RUNNING, id="its first day"),
        pytest.param("2026-07-01", Standing.RUNNING, id="91 days before notice"),
        pytest.param("2026-07-02", Standing.NOTICE_DUE, id="90 days before notice"),
        pytest.param("2026-09-30", Standing.NOTICE_DUE, id="the last day to give notice"),
        pytest.param("2026-10-01", Standing.NOTICE_PASSED, id="the day after"),
        pytest.param("2026-12-30", Standing.NOTICE_PASSED, id="the day before the last"),
        pytest.param("2026-12-31", Standing.LAST_DAY, id="its last day"),
        pytest.param("2027-01-01", Standing.ENDED, id="the day after its end"),
    ],
)
def test_each_day_is_in_exactly_one_bucket(today: str, standing: Standing) -> None:
    term = make_term("2026-01-01", "2026-12-31", notice=months(3))

    assert standing_on(term, day(today)) == standing


@pytest.mark.parametrize(
    ("today", "standing"),
    [
        pytest.param("2026-08-01", Standing.NOTICE_GIVEN, id="before the end"),
        pytest.param("2026-12-31", Standing.LAST_DAY, id="on it"),
        pytest.param("2027-01-01", Standing.ENDED, id="after it"),
    ],
)
def test_a_term_whose_notice_was_given_waits_for_its_end(today: str, standing: Standing) -> None:
    term = make_term(
        "2026-01-01", "2026-12-31", notice=months(3), notice_given_on=day("2026-07-30")
    )

    assert standing_on(term, day(today)) == standing


@pytest.mark.parametrize(
    ("term", "following"),
    [
        pytest.param(
            make_term("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-12-31"), id="a year again"
        ),
        pytest.param(
            make_term("2026-01-01", "2028-12-31", renews_for=months(12)),
            ("2029-01-01", "2029-12-31"),
            id="three years, then one",
        ),
        pytest.param(
            make_term("2026-01-01", "2026-01-30"), ("2026-01-31", "2026-03-01"), id="30 days again"
        ),
        pytest.param(
            make_term("2026-01-31", "2026-02-27", anchor_day=31),
            ("2026-02-28", "2026-03-30"),
            id="a month, anchored on the 31st",
        ),
        pytest.param(
            make_term("2026-03-10", "2027-03-09", renews_for=months(12), anchor_day=1),
            ("2027-03-10", "2028-02-29"),
            id="comes to its anchor day",
        ),
        pytest.param(
            make_term("2026-01-01", "2026-12-31", renews_for=days(90), anchor_day=15),
            ("2027-01-01", "2027-03-31"),
            id="days know no anchor",
        ),
        pytest.param(
            make_term("2028-02-29", "2029-02-27"), ("2029-02-28", "2030-02-27"), id="leap day"
        ),
    ],
)
def test_the_next_term_follows_without_a_gap(term: Term, following: tuple[str, str]) -> None:
    assert span(next_term(term)) == following


def test_a_month_from_31_january_stays_at_the_end_of_each_month_by_its_anchor() -> None:
    term = make_term(
        "2026-01-31", "2026-02-27", renewal=Renewal.AUTOMATIC, renews_for=months(1), anchor_day=31
    )

    begun = terms_begun(term, day("2026-06-15"))

    assert [str(each.starts_on) for each in begun] == [
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-05-31",
    ]


def test_nothing_follows_an_endless_term() -> None:
    assert next_term(make_term("2026-01-01", None, renewal=Renewal.AUTOMATIC)) is None
    assert length_of(make_term("2026-01-01", None)) is None


def test_the_next_term_has_the_same_notice_and_none_was_given_in_it() -> None:
    term = make_term(
        "2026-01-01", "2026-12-31", notice=months(3), notice_given_on=day("2026-05-01")
    )

    following = next_term(term)

    assert following is not None
    assert (following.notice, following.notice_given_on) == (months(3), None)


@pytest.mark.parametrize(
    ("renewal", "today", "end"),
    [
        pytest.param(Renewal.AUTOMATIC, "2026-12-31", "2026-12-31", id="on its last day"),
        pytest.param(Renewal.AUTOMATIC, "2027-01-01", "2027-12-31", id="the day after"),
        pytest.param(Renewal.AUTOMATIC, "2029-06-01", "2029-12-31", id="years after"),
        pytest.param(Renewal.MANUAL, "2027-01-01", "2026-12-31", id="by hand: a person decides"),
        pytest.param(Renewal.NONE, "2027-01-01", "2026-12-31", id="not at all"),
    ],
)
def test_the_end_of_what_renews_itself_rolls_on(renewal: Renewal, today: str, end: str) -> None:
    term = make_term("2026-01-01", "2026-12-31", renewal=renewal, renews_for=months(12))

    assert next_end(term, day(today)) == day(end)


def test_what_renews_itself_ends_where_notice_was_given() -> None:
    term = make_term(
        "2026-01-01",
        "2026-12-31",
        renewal=Renewal.AUTOMATIC,
        renews_for=months(12),
        notice_given_on=day("2026-09-01"),
    )

    assert next_end(term, day("2028-01-01")) == day("2026-12-31")


def test_an_endless_term_has_no_next_end() -> None:
    assert next_end(make_term("2026-01-01", None), day("2026-06-01")) is None


def test_the_last_renewal_that_the_calendar_holds_is_endless() -> None:
    term = make_term("9990-01-01", "9999-06-30", renewal=Renewal.AUTOMATIC, renews_for=months(12))

    assert next_end(term, day("9999-12-01")) is None


@pytest.mark.parametrize(
    ("notice_days", "distances"),
    [
        pytest.param(None, (90, 60, 30), id="none given"),
        pytest.param(120, (120, 90, 60, 30), id="before the usual ones"),
        pytest.param(90, (90, 60, 30), id="the first usual one"),
        pytest.param(75, (75, 60, 30), id="between them"),
        pytest.param(31, (31, 30), id="just before the last usual one"),
        pytest.param(30, (30,), id="30: once"),
        pytest.param(7, (7,), id="fewer: once"),
    ],
)
def test_reminders_go_out_on_the_notice_days_and_then_at_90_60_30(
    notice_days: int | None, distances: tuple[int, ...]
) -> None:
    assert reminder_distances(notice_days) == distances


@pytest.mark.parametrize(
    ("today", "due"),
    [
        pytest.param("2026-10-01", (), id="91 days before"),
        pytest.param("2026-10-02", (90,), id="90 days before"),
        pytest.param("2026-11-15", (90, 60), id="46 days before"),
        pytest.param("2026-12-31", (90, 60, 30), id="the last day"),
        pytest.param("2027-01-01", (), id="after the end"),
    ],
)
def test_what_is_due_has_had_its_day_and_the_end_has_not_passed(
    today: str, due: tuple[int, ...]
) -> None:
    assert due_distances(None, ends_on=day("2026-12-31"), day=day(today)) == due


@pytest.mark.parametrize(
    ("given_on", "notice", "end"),
    [
        pytest.param("2026-05-15", months(3), "2026-08-15", id="three months"),
        pytest.param("2026-06-30", months(1), "2026-07-31", id="all of July"),
        pytest.param("2027-02-28", months(1), "2027-03-31", id="all of March"),
        pytest.param("2026-01-30", months(1), "2026-02-28", id="no 31 February"),
        pytest.param("2028-01-30", months(1), "2028-02-29", id="a leap February"),
        pytest.param("2026-12-01", days(30), "2026-12-31", id="30 days"),
        pytest.param("2026-12-01", days(0), "2026-12-01", id="at once"),
    ],
)
def test_an_endless_term_ends_when_its_notice_period_has_passed(
    given_on: str, notice: Length, end: str
) -> None:
    endless = make_term("2020-01-01", None, notice=notice)

    assert end_by_notice(endless, day(given_on)) == day(end)


SOME_DAY = st.dates(date(2000, 1, 1), date(2060, 12, 31))
SOME_LENGTH = st.builds(Length, st.integers(1, 60), st.sampled_from(LengthUnit))


@st.composite
def some_term(draw: st.DrawFn) -> Term:
    first, last = sorted((draw(SOME_DAY), draw(SOME_DAY)))
    return Term(
        starts_on=first,
        ends_on=last,
        notice=draw(st.none() | SOME_LENGTH),
        renewal=draw(st.sampled_from(Renewal)),
        renews_for=draw(SOME_LENGTH),
        anchor_day=draw(st.none() | st.integers(1, 31)),
    )


@given(some_term())
def test_terms_follow_each_other_without_gap_or_overlap(term: Term) -> None:
    following = next_term(term)

    assert following is not None
    assert (following.starts_on - term.ends_on).days == 1  # type: ignore[operator]
    assert following.ends_on >= following.starts_on  # type: ignore[operator]


@given(some_term(), SOME_DAY)
def test_notice_is_never_later_than_the_end_nor_its_working_day_later_than_it(
    term: Term, today: date
) -> None:
    found = last_notice_day(term)

    if found is not None:
        assert found.working_on <= found.on < term.ends_on  # type: ignore[operator]
        assert found.working_on.weekday() < 5
        assert (standing_on(term, today) == Standing.NOTICE_PASSED) == (
            found.on < today < term.ends_on and today >= term.starts_on  # type: ignore[operator]
        )


@given(SOME_DAY, SOME_LENGTH)
def test_notice_of_an_endless_term_is_in_time_for_its_end_and_for_no_day_before(
    given_on: date, notice: Length
) -> None:
    end = end_by_notice(make_term("1990-01-01", None, notice=notice), given_on)
    assert end is not None

    on_it, before_it = (
        last_notice_day(Term(starts_on=date(1990, 1, 1), ends_on=last, notice=notice))
        for last in (end, end - timedelta(days=1))
    )

    assert on_it is not None
    assert before_it is not None
    assert before_it.on < given_on <= on_it.on
