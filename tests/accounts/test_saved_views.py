"""A person names what a list shows, and finds it again as a tab; nobody else sees it."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Company, User
from accounts.roles import Role
from common.models import SavedView
from common.saved_views import MOST_VIEWS
from tests.contracts.test_list import listed
from tests.factories import CompanyFactory, ContractFactory, VendorFactory, make_user

pytestmark = pytest.mark.django_db

LIST = "/contracts/"
ADD = "/saved-views/add/contracts"


@pytest.fixture
def company() -> Company:
    return CompanyFactory()


@pytest.fixture
def auditor(company: Company) -> User:
    return make_user(Role.AUDITOR, company)


@pytest.fixture
def client(auditor: User) -> Client:
    return signed_in(auditor)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def keep(owner: User, label: str, query: str, *, is_default: bool = False) -> SavedView:
    return SavedView.objects.create(
        user=owner, list_name="contracts", label=label, query=query, is_default=is_default
    )


def tabs(page: Any) -> list[str]:
    return [tab.label for tab in page.context["list"].tabs]


def current(page: Any) -> list[str]:
    return [tab.label for tab in page.context["list"].tabs if tab.is_current]


def test_what_is_shown_is_kept_as_a_tab_under_a_name(client: Client, company: Company) -> None:
    adobe = VendorFactory(name="Adobe")
    ContractFactory(company=company, name="With Adobe", vendor=adobe)
    ContractFactory(company=company, name="With another")
    shown = f"vendor={adobe.pk}&sort=-ends&columns=number,ends&q=with"

    sent = {"label": "Adobe's", "query": f"{shown}&page=x&count=exact", "back": f"{LIST}?{shown}"}
    answer = client.post(ADD, sent)
    page = client.get(answer.headers["Location"])

    assert SavedView.objects.get().query == shown
    assert current(page) == ["Adobe's"]
    assert listed(page) == ["With Adobe"]
    assert "Change view" in page.content.decode()


def test_the_list_offers_to_keep_what_is_asked_of_it_and_nothing_else(client: Client) -> None:
    plain = client.get(LIST).content.decode()
    sorted_by_end = client.get(LIST, {"sort": "ends"}).content.decode()
    wrong = client.get(LIST, {"status": "foo"}).content.decode()

    assert "Keep this view" not in plain
    assert "Keep this view" in sorted_by_end
    assert "Keep this view" not in wrong


def test_the_form_takes_what_it_keeps_from_the_link_of_the_list(client: Client) -> None:
    page = client.get(f"{ADD}?{urlencode({'query': 'sort=-ends', 'back': LIST})}")

    assert page.status_code == 200
    assert 'name="query" value="sort=-ends"' in page.content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param({"query": "sort=-ends"}, "Give the view a name", id="no name"),
        pytest.param({"label": "All", "query": "page=x"}, "Filter, search or sort", id="nothing"),
        pytest.param({"label": "mine", "query": "q=x"}, "called “mine” already", id="taken"),
    ],
)
def test_a_view_that_cannot_be_kept_says_why(
    client: Client, auditor: User, sent: dict[str, str], said: str
) -> None:
    keep(auditor, "Mine", "sort=-ends")

    page = client.post(ADD, sent)

    assert page.status_code == 422
    assert said in page.content.decode()
    assert SavedView.objects.count() == 1


def test_more_views_than_anybody_finds_are_not_kept(client: Client, auditor: User) -> None:
    for number in range(MOST_VIEWS):
        keep(auditor, f"View {number}", f"q={number}")

    page = client.post(ADD, {"label": "One more", "query": "q=x"})

    assert "Delete one first" in page.content.decode()
    assert SavedView.objects.count() == MOST_VIEWS


def test_a_view_takes_the_place_of_another_and_its_name(client: Client, auditor: User) -> None:
    old = keep(auditor, "Mine", "sort=-ends")

    client.post(ADD, {"query": "sort=number", "replaces": old.pk, "back": LIST})

    old.refresh_from_db()
    assert (old.label, old.query) == ("Mine", "sort=number")
    assert SavedView.objects.count() == 1


def test_the_list_begins_with_the_view_that_was_chosen_for_it(
    client: Client, auditor: User, company: Company
) -> None:
    ContractFactory(company=company, name="Ours")
    keep(auditor, "Empty", "status=cancelled", is_default=True)

    answer = client.get(LIST)
    everything = client.get(LIST, {"view": "all"})

    assert answer.headers["Location"] == f"{LIST}?status=cancelled"
    assert listed(everything) == ["Ours"]
    assert current(everything) == ["All"]
    assert f'href="{LIST}?view=all"' in client.get(f"{LIST}?status=cancelled").content.decode()


def test_a_list_begins_with_one_view_only(client: Client, auditor: User) -> None:
    first = keep(auditor, "First", "q=1", is_default=True)
    second = keep(auditor, "Second", "q=2")

    sent = {"label": "Second", "is_default": "on", "back": LIST}
    client.post(f"/saved-views/{second.pk}/edit", sent)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.update(is_default=True)


def test_a_view_is_renamed_and_deleted(client: Client, auditor: User) -> None:
    view = keep(auditor, "Mine", "sort=-ends")

    client.post(f"/saved-views/{view.pk}/edit", {"label": "Ours", "back": LIST})
    renamed = tabs(client.get(LIST))
    client.post(f"/saved-views/{view.pk}/delete", {"back": LIST})

    assert renamed[-1] == "Ours"
    assert "Ours" not in tabs(client.get(LIST))


def test_deleting_asks_first(client: Client, auditor: User) -> None:
    view = keep(auditor, "Mine", "sort=-ends")

    page = client.get(f"/saved-views/{view.pk}/delete")

    assert "Delete the view “Mine”" in page.content.decode()
    assert SavedView.objects.exists()


@pytest.mark.parametrize("query", ["status=foo", "nothing=1", "company__name=x", "sort=password"])
def test_a_view_the_list_no_longer_understands_says_so_and_lists_nothing(
    client: Client, auditor: User, company: Company, query: str
) -> None:
    ContractFactory(company=company, name="Ours")
    keep(auditor, "Old", query)

    page = client.get(f"{LIST}?{query}")

    assert listed(page) == []
    assert "Nothing is listed while a filter is wrong" in page.content.decode()
    assert current(page) == ["Old"]
    assert "Change view" in page.content.decode()


def test_views_of_others_are_neither_seen_nor_touched(client: Client, company: Company) -> None:
    theirs = keep(make_user(Role.AUDITOR, company), "Theirs", "sort=-ends", is_default=True)

    page = client.get(LIST)
    answers = [
        client.post(f"/saved-views/{theirs.pk}/edit", {"label": "Stolen"}),
        client.post(f"/saved-views/{theirs.pk}/delete"),
        client.post(ADD, {"label": "", "query": "q=x", "replaces": theirs.pk}),
    ]

    assert "Theirs" not in tabs(page)
    assert [answer.status_code for answer in answers] == [404, 404, 422]
    theirs.refresh_from_db()
    assert (theirs.label, theirs.query) == ("Theirs", "sort=-ends")


def test_only_lists_that_exist_keep_views(client: Client) -> None:
    answer = client.post("/saved-views/add/passwords", {"label": "Mine", "query": "q=x"})

    assert answer.status_code == 404


def test_nothing_leads_out_of_the_application(client: Client) -> None:
    sent = {"label": "Mine", "query": "q=x", "back": "https://elsewhere.example/"}

    answer = client.post(ADD, sent)

    assert answer.headers["Location"] == "/"


def test_who_may_read_nothing_keeps_no_views(company: Company) -> None:
    requester = signed_in(make_user(Role.REQUESTER, company))

    assert requester.get(ADD).status_code == 404
    assert Client().get(ADD).status_code == 302
