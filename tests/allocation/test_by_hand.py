"""Allocating, ending, parting and clearing by hand, under the rules of a run."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from accounts.models import Company, User
from allocation import fitting
from allocation.models import Allocation, Basis, EndReason, KeptApart
from allocation.services import (
    AllocationRefused,
    AlreadyEnded,
    EndsBeforeItBegan,
    NothingMatched,
    NothingToLift,
    ReasonMissing,
    allocate_by_hand,
    clear_match,
    end_allocation,
    lift_kept_apart,
)
from common.acting import acting
from common.locks import COMPANY_LOCKS, CompanyIsBusy
from contracts.models import SoftwareModel
from entitlements.models import (
    Duration,
    Entitlement,
    ReturnAssignment,
    StatePeriod,
    UpgradedEntitlement,
)
from entitlements.states import State
from tests.allocation.processes import (
    SECONDS,
    execute,
    how_many_wait_for_a_lock,
    other_transaction,
    wait_until,
)
from tests.factories import (
    CompanyFactory,
    LicenseFactory,
    MaintenanceFactory,
    ReturnFactory,
    SoftwareModelFactory,
    UserFactory,
)

DAY = date(2026, 6, 1)
TOMORROW = DAY + timedelta(days=1)
YESTERDAY = DAY - timedelta(days=1)


class Story:
    """A position of ten units, a license of three of the same title, and the person who acts."""

    def __init__(self) -> None:
        self.by: User = UserFactory(username="grace", first_name="Grace", last_name="Hopper")
        self.company: Company = CompanyFactory(name="Northwind")
        self.visio: SoftwareModel = SoftwareModelFactory(name="Visio 2024")
        self.position: Entitlement = MaintenanceFactory(
            company=self.company, model=self.visio, purchased_rights=10, asset_tag="M-1"
        )
        self.license: Entitlement = LicenseFactory(
            company=self.company, model=self.visio, purchased_rights=3, asset_tag="L-1"
        )

    def allocate(self, **changes: Any) -> Allocation:
        usual: dict[str, Any] = {
            "position": self.position,
            "license": self.license,
            "day": DAY,
            "by": self.by,
        }
        return allocate_by_hand(**usual | changes)

    def change(self, record: Any, **fields: Any) -> None:
        with acting(self.by, "Changed for the story"):
            for name, value in fields.items():
                setattr(record, name, value)
            record.save()

    def returned(self, quantity: int, **fields: Any) -> Any:
        return ReturnFactory(
            definition=self.position.definition,
            model=self.visio,
            quantity=quantity,
            returned_on=fields.pop("returned_on", date(2026, 2, 1)),
            **fields,
        )


@pytest.fixture
def story(db: None) -> Story:
    return Story()


def test_a_person_allocates_all_units_of_a_license(story: Story) -> None:
    row = story.allocate(notes="Agreed with purchasing")

    stored = Allocation.objects.get(pk=row.pk)
    assert (stored.entitlement, stored.license, stored.quantity) == (
        story.position,
        story.license,
        3,
    )
    assert (stored.basis, stored.made_on, stored.made_by, stored.notes) == (
        Basis.MANUAL,
        DAY,
        story.by,
        "Agreed with purchasing",
    )
    assert stored.is_live


def test_the_history_says_who_allocated_by_hand(story: Story) -> None:
    row = story.allocate()

    (made,) = row.history.all()
    assert (made.history_type, made.history_user, made.history_change_reason) == (
        "+",
        story.by,
        "Allocated by hand",
    )


def license_of_another_company(story: Story) -> None:
    story.license = LicenseFactory(
        company=CompanyFactory(name="Contoso"), model=story.visio, asset_tag="L-2"
    )


def license_of_another_title(story: Story) -> None:
    story.license = LicenseFactory(
        company=story.company, model=SoftwareModelFactory(name="Project 2024"), asset_tag="L-2"
    )


def subscription_that_ends(day: date) -> Callable[[Story], None]:
    def arrange(story: Story) -> None:
        story.change(
            story.license,
            duration=Duration.SUBSCRIPTION,
            starts_on=date(2025, 1, 1),
            ends_on=day,
        )

    return arrange


def position_changed(**fields: Any) -> Callable[[Story], None]:
    return lambda story: story.change(story.position, **fields)


def license_changed(**fields: Any) -> Callable[[Story], None]:
    return lambda story: story.change(story.license, **fields)


def set_by_hand(record: str, state: State) -> Callable[[Story], None]:
    def arrange(story: Story) -> None:
        with acting(story.by, "Looked after"):
            StatePeriod.objects.create(
                company=story.company,
                entitlement=getattr(story, record),
                state=state,
                from_on=DAY,
            )

    return arrange


def all_rights_moved_away(story: Story) -> None:
    newer = LicenseFactory(company=story.company, license_type="upgrade", purchased_rights=3)
    with acting(story.by, "Upgraded"):
        UpgradedEntitlement.objects.create(
            company=story.company,
            source=story.license,
            target=newer,
            rights=3,
            effective_on=DAY,
        )


def allocated_before(story: Story) -> None:
    story.allocate()


def parted(story: Story) -> None:
    end_allocation(
        allocation=story.allocate(), day=DAY, by=story.by, reason="Other plans", keep_apart=True
    )


def eight_units_used(story: Story) -> None:
    other = LicenseFactory(company=story.company, model=story.visio, purchased_rights=8)
    story.allocate(license=other)


def eight_units_to_be_returned(story: Story) -> None:
    story.returned(8)


def position_and_license_swapped(story: Story) -> None:
    story.position, story.license = story.license, story.position


REFUSALS = {
    "a license covers nothing": (
        position_and_license_swapped,
        fitting.WrongKind,
        "only maintenance covers licenses",
    ),
    "license of another company": (
        license_of_another_company,
        fitting.OtherCompany,
        "belongs to Northwind, and Visio 2024 (L-2) to Contoso",
    ),
    "license of another title": (
        license_of_another_title,
        fitting.OtherTitle,
        "is for Visio 2024, and Project 2024 (L-2) grants Project 2024",
    ),
    "position bought tomorrow": (
        position_changed(purchased_on=TOMORROW),
        fitting.PositionNotOpen,
        "is bought on 2 Jun 2026, after 1 Jun 2026",
    ),
    "position on its last day": (
        position_changed(ends_on=DAY),
        fitting.PositionNotOpen,
        "ends on 1 Jun 2026: on 1 Jun 2026 it takes nothing new",
    ),
    "position retired by hand": (
        set_by_hand("position", State.RETIRED),
        fitting.TooFewUnits,
        "0 free: 0 after returns, 0 allocated",
    ),
    "license bought tomorrow": (
        license_changed(purchased_on=TOMORROW),
        fitting.LicenseNotValid,
        "is bought on 2 Jun 2026, after 1 Jun 2026",
    ),
    "license expired": (
        subscription_that_ends(YESTERDAY),
        fitting.LicenseNotValid,
        "expired on 31 May 2026, before 1 Jun 2026",
    ),
    "license retired by hand": (
        set_by_hand("license", State.RETIRED),
        fitting.LicenseNotValid,
        "has no active rights on 1 Jun 2026",
    ),
    "license upgraded away": (
        all_rights_moved_away,
        fitting.LicenseNotValid,
        "has no active rights on 1 Jun 2026",
    ),
    "license unlimited": (
        license_changed(is_unlimited=True, purchased_rights=None),
        fitting.LicenseNotValid,
        "is unlimited: it has no units to cover",
    ),
    "already covered by it": (
        allocated_before,
        fitting.AlreadyAllocated,
        "already covers Visio 2024 (L-1)",
    ),
    "kept apart": (parted, fitting.PairKeptApart, "are kept apart (Other plans). Lift that first"),
    "too few units free": (
        eight_units_used,
        fitting.TooFewUnits,
        "needs 3 units at once, and",
    ),
    "units held back for a return": (
        eight_units_to_be_returned,
        fitting.TooFewUnits,
        "2 free: 10 after returns, 0 allocated, 8 held back for pending returns",
    ),
}


@pytest.mark.parametrize(("arrange", "kind", "sentence"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_rule_that_is_broken_is_told_with_its_figures(
    story: Story,
    arrange: Callable[[Story], None],
    kind: type[AllocationRefused],
    sentence: str,
) -> None:
    arrange(story)
    before = Allocation.objects.count()

    with pytest.raises(kind) as refused:
        story.allocate()

    assert sentence in str(refused.value)
    assert Allocation.objects.count() == before


FITS = {
    "license on its last day": subscription_that_ends(DAY),
    "position that ends tomorrow": position_changed(ends_on=TOMORROW),
    "position that is yet to start": position_changed(starts_on=date(2026, 12, 1)),
    "license of exactly the free units": license_changed(purchased_rights=10),
    "return before the position was bought": lambda story: story.returned(
        9, returned_on=date(2025, 12, 31)
    ),
    "return after the day": lambda story: story.returned(9, returned_on=TOMORROW),
    "license missing by hand": set_by_hand("license", State.MISSING),
}


@pytest.mark.parametrize("arrange", FITS.values(), ids=FITS.keys())
def test_what_fits_is_allocated(story: Story, arrange: Callable[[Story], Any]) -> None:
    arrange(story)

    assert story.allocate().quantity == story.license.purchased_rights


def test_only_the_part_of_a_return_that_is_not_assigned_is_held_back(story: Story) -> None:
    returned = story.returned(8)
    with acting(None, "Assigned by a run"):
        ReturnAssignment.objects.create(
            company=story.company,
            purchase_return=returned,
            position=story.position,
            units=6,
            made_on=date(2026, 3, 1),
            made_in_run_id=1,
        )
    story.change(story.license, purchased_rights=3)

    with pytest.raises(fitting.TooFewUnits) as refused:
        story.allocate()

    assert "2 free: 4 after returns, 0 allocated, 2 held back" in str(refused.value)


def test_an_allocation_is_ended_with_its_reason(story: Story) -> None:
    row = story.allocate()

    end_allocation(allocation=row, day=TOMORROW, by=story.by, reason="Moved to Azure")

    row.refresh_from_db()
    assert (row.ended_on, row.ended_by, row.end_reason, row.end_notes) == (
        TOMORROW,
        story.by,
        EndReason.MANUAL,
        "Moved to Azure",
    )
    assert row.history.first().history_change_reason == "Ended by hand: Moved to Azure"
    assert not KeptApart.objects.exists()


def test_an_allocation_is_ended_once(story: Story) -> None:
    row = story.allocate()
    end_allocation(allocation=row, day=DAY, by=story.by, reason="Moved to Azure")

    with pytest.raises(AlreadyEnded) as refused:
        end_allocation(allocation=row, day=TOMORROW, by=story.by, reason="Again")

    row.refresh_from_db()
    assert "Grace Hopper ended this allocation on" in str(refused.value)
    assert "by hand: Moved to Azure" in str(refused.value)
    assert row.ended_on == DAY


def test_an_allocation_cannot_end_before_it_was_made(story: Story) -> None:
    row = story.allocate()

    with pytest.raises(
        EndsBeforeItBegan, match="made for 1 Jun 2026: it cannot end on 31 May 2026"
    ):
        end_allocation(allocation=row, day=YESTERDAY, by=story.by, reason="Too early")


def test_ending_needs_a_reason(story: Story) -> None:
    row = story.allocate()

    with pytest.raises(ReasonMissing):
        end_allocation(allocation=row, day=DAY, by=story.by, reason="  ")

    row.refresh_from_db()
    assert row.is_live


def test_a_pair_kept_apart_can_be_allocated_again_once_that_is_lifted(story: Story) -> None:
    parted(story)
    pair = KeptApart.objects.get()

    lift_kept_apart(pair=pair, by=story.by, reason="Plans changed again")

    assert story.allocate().is_live
    with pytest.raises(NothingToLift, match="Grace Hopper lifted that"):
        lift_kept_apart(pair=pair, by=story.by, reason="Twice")


def test_clearing_a_match_keeps_runs_from_matching_again(story: Story) -> None:
    story.change(story.position, matched_serial="S-1009", matched_run_id=7)

    clear_match(position=story.position, by=story.by, reason="Belongs to other licenses")

    story.position.refresh_from_db()
    assert (story.position.matched_serial, story.position.matched_run_id) == ("", None)
    assert story.position.may_be_matched is False
    with pytest.raises(NothingMatched):
        clear_match(position=story.position, by=story.by, reason="Twice")


def act_at_once(locked: Any, *deeds: Callable[[], Any]) -> list[Exception]:
    """
    Let people act at the same moment, each over a connection of their own.

    A third transaction holds the record that they want until all of them wait.

    :returns: what they were told where they were refused
    """
    problems: list[Exception] = []

    def act(deed: Callable[[], Any]) -> None:
        try:
            deed()
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=[deed]) for deed in deeds]
    with other_transaction() as other:
        table = locked._meta.db_table
        execute(other, f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", locked.pk)
        for thread in threads:
            thread.start()
        wait_until(lambda: how_many_wait_for_a_lock() == len(threads))
    for thread in threads:
        thread.join(SECONDS)
    return problems


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_want_the_last_units_one_is_told_that_they_are_gone() -> None:
    story = Story()
    story.change(story.position, purchased_rights=4)
    other = LicenseFactory(
        company=story.company, model=story.visio, purchased_rights=3, asset_tag="L-2"
    )

    (refused,) = act_at_once(
        story.position, lambda: story.allocate(), lambda: story.allocate(license=other)
    )

    assert "1 free: 4 after returns, 3 allocated." in str(refused)
    assert Allocation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_end_one_allocation_one_is_told_who_was_faster() -> None:
    story = Story()
    row = story.allocate()

    (refused,) = act_at_once(
        row,
        lambda: end_allocation(allocation=row, day=DAY, by=story.by, reason="First thought"),
        lambda: end_allocation(allocation=row, day=DAY, by=story.by, reason="Second thought"),
    )

    assert isinstance(refused, AlreadyEnded)
    assert row.history.filter(history_type="~").count() == 1


@pytest.mark.django_db(transaction=True)
def test_while_the_company_is_rewritten_a_person_is_told_to_try_again() -> None:
    story = Story()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [COMPANY_LOCKS, story.company.pk])

    try:
        with pytest.raises(CompanyIsBusy, match="Somebody is changing this company's records"):
            story.allocate()
    finally:
        other.close()

    assert story.allocate().is_live
