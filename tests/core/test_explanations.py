"""Why a license is covered, and why not: each rule and condition as people read it."""

from datetime import date

import pytest

from allocation.core.consolidate import consolidate_partition
from allocation.core.sentences import SENTENCES, tell
from allocation.core.values import (
    ENDLESS,
    Basis,
    Definition,
    License,
    Partition,
    Position,
    Row,
    Rule,
)
from allocation.core.whynot import SENTENCES as OBSTACLE_SENTENCES
from allocation.core.whynot import Obstacle, why_not_covered, why_not_more


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


TODAY = day("2026-01-15")
ASSURANCE = Definition(1, grace_days=30)
DEFINITIONS = {1: ASSURANCE}
VISIO = License(id=10, company=1, title=1, units=1, purchased_on=day("2025-01-01"))
OF_2026 = Position(
    id=20,
    definition=1,
    company=1,
    title=1,
    quantity=1,
    starts_on=day("2026-01-01"),
    purchased_on=day("2026-01-01"),
    ends_on=day("2026-12-31"),
)
COVERED = Row(30, position=20, license=10, units=1, basis=Basis.UNCOVERED)


def test_every_rule_and_every_obstacle_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Rule)
    assert set(OBSTACLE_SENTENCES) == set(Obstacle)


@pytest.mark.parametrize(
    ("rule", "figures", "sentence"),
    [
        (Rule.LICENSE_EXPIRED, (TODAY,), "The license expired on 15 Jan 2026."),
        (Rule.UNITS_CHANGED, (2, 1), "The license has 1 unit now; the allocation carried 2."),
        (
            Rule.OVER_ALLOCATED,
            (2, 1),
            "The position had 2 units allocated and owns 1 after returns.",
        ),
        (
            Rule.RETURNED_ALLOCATED_UNITS,
            (1, 2, 0),
            "Took 1 free unit and 2 allocated units, bought at another price, none was left at its"
            " own.",
        ),
        (
            Rule.CONTINUITY,
            (day("2026-01-20"), day("2026-01-21"), 30),
            "Continues the cover that ends 20 Jan 2026: it starts 21 Jan 2026, 1 day after that"
            " cover ends (grace 30 days).",
        ),
        (
            Rule.PORTAL,
            (day("2026-12-31"), ENDLESS),
            "Cover was promised until 31 Dec 2026; this position has no end.",
        ),
        (
            Rule.UNCOVERED,
            (0, 30),
            "The license had no cover in effect, and none of this kind before.",
        ),
    ],
)
def test_a_rule_is_told_with_the_figures_that_decided(
    rule: Rule, figures: tuple[int | str, ...], sentence: str
) -> None:
    assert tell(rule, figures) == sentence


def test_the_figures_of_every_change_fit_its_sentence() -> None:
    serial = VISIO._replace(id=11, serial="S1", units=2)
    positions = [
        OF_2026,
        OF_2026._replace(id=21, serial="S1", quantity=2),
        OF_2026._replace(id=22, starts_on=day("2027-01-05"), ends_on=day("2028-01-04")),
    ]
    other = Row(31, position=20, license=11, units=2, basis=Basis.CONTINUITY)

    changes = consolidate_partition(
        TODAY, DEFINITIONS, Partition([VISIO, serial], positions, [COVERED, other])
    )

    ended = [tell(each.rule, each.figures) for each in changes.ended]
    allocated = [tell(each.rule, each.figures) for each in changes.allocated]
    assert ended + allocated == [
        "The position had 3 units allocated and owns 1 after returns.",
        "Serial number S1 is that of the license.",
        "Continues the cover that ends 31 Dec 2026: it starts 5 Jan 2027, 5 days after that cover"
        " ends (grace 30 days).",
    ]


