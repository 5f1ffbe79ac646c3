"""Allocations, the runs that make and end them, and the numbers they add up to."""

from allocation.models.allocation import (
    Allocation,
    AllocationQuerySet,
    Basis,
    EndReason,
    KeptApart,
    ReservationKind,
    TargetKind,
)
from allocation.models.numbers import (
    LicenseNumbers,
    ProductNumbers,
)
from allocation.models.runs import (
    ConsolidateRun,
    PreviewChange,
    RunPreview,
)

__all__ = [
    "Allocation",
    "AllocationQuerySet",
    "Basis",
    "ConsolidateRun",
    "EndReason",
    "KeptApart",
    "LicenseNumbers",
    "PreviewChange",
    "ProductNumbers",
    "ReservationKind",
    "RunPreview",
    "TargetKind",
]
