"""States that people set: for a period, in the place of earlier ones, and back to by date."""

from datetime import date, timedelta

import pytest

from accounts.models import User
from accounts.roles import Role
from allocation.models import LicenseNumbers
from entitlements.models import Entitlement, StatePeriod
from entitlements.services import RightsRefused, StateRefused, back_by_date, set_state
from entitlements.states import SUBSTATES, State, Substate
from tests.factories import LicenseFactory, make_user

pytestmark = pytest.mark.django_db

JAN, MAR, JUN, SEP = (date(2026, month, 1) for month in (1, 3, 6, 9))
ONE_DAY = timedelta(days=1)
Period = tuple[str, date, date | None]


@pytest.fixture
def license() -> Entitlement:
    return LicenseFactory(purchased_on=date(2025, 1, 1), purchased_rights=5)


@pytest.fixture
def by(license: Entitlement) -> User:
    return make_user(Role.LICENSE_MANAGER, license.company)


def put(
    license: Entitlement,
    by: User,
    state: str,
    from_on: date,
    until_on: date | None = None,
    substate: str = "",
) -> StatePeriod:
    return set_state(
        entitlement=license,
        state=state,
        substate=substate,
        from_on=from_on,
        until_on=until_on,
        by=by,
        reason="As was found",
    )


def periods(license: Entitlement) -> list[Period]:
    found = license.state_periods.order_by("from_on")
    return [(each.state, each.from_on, each.until_on) for each in found]


@pytest.mark.parametrize(
    ("from_on", "until_on", "there"),
    [
        pytest.param(SEP, None, [("missing", MAR, JUN), ("retired", SEP, None)], id="after it"),
        pytest.param(JAN, JAN, [("retired", JAN, JAN), ("missing", MAR, JUN)], id="before it"),
        pytest.param(
            JUN, None, [("missing", MAR, JUN - ONE_DAY), ("retired", JUN, None)], id="its last day"
        ),
        pytest.param(
            JAN, MAR, [("retired", JAN, MAR), ("missing", MAR + ONE_DAY, JUN)], id="its first day"
        ),
        pytest.param(JAN, None, [("retired", JAN, None)], id="over all of it"),
        pytest.param(MAR, JUN, [("retired", MAR, JUN)], id="on just its days"),
    ],
)
def test_a_new_state_takes_the_days_it_is_for_from_the_one_before(
    license: Entitlement, by: User, from_on: date, until_on: date | None, there: list[Period]
) -> None:
    put(license, by, State.MISSING, MAR, JUN)

    put(license, by, State.RETIRED, from_on, until_on)

    assert periods(license) == there


@pytest.mark.parametrize(
    ("state", "substate"),
    [(state, substate) for state in State for substate in Substate],
)
def test_a_substate_of_another_state_is_refused_by_name(
    license: Entitlement, by: User, state: State, substate: Substate
) -> None:
    if substate in SUBSTATES[state]:
        assert put(license, by, state, MAR, substate=substate).substate == substate
    else:
        with pytest.raises(
            StateRefused, match=f"{substate.label} is no substate of {state.label}, which has"
        ):
            put(license, by, state, MAR, substate=substate)


@pytest.mark.parametrize(
    ("state", "substate", "from_on", "until_on", "said"),
    [
        pytest.param("gone", "", MAR, None, "“gone” is no state", id="unknown state"),
        pytest.param("retired", "lost?", MAR, None, "“lost\\?” is no substate", id="unknown"),
        pytest.param(
            "retired", "", MAR, JAN, "1 Jan 2026, is before the first, 1 Mar", id="turned"
        ),
        pytest.param(
            "retired", "", date(2024, 12, 31), None, "was bought on 1 Jan 2025", id="too early"
        ),
    ],
)
def test_what_is_no_state_or_no_period_is_refused_with_its_value(
    license: Entitlement,
    by: User,
    state: str,
    substate: str,
    from_on: date,
    until_on: date | None,
    said: str,
) -> None:
    with pytest.raises(StateRefused, match=said):
        put(license, by, state, from_on, until_on, substate)

    assert periods(license) == []


def test_a_license_that_is_retired_by_hand_loses_its_numbers_until_it_is_set_back(
    license: Entitlement, by: User
) -> None:
    put(license, by, State.RETIRED, MAR, substate=Substate.SOLD)
    retired = LicenseNumbers.objects.get(license=license).entitled

    back_by_date(entitlement=license, day=JUN, by=by, reason="Not sold after all")

    assert retired == 0
    assert LicenseNumbers.objects.get(license=license).entitled == 5
    assert periods(license) == [("retired", MAR, JUN - ONE_DAY)]


def test_set_back_to_by_date_takes_planned_states_away_as_well(
    license: Entitlement, by: User
) -> None:
    put(license, by, State.MISSING, JAN, MAR)
    put(license, by, State.RETIRED, SEP)

    back_by_date(entitlement=license, day=JUN, by=by, reason="Found")

    assert periods(license) == [("missing", JAN, MAR)]
    assert StatePeriod.history.filter(state="retired", history_type="-").exists()


def test_where_no_state_is_set_by_hand_there_is_nothing_to_set_back(
    license: Entitlement, by: User
) -> None:
    put(license, by, State.MISSING, JAN, MAR)

    with pytest.raises(StateRefused, match="No state is set by hand on 1 Jun 2026 or after it"):
        back_by_date(entitlement=license, day=JUN, by=by, reason="Found")


def test_a_state_is_set_and_set_back_for_a_reason(license: Entitlement, by: User) -> None:
    with pytest.raises(RightsRefused, match="Give a reason"):
        set_state(
            entitlement=license,
            state=State.RETIRED,
            substate="",
            from_on=MAR,
            until_on=None,
            by=by,
            reason=" ",
        )
    put(license, by, State.RETIRED, MAR)
    with pytest.raises(RightsRefused, match="Give a reason"):
        back_by_date(entitlement=license, day=MAR, by=by, reason="")
