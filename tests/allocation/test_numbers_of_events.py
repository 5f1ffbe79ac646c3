"""Whatever changes rights, inventories or rules: the stored numbers are those of a recount."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Company, User
from accounts.roles import Role
from allocation.models import LicenseNumbers, ProductNumbers
from allocation.recount import differences
from allocation.services import run_now, track_deployment
from common.at_once import change_at_once, plan_changes, records_to_change, undo_at_once
from contracts.models import DiscoveryMap, Product
from deployments.at_once import DEVICES_AT_ONCE
from deployments.devices import save_device
from deployments.models import Device
from deployments.services import add_rule, move_model, withdraw_rule
from entitlements.models import Entitlement
from entitlements.services import save_entitlement
from tests.deployments.inventories import (
    Inventories,
    count,
    device,
    installation,
    model_of,
    subscription,
)
from tests.entitlements.workbooks import LICENSE, do_import, licenses, undo
from tests.factories import CompanyFactory, LicenseFactory, PersonFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Estate:
    """A company with what an inventory found, and two licenses that track it."""

    company: Company
    by: User
    inventories: Inventories
    rule: DiscoveryMap
    tight: Entitlement
    roomy: Entitlement

    def stored(self) -> Any:
        """All stored figures of licenses and products."""
        return (
            list(LicenseNumbers.objects.order_by("pk").values()),
            list(ProductNumbers.objects.order_by("pk").values()),
        )

    def track(self, license: Entitlement, product: Product, quantity: int, metric: str) -> None:
        track_deployment(
            license=license,
            product=product,
            quantity=quantity,
            metric=metric,
            day=timezone.localdate(),
            by=self.by,
        )


FOUND = (
    device("PC-1", "ada@example.com"),
    device("PC-2", "bob@example.com"),
    device("PC-3"),
    installation("PC-1", "DrawIt 5"),
    installation("PC-2", "DrawIt 5"),
    installation("PC-3", "DrawIt 6"),
    installation("PC-1", "TextIt"),
    subscription("cleo@example.com", "DrawIt 6"),
    count("installs", 7, "ViewIt"),
)


@pytest.fixture
def estate(monkeypatch: pytest.MonkeyPatch) -> Estate:
    inventories = Inventories(monkeypatch)
    company = CompanyFactory(name="Ex SA", code="EX")
    by = make_user(Role.ADMINISTRATOR, company)
    inventories.load(company, *FOUND)
    rule = add_rule(DiscoveryMap(name="DrawIt*", model=model_of("DrawIt")), by=by)
    for name in ("TextIt", "ViewIt"):
        add_rule(DiscoveryMap(name=name, model=model_of(name)), by=by)
    tight, roomy = (
        save_entitlement(
            LicenseFactory.build(company=company, model=model_of("Suite"), purchased_rights=rights),
            by=by,
            reason="",
        )
        for rights in (2, 20)
    )
    estate = Estate(company, by, inventories, rule, tight, roomy)
    draw, text, view = (model_of(name).product for name in ("DrawIt", "TextIt", "ViewIt"))
    for license, product, quantity, metric in (
        (tight, draw, 0, "installs"),
        (roomy, draw, 0, "installs"),
        (roomy, draw, 0, "users"),
        (roomy, text, 4, "installs"),
        (tight, view, 0, "installs"),
        (roomy, view, 0, "installs"),
    ):
        estate.track(license, product, quantity, metric)
    return estate


def person_of_all_devices_and_back(estate: Estate) -> None:
    someone = PersonFactory(company=estate.company)
    ids = list(Device.objects.values_list("pk", flat=True))
    companies = [estate.company.pk]
    wanted = {"person": someone}
    records = records_to_change(DEVICES_AT_ONCE, ids, wanted)
    plan = plan_changes(DEVICES_AT_ONCE, records, wanted, companies=companies)
    change = change_at_once(
        DEVICES_AT_ONCE,
        ids=ids,
        wanted=wanted,
        companies=companies,
        by=estate.by,
        reason="One for all",
        shown=plan.fingerprint,
    )
    assert_as_counted(estate)
    undo_at_once(DEVICES_AT_ONCE, change_id=change.pk, companies=companies, by=estate.by)
    # The first device goes on, so that something is left to tell.
    one_device_changes_hands(estate)


def one_device_changes_hands(estate: Estate) -> None:
    pc = Device.objects.get(name="PC-3")
    pc.person = PersonFactory(company=estate.company)
    save_device(pc, by=estate.by, reason="New owner")


def rights_are_lowered(estate: Estate) -> None:
    estate.roomy.purchased_rights = 3
    save_entitlement(estate.roomy, by=estate.by, reason="Fewer")


def a_license_becomes_endless(estate: Estate) -> None:
    estate.tight.purchased_rights, estate.tight.is_unlimited = None, True
    save_entitlement(estate.tight, by=estate.by, reason="A site license")


def a_license_ended_long_ago(estate: Estate) -> None:
    day = timezone.localdate()
    estate.tight.duration = "subscription"
    estate.tight.starts_on = estate.tight.purchased_on
    estate.tight.ends_on = day.replace(year=day.year - 1)
    save_entitlement(estate.tight, by=estate.by, reason="It was a subscription")


def a_device_is_gone(estate: Estate) -> None:
    estate.inventories.load(
        estate.company,
        *(row for row in FOUND if "PC-1" not in row["row"]),
        day=timezone.localdate(),
        is_full=True,
    )


def single_rows_take_the_place_of_totals(estate: Estate) -> None:
    estate.inventories.load(estate.company, installation("PC-2", "ViewIt"), source="other")


def a_rule_is_withdrawn(estate: Estate) -> None:
    withdraw_rule(estate.rule, by=estate.by, reason="Too wide")


def a_narrower_rule_takes_titles(estate: Estate) -> None:
    add_rule(DiscoveryMap(name="DrawIt 6", model=model_of("TextIt")), by=estate.by)


def a_model_is_moved(estate: Estate) -> None:
    model = model_of("DrawIt")
    model.product, model.version = model_of("ViewIt").product, "1"
    move_model(model, by=estate.by)


def a_workbook_is_imported_and_undone(estate: Estate) -> None:
    source = do_import(
        estate.company, licenses({**LICENSE, "Asset tag": "NEW", "Purchased rights": 7}), estate.by
    )
    assert_as_counted(estate)
    undo(source, estate.by)
    assert not Entitlement.objects.filter(asset_tag="NEW").exists()
    rights_are_lowered(estate)


EVENTS: list[Callable[[Estate], None]] = [
    person_of_all_devices_and_back,
    one_device_changes_hands,
    rights_are_lowered,
    a_license_becomes_endless,
    a_license_ended_long_ago,
    a_device_is_gone,
    single_rows_take_the_place_of_totals,
    a_rule_is_withdrawn,
    a_narrower_rule_takes_titles,
    a_model_is_moved,
    a_workbook_is_imported_and_undone,
]


def assert_as_counted(estate: Estate) -> None:
    assert list(differences(estate.company, timezone.localdate())) == []


@pytest.mark.parametrize("event", EVENTS)
def test_after_an_event_all_numbers_are_as_counted(
    estate: Estate, event: Callable[[Estate], None]
) -> None:
    assert_as_counted(estate)
    before = estate.stored()

    event(estate)

    assert estate.stored() != before
    assert_as_counted(estate)


def test_a_run_leaves_the_numbers_of_uses_as_they_are(estate: Estate) -> None:
    before = estate.stored()

    run_now(company=estate.company, as_of=timezone.localdate(), by=estate.by)

    assert estate.stored() == before
    assert_as_counted(estate)
