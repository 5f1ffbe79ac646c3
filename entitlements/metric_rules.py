"""
What metrics and agreement types decide on a license, as rules on values.

Source of the rules: the specification's *Fields* and *Agreement types* of an entitlement. A metric
and an agreement type are given with their groups read. Nothing here asks the database.
"""

from collections.abc import Iterable

from entitlements.models import (
    AgreementType,
    CountedBy,
    Entitlement,
    LicenseMetric,
    ProcessorTable,
)

COMMON = "Common"
CUSTOM = "Custom"
IBM = "IBM"

# The groups of publishers, by what their names are known by: words that stand in it together.
NAMES_OF_PUBLISHERS = {
    "Adobe": (("adobe",),),
    "Citrix": (("citrix",),),
    IBM: (("ibm",), ("international", "business", "machines")),
    "Microsoft": (("microsoft",),),
    "Oracle": (("oracle",),),
    "VMware": (("vmware",),),
}

# The tables of processors and of tiers that shipped metrics count with.
PROCESSORS_OF_METRICS = {
    (IBM, "Processor Value Unit (PVU) Full Capacity"): ProcessorTable.PVU,
    (IBM, "Processor Value Unit (PVU) Sub-capacity"): ProcessorTable.PVU,
    ("Oracle", "Named User Plus"): ProcessorTable.CORE_FACTOR,
    ("Oracle", "Per Processor"): ProcessorTable.CORE_FACTOR,
}
TIERS_OF_METRICS = {
    (IBM, "Resource Value Unit (RVU) Full Capacity"): "rvu",
    (IBM, "Resource Value Unit (RVU) Sub-capacity"): "rvu",
}


def default_group(publisher: str) -> str:
    """
    The metric group that a license of a publisher most likely follows: "Microsoft Corporation" is
    Microsoft. Common where the publisher has no group of its own.
    """
    words = set("".join(c if c.isalnum() else " " for c in publisher.casefold()).split())
    for group, names in NAMES_OF_PUBLISHERS.items():
        if any(words.issuperset(name) for name in names):
            return group
    return COMMON


def allocates_to(metric: LicenseMetric | None) -> CountedBy:
    """Whether rights under a metric are allocated to people, to devices, or to neither."""
    return CountedBy.NEITHER if metric is None else CountedBy(metric.counted_by)


def refuse_agreement(metric: LicenseMetric, agreement_type: AgreementType) -> str:
    """Why a metric and an agreement type do not go together; empty where they do."""
    if metric.group_id == agreement_type.group_id:
        return ""
    return (
        f"“{agreement_type.name}” is an agreement type of {agreement_type.group}, but the metric"
        f" “{metric.name}” is one of {metric.group}. Choose both of one group."
    )


def effect_of(agreement_type: AgreementType) -> str:
    """What an agreement type means for compliance, in a sentence; empty where nothing special."""
    if agreement_type.always_compliant:
        return "Compliant even with unlicensed installs; they are still counted and shown."
    if not agreement_type.has_license_impact:
        return "No license impact."
    return ""


def warn_of_second_metric(metric: LicenseMetric, others: Iterable[Entitlement]) -> str:
    """
    What to say of an IBM license whose software model is counted by another metric elsewhere.

    :param others: licenses of the same model with another metric
        (``entitlements.catalogue.with_another_metric``)
    """
    named = [f"{other} is counted {other.metric.name}" for other in others if other.metric]
    if metric.group.name != IBM or not named:
        return ""
    return (
        f"{'; '.join(named)}, this license {metric.name}. IBM counts a software model by one"
        " metric: check which one was bought."
    )


def takes_database_option(product: str, group: str) -> bool:
    """Whether a license may be of a database option: of Oracle's database, counted its way."""
    return product.casefold() == "db server" and group == "Oracle"
