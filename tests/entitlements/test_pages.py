"""The pages of entitlements: what they show, for whom, and what their forms refuse."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Company
from accounts.roles import Role
from allocation.models import Allocation, Basis
from common import shown
from common.acting import acting
from common.locks import CompanyIsBusy
from entitlements.models import Entitlement, Kind
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    DefinitionFactory,
    LicenseFactory,
    MaintenanceFactory,
    SoftwareModelFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

LIST = "/entitlements/"
TODAY = timezone.localdate()
NEXT_YEAR = TODAY + timedelta(days=365)


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def license(company: Company) -> Entitlement:
    return LicenseFactory(company=company, purchased_rights=5, asset_tag="A-1")


@pytest.fixture
def position(company: Company, license: Entitlement) -> Entitlement:
    return MaintenanceFactory(
        company=company,
        model=license.model,
        purchased_rights=12,
        starts_on=TODAY - timedelta(days=10),
        ends_on=NEXT_YEAR,
        asset_tag="M-1",
    )


def signed_in(role: Role, *companies: Company) -> Client:
    client = Client()
    client.force_login(make_user(role, *companies))
    return client


def allocate(position: Entitlement, license: Entitlement, quantity: int) -> None:
    user = make_user(Role.LICENSE_MANAGER, position.company)
    with acting(user, "Set up by a test"):
        Allocation.objects.create(
            company=position.company,
            kind=Kind.MAINTENANCE,
            entitlement=position,
            license=license,
            quantity=quantity,
            basis=Basis.MANUAL,
            made_on=TODAY,
            made_at=timezone.now(),
            made_by=user,
        )


def row_of(page: Any, reference: str) -> str:
    """The words of a row, found by its reference."""
    rows = re.findall(r"<tr[^>]*>.*?</tr>", page.content.decode(), re.DOTALL)
    row = next(row for row in rows if f">{reference}<" in row)
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


READ = [LIST, "/entitlements/{license}", "/entitlements/{position}"]
CHANGE = [
    "/entitlements/add-license",
    "/entitlements/add-maintenance",
    "/entitlements/{license}/edit",
    "/entitlements/{position}/edit",
]


def _at(address: str, license: Entitlement, position: Entitlement) -> str:
    return address.format(license=license.pk, position=position.pk)


@pytest.mark.parametrize("address", READ + CHANGE)
@pytest.mark.parametrize(
    ("role", "reads", "changes"),
    [
        (Role.ADMINISTRATOR, 200, 200),
        (Role.LICENSE_MANAGER, 200, 200),
        (Role.AUDITOR, 200, 403),
        (Role.REQUESTER, 404, 404),
    ],
)
def test_each_page_opens_for_the_roles_that_may(
    license: Entitlement,
    position: Entitlement,
    address: str,
    role: Role,
    reads: int,
    changes: int,
) -> None:
    page = signed_in(role, license.company).get(_at(address, license, position))

    assert page.status_code == (reads if address in READ else changes)


@pytest.mark.parametrize("address", [a for a in READ + CHANGE if "{" in a])
def test_an_entitlement_of_another_company_is_not_there(
    license: Entitlement, position: Entitlement, address: str
) -> None:
    client = signed_in(Role.ADMINISTRATOR, CompanyFactory())

    assert client.get(_at(address, license, position)).status_code == 404


@pytest.mark.parametrize("address", CHANGE)
def test_an_auditor_changes_nothing_also_not_by_a_forged_request(
    license: Entitlement, position: Entitlement, address: str
) -> None:
    client = signed_in(Role.AUDITOR, license.company)

    response = client.post(_at(address, license, position), {"purchased_rights": 9})

    assert response.status_code == 403
    assert [e.purchased_rights for e in Entitlement.objects.order_by("pk")] == [5, 12]


@pytest.mark.parametrize("address", READ)
def test_reading_pages_answer_to_no_post(
    license: Entitlement, position: Entitlement, address: str
) -> None:
    client = signed_in(Role.ADMINISTRATOR, license.company)

    assert client.post(_at(address, license, position)).status_code == 405


def test_a_row_of_maintenance_shows_what_is_entitled_allocated_and_free(
    license: Entitlement, position: Entitlement
) -> None:
    allocate(position, license, 5)
    client = signed_in(Role.AUDITOR, license.company)

    row = row_of(client.get(LIST, {"kind": "maintenance"}), "M-1")

    assert "12 5 7 5 of 12 allocated, 7 free" in row
    assert "365 days" in row


def test_a_row_of_a_license_shows_until_when_it_is_covered(
    license: Entitlement, position: Entitlement, company: Company
) -> None:
    allocate(position, license, 5)
    LicenseFactory(company=company, asset_tag="A-2")
    client = signed_in(Role.AUDITOR, company)

    page = client.get(LIST, {"kind": "license"})

    assert f"until {shown.day_text(NEXT_YEAR)}" in row_of(page, "A-1")
    assert "not covered" in row_of(page, "A-2")


def test_the_view_without_cover_lists_valid_licenses_that_nothing_covers(
    license: Entitlement, position: Entitlement, company: Company
) -> None:
    allocate(position, license, 5)
    LicenseFactory(company=company, asset_tag="bare")
    LicenseFactory(company=company, asset_tag="bought tomorrow", purchased_on=NEXT_YEAR)
    LicenseFactory(
        company=company,
        asset_tag="ran out",
        duration="subscription",
        starts_on=date(2020, 1, 1),
        ends_on=date(2020, 12, 31),
    )
    client = signed_in(Role.AUDITOR, company)

    page = client.get(LIST, {"kind": "license", "cover": "none"}).content.decode()

    assert [tag for tag in ("A-1", "bare", "bought tomorrow", "ran out") if tag in page] == ["bare"]


def test_the_view_over_allocated_lists_open_positions_with_too_much_allocated(
    license: Entitlement, position: Entitlement, company: Company
) -> None:
    allocate(position, license, 13)
    MaintenanceFactory(company=company, asset_tag="M-2", ends_on=NEXT_YEAR)
    client = signed_in(Role.AUDITOR, company)

    page = client.get(LIST, {"kind": "maintenance", "allocated": "over"})

    assert "12 13 −1" in row_of(page, "M-1")
    assert "M-2" not in page.content.decode()


def test_a_page_of_maintenance_tells_its_figures(
    license: Entitlement, position: Entitlement
) -> None:
    allocate(position, license, 5)

    page = signed_in(Role.AUDITOR, license.company).get(f"/entitlements/{position.pk}")

    text = page.content.decode()
    assert "5 of 12 allocated, 7 free" in text
    assert position.definition is not None
    assert position.definition.name in text


def test_a_page_opens_also_where_the_list_is_narrowed_to_another_company(
    license: Entitlement,
) -> None:
    other = CompanyFactory()
    client = signed_in(Role.AUDITOR, license.company, other)
    client.post("/narrow", {"company": other.pk})

    assert client.get(f"/entitlements/{license.pk}").status_code == 200
    assert "A-1" not in client.get(LIST).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_rows(company: Company) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        return len(captured)

    def add_some(number: int) -> None:
        for _ in range(number):
            license = LicenseFactory(company=company, contract=ContractFactory(company=company))
            position = MaintenanceFactory(company=company, model=license.model, ends_on=NEXT_YEAR)
            allocate(position, license, 1)

    add_some(1)
    client = signed_in(Role.AUDITOR, company)
    client.get(LIST)
    few = queries()
    add_some(15)

    assert queries() == few <= 12


def license_fields(company: Company, **changes: Any) -> dict[str, Any]:
    return {
        "company": company.pk,
        "model": SoftwareModelFactory().pk,
        "license_type": "full",
        "duration": "perpetual",
        "purchased_rights": "5",
        "purchased_on": "2026-01-31",
    } | changes


def test_adds_a_license_under_the_name_of_who_does(company: Company) -> None:
    user = make_user(Role.LICENSE_MANAGER, company)
    client = Client()
    client.force_login(user)

    response = client.post(
        "/entitlements/add-license", license_fields(company, reason="Order 4711")
    )

    added = Entitlement.objects.get()
    assert response.headers["Location"] == f"/entitlements/{added.pk}"
    assert (added.kind, added.purchased_rights) == (Kind.LICENSE, 5)
    told = added.history.get()
    assert (told.history_user_id, told.history_change_reason) == (user.pk, "Order 4711")


def test_the_metrics_that_a_form_offers_are_not_asked_for_one_by_one(company: Company) -> None:
    client = signed_in(Role.LICENSE_MANAGER, company)

    with CaptureQueriesContext(connection) as captured:
        page = client.get("/entitlements/add-license").content.decode()

    assert "Per Core" in page
    # For the group that is offered first, and for all that may be chosen.
    assert len([q for q in captured if 'FROM "entitlements_metricgroup"' in q["sql"]]) <= 3


def test_adds_maintenance(company: Company) -> None:
    client = signed_in(Role.LICENSE_MANAGER, company)
    sent = {
        "company": company.pk,
        "model": SoftwareModelFactory().pk,
        "definition": DefinitionFactory(company=company).pk,
        "purchased_rights": "3",
        "purchased_on": "2026-01-31",
        "starts_on": "2026-02-01",
        "ends_on": "2027-01-31",
        "may_be_matched": "on",
    }

    client.post("/entitlements/add-maintenance", sent)

    added = Entitlement.objects.get()
    assert (added.kind, added.purchased_rights, added.ends_on) == (
        Kind.MAINTENANCE,
        3,
        date(2027, 1, 31),
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"purchased_rights": ""}, "how many rights were purchased", id="no rights"),
        pytest.param({"purchased_rights": "0"}, "how many rights were purchased", id="zero"),
        pytest.param({"is_unlimited": "on"}, "has no number of rights", id="unlimited five"),
        pytest.param({"duration": "subscription"}, "the day on which it starts", id="no start"),
        pytest.param({"ends_on": "2027-01-01"}, "A perpetual license has no end", id="endless"),
        pytest.param(
            {"duration": "subscription", "starts_on": "2026-02-01", "ends_on": "2026-01-01"},
            "The end is before the start, 2026-02-01",
            id="turned",
        ),
        pytest.param({"unit_cost": "5"}, "Say in which currency", id="no currency"),
        pytest.param({"asset_tag": "A-1"}, "has the tag “A-1”", id="tag taken"),
        pytest.param({"model": "999999"}, "Select a valid choice", id="unknown model"),
    ],
)
def test_a_form_says_what_does_not_fit(
    license: Entitlement, changes: dict[str, str], said: str
) -> None:
    client = signed_in(Role.LICENSE_MANAGER, license.company)

    page = client.post("/entitlements/add-license", license_fields(license.company) | changes)

    assert page.status_code == 422
    assert said in page.content.decode()
    assert Entitlement.objects.count() == 1


def test_records_of_another_company_cannot_be_referred_to(license: Entitlement) -> None:
    elsewhere = ContractFactory()
    client = signed_in(Role.LICENSE_MANAGER, license.company, elsewhere.company)

    page = client.post(
        "/entitlements/add-license", license_fields(license.company, contract=elsewhere.pk)
    )

    assert f"belongs to {elsewhere.company}, not to Northwind" in page.content.decode()
    assert Entitlement.objects.count() == 1


def test_changes_a_license_and_tells_it_in_its_history(license: Entitlement) -> None:
    client = signed_in(Role.LICENSE_MANAGER, license.company)
    sent = license_fields(
        license.company, model=license.model_id, purchased_rights="7", reason="Order amended"
    )

    client.post(f"/entitlements/{license.pk}/edit", sent)

    page = client.get(f"/entitlements/{license.pk}").content.decode()
    assert "Order amended" in page
    assert "Purchased rights: <del>5</del> → <ins>7</ins>" in page


def test_says_so_while_a_run_rewrites_the_company(
    license: Entitlement, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(company_id: int) -> None:
        raise CompanyIsBusy("Consolidate #41 is running since 10:02.")

    monkeypatch.setattr("entitlements.services.records.hold_shared", refuse)
    client = signed_in(Role.LICENSE_MANAGER, license.company)

    page = client.post(
        f"/entitlements/{license.pk}/edit",
        license_fields(license.company, model=license.model_id, purchased_rights="7"),
    )

    assert page.status_code == 422
    assert "Consolidate #41 is running since 10:02." in page.content.decode()
    assert Entitlement.objects.get().purchased_rights == 5
