"""Devices: the list, the page, what people keep of them; and the list of installations."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Department
from accounts.roles import Role
from allocation.services import allocate_to_device
from common.acting import acting
from deployments.models import Installation, Usage
from tests.allocation.using import TODAY, Household
from tests.deployments.environment import DAY, Environment, signed_in
from tests.factories import CompanyFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment() -> Environment:
    return Environment()


@pytest.fixture
def client(environment: Environment) -> Client:
    return environment.visitor(Role.LICENSE_MANAGER)


def listed(page: Any) -> list[str]:
    return re.findall(r'<th scope="row"><a[^>]*>([^<]*)</a>', page.content.decode())


def edit(client: Client, environment: Environment, **changes: Any) -> Any:
    """Send the form of Ada's device with some fields changed."""
    sent = {"kind": "laptop", "person": environment.ada.pk, **changes}
    return client.post(f"/devices/{environment.pc.pk}/edit", sent)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("", ["host-1", "old", "pc-1", "pc-2"], id="all"),
        pytest.param("state=present", ["host-1", "pc-1", "pc-2"], id="present"),
        pytest.param("state=gone", ["old"], id="gone"),
        pytest.param("kind=server", ["host-1"], id="of a kind"),
        pytest.param("lacks=person&state=present", ["host-1", "pc-2"], id="without a person"),
        pytest.param("lacks=processors&kind=server", [], id="without processors"),
        pytest.param("cluster=PROD", ["host-1"], id="of a cluster"),
        pytest.param("q=ada", ["pc-1"], id="searched by its person"),
        pytest.param("q=sn-1", ["host-1"], id="searched by its serial number"),
        pytest.param("seen_until=2026-10-31", ["old"], id="not seen lately"),
    ],
)
def test_filters_of_devices(
    client: Client, environment: Environment, query: str, names: list[str]
) -> None:
    environment.device(
        "host-1", kind="server", cluster="prod", serial_number="SN-1", processors=2, cores=16
    )
    environment.device("old", gone_on=DAY, last_seen_on=date(2026, 10, 1), person=environment.bob)

    assert listed(client.get(f"/devices/?{query}")) == names


def test_the_page_tells_the_hardware_the_software_and_who_has_it(
    client: Client, environment: Environment
) -> None:
    host = environment.device(
        "host-1", processors=2, cores=16, processor_model="Xeon", person=environment.ada
    )
    environment.device("guest-1", host=host, kind="virtual")
    environment.install(host, environment.found("Unheard of"), gone_on=date(2026, 11, 5))

    text = client.get(f"/devices/{host.pk}").content.decode()

    assert "Xeon" in text
    assert "on 2 processors" in text
    assert "Unheard of" in text
    assert "Gone since 5 Nov 2026" in text
    assert "guest-1" in text
    assert "Ada" in text


def test_the_page_tells_when_a_title_was_used_last(
    client: Client, environment: Environment
) -> None:
    with acting(None, "Set up by a test"):
        Usage.objects.create(
            company=environment.company,
            software=environment.title,
            device=environment.pc,
            source="agent",
            last_used_on=date(2026, 10, 30),
        )

    text = client.get(f"/devices/{environment.pc.pk}").content.decode()

    assert "30 Oct 2026" in text


def test_the_page_names_the_licenses_that_the_device_holds(
    client: Client, environment: Environment
) -> None:
    house = Household(company=environment.company)
    license = house.license(3, asset_tag="L-9")
    allocate_to_device(
        license=license, device=environment.pc, quantity=2, day=TODAY, by=house.by, notes="Spare"
    )

    text = client.get(f"/devices/{environment.pc.pk}").content.decode()

    assert "L-9" in text
    assert "Spare" in text


def test_the_page_is_whole_also_while_another_company_is_looked_at(
    environment: Environment,
) -> None:
    other = CompanyFactory()
    client = signed_in(Role.AUDITOR, environment.company, other)
    client.post("/narrow", {"company": other.pk})

    page = client.get(f"/devices/{environment.pc.pk}").content.decode()
    everything = client.get("/devices/").content.decode()

    assert "DrawIt 24.1" in page
    assert "pc-1" not in everything


def test_the_form_offers_people_of_the_company_of_the_device_alone(
    client: Client, environment: Environment
) -> None:
    page = client.get(f"/devices/{environment.pc.pk}/edit").content.decode()

    assert f'data-choose="/choose/people?company={environment.company.pk}"' in page


def test_the_search_finds_devices_people_and_products(client: Client) -> None:
    assert "pc-1" in client.get("/search?q=pc-1").content.decode()
    assert "ada@example.org" in client.get("/search?q=ada").content.decode()
    assert "DrawIt" in client.get("/search?q=drawit").content.decode()


def test_a_license_manager_keeps_what_inventories_lack(
    client: Client, environment: Environment
) -> None:
    with acting(None, "Set up by a test"):
        department = Department.objects.create(company=environment.company, name="Legal")
    host = environment.device("host-1")

    response = edit(
        client,
        environment,
        department=department.pk,
        processors=1,
        cores=4,
        host=host.pk,
        cloud="AWS",
        reason="Counted by hand",
    )

    assert response.headers["Location"] == f"/devices/{environment.pc.pk}"
    environment.pc.refresh_from_db()
    assert (environment.pc.department, environment.pc.cores) == (department, 4)
    assert (environment.pc.host, environment.pc.cloud) == (host, "AWS")
    page = client.get(f"/devices/{environment.pc.pk}").content.decode()
    assert "Counted by hand" in page
    assert "<ins>Legal</ins>" in page


