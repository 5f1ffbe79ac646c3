"""What lists and heads of pages show of allocations: units of positions, cover of licenses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from allocation.models import Allocation
from contracts.models import ENDLESS
from entitlements.models import (
    EntitlementQuerySet,
    Kind,
    ReturnAssignment,
    UpgradedEntitlement,
)
from entitlements.states import State


@dataclass(frozen=True, kw_only=True)
class Units:
    """The units of a maintenance position: what it has after returns, and what is allocated."""

    net: int
    used: int

    @property
    def free(self) -> int:
        return self.net - self.used


def live() -> Q:
    """Allocations that have not been ended."""
    return Q(ended_at=None)


def covers_on(day: date) -> Q:
    """Live allocations whose position has not expired on a day: on its last day it still covers."""
    return live() & (Q(entitlement__ends_on=None) | Q(entitlement__ends_on__gte=day))


def units_of_positions(positions: Sequence[Any]) -> dict[int, Units]:
    """
    The units of some positions, by primary key.

    :param positions: maintenance, read with rights (``entitlements.queries.with_rights``)
    """
    used = dict(
        Allocation.objects.filter(live(), entitlement__in=[p.pk for p in positions])
        .order_by()
        .values_list("entitlement")
        .annotate(Sum("quantity"))
    )
    return {p.pk: Units(net=p.rights_left, used=used.get(p.pk, 0)) for p in positions}


def cover_of_licenses(license_ids: Collection[int], day: date) -> dict[int, date | None]:
    """
    Until when licenses are covered on a day, by any definition; None: without end.

    A license without cover is not in the answer. Positions that are yet to start count: they are
    allocated, and continue what runs out.
    """
    last_days = (
        Allocation.objects.filter(covers_on(day), license__in=license_ids)
        .order_by()
        .values_list("license")
        .annotate(last_day=Max(Coalesce("entitlement__ends_on", ENDLESS)))
    )
    return {pk: None if last_day == ENDLESS else last_day for pk, last_day in last_days}


def without_cover(licenses: EntitlementQuerySet, day: date) -> EntitlementQuerySet:
    """
    The licenses that could be covered on a day and are not.

    :param licenses: read with state and rights
    """
    valid = licenses.exclude(state_now=State.RETIRED).filter(  # type: ignore[misc]  # annotations
        Q(ends_on=None) | Q(ends_on__gte=day),
        kind=Kind.LICENSE,
        purchased_on__lte=day,
        rights_left__gt=0,
    )
    return valid.filter(~Exists(Allocation.objects.filter(covers_on(day), license=OuterRef("pk"))))


def over_allocated(positions: EntitlementQuerySet, day: date) -> EntitlementQuerySet:
    """
    The open positions of which more units are allocated than they have on a day.

    :param positions: read with rights
    """
    of_positions = Allocation.objects.filter(live(), kind=Kind.MAINTENANCE).order_by()
    used = _used(of_positions.filter(entitlement=OuterRef("pk")))
    # Few can be: those with more than was purchased, and those that gave rights away. Only of these
    # it is asked one by one.
    beyond = _used(of_positions).filter(used__gt=F("entitlement__purchased_rights"))
    candidates = (
        Q(pk__in=beyond.values("entitlement"))
        | Q(pk__in=ReturnAssignment.objects.values("position"))
        | Q(pk__in=UpgradedEntitlement.objects.values("source"))
    )
    return (
        positions.filter(Q(ends_on=None) | Q(ends_on__gt=day), candidates, kind=Kind.MAINTENANCE)
        .alias(used=Subquery(used.values("used"), output_field=IntegerField()))
        .filter(used__gt=F("rights_left"))
    )


def _used(allocations: QuerySet[Allocation]) -> QuerySet[Any, Any]:
    """By entitlement, how many of its units some allocations use."""
    return allocations.values("entitlement").annotate(used=Sum("quantity"))
