"""Step 1 for allocations: what no longer holds is ended."""

from allocation.core.terms import is_open
from allocation.core.values import Figures, License, Position, Reason, Row, Rule

Ending = tuple[Reason, Rule, Figures]


def release_of(row: Row, position: Position, license: License, day: int) -> Ending | None:
    """
    Why a live row is ended, or None where it stays.

    Rows of positions that are not open stay as history, and so do rows on a license not known.
    """
    if not is_open(position, day) or license.purchased_on > day:
        return None
    if license.units <= 0:
        return Reason.LICENSE_INVALID, Rule.LICENSE_WITHOUT_UNITS, ()
    if license.expires_on < day:
        return Reason.LICENSE_INVALID, Rule.LICENSE_EXPIRED, (license.expires_on,)
    if row.units != license.units:
        return Reason.LICENSE_CHANGED, Rule.UNITS_CHANGED, (row.units, license.units)
    if position.company != license.company:
        return Reason.LICENSE_CHANGED, Rule.COMPANY_CHANGED, ()
    if position.title != license.title:
        return Reason.LICENSE_CHANGED, Rule.TITLE_CHANGED, ()
    return None
