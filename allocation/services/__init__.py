"""What can be done to allocations: one function for each thing a person or a job does."""

from allocation.fitting import AllocationRefused
from allocation.services.by_hand import (
    AlreadyEnded,
    EndsBeforeItBegan,
    NothingAssigned,
    NothingMatched,
    NothingToLift,
    ReasonMissing,
    allocate_by_hand,
    clear_match,
    end_allocation,
    end_return_assignments,
    lift_kept_apart,
)

__all__ = [
    "AllocationRefused",
    "AlreadyEnded",
    "EndsBeforeItBegan",
    "NothingAssigned",
    "NothingMatched",
    "NothingToLift",
    "ReasonMissing",
    "allocate_by_hand",
    "clear_match",
    "end_allocation",
    "end_return_assignments",
    "lift_kept_apart",
]
