"""The predicates and orders of the specification, each under its own name."""

from decimal import Decimal
from operator import attrgetter

from allocation.core.values import Definition, License, Position

# A single C call for each element, since millions are sorted.
order_of_positions = attrgetter("starts_on", "ends_on", "purchased_on", "id")
order_of_licenses = attrgetter("purchased_on", "serial", "id")


def is_open(position: Position, day: int) -> bool:
    """Known, and its end is still in the future. What is not open is frozen."""
    return position.purchased_on <= day < position.ends_on


def is_expired(position: Position, day: int) -> bool:
    """Past its end. On its last day a position still covers, and takes nothing new."""
    return position.ends_on < day


def is_in_effect(position: Position, day: int, definition: Definition) -> bool:
    """Started, or about to within the definition's grace days."""
    return position.starts_on <= day + definition.grace_days


def is_valid(license: License, day: int) -> bool:
    """Known, with units, and not expired."""
    return license.purchased_on <= day <= license.expires_on and license.units > 0


def net(position: Position) -> int:
    """What is left of a position after the returns that were assigned to it."""
    return position.quantity - position.returned


def follows(later: Position, earlier: Position, definition: Definition) -> bool:
    """Whether a position renews another: it starts around the other's end, and outlasts it."""
    return (
        abs(later.starts_on - earlier.ends_on) <= definition.grace_days
        and later.starts_on > earlier.starts_on
        and later.ends_on > earlier.ends_on
    )


def overlap(one: Position, other: Position) -> bool:
    """Whether two periods share a day; first and last day count."""
    return one.starts_on <= other.ends_on and other.starts_on <= one.ends_on


Price = tuple[Decimal | None, str]


def price_of(unit_price: Decimal | None, currency: str) -> Price:
    """A price as it is compared: none equals only none, and numbers compare as numbers."""
    return (unit_price, currency)
