from datetime import date, timedelta

import pytest

from entitlements.states import SUBSTATES, State, StateByHand, Substate, state_on

TODAY = date(2026, 6, 1)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LONG_AGO = date(2020, 1, 1)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "state"),
    [
        pytest.param(TOMORROW, None, State.ON_ORDER, id="starts tomorrow"),
        pytest.param(TODAY, None, State.IN_USE, id="starts today"),
        pytest.param(LONG_AGO, TOMORROW, State.IN_USE, id="within its dates"),
        pytest.param(LONG_AGO, TODAY, State.IN_USE, id="the last day still counts"),
        pytest.param(LONG_AGO, YESTERDAY, State.RETIRED, id="the day after its end"),
        pytest.param(LONG_AGO, None, State.IN_USE, id="without an end it does not expire"),
    ],
)
def test_a_subscription_and_maintenance_follow_their_dates(
    starts_on: date, ends_on: date | None, state: State
) -> None:
    assert (
        state_on(
            TODAY, purchased_on=LONG_AGO, follows_dates=True, starts_on=starts_on, ends_on=ends_on
        )
        == state
    )


@pytest.mark.parametrize(
    ("purchased_on", "state"),
    [
        pytest.param(TOMORROW, None, id="before its purchase it does not exist"),
        pytest.param(TODAY, State.IN_USE, id="from the day of its purchase"),
        pytest.param(LONG_AGO, State.IN_USE, id="ever after"),
    ],
)
def test_a_perpetual_license_is_in_use_from_its_purchase_on(
    purchased_on: date, state: State | None
) -> None:
    assert (
        state_on(
            TODAY, purchased_on=purchased_on, follows_dates=False, starts_on=None, ends_on=None
        )
        == state
    )


def test_a_state_set_by_hand_stands_before_the_dates() -> None:
    missing = StateByHand(State.MISSING, LONG_AGO, None)

    assert (
        state_on(
            TODAY,
            purchased_on=LONG_AGO,
            follows_dates=True,
            starts_on=LONG_AGO,
            ends_on=YESTERDAY,
            by_hand=missing,
        )
        == State.MISSING
    )


def test_every_state_has_its_own_list_of_substates() -> None:
    assert set(SUBSTATES) == set(State)
    assert SUBSTATES[State.RETIRED] == (
        Substate.DISPOSED,
        Substate.SOLD,
        Substate.DONATED,
        Substate.VENDOR_CREDIT,
    )