@pytest.mark.parametrize(
    ("position", "sentence"),
    [
        pytest.param(
            OF_2026._replace(purchased_on=day("2026-02-01")),
            "Bought only on 1 Feb 2026.",
            id="not bought yet",
        ),
        pytest.param(
            OF_2026._replace(starts_on=day("2025-01-01"), ends_on=day("2025-12-31")),
            "Ended on 31 Dec 2025.",
            id="ended",
        ),
        pytest.param(
            OF_2026._replace(ends_on=TODAY),
            "Ends on the day itself, 15 Jan 2026: on its last day it takes nothing new.",
            id="its last day",
        ),
        pytest.param(
            OF_2026._replace(returned=1),
            "The license needs 1 unit; 0 of the position are free.",
            id="nothing left of it",
        ),
        pytest.param(
            OF_2026._replace(starts_on=day("2026-03-01")),
            "Starts 1 Mar 2026: 45 days after 15 Jan 2026, grace is 30.",
            id="not in effect",
        ),
    ],
)
def test_a_license_without_cover_says_what_each_position_failed(
    position: Position, sentence: str
) -> None:
    [verdict] = why_not_covered(TODAY, DEFINITIONS, Partition([VISIO], [position]), VISIO.id)

    assert verdict.sentence == sentence


@pytest.mark.parametrize(
    ("later", "sentence"),
    [
        pytest.param(
            OF_2026._replace(id=21, starts_on=day("2027-02-01"), ends_on=day("2028-01-31")),
            "Starts 1 Feb 2027: 32 days after the cover ends (31 Dec 2026), grace is 30.",
            id="too late to continue",
        ),
        pytest.param(
            OF_2026._replace(id=21, starts_on=day("2026-06-01"), ends_on=day("2027-05-31")),
            "Starts 1 Jun 2026: 213 days before the cover ends (31 Dec 2026), grace is 30.",
            id="too early to continue",
        ),
        pytest.param(
            OF_2026._replace(id=21, starts_on=day("2026-12-05")),
            "Ends 31 Dec 2026, not after the present cover, which ends 31 Dec 2026.",
            id="does not outlast the cover",
        ),
    ],
)
def test_a_covered_license_says_why_a_position_does_not_continue_it(
    later: Position, sentence: str
) -> None:
    partition = Partition([VISIO], [OF_2026, later], [COVERED])

    covering, other = why_not_covered(TODAY, DEFINITIONS, partition, VISIO.id)

    assert covering.sentence == "Covers this license already."
    assert other.sentence == sentence


def test_a_license_covered_without_end_says_so() -> None:
    endless = OF_2026._replace(ends_on=ENDLESS)
    partition = Partition([VISIO], [endless, OF_2026._replace(id=21)], [COVERED])

    assert why_not_covered(TODAY, DEFINITIONS, partition, VISIO.id)[1].sentence == (
        "The license is covered without end."
    )


def test_a_pair_kept_apart_says_so() -> None:
    partition = Partition([VISIO], [OF_2026], kept_apart=frozenset({(20, 10)}))

    [verdict] = why_not_covered(TODAY, DEFINITIONS, partition, VISIO.id)

    assert verdict.obstacle == Obstacle.KEPT_APART


def test_a_position_with_the_serial_number_says_what_keeps_it_off() -> None:
    ours = VISIO._replace(serial="S1")
    by_hand = COVERED._replace(basis=Basis.MANUAL)
    twin = OF_2026._replace(id=21, serial="S1")

    verdicts = why_not_covered(
        TODAY, DEFINITIONS, Partition([ours], [OF_2026, twin], [by_hand]), ours.id
    )

    assert verdicts[1].sentence == (
        "Carries the license's serial number S1, but cover stands there that it may not displace"
        " (1 allocation of the same time)."
    )


@pytest.mark.parametrize(
    ("license", "sentence"),
    [
        pytest.param(
            VISIO._replace(purchased_on=day("2026-02-01")),
            "The license is bought only on 1 Feb 2026.",
            id="not bought yet",
        ),
        pytest.param(
            VISIO._replace(units=0), "The license has no active rights to cover.", id="retired"
        ),
        pytest.param(
            VISIO._replace(expires_on=day("2025-12-31")),
            "The license expired on 31 Dec 2025.",
            id="expired",
        ),
        pytest.param(
            VISIO._replace(units=2),
            "The license needs 2 units; 1 of the position are free.",
            id="larger",
        ),
    ],
)
def test_a_position_with_free_units_says_why_it_takes_no_more(
    license: License, sentence: str
) -> None:
    [verdict] = why_not_more(TODAY, DEFINITIONS, Partition([license], [OF_2026]), OF_2026.id)

    assert verdict.sentence == sentence