def test_a_device_that_changes_hands_changes_who_uses_its_software(
    client: Client, environment: Environment
) -> None:
    assert environment.deployment.installs_without_person == 1

    edit(client, environment, person=environment.bob.pk)
    of_bob = environment.deployment
    edit(client, environment, person="")
    of_nobody = environment.deployment

    assert (of_bob.users, of_bob.installs_without_person) == (1, 1)
    assert (of_nobody.users, of_nobody.installs_without_person) == (1, 2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"cores": "0"}, "greater than or equal to 1", id="no core"),
        pytest.param({"processors": "4", "cores": "2"}, "at least 4 cores", id="cores"),
        pytest.param({"cores": "8", "threads": "4"}, "at least 8 threads", id="threads"),
        pytest.param({"kind": "toaster"}, "toaster is not one of", id="kind"),
    ],
)
def test_says_what_is_wrong_and_saves_nothing(
    client: Client, environment: Environment, changes: dict[str, str], said: str
) -> None:
    page = edit(client, environment, cluster="Typed before", **changes)

    assert page.status_code == 422
    assert said in page.content.decode()
    assert "Typed before" in page.content.decode()
    environment.pc.refresh_from_db()
    assert environment.pc.cluster == ""


def test_a_device_runs_on_no_device_that_runs_on_it(
    client: Client, environment: Environment
) -> None:
    between = environment.device("between", host=environment.pc)
    guest = environment.device("guest", host=between)

    page = edit(client, environment, host=guest.pk)

    assert "guest runs on pc-1 itself" in page.content.decode()
    environment.pc.refresh_from_db()
    assert environment.pc.host is None


def test_a_device_is_given_to_nobody_of_another_company(
    client: Client, environment: Environment
) -> None:
    stranger = PersonFactory(name="Stranger")

    page = edit(client, environment, person=stranger.pk)

    assert page.status_code == 422
    environment.pc.refresh_from_db()
    assert environment.pc.person == environment.ada


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("sort=since", ["pc-1", "pc-2", "pc-1"], id="all"),
        pytest.param("sort=since&state=gone", ["pc-1"], id="gone"),
        pytest.param(
            "sort=since&day=2026-11-03", ["pc-1", "pc-2", "pc-1"], id="before it was gone"
        ),
        pytest.param("sort=since&day=2026-11-04", ["pc-1", "pc-2"], id="on the day it was gone"),
        pytest.param("sort=since&day=2026-11-01", [], id="before it was seen"),
        pytest.param("sort=since&source=SCAN", ["pc-1"], id="of a source"),
        pytest.param("q=pc-2", ["pc-2"], id="searched by device"),
        pytest.param("q=unheard", ["pc-1"], id="searched by title"),
        pytest.param("deployment={deployment}&sort=-device", ["pc-2", "pc-1"], id="of a product"),
        pytest.param("product={product}&sort=device", ["pc-1", "pc-2"], id="of any company's"),
        pytest.param("device_text=pc-2", ["pc-2"], id="on a device that was typed"),
        pytest.param("person={ada}&sort=since", ["pc-1", "pc-1"], id="of whoever has the device"),
        pytest.param("device={pc}&sort=title", ["DrawIt 24.1", "Unheard of"], id="on a device"),
    ],
)
def test_filters_of_installations(
    client: Client, environment: Environment, query: str, names: list[str]
) -> None:
    environment.install(
        environment.pc, environment.found("Unheard of"), source="scan", gone_on=date(2026, 11, 4)
    )
    asked = query.format(
        deployment=environment.deployment.pk,
        product=environment.model.product_id,
        ada=environment.ada.pk,
        pc=environment.pc.pk,
    )

    page = client.get(f"/installations/?{asked}")

    assert listed(page) == names


def test_millions_are_not_sorted_by_what_no_index_orders(client: Client) -> None:
    page = client.get("/installations/?sort=device").content.decode()

    assert "cannot be sorted by “device”" in page


def plan_of_the_page(client: Client, address: str, table: str) -> str:
    """How the server reads the rows of a list."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    rows = next(
        query["sql"]
        for query in captured.captured_queries
        if f'FROM "{table}"' in query["sql"] and "ORDER BY" in query["sql"]
    )
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {rows}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_few_gone_among_many_are_found_without_reading_the_others(
    client: Client, environment: Environment
) -> None:
    unheard = environment.found("Unheard of")
    rows = [
        Installation(
            company=environment.company,
            device=environment.pc,
            software=unheard,
            source=f"scan {number}",
            seen_on=DAY,
            last_seen_on=DAY,
            gone_on=DAY if number % 100 == 0 else None,
        )
        for number in range(5_000)
    ]
    Installation.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE deployments_installation")

    plan = plan_of_the_page(client, "/installations/?state=gone", "deployments_installation")

    assert "installation_gone_by_day" in plan


@pytest.mark.parametrize("address", ["/devices/", "/installations/", "/devices/{pc}"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: Client, environment: Environment, address: str
) -> None:
    address = address.format(pc=environment.pc.pk)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    environment.device("guest", host=environment.pc)
    client.get(address)
    few = queries()
    for number in range(30):
        device = environment.device(f"more-{number}", person=environment.bob, host=environment.pc)
        environment.install(device, environment.title)
        environment.install(environment.pc, environment.found(f"Title {number}"))

    # Beyond one page the rows are counted; rows that fill it ask for none without a key.
    assert queries() <= few + 1
