"""Active rights and states: pure function, pages' SQL and consolidate's SQL say the same."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocation.numbers import Reach, load
from allocation.queries import partition_of
from common.acting import acting
from contracts.models import SoftwareModel
from entitlements.models import (
    Duration,
    Entitlement,
    PurchaseReturn,
    ReturnAssignment,
    StatePeriod,
    UpgradedEntitlement,
)
from entitlements.queries import (
    sections_of,
    tell_standing,
    with_changed_state,
    with_rights,
    with_state,
)
from entitlements.rights import (
    TakenAway,
    active_rights_on,
    fewest_rights_left,
    rights_left_on,
)
from entitlements.states import State, StateByHand, state_on
from tests.factories import LicenseFactory, MaintenanceFactory, ReturnFactory, SoftwareModelFactory

DAY = date(2026, 6, 1)
near = st.integers(-2, 2).map(lambda days: DAY + timedelta(days=days))
later = st.none() | near
few = st.integers(1, 3)


def test_rights_given_back_count_from_that_day_on() -> None:
    taken = [TakenAway(rights=4, from_on=DAY, given_back_on=DAY + timedelta(days=3))]

    left = [
        rights_left_on(DAY + timedelta(days=days), purchased_rights=10, taken_away=taken)
        for days in (-1, 0, 2, 3)
    ]

    assert left == [10, 6, 6, 10]


def test_the_fewest_rights_of_all_days_from_one_on_are_found_with_their_first_day() -> None:
    taken = [
        TakenAway(rights=4, from_on=DAY, given_back_on=DAY + timedelta(days=3)),
        TakenAway(rights=5, from_on=DAY + timedelta(days=2)),
    ]

    fewest = [
        fewest_rights_left(
            purchased_rights=10, taken_away=taken, from_on=DAY + timedelta(days=days)
        )
        for days in (-1, 2, 3)
    ]

    assert fewest == [
        (1, DAY + timedelta(days=2)),
        (1, DAY + timedelta(days=2)),
        (5, DAY + timedelta(days=3)),
    ]


def test_unlimited_rights_stay_unlimited() -> None:
    taken = [TakenAway(rights=4, from_on=DAY)]

    assert (
        active_rights_on(DAY, purchased_rights=None, taken_away=taken, state=State.RETIRED) is None
    )


@st.composite
def by_hand(draw: st.DrawFn) -> StateByHand:
    from_on = draw(near)
    until_on = draw(later)
    if until_on is not None and until_on < from_on:
        from_on, until_on = until_on, from_on
    # Retired every other time: it is what matters to rights.
    state = draw(st.just(State.RETIRED) | st.sampled_from(State))
    return StateByHand(state, from_on, until_on)


@st.composite
def license_facts(draw: st.DrawFn) -> dict[str, object]:
    starts_on, ends_on = draw(near), draw(later)
    if ends_on is not None and ends_on < starts_on:
        starts_on, ends_on = ends_on, starts_on
    duration = draw(st.sampled_from(Duration))
    subscription = duration == Duration.SUBSCRIPTION
    return {
        "duration": duration,
        "starts_on": starts_on if subscription else None,
        "ends_on": ends_on if subscription else None,
        "purchased_on": draw(near),
        "purchased_rights": 20,
    }


@st.composite
def taken_away(draw: st.DrawFn) -> TakenAway:
    from_on, given_back_on = draw(near), draw(later)
    if given_back_on is not None and given_back_on < from_on:
        from_on, given_back_on = given_back_on, from_on
    return TakenAway(draw(few), from_on, given_back_on)


takings = st.lists(taken_away(), max_size=2)


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(facts=license_facts(), returned=takings, moved=takings, hand=st.none() | by_hand())
def test_a_license_has_the_same_rights_in_sql_as_in_python(
    facts: dict[str, object],
    returned: list[TakenAway],
    moved: list[TakenAway],
    hand: StateByHand | None,
) -> None:
    with transaction.atomic():
        license = LicenseFactory(**facts)
        _set_by_hand(license, hand)
        _return_and_upgrade(license, returned, moved)
        state = _state(license, hand)
        active = active_rights_on(
            DAY, purchased_rights=20, taken_away=[*returned, *moved], state=state
        )

        shown = _as_shown(license)
        (seen,) = partition_of(
            company_id=license.company_id, model_id=license.model_id, as_of=DAY
        ).licenses

        assert (shown.state_now, shown.active_rights) == (state, active)
        has_expired = seen.expires_on < DAY.toordinal()
        assert seen.units == active or (has_expired and active == 0)
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(facts=license_facts(), returned=takings, moved=takings, hand=st.none() | by_hand())
def test_what_a_license_grants_stays_so_until_the_day_it_is_said_to(
    facts: dict[str, object],
    returned: list[TakenAway],
    moved: list[TakenAway],
    hand: StateByHand | None,
) -> None:
    with transaction.atomic():
        license = LicenseFactory(**facts)
        _set_by_hand(license, hand)
        _return_and_upgrade(license, returned, moved)

        granted = load(Reach(license.company_id, [license.pk], []), day=DAY).entitled[license.pk]

        for day in (DAY + timedelta(days=days) for days in range(6)):
            state = _state(license, hand, day)
            active = active_rights_on(
                day, purchased_rights=20, taken_away=[*returned, *moved], state=state
            )
            if granted.holds_until is None or day <= granted.holds_until:
                assert granted.rights == (active if state == State.IN_USE else 0)
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    units=st.lists(st.tuples(few, st.none() | st.just(DAY)), max_size=3),
    purchased_on=near,
    hand=st.none() | by_hand(),
)
def test_a_position_has_the_same_units_in_sql_as_in_python(
    units: list[tuple[int, date | None]], purchased_on: date, hand: StateByHand | None
) -> None:
    with transaction.atomic():
        position = MaintenanceFactory(purchased_on=purchased_on, purchased_rights=20)
        _set_by_hand(position, hand)
        made_on = DAY - timedelta(days=10)
        _assign(position, units, made_on)
        state = _state(position, hand)
        taken = [TakenAway(number, made_on, ended_on) for number, ended_on in units]

        shown = _as_shown(position)
        (seen,) = partition_of(
            company_id=position.company_id, model_id=position.model_id, as_of=DAY
        ).positions

        left = rights_left_on(DAY, purchased_rights=20, taken_away=taken)
        is_retired = hand is not None and state == State.RETIRED
        assert (shown.state_now, shown.rights_left) == (state, left)
        assert seen.quantity - seen.returned == (0 if is_retired else left)
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("from_on", "until_on", "units"),
    [
        pytest.param(-2, -1, 20, id="until yesterday"),
        pytest.param(-2, 0, 0, id="until today"),
        pytest.param(0, None, 0, id="from today on"),
        pytest.param(1, None, 20, id="from tomorrow on"),
    ],
)
def test_a_license_retired_by_hand_has_no_units_on_the_days_of_the_period(
    from_on: int, until_on: int | None, units: int
) -> None:
    license = LicenseFactory(purchased_rights=20)
    last = None if until_on is None else DAY + timedelta(days=until_on)
    _set_by_hand(license, StateByHand(State.RETIRED, DAY + timedelta(days=from_on), last))

    (seen,) = partition_of(
        company_id=license.company_id, model_id=license.model_id, as_of=DAY
    ).licenses

    assert seen.units == units


def _as_shown(entitlement: Entitlement) -> Any:
    """With the state and the rights that pages show."""
    return with_rights(with_state(Entitlement.objects.all(), DAY), DAY).get(pk=entitlement.pk)


def _state(entitlement: Entitlement, hand: StateByHand | None, day: date = DAY) -> State | None:
    in_force = hand is not None and (
        hand.from_on <= day and (hand.until_on is None or hand.until_on >= day)
    )
    return state_on(
        day,
        purchased_on=entitlement.purchased_on,
        follows_dates=entitlement.follows_dates,
        starts_on=entitlement.starts_on,
        ends_on=entitlement.ends_on,
        by_hand=hand if in_force else None,
    )


def _set_by_hand(entitlement: Entitlement, hand: StateByHand | None) -> None:
    if hand is None:
        return
    with acting(None, "Set up by a test"):
        StatePeriod.objects.create(
            company=entitlement.company, entitlement=entitlement, **hand._asdict()
        )


def _return_and_upgrade(
    license: Entitlement, returned: list[TakenAway], moved: list[TakenAway]
) -> None:
    with acting(None, "Set up by a test"):
        for taken in returned:
            PurchaseReturn.objects.create(
                company=license.company,
                entitlement=license,
                quantity=taken.rights,
                returned_on=taken.from_on,
                ended_on=taken.given_back_on,
            )
        for taken in moved:
            UpgradedEntitlement.objects.create(
                company=license.company,
                source=license,
                target=LicenseFactory(company=license.company, license_type="upgrade"),
                rights=taken.rights,
                effective_on=taken.from_on,
                ended_on=taken.given_back_on,
            )


def _assign(position: Entitlement, units: list[tuple[int, date | None]], made_on: date) -> None:
    model: SoftwareModel = SoftwareModelFactory()
    for number, ended_on in units:
        returned = ReturnFactory(definition=position.definition, model=model, quantity=number)
        with acting(None, "Set up by a test"):
            ReturnAssignment.objects.create(
                company=position.company,
                purchase_return=returned,
                position=position,
                units=number,
                made_on=made_on,
                made_in_run_id=1,
                ended_on=ended_on,
            )


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(facts=license_facts(), hand=st.none() | by_hand())
def test_what_changed_its_state_on_a_day_is_told_in_sql_as_in_python(
    facts: dict[str, object], hand: StateByHand | None
) -> None:
    with transaction.atomic():
        license = LicenseFactory(**facts)
        _set_by_hand(license, hand)
        before, then = (_state(license, hand, day) for day in (DAY - timedelta(days=1), DAY))

        changed: Any = with_changed_state(Entitlement.objects.all(), DAY)
        found = [(each.state_before, each.state_then) for each in changed]

        assert found == ([(before, then)] if before not in (None, then) else [])
        transaction.set_rollback(True)


@pytest.mark.django_db
@given(facts=license_facts(), hand=st.none() | by_hand())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_page_of_a_record_tells_the_standing_that_sql_tells(
    facts: dict[str, object], hand: StateByHand | None
) -> None:
    with transaction.atomic():
        license = LicenseFactory(**facts)
        _set_by_hand(license, hand)
        asked: Any = with_rights(with_state(Entitlement.objects.all(), DAY), DAY).get(pk=license.pk)
        told: Any = Entitlement.objects.get(pk=license.pk)

        tell_standing(told, DAY, sections_of(license.pk))

        for name in ("state_now", "rights_left", "active_rights"):
            assert getattr(told, name) == getattr(asked, name)
        transaction.set_rollback(True)
