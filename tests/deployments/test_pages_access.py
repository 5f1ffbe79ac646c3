"""The pages of deployments, devices and people: for each role, company and method."""

import pytest
from django.test import Client

from accounts.models import Person
from accounts.roles import Role
from deployments.models import Device
from tests.deployments.environment import Environment, signed_in
from tests.factories import CompanyFactory, MembershipFactory, make_user

pytestmark = pytest.mark.django_db

READ = [
    "/deployments/",
    "/deployments/{deployment}",
    "/installations/",
    "/subscriptions/",
    "/devices/",
    "/devices/{device}",
    "/people/",
    "/people/{person}",
]
CHANGE = ["/devices/{device}/edit", "/people/{person}/edit", "/people/add"]
ADMINISTER = ["/people/{person}/edit", "/people/add"]


@pytest.fixture
def environment() -> Environment:
    return Environment()


def at(address: str, environment: Environment) -> str:
    return address.format(
        deployment=environment.deployment.pk, device=environment.pc.pk, person=environment.ada.pk
    )


@pytest.mark.parametrize("address", READ)
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.LICENSE_MANAGER, Role.AUDITOR])
def test_whoever_reads_the_company_opens_its_pages(
    environment: Environment, address: str, role: Role
) -> None:
    page = environment.visitor(role).get(at(address, environment))

    assert page.status_code == 200
    assert any(name in page.content.decode() for name in ("DrawIt", "pc-1", "Ada"))


@pytest.mark.parametrize("address", READ + CHANGE)
def test_a_requester_does_not_know_that_they_exist(environment: Environment, address: str) -> None:
    client = environment.visitor(Role.REQUESTER)

    assert client.get(at(address, environment)).status_code == 404


@pytest.mark.parametrize("address", [a for a in READ + CHANGE if "{" in a])
def test_what_belongs_to_another_company_is_not_there(
    environment: Environment, address: str
) -> None:
    client = signed_in(Role.ADMINISTRATOR, CompanyFactory())

    assert client.get(at(address, environment)).status_code == 404
    assert client.post(at(address, environment)).status_code in (404, 405)


@pytest.mark.parametrize("address", [a for a in READ if "{" not in a])
def test_lists_hold_nothing_of_another_company(environment: Environment, address: str) -> None:
    page = signed_in(Role.ADMINISTRATOR, CompanyFactory()).get(address).content.decode()

    assert not any(name in page for name in ("DrawIt", "pc-1", "ada@example"))


@pytest.mark.parametrize(
    "address",
    [
        "/installations/?deployment={deployment}",
        "/installations/?device={device}",
        "/installations/?person={person}",
        "/people/?deployment={deployment}",
        "/devices/?person={person}",
        "/software/?deployment={deployment}",
    ],
)
def test_a_filter_names_no_record_of_another_company(
    environment: Environment, address: str
) -> None:
    client = signed_in(Role.ADMINISTRATOR, CompanyFactory())

    page = client.get(at(address, environment)).content.decode()

    assert "does not fit" in page
    assert not any(name in page for name in ("DrawIt", "pc-1", "ada@example"))


@pytest.mark.parametrize("address", READ + CHANGE)
def test_whoever_is_not_signed_in_is_led_to_sign_in(environment: Environment, address: str) -> None:
    response = Client().get(at(address, environment))

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("address", READ)
def test_reading_pages_answer_to_no_post(environment: Environment, address: str) -> None:
    client = environment.visitor(Role.ADMINISTRATOR)

    assert client.post(at(address, environment)).status_code == 405


@pytest.mark.parametrize("address", CHANGE)
def test_an_auditor_changes_nothing_also_not_by_a_forged_request(
    environment: Environment, address: str
) -> None:
    client = environment.visitor(Role.AUDITOR)
    where = at(address, environment)

    responses = [client.get(where), client.post(where, {"name": "Forged", "kind": "server"})]

    assert [response.status_code for response in responses] == [403, 403]
    assert not Person.objects.filter(name="Forged").exists()
    assert not Device.objects.filter(kind="server").exists()


@pytest.mark.parametrize("address", ADMINISTER)
def test_people_are_kept_by_administrators_alone(environment: Environment, address: str) -> None:
    client = environment.visitor(Role.LICENSE_MANAGER)
    where = at(address, environment)

    responses = [client.get(where), client.post(where, {"name": "Forged"})]

    assert [response.status_code for response in responses] == [403, 403]
    assert not Person.objects.filter(name="Forged").exists()


def test_a_manager_elsewhere_changes_no_device_that_they_only_read(
    environment: Environment,
) -> None:
    user = make_user(Role.AUDITOR, environment.company)
    MembershipFactory(user=user, role=Role.LICENSE_MANAGER)
    client = Client()
    client.force_login(user)

    response = client.post(f"/devices/{environment.pc.pk}/edit", {"kind": "server"})

    assert response.status_code == 403


def test_an_administrator_adds_nobody_to_a_company_that_they_do_not_administer(
    environment: Environment,
) -> None:
    client = signed_in(Role.ADMINISTRATOR, CompanyFactory())

    page = client.post("/people/add", {"name": "Forged", "company": environment.company.pk})

    assert page.status_code == 422
    assert not Person.objects.filter(name="Forged").exists()
