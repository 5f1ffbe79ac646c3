"""The metric catalogue in the admin: who adds, who changes, and what an addition must say."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from entitlements.models import (
    AgreementType,
    LicenseMetric,
    MetricAttribute,
    MetricGroup,
    ModelAttribute,
    ProcessorValue,
    Tier,
    TierTable,
)
from tests.factories import CompanyFactory, SoftwareModelFactory, UserFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Client:
    return signed_in(make_user(Role.ADMINISTRATOR, CompanyFactory()))


@pytest.fixture
def superuser() -> Client:
    return signed_in(UserFactory(is_superuser=True))


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def add(model: type[Model]) -> str:
    return reverse(f"admin:entitlements_{model._meta.model_name}_add")


def change(record: Model) -> str:
    return reverse(f"admin:entitlements_{record._meta.model_name}_change", args=[record.pk])


METRIC = {
    "name": "Per robot",
    "counted_by": "device",
    "description": "A license for each robot on a line.",
    "calculation": "Rights needed = robots.",
    "source": "",
}


# --- Metrics of one's own ---


def test_a_metric_that_an_administrator_adds_is_of_the_group_custom(administrator: Client) -> None:
    answer = administrator.post(add(LicenseMetric), METRIC)

    assert answer.status_code == 302, answer.content.decode()
    assert LicenseMetric.objects.get(name="Per robot").group.name == "Custom"


def test_it_is_of_custom_whatever_group_is_posted(administrator: Client) -> None:
    oracle = MetricGroup.objects.get(name="Oracle")

    administrator.post(add(LicenseMetric), METRIC | {"group": oracle.pk})

    assert LicenseMetric.objects.get(name="Per robot").group.name == "Custom"


@pytest.mark.parametrize("missing", ["name", "counted_by", "description", "calculation"])
def test_a_metric_of_ones_own_says_what_it_is_and_how_it_counts(
    administrator: Client, missing: str
) -> None:
    answer = administrator.post(add(LicenseMetric), METRIC | {missing: ""})

    assert "This field is required" in answer.content.decode()
    assert not LicenseMetric.objects.filter(group__name="Custom").exists()


def test_a_name_that_is_taken_is_told_and_no_error_of_the_database(administrator: Client) -> None:
    administrator.post(add(LicenseMetric), METRIC)

    answer = administrator.post(add(LicenseMetric), METRIC | {"name": "PER ROBOT"})

    assert "There is “Per robot (Custom)” already." in answer.content.decode()
    assert LicenseMetric.objects.filter(group__name="Custom").count() == 1


def test_a_metric_of_ones_own_stands_among_the_others(administrator: Client) -> None:
    administrator.post(add(LicenseMetric), METRIC)

    page = administrator.get(reverse("metrics")).content.decode()

    assert "Per robot" in page
    assert "Rights needed = robots." in page


def test_only_a_superuser_changes_a_metric_and_never_its_group(
    administrator: Client, superuser: Client
) -> None:
    shipped = LicenseMetric.objects.get(group__name="Common", name="Per Core")
    oracle = MetricGroup.objects.get(name="Oracle")
    wanted = METRIC | {"name": "Per Core", "group": oracle.pk}

    assert administrator.post(change(shipped), wanted).status_code == 403
    assert superuser.post(change(shipped), wanted).status_code == 302

    shipped.refresh_from_db()
    assert (shipped.calculation, shipped.group.name) == ("Rights needed = robots.", "Common")


def test_nobody_adds_a_group_whose_rules_are_not_known(
    administrator: Client, superuser: Client
) -> None:
    for client in (administrator, superuser):
        assert client.post(add(MetricGroup), {"name": "SAP"}).status_code == 403


def test_an_agreement_type_of_ones_own_says_whether_it_is_always_compliant(
    administrator: Client,
) -> None:
    group = MetricGroup.objects.get(name="Custom")
    wanted = {"group": group.pk, "code": "SITE", "name": "Site", "always_compliant": "on"}

    answer = administrator.post(add(AgreementType), wanted)

    assert answer.status_code == 302, answer.content.decode()
    assert AgreementType.objects.get(code="SITE").always_compliant


# --- Numbers ---


def new_records() -> dict[type[Model], dict[str, Any]]:
    """By model, what is posted to add one."""
    attribute = MetricAttribute.objects.get(metric__group__name="VMware", default_value=32)
    return {
        MetricAttribute: {
            "metric": attribute.metric_id,
            "key": "max_hosts",
            "name": "Max hosts",
            "default_value": "",
        },
        ModelAttribute: {
            "model": SoftwareModelFactory().pk,
            "attribute": attribute.pk,
            "value": "16",
        },
        ProcessorValue: {"table": "pvu", "processor": "AMD EPYC 9004", "value": "70"},
        TierTable: tiers("600", ""),
    }


def tiers(*bounds: str) -> dict[str, Any]:
    """What is posted for a table of tiers with these bounds."""
    posted: dict[str, Any] = {
        "key": "seats",
        "name": "Seats",
        "way": "summed",
        "tiers-TOTAL_FORMS": str(len(bounds)),
        "tiers-INITIAL_FORMS": "0",
    }
    for at, bound in enumerate(bounds):
        posted |= {f"tiers-{at}-up_to": bound, f"tiers-{at}-factor": "1"}
    return posted


@pytest.mark.parametrize("model", [MetricAttribute, ModelAttribute, ProcessorValue, TierTable])
def test_administrators_add_numbers_and_their_history_tells_who(
    administrator: Client, model: Any
) -> None:
    answer = administrator.post(add(model), new_records()[model])

    assert answer.status_code == 302, answer.content.decode()
    made = model.objects.latest("pk")
    story = reverse(f"admin:entitlements_{model._meta.model_name}_history", args=[made.pk])
    assert "added the" in administrator.get(story).content.decode()


def test_a_processor_that_is_in_the_table_already_is_told_with_its_value(
    administrator: Client,
) -> None:
    posted = {"table": "pvu", "processor": "power9 S924", "value": "1"}

    answer = administrator.post(add(ProcessorValue), posted)

    assert "The table has it already: POWER9 S924: 70." in answer.content.decode()
    assert ProcessorValue.objects.filter(processor__iexact="power9 s924").count() == 1


def test_a_table_of_tiers_comes_with_its_tiers(administrator: Client) -> None:
    administrator.post(add(TierTable), tiers("600", ""))

    bounds = Tier.objects.filter(table__key="seats").values_list("up_to", flat=True)
    assert list(bounds) == [600, None]


def test_a_table_of_tiers_without_any_is_refused(administrator: Client) -> None:
    answer = administrator.post(add(TierTable), tiers())

    assert "A table has at least one tier." in answer.content.decode()
    assert not TierTable.objects.filter(key="seats").exists()


@pytest.mark.parametrize("model", [MetricAttribute, ProcessorValue, TierTable])
def test_shipped_numbers_are_read_by_administrators_and_not_changed(
    administrator: Client, model: Any
) -> None:
    shipped = model.objects.earliest("pk")
    before = model.history.count()

    assert administrator.get(change(shipped)).status_code == 200
    assert administrator.post(change(shipped), {}).status_code == 403
    assert model.history.count() == before


def test_administrators_see_the_tiers_of_a_table_and_add_none(administrator: Client) -> None:
    rvu = TierTable.objects.get(key="rvu")

    page = administrator.get(change(rvu)).content.decode()

    posted = tiers("600") | {"tiers-0-table": str(rvu.pk)}

    assert "150000" in page
    assert 'name="tiers-0-factor"' not in page
    assert administrator.post(change(rvu), posted).status_code == 403
    assert not rvu.tiers.filter(up_to=600).exists()


def test_a_superuser_changes_a_tier(superuser: Client) -> None:
    table = TierTable.objects.get(key="uvu_authorized")
    posted = {
        "name": table.name,
        "way": "summed",
        "source": table.source,
        "as_of": "2026-11-24",
        "tiers-TOTAL_FORMS": "3",
        "tiers-INITIAL_FORMS": "3",
    }
    for at, tier in enumerate(table.tiers.all()):
        posted |= {
            f"tiers-{at}-id": str(tier.pk),
            f"tiers-{at}-table": str(table.pk),
            f"tiers-{at}-up_to": "" if tier.up_to is None else str(tier.up_to),
            f"tiers-{at}-factor": "0.9" if tier.up_to == 50 else str(tier.factor),
        }

    answer = superuser.post(change(table), posted)

    assert answer.status_code == 302, answer.content.decode()
    assert str(table.tiers.get(up_to=50).factor) == "0.90000"


def test_what_counts_by_is_not_changed_under_it(superuser: Client) -> None:
    attribute = MetricAttribute.objects.get(metric__group__name="VMware", default_value=32)

    superuser.post(change(attribute), {"key": "other", "name": "Most cores", "default_value": "48"})

    attribute.refresh_from_db()
    assert (attribute.key, attribute.default_value) == ("max_cores_per_processor", 48)


# --- A sheet of metric attributes of software models ---

IMPORT = "/admin/entitlements/modelattribute/import/"
HEADINGS = "Publisher,Software model,Metric group,License metric,Attribute,Value,Source,As of\n"


@pytest.fixture
def models() -> dict[str, Any]:
    return {name: SoftwareModelFactory(name=name) for name in ("vSphere 8", "vSAN 8")}


def send(client: Client, text: str | bytes) -> Any:
    content = text.encode() if isinstance(text, str) else text
    return client.post(IMPORT, {"file": SimpleUploadedFile("values.csv", content)})


def values() -> set[tuple[Any, ...]]:
    return set(ModelAttribute.objects.values_list("model__name", "attribute__key", "value"))


def test_a_sheet_adds_values_by_name_or_key_of_the_attribute(
    administrator: Client, models: dict[str, Any]
) -> None:
    answer = send(
        administrator,
        HEADINGS
        + ",vSphere 8,VMware,Per Processor,Max cores per processor,64,Our agreement,2026-01-31\n"
        + ",VSAN 8,vmware,per processor,max_cores_per_processor,Unlimited,,\n",
    )

    assert answer.status_code == 302
    assert values() == {
        ("vSphere 8", "max_cores_per_processor", 64),
        ("vSAN 8", "max_cores_per_processor", None),
    }
    told = ModelAttribute.objects.get(value=64)
    assert (told.source, str(told.as_of)) == ("Our agreement", "2026-01-31")


def test_semicolons_and_the_mark_of_a_spreadsheet_program_are_read_too(
    administrator: Client, models: dict[str, Any]
) -> None:
    text = "Software model;Metric group;License metric;Attribute;Value\n"
    text += "vSphere 8;VMware;Per Processor;max_cores_per_processor;64\n"

    answer = send(administrator, b"\xef\xbb\xbf" + text.encode())

    assert answer.status_code == 302, answer.content.decode()
    assert values() == {("vSphere 8", "max_cores_per_processor", 64)}


VSPHERE = ",vSphere 8,VMware,Per Processor,Max cores per processor,"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (VSPHERE + "many,,", "Line 3 has the value “many”: write a whole number, or “unlimited”."),
        (VSPHERE + "-1,,", "Line 3 has the value “-1”"),
        (VSPHERE + "2147483648,,", "Line 3 has the value “2147483648”"),
        (VSPHERE + "1,,31.1.2026", "Line 3 has the day “31.1.2026”: write a day as 2026-12-31."),
        (",Nothing 1,VMware,Per Processor,Max cores per processor,1,,", "model “Nothing 1”"),
        ("Acme,vSphere 8,VMware,Per Processor,max_cores_per_processor,1,,", "“Acme vSphere 8”"),
        (
            ",vSphere 8,VMware,Per OSI,Max cores per processor,1,,",
            "names “Max cores per processor”, which the metric “Per OSI” of “VMware” does not have",
        ),
        (",vSAN 8,VMware,Per Processor,max_cores_per_processor,2,,", "says once more what line 2"),
    ],
)
def test_a_sheet_with_a_wrong_line_is_refused_whole_and_the_line_is_named(
    administrator: Client, models: dict[str, Any], lines: str, problem: str
) -> None:
    right = ",vSAN 8,VMware,Per Processor,max_cores_per_processor,1,,\n"

    answer = send(administrator, HEADINGS + right + lines + "\n")

    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert values() == set()


def test_models_of_one_name_are_told_apart_by_their_publisher(
    administrator: Client, models: dict[str, Any]
) -> None:
    namesake = SoftwareModelFactory(name="vSphere 8")
    line = "vSphere 8,VMware,Per Processor,max_cores_per_processor,1,,\n"

    refused = send(administrator, HEADINGS + "," + line)
    taken = send(administrator, HEADINGS + f"{namesake.product.vendor}," + line)

    assert "of which there are several" in refused.content.decode()
    assert taken.status_code == 302
    assert ModelAttribute.objects.get().model == namesake


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The submitted file is empty."),
        (b"\n", "The first row lacks the heading “Software model”."),
        (b"Software model,Value\n", "The first row lacks the heading “Attribute”."),
        (HEADINGS.encode(), "The sheet has no line beneath its headings."),
        (b"PK\x03\x04\x00\x00", "Save the sheet as CSV"),
        (HEADINGS.encode() + b"\xff\xfe", "not text in UTF-8"),
        (HEADINGS.encode() + b"x" * 1_000_000, "1,000,000 are the most"),
    ],
)
def test_what_is_no_such_sheet_is_refused(
    administrator: Client, content: bytes, problem: str
) -> None:
    answer = send(administrator, content)

    assert answer.status_code == 422
    assert problem in answer.content.decode()


def test_a_sheet_changes_what_stands_for_a_superuser_alone(
    administrator: Client, superuser: Client, models: dict[str, Any]
) -> None:
    send(administrator, HEADINGS + VSPHERE + "64,,\n")

    again = send(administrator, HEADINGS + VSPHERE + "64,,\n")
    refused = send(administrator, HEADINGS + VSPHERE + "32,,\n")

    assert again.status_code == 302
    assert "vSphere 8, which is 64. Only a superuser changes what stands." in (
        refused.content.decode()
    )
    assert send(superuser, HEADINGS + VSPHERE + "32,,\n").status_code == 302
    assert values() == {("vSphere 8", "max_cores_per_processor", 32)}


def test_the_history_of_a_value_tells_that_a_sheet_brought_it(
    administrator: Client, models: dict[str, Any]
) -> None:
    send(administrator, HEADINGS + VSPHERE + "64,,\n")

    told = ModelAttribute.history.get()

    assert told.history_change_reason == "Imported from a sheet of metric attributes"
    assert told.history_user_id is not None


@pytest.mark.parametrize("role", [Role.LICENSE_MANAGER, Role.AUDITOR, Role.REQUESTER])
def test_other_roles_import_nothing(models: dict[str, Any], role: Role) -> None:
    client = signed_in(make_user(role, CompanyFactory()))

    send(client, HEADINGS + VSPHERE + "64,,\n")

    assert values() == set()


def test_asking_for_the_page_changes_nothing(administrator: Client) -> None:
    assert administrator.get(IMPORT).status_code == 200
    assert values() == set()
