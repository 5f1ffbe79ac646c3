"""The demo, loaded once for all tests of this module, as of a fixed day."""

from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Company, User
from allocation.core.values import Reason
from allocation.models import Allocation, Basis, ConsolidateRun, KeptApart, LicenseNumbers
from allocation.services import refresh_outdated, run_now
from contracts.models import Contract, ContractTerm
from demo.load import USERS, load_demo
from demo.story import MONTHS, first_days_of_months
from deployments.matching import matched, rules_in_force
from deployments.models import Deployment, Device, DiscoveredSoftware, Installation
from entitlements.models import (
    Entitlement,
    Kind,
    PublisherPart,
    ReturnAssignment,
    UpgradedEntitlement,
)
from entitlements.queries import with_rights, with_state
from entitlements.states import State

# The demo is loaded in a transaction around those of the tests.
pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module", autouse=True)
def loaded_before(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Any]]:
    """Loads the demo; gives what an earlier load of the same day had made."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            load_demo(today=TODAY)
            before = what_was_loaded()
            transaction.set_rollback(True)
        with transaction.atomic():
            load_demo(today=TODAY)
            yield before
            transaction.set_rollback(True)


def what_was_loaded() -> list[Any]:
    owned = Entitlement.objects.order_by("pk").values_list(
        "purchased_on", "serial_number", "matched_serial", "purchased_rights", "unit_cost"
    )
    rows = Allocation.objects.order_by("pk").values_list(
        "made_on", "ended_on", "basis", "quantity", "license__purchased_on"
    )
    return [*owned, *rows]


def tagged(asset_tag: str) -> Entitlement:
    return Entitlement.objects.get(asset_tag=asset_tag)


def active_rights(entitlement: Entitlement) -> int:
    read = with_state(Entitlement.objects.filter(pk=entitlement.pk), TODAY)
    of_today: Any = with_rights(read, TODAY).get()
    return int(of_today.active_rights)


def cover_of(asset_tag: str) -> list[tuple[str, bool]]:
    """The rows on a license: the position's tag, and whether the row is live."""
    rows = Allocation.objects.filter(license__asset_tag=asset_tag).order_by("pk")
    return [(row.entitlement.asset_tag, row.is_live) for row in rows.select_related("entitlement")]


def test_it_is_large_enough_that_every_list_has_pages() -> None:
    kinds = dict(Entitlement.objects.values_list("kind").annotate(Count("pk")))

    assert Company.objects.count() == 3
    assert Contract.objects.count() == 201
    assert 2_900 < kinds[Kind.LICENSE] < 3_200
    assert 2_300 < kinds[Kind.MAINTENANCE] < 2_700
    assert ContractTerm.objects.filter(starts_on__gt=TODAY).exists()
    assert ContractTerm.objects.filter(ends_on__lt=TODAY).exists()


def test_each_company_was_consolidated_month_by_month_for_two_years() -> None:
    days = list(first_days_of_months(TODAY))

    for company in Company.objects.all():
        runs = ConsolidateRun.objects.filter(company=company).order_by("pk")
        assert list(runs.values_list("as_of", flat=True)) == days
    assert (len(days), days[0], days[-1]) == (MONTHS, date(2024, 12, 1), date(2026, 11, 1))


def test_what_was_bought_since_is_left_to_a_run_and_nothing_to_the_one_after_it() -> None:
    for company in Company.objects.all():
        assert run_now(company=company, as_of=TODAY, by=None).counts != {}
        assert run_now(company=company, as_of=TODAY, by=None).counts == {}


def test_every_basis_and_every_reason_of_consolidate_occurs_but_the_portals() -> None:
    bases = set(Allocation.objects.cover().values_list("basis", flat=True))
    reasons = set(Allocation.objects.exclude(end_reason="").values_list("end_reason", flat=True))

    assert bases == set(Basis.values) - {Basis.PORTAL}
    assert reasons == {*map(str, Reason)} - {Reason.REVOKED} | {"manual"}
    assert ReturnAssignment.objects.exists()
    assert KeptApart.objects.exists()
    assert Entitlement.objects.exclude(matched_serial="").exists()


def test_every_record_has_its_history_and_every_row_of_a_run_names_it() -> None:
    made = Allocation.history.filter(history_type="+")
    assert Entitlement.history.values("id").distinct().count() == Entitlement.objects.count()
    assert not made.filter(run_id=None, made_in_run__isnull=False).exists()


def test_the_users_can_sign_in_and_no_role_is_missing() -> None:
    for user in USERS:
        assert User.objects.get(username=user.username).check_password(user.password)
    roles = {role for user in USERS for _company, role in user.memberships}
    assert {str(role) for role in roles} == {
        "administrator", "license_manager", "auditor", "requester",
    }  # fmt: skip


