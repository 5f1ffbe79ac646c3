"""The cover of a license over time: stretches, gaps, and how they are drawn."""

from datetime import date, timedelta
from typing import Any

import pytest

from allocation.coverage import Coverage, Phase, coverage_from
from allocation.models import Allocation
from allocation.views.time_line import THINNEST, TimeLine
from contracts.models import SoftwareModel
from entitlements.models import Entitlement, EntitlementDefinition

TODAY = date(2026, 6, 1)
ASSURANCE = EntitlementDefinition(name="Software Assurance")
SUPPORT = EntitlementDefinition(name="Premier Support")
VISIO = SoftwareModel(name="Visio 2024")


def row(
    starts_on: date, ends_on: date | None, *, definition: Any = ASSURANCE, **fields: Any
) -> Allocation:
    """An allocation of a position with a period; nothing of it is stored."""
    position = Entitlement(
        kind="maintenance",
        model=VISIO,
        definition=definition,
        starts_on=starts_on,
        ends_on=ends_on,
        asset_tag="M-1",
    )
    if "ended_on" in fields:
        fields["ended_at"] = "2026-01-01T00:00Z"
    return Allocation(entitlement=position, made_on=starts_on, quantity=1, **fields)


def phases(coverage: Coverage) -> list[tuple[Phase, date, date | None]]:
    return [(s.phase, s.starts_on, s.ends_on) for s in coverage.stretches]


YEAR_2025 = (date(2025, 1, 1), date(2025, 12, 31))
YEAR_2026 = (date(2026, 1, 1), date(2026, 12, 31))
YEAR_2027 = (date(2027, 1, 1), date(2027, 12, 31))


def test_cover_is_past_present_or_promised_by_its_days() -> None:
    coverage = coverage_from([row(*YEAR_2027), row(*YEAR_2025), row(*YEAR_2026)], TODAY)

    assert phases(coverage) == [
        (Phase.PAST, *YEAR_2025),
        (Phase.PRESENT, *YEAR_2026),
        (Phase.PROMISED, *YEAR_2027),
    ]
    assert coverage.is_covered_now
    assert coverage.text == "1 present allocation, 1 future allocation, 1 past allocation"


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        pytest.param(date(2025, 12, 31), Phase.PROMISED, id="the day before the first"),
        pytest.param(date(2026, 1, 1), Phase.PRESENT, id="the first day"),
        pytest.param(date(2026, 12, 31), Phase.PRESENT, id="the last day"),
        pytest.param(date(2027, 1, 1), Phase.PAST, id="the day after the last"),
    ],
)
def test_the_first_and_the_last_day_count(day: date, phase: Phase) -> None:
    assert coverage_from([row(*YEAR_2026)], day).stretches[0].phase == phase


def test_the_days_between_two_covers_are_a_gap() -> None:
    coverage = coverage_from([row(date(2025, 1, 1), date(2025, 12, 20)), row(*YEAR_2026)], TODAY)

    (gap,) = coverage.strands[0].gaps
    assert (gap.starts_on, gap.ends_on, gap.days) == (date(2025, 12, 21), date(2025, 12, 31), 11)
    assert gap.text == "No cover 21 Dec 2025 – 31 Dec 2025 (11 days)"


def test_covers_that_touch_leave_no_gap() -> None:
    assert coverage_from([row(*YEAR_2025), row(*YEAR_2026)], TODAY).strands[0].gaps == []


def test_a_longer_cover_hides_the_end_of_a_shorter_one() -> None:
    coverage = coverage_from(
        [
            row(date(2024, 1, 1), date(2025, 12, 31)),
            row(date(2024, 6, 1), date(2024, 9, 1)),
            row(*YEAR_2026),
        ],
        TODAY,
    )

    assert coverage.strands[0].gaps == []


def test_what_ran_out_is_missing_until_today() -> None:
    (gap,) = coverage_from([row(*YEAR_2025)], TODAY).strands[0].gaps

    assert (gap.starts_on, gap.ends_on) == (date(2026, 1, 1), TODAY)


