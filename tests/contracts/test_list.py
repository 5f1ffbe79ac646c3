"""The list of contracts stands for all lists: what the address asks for is what is listed."""

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import load_workbook

from accounts.models import Company
from accounts.roles import Role
from common.lists import record_list
from contracts.dates import ContractStatus, status_on
from contracts.models import Contract
from contracts.queries import with_status
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    ContractTermFactory,
    LicenseFactory,
    PersonFactory,
    VendorFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

ADDRESS = "/contracts/"


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def client(company: Company) -> Client:
    signed_in = Client()
    signed_in.force_login(make_user(Role.AUDITOR, company))
    return signed_in


def listed(page: Any) -> list[str]:
    """The names in the rows of a page."""
    return re.findall(r'<th scope="row"><a[^>]*>([^<]*)</a>', page.content.decode())


def exported(client: Client, query: str) -> list[list[str]]:
    response = client.get(f"{ADDRESS}?{query}&export=csv")
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_shows_until_when_notice_can_be_given(client: Client, company: Company) -> None:
    open_to_it = ContractFactory(company=company, name="Open")
    ContractTermFactory(contract=open_to_it, notice_length=1, notice_unit="months")
    given = ContractFactory(company=company, name="Given")
    ContractTermFactory(contract=given, notice_length=10, notice_given_on=date(2026, 2, 1))

    rows = exported(client, "columns=name,notice&sort=name")

    assert rows == [["Contract", "Notice by"], ["Given", ""], ["Open", "2026-11-30"]]


def test_lists_what_belongs_to_the_companies_of_who_asks(client: Client, company: Company) -> None:
    ContractFactory(company=company, name="Ours")
    ContractFactory(name="Theirs")

    page = client.get(ADDRESS)

    assert listed(page) == ["Ours"]
    assert "Theirs" not in page.content.decode()
    assert [row[0] for row in exported(client, "")[1:]] == ["Ours"]


def test_a_filter_narrows_the_list_and_stands_as_a_chip(client: Client, company: Company) -> None:
    adobe = VendorFactory(name="Adobe")
    ContractFactory(company=company, name="With Adobe", vendor=adobe)
    ContractFactory(company=company, name="With another")

    page = client.get(ADDRESS, {"vendor": adobe.pk})

    assert listed(page) == ["With Adobe"]
    assert "Vendor: <b>Adobe</b>" in page.content.decode()


def test_lists_what_a_person_owns_also_after_they_left(client: Client, company: Company) -> None:
    left = PersonFactory(company=company, name="Lena Left", inactive_on=date(2026, 1, 1))
    ContractFactory(company=company, name="Hers", business_owner=left)
    ContractFactory(company=company, name="Of somebody else")

    page = client.get(ADDRESS, {"owner": left.pk})

    assert listed(page) == ["Hers"]
    assert "Lena Left</b>" in page.content.decode()


def test_nobody_is_offered_as_owner_who_is_of_another_company(
    client: Client, company: Company
) -> None:
    stranger = PersonFactory(name="Sam Stranger")
    ContractFactory(company=company, name="Ours")

    page = client.get(ADDRESS, {"owner": stranger.pk})

    assert listed(page) == []
    assert "Sam Stranger" not in page.content.decode()


def test_exports_the_further_facts_that_are_asked_for(client: Client, company: Company) -> None:
    ContractFactory(
        company=company,
        name="Select",
        business_owner=PersonFactory(company=company, name="Olga Owner"),
        reseller=VendorFactory(name="Insight"),
        parent=ContractFactory(company=company, name="Frame", number="F-1"),
        po_number="PO-7",
        purchased_on=date(2026, 2, 3),
    )

    rows = exported(client, "q=Select&columns=name,owner,reseller,parent,purchased,po,invoice")

    assert rows[1] == ["Select", "Olga Owner", "Insight", "Frame (F-1)", "2026-02-03", "PO-7", ""]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param("status=foo", "Status: “foo” does not fit", id="unknown choice"),
        pytest.param("vendor=abc", "Vendor: “abc” does not fit", id="no number"),
        pytest.param("vendor=999999", "Vendor: “999999” does not fit", id="unknown record"),
        pytest.param("ends_from=31.12.2026", "Write a day as 2026-12-31", id="no day"),
        pytest.param(
            "company__name=x", "There is no filter called “company__name”", id="no filter"
        ),
        pytest.param("sort=company__users__password", "cannot be sorted by", id="no sort"),
        pytest.param("columns=password", "There is no column called “password”", id="no column"),
        pytest.param("export=exe", "exported as csv or as xlsx", id="no format"),
    ],
)
def test_what_is_wrong_in_an_address_is_said_and_nothing_is_listed(
    client: Client, company: Company, query: str, said: str
) -> None:
    ContractFactory(company=company, name="Ours")

    page = client.get(f"{ADDRESS}?{query}")

    assert said in page.content.decode()
    assert listed(page) == []


def test_a_wrong_filter_exports_no_row(client: Client, company: Company) -> None:
    ContractFactory(company=company, name="Ours")

    response = client.get(f"{ADDRESS}?status=foo&export=csv")

    assert response.status_code == 400
    assert "Ours" not in response.content.decode()


def test_finds_the_contracts_that_have_every_word(client: Client, company: Company) -> None:
    ContractFactory(company=company, name="Enterprise Agreement", number="MS-1")
    ContractFactory(company=company, name="Enterprise Agreement", number="AD-1")

    page = client.get(ADDRESS, {"q": "enterprise ms"})

    assert listed(page) == ["Enterprise Agreement"]
    assert "MS-1" in page.content.decode()


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "\x00", "é" * 300])
def test_any_text_can_be_searched_for(client: Client, company: Company, text: str) -> None:
    ContractFactory(company=company, name="Plain")

    page = client.get(ADDRESS, {"q": text})

    assert page.status_code == 200
    assert listed(page) == ([] if text.strip("\x00") else ["Plain"])


