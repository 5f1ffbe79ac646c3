"""Each page of allocations for each role, in the right and the wrong company, by each method."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from allocation import urls
from allocation.models import Allocation
from deployments.models import Deployment
from tests.allocation.using import Household
from tests.allocation.visitors import Shown, make_shown, stored

pytestmark = pytest.mark.django_db

Address = Callable[[Shown], str]


def _to(name: str, *parts: Callable[[Shown], Any]) -> Address:
    return lambda shown: reverse(name, args=[part(shown) for part in parts])


RUN = lambda shown: shown.run.pk  # noqa: E731
PREVIEW = lambda shown: str(shown.preview.pk)  # noqa: E731
LIVE = lambda shown: shown.live.pk  # noqa: E731
APART = lambda shown: shown.apart.pk  # noqa: E731
LICENSE = lambda shown: shown.world.plain.pk  # noqa: E731
POSITION = lambda shown: shown.world.unmatched.pk  # noqa: E731

# What whoever reads may open. A requester and a stranger do not know it exists.
READ = {
    "runs": _to("runs"),
    "run": _to("run", RUN),
    "run-ended": _to("run-ended", RUN),
    "run-matched": _to("run-matched", RUN),
    "run-returned": _to("run-returned", RUN),
    "compare-runs": _to("compare-runs", RUN, RUN),
    "choose-comparison": _to("choose-comparison", RUN),
    "watch-runs": _to("watch-runs", RUN),
    "run-progress": _to("run-progress", RUN),
    "preview": _to("preview", PREVIEW),
    "preview-progress": _to("preview-progress", PREVIEW),
    "allocations": _to("allocations"),
    "allocation": _to("allocation", LIVE),
    "kept-apart": _to("kept-apart"),
    "kept-apart-pair": _to("kept-apart-pair", APART),
    "coverage": _to("coverage", LICENSE),
    "why-not": _to("why-not", LICENSE),
    "license-uses": _to("license-uses", LICENSE),
    "license-use": _to("license-use"),
    "product-use": _to("product-use", lambda shown: Deployment.objects.get().pk),
}
# Forms: opened and sent by whoever may change.
CHANGE = {
    "consolidate": _to("consolidate"),
    "allocate": _to("allocate", LICENSE),
    "end-allocation": _to("end-allocation", LIVE),
    "lift-kept-apart": _to("lift-kept-apart", APART),
    "clear-match": _to("clear-match", POSITION),
    "track-deployment": _to("track-deployment", LICENSE),
    "reserve": _to("reserve", LICENSE),
    "allocate-to-person": _to("allocate-to-person", LICENSE),
    "allocate-to-device": _to("allocate-to-device", LICENSE),
    "change-use": _to("change-use", lambda shown: Allocation.objects.uses().get().pk),
}
# What forms ask while one types in them: read by whoever may change.
ASKED_BY_FORMS = {
    "choose-for-license": lambda shown: reverse(
        "choose-for-license", args=[shown.world.plain.pk, "products"]
    )
}
# Buttons without a page of their own.
POST_ONLY = {
    "stop-preview": _to("stop-preview", PREVIEW),
    "run-preview": _to("run-preview", PREVIEW),
    "stop-run": _to("stop-run", RUN),
}
LISTS_OF_OWN = {"runs", "allocations", "kept-apart", "consolidate", "license-use"}


@pytest.fixture
def shown(db: None) -> Shown:
    """What there is to see, and a deployment that uses one of the licenses."""
    shown = make_shown()
    house = Household(company=shown.world.company, by=shown.visitors["manager"])
    house.track(shown.world.plain, house.product(installs=2), 0)
    return shown


def _cases(*tables: dict[str, Address]) -> list[Any]:
    return [
        pytest.param(name, address, id=name) for table in tables for name, address in table.items()
    ]


def test_every_address_is_in_one_of_the_tables() -> None:
    names = {pattern.name for pattern in urls.urlpatterns}

    assert names == READ.keys() | CHANGE.keys() | POST_ONLY.keys() | ASKED_BY_FORMS.keys()


@pytest.mark.parametrize("who", ["manager", "administrator", "auditor"])
@pytest.mark.parametrize(("name", "address"), _cases(READ))
def test_whoever_reads_a_company_sees_its_pages(
    shown: Shown, name: str, address: Address, who: str
) -> None:
    response = shown.client(who).get(address(shown))

    assert response.status_code in (200, 302)


@pytest.mark.parametrize(("name", "address"), _cases(READ))
def test_a_reader_is_led_to_no_page_that_asks_for_a_preview(
    shown: Shown, name: str, address: Address
) -> None:
    page = shown.client("auditor").get(address(shown))

    assert f'href="{reverse("consolidate")}"' not in page.content.decode()


@pytest.mark.parametrize(("name", "address"), _cases(READ))
def test_pages_to_read_refuse_to_be_posted_to(shown: Shown, name: str, address: Address) -> None:
    response = shown.client("manager").post(address(shown))

    assert response.status_code == 405


@pytest.mark.parametrize(("name", "address"), _cases(READ, CHANGE, POST_ONLY, ASKED_BY_FORMS))
def test_no_page_exists_for_a_requester(shown: Shown, name: str, address: Address) -> None:
    client = shown.client("requester")
    ask = client.post if name in POST_ONLY else client.get

    assert ask(address(shown)).status_code == 404


@pytest.mark.parametrize(
    ("name", "address"),
    [case for case in _cases(READ, CHANGE, POST_ONLY) if case.id not in LISTS_OF_OWN],
)
def test_no_page_of_another_company_exists(shown: Shown, name: str, address: Address) -> None:
    client = shown.client("stranger")
    before = stored()

    if name not in POST_ONLY:
        assert client.get(address(shown)).status_code == 404
    if name not in READ:
        assert client.post(address(shown), {"reason": "Mine"}).status_code == 404
    assert stored() == before


@pytest.mark.parametrize("name", ["runs", "allocations", "kept-apart", "license-use"])
@pytest.mark.parametrize("export", ["", "?export=csv"])
def test_lists_hold_nothing_of_another_company(shown: Shown, name: str, export: str) -> None:
    client = shown.client("stranger")

    response = client.get(reverse(name) + export)

    content = b"".join(response) if response.streaming else response.content
    assert b"Northwind" not in content
    assert b"Visio" not in content
    assert f"Consolidate #{shown.run.pk}".encode() not in content


@pytest.mark.parametrize(("name", "address"), _cases(CHANGE, POST_ONLY))
def test_an_auditor_changes_nothing_not_even_by_a_forged_request(
    shown: Shown, name: str, address: Address
) -> None:
    client = shown.client("auditor")
    before = stored()
    forged = {
        "reason": "Because I can",
        "day": "2026-07-02",
        "companies": shown.world.company.pk,
        "other": shown.world.large.pk,
    }

    assert client.post(address(shown), forged).status_code == 403
    assert client.post(address(shown), forged, headers={"HX-Request": "true"}).status_code == 403
    assert stored() == before


@pytest.mark.parametrize(("name", "address"), _cases(ASKED_BY_FORMS))
def test_what_forms_ask_is_answered_to_whoever_may_change(
    shown: Shown, name: str, address: Address
) -> None:
    asked = address(shown)

    answers = {who: shown.client(who).get(asked).status_code for who in shown.visitors}
    posted = shown.client("manager").post(asked).status_code

    assert answers == {
        "manager": 200,
        "administrator": 200,
        "auditor": 403,
        "requester": 404,
        "stranger": 404,
    }
    assert posted == 405


@pytest.mark.parametrize(("name", "address"), _cases(CHANGE))
def test_opening_a_form_changes_nothing(shown: Shown, name: str, address: Address) -> None:
    client = shown.client("manager")
    before = stored()

    assert client.get(address(shown)).status_code == 200
    assert stored() == before


@pytest.mark.parametrize(("name", "address"), _cases(POST_ONLY))
def test_buttons_do_nothing_by_get(shown: Shown, name: str, address: Address) -> None:
    client = shown.client("manager")
    before = stored()

    assert client.get(address(shown)).status_code == 405
    assert stored() == before


@pytest.mark.parametrize(("who", "times"), [("manager", 1), ("auditor", 0)])
def test_only_who_may_consolidate_is_offered_to_do_it_again(
    shown: Shown, who: str, times: int
) -> None:
    page = shown.client(who).get(reverse("watch-runs", args=[shown.run.pk]))

    assert page.content.decode().count("Consolidate again") == times


@pytest.mark.parametrize(("name", "address"), _cases(CHANGE, POST_ONLY))
def test_no_change_without_the_token_of_the_form(shown: Shown, name: str, address: Address) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(shown.visitors["manager"])
    before = stored()

    assert client.post(address(shown), {"reason": "x"}).status_code == 403
    assert stored() == before


@pytest.mark.parametrize(("name", "address"), _cases(READ, CHANGE))
def test_whoever_is_not_signed_in_is_asked_to(shown: Shown, name: str, address: Address) -> None:
    response = shown.client("nobody").get(address(shown))

    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("sign-in"))


def test_each_view_names_what_it_needs() -> None:
    for pattern in urls.urlpatterns:
        assert getattr(pattern.callback, "capability", None), pattern.name