def test_nothing_is_missing_after_the_license_itself_ended() -> None:
    (gap,) = coverage_from([row(*YEAR_2025)], TODAY, until=date(2026, 1, 31)).strands[0].gaps
    assert gap.ends_on == date(2026, 1, 31)

    assert coverage_from([row(*YEAR_2025)], TODAY, until=date(2025, 12, 31)).strands[0].gaps == []


def test_an_allocation_covers_until_the_day_before_its_end() -> None:
    coverage = coverage_from([row(*YEAR_2026, ended_on=date(2026, 3, 1))], TODAY)

    assert phases(coverage) == [
        (Phase.TAKEN_BACK, date(2026, 1, 1), date(2026, 2, 28)),
        (Phase.GAP, date(2026, 3, 1), TODAY),
    ]


def test_an_allocation_that_was_ended_before_it_began_covers_no_day() -> None:
    coverage = coverage_from([row(*YEAR_2027, ended_on=date(2026, 3, 1))], TODAY)

    assert phases(coverage) == [(Phase.TAKEN_BACK, date(2027, 1, 1), date(2027, 1, 1))]


def test_an_end_after_the_position_ran_out_took_nothing_back() -> None:
    coverage = coverage_from([row(*YEAR_2025, ended_on=date(2026, 3, 1))], TODAY)

    assert coverage.stretches[0].phase == Phase.PAST


def test_definitions_do_not_fill_each_others_gaps() -> None:
    coverage = coverage_from([row(*YEAR_2025), row(*YEAR_2026, definition=SUPPORT)], TODAY)

    assert [strand.definition for strand in coverage.strands] == [
        "Premier Support",
        "Software Assurance",
    ]
    assert len(coverage.strands[1].gaps) == 1


def test_cover_without_end_is_never_missing() -> None:
    coverage = coverage_from([row(date(2025, 1, 1), None)], TODAY)

    assert phases(coverage) == [(Phase.PRESENT, date(2025, 1, 1), None)]
    assert coverage.stretches[0].period == "from 1 Jan 2025, without end"


# --- As a drawing ---


def drawn(*rows: Allocation) -> TimeLine:
    return TimeLine(coverage_from(rows, TODAY))


def test_everything_drawn_lies_within_the_drawing() -> None:
    line = drawn(row(*YEAR_2025), row(date(2026, 1, 15), None), row(*YEAR_2027, definition=SUPPORT))

    bars = [bar for band in line.bands for bar in band.bars]
    assert len(bars) == 4  # a gap among them
    assert all(bar.x >= 0 and bar.x + bar.width <= 100 + THINNEST for bar in bars)
    assert all(line.head < bar.y < line.height - line.bar + 1 for bar in bars)
    assert 0 < line.today_x < 100


def test_bars_of_the_same_days_lie_in_lanes_of_their_own() -> None:
    line = drawn(*[row(*YEAR_2026) for _ in range(40)])

    bars = line.bands[0].bars
    assert len({bar.y for bar in bars}) == 40


def test_years_one_after_the_other_share_a_lane() -> None:
    line = drawn(row(*YEAR_2025), row(*YEAR_2026), row(*YEAR_2027))

    assert len({bar.y for bar in line.bands[0].bars}) == 1


def test_a_single_day_among_thirty_years_can_still_be_seen() -> None:
    line = drawn(row(date(1996, 1, 1), date(1996, 1, 1)), row(*YEAR_2026))

    assert min(bar.width for bar in line.bands[0].bars) >= THINNEST


@pytest.mark.parametrize("days", [1, 40, 400, 4_000, 15_000])
def test_the_axis_has_a_few_ticks_whatever_it_spans(days: int) -> None:
    line = drawn(row(TODAY - timedelta(days=days), TODAY))

    ticks = line.ticks
    assert len(ticks) <= 10
    assert [tick.x for tick in ticks] == sorted(tick.x for tick in ticks)


def test_an_end_at_the_end_of_time_does_not_overflow() -> None:
    line = drawn(row(date(2026, 1, 1), date(9999, 12, 31)))

    (bar,) = line.bands[0].bars
    assert round(bar.x + bar.width) == 100
