"""One entitlement as a document: all of it is told, in the words of the standards."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from allocation.entitlement_document import entitlement_document
from allocation.services import allocate_to_person, reserve
from common.acting import acting
from entitlements.cyclonedx import as_cyclonedx
from entitlements.models import (
    CountedBy,
    DowngradeRight,
    Entitlement,
    ExpenseLine,
    LicenseMetric,
    MetricGroup,
    PurchaseReturn,
    UpgradedEntitlement,
    WorkNote,
)
from entitlements.queries import with_rights, with_state
from entitlements.services import add_keys
from tests.allocation.using import TODAY, Household
from tests.factories import (
    CompanyFactory,
    LicenseFactory,
    MaintenanceFactory,
    PersonFactory,
    SoftwareModelFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

KEY = "XQ7PM-2K9DW-RT4VB-8HJ3N-PWY6G"
SERIAL = UUID("12345678-1234-5678-1234-567812345678")


@pytest.fixture
def mona() -> User:
    return make_user(Role.LICENSE_MANAGER, CompanyFactory(code="HAL", name="Halden"))


@pytest.fixture
def license(mona: User) -> Entitlement:
    """A license to which everything has happened."""
    house = Household(company=mona.memberships.get().company, by=mona)
    license = house.license(
        10,
        asset_tag="LIC-7",
        serial_number="S-1",
        purchased_on=date(2026, 1, 5),
        unit_cost=Decimal("99.5000"),
        currency="EUR",
        metric=LicenseMetric.objects.get(group__name="Common", name="Per Named User"),
        notes="Bought for the plant.",
        tags=["plant", "audit 2026"],
        model=SoftwareModelFactory(product__vendor__name="Acme", product__name="Draw"),
    )
    target = LicenseFactory(company=license.company, asset_tag="LIC-8", license_type="upgrade")
    common = {"company": license.company, "entitlement": license}
    with acting(mona, "Set up by a test"):
        UpgradedEntitlement.objects.create(
            company=license.company,
            source=license,
            target=target,
            rights=3,
            effective_on=date(2026, 3, 1),
        )
        PurchaseReturn.objects.create(
            quantity=1,
            returned_on=date(2026, 2, 1),
            unit_price=Decimal("50"),
            currency="EUR",
            **common,
        )
        DowngradeRight.objects.create(
            model=SoftwareModelFactory(product__name="Draw", version="2019"), **common
        )
        ExpenseLine.objects.create(
            kind="other", spent_on=date(2026, 1, 9), amount=12, currency="EUR", **common
        )
        WorkNote.objects.create(text="Called the vendor.", written_by=mona, **common)
    add_keys(entitlement=license, pasted=KEY, label="Volume", by=mona)
    house.count(license)
    person = PersonFactory(company=license.company, name="Ann")
    allocate_to_person(license=license, person=person, quantity=1, day=TODAY, by=mona)
    reserve(license=license, kind="project", label="Plant", quantity=2, day=TODAY, by=mona)
    return license


def document_of(entitlement: Entitlement) -> dict[str, Any]:
    read = with_rights(with_state(Entitlement.objects.all(), TODAY), TODAY)
    return entitlement_document(read.get(pk=entitlement.pk), TODAY)


def bill_of(entitlement: Entitlement) -> dict[str, Any]:
    """The CycloneDX document of an entitlement."""
    told_at = datetime(2026, 6, 1, tzinfo=UTC)
    return as_cyclonedx(document_of(entitlement), serial=SERIAL, told_at=told_at)


def licensing_of(entitlement: Entitlement) -> dict[str, Any]:
    licensing: dict[str, Any] = bill_of(entitlement)["components"][0]["licenses"][0]["license"][
        "licensing"
    ]
    return licensing


def test_a_document_tells_what_was_bought_and_what_remains_of_it(license: Entitlement) -> None:
    told = document_of(license)

    assert told["reference"] == "LIC-7"
    assert told["software"]["publisher"] == "Acme"
    assert told["metric"] == {"group": "Common", "name": "Per Named User"}
    assert told["rights"] == {
        "unlimited": False,
        "purchased": 10,
        "packs": None,
        "rights_per_pack": None,
        "active": 6,  # less one returned, and three moved to LIC-8
    }
    assert (told["unit_cost"], told["total_cost"], told["currency"]) == ("99.5", "995", "EUR")
    assert (told["state"], told["as_of"]) == ("in_use", "2026-06-01")
    assert told["tags"] == ["plant", "audit 2026"]


def test_a_document_tells_all_that_hangs_on_the_record(license: Entitlement) -> None:
    told = document_of(license)

    assert told["upgraded_to"] == [
        {"entitlement": "LIC-8", "rights": 3, "effective_on": "2026-03-01", "ended_on": None}
    ]
    assert [each["quantity"] for each in told["returns"]] == [1]
    assert [each["software_model"] for each in told["downgrade_rights"]] == ["Draw 2019"]
    assert "12" in {each["amount"] for each in told["expense_lines"]}
    assert [each["text"] for each in told["work_notes"]] == ["Called the vendor."]
    assert [(each["target"], each["quantity"]) for each in told["allocations"]] == [
        ("Ann", 1),
        ("Project: Plant", 2),
    ]


def test_a_document_counts_keys_and_tells_none(license: Entitlement) -> None:
    told = document_of(license)

    assert told["license_keys"] == [{"called": "Volume", "withdrawn": False}]
    assert not any(part in json.dumps(told) for part in KEY.split("-"))


def test_maintenance_is_told_with_its_definition() -> None:
    position = MaintenanceFactory(purchased_rights=5)

    told = document_of(position)

    assert told["kind"] == "maintenance"
    assert told["definition"] == str(position.definition)
    assert (told["metric"], told["license_type"]) == (None, None)


def test_cyclonedx_tells_whose_license_it_is_and_by_what_else_it_is_known(
    license: Entitlement,
) -> None:
    licensing = licensing_of(license)

    assert licensing["altIds"] == ["LIC-7", "S-1"]
    assert licensing["licensor"] == {"organization": {"name": "Acme"}}
    assert licensing["licensee"] == {"organization": {"name": "Halden"}}
    assert licensing["licenseTypes"] == ["perpetual", "named-user"]
    assert "expiration" not in licensing


def test_the_last_day_of_a_subscription_counts_whole() -> None:
    subscription = LicenseFactory(
        duration="subscription", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)
    )

    licensing = licensing_of(subscription)

    assert licensing["lastRenewal"] == "2026-01-01T00:00:00Z"
    assert licensing["expiration"] == "2026-12-31T23:59:59Z"


@pytest.mark.parametrize("which", ["a license with everything", "a bare one", "maintenance"])
def test_the_schema_of_cyclonedx_is_kept(which: str, request: pytest.FixtureRequest) -> None:
    entitlement = {
        "a license with everything": lambda: request.getfixturevalue("license"),
        "a bare one": lambda: LicenseFactory(is_unlimited=True, purchased_rights=None),
        "maintenance": lambda: MaintenanceFactory(ends_on=date(2027, 1, 1)),
    }[which]()

    bill = bill_of(entitlement)

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)) is None


# By the words of the catalogue; what counts nobody and nothing of these is a metric of its own.
TYPES = {
    "Per Device": "device",
    "Per Named Device": "device",
    "Device CAL": "client-access",
    "User CAL": "client-access",
    "Per User": "user",
    "User Subscription": "user",
    "Per Named User": "named-user",
    "Named User Plus": "named-user",
    "Concurrent User": "concurrent-user",
    "Per Processor": "processor-points",
    "Processor Value Unit (PVU) Sub-capacity": "processor-points",
    "Per Core (Physical Core)": "core-points",
    "Per Core (with CAL)": "core-points",
    "Server (Per Instance)": "custom-metric",
    "Per OSI": "custom-metric",
    "Resource Value Unit (RVU) Full Capacity": "custom-metric",
}


@pytest.mark.parametrize(("metric", "kind"), TYPES.items())
def test_a_metric_has_its_word_in_the_standard(metric: str, kind: str) -> None:
    found = LicenseMetric.objects.filter(name=metric).select_related("group").first()

    license = LicenseFactory(metric=found)
    licensing = licensing_of(license)

    assert licensing["licenseTypes"][1] == kind


def test_a_custom_metric_is_called_so_whatever_its_name() -> None:
    with acting(None, "Set up by a test"):
        own = LicenseMetric.objects.create(
            group=MetricGroup.objects.get(name="Custom"),
            name="Per user of the canteen",
            counted_by=CountedBy.PERSON,
            description="Whoever eats there.",
            calculation="One each.",
        )

    licensing = licensing_of(LicenseFactory(metric=own))

    assert licensing["licenseTypes"] == ["perpetual", "custom-metric"]


@pytest.mark.parametrize("name", ["entitlement-json", "entitlement-cyclonedx"])
def test_the_file_is_for_who_may_read_the_entitlement(
    license: Entitlement, mona: User, client: Client, name: str
) -> None:
    address = reverse(name, args=[license.pk])

    client.force_login(make_user(Role.ADMINISTRATOR, CompanyFactory()))
    assert client.get(address).status_code == 404
    client.force_login(make_user(Role.AUDITOR, license.company))
    answer = client.get(address)

    assert json.loads(answer.content)
    assert answer["Content-Disposition"].startswith('attachment; filename="LIC-7.')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.post(address).status_code == 405


def test_a_tag_of_any_letters_makes_a_harmless_name(mona: User, client: Client) -> None:
    company = mona.memberships.get().company
    license = LicenseFactory(company=company, asset_tag='../../etc/"passwd\r\nX: 1')
    client.force_login(mona)

    answer = client.get(reverse("entitlement-json", args=[license.pk]))

    assert answer["Content-Disposition"] == 'attachment; filename="..-..-etc-passwd-X-1.json"'