def test_ninety_rights_of_m365_e5_stand_in_a_microsoft_contract() -> None:
    license = tagged("M365-E5")

    assert (license.purchased_rights, license.display_name) == (90, "M365 E5")
    assert license.contract is not None
    assert license.contract.vendor.name == "Microsoft"


def test_part_numbers_are_plainly_examples_and_one_of_them_is_a_suite() -> None:
    suite = PublisherPart.objects.get(is_suite=True)

    assert not PublisherPart.objects.filter(is_example=False).exists()
    assert {str(component) for component in suite.components.all()} == {"365 Apps", "Office"}
    bought = tagged("M365-E5").model
    assert {part.component.name for part in bought.suite_parts.all()} == {
        "365 Apps",
        "Office",
    }


def test_rights_of_office_2013_moved_to_2016_which_may_be_used_as_2013() -> None:
    source, target = tagged("OPP-13"), tagged("OPP-16")

    assert UpgradedEntitlement.objects.get(target=target).rights == 30
    assert active_rights(source) == 20
    assert target.downgrade_rights.get().model == source.model


def test_a_database_option_is_an_entitlement_of_its_own_and_what_was_sold_is_retired() -> None:
    assert tagged("ORA-PART").database_option == "Partitioning"

    sold: Any = with_state(Entitlement.objects.filter(asset_tag="ORA-OLD"), TODAY).get()
    assert sold.state_now == State.RETIRED


def test_one_unit_returned_of_two_swings_a_position_from_over_to_under_allocated() -> None:
    position = tagged("ACAD-LT-SA")
    [row] = Allocation.objects.filter(entitlement=position)

    assert (row.quantity, row.end_reason) == (2, Reason.OVER_ALLOCATED)
    assert position.return_assignments.get().units == 1


def test_a_serial_number_displaces_other_cover_which_moves_on() -> None:
    assert cover_of("VISIO-1") == [("VISIO-SA-1", False), ("VISIO-SA-2", True)]
    assert cover_of("VISIO-2") == [("VISIO-SA-1", True)]


def test_a_renewal_stands_beside_what_it_renewed() -> None:
    assert cover_of("PROJ-STD") == [("PROJ-SA-1", True), ("PROJ-SA-2", True)]


def test_maintenance_bought_later_takes_the_serial_number_of_its_licenses() -> None:
    assert tagged("FUSION-SA").matched_serial == "S-2040"
    assert cover_of("FUSION-1") == cover_of("FUSION-2") == [("FUSION-SA", True)]


def test_the_same_day_gives_the_same_demo(loaded_before: list[Any]) -> None:
    assert what_was_loaded() == loaded_before


def test_the_seeds_example_is_deployed_on_52_of_90() -> None:
    numbers = tagged("M365-E5").numbers

    assert (numbers.entitled, numbers.deployed, numbers.available) == (90, 52, 38)
    assert deployed_on("M365-E5") == [("365 Apps", 40), ("Office", 12)]


def deployed_on(asset_tag: str) -> list[tuple[str, int]]:
    """What a license tracks, and how much of it is deployed."""
    tracked = Allocation.objects.tracked().filter(entitlement__asset_tag=asset_tag)
    return list(tracked.order_by("pk").values_list("deployment__product__name", "deployed"))


def test_licenses_are_used_in_each_way_there_is() -> None:
    uses = Allocation.objects.uses().live()

    assert uses.filter(deployment__isnull=False, quantity=0).count() > 10
    assert uses.filter(deployment__isnull=False, quantity__gte=1).count() > 10
    assert uses.exclude(reservation_kind="").count() > 5
    assert uses.filter(person__isnull=False).count() > 5
    assert uses.filter(device__isnull=False).count() > 5
    assert LicenseNumbers.objects.filter(available__lt=0).exists()


def test_the_inventory_is_large_enough_that_its_lists_have_pages() -> None:
    assert Device.objects.count() > 300
    assert Installation.objects.count() > 2_000
    assert DiscoveredSoftware.objects.filter(model=None).count() > 40
    assert Deployment.objects.exclude(users_reported_by="").exists()


def test_the_rules_of_discovery_say_what_was_matched() -> None:
    titles = DiscoveredSoftware.objects.order_by("pk")
    named = titles.values_list(
        "pk", "publisher", "name", "version", "edition", "platform", "language"
    )
    stored = dict(titles.values_list("pk", "rule"))

    assert {
        title: rule.pk if rule else None for title, rule in matched(named, rules_in_force())
    } == stored


def test_the_numbers_are_those_of_a_plain_recount() -> None:
    said = StringIO()
    refresh_outdated(day=timezone.localdate())

    call_command("check_numbers", stdout=said)

    assert "are as counted" in said.getvalue()
