"""Questions about deployments: which licenses track them, and what of them none covers."""

from collections import defaultdict
from collections.abc import Collection
from typing import cast

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Subquery, When
from django.db.models.functions import Coalesce, Greatest

from accounts.models import Person
from accounts.scope import ScopedQuerySet
from allocation.models import Allocation, AllocationQuerySet, ProductNumbers
from deployments.models import Deployment, Device
from deployments.queries import needs_a_license


def with_uncovered(deployments: ScopedQuerySet[Deployment]) -> ScopedQuerySet[Deployment]:
    """
    Adds to deployments:

    - ``needs_license``: whether the product asks for rights at all
    - ``is_tracked``: whether any license tracks it
    - ``uncovered``: the units that no license covers, in the metric by which it is tracked (of two
      the worse); all that is deployed where none tracks it; None where no license is needed
    """
    live = Allocation.objects.live()
    by_metric = live.filter(deployment=OuterRef("deployment"), metric=OuterRef("metric"))
    tracked = ProductNumbers.objects.filter(Exists(by_metric), deployment=OuterRef("pk"))
    worst = tracked.order_by("-uncovered").values("uncovered")[:1]
    uncovered = Coalesce(Subquery(worst), Greatest("installs", "users"))
    annotated = deployments.annotate(
        needs_license=needs_a_license(),
        is_tracked=Exists(live.filter(deployment=OuterRef("pk"))),
    ).annotate(
        uncovered=Case(When(needs_license=True, then=uncovered), output_field=IntegerField())
    )
    # The annotation makes no other record of it, whatever the type checker knows of queries.
    return cast("ScopedQuerySet[Deployment]", annotated)


def licenses_tracking(deployment_ids: Collection[int]) -> dict[int, list[str]]:
    """The names of the licenses that track deployments, by deployment, in the order of tracking."""
    tracking = Allocation.objects.live().filter(deployment__in=deployment_ids)
    names: dict[int, dict[str, None]] = defaultdict(dict)
    for use in tracking.select_related("entitlement__model").order_by("pk"):
        assert use.deployment_id is not None
        names[use.deployment_id][use.entitlement.display_name] = None
    return {deployment_id: list(named) for deployment_id, named in names.items()}


def held_by(holder: Person | Device) -> AllocationQuerySet:
    """The licenses that a person or a device holds at present, in the order of their making."""
    held = Allocation.objects.filter(company=holder.company_id).live()
    theirs = (
        held.filter(person=holder) if isinstance(holder, Person) else held.filter(device=holder)
    )
    return theirs.select_related("entitlement__model", "made_by").order_by("pk")


def licenses_held(*, of: str, ids: Collection[int]) -> dict[int, int]:
    """
    How many licenses people, or devices, hold.

    :param of: "person" or "device"
    :returns: by the id of each that holds any, how many licenses it holds
    """
    held = Allocation.objects.live().filter(**{f"{of}__in": ids})
    counted = held.order_by().values_list(of).annotate(number=Count("pk"))
    return dict(counted)
