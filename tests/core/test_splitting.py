"""How allocations are divided when a license is split: in step, whole, and never more than fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.core.splitting import CannotDivide, Held, divide


@pytest.mark.parametrize(
    ("quantities", "rights", "of", "gone"),
    [
        pytest.param([100], 40, 100, {1: 40}, id="all units of one"),
        pytest.param([60], 40, 100, {1: 24}, id="a part of them"),
        pytest.param([5, 5], 5, 10, {1: 3, 2: 2}, id="what rounding leaves goes to the first"),
        pytest.param([1, 1, 1], 1, 3, {1: 1}, id="one of three"),
        pytest.param([9], 5, 10, {1: 4}, id="rounding stays with the first license"),
        pytest.param([12], 5, 10, {1: 5}, id="over-allocation stays with the first license"),
        pytest.param([], 5, 10, {}, id="nothing"),
        pytest.param([1], 1, 10, {}, id="less than a unit"),
    ],
)
def test_units_are_divided_in_step_with_the_rights(
    quantities: list[int], rights: int, of: int, gone: dict[int, int]
) -> None:
    held = [Held(id, quantity) for id, quantity in enumerate(quantities, 1)]

    assert divide(held, rights=rights, of=of) == gone


@pytest.mark.parametrize(
    ("held", "rights", "of", "gone"),
    [
        pytest.param(
            [Held(id, 1, is_whole=True) for id in range(1, 5)], 2, 4, {3: 1, 4: 1}, id="people"
        ),
        pytest.param(
            [Held(1, 1, is_whole=True, stays=True), Held(2, 1, is_whole=True)],
            1,
            2,
            {2: 1},
            id="who has a key of the license keeps it",
        ),
        pytest.param(
            [Held(1, 2, is_whole=True), Held(2, 8)], 5, 10, {2: 5}, id="beside what divides"
        ),
    ],
)
def test_people_and_devices_go_whole(
    held: list[Held], rights: int, of: int, gone: dict[int, int]
) -> None:
    assert divide(held, rights=rights, of=of) == gone


@pytest.mark.parametrize(
    "quantities", [pytest.param([10], id="one"), pytest.param([7, 1, 2], id="one of three")]
)
def test_units_of_one_person_are_not_torn(quantities: list[int]) -> None:
    held = [Held(id, quantity, is_whole=True) for id, quantity in enumerate(quantities)]

    with pytest.raises(CannotDivide):
        divide(held, rights=5, of=10)


@st.composite
def splits(draw: st.DrawFn) -> tuple[list[Held], int, int]:
    of = draw(st.integers(2, 60))
    rights = draw(st.integers(1, of - 1))
    held = draw(
        st.lists(
            st.builds(
                Held, st.just(0), st.integers(1, 20), is_whole=st.booleans(), stays=st.booleans()
            ),
            max_size=8,
        )
    )
    return [each._replace(id=id) for id, each in enumerate(held, 1)], rights, of


@given(splits())
def test_no_unit_is_lost_or_torn_and_what_fitted_fits(
    split: tuple[list[Held], int, int],
) -> None:
    held, rights, of = split
    total = sum(each.quantity for each in held)
    by_id = {each.id: each for each in held}

    try:
        gone = divide(held, rights=rights, of=of)
    except CannotDivide:
        assert any(each.is_whole or each.stays for each in held)
        return

    assert all(0 < quantity <= by_id[id].quantity for id, quantity in gone.items())
    assert not any(by_id[id].stays for id in gone)
    assert all(
        quantity == by_id[id].quantity for id, quantity in gone.items() if by_id[id].is_whole
    )
    moved = sum(gone.values())
    assert moved <= rights
    if total <= of:
        assert total - moved <= of - rights


@given(st.lists(st.integers(1, 20), max_size=8), st.data())
def test_what_divides_is_always_divided(quantities: list[int], data: st.DataObject) -> None:
    of = data.draw(st.integers(max(2, sum(quantities)), 200))
    rights = data.draw(st.integers(1, of - 1))

    gone = divide([Held(id, n) for id, n in enumerate(quantities)], rights=rights, of=of)

    exact = sum(quantities) * rights / of
    assert exact - 1 < sum(gone.values()) <= exact
