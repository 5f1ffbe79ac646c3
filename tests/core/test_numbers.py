"""The numbers of licenses: the specification's table by name, and what must always hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.core.numbers import Counted, Numbers, Use, count_numbers
from tests.core.naive_numbers import naive_numbers

OFFICE: Counted = (1, "installs")
APPS: Counted = (2, "users")
THOROUGH = settings(max_examples=200, deadline=None)


class Case(NamedTuple):
    """A row of the specification's table; lists are one figure a license, in their order."""

    entitled: Sequence[int | None]
    uses: Sequence[Use]
    deployed: Mapping[Counted, int]
    consumed: Sequence[int]
    available: Sequence[int | None]
    uncovered: int
    idle: Sequence[int] = ()


def track(id_: int, quantity: int, *, license: int = 1, product: Counted = OFFICE) -> Use:
    return Use(id_, license, quantity, tracks=product)


def reserve(id_: int, quantity: int, *, license: int = 1) -> Use:
    return Use(id_, license, quantity, is_reservation=True)


CASES = {
    "the seed's example": Case(
        [90], [track(1, 0, product=APPS), track(2, 0)], {APPS: 40, OFFICE: 12}, [52], [38], 0
    ),
    "tracked and reserved": Case(
        [275], [track(1, 100), reserve(2, 50)], {OFFICE: 100}, [150], [125], 0
    ),
    "capped short": Case([100], [track(1, 40)], {OFFICE: 65}, [40], [60], 25),
    "capped long": Case([100], [track(1, 80)], {OFFICE: 65}, [80], [20], 0, idle=[15]),
    "the pool runs out": Case([60], [track(1, 0)], {OFFICE: 75}, [75], [-15], 15),
    "reserve, then unlimited": Case(
        [60], [reserve(1, 20), track(2, 0)], {OFFICE: 50}, [70], [-10], 10
    ),
    "two licenses, one product": Case(
        [50, 30], [track(1, 50), track(2, 30, license=2)], {OFFICE: 100}, [50, 30], [0, 0], 20
    ),
    "two unlimited in turn": Case(
        [50, 30], [track(1, 0), track(2, 0, license=2)], {OFFICE: 70}, [50, 20], [0, 10], 0
    ),
    "two unlimited, over-used": Case(
        [50, 30], [track(1, 0), track(2, 0, license=2)], {OFFICE: 100}, [50, 50], [0, -20], 20
    ),
    "two fixed, one product": Case(
        [50, 30],
        [track(1, 50), track(2, 30, license=2)],
        {OFFICE: 60},
        [50, 30],
        [0, 0],
        0,
        idle=[0, 20],
    ),
    "unlimited license": Case([None], [track(1, 0)], {OFFICE: 75}, [75], [None], 0),
    "expired license": Case([0], [track(1, 0)], {OFFICE: 12}, [12], [-12], 12),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_numbers_are_those_of_the_table(case: Case) -> None:
    entitled = dict(enumerate(case.entitled, start=1))

    numbers = count_numbers(entitled=entitled, uses=case.uses, deployed=case.deployed)

    licenses = [numbers.licenses[id_] for id_ in entitled]
    assert [each.consumed for each in licenses] == case.consumed
    assert [each.available for each in licenses] == case.available
    assert [each.idle for each in licenses] == (case.idle or [0] * len(licenses))
    assert sum(each.uncovered for each in numbers.products.values()) == case.uncovered


def test_an_unlimited_use_finds_the_pool_as_fixed_ones_made_later_leave_it() -> None:
    numbers = count_numbers(
        entitled={1: 60, 2: 60},
        uses=[track(1, 0), track(2, 0, license=2), reserve(3, 20)],
        deployed={OFFICE: 70},
    )

    assert (numbers.uses[1].consumed, numbers.uses[2].consumed) == (40, 30)


def test_an_unlimited_use_finds_the_pool_as_one_of_another_product_leaves_it() -> None:
    numbers = count_numbers(
        entitled={1: 60, 2: 60},
        uses=[track(1, 0, product=APPS), track(2, 0), track(3, 0, license=2)],
        deployed={APPS: 50, OFFICE: 30},
    )

    assert (numbers.uses[2].consumed, numbers.uses[3].consumed) == (10, 20)


def test_a_reservation_does_not_lower_what_an_unlimited_use_takes_of_its_product() -> None:
    numbers = count_numbers(
        entitled={1: 100}, uses=[reserve(1, 30), track(2, 0)], deployed={OFFICE: 50}
    )

    assert numbers.uses[2].consumed == 50


def test_a_fixed_use_of_an_expired_license_covers_nothing_and_stands_in_front() -> None:
    numbers = count_numbers(
        entitled={1: 0, 2: 40}, uses=[track(1, 10), track(2, 0, license=2)], deployed={OFFICE: 30}
    )

    assert numbers.uses[1] == (10, 10, 0)
    assert numbers.uses[2].consumed == 20
    assert numbers.products[OFFICE].uncovered == 10


def test_users_and_installs_of_a_product_are_counted_apart() -> None:
    installs, users = (1, "installs"), (1, "users")

    numbers = count_numbers(
        entitled={1: 100},
        uses=[track(1, 0, product=installs), track(2, 0, product=users)],
        deployed={installs: 30, users: 20},
    )

    assert numbers.licenses[1].deployed == 50


@pytest.mark.parametrize(
    ("entitled", "quantity", "utilisation"),
    [
        pytest.param(90, 52, Decimal("0.5778"), id="rounded to four places"),
        pytest.param(10, 12, Decimal("1.2000"), id="over-allocated"),
        pytest.param(0, 12, None, id="nothing entitled"),
        pytest.param(None, 12, None, id="endless"),
    ],
)
def test_utilisation_is_the_consumed_share(
    entitled: int | None, quantity: int, utilisation: Decimal | None
) -> None:
    numbers = count_numbers(entitled={1: entitled}, uses=[reserve(1, quantity)], deployed={})

    assert numbers.licenses[1].utilisation == utilisation


# --- What must always hold ---


@dataclass(frozen=True)
class World:
    """Some licenses with all their uses, and what is deployed."""

    entitled: Mapping[int, int | None]
    uses: Sequence[Use]
    deployed: Mapping[Counted, int]

    def count(self) -> Numbers:
        return count_numbers(entitled=self.entitled, uses=self.uses, deployed=self.deployed)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Few licenses and products with small figures, so that limits are met all the time."""
    units = st.integers(0, 12)
    entitled = draw(st.lists(st.none() | units | units, min_size=1, max_size=4))
    products = [(product, metric) for product in (1, 2) for metric in ("installs", "users")]
    deployed = {product: draw(units) for product in products}
    licenses = dict(enumerate(entitled, start=1))
    kinds = draw(st.lists(st.sampled_from("ttttrp"), max_size=9))
    return World(
        entitled=licenses,
        uses=[_made(draw, id_, kind, [*licenses], products) for id_, kind in enumerate(kinds)],
        deployed=deployed,
    )


def _made(
    draw: st.DrawFn, id_: int, kind: str, licenses: list[int], products: list[Counted]
) -> Use:
    license = draw(st.sampled_from(licenses))
    if kind == "t":
        quantity = draw(st.just(0) | st.integers(1, 9))
        return track(id_, quantity, license=license, product=draw(st.sampled_from(products)))
    return Use(id_, license, draw(st.integers(1, 9)), is_reservation=kind == "r")


@THOROUGH
@given(worlds())
def test_what_is_entitled_is_consumed_or_available(world: World) -> None:
    numbers = world.count()

    for license, figures in numbers.licenses.items():
        consumed = sum(
            numbers.uses[use.id].consumed for use in world.uses if use.license == license
        )
        assert figures.consumed == consumed
        assert figures.available is None or figures.available + consumed == figures.entitled


@THOROUGH
@given(worlds())
def test_no_deployed_unit_is_taken_or_covered_twice(world: World) -> None:
    numbers = world.count()

    for product, figures in numbers.products.items():
        of_product = [numbers.uses[use.id] for use in world.uses if use.tracks == product]
        assert sum(use.deployed for use in of_product) <= figures.deployed
        assert all(use.covered <= use.deployed <= use.consumed for use in of_product)
        assert figures.uncovered == figures.deployed - sum(use.covered for use in of_product) >= 0


@THOROUGH
@given(worlds())
def test_a_product_with_an_unlimited_use_leaves_no_deployed_unit_out(world: World) -> None:
    numbers = world.count()

    for product in {use.tracks for use in world.uses if use.tracks and not use.quantity}:
        taken = sum(numbers.uses[use.id].deployed for use in world.uses if use.tracks == product)
        assert taken == world.deployed[product]


@THOROUGH
@given(worlds())
def test_no_license_covers_more_than_it_grants(world: World) -> None:
    numbers = world.count()

    for license, entitled in world.entitled.items():
        covered = sum(numbers.uses[use.id].covered for use in world.uses if use.license == license)
        assert entitled is None or covered <= entitled


@THOROUGH
@given(worlds())
def test_fixed_uses_are_the_same_without_the_unlimited_ones(world: World) -> None:
    fixed = World(world.entitled, [use for use in world.uses if use.quantity], world.deployed)

    numbers, without = world.count(), fixed.count()

    assert all(numbers.uses[use.id] == without.uses[use.id] for use in fixed.uses)


@THOROUGH
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_in_which_uses_are_given_does_not_matter(world: World, random: object) -> None:
    shuffled = list(world.uses)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert World(world.entitled, shuffled, world.deployed).count() == world.count()


@THOROUGH
@given(worlds())
def test_licenses_that_share_no_product_do_not_touch_each_other(world: World) -> None:
    """So it is enough to count those anew that a change can reach through tracked products."""
    together = world.count()

    for licenses in reaches(world):
        apart = World(
            {license: world.entitled[license] for license in licenses},
            [use for use in world.uses if use.license in licenses],
            world.deployed,
        ).count()
        assert all(apart.licenses[id_] == together.licenses[id_] for id_ in licenses)
        assert all(together.uses[id_] == figures for id_, figures in apart.uses.items())


def reaches(world: World) -> list[set[int]]:
    """The licenses of a world, those together that tracked products connect."""
    groups = [{license} for license in world.entitled]
    for product in world.deployed:
        tracking = {use.license for use in world.uses if use.tracks == product}
        joined = [group for group in groups if group & tracking]
        groups = [group for group in groups if not group & tracking]
        groups += [set().union(*joined)] if joined else []
    return groups


@settings(max_examples=1000, deadline=None)
@given(worlds())
def test_the_core_and_the_naive_reading_agree(world: World) -> None:
    naive = naive_numbers(entitled=world.entitled, uses=world.uses, deployed=world.deployed)

    assert world.count() == naive
