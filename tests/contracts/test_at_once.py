"""Many contracts are changed at once: shown before, written together, undone where untouched."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Company, User
from accounts.roles import Role
from common import at_once
from common.acting import acting
from common.models import ChangeAtOnce
from contracts.models import Contract, ContractType
from tests.contracts.test_list import exported, listed
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    MembershipFactory,
    PersonFactory,
    VendorFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

CHANGE = "/contracts/change"
WHY = "Nadia left"


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def manager(company: Company) -> User:
    return make_user(Role.LICENSE_MANAGER, company)


@pytest.fixture
def client(manager: User) -> Client:
    return signed_in(manager)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(*contracts: Contract) -> str:
    return f"{CHANGE}?rows={','.join(str(contract.pk) for contract in contracts)}"


def fingerprint(page: Any) -> str:
    found = re.search(r'name="shown" value="(\w+)"', page.content.decode())
    assert found is not None
    return found[1]


def change(client: Client, where: str, **wanted: Any) -> Any:
    """Say what is wanted, look at what would become of the contracts, and agree."""
    sent = {"reason": WHY, **wanted}
    preview = client.post(where, sent)
    return client.post(where, {**sent, "shown": fingerprint(preview)})


def undo_address(answer: Any, client: Client) -> str:
    page = client.get(answer.headers["Location"]).content.decode()
    found = re.search(r'href="(/contracts/changes/\d+/undo)"', page)
    assert found is not None
    return found[1]


def test_ticked_contracts_are_given_an_owner_with_a_reason(
    client: Client, company: Company
) -> None:
    owner = PersonFactory(company=company, name="Omar")
    first, second, other = ContractFactory.create_batch(3, company=company)

    answer = change(client, address(first, second), business_owner=owner.pk)

    assert answer.status_code == 302
    owners = [Contract.objects.get(pk=c.pk).business_owner for c in (first, second, other)]
    assert owners == [owner, owner, None]
    last = first.history.latest()
    assert (last.history_change_reason, last.history_user_id) == (
        WHY,
        ChangeAtOnce.objects.get().made_by_id,
    )


def test_the_preview_shows_before_and_after_and_writes_nothing(
    client: Client, company: Company
) -> None:
    old, new = VendorFactory(name="Old Ltd"), VendorFactory(name="New Ltd")
    contract = ContractFactory(company=company, vendor=old)
    as_it_is = ContractFactory(company=company, vendor=new)

    preview = client.post(address(contract, as_it_is), {"vendor": new.pk, "reason": WHY})

    text = preview.content.decode()
    assert "Vendor: <del>Old Ltd</del> → <ins>New Ltd</ins>" in text
    assert "1 contract of the selected has the values already" in text
    contract.refresh_from_db()
    assert contract.vendor == old


def test_all_that_match_the_filters_are_changed_and_no_others(
    client: Client, company: Company
) -> None:
    adobe = VendorFactory()
    matching = ContractFactory(company=company, vendor=adobe)
    other = ContractFactory(company=company)

    change(client, f"{CHANGE}?vendor={adobe.pk}&rows=all", status_by_hand="cancelled")

    matching.refresh_from_db()
    other.refresh_from_db()
    assert (matching.status_by_hand, other.status_by_hand) == ("cancelled", "")


def test_fields_are_emptied(client: Client, company: Company) -> None:
    owner = PersonFactory(company=company)
    contract = ContractFactory(company=company, business_owner=owner, status_by_hand="draft")

    change(client, address(contract), emptied=["business_owner", "status_by_hand"])

    contract.refresh_from_db()
    assert (contract.business_owner, contract.status_by_hand) == (None, "")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        pytest.param(CHANGE, "Nothing is selected", id="no rows named"),
        pytest.param(f"{CHANGE}?rows=", "Nothing is selected", id="no row ticked"),
        pytest.param(f"{CHANGE}?rows=x", "“x” is no row of this list", id="no key"),
        pytest.param(f"{CHANGE}?rows=all&status=foo", "“foo” does not fit", id="wrong filter"),
        pytest.param(f"{CHANGE}?rows=all&nothing=1", "no filter called", id="unknown filter"),
    ],
)
def test_what_does_not_say_which_contracts_changes_none(
    client: Client, company: Company, where: str, said: str
) -> None:
    contract = ContractFactory(company=company)

    page = client.post(where, {"status_by_hand": "draft", "reason": WHY, "shown": "x"})

    assert page.status_code == 400
    assert said in page.content.decode()
    contract.refresh_from_db()
    assert contract.status_by_hand == ""


def test_too_many_are_not_changed_at_once(
    client: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.at_once.MOST_AT_ONCE", 1)
    ContractFactory.create_batch(2, company=company)

    page = client.get(f"{CHANGE}?rows=all")

    assert page.status_code == 400
    assert "At most 1 are changed at once" in page.content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param({"reason": WHY}, "Say what is to be changed", id="nothing wanted"),
        pytest.param({"status_by_hand": "draft"}, "Give a reason", id="no reason"),
        pytest.param(
            {"legal_entity": "x", "emptied": ["legal_entity"], "reason": WHY},
            "Either give it a value or empty it",
            id="both",
        ),
        pytest.param({"emptied": ["vendor"], "reason": WHY}, "Select a valid choice", id="needed"),
    ],
)
def test_what_cannot_be_wanted_is_said_beside_its_field(
    client: Client, company: Company, sent: dict[str, Any], said: str
) -> None:
    page = client.post(address(ContractFactory(company=company)), sent)

    assert page.status_code == 422
    assert said in page.content.decode()


def test_what_was_changed_meanwhile_is_shown_again_before_it_is_written(
    client: Client, company: Company
) -> None:
    contract = ContractFactory(company=company, legal_entity="Old")
    sent = {"legal_entity": "New", "reason": WHY}
    shown = fingerprint(client.post(address(contract), sent))
    with acting(None, "Somebody else"):
        Contract.objects.update(legal_entity="Between")

    answer = client.post(address(contract), {**sent, "shown": shown})

    assert answer.status_code == 409
    assert "<del>Between</del> → <ins>New</ins>" in answer.content.decode()
    contract.refresh_from_db()
    assert contract.legal_entity == "Between"


# --- Whose contracts, and to whom they may go ---


def test_contracts_one_may_only_read_are_refused_and_the_others_changed(
    client: Client, manager: User, company: Company
) -> None:
    read_only = CompanyFactory(name="Contoso")
    MembershipFactory(user=manager, company=read_only, role=Role.AUDITOR)
    own, theirs = ContractFactory(company=company), ContractFactory(company=read_only)
    sent = {"status_by_hand": "draft", "reason": WHY}

    preview = client.post(address(own, theirs), sent)
    client.post(address(own, theirs), {**sent, "shown": fingerprint(preview)})

    assert "Your role does not let you change what Contoso has." in preview.content.decode()
    own.refresh_from_db()
    theirs.refresh_from_db()
    assert (own.status_by_hand, theirs.status_by_hand) == ("draft", "")


def test_contracts_one_does_not_see_are_not_there(client: Client) -> None:
    unseen = ContractFactory(name="Secret")

    page = client.post(address(unseen), {"status_by_hand": "draft", "reason": WHY, "shown": "x"})

    assert page.status_code == 400
    assert "Secret" not in page.content.decode()
    unseen.refresh_from_db()
    assert unseen.status_by_hand == ""


def test_a_person_of_another_company_owns_none_of_ours(
    client: Client, manager: User, company: Company
) -> None:
    other = CompanyFactory(name="Contoso")
    MembershipFactory(user=manager, company=other, role=Role.LICENSE_MANAGER)
    ours, theirs = ContractFactory(company=company), ContractFactory(company=other)
    owner = PersonFactory(company=other, name="Cleo")

    preview = client.post(address(ours, theirs), {"business_owner": owner.pk, "reason": WHY})

    assert "“Cleo” belongs to Contoso, not to Northwind." in preview.content.decode()


def test_people_of_companies_one_does_not_see_cannot_be_chosen(
    client: Client, company: Company
) -> None:
    stranger = PersonFactory(name="Stranger")

    page = client.post(
        address(ContractFactory(company=company)), {"business_owner": stranger.pk, "reason": WHY}
    )

    assert page.status_code == 422
    assert "Stranger" not in page.content.decode()


def test_who_may_not_change_contracts_is_offered_no_change_but_an_export(company: Company) -> None:
    auditor = signed_in(make_user(Role.AUDITOR, company))
    contract = ContractFactory(company=company)

    page = auditor.get("/contracts/").content.decode()
    answer = auditor.post(address(contract), {"status_by_hand": "draft", "reason": WHY})

    assert 'form="ticked"' in page
    assert CHANGE not in page
    assert answer.status_code == 403


def test_ticked_rows_are_exported_and_no_others(client: Client, company: Company) -> None:
    first = ContractFactory(company=company, name="First")
    ContractFactory(company=company, name="Second")
    unseen = ContractFactory(name="Unseen")

    rows = exported(client, f"rows={first.pk}&rows={unseen.pk}")

    assert [row[0] for row in rows[1:]] == ["First"]


def test_the_list_of_ticked_rows_leads_back_to_all(client: Client, company: Company) -> None:
    first = ContractFactory(company=company, name="First")
    ContractFactory(company=company, name="Second")

    page = client.get("/contracts/", {"rows": first.pk})

    assert listed(page) == ["First"]
    assert 'id="clear-filters" href="/contracts/"' in page.content.decode()


# --- Undo ---


def test_undoing_gives_back_what_nobody_has_touched_since(client: Client, company: Company) -> None:
    untouched = ContractFactory(company=company, legal_entity="Old", status_by_hand="draft")
    touched = ContractFactory(company=company, legal_entity="Other")
    answer = change(
        client, address(untouched, touched), legal_entity="New", emptied=["status_by_hand"]
    )
    with acting(None, "Corrected"):
        Contract.objects.filter(pk=touched.pk).update(legal_entity="Newer")
    where = undo_address(answer, client)

    asked = client.get(where)
    client.post(where)

    assert "Undo the change of 2 contracts" in asked.content.decode()
    untouched.refresh_from_db()
    touched.refresh_from_db()
    assert (untouched.legal_entity, untouched.status_by_hand) == ("Old", "draft")
    assert touched.legal_entity == "Newer"
    assert untouched.history.latest().history_change_reason == f"Undone: {WHY}"


def test_a_change_is_undone_once(client: Client, company: Company) -> None:
    contract = ContractFactory(company=company, legal_entity="Old")
    where = undo_address(change(client, address(contract), legal_entity="New"), client)
    client.post(where)
    with acting(None, "Corrected"):
        Contract.objects.update(legal_entity="New")

    page = client.post(where, follow=True)

    assert "This was undone already." in page.content.decode()
    contract.refresh_from_db()
    assert contract.legal_entity == "New"


def test_nobody_undoes_what_another_changed(client: Client, company: Company) -> None:
    contract = ContractFactory(company=company, legal_entity="Old")
    where = undo_address(change(client, address(contract), legal_entity="New"), client)
    other = signed_in(make_user(Role.LICENSE_MANAGER, company))

    assert other.get(where).status_code == 404
    assert other.post(where).status_code == 404
    contract.refresh_from_db()
    assert contract.legal_entity == "New"


def test_what_one_may_no_longer_change_stays_as_it_is(
    client: Client, manager: User, company: Company
) -> None:
    contract = ContractFactory(company=company, legal_entity="Old")
    where = undo_address(change(client, address(contract), legal_entity="New"), client)
    elsewhere = CompanyFactory()
    MembershipFactory(user=manager, company=elsewhere, role=Role.LICENSE_MANAGER)
    with acting(None, "Another job"):
        manager.memberships.exclude(company=elsewhere).update(role=Role.AUDITOR)

    page = client.post(where, follow=True)

    assert "1 stayed as they are" in page.content.decode()
    contract.refresh_from_db()
    assert contract.legal_entity == "New"


# --- However many they are ---


def test_many_are_changed_and_undone_in_as_many_queries_as_few(
    client: Client, company: Company
) -> None:
    support = ContractType.objects.get(name="Support")
    ContractFactory.create_batch(3, company=company)
    client.get("/contracts/")  # the first request of a process counts the numbers of the day
    few = queries_of_a_change(client, support)
    ContractFactory.create_batch(40, company=company)

    many = queries_of_a_change(client, support)

    assert many == few
    assert at_once.MOST_AT_ONCE >= 1_000


def queries_of_a_change(client: Client, wanted: ContractType) -> list[int]:
    where, sent = f"{CHANGE}?rows=all", {"type": wanted.pk, "reason": WHY}
    with CaptureQueriesContext(
        connection,
    ) as previewing:
        preview = client.post(where, sent)
    with CaptureQueriesContext(connection) as changing:
        client.post(where, {**sent, "shown": fingerprint(preview)})
    undoing_address = f"/contracts/changes/{ChangeAtOnce.objects.latest('pk').pk}/undo"
    with CaptureQueriesContext(connection) as undoing:
        client.post(undoing_address)
    return [len(previewing), len(changing), len(undoing)]
