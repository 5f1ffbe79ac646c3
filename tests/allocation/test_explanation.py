"""Why and why not, in sentences with the figures that decided."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from accounts.models import Company
from allocation.core.whynot import Obstacle
from allocation.explanation import (
    NEARNESS,
    OBSTACLES_IN_SHORT,
    Names,
    names_of,
    who_ended,
    who_made,
    why_ended,
    why_made,
    why_not,
    why_not_covering_more,
)
from allocation.models import Allocation, KeptApart
from allocation.services import allocate_by_hand, end_allocation, run_now
from common.acting import acting
from contracts.models import SoftwareModel
from entitlements.models import Entitlement, EntitlementDefinition
from tests.allocation.world import make_world
from tests.factories import (
    CompanyFactory,
    DefinitionFactory,
    LicenseFactory,
    MaintenanceFactory,
    SoftwareModelFactory,
    UserFactory,
)

TODAY = date(2026, 6, 1)


class Title:
    """One company's licenses and maintenance of one software model."""

    def __init__(self) -> None:
        self.by = UserFactory(first_name="Grace", last_name="Hopper")
        self.company: Company = CompanyFactory(name="Northwind")
        self.model: SoftwareModel = SoftwareModelFactory(name="Visio 2024")
        self.definition: EntitlementDefinition = DefinitionFactory(
            company=self.company, name="Software Assurance", grace_days=30
        )

    def license(self, **fields: Any) -> Entitlement:
        license: Entitlement = LicenseFactory(
            **{"company": self.company, "model": self.model, "purchased_rights": 3} | fields
        )
        return license

    def position(self, **fields: Any) -> Entitlement:
        usual = {
            "company": self.company,
            "model": self.model,
            "definition": self.definition,
            "purchased_rights": 3,
            "asset_tag": "M-1",
        }
        position: Entitlement = MaintenanceFactory(**usual | fields)
        return position

    def covers(self, position: Entitlement, license: Entitlement) -> Allocation:
        """A live allocation, whatever the rules say of the two."""
        with acting(self.by, "Set up by a test"):
            return Allocation.objects.create(
                company=self.company,
                kind=position.kind,
                entitlement=position,
                license=license,
                quantity=license.purchased_rights or 1,
                basis="manual",
                made_on=position.starts_on or TODAY,
                made_at="2026-01-01T00:00Z",
                made_by=self.by,
            )

    def parts(self, position: Entitlement, license: Entitlement) -> None:
        with acting(self.by, "Set up by a test"):
            KeptApart.objects.create(
                company=self.company,
                position=position,
                license=license,
                reason="Another site",
                parted_by=self.by,
            )


@pytest.fixture
def title(db: None) -> Title:
    return Title()


# --- Why not: each condition that a pair can fail ---

Case = Callable[[Title], tuple[Entitlement, Entitlement]]


def _license_not_bought(title: Title) -> tuple[Entitlement, Entitlement]:
    return title.license(purchased_on=date(2026, 7, 1)), title.position()


def _license_expired(title: Title) -> tuple[Entitlement, Entitlement]:
    license = title.license(
        duration="subscription", starts_on=date(2025, 1, 1), ends_on=date(2026, 5, 31)
    )
    return license, title.position()


def _license_without_units(title: Title) -> tuple[Entitlement, Entitlement]:
    license = title.license()
    with acting(title.by, "Retired by a test"):
        license.state_periods.create(
            company=title.company, state="retired", from_on=date(2026, 1, 1)
        )
    return license, title.position()


def _not_bought(title: Title) -> tuple[Entitlement, Entitlement]:
    return title.license(), title.position(purchased_on=date(2026, 6, 2))


def _ended(title: Title) -> tuple[Entitlement, Entitlement]:
    return title.license(), title.position(ends_on=date(2026, 5, 31))


def _last_day(title: Title) -> tuple[Entitlement, Entitlement]:
    return title.license(), title.position(ends_on=TODAY)


def _kept_apart(title: Title) -> tuple[Entitlement, Entitlement]:
    license, position = title.license(), title.position()
    title.parts(position, license)
    return license, position


def _too_few_units(title: Title) -> tuple[Entitlement, Entitlement]:
    return title.license(), title.position(purchased_rights=2)


def _serial_blocked(title: Title) -> tuple[Entitlement, Entitlement]:
    license = title.license(serial_number="S-1009")
    title.covers(title.position(asset_tag="M-0"), license)
    return license, title.position(serial_number="S-1009")


def _covered_without_end(title: Title) -> tuple[Entitlement, Entitlement]:
    license = title.license()
    title.covers(title.position(asset_tag="M-0", ends_on=None), license)
    return license, title.position()


def _starts_too_early(title: Title) -> tuple[Entitlement, Entitlement]:
    license = title.license()
    title.covers(title.position(asset_tag="M-0", ends_on=date(2026, 12, 31)), license)
    return license, title.position(starts_on=date(2026, 11, 30), ends_on=date(2027, 11, 29))


