"""Values as people see them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from common.shown import Money, State, Tone, Utilisation, ends_in, plain, show

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("ends_on", "shown"),
    [
        pytest.param(None, "no end", id="endless"),
        pytest.param(TODAY, State("today", Tone.SOON), id="last day"),
        pytest.param(TODAY + timedelta(1), State("1 day", Tone.SOON), id="tomorrow"),
        pytest.param(TODAY + timedelta(90), State("90 days", Tone.SOON), id="just soon"),
        pytest.param(TODAY + timedelta(91), "91 days", id="no longer soon"),
        pytest.param(TODAY - timedelta(1), State("1 day ago", Tone.ENDED), id="yesterday"),
    ],
)
def test_an_end_is_told_by_its_distance(ends_on: date | None, shown: State | str) -> None:
    assert ends_in(ends_on, TODAY) == shown


@pytest.mark.parametrize(
    ("used", "total", "said", "parts"),
    [
        pytest.param(12, 90, "12 of 90 allocated, 78 free", ["used", "free"], id="in part"),
        pytest.param(90, 90, "90 of 90 allocated, 0 free", ["used"], id="whole"),
        pytest.param(0, 90, "0 of 90 allocated, 90 free", ["free"], id="not at all"),
        pytest.param(95, 90, "95 of 90 allocated, 5 over", ["used", "over"], id="over"),
        pytest.param(3, 0, "3 of 0 allocated, 3 over", ["over"], id="all returned"),
        pytest.param(0, 0, "0 of 0 allocated, 0 free", [], id="nothing"),
        pytest.param(
            1, 100_000, "1 of 100,000 allocated, 99,999 free", ["used", "free"], id="hair"
        ),
    ],
)
def test_a_utilisation_bar_fills_its_width_and_says_so(
    used: int, total: int, said: str, parts: list[str]
) -> None:
    bar = Utilisation(total=total, used=used)

    assert bar.text == said
    assert [segment.kind for segment in bar.segments] == parts
    assert all(segment.width >= 2 for segment in bar.segments)
    if parts:
        assert sum(segment.width for segment in bar.segments) == pytest.approx(Utilisation.WIDTH)


def test_what_is_empty_is_shown_as_nothing_and_text_is_escaped() -> None:
    assert show(None) == ""
    assert "<script>" not in show(State("<script>", Tone.OVER))


def test_numbers_and_money_are_shown_for_people_and_exported_for_programs() -> None:
    assert str(Money(Decimal("1234.5"), "CHF")) == "CHF\N{NO-BREAK SPACE}1,234.50"

    price = Money(Decimal("-1234.5"), "EUR")

    assert show(1234567) == "1,234,567"
    assert show(-3) == "−3"
    assert show(price) == "−€1,234.50"
    assert plain(price) == Decimal("-1234.5")
    assert plain(State("In use", Tone.FINE)) == "In use"


def test_a_moment_is_shown_by_its_distance_and_exactly_on_hover() -> None:
    at = timezone.now() - timedelta(days=3, hours=1)

    shown = show(at)

    assert "3\N{NO-BREAK SPACE}days ago" in shown
    assert f"{timezone.localtime(at):%H:%M:%S}" in shown
