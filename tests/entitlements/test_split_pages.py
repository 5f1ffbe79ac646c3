"""Splitting a license on its page: what it would do, the split, and who may."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Company
from accounts.roles import Role
from entitlements.models import Entitlement
from tests.allocation.using import Household
from tests.factories import CompanyFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return CompanyFactory()


@pytest.fixture
def license(company: Company) -> Entitlement:
    return Household(company=company).license(100, asset_tag="LIC-1")


@pytest.fixture
def mona(company: Company, client: Client) -> Client:
    client.force_login(make_user(Role.LICENSE_MANAGER, company))
    return client


def test_what_would_happen_is_shown_before_and_writes_nothing(
    mona: Client, license: Entitlement
) -> None:
    address = reverse("split-license", args=[license.pk])

    shown = mona.post(address, {"rights": "40", "reason": "", "show": "1"}).content.decode()

    assert "What the two licenses would have" in shown
    assert ">60<" in shown
    assert ">40<" in shown
    assert Entitlement.objects.count() == 1


def test_a_license_is_split_and_both_pages_lead_to_each_other(
    mona: Client, license: Entitlement
) -> None:
    address = reverse("split-license", args=[license.pk])

    answer = mona.post(address, {"rights": "40", "reason": "Only a part is covered"})

    second = Entitlement.objects.get(split_from=license)
    assert answer["Location"] == reverse("entitlement", args=[second.pk])
    assert (
        f'href="{reverse("entitlement", args=[license.pk])}"'
        in mona.get(answer["Location"]).content.decode()
    )
    first_page = mona.get(reverse("entitlement", args=[license.pk])).content.decode()
    assert "40 rights split off into" in first_page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        pytest.param({"rights": "100", "reason": "x"}, "Give 1 to 99", id="all"),
        pytest.param({"rights": "40", "reason": " "}, "Give a reason", id="no reason"),
        pytest.param({"rights": "", "reason": "x"}, "Say how many rights", id="no number"),
        pytest.param({"rights": "100", "show": "1"}, "Give 1 to 99", id="all, to be shown"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_is_kept(
    mona: Client, license: Entitlement, typed: dict[str, str], sentence: str
) -> None:
    answer = mona.post(reverse("split-license", args=[license.pk]), typed)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert f'value="{typed["rights"]}"' in answer.content.decode() or not typed["rights"]
    assert Entitlement.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "status"), [(Role.AUDITOR, 403), (Role.REQUESTER, 404), (None, 404)]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_others_split_nothing(
    client: Client,
    company: Company,
    license: Entitlement,
    role: Role | None,
    status: int,
    method: str,
) -> None:
    of_others = make_user(Role.ADMINISTRATOR, CompanyFactory())
    client.force_login(make_user(role, company) if role else of_others)

    answer = getattr(client, method)(reverse("split-license", args=[license.pk]))

    assert answer.status_code == status
    assert Entitlement.objects.count() == 1
