"""Deployments by vendor and product, and the page of a product in a company."""

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.acting import acting
from contracts.models import Product, ProductType, Vendor
from tests.allocation.using import Household
from tests.deployments.environment import DAY, Environment, Premises
from tests.factories import ProductFactory, SoftwareModelFactory, VendorFactory

pytestmark = pytest.mark.django_db

ADDRESS = "/deployments/"


@pytest.fixture
def environment() -> Environment:
    return Environment()


@pytest.fixture
def client(environment: Environment) -> Client:
    return environment.visitor()


def heads(page: Any) -> list[str]:
    """What heads the rows of a page: vendors, products and what is beneath them."""
    found = re.findall(r'<th scope="row(?:group)?"[^>]*>(.*?)</th>', page.content.decode(), re.S)
    return [re.sub(r"<[^>]*>", "", head).strip() for head in found]


def cells(page: Any, head: str) -> dict[str, str]:
    """The cells of the row with a head, by their labels."""
    text = page.content.decode()
    row = next(r for r in re.findall(r"<tr.*?</tr>", text, re.S) if f">{head}<" in r)
    found = re.findall(r'<td[^>]*data-label="([^"]*)"[^>]*>(.*?)</td>', row, re.S)
    return {label: re.sub(r"<[^>]*>", "", cell).strip() for label, cell in found}


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"{ADDRESS}?{query}&export=csv")
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_products_stand_under_their_vendors(client: Client, environment: Environment) -> None:
    environment.deploy("Zenith", "Atlas", 1)
    environment.deploy("Abacus", "Zither", 1)

    page = client.get(ADDRESS)

    assert heads(page)[:6] == ["Abacus", "Zither", "Acme", "DrawIt", "Zenith", "Atlas"]


def test_in_another_order_and_in_a_file_the_vendor_is_a_column(
    client: Client, environment: Environment
) -> None:
    environment.deploy("Zenith", "Atlas", 3)

    page = client.get(f"{ADDRESS}?sort=-installs")

    assert heads(page)[:2] == ["Atlas", "DrawIt"]
    assert cells(page, "Atlas")["Vendor"] == "Zenith"
    assert [(row["Vendor"], row["Product"]) for row in exported(client)] == [
        ("Acme", "DrawIt"),
        ("Zenith", "Atlas"),
    ]


def test_a_row_tells_what_is_deployed_and_that_nothing_licenses_it(client: Client) -> None:
    row = cells(client.get(ADDRESS), "DrawIt")

    assert row["Installs"] == "2"
    assert row["Users"] == "2"
    assert row["Last seen"] == "2 Nov 2026"
    assert row["Licensed by"] == "No license"
    assert row["Uncovered"] == "2"


def test_a_row_names_the_licenses_that_track_it_and_what_they_leave_uncovered(
    client: Client, environment: Environment
) -> None:
    house = Household(company=environment.company)
    license = house.license(1, model=environment.model)
    house.track(license, environment.model.product, 1)

    row = cells(client.get(ADDRESS), "DrawIt")

    assert row["Licensed by"] == "DrawIt 2024"
    assert row["Uncovered"] == "1"


def test_tracked_by_users_it_is_uncovered_by_users_alone(
    client: Client, environment: Environment
) -> None:
    house = Household(company=environment.company)
    environment.install(environment.device("pc-3"), environment.title)
    house.track(house.license(2), environment.model.product, 0, metric="users")

    row = cells(client.get(ADDRESS), "DrawIt")

    assert (row["Installs"], row["Users"], row["Uncovered"]) == ("3", "2", "0")


def test_what_needs_no_license_is_not_uncovered(client: Client, environment: Environment) -> None:
    with acting(None, "Set up by a test"):
        environment.model.product_type = ProductType.FREEWARE
        environment.model.save()

    row = cells(client.get(ADDRESS), "DrawIt")

    assert row["Licensed by"] == "Needs no license"
    assert row["Uncovered"] == ""


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        pytest.param("licensed=no", ["Untracked"], id="tracked by no license"),
        pytest.param("licensed=yes", ["Gone", "Old", "Told", "Tracked"], id="tracked"),
        pytest.param("licensed=unneeded", ["Free"], id="needs no license"),
        pytest.param("uncovered=yes", ["Untracked"], id="uncovered"),
        pytest.param("found=no", ["Gone"], id="found no more"),
        pytest.param("found=totals", ["Told"], id="by totals"),
        pytest.param("q=works+track", ["Tracked", "Untracked"], id="searched for"),
        pytest.param("q=gone+as", ["Gone"], id="searched by what it is found as"),
        pytest.param("seen_until=2026-10-31", ["Old"], id="not seen lately"),
    ],
)
def test_filters(environment: Environment, query: str, listed: list[str]) -> None:
    there = Premises(environment.company)
    product = {name: _in_a_case(there, name) for name in CASES}
    house = Household(company=environment.company)
    for name in ("Tracked", "Gone", "Told", "Old"):
        house.track(house.license(9), product[name], 0)

    page = there.visitor().get(f"{ADDRESS}?{query}&vendor={product['Free'].vendor_id}")

    assert heads(page)[1:-1] == listed


