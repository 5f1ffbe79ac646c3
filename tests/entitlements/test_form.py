"""The form of an entitlement: what a part number fills in, what applies, what is refused."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Company
from accounts.roles import Role
from contracts.models import ContractType, Product, SoftwareModel, SuitePart
from entitlements.models import (
    AgreementType,
    Entitlement,
    LicenseMetric,
    LicenseType,
    MetricGroup,
)
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    DefinitionFactory,
    LicenseFactory,
    PartFactory,
    ProductFactory,
    SoftwareModelFactory,
    SuiteComponentFactory,
    VendorFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

ADD = "/entitlements/add-license"


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def client(company: Company) -> Client:
    client = Client()
    client.force_login(make_user(Role.LICENSE_MANAGER, company))
    return client


def fields(company: Company, **changes: Any) -> dict[str, Any]:
    """What a form sends; without a software model."""
    return {
        "company": company.pk,
        "license_type": "full",
        "duration": "perpetual",
        "purchased_rights": "5",
        "purchased_on": "2026-01-31",
    } | {name: getattr(value, "pk", value) for name, value in changes.items()}


def applied(client: Client, sent: dict[str, Any], *, at: str = ADD) -> str:
    """The form as it is drawn anew; nothing is saved."""
    page = client.post(at, sent | {"apply": "1"})
    assert page.status_code == 200
    return page.content.decode()


def refused(client: Client, sent: dict[str, Any], *, at: str = ADD) -> str:
    page = client.post(at, sent)
    assert page.status_code == 422
    return page.content.decode()


def saved(client: Client, sent: dict[str, Any], *, at: str = ADD) -> Entitlement:
    page = client.post(at, sent)
    assert page.status_code == 302, re.findall(r"<li>(.*)</li>", page.content.decode())
    return Entitlement.objects.latest("pk")


def value_of(page: str, name: str) -> str:
    """What stands in a field of a page."""
    if select := re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"\s+selected', select[0])
        return chosen[1] if chosen else ""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    value = re.search(r'value="([^"]*)"', found[0]) if found else None
    return value[1] if value else ""


def shows(page: str, name: str) -> bool:
    return f'name="{name}"' in page


# --- What a part number fills in ---


@pytest.fixture
def microsoft() -> Any:
    return VendorFactory(name="Microsoft Corporation")


@pytest.fixture
def visio(microsoft: Any) -> Product:
    return ProductFactory(vendor=microsoft, name="Visio")


def metric(group: str, name: str) -> LicenseMetric:
    return LicenseMetric.objects.get(group__name=group, name=name)


def test_a_part_number_fills_in_model_metric_license_type_and_pack(client, company, visio):
    model = SoftwareModelFactory(product=visio, version="2024", name="Visio 2024")
    part = PartFactory(
        vendor=visio.vendor,
        product_name="Visio",
        version="2024",
        license_type=LicenseType.UPGRADE,
        metric=metric("Microsoft", "Per User"),
        rights_per_pack=25,
    )

    page = applied(client, fields(company, part=part, packs="2"))

    assert value_of(page, "model") == str(model.pk)
    assert value_of(page, "license_type") == "upgrade"
    assert value_of(page, "metric_group") == str(MetricGroup.objects.get(name="Microsoft").pk)
    assert value_of(page, "metric") == str(part.metric_id)
    assert (value_of(page, "rights_per_pack"), value_of(page, "purchased_rights")) == ("25", "50")
    assert "Microsoft Corporation" in page
    assert "Licensable" in page
    assert not Entitlement.objects.exists()


def test_where_several_models_fit_the_person_chooses_and_is_asked_again_until_then(
    client, company, visio
):
    SoftwareModelFactory(product=visio, version="2024", name="Visio 2024")
    newer = SoftwareModelFactory(product=visio, version="2026", name="Visio 2026")
    part = PartFactory(vendor=visio.vendor, number="VI-1", product_name="Visio")

    page = applied(client, fields(company, part=part))

    assert "2 software models fit VI-1: choose one." in page
    assert re.search(r'<select name="model".*Visio 2024.*Visio 2026.*</select>', page, re.DOTALL)
    said = refused(client, fields(company, part=part, filled_from_part=part))
    assert "Several software models fit VI-1: Visio 2024, Visio 2026. Choose one." in said
    license = saved(client, fields(company, part=part, filled_from_part=part, model=newer))
    assert (license.model, license.part) == (newer, part)


def test_where_no_model_fits_it_is_created_when_the_license_is_saved(client, company, microsoft):
    part = PartFactory(
        vendor=microsoft, product_name="Visio", version="2027", edition="Pro",
        product_type="freeware",
    )  # fmt: skip
    sent = fields(company, part=part, reason="Order 4711")

    page = applied(client, sent)

    assert "Will be created: Microsoft Corporation Visio 2027 Pro." in page
    assert not SoftwareModel.objects.exists()
    license = saved(client, sent)
    assert license.model.name == "Visio 2027 Pro"
    assert license.model.product.vendor == microsoft
    assert license.model.product_type == "freeware"
    assert license.model.history.get().history_change_reason == "Order 4711"


def test_a_model_that_another_license_made_meanwhile_is_taken(client, company, microsoft):
    part = PartFactory(vendor=microsoft, product_name="Visio", version="2027")

    first = saved(client, fields(company, part=part))
    second = saved(client, fields(company, part=part))

    assert first.model == second.model
    assert SoftwareModel.objects.count() == 1


def test_a_part_of_another_product_than_the_model_is_warned_of_and_saved(client, company, visio):
    model = SoftwareModelFactory(product=visio, name="Visio 2024")
    part = PartFactory(vendor=VendorFactory(name="Acme"), number="AC-1", product_name="DrawIt")
    sent = fields(company, part=part, filled_from_part=part, model=model)
    warning = (
        "The part number AC-1 is of Acme DrawIt, and the software model is Microsoft Corporation"
        " Visio 2024."
    )

    assert warning in applied(client, sent)
    license = saved(client, sent)

    at_once = client.get(f"/entitlements/{license.pk}").content.decode()
    later = client.get(f"/entitlements/{license.pk}").content.decode()
    # Told once after saving, and on the page for as long as it is so.
    assert (at_once.count(warning), later.count(warning)) == (2, 1)


def test_without_script_a_part_number_is_looked_at_once_before_it_is_saved(client, company, visio):
    SoftwareModelFactory(product=visio, version="2024", name="Visio 2024")
    part = PartFactory(
        vendor=visio.vendor, number="VI-1", product_name="Visio", license_type="upgrade"
    )
    drawn = fields(company, part=part, filled_from_part="", filled_from_model="")

    page = client.post(ADD, drawn)

    assert page.status_code == 200
    assert "VI-1 has filled in fields below. Look at them, and save." in page.content.decode()
    assert value_of(page.content.decode(), "license_type") == "upgrade"
    assert not Entitlement.objects.exists()


def test_a_part_that_is_a_suite_makes_what_it_holds(client, company, microsoft):
    suite = PartFactory(vendor=microsoft, number="OF-1", product_name="Office", is_suite=True)
    SuiteComponentFactory(part=suite, product_name="Word", version="2026")
    SuiteComponentFactory(
        part=suite, product_name="DrawIt", vendor=VendorFactory(name="Acme"), version=""
    )
    sent = fields(company, part=suite)

    page = applied(client, sent)

    assert "suite defined: yes (DrawIt, Word 2026)" in page
    license = saved(client, sent)
    held = {part.component for part in SuitePart.objects.filter(suite=license.model)}
    assert {f"{model.product.vendor} {model.name}" for model in held} == {
        "Microsoft Corporation Word 2026",
        "Acme DrawIt",
    }


def test_parts_are_found_by_number_and_words_and_say_that_they_are_suites(client, microsoft):
    PartFactory(
        vendor=microsoft, number="269-1", description="Office open licence", is_suite=True,
        product_name="Office", is_example=True,
    )  # fmt: skip
    PartFactory(vendor=microsoft, number="270-1", product_name="Project")

    page = client.get("/choose/parts", {"q": "office"}).content.decode()

    assert "269-1" in page
    assert "Microsoft Corporation · Office open licence · Suite defined: yes · Example" in page
    assert "270-1" not in page


def test_maintenance_is_filled_in_by_a_part_number_as_well(client, company, visio):
    model = SoftwareModelFactory(product=visio, version="2024", name="Visio 2024")
    part = PartFactory(vendor=visio.vendor, product_name="Visio", rights_per_pack=10)
    assurance = DefinitionFactory(company=company, name="Software Assurance")
    sent = fields(
        company, part=part, definition=assurance, starts_on="2026-02-01", packs="3",
        purchased_rights="",
    )  # fmt: skip

    page = applied(client, sent, at="/entitlements/add-maintenance")

    assert value_of(page, "model") == str(model.pk)
    assert "Software Assurance for Visio 2024" in page
    position = saved(client, sent, at="/entitlements/add-maintenance")
    assert (position.purchased_rights, position.packs, position.part) == (30, 3, part)


# --- Metric groups ---


def test_a_model_brings_the_metric_group_of_its_publisher(client, company, visio):
    model = SoftwareModelFactory(product=visio)
    common = MetricGroup.objects.get(name="Common")

    page = applied(
        client,
        fields(company, model=model, metric_group=common, metric=metric("Common", "Per User")),
    )

    assert value_of(page, "metric_group") == str(MetricGroup.objects.get(name="Microsoft").pk)
    assert value_of(page, "metric") == str(metric("Microsoft", "Per User").pk)
    offered = page.partition('<select name="metric"')[2].partition("</select>")[0]
    assert "Server (Per Instance)" in offered
    assert "Per Named Device" not in offered


def test_a_group_that_is_chosen_by_hand_stays_and_narrows_metrics_and_agreements(
    client, company, visio
):
    model = SoftwareModelFactory(product=visio)
    oracle = MetricGroup.objects.get(name="Oracle")

    page = applied(
        client, fields(company, model=model, filled_from_model=model, metric_group=oracle)
    )

    assert value_of(page, "metric_group") == str(oracle.pk)
    assert "Named User Plus" in page
    assert "Unlimited License Agreement" in page
    assert "Server (Per Instance)" not in page


@pytest.mark.parametrize(
    ("group", "metric_of", "agreement_of", "said"),
    [
        pytest.param(
            "Oracle", "Common", None, "“Per Device” is a metric of Common, not of Oracle.",
            id="metric of another group",
        ),
        pytest.param(
            "Oracle", None, "Adobe", "is an agreement type of Adobe, not of Oracle.",
            id="agreement of another group",
        ),
        pytest.param(
            None, "Common", "Adobe",
            "is an agreement type of Adobe, but the metric “Per Device” is one of Common.",
            id="of two groups",
        ),
    ],
)  # fmt: skip
def test_metric_and_agreement_are_of_one_group(
    client, company, group, metric_of, agreement_of, said
):
    sent = fields(company, model=SoftwareModelFactory())
    if group:
        sent["metric_group"] = MetricGroup.objects.get(name=group).pk
    if metric_of:
        sent["metric"] = metric(metric_of, "Per Device").pk
    if agreement_of:
        sent["agreement_type"] = AgreementType.objects.filter(group__name=agreement_of).first().pk

    assert said in refused(client, sent)


def test_a_second_ibm_license_of_a_model_with_another_metric_is_warned_of(client, company):
    model = SoftwareModelFactory(product=ProductFactory(vendor=VendorFactory(name="IBM")))
    LicenseFactory(
        company=company, model=model, asset_tag="I-1", metric=metric("IBM", "Per Processor")
    )

    license = saved(client, fields(company, model=model, metric=metric("IBM", "Per User")))

    page = client.get(f"/entitlements/{license.pk}").content.decode()
    assert "(I-1) is counted Per Processor, this license Per User." in page


# --- What applies ---


@pytest.fixture
def database() -> SoftwareModel:
    oracle = VendorFactory(name="Oracle America, Inc.")
    return SoftwareModelFactory(product=ProductFactory(vendor=oracle, name="DB Server"))


def test_a_database_option_is_asked_for_only_of_oracles_database(client, company, database):
    other = SoftwareModelFactory(product=ProductFactory(vendor=database.product.vendor))

    assert shows(applied(client, fields(company, model=database)), "database_option")
    assert not shows(applied(client, fields(company, model=other)), "database_option")
    license = saved(client, fields(company, model=database, database_option="Partitioning"))

    assert license.database_option == "Partitioning"


def test_a_database_option_of_something_else_is_refused_by_name(client, company):
    sent = fields(company, model=SoftwareModelFactory(), database_option="Partitioning")

    assert (
        "“Partitioning”: only a license of the product DB Server in the metric group Oracle has a"
        " database option." in refused(client, sent)
    )


def test_two_database_options_in_one_entitlement_are_refused(client, company, database):
    sent = fields(company, model=database, database_option="Partitioning, Spatial")

    assert "“Partitioning, Spatial” is more than one option." in refused(client, sent)


def test_a_perpetual_license_is_not_asked_for_an_end_and_a_subscription_is(client, company):
    model = SoftwareModelFactory()

    perpetual = applied(client, fields(company, model=model))
    subscription = applied(client, fields(company, model=model, duration="subscription"))

    assert not shows(perpetual, "starts_on")
    assert not shows(perpetual, "ends_on")
    assert shows(subscription, "starts_on")
    assert shows(subscription, "ends_on")


def test_an_unlimited_license_is_not_asked_how_many_rights(client, company):
    sent = fields(company, model=SoftwareModelFactory(), is_unlimited="on")

    page = applied(client, sent)

    for name in ("purchased_rights", "packs", "rights_per_pack"):
        assert not shows(page, name)
    assert "and this says 5." in refused(client, sent)
    license = saved(client, {n: v for n, v in sent.items() if n != "purchased_rights"})
    assert (license.is_unlimited, license.purchased_rights) == (True, None)


def test_what_does_not_apply_any_more_is_taken_out_of_the_record(client, company):
    license = LicenseFactory(
        company=company, duration="subscription", starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31), purchased_rights=20, packs=2, rights_per_pack=10,
    )  # fmt: skip
    at = f"/entitlements/{license.pk}/edit"
    sent = fields(company, model=license.model, is_unlimited="on") | {"starts_on": "2026-01-01"}
    del sent["purchased_rights"]

    assert client.post(at, sent).status_code == 302

    license.refresh_from_db()
    assert (license.ends_on, license.starts_on) == (None, date(2026, 1, 1))
    assert (license.purchased_rights, license.packs, license.rights_per_pack) == (None, None, None)


def test_the_license_type_is_said_once(client, company):
    license = LicenseFactory(company=company)
    at = f"/entitlements/{license.pk}/edit"

    assert not shows(client.get(at).content.decode(), "license_type")
    sent = fields(company, model=license.model) | {"license_type": "upgrade"}
    said = refused(client, sent, at=at)

    assert "The license type stays Full once a license is saved; “upgrade” was sent." in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"packs": "3"}, "Say how many rights each of the 3 packs has.", id="no size"),
        pytest.param(
            {"packs": "3", "rights_per_pack": "10", "purchased_rights": "40"},
            "3 packs of 10 rights are 30 rights, not 40.",
            id="another number",
        ),
    ],
)
def test_packs_and_rights_agree(client, company, changes, said):
    assert said in refused(client, fields(company, model=SoftwareModelFactory(), **changes))


def test_packs_tell_the_rights(client, company):
    sent = fields(
        company, model=SoftwareModelFactory(), packs="3", rights_per_pack="10",
        purchased_rights="",
    )  # fmt: skip

    assert saved(client, sent).purchased_rights == 30


def test_without_model_and_part_number_nothing_is_licensed(client, company):
    assert "Choose a software model, or a part number" in refused(client, fields(company))


@pytest.mark.parametrize("is_shown", [True, False])
def test_active_rights_are_hidden_under_an_enterprise_agreement(client, company, is_shown):
    kinds = ContractType.objects.filter(is_enterprise=not is_shown)
    contract = ContractFactory(company=company, type=kinds.first())
    license = saved(client, fields(company, model=SoftwareModelFactory(), contract=contract))

    form = client.get(f"/entitlements/{license.pk}/edit").content.decode()
    page = client.get(f"/entitlements/{license.pk}").content.decode()

    assert ("Active rights" in form) == is_shown
    assert ("<dt>Entitled</dt>" in page) == is_shown
    assert ("under an enterprise agreement" in page) != is_shown


# --- Numbers in the group of a serial number ---


def test_a_license_gets_the_next_number_of_its_serial_numbers_group(client, company):
    model = SoftwareModelFactory()
    sent = fields(company, model=model, serial_number="S-1")

    assert "Empty: the next, 0." in applied(client, sent)
    assert saved(client, sent).license_number == 0
    LicenseFactory(company=company, serial_number="S-1", license_number=7)
    LicenseFactory(serial_number="S-1", license_number=70)  # of another company
    assert saved(client, sent).license_number == 8


def test_a_number_that_another_license_of_the_group_has_is_refused_with_its_name(client, company):
    LicenseFactory(company=company, serial_number="S-1", license_number=3, asset_tag="A-3")
    sent = fields(company, model=SoftwareModelFactory(), serial_number="S-1", license_number="3")

    said = refused(client, sent)

    assert "3 of the serial number S-1 is" in said
    assert "(A-3). The next free number is 4." in said


def test_a_number_without_a_serial_number_is_refused(client, company):
    sent = fields(company, model=SoftwareModelFactory(), license_number="3")

    assert "3 is a number in the group of a serial number" in refused(client, sent)
    assert not shows(applied(client, sent), "license_number")


# --- Drawing anew ---


def test_the_script_gets_the_fields_alone_and_what_was_typed_is_kept(client, company):
    sent = fields(company, model=SoftwareModelFactory(), notes="Half a sen", apply="1")

    page = client.post(ADD, sent, headers={"HX-Request": "true"})

    assert page.status_code == 200
    assert "<html" not in page.content.decode()
    assert "Half a sen" in page.content.decode()
    assert "HX-Request" in page.headers["Vary"]
    assert 'role="alert"' not in page.content.decode()


def test_drawing_anew_asks_few_questions(client, company, visio):
    SoftwareModelFactory(product=visio, version="2024")
    part = PartFactory(
        vendor=visio.vendor, product_name="Visio", metric=metric("Microsoft", "Per User")
    )
    client.get(ADD)

    with CaptureQueriesContext(connection) as captured:
        applied(client, fields(company, part=part))

    assert len(captured) <= 30


def test_an_auditor_draws_no_form_anew(company):
    auditor = Client()
    auditor.force_login(make_user(Role.AUDITOR, company))

    assert auditor.post(ADD, fields(company) | {"apply": "1"}).status_code == 403
