"""The metric catalogue in the database: what is shipped, and what it refuses."""

from collections.abc import Callable
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError

from common.acting import acting
from contracts.models import SoftwareModel
from entitlements import shipped
from entitlements.catalogue import attributes_in_force, groups_of_metrics, with_another_metric
from entitlements.models import (
    AgreementType,
    CountedBy,
    Entitlement,
    LicenseMetric,
    MetricAttribute,
    MetricGroup,
    ModelAttribute,
    ProcessorTable,
    ProcessorValue,
    Tier,
    TierTable,
)
from tests.factories import CompanyFactory, LicenseFactory, SoftwareModelFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)

# The document "Add a software entitlement", word for word.
SEED = {
    "Adobe": "Per Device, Per User, User Subscription",
    "Citrix": "Concurrent User, Per Device, Per Processor, Per User",
    "Common": "Per Core, Per Device, Per Named Device, Per Named User, Per Processor, Per User",
    "Custom": "",
    "IBM": (
        "Per Device, Per Named User, Per Processor, Per User,"
        " Processor Value Unit (PVU) Full Capacity, Processor Value Unit (PVU) Sub-capacity,"
        " Resource Value Unit (RVU) Full Capacity, Resource Value Unit (RVU) Sub-capacity"
    ),
    "Microsoft": (
        "Device CAL, Per Core (Physical Core), Per Core (Virtual OSE), Per Core (with CAL),"
        " Per Device, Per Processor, Per User, Server (Per Instance), Server (Per Server),"
        " User CAL, User Subscription"
    ),
    "Oracle": "Named User Plus, Per Processor",
    "VMware": "Per Application Instance, Per Device, Per Named User, Per OSI, Per Processor",
}


def metric(group: str, name: str) -> LicenseMetric:
    return LicenseMetric.objects.select_related("group").get(group__name=group, name=name)


def agreement(group: str, code: str = "Generic") -> AgreementType:
    return AgreementType.objects.get(group__name=group, code=code)


# --- What is shipped ---


def test_every_group_of_the_seed_has_its_metrics() -> None:
    found = {
        group.name: [metric.name for metric in group.metrics.all()] for group in groups_of_metrics()
    }

    assert found == {
        group: sorted(names.split(", ") if names else []) for group, names in SEED.items()
    }


def test_every_metric_says_what_it_is_for_how_it_counts_and_who_says_so() -> None:
    for each in LicenseMetric.objects.all():
        assert len(each.description) > 40, each
        assert "Example" in each.calculation, each
        assert each.source.startswith("https://"), each


def test_the_tables_are_those_of_the_shipped_files() -> None:
    for table, values in (
        (ProcessorTable.PVU, shipped.pvu_per_core()),
        (ProcessorTable.CORE_FACTOR, shipped.core_factors()),
    ):
        kept = ProcessorValue.objects.filter(table=table)
        assert {(v.processor, v.value, v.source, v.as_of) for v in kept} == {
            (v.processor, v.value, v.source, v.as_of) for v in values
        }
    assert {
        (t.table.key, t.table.way, t.up_to, t.factor) for t in Tier.objects.select_related("table")
    } == {
        (table.key, table.way, bracket.up_to, bracket.factor)
        for table in shipped.tier_tables()
        for bracket in table.tiers
    }


def test_the_attributes_are_those_of_the_shipped_files() -> None:
    kept = MetricAttribute.objects.values_list(
        "metric__group__name", "metric__name", "key", "default_value"
    )

    assert set(kept) == {(a.group, a.metric, a.key, a.value) for a in shipped.attribute_defaults()}


def test_the_history_of_a_metric_tells_the_edition_it_was_given() -> None:
    latest = metric("Oracle", "Named User Plus").history.latest()

    assert latest.history_change_reason == f"Shipped with LCM, edition of {shipped.LATEST}"


# --- What the database refuses ---


def add(license: Entitlement, chosen: AgreementType) -> None:
    LicenseFactory(metric=license.metric, agreement_type=chosen)


def save(license: Entitlement, chosen: AgreementType) -> None:
    license.agreement_type = chosen
    license.save()


def update(license: Entitlement, chosen: AgreementType) -> None:
    Entitlement.objects.filter(pk=license.pk).update(agreement_type=chosen)


@pytest.mark.parametrize("write", [add, save, update])
def test_an_agreement_type_of_another_group_than_the_metric_is_refused(
    write: Callable[[Entitlement, AgreementType], None],
) -> None:
    license = LicenseFactory(metric=metric("Oracle", "Per Processor"))
    both = r"metric Per Processor .*agreement type Enterprise License Agreement, .*two groups"

    with pytest.raises(IntegrityError, match=both), acting(None, "A test"):
        write(license, agreement("Microsoft", "ELA"))


def test_changing_the_metric_to_another_group_alone_is_refused_too() -> None:
    license = LicenseFactory(
        metric=metric("Oracle", "Per Processor"), agreement_type=agreement("Oracle", "ULA")
    )

    with pytest.raises(IntegrityError, match="two groups"), acting(None, "A test"):
        Entitlement.objects.filter(pk=license.pk).update(metric=metric("Common", "Per Core"))


def test_metric_and_agreement_type_may_change_together() -> None:
    license = LicenseFactory(
        metric=metric("Oracle", "Per Processor"), agreement_type=agreement("Oracle", "ULA")
    )

    with acting(None, "A test"):
        Entitlement.objects.filter(pk=license.pk).update(
            metric=metric("Common", "Per Core"), agreement_type=agreement("Common", "ELA")
        )

    license.refresh_from_db()
    assert (str(license.metric), license.agreement_type.code) == ("Per Core (Common)", "ELA")