def _starts_too_late(title: Title) -> tuple[Entitlement, Entitlement]:
    license = title.license()
    title.covers(title.position(asset_tag="M-0", ends_on=date(2026, 12, 31)), license)
    return license, title.position(starts_on=date(2027, 1, 31), ends_on=date(2028, 1, 30))


def _ends_too_soon(title: Title) -> tuple[Entitlement, Entitlement]:
    license = title.license()
    title.covers(title.position(asset_tag="M-0", ends_on=date(2026, 12, 31)), license)
    return license, title.position(starts_on=date(2026, 12, 15), ends_on=date(2026, 12, 31))


def _not_in_effect(title: Title) -> tuple[Entitlement, Entitlement]:
    return title.license(), title.position(starts_on=date(2026, 7, 2), ends_on=date(2027, 7, 1))


FAILURES: dict[Obstacle, tuple[Case, str]] = {
    Obstacle.LICENSE_NOT_BOUGHT: (
        _license_not_bought,
        "The license is bought only on 1 Jul 2026.",
    ),
    Obstacle.LICENSE_EXPIRED: (_license_expired, "The license expired on 31 May 2026."),
    Obstacle.LICENSE_WITHOUT_UNITS: (
        _license_without_units,
        "The license has no active rights to cover.",
    ),
    Obstacle.NOT_BOUGHT: (_not_bought, "Bought only on 2 Jun 2026."),
    Obstacle.ENDED: (_ended, "Ended on 31 May 2026."),
    Obstacle.LAST_DAY: (
        _last_day,
        "Ends on the day itself, 1 Jun 2026: on its last day it takes nothing new.",
    ),
    Obstacle.KEPT_APART: (_kept_apart, "Kept apart from this license by a person."),
    Obstacle.TOO_FEW_UNITS: (
        _too_few_units,
        "The license needs 3 units; 2 of the position are free.",
    ),
    Obstacle.SERIAL_BLOCKED: (
        _serial_blocked,
        "Carries the license's serial number S-1009, but cover stands there that it may not"
        " displace (1 allocation of the same time).",
    ),
    Obstacle.COVERED_WITHOUT_END: (_covered_without_end, "The license is covered without end."),
    Obstacle.STARTS_TOO_EARLY: (
        _starts_too_early,
        "Starts 30 Nov 2026: 31 days before the cover ends (31 Dec 2026), grace is 30.",
    ),
    Obstacle.STARTS_TOO_LATE: (
        _starts_too_late,
        "Starts 31 Jan 2027: 31 days after the cover ends (31 Dec 2026), grace is 30.",
    ),
    Obstacle.ENDS_TOO_SOON: (
        _ends_too_soon,
        "Ends 31 Dec 2026, not after the present cover, which ends 31 Dec 2026.",
    ),
    Obstacle.NOT_IN_EFFECT: (
        _not_in_effect,
        "Starts 2 Jul 2026: 31 days after 1 Jun 2026, grace is 30.",
    ),
}
OF_THE_LICENSE = {
    Obstacle.LICENSE_NOT_BOUGHT,
    Obstacle.LICENSE_EXPIRED,
    Obstacle.LICENSE_WITHOUT_UNITS,
}
OF_THE_POSITION = {Obstacle.NOT_BOUGHT, Obstacle.ENDED, Obstacle.LAST_DAY}


def test_the_table_has_each_condition_but_that_it_covers_already() -> None:
    assert FAILURES.keys() == set(Obstacle) - {Obstacle.COVERS_ALREADY}


def test_each_condition_has_its_rank_and_its_short_words() -> None:
    assert NEARNESS.keys() == OBSTACLES_IN_SHORT.keys() == set(Obstacle)


@pytest.mark.parametrize("obstacle", sorted(FAILURES.keys() - OF_THE_LICENSE))
def test_a_license_says_which_condition_a_position_failed(title: Title, obstacle: Obstacle) -> None:
    case, sentence = FAILURES[obstacle]
    license, position = case(title)

    answer = why_not(license, TODAY)

    assert (position, sentence) in [(r.entitlement, r.sentence) for r in answer.refusals]
    assert answer.awaited == []


@pytest.mark.parametrize("obstacle", sorted(OF_THE_LICENSE))
def test_a_license_that_nothing_could_cover_says_so_once(title: Title, obstacle: Obstacle) -> None:
    case, sentence = FAILURES[obstacle]
    license, _position = case(title)

    answer = why_not(license, TODAY)

    assert answer.general == sentence
    assert not answer.refusals


@pytest.mark.parametrize("obstacle", sorted(FAILURES.keys() - OF_THE_POSITION))
def test_a_position_says_which_condition_a_license_failed(title: Title, obstacle: Obstacle) -> None:
    case, sentence = FAILURES[obstacle]
    license, position = case(title)

    answer = why_not_covering_more(position, TODAY)

    assert (license, sentence) in [(r.entitlement, r.sentence) for r in answer.refusals]