def test_the_pages_of_a_list_lead_from_one_to_the_next(
    client: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_list, "PAGE_ROWS", 2)
    for name in "abcde":
        ContractFactory(company=company, name=name)

    first = client.get(ADDRESS)
    second = client.get(address_of("next", first))
    back = client.get(address_of("prev", second))

    assert [listed(page) for page in (first, second, back)] == [["a", "b"], ["c", "d"], ["a", "b"]]
    assert "3–4 of 5 contracts" in second.content.decode()


def address_of(rel: str, page: Any) -> str:
    found = re.search(rf'rel="{rel}"\s+href="([^"]+)"', page.content.decode())
    assert found
    return found[1].replace("&amp;", "&")


def test_a_page_address_that_was_changed_leads_to_the_first_page(
    client: Client, company: Company
) -> None:
    ContractFactory(company=company, name="Ours")

    page = client.get(ADDRESS, {"page": "WzEsMl0:forged"})

    assert "cannot be found any more" in page.content.decode()
    assert listed(page) == ["Ours"]


@pytest.mark.parametrize("sort", ["name", "-name", "ends", "-ends", "value", "-value", "vendor"])
def test_the_export_holds_the_rows_of_all_pages_in_their_order(
    client: Client, company: Company, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(record_list, "PAGE_ROWS", 3)
    monkeypatch.setattr(record_list, "EXPORT_ROWS_AT_ONCE", 2)
    vendors = [VendorFactory(), VendorFactory()]
    for n in range(8):
        contract = ContractFactory(
            company=company,
            name=f"Contract {n}",
            value=n % 3 or None,
            currency="EUR",
            vendor=vendors[n % 2],
        )
        if n % 3:
            ContractTermFactory(
                contract=contract, starts_on=date(2026, 1, 1), ends_on=date(2026, 5 + n % 2, 1)
            )

    pages = [client.get(ADDRESS, {"sort": sort})]
    while 'rel="next"' in pages[-1].content.decode():
        pages.append(client.get(address_of("next", pages[-1])))

    names = [name for page in pages for name in listed(page)]
    assert names == [row[0] for row in exported(client, f"sort={sort}")[1:]]
    assert len(set(names)) == 8


def test_the_export_has_the_columns_that_were_chosen_and_one_for_each_currency(
    client: Client, company: Company
) -> None:
    ContractFactory(company=company, name="=1+1", number="N-1", value=5, currency="EUR")

    rows = exported(client, "columns=number&columns=value")

    assert rows == [
        ["Contract", "Number", "Value", "Value currency"],
        ["'=1+1", "N-1", "5.00", "EUR"],
    ]


def test_the_export_as_xlsx_has_typed_cells(client: Client, company: Company) -> None:
    contract = ContractFactory(company=company, name="=1+1", value=5, currency="EUR")
    ContractTermFactory(contract=contract, ends_on=date(2026, 12, 31))

    response = client.get(f"{ADDRESS}?columns=ends,value&export=xlsx")

    content = response.getvalue()
    sheet = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert sheet[1] == ["=1+1", date(2026, 12, 31), 5.0, "EUR"]


def test_htmx_gets_the_list_alone_and_caches_keep_it_apart(
    client: Client, company: Company
) -> None:
    ContractFactory(company=company, name="Ours")

    page = client.get(ADDRESS)
    fragment = client.get(ADDRESS, headers={"HX-Request": "true"})
    restored = client.get(
        ADDRESS, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    )

    assert fragment.content.decode().lstrip().startswith("<section")
    assert listed(fragment) == listed(page) == ["Ours"]
    assert "<html" in restored.content.decode()
    assert "HX-Request" in fragment.headers["Vary"]


def test_a_large_list_is_not_counted_unless_asked(
    client: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_list, "COUNTED_EXACTLY", 2)
    for _ in range(4):
        ContractFactory(company=company)

    about = client.get(ADDRESS).content.decode()
    exact = client.get(ADDRESS, {"count": "exact"}).content.decode()

    assert "Count exactly" in about
    assert "4 contracts" in exact
    assert "Count exactly" not in exact


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: Client, company: Company
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(ADDRESS).status_code == 200
        return len(captured)

    LicenseFactory(company=company, contract=ContractFactory(company=company))
    client.get(ADDRESS)
    few = queries()
    for _ in range(30):
        LicenseFactory(company=company, contract=ContractFactory(company=company))

    assert queries() == few <= 12


@pytest.mark.parametrize("by_hand", ["", *ContractStatus.values])
@pytest.mark.parametrize(
    ("first", "last"),
    [(None, None), (-9, None), (-9, -1), (-9, 0), (-9, 5), (0, 0), (1, 5), (1, None)],
)
def test_the_status_is_the_same_in_sql_and_in_python(
    company: Company, by_hand: str, first: int | None, last: int | None
) -> None:
    today = timezone.localdate()
    contract = ContractFactory(company=company, status_by_hand=by_hand)
    starts_on = None if first is None else today + timedelta(days=first)
    ends_on = None if last is None else today + timedelta(days=last)
    if starts_on:
        ContractTermFactory(contract=contract, starts_on=starts_on, ends_on=ends_on)

    read: Any = with_status(Contract.objects.all(), today).get()

    assert read.status_now == status_on(
        today, starts_on=starts_on, ends_on=ends_on, by_hand=by_hand
    )
