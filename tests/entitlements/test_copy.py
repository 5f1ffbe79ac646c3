"""An entitlement that is begun as a copy of another: what is taken over, and what is not."""

from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import Company
from accounts.roles import Role
from entitlements.models import AgreementType, Duration, Entitlement, LicenseMetric, LicenseType
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    LicenseFactory,
    MaintenanceFactory,
    MembershipFactory,
    PersonFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

ADD = "/entitlements/add-license"


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def client(company: Company) -> Client:
    client = Client()
    client.force_login(make_user(Role.LICENSE_MANAGER, company))
    return client


@pytest.fixture
def license(company: Company) -> Entitlement:
    """A license of which each field that is copied holds something of its own."""
    return LicenseFactory(
        company=company,
        asset_tag="TAG-1",
        serial_number="SN-1",
        license_number=1,
        license_type=LicenseType.UPGRADE,
        metric=LicenseMetric.objects.get(group__name="Microsoft", name="Per User"),
        agreement_type=AgreementType.objects.filter(group__name="Microsoft").first(),
        packs=4,
        rights_per_pack=5,
        purchased_rights=20,
        purchased_on=date(2025, 3, 4),
        duration=Duration.SUBSCRIPTION,
        starts_on=date(2025, 4, 1),
        ends_on=date(2027, 3, 31),
        unit_cost=Decimal("12.34"),
        currency="USD",
        po_number="PO-7",
        invoice_number="IN-8",
        contract=ContractFactory(company=company),
        owned_by_person=PersonFactory(company=company),
        notes="For the laboratory",
    )


def initial_of(page: Any) -> dict[str, Any]:
    """What stands in the form as it is sent when nobody changes anything."""
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in sent.items() if value not in (None, False)}


def posted(client: Client, source: Entitlement, at: str = ADD, **changes: Any) -> Entitlement:
    """The copy of an entitlement, whose form is sent as it was opened."""
    sent = initial_of(client.get(at, {"copy_of": source.pk}))
    answer = client.post(f"{at}?copy_of={source.pk}", sent | changes)
    assert answer.status_code == 302, answer.context["form"].errors
    return Entitlement.objects.latest("pk")


COPIED = [
    "company_id",
    "model_id",
    "license_type",
    "metric_id",
    "agreement_type_id",
    "packs",
    "rights_per_pack",
    "purchased_rights",
    "purchased_on",
    "duration",
    "starts_on",
    "ends_on",
    "unit_cost",
    "currency",
    "po_number",
    "invoice_number",
    "contract_id",
    "owned_by_person_id",
    "notes",
]


def test_a_copy_has_all_that_is_not_of_the_one_record(client, license):
    copy = posted(client, license)

    assert copy.pk != license.pk
    for name in COPIED:
        assert getattr(copy, name) == getattr(license, name), name
    assert (copy.asset_tag, copy.serial_number, copy.license_number) == ("", "", None)


def test_maintenance_is_copied_without_the_serial_number_it_was_matched_to(client, company):
    position = MaintenanceFactory(company=company, serial_number="SN-9", purchased_rights=7)

    copy = posted(client, position, "/entitlements/add-maintenance")

    assert (copy.definition_id, copy.purchased_rights) == (position.definition_id, 7)
    assert (copy.serial_number, copy.matched_serial) == ("", "")


def test_the_form_says_from_what_it_is_copied_and_saves_nothing_before_it_is_sent(client, license):
    page = client.get(ADD, {"copy_of": license.pk})

    assert f"Copied from {license}" in unescape(page.content.decode())
    assert Entitlement.objects.get() == license


def test_the_history_of_a_copy_says_from_what_it_was_copied(client, license):
    copy = posted(client, license)

    assert copy.history.get().history_change_reason == f"Copied from {license}"


def test_what_is_wrong_with_a_copy_is_said_and_still_from_what_it_is_copied(client, license):
    sent = initial_of(client.get(ADD, {"copy_of": license.pk})) | {"asset_tag": "TAG-1"}

    page = client.post(f"{ADD}?copy_of={license.pk}", sent)

    assert page.status_code == 422
    said = unescape(page.content.decode())
    assert "has the tag “TAG-1”" in said
    assert f"Copied from {license}" in said


def test_a_copy_of_one_company_is_made_while_another_is_looked_at(client, company, license):
    user = make_user(Role.LICENSE_MANAGER, company)
    MembershipFactory(user=user, company=CompanyFactory(name="Contoso"), role=Role.LICENSE_MANAGER)
    client.force_login(user)

    assert posted(client, license).company == company


@pytest.mark.parametrize("key", ["0", "x", "-1", "٣", "9" * 30])
def test_there_is_no_copy_of_what_is_not_there(client, license, key):
    assert client.get(ADD, {"copy_of": key}).status_code == 404


def test_a_license_is_not_copied_to_maintenance(client, license):
    address = "/entitlements/add-maintenance"

    assert client.get(address, {"copy_of": license.pk}).status_code == 404


def test_a_stranger_gets_no_copy(license):
    client = Client()
    client.force_login(make_user(Role.ADMINISTRATOR, CompanyFactory()))

    assert client.get(ADD, {"copy_of": license.pk}).status_code == 404


def test_who_only_reads_a_license_is_not_offered_a_copy_and_makes_none(company, license):
    user = make_user(Role.AUDITOR, company)
    MembershipFactory(user=user, company=CompanyFactory(), role=Role.LICENSE_MANAGER)
    client = Client()
    client.force_login(user)

    assert client.get(ADD, {"copy_of": license.pk}).status_code == 403
    assert "copy_of=" not in client.get(f"/entitlements/{license.pk}").content.decode()


def test_the_page_of_a_license_leads_to_its_copy(client, license):
    page = client.get(f"/entitlements/{license.pk}").content.decode()

    assert f'href="{ADD}?copy_of={license.pk}"' in page