@pytest.mark.parametrize("obstacle", sorted(OF_THE_POSITION))
def test_a_position_that_takes_nothing_says_so_once(title: Title, obstacle: Obstacle) -> None:
    case, sentence = FAILURES[obstacle]
    _license, position = case(title)

    answer = why_not_covering_more(position, TODAY)

    assert answer.general == f"The position takes nothing new. {sentence}"


def test_an_unlimited_license_says_why_it_is_never_covered(title: Title) -> None:
    unlimited = title.license(is_unlimited=True, purchased_rights=None)
    title.position()

    answer = why_not(unlimited, TODAY)

    assert answer.general.startswith("This license is unlimited: it has no units")


def test_a_license_without_any_maintenance_of_its_title_says_so(title: Title) -> None:
    lonely = title.license()
    title.position(model=SoftwareModelFactory(name="Visio 2021"))

    answer = why_not(lonely, TODAY)

    assert answer.general.startswith("Northwind owns no maintenance for Visio 2024")


def test_what_the_next_run_would_allocate_is_told_as_such(title: Title) -> None:
    license, position = title.license(), title.position()

    answer = why_not(license, TODAY)

    assert answer.awaited == [position]
    assert not answer.refusals


def test_what_covers_already_is_no_candidate(title: Title) -> None:
    license, position = title.license(), title.position()
    title.covers(position, license)

    assert why_not(license, TODAY).is_empty
    assert why_not_covering_more(position, TODAY).is_empty


def test_what_nearly_fitted_is_told_before_what_ended_long_ago(title: Title) -> None:
    license = title.license()
    long_ago = title.position(asset_tag="M-2", ends_on=date(2026, 1, 2))
    lately = title.position(asset_tag="M-3", ends_on=date(2026, 5, 2))
    too_small = title.position(asset_tag="M-4", purchased_rights=1)

    answer = why_not(license, TODAY)

    assert [r.entitlement for r in answer.refusals] == [too_small, lately, long_ago]


def test_of_many_candidates_those_left_out_are_counted_by_reason(title: Title) -> None:
    license = title.license()
    for number in range(43):
        title.position(asset_tag=f"M-{number}", purchased_rights=1)

    answer = why_not(license, TODAY)

    assert len(answer.refusals) == 40
    assert answer.left_out == {"without enough free units": 3}


def test_the_number_of_queries_does_not_grow_with_the_candidates(
    title: Title, django_assert_max_num_queries: Any
) -> None:
    license = title.license()
    for number in range(20):
        title.position(asset_tag=f"M-{number}", purchased_rights=1)

    with django_assert_max_num_queries(10):
        answer = why_not(license, TODAY)
        sentences = [f"{r.entitlement}: {r.sentence}" for r in answer.refusals]

    assert len(sentences) == 20


# --- Why ---


def test_figures_are_told_as_they_come_back_from_the_database() -> None:
    sentence = Names(()).sentence("over-allocated", [10, 7])

    assert sentence == "The position had 10 units allocated and owns 7 after returns."


def test_the_rows_of_a_run_say_by_which_rule_it_made_and_ended_them(db: None) -> None:
    world = make_world(name="Northwind")
    run = run_now(company=world.company, as_of=TODAY, by=world.by)
    world.over_allocated.refresh_from_db()

    names = names_of([world.over_allocated])
    made = Allocation.objects.get(license=world.plain, ended_at=None)
    by_serial = Allocation.objects.get(license=world.first_of_group)

    assert why_ended(world.over_allocated, names) == (
        "The position had 3 units allocated and owns 2 after returns."
    )
    assert who_ended(world.over_allocated) == f"consolidate #{run.pk}"
    assert why_made(made, names).startswith("The license had no cover in effect")
    assert why_ended(made, names) == ""
    assert who_ended(made) == ""
    assert why_made(by_serial, names) == "Serial number S-1009 is that of the license."


def test_a_displaced_row_names_the_position_that_took_its_place(title: Title) -> None:
    license = title.license(serial_number="S-1009")
    displaced = title.covers(title.position(asset_tag="M-0"), license)
    with acting(title.by, "Made by a run of a test"):
        Allocation.objects.filter(pk=displaced.pk).update(basis="continuity")
    title.position(asset_tag="M-7", serial_number="S-1009")

    run_now(company=title.company, as_of=TODAY, by=title.by)

    displaced.refresh_from_db()
    assert why_ended(displaced, names_of([displaced])) == (
        "Serial number S-1009 matched Software Assurance for Visio 2024 (M-7),"
        " which took its place."
    )


def test_what_a_person_did_is_told_with_their_words(title: Title) -> None:
    license, position = title.license(), title.position()
    row = allocate_by_hand(
        position=position, license=license, day=TODAY, by=title.by, notes="Asked for by Bonn."
    )
    assert why_made(row, Names(())) == "Allocated by hand: Asked for by Bonn."
    assert who_made(row) == "Grace Hopper"

    end_allocation(allocation=row, day=TODAY, by=title.by, reason="Bonn was closed")

    row.refresh_from_db()
    assert why_ended(row, Names(())) == "Ended by hand: Bonn was closed."
    assert who_ended(row) == "Grace Hopper"
