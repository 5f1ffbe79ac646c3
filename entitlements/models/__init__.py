"""Entitlements and what belongs to them; a module a topic."""

from entitlements.models.catalogue import (
    MOST_DAYS,
    AgreementType,
    CountedBy,
    EntitlementDefinition,
    LicenseMetric,
    LicenseType,
    MetricGroup,
    PublisherPart,
)
from entitlements.models.entitlement import (
    DowngradeRight,
    Duration,
    Entitlement,
    EntitlementQuerySet,
    Kind,
    StatePeriod,
    UpgradedEntitlement,
)
from entitlements.models.returns import PurchaseReturn, ReturnAssignment

__all__ = [
    "MOST_DAYS",
    "AgreementType",
    "CountedBy",
    "DowngradeRight",
    "Duration",
    "Entitlement",
    "EntitlementDefinition",
    "EntitlementQuerySet",
    "Kind",
    "LicenseMetric",
    "LicenseType",
    "MetricGroup",
    "PublisherPart",
    "PurchaseReturn",
    "ReturnAssignment",
    "StatePeriod",
    "UpgradedEntitlement",
]
