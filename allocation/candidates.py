"""
Whom a person may allocate to whom: the positions for a license, or the licenses for a position.

Those that fit come first; of the others each says which rule it breaks. Read by set, whatever their
number, and judged by the same rules as the allocation itself (``allocation.fitting``).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from allocation.figures import covers_on
from allocation.fitting import Candidate, refusal
from allocation.models import Allocation, KeptApart
from entitlements.models import Entitlement, EntitlementQuerySet, Kind, PurchaseReturn
from entitlements.queries import with_rights, with_state, with_words

MOST_SHOWN = 30


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A position or license that a person may choose, or why not."""

    entitlement: Any
    pair: Candidate
    refusal: str

    @property
    def fits(self) -> bool:
        return not self.refusal


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The choices shown, those that fit first, and how many there are in all."""

    shown: Sequence[Choice]
    there: int

    @property
    def left_out(self) -> int:
        return self.there - len(self.shown)


class PendingReturn(NamedTuple):
    """Units of a return that a run may yet take from positions of its definition."""

    definition_id: int | None
    returned_on: date
    units: int


def choices_for(entitlement: Entitlement, day: date, *, search: str = "") -> Choices:
    """
    What can be allocated to an entitlement, or what it can be allocated to, on a day.

    :param search: words that a choice has to hold
    """
    of_title = _of_title(entitlement, search)
    in_order = _licenses_in_order if entitlement.is_maintenance else _positions_in_order
    found = list(in_order(_as_of(of_title, day), day)[:MOST_SHOWN])
    own = _as_of(Entitlement.objects.all(), day).get(pk=entitlement.pk)
    pairs = _pairs(own, found, day)
    choices = [
        Choice(entitlement=other, pair=pair, refusal=str(refusal(pair) or ""))
        for other, pair in zip(found, pairs, strict=True)
    ]
    return Choices(
        shown=sorted(choices, key=lambda choice: not choice.fits), there=of_title.count()
    )


def _of_title(entitlement: Entitlement, search: str) -> EntitlementQuerySet:
    other_kind = Kind.LICENSE if entitlement.is_maintenance else Kind.MAINTENANCE
    found = Entitlement.objects.filter(
        company=entitlement.company_id, model=entitlement.model_id, kind=other_kind
    )
    return with_words(found, search)


def _as_of(entitlements: EntitlementQuerySet, day: date) -> EntitlementQuerySet:
    stated = with_rights(with_state(entitlements, day), day)
    return stated.select_related("model", "definition", "company")


def _positions_in_order(positions: EntitlementQuerySet, day: date) -> EntitlementQuerySet:
    """Open positions first, and among them those with the most free units."""
    used = (
        Allocation.objects.filter(entitlement=OuterRef("pk"), ended_at=None)
        .order_by()
        .values("entitlement")
        .annotate(used=Sum("quantity"))
        .values("used")
    )
    takes_nothing = Q(purchased_on__gt=day) | Q(ends_on__lte=day)
    return positions.annotate(
        free_units=F("rights_left") - Coalesce(Subquery(used), 0),
        place=Case(When(takes_nothing, then=Value(1)), default=Value(0)),
    ).order_by("place", "-free_units", "pk")


def _licenses_in_order(licenses: EntitlementQuerySet, day: date) -> EntitlementQuerySet:
    """Licenses without present cover first, then by purchase."""
    covered = Allocation.objects.filter(covers_on(day), license=OuterRef("pk"))
    takes_none = Q(active_rights=None) | Q(active_rights__lte=0)
    return licenses.annotate(
        place=Case(
            When(takes_none, then=Value(2)), When(Exists(covered), then=Value(1)), default=Value(0)
        )
    ).order_by("place", "purchased_on", "pk")


def _pairs(own: Any, others: Sequence[Any], day: date) -> list[Candidate]:
    """What decides on each pair of an entitlement and another: a few queries for all of them."""
    positions = [own] if own.is_maintenance else others
    used = _used_units(positions)
    pending = _pending_units(own, day)
    covering = _covering(own)
    parted = _parted(own)
    return [
        Candidate(
            position=(position := own if own.is_maintenance else other),
            license=other if own.is_maintenance else own,
            day=day,
            used=used.get(position.pk, 0),
            pending=_pending_of(position, pending),
            covers_already=other.pk in covering,
            parted_because=parted.get(other.pk),
        )
        for other in others
    ]


def _used_units(positions: Collection[Entitlement]) -> dict[int, int]:
    live = Allocation.objects.filter(entitlement__in=[p.pk for p in positions], ended_at=None)
    return dict(live.order_by().values_list("entitlement").annotate(Sum("quantity")))


def _pending_units(own: Entitlement, day: date) -> list[PendingReturn]:
    """The returns of the title that still have units to be taken from positions."""
    returns = (
        PurchaseReturn.objects.filter(
            company=own.company_id, model=own.model_id, returned_on__lte=day, ended_on=None
        )
        .annotate(
            assigned=Coalesce(Sum("assignments__units", filter=Q(assignments__ended_on=None)), 0)
        )
        .filter(quantity__gt=F("assigned"))
    )
    return [PendingReturn(r.definition_id, r.returned_on, r.quantity - r.assigned) for r in returns]


def _pending_of(position: Entitlement, pending: Sequence[PendingReturn]) -> int:
    return sum(
        each.units
        for each in pending
        if each.definition_id == position.definition_id
        and each.returned_on >= position.purchased_on
    )


def _covering(own: Entitlement) -> set[int]:
    """The other sides of an entitlement's live allocations."""
    this, other = ("entitlement", "license") if own.is_maintenance else ("license", "entitlement")
    live = Allocation.objects.filter(ended_at=None, **{this: own.pk})
    return set(live.values_list(other, flat=True))


def _parted(own: Entitlement) -> dict[int, str]:
    """Those that are kept apart from an entitlement, with the reason."""
    this, other = ("position", "license") if own.is_maintenance else ("license", "position")
    pairs = KeptApart.objects.filter(lifted_at=None, **{this: own.pk})
    return dict(pairs.values_list(other, "reason"))
