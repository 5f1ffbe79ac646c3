"""
Whether a position can be allocated to a license by hand: the rules of *fits*, with the figures.

Rule: the specification's *Predicates and orders*. Unlike a run, which assigns returns first, this
also holds back what pending returns may yet take from the position.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from allocation.models import Allocation, KeptApart
from common.shown import count_of, day_text
from entitlements.models import Entitlement, Kind, PurchaseReturn
from entitlements.queries import with_rights, with_state
from entitlements.states import State


class AllocationRefused(Exception):
    """A position cannot be allocated to a license; the message says why, with the figures."""


class WrongKind(AllocationRefused):
    """Only maintenance covers, and only licenses are covered."""


class OtherCompany(AllocationRefused):
    """Position and license belong to different companies."""


class OtherTitle(AllocationRefused):
    """Position and license are of different software models."""


class PositionNotOpen(AllocationRefused):
    """The position is not bought yet, or takes nothing new any more."""


class LicenseNotValid(AllocationRefused):
    """The license has nothing to cover on that day."""


class AlreadyAllocated(AllocationRefused):
    """The position already covers the license."""


class PairKeptApart(AllocationRefused):
    """A person has parted position and license."""


class TooFewUnits(AllocationRefused):
    """The license has more units than the position has free."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A position that may come to cover a license, as of a day."""

    position: Entitlement  # read with state and rights of the day
    license: Entitlement  # read with state and rights of the day
    day: date
    used: int  # units of the position's live allocations
    pending: int  # units of returns that may yet be taken from the position
    covers_already: bool
    parted_because: str | None  # the reason for which the pair is kept apart, if it is

    @property
    def net(self) -> int:
        """The units of the position after returns; none where it was retired by hand."""
        is_retired = self.position.state_by_hand == State.RETIRED  # type: ignore[attr-defined]
        return 0 if is_retired else max(0, self.position.rights_left)  # type: ignore[attr-defined]

    @property
    def free(self) -> int:
        return self.net - self.used - self.pending

    @property
    def needed(self) -> int:
        """The units of the license: it is covered whole or not at all."""
        return self.license.active_rights or 0  # type: ignore[attr-defined]


def candidate(*, position_id: int, license_id: int, day: date) -> Candidate:
    """
    Read a position and a license with all that decides whether they fit.

    :raises Entitlement.DoesNotExist: if one of them does not
    """
    read = with_rights(with_state(Entitlement.objects.all(), day), day)
    read = read.select_related("model", "definition", "company")
    position = read.get(pk=position_id)
    live = Allocation.objects.filter(entitlement=position, ended_at=None)
    parted = KeptApart.objects.filter(position=position, license=license_id, lifted_at=None).first()
    return Candidate(
        position=position,
        license=read.get(pk=license_id),
        day=day,
        used=live.aggregate(units=Coalesce(Sum("quantity"), 0))["units"],
        pending=pending_units(position, day),
        covers_already=live.filter(license=license_id).exists(),
        parted_because=parted.reason if parted else None,
    )


def pending_units(position: Entitlement, day: date) -> int:
    """The units of known returns, not yet assigned, that a run may take from a position."""
    returned = PurchaseReturn.objects.filter(
        company=position.company_id,
        definition=position.definition_id,
        model=position.model_id,
        returned_on__gte=position.purchased_on,
        returned_on__lte=day,
        ended_on=None,
    ).annotate(
        assigned=Coalesce(Sum("assignments__units", filter=Q(assignments__ended_on=None)), 0)
    )
    return sum(max(0, row.quantity - row.assigned) for row in returned)


def refusal(pair: Candidate) -> AllocationRefused | None:
    """Why a position cannot be allocated to a license: the first rule that it breaks, or None."""
    for rule in RULES:
        if broken := rule(pair):
            return broken
    return None


def _kinds_are_right(pair: Candidate) -> AllocationRefused | None:
    if pair.position.kind != Kind.MAINTENANCE:
        return WrongKind(f"{pair.position} is a license: only maintenance covers licenses.")
    if pair.license.kind != Kind.LICENSE:
        return WrongKind(f"{pair.license} is maintenance: only licenses are covered.")
    return None


def _company_is_the_same(pair: Candidate) -> AllocationRefused | None:
    if pair.position.company_id == pair.license.company_id:
        return None
    return OtherCompany(
        f"{pair.position} belongs to {pair.position.company},"
        f" and {pair.license} to {pair.license.company}."
    )


def _title_is_the_same(pair: Candidate) -> AllocationRefused | None:
    if pair.position.model_id == pair.license.model_id:
        return None
    return OtherTitle(
        f"{pair.position} is for {pair.position.model},"
        f" and {pair.license} grants {pair.license.model}."
    )


def _position_is_open(pair: Candidate) -> AllocationRefused | None:
    position, day = pair.position, pair.day
    if position.purchased_on > day:
        return PositionNotOpen(
            f"{position} is bought on {day_text(position.purchased_on)}, after {day_text(day)}:"
            " it takes nothing yet."
        )
    if position.ends_on is not None and position.ends_on <= day:
        return PositionNotOpen(
            f"{position} ends on {day_text(position.ends_on)}:"
            f" on {day_text(day)} it takes nothing new."
        )
    return None


def _license_is_valid(pair: Candidate) -> AllocationRefused | None:
    granted, day = pair.license, pair.day
    if granted.is_unlimited:
        return LicenseNotValid(f"{granted} is unlimited: it has no units to cover.")
    if granted.purchased_on > day:
        return LicenseNotValid(
            f"{granted} is bought on {day_text(granted.purchased_on)}, after {day_text(day)}."
        )
    if granted.ends_on is not None and granted.ends_on < day:
        return LicenseNotValid(
            f"{granted} expired on {day_text(granted.ends_on)}, before {day_text(day)}."
        )
    if pair.needed <= 0:
        return LicenseNotValid(
            f"{granted} has no active rights on {day_text(day)}: nothing is to cover."
        )
    return None


def _does_not_cover_yet(pair: Candidate) -> AllocationRefused | None:
    if not pair.covers_already:
        return None
    return AlreadyAllocated(f"{pair.position} already covers {pair.license}.")


def _is_not_kept_apart(pair: Candidate) -> AllocationRefused | None:
    if pair.parted_because is None:
        return None
    return PairKeptApart(
        f"{pair.position} and {pair.license} are kept apart ({pair.parted_because})."
        " Lift that first."
    )


def _units_suffice(pair: Candidate) -> AllocationRefused | None:
    if pair.needed <= pair.free:
        return None
    return TooFewUnits(
        f"{pair.license} needs {count_of(pair.needed, 'unit')} at once, and {pair.position} has"
        f" {max(0, pair.free)} free: {pair.net} after returns, {pair.used} allocated"
        + (f", {pair.pending} held back for pending returns." if pair.pending else ".")
    )


RULES: tuple[Callable[[Candidate], AllocationRefused | None], ...] = (
    _kinds_are_right,
    _company_is_the_same,
    _title_is_the_same,
    _position_is_open,
    _license_is_valid,
    _does_not_cover_yet,
    _is_not_kept_apart,
    _units_suffice,
)
