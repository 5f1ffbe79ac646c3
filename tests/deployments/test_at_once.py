"""Many devices are changed at once; who has them uses what is installed on them."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.roles import Role
from common.models import ChangeAtOnce
from deployments.models import Device
from tests.deployments.environment import Environment, Premises

pytestmark = pytest.mark.django_db

CHANGE = "/devices/change"
WHY = "Bob took over"


@pytest.fixture
def environment() -> Environment:
    return Environment()


@pytest.fixture
def client(environment: Environment) -> Client:
    return environment.visitor(Role.LICENSE_MANAGER)


def change(client: Client, where: str, **wanted: Any) -> None:
    sent = {"reason": WHY, **wanted}
    shown = re.search(r'name="shown" value="(\w+)"', client.post(where, sent).content.decode())
    assert shown is not None
    client.post(where, {**sent, "shown": shown[1]})


def test_whoever_is_given_devices_uses_what_is_on_them(
    client: Client, environment: Environment
) -> None:
    before = environment.deployment.users

    change(client, f"{CHANGE}?rows=all", person=environment.bob.pk)

    people = set(Device.objects.values_list("person__name", flat=True))
    assert people == {"Bob"}
    assert (before, environment.deployment.users) == (2, 1)


def test_undoing_counts_the_former_users_again(client: Client, environment: Environment) -> None:
    change(client, f"{CHANGE}?rows={environment.pc.pk}", emptied=["person"])
    without_ada = environment.deployment.users

    client.post(f"/devices/changes/{ChangeAtOnce.objects.get().pk}/undo")

    environment.pc.refresh_from_db()
    assert environment.pc.person == environment.ada
    assert (without_ada, environment.deployment.users) == (1, 2)


def test_devices_of_companies_one_does_not_see_are_not_there(client: Client) -> None:
    unseen = Premises().device("tucked-away")

    page = client.post(f"{CHANGE}?rows={unseen.pk}", {"emptied": ["person"], "reason": WHY})

    assert page.status_code == 400
    assert "tucked-away" not in page.content.decode()


def test_who_may_only_read_changes_no_device(environment: Environment) -> None:
    answer = environment.visitor().post(
        f"{CHANGE}?rows=all", {"emptied": ["person"], "reason": WHY}
    )

    assert answer.status_code == 403
