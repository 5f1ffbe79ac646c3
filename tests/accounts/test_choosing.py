"""Choosing one record of many by typing, with script and without."""

import re
from typing import Any

import pytest
from django import forms
from django.test import Client

from accounts.choosing import ChosenField
from accounts.models import Company, Person
from accounts.roles import Role
from contracts.choosing import PRODUCTS, VENDORS
from contracts.models import Product, Vendor
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    PersonFactory,
    ProductFactory,
    VendorFactory,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def reader(company: Company) -> Client:
    client = Client()
    client.force_login(make_user(Role.AUDITOR, company))
    return client


def offered(page: Any) -> list[str]:
    return re.findall(r'data-label="([^"]*)"', page.content.decode())


def test_offers_what_holds_each_typed_word(reader: Client) -> None:
    VendorFactory(name="Contoso Software")
    VendorFactory(name="Contoso Hardware")

    page = reader.get("/choose/vendors", {"q": "soft contoso"})

    assert offered(page) == ["Contoso Software"]


def test_offers_twenty_and_says_that_there_are_more(reader: Client) -> None:
    for number in range(21):
        VendorFactory(name=f"Vendor {number:02}")

    page = reader.get("/choose/vendors", {"q": "vendor"})

    assert len(offered(page)) == 20
    assert "There are more" in page.content.decode()


def test_says_so_where_nothing_is_called_so(reader: Client) -> None:
    page = reader.get("/choose/vendors", {"q": "<b>none</b>"})

    assert "No vendor is called “&lt;b&gt;none&lt;/b&gt;”" in page.content.decode()


def test_products_are_narrowed_by_their_vendor(reader: Client) -> None:
    office = ProductFactory(name="Office")
    ProductFactory(name="Office of another")

    page = reader.get("/choose/products", {"q": "office", "vendor": office.vendor_id})

    assert offered(page) == ["Office"]


@pytest.mark.parametrize("vendor", ["x", "-1", "1 or 1=1"])
def test_a_narrowing_that_is_no_number_finds_nothing(reader: Client, vendor: str) -> None:
    assert reader.get("/choose/products", {"vendor": vendor}).status_code == 404


def test_a_number_beyond_all_keys_narrows_to_nothing(reader: Client) -> None:
    ProductFactory(name="Office")

    page = reader.get("/choose/products", {"vendor": "9" * 40})

    assert (page.status_code, offered(page)) == (200, [])


def test_an_unknown_source_is_not_found(reader: Client) -> None:
    assert reader.get("/choose/users").status_code == 404


def test_another_companys_records_are_not_offered(reader: Client, company: Company) -> None:
    PersonFactory(company=company, name="Ada Own")
    PersonFactory(company=CompanyFactory(), name="Ada Foreign")
    ContractFactory(company=CompanyFactory(), name="Ada contract")

    people = reader.get("/choose/people", {"q": "ada"})
    contracts = reader.get("/choose/contracts", {"q": "ada"})

    assert offered(people) == ["Ada Own"]
    assert offered(contracts) == []


def test_people_who_left_are_not_offered(reader: Client, company: Company) -> None:
    PersonFactory(company=company, name="Ada Gone", inactive_on="2026-01-31")

    assert offered(reader.get("/choose/people", {"q": "ada"})) == []


def test_a_requester_is_offered_nothing(company: Company) -> None:
    client = Client()
    client.force_login(make_user(Role.REQUESTER, company))

    assert client.get("/choose/vendors").status_code == 404


def test_nothing_is_posted_to_it(reader: Client) -> None:
    assert reader.post("/choose/vendors").status_code == 405


class ProductForm(forms.Form):
    vendor = ChosenField(source=VENDORS, queryset=Vendor.objects.all())
    product = ChosenField(
        source=PRODUCTS,
        queryset=Product.objects.all(),
        narrowed_by={"vendor": "vendor"},
        required=False,
    )


def chosen(**sent: str) -> Any:
    form = ProductForm(sent)
    return form.cleaned_data["vendor"] if form.is_valid() else form.errors["vendor"][0]


@pytest.mark.parametrize(
    ("is_picked", "text", "expected"),
    [
        pytest.param(True, None, "Contoso", id="a key alone, as other forms send it"),
        pytest.param(True, "Contoso", "Contoso", id="picked"),
        pytest.param(False, "contoso", "Contoso", id="the whole name in other letters"),
        pytest.param(False, "hard", "Contoso Hardware", id="a part that only one has"),
        pytest.param(True, "Fabrikam", "Fabrikam", id="a name written over what was picked"),
    ],
)
def test_the_text_that_stands_there_decides(
    is_picked: bool, text: str | None, expected: str
) -> None:
    contoso = VendorFactory(name="Contoso")
    VendorFactory(name="Contoso Hardware")
    VendorFactory(name="Fabrikam")
    sent = {"vendor": str(contoso.pk) if is_picked else ""}
    if text is not None:
        sent["vendor_text"] = text

    assert str(chosen(**sent)) == expected


def test_several_of_a_name_are_asked_about() -> None:
    VendorFactory(name="Contoso Software")
    second = VendorFactory(name="Contoso Hardware")

    form = ProductForm({"vendor": "", "vendor_text": "Contoso"})

    assert form.errors["vendor"] == ["Several are called so. Which vendor?"]
    assert f'<option value="{second.pk}">Contoso Hardware</option>' in str(form["vendor"])


def test_what_was_typed_stays_where_nothing_is_called_so() -> None:
    form = ProductForm({"vendor": "", "vendor_text": "Contosso"})

    assert "No vendor is called “Contosso”" in form.errors["vendor"][0]
    assert 'value="Contosso"' in str(form["vendor"])


def test_what_was_chosen_before_is_shown_by_its_name() -> None:
    vendor = VendorFactory(name="Contoso")

    shown = str(ProductForm(initial={"vendor": vendor.pk})["vendor"])

    assert f'name="vendor" value="{vendor.pk}"' in shown
    assert 'name="vendor_text" value="Contoso"' in shown


def test_an_emptied_box_chooses_nothing() -> None:
    vendor, product = VendorFactory(name="Contoso"), ProductFactory(name="Office")

    form = ProductForm({"vendor": vendor.pk, "product": product.pk, "product_text": ""})

    assert form.is_valid()
    assert form.cleaned_data["product"] is None


def test_a_record_outside_of_what_the_form_offers_is_refused(company: Company) -> None:
    foreign = PersonFactory(company=CompanyFactory(), name="Ada Foreign")

    class OwnerForm(forms.Form):
        owner = ChosenField(source=VENDORS, queryset=Person.objects.filter(company=company))

    assert not OwnerForm({"owner": foreign.pk, "owner_text": "Ada Foreign"}).is_valid()
    assert not OwnerForm({"owner": foreign.pk}).is_valid()
