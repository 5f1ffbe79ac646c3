"""The pages of the part library: for every reader, and nobody's purchases but their own."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Company
from accounts.roles import Role
from common.acting import acting
from entitlements.models import PublisherPart
from entitlements.workbook.starter import starter_set
from tests.entitlements.workbooks import do_import
from tests.factories import (
    CompanyFactory,
    LicenseFactory,
    PartFactory,
    ProductFactory,
    SoftwareModelFactory,
    SuiteComponentFactory,
    VendorFactory,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def reader(company: Company) -> Client:
    return signed_in(Role.AUDITOR, company)


def signed_in(role: Role, company: Company) -> Client:
    client = Client()
    client.force_login(make_user(role, company))
    return client


@pytest.fixture
def suite() -> PublisherPart:
    part = PartFactory(
        vendor=VendorFactory(name="Acme"),
        number="AC-100",
        description="Studio for ten",
        product_name="Studio",
        version="5",
        rights_per_pack=10,
        is_suite=True,
        source="https://acme.test/prices",
    )
    SuiteComponentFactory(part=part, product_name="DrawIt", version="5")
    return part


def page_of(client: Client, part: PublisherPart) -> str:
    response = client.get(reverse("part", args=[part.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_a_part_tells_what_it_grants_what_it_holds_and_where_that_stands(reader, suite):
    page = page_of(reader, suite)

    for said in ("Studio for ten", "Studio 5", "DrawIt 5", "https://acme.test/prices"):
        assert said in page
    assert "None yet: it is made when an entitlement names this part" in page
    assert "Nothing is sold under it" not in page


def test_an_example_says_that_nothing_is_sold_under_it(reader):
    assert "Nothing is sold under it." in page_of(reader, PartFactory(is_example=True))


def test_a_part_names_the_models_that_fit(reader):
    product = ProductFactory(name="DrawIt")
    part = PartFactory(vendor=product.vendor, product_name="DrawIt")
    SoftwareModelFactory(product=product, version="5", name="DrawIt 5")

    assert "<dd>DrawIt 5</dd>" in page_of(reader, part)
    SoftwareModelFactory(product=product, version="6", name="DrawIt 6")
    assert "Whoever enters it chooses: DrawIt 5, DrawIt 6" in page_of(reader, part)


def test_a_part_shows_what_ones_own_companies_bought_with_it(reader, company, suite):
    own = LicenseFactory(company=company, part=suite, asset_tag="OWN-1")
    LicenseFactory(part=suite, asset_tag="THEIRS-1")

    page = page_of(reader, suite)

    assert "OWN-1" in page
    assert "THEIRS-1" not in page
    assert "1 entitlement" in page
    listed = reader.get("/entitlements/", {"part": suite.pk}).content.decode()
    assert f'href="/entitlements/{own.pk}"' in listed


def test_the_list_is_searched_and_narrowed(reader, suite):
    PartFactory(number="ZZ-9", is_example=True, description="Made up")

    def numbers(**asked: str) -> list[str]:
        page = reader.get("/parts/", asked).content.decode()
        return [number for number in ("AC-100", "ZZ-9") if f">{number}</a>" in page]

    assert numbers() == ["AC-100", "ZZ-9"]
    assert numbers(q="studio") == ["AC-100"]
    assert numbers(suite="yes") == ["AC-100"]
    assert numbers(example="yes") == ["ZZ-9"]
    assert numbers(publisher=str(suite.vendor_id)) == ["AC-100"]


def test_the_list_is_written_as_a_file(reader, suite):
    written = b"".join(reader.get("/parts/", {"export": "csv"})).decode("utf-8-sig")

    assert written.splitlines()[1].startswith("AC-100,Acme,Studio for ten,Studio 5")


def test_the_list_asks_no_more_questions_for_more_rows(reader):
    def questions() -> int:
        with CaptureQueriesContext(connection) as captured:
            reader.get("/parts/")
        return len(captured)

    PartFactory()
    reader.get("/parts/")
    few = questions()
    for _ in range(20):
        PartFactory()

    assert questions() == few <= 12


def test_a_change_of_the_library_is_told_on_the_page(reader, suite, company):
    ada = make_user(Role.ADMINISTRATOR, company, first_name="Ada", last_name="Lovelace")
    with acting(ada, "The publisher renamed it"):
        suite.product_name = "Studio Pro"
        suite.save()

    page = page_of(reader, suite)

    assert "The publisher renamed it" in page
    assert "<del>Studio</del> → <ins>Studio Pro</ins>" in page


def test_pages_answer_to_no_post_and_to_nobody_who_is_signed_out(reader, suite):
    for address in (reverse("parts"), reverse("part", args=[suite.pk])):
        assert reader.post(address).status_code == 405
        assert Client().get(address).status_code == 302
    assert reader.get(reverse("part", args=[suite.pk + 1])).status_code == 404


def test_the_starter_set_goes_in_as_it_is_and_every_part_names_its_source(company):
    ada = make_user(Role.ADMINISTRATOR, company)

    source = do_import(company, starter_set(), ada, name="starter set.xlsx")

    parts = PublisherPart.objects.all()
    assert source.figures["rows"] == {"part": {"new": 23}, "component": {"new": 4}}
    assert all(part.source.startswith("https://learn.microsoft.com/") for part in parts)
    assert all(part.as_of for part in parts)
    assert not parts.filter(is_example=True).exists()


def test_administrators_get_the_starter_set_and_others_do_not(company):
    address = reverse("admin:entitlements_import_starter_set")

    assert signed_in(Role.ADMINISTRATOR, company).get(address).content[:2] == b"PK"
    assert signed_in(Role.LICENSE_MANAGER, company).get(address).status_code in (302, 403)
