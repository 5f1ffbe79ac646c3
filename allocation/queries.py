"""Questions about runs, what the core is given of one title, and what uses licenses."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.db.models import F, OuterRef, Subquery, Sum

from accounts.scope import Scope, ScopedQuerySet
from allocation.core.values import Definition, Partition
from allocation.loading import Database, load_definitions, load_partition
from allocation.models import (
    Allocation,
    AllocationQuerySet,
    ConsolidateRun,
    LicenseNumbers,
    ProductNumbers,
)
from common.models import JobState
from common.shown import Money
from common.sql import rows_of
from deployments.models import Deployment
from entitlements.models import Entitlement


def last_applied_run(company_id: int) -> ConsolidateRun | None:
    """The last run that changed, or left, a company's allocations for a day."""
    applied = ConsolidateRun.objects.filter(company=company_id, state=JobState.DONE)
    return applied.order_by("-as_of", "-pk").first()


def last_applied_runs(company_ids: Collection[int]) -> list[ConsolidateRun]:
    """The last applied run of each of some companies, where there is one."""
    applied = ConsolidateRun.objects.filter(company__in=company_ids, state=JobState.DONE)
    latest = applied.order_by("company_id", "-as_of", "-pk").distinct("company_id")
    return list(latest.select_related("company", "started_by"))


def partition_of(*, company_id: int, model_id: int, as_of: date) -> Partition:
    """What the core is given of one company and title on a day, as it is stored now."""
    return load_partition(raw_connection(), company=company_id, title=model_id, day=as_of)


def definitions_of(company_id: int) -> Mapping[int, Definition]:
    """What the core is given of a company's entitlement definitions, by id."""
    return load_definitions(raw_connection(), company=company_id)


def raw_connection() -> Database:
    """Django's own connection to the database, in its present transaction, for plain SQL."""
    connection.ensure_connection()
    raw: Database = connection.connection
    return raw


# --- What uses licenses ---


def numbers_of(license: Entitlement) -> LicenseNumbers | None:
    """The stored numbers of a license; None of maintenance, which has none."""
    return LicenseNumbers.objects.filter(license=license.pk).first()


def uses_of(license: Entitlement) -> AllocationQuerySet:
    """What uses a license, and what used it before, with all that a row shows; in no order."""
    return Allocation.objects.filter(entitlement=license).uses().select_related(*SHOWN_OF_USES)


class Drawn(NamedTuple):
    """What there is of allocations of a license: rows that cover it, uses that ended, metrics."""

    has_cover: bool
    has_ended_uses: bool
    metrics: list[str]  # by which it tracks deployments at present


DRAWN = """
SELECT EXISTS (SELECT FROM allocation_allocation WHERE license_id = %(id)s),
    EXISTS (SELECT FROM allocation_allocation
        WHERE entitlement_id = %(id)s AND license_id IS NULL AND ended_at IS NOT NULL),
    ARRAY(SELECT DISTINCT metric FROM allocation_allocation
        WHERE entitlement_id = %(id)s AND ended_at IS NULL AND license_id IS NULL
            AND deployment_id IS NOT NULL ORDER BY metric)
"""


def drawn_on(license: Entitlement) -> Drawn:
    """In one question, so that a page asks nothing about what is not there."""
    return Drawn._make(rows_of(DRAWN, {"id": license.pk})[0])


SHOWN_OF_USES = (
    "deployment__product__vendor",
    "person",
    "device",
    "made_by",
    "ended_by",
)


def trackers_of(deployment: Deployment) -> AllocationQuerySet:
    """The live allocations that track a deployment, with the numbers of their licenses."""
    tracked = Allocation.objects.filter(deployment=deployment).live()
    return tracked.select_related(
        "entitlement__model",
        "entitlement__definition",
        "entitlement__numbers",
        "entitlement__metric",
        "made_by",
    )


def products_used(scope: Scope, metric: str) -> ScopedQuerySet[ProductNumbers]:
    """
    What is deployed, allocated, idle, covered and uncovered of each product, in one metric.

    :param metric: of ``deployments.models.DeploymentMetric``
    """
    numbers = ProductNumbers.objects.visible_to(scope).filter(metric=metric)
    return numbers.select_related("deployment__product__vendor", "company")


def idle_money(deployment_ids: Collection[int], metric: str) -> dict[int, list[Money]]:
    """
    What the idle units of deployments cost, by the unit cost of their licenses, where it is known.

    :returns: by deployment, one amount a currency; those without idle cost are not in it
    """
    idle = _idle_at_a_price().filter(deployment__in=deployment_ids, metric=metric)
    sums = (
        idle.order_by("deployment", "entitlement__currency")
        .values_list("deployment", "entitlement__currency")
        .annotate(cost=PRICE_OF_IDLE)
    )
    by_deployment: dict[int, list[Money]] = defaultdict(list)
    for deployment, currency, cost in sums:
        by_deployment[deployment].append(Money(cost, currency))
    return dict(by_deployment)


def idle_cost() -> Subquery:
    """What the idle units of ``ProductNumbers`` cost, to sort by: as if of one currency."""
    idle = _idle_at_a_price().filter(deployment=OuterRef("deployment"), metric=OuterRef("metric"))
    return Subquery(
        idle.order_by().values("deployment").annotate(cost=PRICE_OF_IDLE).values("cost")
    )


PRICE_OF_IDLE = Sum((F("consumed") - F("deployed")) * F("entitlement__unit_cost"))


def _idle_at_a_price() -> AllocationQuerySet:
    """What is allocated and not in use, where it is known what a unit costs."""
    idle = Allocation.objects.live().filter(consumed__gt=F("deployed"))
    # The price of an unlimited license is that of all units, so none of them costs it.
    return idle.filter(entitlement__unit_cost__gt=0, entitlement__is_unlimited=False)
