"""
What consolidate is given, and what it answers: plain values.

Days are proleptic ordinals (``date.toordinal``); a missing end is ``ENDLESS``, which lies beyond
every day plus every grace. Ids are numbers; *appearance* is the order of the ids.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

ENDLESS = 1 << 30


class Basis(StrEnum):
    """How an allocation came about."""

    MANUAL = "manual"
    SERIAL = "serial"
    PORTAL = "portal"
    CONTINUITY = "continuity"
    UNCOVERED = "uncovered"


class Reason(StrEnum):
    """Why an allocation is ended, or an authorization loses its license."""

    OVER_ALLOCATED = "over-allocated"
    LICENSE_INVALID = "license-invalid"
    LICENSE_CHANGED = "license-changed"
    SERIAL_DISPLACED = "serial-displaced"
    REVOKED = "revoked"


class Definition(NamedTuple):
    """An entitlement definition: how far periods may stand apart, how late one may be bought."""

    id: int
    grace_days: int = 0
    match_days: int = 0


class License(NamedTuple):
    """A license on the day: ``units`` are its active rights, ``taken`` those given out."""

    id: int
    company: int
    title: int
    units: int
    purchased_on: int
    serial: str = ""
    expires_on: int = ENDLESS
    taken: int = 0


class Position(NamedTuple):
    """Maintenance that is owned: a quantity of units for a period."""

    id: int
    definition: int
    company: int
    title: int
    quantity: int
    starts_on: int
    purchased_on: int
    returned: int = 0
    serial: str = ""
    ends_on: int = ENDLESS
    unit_price: Decimal | None = None
    currency: str = ""
    may_be_matched: bool = True


class Return(NamedTuple):
    """Units of a key given back; ``assigned`` of them are already taken from positions."""

    id: int
    definition: int
    company: int
    title: int
    quantity: int
    returned_on: int
    unit_price: Decimal | None = None
    currency: str = ""
    assigned: int = 0


class Row(NamedTuple):
    """A live allocation of a position to a license."""

    id: int
    position: int
    license: int
    units: int
    basis: Basis


class Authorization(NamedTuple):
    """A person's or device's approved right to a title, and the license it is drawn from."""

    id: int
    company: int
    title: int
    units: int
    approved_on: int
    active: bool = True
    license: int | None = None


class Order(NamedTuple):
    """Maintenance promised with an authorization until a day."""

    id: int
    authorization: int
    definition: int
    promised_end: int
    ordered_on: int


class Downgrade(NamedTuple):
    """A license's right to serve another title, within days that both count."""

    license: int
    title: int
    order: int
    starts_on: int = -ENDLESS
    ends_on: int = ENDLESS


Pair = tuple[int, int]  # a position and a license


class Promise(NamedTuple):
    """An order whose authorization has a license, which it is to cover."""

    order: int
    license: int
    definition: int
    promised_end: int
    ordered_on: int


class Partition(NamedTuple):
    """
    All that one company and title needs for steps 1 to 3 and 5 to 8.

    ``rows`` are those on its licenses or of its positions. Where the other side of a row is not of
    this company and title, it stands in ``other_licenses`` or ``other_positions``.
    """

    licenses: Sequence[License]
    positions: Sequence[Position]
    rows: Sequence[Row] = ()
    returns: Sequence[Return] = ()
    promises: Sequence[Promise] = ()
    kept_apart: frozenset[Pair] = frozenset()
    other_licenses: Mapping[int, License] = {}
    other_positions: Mapping[int, Position] = {}


class Snapshot(NamedTuple):
    """Everything consolidate needs to know, for any number of companies."""

    day: int
    definitions: Mapping[int, Definition]
    licenses: Sequence[License] = ()
    positions: Sequence[Position] = ()
    returns: Sequence[Return] = ()
    authorizations: Sequence[Authorization] = ()
    orders: Sequence[Order] = ()
    downgrades: Sequence[Downgrade] = ()
    rows: Sequence[Row] = ()
    kept_apart: Iterable[Pair] = ()


class Rule(StrEnum):
    """The rule behind a change. ``allocation.core.sentences`` tells what its figures are."""

    # Step 1
    LICENSE_EXPIRED = "license-expired"
    LICENSE_WITHOUT_UNITS = "license-without-units"
    UNITS_CHANGED = "units-changed"
    COMPANY_CHANGED = "company-changed"
    TITLE_CHANGED = "title-changed"
    REVOKED = "revoked"
    TOO_MANY_AUTHORIZED = "too-many-authorized"
    # Step 2
    RETURNED_FREE_UNITS = "returned-free-units"
    RETURNED_ALLOCATED_UNITS = "returned-allocated-units"
    # Step 3
    OVER_ALLOCATED = "over-allocated"
    # Step 4
    OWN_TITLE = "own-title"
    DOWNGRADE = "downgrade"
    # Step 5
    GROUP_MATCHED = "group-matched"
    # Step 6
    SERIAL = "serial"
    SERIAL_DISPLACING = "serial-displacing"
    SERIAL_DISPLACED = "serial-displaced"
    # Step 7
    PORTAL = "portal"
    # Step 8
    CONTINUITY = "continuity"
    LAPSED = "lapsed"
    UNCOVERED = "uncovered"


# Days, units and texts, by the rule's own order; small, since they are stored with every row.
Figures = tuple[int | str, ...]


class Returned(NamedTuple):
    """Step 2: units of a return taken from a position."""

    return_: int
    position: int
    units: int
    rule: Rule
    figures: Figures


class Released(NamedTuple):
    """Step 1: an authorization loses its license."""

    authorization: int
    license: int
    reason: Reason
    rule: Rule
    figures: Figures


class Ended(NamedTuple):
    """Steps 1, 3 and 6: a live allocation is ended."""

    row: Row
    reason: Reason
    rule: Rule
    figures: Figures


class Assigned(NamedTuple):
    """Step 4: an authorization draws on a license."""

    authorization: int
    license: int
    rule: Rule
    figures: Figures


class Matched(NamedTuple):
    """Step 5: a position takes the serial number of a license record group."""

    position: int
    serial: str
    rule: Rule
    figures: Figures


class Allocated(NamedTuple):
    """Steps 6 to 8: a position covers a license, whole."""

    position: int
    license: int
    units: int
    basis: Basis
    rule: Rule
    figures: Figures


class Changes(NamedTuple):
    """What a run changes, in the order in which it happens within a partition."""

    returned: Sequence[Returned] = ()
    released: Sequence[Released] = ()
    ended: Sequence[Ended] = ()
    assigned: Sequence[Assigned] = ()
    matched: Sequence[Matched] = ()
    allocated: Sequence[Allocated] = ()

    def __bool__(self) -> bool:
        return any(self[:])
