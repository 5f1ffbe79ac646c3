"""Entitlements and what belongs to them; a module a topic."""

from entitlements.models.activities import (
    EntitlementDocument,
    EntitlementTemplate,
    ExpenseKind,
    ExpenseLine,
    WorkNote,
)
from entitlements.models.catalogue import (
    MOST_DAYS,
    AgreementType,
    CountedBy,
    EntitlementDefinition,
    LicenseMetric,
    LicenseType,
    MetricGroup,
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
from entitlements.models.keys import KeyReveal, LicenseKey
from entitlements.models.metric_tables import (
    MetricAttribute,
    ModelAttribute,
    ProcessorTable,
    ProcessorValue,
    Tier,
    TierTable,
    TierWay,
)
from entitlements.models.parts import PublisherPart, SuiteComponent
from entitlements.models.returns import PurchaseReturn, ReturnAssignment

__all__ = [
    "MOST_DAYS",
    "AgreementType",
    "CountedBy",
    "DowngradeRight",
    "Duration",
    "Entitlement",
    "EntitlementDefinition",
    "EntitlementDocument",
    "EntitlementQuerySet",
    "EntitlementTemplate",
    "ExpenseKind",
    "ExpenseLine",
    "HeaderMapping",
    "Import",
    "ImportProblem",
    "ImportRow",
    "ImportState",
    "ImportedRecord",
    "KeyReveal",
    "Kind",
    "LicenseKey",
    "LicenseMetric",
    "LicenseType",
    "MetricAttribute",
    "MetricGroup",
    "ModelAttribute",
    "Outcome",
    "ProcessorTable",
    "ProcessorValue",
    "PublisherPart",
    "PurchaseReturn",
    "ReturnAssignment",
    "StatePeriod",
    "SuiteComponent",
    "Tier",
    "TierTable",
    "TierWay",
    "ToldRecord",
    "UpgradedEntitlement",
    "WorkNote",
    "WorkbookExport",
]
