"""Tags of contracts and entitlements: on forms, pages and lists, and on many records at once."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from accounts.models import Company, User
from accounts.roles import Role
from common.acting import acting
from common.models import ChangeAtOnce
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    LicenseFactory,
    MaintenanceFactory,
    make_user,
)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Place:
    """A kind of record with tags: how one is made, and where their list is."""

    make: Any
    list: str

    def page(self, record: Any) -> str:
        return f"{self.list}{record.pk}"


@pytest.fixture(params=["contracts", "licenses", "maintenance"])
def place(request: pytest.FixtureRequest) -> Place:
    return {
        "contracts": Place(ContractFactory, "/contracts/"),
        "licenses": Place(LicenseFactory, "/entitlements/"),
        "maintenance": Place(MaintenanceFactory, "/entitlements/"),
    }[request.param]


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def mona(company: Company) -> User:
    return make_user(Role.LICENSE_MANAGER, company)


@pytest.fixture
def client(mona: User) -> Client:
    client = Client()
    client.force_login(mona)
    return client


def saved(client: Client, address: str, **changes: Any) -> Any:
    """Send the form of a record as it stands, with some changes."""
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in sent.items() if value not in (None, False)}
    return client.post(address, sent | changes)


def said(answer: Any) -> str:
    return unescape(answer.content.decode())


def rows(answer: Any) -> list[str]:
    """The names of the tags in each row of a list."""
    lines = re.findall(r"<tr.*?</tr>", said(answer), re.DOTALL)[1:]
    return ["; ".join(re.findall(r'class="tag"[^>]*>([^<]*)<', line)) for line in lines]


# --- On the form and on the page ---


def test_tags_are_written_in_a_line_and_stand_on_the_page_as_links(client, company, place):
    record = place.make(company=company)

    answer = saved(client, f"{place.page(record)}/edit", tags="SAP;  Audit 2026, sap")

    assert answer.status_code == 302
    record.refresh_from_db()
    assert record.tags == ["SAP", "Audit 2026"]
    page = said(client.get(place.page(record)))
    assert f'<a class="tag" href="{place.list}?tag=Audit+2026">Audit 2026</a>' in page


def test_the_history_tells_which_tags_there_were_and_which_there_are(client, company, place):
    record = place.make(company=company, tags=["SAP"])

    saved(client, f"{place.page(record)}/edit", tags="SAP; Audit")

    told = client.get(place.page(record)).context["story"].chapters[0].changes
    assert [(c.label, str(c.before), str(c.after)) for c in told] == [("Tags", "SAP", "SAP, Audit")]


def test_the_form_shows_the_tags_and_keeps_them(client, company, place):
    record = place.make(company=company, tags=["SAP", "Audit"])
    address = f"{place.page(record)}/edit"

    assert 'value="SAP; Audit"' in said(client.get(address))
    saved(client, address, reason="Looked at")
    record.refresh_from_db()
    assert record.tags == ["SAP", "Audit"]


def test_a_tag_is_written_as_the_company_writes_it(client, company, place):
    place.make(company=company, tags=["SAP"])
    record = place.make(company=company)

    saved(client, f"{place.page(record)}/edit", tags="sap")

    record.refresh_from_db()
    assert record.tags == ["SAP"]


def test_the_form_offers_the_tags_of_the_company_and_no_others(client, company, place):
    place.make(company=company, tags=["SAP", "Audit"])
    place.make(company=CompanyFactory(), tags=["Secret"])
    record = place.make(company=company)

    page = said(client.get(f"{place.page(record)}/edit"))

    assert re.findall(r'<option value="(\w+)"></option>', page) == ["Audit", "SAP"]


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        pytest.param("x" * 51, "has 51 characters", id="too long"),
        pytest.param("; ".join(map(str, range(21))), "These are 21 tags", id="too many"),
    ],
)
def test_what_are_no_tags_is_refused_and_shown_again(client, company, place, tags, why):
    record = place.make(company=company, tags=["SAP"])

    answer = saved(client, f"{place.page(record)}/edit", tags=tags)

    assert answer.status_code == 422
    assert why in said(answer)
    assert f'value="{tags}"' in said(answer)
    record.refresh_from_db()
    assert record.tags == ["SAP"]


def test_a_tag_is_shown_as_it_was_written_and_never_taken_for_markup(client, company, place):
    record = place.make(company=company, tags=["<b>x</b>&y"])

    page = client.get(place.page(record)).content.decode()

    assert "&lt;b&gt;x&lt;/b&gt;&amp;y" in page
    assert "<b>x</b>" not in page
    assert "?tag=%3Cb%3Ex%3C%2Fb%3E%26y" in page


def test_the_database_keeps_neither_too_many_nor_empty_tags(company, place):
    for tags in ([str(number) for number in range(21)], [""]):
        with pytest.raises(IntegrityError, match="tags_are_words_and_few"), acting(None, "Test"):
            place.make(company=company, tags=tags)


# --- In lists ---


def test_a_list_is_narrowed_by_a_tag_whatever_its_capitals(client, company, place):
    for tags in (["SAP"], ["sap", "Audit"], ["SAPPHIRE"], []):
        place.make(company=company, tags=tags)

    found = client.get(place.list, {"tag": "Sap", "columns": "tags"})

    assert sorted(rows(found)) == ["SAP", "sap; Audit"]


def test_a_list_is_narrowed_by_several_tags_to_what_has_them_all(client, company, place):
    for tags in (["SAP"], ["SAP", "Audit"], ["Audit"]):
        place.make(company=company, tags=tags)

    found = client.get(place.list, {"tag": "SAP; audit", "columns": "tags"})

    assert rows(found) == ["SAP; Audit"]


def test_a_list_says_what_is_wrong_with_a_tag(client, company, place):
    place.make(company=company, tags=["SAP"])

    found = client.get(place.list, {"tag": "x" * 51})

    assert "has 51 characters" in said(found)


def test_tags_are_exported_as_they_are_written(client, company, place):
    place.make(company=company, tags=["SAP", "Audit"])

    file = client.get(place.list, {"export": "csv", "columns": "tags"}).getvalue().decode()

    assert file.splitlines()[1].endswith(",SAP; Audit")


# --- Many at once ---


def change(client: Client, place: Place, **wanted: Any) -> Any:
    """Change all of a list: what was said before, and then the change."""
    address = f"{place.list}change?rows=all"
    sent = {"reason": "For the audit", **wanted}
    preview = client.post(address, sent)
    if shown := re.search(r'name="shown" value="(\w+)"', preview.content.decode()):
        client.post(address, {**sent, "shown": shown[1]})
    return preview


def tags_of(*records: Any) -> list[list[str]]:
    for record in records:
        record.refresh_from_db()
    return [record.tags for record in records]


def test_tags_are_added_to_and_removed_from_many_records_each_keeping_its_own(
    client, company, place
):
    records = [place.make(company=company, tags=tags) for tags in (["SAP", "Old"], ["old"], [])]

    preview = change(client, place, add_tags="Audit; sap", remove_tags="OLD")

    assert tags_of(*records) == [["SAP", "Audit"], ["Audit", "SAP"], ["Audit", "SAP"]]
    assert "<del>SAP; Old</del> → <ins>SAP; Audit</ins>" in said(preview)


def test_what_has_the_tags_already_is_not_touched(client, company, place):
    tagged = place.make(company=company, tags=["audit"])
    plain = place.make(company=company)
    histories = tagged.history.count()

    change(client, place, add_tags="audit")

    assert tags_of(tagged, plain) == [["audit"], ["audit"]]
    assert tagged.history.count() == histories


def test_a_record_that_would_have_too_many_tags_is_refused_with_their_number(
    client, company, place
):
    full = place.make(company=company, tags=[str(number) for number in range(20)])
    other = place.make(company=company)

    preview = change(client, place, add_tags="Audit")

    assert "These are 21 tags, and a record has at most 20." in said(preview)
    assert tags_of(full, other) == [[str(number) for number in range(20)], ["Audit"]]


def test_tags_are_changed_together_with_other_values(client, company, place):
    record = place.make(company=company, tags=["SAP"])

    change(client, place, add_tags="Audit", notes="Looked at")

    assert tags_of(record) == [["SAP", "Audit"]]
    assert record.notes == "Looked at"


def test_a_change_of_tags_is_undone_where_nobody_has_touched_them_since(client, company, place):
    kept, touched = place.make(company=company, tags=["SAP"]), place.make(company=company)
    change(client, place, add_tags="Audit", remove_tags="SAP")
    saved(client, f"{place.page(touched)}/edit", tags="Audit; Mine")

    client.post(f"{place.list}changes/{ChangeAtOnce.objects.get().pk}/undo")

    assert tags_of(kept, touched) == [["SAP"], ["Audit", "Mine"]]


def test_a_tag_is_not_added_and_removed_at_once(client, company, place):
    record = place.make(company=company, tags=["SAP"])

    preview = change(client, place, add_tags="Audit", remove_tags="audit")

    assert "“audit” cannot be added and removed at once" in said(preview)
    assert tags_of(record) == [["SAP"]]


def test_who_only_reads_changes_no_tags(company, place):
    record = place.make(company=company, tags=["SAP"])
    client = Client()
    client.force_login(make_user(Role.AUDITOR, company))

    answer = client.post(
        f"{place.list}change?rows=all", {"add_tags": "Audit", "reason": "Forged", "shown": "x"}
    )

    assert answer.status_code == 403
    assert tags_of(record) == [["SAP"]]