CASES = ("Tracked", "Untracked", "Free", "Gone", "Told", "Old")


def _in_a_case(there: Premises, case: str) -> Product:
    """A product that is as its name says."""
    vendor = Vendor.objects.filter(name="Works").first() or VendorFactory(name="Works")
    product = ProductFactory(name=case, vendor=vendor)
    kind = ProductType.FREEWARE if case == "Free" else ProductType.LICENSABLE
    title = there.found(
        f"{case} as found", model=SoftwareModelFactory(product=product, product_type=kind)
    )
    if case == "Told":
        there.report(title, 7)
        return product
    seen = date(2026, 10, 1) if case == "Old" else DAY
    there.install(
        there.device(f"of {case}"),
        title,
        seen_on=seen,
        last_seen_on=seen,
        gone_on=seen if case == "Gone" else None,
    )
    return product


def test_a_product_unfolds_to_its_models_and_the_versions_found_of_them(
    client: Client, environment: Environment
) -> None:
    newer = environment.found("DrawIt", version="24.2", model=environment.model)
    environment.install(environment.pc, newer)
    key = environment.deployment.pk

    folded = client.get(ADDRESS)
    unfolded = client.get(f"{ADDRESS}?open={key}")

    assert f'href="/deployments/?open={key}"' in folded.content.decode()
    assert heads(folded) == ["Acme", "DrawIt", "Total"]
    assert heads(unfolded)[2:-1] == [
        "DrawIt 2024",
        "Version 24.1",
        "Version 24.2",
        "No version told",
    ]
    assert cells(unfolded, "DrawIt 2024")["Installs"] == "2"
    assert cells(unfolded, "Version 24.2")["Users"] == "1"
    assert 'aria-expanded="true"' in unfolded.content.decode()


def test_where_it_is_a_part_of_another_page_its_versions_are_on_its_own(
    client: Client, environment: Environment
) -> None:
    page = client.get("/search?q=drawit").content.decode()

    assert f'href="/deployments/{environment.deployment.pk}#versions"' in page
    assert "open=" not in page


def test_the_page_of_a_product_tells_where_it_is_found_and_what_licenses_it(
    client: Client, environment: Environment
) -> None:
    house = Household(company=environment.company)
    house.track(house.license(1, asset_tag="L-77"), environment.model.product, 0)

    text = client.get(f"/deployments/{environment.deployment.pk}").content.decode()

    assert "L-77" in text
    assert all(name in text for name in ("pc-1", "pc-2", "Ada", "Bob", "DrawIt Online"))
    assert "Installs without a person" in text


def test_the_page_names_the_source_where_only_totals_are_known(
    client: Client, environment: Environment
) -> None:
    there = Premises(environment.company)
    deployment = _in_a_case(there, "Told").deployments.get()

    row = client.get(f"{ADDRESS}?q=told").content.decode()
    text = client.get(f"/deployments/{deployment.pk}").content.decode()

    assert f'<a href="/deployments/{deployment.pk}">7</a>' in row
    assert "total that <b>Fleet</b> reports" in text
    assert "No device has it at present" in text


@pytest.mark.parametrize("query", ["", "sort=-uncovered", "sort=installs", "open=first"])
def test_the_number_of_queries_does_not_grow_with_the_products(
    client: Client, environment: Environment, query: str
) -> None:
    query = query.replace("first", str(environment.deployment.pk))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{ADDRESS}?{query}").status_code == 200
        return len(captured)

    client.get(ADDRESS)
    few = queries()
    for number in range(30):
        environment.deploy(f"Vendor {number}", f"Product {number}", 1)

    assert queries() == few <= (14 if "open" in query else 12)
