"""People: the list, the page, and how administrators keep them; and the list of subscriptions."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Department, Person
from accounts.roles import Role
from allocation.services import allocate_to_person
from common.acting import acting
from entitlements.models import LicenseMetric
from tests.allocation.using import TODAY, Household
from tests.deployments.environment import Environment
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment() -> Environment:
    return Environment()


@pytest.fixture
def client(environment: Environment) -> Client:
    return environment.visitor(Role.ADMINISTRATOR)


def listed(page: Any) -> list[str]:
    return re.findall(r'<th scope="row"><a[^>]*>([^<]*)</a>', page.content.decode())


def edit(client: Client, person: Person, **changes: Any) -> Any:
    """Send the form of a person with some fields changed."""
    sent = {"name": person.name, "email": person.email, **changes}
    return client.post(f"/people/{person.pk}/edit", sent)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("", ["Ada", "Bob", "Cleo", "Dan"], id="all"),
        pytest.param("state=active", ["Ada", "Bob", "Dan"], id="active"),
        pytest.param("state=inactive", ["Cleo"], id="inactive"),
        pytest.param("manager={ada}", ["Dan"], id="of a manager"),
        pytest.param("deployment={deployment}", ["Ada", "Bob", "Dan"], id="users of a product"),
        pytest.param("q=bob@", ["Bob"], id="searched by e-mail"),
    ],
)
def test_filters_of_people(
    client: Client, environment: Environment, query: str, names: list[str]
) -> None:
    cleo = environment.person("Cleo", inactive_on=date(2026, 1, 1))
    dan = environment.person("Dan", manager=environment.ada)
    environment.install(environment.device("shared", person=cleo), environment.title, person=dan)
    asked = query.format(ada=environment.ada.pk, deployment=environment.deployment.pk)

    page = client.get(f"/people/?{asked}")

    assert listed(page) == names


def test_the_users_listed_are_those_that_are_counted(
    client: Client, environment: Environment
) -> None:
    page = client.get(f"/people/?deployment={environment.deployment.pk}")

    assert len(listed(page)) == environment.deployment.users == 2


def test_the_page_tells_what_a_person_has(client: Client, environment: Environment) -> None:
    house = Household(company=environment.company)
    license = house.license(3, asset_tag="L-9", metric=LicenseMetric.objects.get(
        group__name="Common", name="Per User"))  # fmt: skip
    allocate_to_person(
        license=license, person=environment.ada, quantity=1, day=TODAY, by=house.by, notes=""
    )

    text = client.get(f"/people/{environment.ada.pk}").content.decode()

    assert "L-9" in text
    assert "pc-1" in text
    assert "DrawIt 24.1" in text


def test_the_page_of_who_is_gone_says_what_they_still_have(
    client: Client, environment: Environment
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    edit(client, environment.ada, inactive_on=yesterday)
    nobody = environment.person("Nobody", inactive_on=yesterday)
    environment.device("scrapped", person=nobody, gone_on=yesterday)

    with_device = client.get(f"/people/{environment.ada.pk}").content.decode()
    with_nothing = client.get(f"/people/{nobody.pk}").content.decode()

    assert "is not there any more, and still has" in with_device
    assert "is not there any more" not in with_nothing
    assert "Inactive since" in with_nothing


def test_an_administrator_adds_a_person(client: Client, environment: Environment) -> None:
    sent = {
        "company": environment.company.pk,
        "name": "Eve",
        "email": "eve@example.org",
        "manager": environment.ada.pk,
        "reason": "Joined today",
    }

    response = client.post("/people/add", sent)

    eve = Person.objects.get(name="Eve")
    assert response.headers["Location"] == f"/people/{eve.pk}"
    assert (eve.company, eve.manager) == (environment.company, environment.ada)
    assert eve.history.get().history_change_reason == "Joined today"


def test_an_administrator_changes_a_person_and_the_history_tells_it(
    client: Client, environment: Environment
) -> None:
    with acting(None, "Set up by a test"):
        legal = Department.objects.create(company=environment.company, name="Legal")

    edit(client, environment.ada, name="Ada King", department=legal.pk, reason="Married")

    page = client.get(f"/people/{environment.ada.pk}").content.decode()
    assert "Married" in page
    assert "<del>Ada</del> → <ins>Ada King</ins>" in page
    assert "<ins>Legal</ins>" in page


def test_an_address_is_of_one_person_in_a_company(client: Client, environment: Environment) -> None:
    page = edit(client, environment.bob, email="ADA@example.org")

    assert page.status_code == 422
    assert "has the address “ADA@example.org” already" in page.content.decode()


def test_people_are_managed_by_nobody_whom_they_manage(
    client: Client, environment: Environment
) -> None:
    between = environment.person("Between", manager=environment.ada)
    below = environment.person("Below", manager=between)

    page = edit(client, environment.ada, manager=below.pk)

    assert page.status_code == 422
    assert "Below reports to Ada, directly or through others" in page.content.decode()
    assert Person.objects.get(pk=environment.ada.pk).manager is None


def test_a_person_is_managed_within_the_company(client: Client, environment: Environment) -> None:
    stranger = PersonFactory(name="Stranger")

    page = edit(client, environment.ada, manager=stranger.pk)

    assert page.status_code == 422
    assert Person.objects.get(pk=environment.ada.pk).manager is None


def test_subscriptions_are_listed_with_who_has_them(
    client: Client, environment: Environment
) -> None:
    everyone = client.get("/subscriptions/?q=drawit")
    of_bob = client.get(f"/subscriptions/?person={environment.bob.pk}&sort=title")
    of_ada = client.get(f"/subscriptions/?person={environment.ada.pk}")

    assert listed(everyone) == ["Bob"]
    assert listed(of_bob) == ["DrawIt Online"]
    assert listed(of_ada) == []


@pytest.mark.parametrize("address", ["/people/", "/subscriptions/", "/people/{ada}"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: Client, environment: Environment, address: str
) -> None:
    address = address.format(ada=environment.ada.pk)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def grow(name: str) -> None:
        for number in range(51):  # more than a page shows of a list
            report = environment.person(f"{name}{number}", manager=environment.ada)
            environment.subscribe(report, environment.title)
            environment.device(f"{name}-{number}", person=environment.ada)

    environment.subscribe(environment.ada, environment.title)
    grow("first")
    client.get(address)
    few = queries()
    grow("more")

    assert queries() == few