@pytest.mark.parametrize("record", [LicenseMetric, AgreementType])
def test_a_metric_or_an_agreement_type_stays_in_its_group(
    record: type[LicenseMetric] | type[AgreementType],
) -> None:
    of_oracle = record.objects.filter(group__name="Oracle")
    common = MetricGroup.objects.get(name="Common")

    with pytest.raises(IntegrityError, match="stays in its metric group"), acting(None, "A test"):
        of_oracle.update(group=common)


@pytest.mark.parametrize("missing", ["description", "calculation"])
def test_a_metric_without_its_texts_is_refused(missing: str) -> None:
    texts = {"description": "For tests.", "calculation": "Ones.", missing: ""}

    with pytest.raises(IntegrityError, match="metric_is_explained"), acting(None, "A test"):
        LicenseMetric.objects.create(
            group=MetricGroup.objects.get(name="Custom"),
            name="Per test",
            counted_by=CountedBy.NEITHER,
            **texts,
        )


def test_a_processor_is_in_a_table_once_whatever_its_letters() -> None:
    with (
        pytest.raises(IntegrityError, match="processor_is_in_a_table_once"),
        acting(None, "A test"),
    ):
        ProcessorValue.objects.create(table=ProcessorTable.PVU, processor="power9 s924", value=1)


def test_a_table_of_tiers_has_one_last_bracket() -> None:
    rvu = TierTable.objects.get(key="rvu")

    with (
        pytest.raises(IntegrityError, match="tier_bound_is_in_a_table_once"),
        acting(None, "A test"),
    ):
        Tier.objects.create(table=rvu, up_to=None, factor=1)


# --- What a software model says of itself ---


@pytest.fixture
def model() -> SoftwareModel:
    return SoftwareModelFactory()


def test_an_attribute_is_its_default_where_the_model_says_nothing(model: SoftwareModel) -> None:
    [found] = attributes_in_force(metric("VMware", "Per Processor"), model)

    assert (found.value, found.is_of_model) == (32, False)


@pytest.mark.parametrize("value", [16, None])
def test_a_software_model_may_say_otherwise(model: SoftwareModel, value: int | None) -> None:
    per_processor = metric("VMware", "Per Processor")
    with acting(None, "A test"):
        ModelAttribute.objects.create(
            model=model, attribute=per_processor.attributes.get(), value=value
        )

    [of_model] = attributes_in_force(per_processor, model)
    [of_another] = attributes_in_force(per_processor, SoftwareModelFactory())
    [by_default] = attributes_in_force(per_processor, None)

    assert (of_model.value, of_model.is_of_model) == (value, True)
    assert (of_another.value, by_default.value) == (32, 32)


# --- A second IBM license of one model ---


def test_other_licenses_of_the_model_with_another_metric_of_ibm_are_found(
    model: SoftwareModel,
) -> None:
    company = CompanyFactory()
    first = LicenseFactory(company=company, model=model, metric=metric("IBM", "Per User"))
    LicenseFactory(company=company, model=model, metric=metric("IBM", "Per Device"))
    LicenseFactory(company=company, metric=metric("IBM", "Per User"))
    LicenseFactory(model=model, metric=metric("IBM", "Per User"))
    second = Entitlement(company=company, model=model, metric=metric("IBM", "Per Device"))

    assert with_another_metric(second, TODAY) == [first]


def test_a_retired_license_does_not_warn(model: SoftwareModel) -> None:
    ended = LicenseFactory(
        model=model,
        metric=metric("IBM", "Per User"),
        duration="subscription",
        starts_on=date(2025, 1, 1),
        ends_on=date(2026, 11, 23),
    )
    second = Entitlement(company=ended.company, model=model, metric=metric("IBM", "Per Device"))

    assert with_another_metric(second, TODAY) == []
    assert with_another_metric(second, date(2026, 11, 23)) == [ended]


def test_other_groups_ask_nothing_of_the_database(
    model: SoftwareModel, django_assert_num_queries: Any
) -> None:
    microsoft = metric("Microsoft", "Per User")
    license = LicenseFactory(model=model, metric=metric("Microsoft", "Per Device"))
    second = Entitlement(company=license.company, model=model, metric=microsoft)

    with django_assert_num_queries(0):
        assert with_another_metric(second, TODAY) == []


# --- Shipping it to a database that is in use ---


def test_a_text_that_a_person_changed_stays_and_the_others_are_brought_up_to_date() -> None:
    migration = import_module("entitlements.migrations.0004_shipped_catalogue")
    first = import_module("entitlements.migrations.0003_metric_catalogue").METRICS["Oracle"]
    short = {name: calculation for name, _counted_by, calculation in first}
    with acting(None, "A test"):
        for name, calculation in (short | {"Per Processor": "As our contract says."}).items():
            LicenseMetric.objects.filter(group__name="Oracle", name=name).update(
                calculation=calculation, source=""
            )

        migration.describe_metrics(apps)

    of_oracle = dict(
        LicenseMetric.objects.filter(group__name="Oracle").values_list("name", "calculation")
    )
    assert of_oracle["Per Processor"] == "As our contract says."
    assert "8 × 0.5 × 25 = 100 rights" in of_oracle["Named User Plus"]
