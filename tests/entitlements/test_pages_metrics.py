"""The pages of license metrics: what each counts and with which numbers, for every reader."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Company
from accounts.roles import Role
from common.acting import acting
from entitlements.models import (
    LicenseMetric,
    MetricAttribute,
    MetricGroup,
    ModelAttribute,
    ProcessorValue,
)
from tests.factories import CompanyFactory, LicenseFactory, SoftwareModelFactory, make_user

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def company() -> Company:
    return CompanyFactory()


@pytest.fixture
def reader(company: Company) -> Client:
    return signed_in(Role.AUDITOR, company)


def signed_in(role: Role, company: Company) -> Client:
    client = Client()
    client.force_login(make_user(role, company))
    return client


def metric(group: str, name: str) -> LicenseMetric:
    return LicenseMetric.objects.get(group__name=group, name=name)


def words(content: bytes) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", content.decode()).split())


def addresses() -> Iterator[str]:
    """One of each kind of page."""
    yield reverse("metrics")
    yield reverse("metric", args=[metric("IBM", "Per Processor").pk])
    yield reverse("processors")
    yield reverse("processor", args=[ProcessorValue.objects.earliest("pk").pk])
    yield reverse("tiers", args=["rvu"])


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.ADMINISTRATOR, 200),
        (Role.LICENSE_MANAGER, 200),
        (Role.AUDITOR, 200),
        (Role.REQUESTER, 404),
    ],
)
def test_every_reader_may_read_the_catalogue(company: Company, role: Role, status: int) -> None:
    client = signed_in(role, company)

    assert {client.get(address).status_code for address in addresses()} == {status}


def test_nobody_reads_it_signed_out(client: Client) -> None:
    for address in addresses():
        assert client.get(address)["Location"].startswith("/sign-in")


def test_pages_of_help_take_no_post(reader: Client) -> None:
    assert {reader.post(address).status_code for address in addresses()} == {405}


def test_reading_changes_nothing(reader: Client) -> None:
    before = LicenseMetric.history.count()

    with CaptureQueriesContext(
        connection,
    ) as captured:
        for address in addresses():
            reader.get(address)

    written = [q["sql"] for q in captured if re.match("INSERT|UPDATE|DELETE", q["sql"])]
    assert written == []
    assert LicenseMetric.history.count() == before


@pytest.mark.parametrize(
    "address", ["/metrics/999999", "/metrics/processors/999999", "/metrics/tiers/none"]
)
def test_what_is_not_in_the_catalogue_is_not_there(reader: Client, address: str) -> None:
    assert reader.get(address).status_code == 404


def test_the_catalogue_tells_each_metric_with_its_calculation_and_defaults(reader: Client) -> None:
    page = words(reader.get(reverse("metrics")).content)

    for each in LicenseMetric.objects.all():
        assert " ".join(each.description.split()) in page.replace("&#x27;", "'")
        assert "Example" in each.calculation
    for group in MetricGroup.objects.all():
        assert group.name in page
    assert "Max cores per processor 32 unless the software model says otherwise" in page
    assert "Max installs per right Unlimited unless the software model says otherwise" in page
    assert "Enterprise Term License Agreement (ETLA)" in page


def test_the_catalogue_is_read_in_few_queries_however_many_metrics(reader: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            reader.get(reverse("metrics"))
        return len(captured)

    queries()  # the first also reads who is signed in for the first time
    before = queries()
    with acting(None, "A test"):
        for n in range(20):
            LicenseMetric.objects.create(
                group=MetricGroup.objects.get(name="Custom"),
                name=f"Per thing {n}",
                counted_by="neither",
                description="Things.",
                calculation="Ones.",
            )

    assert queries() == before


@pytest.mark.parametrize(
    ("role", "offered"), [(Role.ADMINISTRATOR, True), (Role.LICENSE_MANAGER, False)]
)
def test_a_metric_of_ones_own_is_offered_to_administrators(
    company: Company, role: Role, offered: bool
) -> None:
    page = signed_in(role, company).get(reverse("metrics")).content.decode()

    assert (reverse("admin:entitlements_licensemetric_add") in page) is offered


def test_a_metric_tells_its_source_and_where_its_defaults_come_from(reader: Client) -> None:
    per_core = metric("Microsoft", "Per Core (with CAL)")

    page = reader.get(reverse("metric", args=[per_core.pk])).content.decode()

    assert "microsoft-percore-withcal.html" in page
    assert "sw-metric-attributes.html" in page
    assert "min_cores_per_server" in page
    assert "24 Nov 2026" in page


@pytest.mark.parametrize(
    ("group", "code", "effect"),
    [
        ("IBM", "IPLA", "No license impact."),
        ("VMware", "VPP", "No license impact."),
        ("Oracle", "ULA", "Compliant even with unlicensed installs"),
        ("Adobe", "ETLA", "Compliant even with unlicensed installs"),
    ],
)
def test_a_metric_tells_what_the_agreement_types_of_its_group_mean(
    reader: Client, group: str, code: str, effect: str
) -> None:
    of_group = LicenseMetric.objects.filter(group__name=group).earliest("pk")

    page = words(reader.get(reverse("metric", args=[of_group.pk])).content)

    assert f"{code} {effect}" in page


def test_a_metric_with_a_table_of_processors_shows_them(reader: Client) -> None:
    full_capacity = metric("IBM", "Processor Value Unit (PVU) Full Capacity")

    page = words(reader.get(reverse("metric", args=[full_capacity.pk])).content)

    assert "AMD Opteron, multi-core 50" in page
    assert "UltraSPARC" not in page


def test_a_metric_with_tiers_shows_their_brackets(reader: Client) -> None:
    sub_capacity = metric("IBM", "Resource Value Unit (RVU) Sub-capacity")

    page = words(reader.get(reverse("metric", args=[sub_capacity.pk])).content)

    assert "2,501 – 10,000 0.8" in page
    assert "150,001 and more 0.2" in page
    assert "Each unit at the factor of its bracket" in page


def test_a_metric_names_the_software_models_that_say_otherwise(reader: Client) -> None:
    per_processor = metric("VMware", "Per Processor")
    model = SoftwareModelFactory()
    with acting(None, "A test"):
        ModelAttribute.objects.create(
            model=model,
            attribute=MetricAttribute.objects.get(metric=per_processor),
            value=None,
            source="Our agreement",
        )

    page = words(reader.get(reverse("metric", args=[per_processor.pk])).content)

    assert f"{model}: max cores per processor unlimited ( Our agreement )" in page


def test_a_processor_is_found_by_any_part_of_its_name(reader: Client) -> None:
    page = words(reader.get(reverse("processors"), {"table": "pvu", "q": "power9 s9"}).content)

    assert "POWER9 S924 70" in page
    assert "POWER9 E950" not in page


def test_the_last_tier_of_java_ends_where_its_source_ends(reader: Client) -> None:
    page = words(reader.get(reverse("tiers", args=["java_price"])).content)

    assert "40,000 – 49,999 5.25" in page
    assert "and more" not in page
    assert "All units at the factor of the tier that is reached" in page


# --- The calculation at a click ---


def test_the_calculation_comes_as_a_dialog(reader: Client) -> None:
    per_core = metric("Common", "Per Core")

    found = reader.get(reverse("metric-calculation"), {"metric": per_core.pk}, headers=HTMX)

    assert "<dialog" in found.content.decode()
    assert "2 × 8 = 16 rights" in found.content.decode()
    assert "<html" not in found.content.decode()


def test_the_dialog_says_what_the_software_model_says(reader: Client) -> None:
    per_processor = metric("VMware", "Per Processor")
    model = SoftwareModelFactory()
    with acting(None, "A test"):
        ModelAttribute.objects.create(
            model=model, attribute=per_processor.attributes.get(), value=16, as_of=date(2026, 1, 1)
        )

    asked = {"metric": per_processor.pk, "model": model.pk}
    found = reader.get(reverse("metric-calculation"), asked, headers=HTMX)

    assert f"Max cores per processor 16 as {model} says" in words(found.content)


def test_without_script_the_calculation_is_the_page_of_the_metric(reader: Client) -> None:
    per_core = metric("Common", "Per Core")

    found = reader.get(reverse("metric-calculation"), {"metric": per_core.pk})

    assert found["Location"] == reverse("metric", args=[per_core.pk])


@pytest.mark.parametrize("typed", ["", "x", "-1", "²"])
def test_where_no_metric_is_chosen_the_dialog_says_so(reader: Client, typed: str) -> None:
    found = reader.get(reverse("metric-calculation"), {"metric": typed}, headers=HTMX)

    assert "No metric is chosen" in found.content.decode()
    assert reader.get(reverse("metric-calculation"), {"metric": typed})["Location"] == reverse(
        "metrics"
    )


def test_a_license_leads_to_the_calculation_of_its_metric(reader: Client, company: Company) -> None:
    license = LicenseFactory(company=company, metric=metric("Common", "Per Core"))

    page = reader.get(reverse("entitlement", args=[license.pk])).content.decode()

    asked = f"?metric={license.metric_id}&amp;model={license.model_id}"
    assert reverse("metric-calculation") + asked in page
