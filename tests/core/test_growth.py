"""
The work of the core grows with the rows, not with their square, however they are spread.

Work is counted in calls of functions, which do not depend on how busy the machine is.
"""

import random
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import pytest

from allocation.core.consolidate import consolidate_partition
from allocation.core.values import (
    Basis,
    Changes,
    Definition,
    License,
    Partition,
    Position,
    Return,
    Row,
)

DAY = 739_000
YEAR = 365


def work_of(partitions: Sequence[Partition], *, grace_days: int = 30) -> int:
    """The calls that consolidate makes for some partitions."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        for partition in partitions:
            run(partition, grace_days=grace_days)
    finally:
        sys.setprofile(None)
    return calls


def run(partition: Partition, *, grace_days: int = 30) -> Changes:
    return consolidate_partition(DAY, {0: Definition(0, grace_days)}, partition)


def made(licenses: int) -> Partition:
    """As many positions as licenses, 60 % of them in use, one in ten of either with a serial."""
    chance = random.Random(licenses)

    def serial(place: int) -> str:
        return f"S{place // 3}" if chance.random() < 0.1 else ""

    owned = [
        License(place, 0, 0, chance.randint(1, 5), DAY - chance.randint(1, 900), serial(place))
        for place in range(licenses)
    ]
    positions, rows = [], []
    for place, license in enumerate(owned):
        in_use = place < licenses * 6 // 10
        starts_on = DAY - chance.randrange(YEAR) if in_use else DAY + chance.randint(-200, 200)
        units = license.units if in_use else chance.randint(1, 5)
        bought_on = min(starts_on, DAY)
        ends_on = starts_on + YEAR - 1
        positions.append(
            Position(place, 0, 0, 0, units, starts_on, bought_on, 0, serial(place), ends_on)
        )
        if in_use:
            rows.append(Row(place, place, place, units, Basis.UNCOVERED))
    return Partition(owned, positions, rows)


def covered_one_by_one(licenses: int, *, units: int = 1) -> Partition:
    """Each license of one unit covered by its own position."""
    return Partition(
        [License(place, 0, 0, 1, DAY - 900) for place in range(licenses)],
        [
            Position(place, 0, 0, 0, units, DAY - 50, DAY - 50, ends_on=DAY + 700)
            for place in range(licenses)
        ],
        [Row(place, place, place, 1, Basis.UNCOVERED) for place in range(licenses)],
    )


def returned_by_half(licenses: int) -> Partition:
    returns = [Return(number, 0, 0, 0, 1, DAY - 1) for number in range(licenses // 2)]
    return covered_one_by_one(licenses)._replace(returns=returns)


def beside_a_surplus_that_ends_sooner(licenses: int) -> Partition:
    partition = covered_one_by_one(licenses)
    surplus = [
        Position(licenses + place, 0, 0, 0, 5, DAY - 300, DAY - 300, ends_on=DAY + 65)
        for place in range(licenses)
    ]
    return partition._replace(positions=[*partition.positions, *surplus])


def displacing_in_a_chain(links: int) -> Partition:
    """
    Each position displaces the one before it in order, which then goes on to the next license.

    Every displacement frees a position whose turn was over, so steps 5 and 6 repeat for each link.
    """
    licenses = [License(place, 0, 0, 1, DAY - 900, f"S{place}") for place in range(links + 1)]
    # The later in order, the earlier in the chain; position k holds license k - 1 and carries k.
    positions = [
        Position(link, 0, 0, 0, 1, DAY - link, DAY - links, serial=f"S{link}", ends_on=DAY + YEAR)
        for link in range(links + 1)
    ]
    rows = [Row(link, link, link - 1, 1, Basis.UNCOVERED) for link in range(1, links + 1)]
    return Partition(licenses, positions, rows)


def test_half_of_all_in_one_title_takes_at_most_twice_the_work_of_the_same_spread_evenly() -> None:
    evenly = [made(200) for _ in range(40)]
    half_in_one = [*evenly[:20], made(4000)]

    assert work_of(half_in_one) <= 2 * work_of(evenly)


@pytest.mark.parametrize(
    ("build", "grace_days"),
    [
        pytest.param(returned_by_half, 30, id="returns of half of all units"),
        pytest.param(beside_a_surplus_that_ends_sooner, 3650, id="a surplus that does not help"),
        pytest.param(displacing_in_a_chain, 30, id="displacement after displacement"),
    ],
)
def test_four_times_the_rows_take_about_four_times_the_work(
    build: Callable[[int], Partition], grace_days: int
) -> None:
    some, many = build(150), build(600)

    assert work_of([many], grace_days=grace_days) <= 6 * work_of([some], grace_days=grace_days)


def test_a_chain_of_displacements_is_followed_to_its_end() -> None:
    changes = run(displacing_in_a_chain(50))

    assert len(changes.ended) == 50
    assert {(made.position, made.license) for made in changes.allocated} == {
        (link, link) for link in range(51)
    }
