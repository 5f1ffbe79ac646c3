"""What metrics and agreement types decide on a license."""

from typing import Any

import pytest

from common.sql import rows_of, run
from contracts.models import SoftwareModel
from entitlements.metric_rules import (
    COMMON,
    CUSTOM,
    NAMES_OF_PUBLISHERS,
    PROCESSORS_OF_METRICS,
    TIERS_OF_METRICS,
    allocates_to,
    default_group,
    effect_of,
    refuse_agreement,
    warn_of_second_metric,
)
from entitlements.models import (
    AgreementType,
    CountedBy,
    Entitlement,
    LicenseMetric,
    MetricGroup,
)
from entitlements.workbook.planning.names import GROUPS_OF_PUBLISHERS

PUBLISHERS = [
    ("Adobe", "Adobe"),
    ("Adobe Inc.", "Adobe"),
    ("Citrix Systems, Inc.", "Citrix"),
    ("IBM", "IBM"),
    ("IBM Corp.", "IBM"),
    ("International Business Machines Corporation", "IBM"),
    ("MICROSOFT", "Microsoft"),
    ("Microsoft Ireland Operations Ltd", "Microsoft"),
    ("Oracle America, Inc.", "Oracle"),
    ("VMware, Inc.", "VMware"),
    ("Broadcom (VMware)", "VMware"),
    pytest.param("Oracles of Delphi", COMMON, id="another word that begins so"),
    pytest.param("Business Machines International", "IBM", id="the words in any order"),
    pytest.param("International Machines", COMMON, id="only some of the words"),
    pytest.param("PTC", COMMON, id="a publisher without a group of its own"),
    pytest.param("Custom Software Ltd", COMMON, id="Custom is nobody's default"),
    pytest.param("", COMMON, id="no publisher"),
]


@pytest.mark.parametrize(("publisher", "group"), PUBLISHERS)
def test_a_license_follows_the_group_of_its_publisher_else_common(
    publisher: str, group: str
) -> None:
    assert default_group(publisher) == group


@pytest.mark.django_db
@pytest.mark.parametrize(("publisher", "group"), PUBLISHERS)
def test_the_import_of_sheets_takes_the_same_group(publisher: str, group: str) -> None:
    run("CREATE TEMP TABLE with_model ON COMMIT DROP AS SELECT %s AS publisher", [publisher])

    run(GROUPS_OF_PUBLISHERS)

    found = rows_of("SELECT id FROM group_of_publisher WHERE k = lower(%s)", [publisher])
    of_publisher = MetricGroup.objects.exclude(name=COMMON).filter(name=group)
    assert found == list(of_publisher.values_list("pk"))


def metric(name: str, group: str, *, key: int = 1, counted_by: str = "device") -> LicenseMetric:
    return LicenseMetric(
        name=name, group=MetricGroup(pk=key, name=group), counted_by=CountedBy(counted_by)
    )


def agreement(group: str, *, key: int = 1, name: str = "Generic", **says: bool) -> AgreementType:
    return AgreementType(code=name, name=name, group=MetricGroup(pk=key, name=group), **says)


@pytest.mark.parametrize("counted_by", CountedBy)
def test_the_metric_decides_whether_people_or_devices_get_its_rights(
    counted_by: CountedBy,
) -> None:
    of_license = metric("Per User", COMMON, counted_by=counted_by)

    assert allocates_to(of_license) is counted_by


def test_a_license_without_a_metric_is_allocated_to_nobody() -> None:
    assert allocates_to(None) is CountedBy.NEITHER


def test_an_agreement_type_of_another_group_is_refused_and_both_are_named() -> None:
    ours = metric("Per Core (with CAL)", "Microsoft", key=6)

    refused = refuse_agreement(ours, agreement("Oracle", key=7, name="Unlimited License Agreement"))

    assert refused == (
        "“Unlimited License Agreement” is an agreement type of Oracle, but the metric"
        " “Per Core (with CAL)” is one of Microsoft. Choose both of one group."
    )


def test_an_agreement_type_of_the_same_group_fits() -> None:
    assert refuse_agreement(metric("Per Device", COMMON), agreement(COMMON)) == ""


@pytest.mark.parametrize(
    ("says", "effect"),
    [
        (
            {"always_compliant": True},
            "Compliant even with unlicensed installs; they are still counted and shown.",
        ),
        ({"has_license_impact": False}, "No license impact."),
        ({}, ""),
    ],
)
def test_an_agreement_type_says_what_it_means_for_compliance(
    says: dict[str, Any], effect: str
) -> None:
    assert effect_of(agreement("IBM", **says)) == effect


def license_of(counted: LicenseMetric | None) -> Entitlement:
    return Entitlement(asset_tag="DB2-7", model=SoftwareModel(name="Db2 11.5"), metric=counted)


def test_a_second_ibm_license_with_another_metric_warns_and_names_the_first() -> None:
    first = license_of(metric("Per User", "IBM"))

    warned = warn_of_second_metric(metric("Per Device", "IBM"), [first])

    assert warned == (
        "Db2 11.5 (DB2-7) is counted Per User, this license Per Device. IBM counts a software"
        " model by one metric: check which one was bought."
    )


@pytest.mark.parametrize(
    ("counted", "others"),
    [
        pytest.param(metric("Per Device", "IBM"), [], id="no other license"),
        pytest.param(
            metric("Per Device", "Microsoft"),
            [license_of(metric("Per User", "Microsoft"))],
            id="of another publisher",
        ),
        pytest.param(
            metric("Per Device", "IBM"), [license_of(None)], id="the other has no metric yet"
        ),
    ],
)
def test_other_second_licenses_do_not_warn(
    counted: LicenseMetric, others: list[Entitlement]
) -> None:
    assert warn_of_second_metric(counted, others) == ""


@pytest.mark.django_db
def test_the_groups_of_publishers_are_those_of_the_catalogue() -> None:
    groups = set(MetricGroup.objects.values_list("name", flat=True))

    assert groups == {*NAMES_OF_PUBLISHERS, COMMON, CUSTOM}


@pytest.mark.django_db
def test_metrics_with_a_table_are_metrics_of_the_catalogue() -> None:
    metrics = set(LicenseMetric.objects.values_list("group__name", "name"))

    assert metrics >= set(PROCESSORS_OF_METRICS) | set(TIERS_OF_METRICS)


@pytest.mark.django_db
def test_under_enterprise_and_unlimited_agreements_a_license_is_always_compliant() -> None:
    compliant = AgreementType.objects.filter(always_compliant=True)
    without_impact = AgreementType.objects.filter(has_license_impact=False)

    assert set(compliant.values_list("code", flat=True)) == {"ELA", "ETLA", "ULA", "IULA"}
    assert set(without_impact.values_list("code", flat=True)) == {"IPLA", "ICA", "EPP", "VPP"}
