"""The frame around all pages: signing in, home, search, the company switcher, errors."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Company, User
from accounts.roles import Role
from common.models import JobProgress, JobState
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    ContractTermFactory,
    LicenseFactory,
    MaintenanceFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def places(page: Any) -> list[str]:
    text = page.content.decode()
    navigation = text[text.index("<nav") : text.index("</nav>")]
    return re.findall(r'<span class="label">([^<]+)</span></a>', navigation)


def test_signs_in_and_is_led_to_where_one_was_going(company: Company) -> None:
    make_user(Role.AUDITOR, company, username="karl", password="a long password")
    client = Client()

    page = client.get("/contracts/", follow=True)
    response = client.post(
        "/sign-in", {"username": "karl", "password": "a long password", "next": "/contracts/"}
    )

    assert "Sign in" in page.content.decode()
    assert response.headers["Location"] == "/contracts/"


@pytest.mark.parametrize("header", ["HX-Request", "X-Requested-With"])
def test_the_script_of_an_open_page_is_told_that_one_was_signed_out(header: str) -> None:
    response = Client().get("/contracts/", headers={header: "true"})

    assert response.status_code == 401
    assert "Location" not in response.headers


def test_a_wrong_password_says_so_and_many_lock_out(company: Company, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    make_user(Role.AUDITOR, company, username="karl", password="a long password")
    client = Client()

    first = client.post("/sign-in", {"username": "karl", "password": "wrong"})
    for _ in range(3):
        last = client.post("/sign-in", {"username": "karl", "password": "wrong"})

    assert "correct username and password" in first.content.decode()
    assert last.status_code == 429
    assert "Signing in is locked for a while" in last.content.decode()


def test_signs_out_by_a_button_and_not_by_a_link(company: Company) -> None:
    client = signed_in(make_user(Role.AUDITOR, company))

    by_link = client.get("/sign-out")
    client.post("/sign-out")

    assert by_link.status_code == 405
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("role", "unseen"),
    [
        (Role.ADMINISTRATOR, set()),
        (Role.LICENSE_MANAGER, {"Admin"}),
        (Role.AUDITOR, {"Admin", "Consolidate"}),
        (Role.REQUESTER, {"Admin", "Consolidate", "Contracts", "Entitlements", "Runs"}),
    ],
)
def test_each_role_sees_the_places_it_may_go_to(
    company: Company, role: Role, unseen: set[str]
) -> None:
    shown = set(places(signed_in(make_user(role, company)).get("/")))

    everything = {"Home", "Contracts", "Entitlements", "Consolidate", "Runs", "Admin"}
    assert everything - shown == unseen


def test_search_is_offered_to_whoever_has_something_to_find(company: Company) -> None:
    to_auditor = signed_in(make_user(Role.AUDITOR, company)).get("/").content.decode()
    to_requester = signed_in(make_user(Role.REQUESTER, company)).get("/").content.decode()

    assert 'role="search"' in to_auditor
    assert 'role="search"' not in to_requester
    assert "Search in the list" not in to_requester


def test_the_place_where_one_is_stands_out(company: Company) -> None:
    contract = ContractFactory(company=company)

    page = signed_in(make_user(Role.AUDITOR, company)).get(f"/contracts/{contract.pk}")

    current = re.findall(r'<a href="([^"]+)"[^>]*aria-current="page"', page.content.decode())
    assert current == ["/contracts/"]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/installations/", "/deployments/"),
        ("/subscriptions/", "/deployments/"),
        ("/software/rules/", "/deployments/"),
        ("/kept-apart/", "/allocations/"),
        ("/", "/"),
    ],
)
def test_a_page_without_an_entry_of_its_own_belongs_to_a_place(
    company: Company, path: str, place: str
) -> None:
    page = signed_in(make_user(Role.AUDITOR, company)).get(path).content.decode()

    assert re.findall(r'<a href="([^"]+)" data-key[^>]*aria-current="page"', page) == [place]


def test_narrows_what_is_shown_to_one_company_and_back(company: Company) -> None:
    other = CompanyFactory(name="Contoso")
    ContractFactory(company=company, name="Ours")
    ContractFactory(company=other, name="Theirs")
    client = signed_in(make_user(Role.AUDITOR, company, other))

    response = client.post("/narrow", {"company": other.pk, "next": "/contracts/?q=e"})
    narrowed = client.get("/contracts/").content.decode()
    client.post("/narrow", {"company": ""})
    whole = client.get("/contracts/").content.decode()

    assert response.headers["Location"] == "/contracts/?q=e"
    assert "Theirs" in narrowed
    assert "Ours" not in narrowed
    assert "Ours" in whole


@pytest.mark.parametrize("chosen", ["999999", "x", "-1"])
def test_a_company_one_does_not_see_cannot_be_chosen(company: Company, chosen: str) -> None:
    client = signed_in(make_user(Role.AUDITOR, company))

    assert client.post("/narrow", {"company": chosen}).status_code == 404


def test_is_led_back_to_no_foreign_address(company: Company) -> None:
    client = signed_in(make_user(Role.AUDITOR, company))

    response = client.post("/narrow", {"company": "", "next": "https://evil.example/"})

    assert response.headers["Location"] == "/"


def test_nothing_is_narrowed_by_a_link(company: Company) -> None:
    client = signed_in(make_user(Role.AUDITOR, company))

    assert client.get("/narrow", {"company": company.pk}).status_code == 405


def test_home_counts_what_needs_attention_and_leads_to_the_same_rows(company: Company) -> None:
    LicenseFactory(company=company)
    LicenseFactory(company=company)
    MaintenanceFactory(company=company, ends_on=TODAY + timedelta(days=45))
    contract = ContractFactory(company=company)
    ContractTermFactory(contract=contract, starts_on=TODAY, ends_on=TODAY + timedelta(days=20))
    LicenseFactory()  # of another company
    client = signed_in(make_user(Role.AUDITOR, company))

    home = client.get("/").content.decode()

    links = re.findall(r'href="(/[a-z]+/\?[^"]+)"[^>]*>\s*(\d+)</a>', home)
    counted = {address.replace("&amp;", "&"): int(number) for address, number in links}
    assert counted["/contracts/?status=active&ends=30"] == 1
    assert counted["/entitlements/?kind=maintenance&ends=30"] == 0
    assert counted["/entitlements/?kind=maintenance&ends=60"] == 1
    for address, number in counted.items():
        rows = client.get(address).content.decode().count('<th scope="row"><a')
        assert rows == number, address
    assert re.search(r'cover=none">.*?<span class="count">2</span>', home, re.DOTALL)


def test_home_says_what_to_do_where_nothing_is_recorded(company: Company) -> None:
    page = signed_in(make_user(Role.LICENSE_MANAGER, company)).get("/")

    assert "Nothing is recorded yet" in page.content.decode()


def test_home_tells_a_requester_nothing_of_what_the_company_owns(company: Company) -> None:
    LicenseFactory(company=company)

    page = signed_in(make_user(Role.REQUESTER, company)).get("/").content.decode()

    assert "You can ask for software here" in page
    assert "Licenses without cover" not in page


def test_search_finds_each_kind_within_the_companies_of_who_asks(company: Company) -> None:
    ContractFactory(company=company, name="Falcon agreement")
    LicenseFactory(company=company, asset_tag="Falcon-1")
    MaintenanceFactory(company=company, asset_tag="Falcon-2")
    LicenseFactory(asset_tag="Falcon-3")  # of another company

    page = signed_in(make_user(Role.AUDITOR, company)).get("/search", {"q": "falcon"})

    text = page.content.decode()
    found = [name for name in ("agreement", "-1", "-2", "-3") if f"Falcon {name}" in text
             or f"Falcon{name}" in text]  # fmt: skip
    assert found == ["agreement", "-1", "-2"]
    assert "Nothing under deployments, devices or people has all of these words" in text


def test_search_that_finds_nothing_says_what_was_searched(company: Company) -> None:
    page = signed_in(make_user(Role.AUDITOR, company)).get("/search", {"q": "no such thing"})

    assert "Nothing has all of these words" in page.content.decode()
    assert "Nothing under" not in page.content.decode()


def test_what_runs_is_shown_to_those_of_its_company(company: Company) -> None:
    JobProgress.objects.create(
        title="Consolidate", company_id=company.pk, state=JobState.RUNNING, done=42, total=100
    )
    insider, outsider = make_user(Role.AUDITOR, company), make_user(Role.AUDITOR, CompanyFactory())

    shown = [signed_in(user).get("/running").content.decode() for user in (insider, outsider)]

    assert "Consolidate, 42 %" in shown[0]
    assert "Consolidate" not in shown[1]


def test_no_browser_keeps_what_somebody_was_shown(company: Company) -> None:
    shown = signed_in(make_user(Role.AUDITOR, company)).get("/contracts/")

    assert shown.headers["Cache-Control"] == "private, no-store"


def test_a_page_that_is_not_there_keeps_the_frame(company: Company) -> None:
    page = signed_in(make_user(Role.AUDITOR, company)).get("/nowhere")

    assert page.status_code == 404
    assert "There is nothing here" in page.content.decode()
    assert "Contracts" in places(page)


def test_a_page_that_is_not_there_tells_strangers_nothing() -> None:
    page = Client().get("/nowhere")

    assert page.status_code == 404
    assert "Entitlements" not in page.content.decode()


def test_a_form_without_its_token_is_refused(company: Company) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(Role.LICENSE_MANAGER, company))

    response = client.post("/contracts/add", {"name": "Forged"})

    assert response.status_code == 403
    assert "too old to be taken" in response.content.decode()


def test_the_look_is_kept_in_cookies_and_nothing_else_is_taken_from_them(
    company: Company,
) -> None:
    client = signed_in(make_user(Role.AUDITOR, company))
    client.cookies["lcm_theme"] = "dark"
    client.cookies["lcm_density"] = '"><script>'

    page = client.get("/").content.decode()

    assert 'data-theme="dark"' in page
    assert "data-density" not in page


def test_pages_run_no_script_but_our_own(company: Company) -> None:
    response = signed_in(make_user(Role.AUDITOR, company)).get("/")

    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r"<[^>]+\s(style|on\w+)=", response.content.decode())
