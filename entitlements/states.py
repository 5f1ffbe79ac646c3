"""The state of an entitlement on a day: pure. Rule: the specification's section *State*."""

from datetime import date
from typing import NamedTuple

from django.db import models


class State(models.TextChoices):
    """Where an entitlement stands."""

    ON_ORDER = "on_order", "On order"
    IN_STOCK = "in_stock", "In stock"
    IN_TRANSIT = "in_transit", "In transit"
    IN_USE = "in_use", "In use"
    CONSUMED = "consumed", "Consumed"
    IN_MAINTENANCE = "in_maintenance", "In maintenance"
    RETIRED = "retired", "Retired"
    MISSING = "missing", "Missing"


class Substate(models.TextChoices):
    """Details of a state."""

    AVAILABLE = "available", "Available"
    RESERVED = "reserved", "Reserved"
    PENDING_TRANSFER = "pending_transfer", "Pending transfer"
    PENDING_DISPOSAL = "pending_disposal", "Pending disposal"
    LOST = "lost", "Lost"
    STOLEN = "stolen", "Stolen"
    DISPOSED = "disposed", "Disposed"
    SOLD = "sold", "Sold"
    DONATED = "donated", "Donated"
    VENDOR_CREDIT = "vendor_credit", "Vendor credit"


# In the order in which they are offered.
SUBSTATES: dict[State, tuple[Substate, ...]] = {
    **dict.fromkeys(State, ()),
    State.IN_STOCK: (
        Substate.AVAILABLE,
        Substate.RESERVED,
        Substate.PENDING_TRANSFER,
        Substate.PENDING_DISPOSAL,
    ),
    State.IN_TRANSIT: (Substate.AVAILABLE, Substate.RESERVED, Substate.PENDING_TRANSFER),
    State.RETIRED: (
        Substate.DISPOSED,
        Substate.SOLD,
        Substate.DONATED,
        Substate.VENDOR_CREDIT,
    ),
    State.MISSING: (Substate.LOST, Substate.STOLEN),
}


class StateByHand(NamedTuple):
    """A state a person set, from its first to its last day; without a last day it stands."""

    state: State
    from_on: date
    until_on: date | None


def state_on(
    day: date,
    *,
    purchased_on: date,
    follows_dates: bool,
    starts_on: date | None,
    ends_on: date | None,
    by_hand: StateByHand | None = None,
) -> State | None:
    """
    The state of an entitlement on a day.

    :param follows_dates: true for subscriptions and maintenance, false for perpetual licenses
    :param by_hand: the state set by hand whose period holds the day, if one does
    :returns: None before the purchase: as of that day the record does not exist
    """
    if day < purchased_on:
        return None
    if by_hand is not None:
        return by_hand.state
    if not follows_dates:
        return State.IN_USE
    if starts_on is not None and day < starts_on:
        return State.ON_ORDER
    if ends_on is not None and ends_on < day:
        return State.RETIRED
    return State.IN_USE
