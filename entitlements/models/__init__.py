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
    FilePiece,
    HeaderMapping,
    Import,
    ImportedRecord,
    ImportProblem,
    ImportRow,
    ImportState,
    Outcome,
    WorkbookExport,
    WorkbookFile,
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
    "FilePiece",
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
    "UpgradedEntitlement",
    "WorkbookExport",
    "WorkbookFile",
]
