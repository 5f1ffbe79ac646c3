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
from entitlements.models.imports import (
    HeaderMapping,
    Import,
    ImportedRecord,
    ImportProblem,
    ImportRow,
    ImportState,
    Outcome,
    ToldRecord,
    WorkbookExport,
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
    "HeaderMapping",
    "Import",
    "ImportProblem",
    "ImportRow",
    "ImportState",
    "ImportedRecord",
    "Kind",
    "LicenseMetric",
    "LicenseType",
    "MetricGroup",
    "Outcome",
    "PublisherPart",
    "PurchaseReturn",
    "ReturnAssignment",
    "StatePeriod",
    "ToldRecord",
    "UpgradedEntitlement",
    "WorkbookExport",
]
