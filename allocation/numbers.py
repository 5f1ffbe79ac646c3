"""
Reads what the numbers of licenses are counted from, and writes them: by set, however many.

What counts them is ``allocation.core.numbers``; when they are counted, ``allocation.services``.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, F, Max, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import RawSQL

from allocation.core.numbers import Counted, Numbers, Use, UseFigures, count_numbers
from common.sql import rows_of, run
from deployments.models import DeploymentMetric
from entitlements.models import Entitlement, Kind, PurchaseReturn, StatePeriod, UpgradedEntitlement
from entitlements.queries import with_rights, with_state
from entitlements.rights import last_day_unchanged
from entitlements.states import State


class Reach(NamedTuple):
    """Licenses and deployments of a company whose numbers hang together, by id."""

    company_id: int
    licenses: list[int]
    deployments: list[int]


class Entitled(NamedTuple):
    """What a license grants; None: endless. ``holds_until``: its last day; None: for ever."""

    rights: int | None
    holds_until: date | None


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the numbers of a reach are counted from, as of a day."""

    entitled: Mapping[int, Entitled]
    uses: list[Use]
    stored: Mapping[int, tuple[int, int]]  # consumed and deployed of each use, as they stand
    deployed: Mapping[Counted, int]

    def count(self) -> Numbers:
        """Their numbers."""
        return count_numbers(
            entitled={license: granted.rights for license, granted in self.entitled.items()},
            uses=self.uses,
            deployed=self.deployed,
        )


# --- Reading ---


def reach_of(
    company_id: int, *, licenses: Collection[int] = (), deployments: Collection[int] = ()
) -> Reach:
    """All licenses and deployments that a change of some can reach through what is tracked."""
    asked = {
        "company": company_id,
        "licenses": _array(licenses),
        "deployments": _array(deployments),
    }
    reached = rows_of(REACH, asked)
    return Reach(
        company_id,
        licenses=sorted(id_ for is_license, id_ in reached if is_license),
        deployments=sorted(id_ for is_license, id_ in reached if not is_license),
    )


def load(reach: Reach, *, day: date) -> Given:
    """What the numbers of a reach are counted from; of licenses that are there no more, nothing."""
    entitled = _load_entitled(reach, day)
    rows = rows_of(USES, [_array(entitled)])
    deployments = rows_of(DEPLOYED, [reach.company_id, reach.deployments])
    return Given(
        entitled=entitled,
        uses=[_use(*row[:6]) for row in rows],
        stored={row[0]: (row[6], row[7]) for row in rows},
        deployed={
            (deployment, metric): units
            for deployment, installs, users in deployments
            for metric, units in (
                (DeploymentMetric.INSTALLS.value, installs),
                (DeploymentMetric.USERS.value, users),
            )
        },
    )


def _use(
    id_: int, license: int, quantity: int, deployment: int | None, metric: str, reserved: bool
) -> Use:
    tracks = None if deployment is None else (deployment, metric)
    return Use(id_, license, quantity, tracks=tracks, is_reservation=reserved)


def _load_entitled(reach: Reach, day: date) -> dict[int, Entitled]:
    asked = RawSQL("SELECT unnest(%s::bigint[])", [_array(reach.licenses)])
    found = Entitlement.objects.filter(pk__in=asked, company=reach.company_id, kind=Kind.LICENSE)
    read = _with_changes(with_rights(with_state(found, day), day), day)
    return {row["pk"]: _entitled(row, day) for row in read.order_by("pk").values(*READ_OF_LICENSES)}


READ_OF_LICENSES = (
    "pk",
    "state_now",
    "is_unlimited",
    "active_rights",
    "purchased_on",
    "starts_on",
    "ends_on",
    "next_state_on",
    "state_until_on",
    "next_return_on",
    "next_upgrade_on",
)


def _with_changes(licenses: Any, day: date) -> Any:
    """Adds the next days on which states set by hand, returns and upgrades come or go."""
    states = StatePeriod.objects.filter(entitlement=OuterRef("pk"))
    returns = PurchaseReturn.objects.filter(entitlement=OuterRef("pk"))
    upgrades = UpgradedEntitlement.objects.filter(source=OuterRef("pk"))
    return licenses.annotate(
        next_state_on=_first(states.filter(from_on__gt=day), "entitlement", Min("from_on")),
        state_until_on=_first(
            states.filter(from_on__lte=day, until_on__gte=day), "entitlement", Max("until_on")
        ),
        next_return_on=_next_change(returns, "entitlement", "returned_on", day),
        next_upgrade_on=_next_change(upgrades, "source", "effective_on", day),
    )


def _next_change(rows: QuerySet[Any], by: str, begins: str, day: date) -> Subquery:
    """The first day after one on which what was taken away begins to lack, or counts again."""
    to_come = Q(**{f"{begins}__gt": day})
    change = Case(When(to_come, then=F(begins)), default=F("ended_on"))
    return _first(rows.filter(to_come | Q(ended_on__gt=day)), by, Min(change))


def _first(rows: QuerySet[Any], by: str, extreme: Min | Max) -> Subquery:
    return Subquery(rows.order_by().values(by).annotate(day=extreme).values("day"))


def _entitled(row: Mapping[str, Any], day: date) -> Entitled:
    is_in_use = row["state_now"] == State.IN_USE
    return Entitled(
        rights=row["active_rights"] if is_in_use else 0,
        holds_until=last_day_unchanged(
            day,
            first_days=[
                row["purchased_on"],
                row["starts_on"],
                row["next_state_on"],
                row["next_return_on"],
                row["next_upgrade_on"],
            ],
            last_days=[row["ends_on"], row["state_until_on"]],
        ),
    )


# --- Writing ---


def save(company_id: int, given: Given, numbers: Numbers) -> None:
    """Write those numbers that differ from what is stored."""
    _save_uses(given, numbers.uses)
    run(SAVE_LICENSES, [company_id, *_arrays(_license_rows(given, numbers), 8)])
    run(SAVE_PRODUCTS, [company_id, *_arrays(_product_rows(numbers), 7)])


def _save_uses(given: Given, uses: Mapping[int, UseFigures]) -> None:
    changed = [
        (id_, figures.consumed, figures.deployed)
        for id_, figures in uses.items()
        if given.stored[id_] != (figures.consumed, figures.deployed)
    ]
    if changed:
        run(SAVE_USES, _arrays(sorted(changed), 3))


def _license_rows(given: Given, numbers: Numbers) -> Iterable[tuple[Any, ...]]:
    for license, figures in sorted(numbers.licenses.items()):
        yield (
            license,
            figures.entitled,
            figures.consumed,
            figures.deployed,
            figures.idle,
            figures.reserved,
            figures.available,
            given.entitled[license].holds_until,
        )


def _product_rows(numbers: Numbers) -> Iterable[tuple[Any, ...]]:
    for (deployment, metric), figures in sorted(numbers.products.items()):
        yield (
            deployment,
            metric,
            figures.deployed,
            figures.allocated,
            figures.idle,
            figures.covered,
            figures.uncovered,
        )


def _arrays(rows: Iterable[tuple[Any, ...]], number: int) -> list[str]:
    """Rows of so many columns, turned into one array a column, for ``unnest``."""
    columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
    return [_array(column) for column in columns or [()] * number]


def _array(values: Iterable[Any]) -> str:
    """
    Numbers, days and names of metrics as PostgreSQL reads an array.

    Adapting a list would go element by element, and take longer than all the rest.
    """
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


# Whatever tracks a product of a license's, and what else those licenses track, and so on.
REACH = """
WITH RECURSIVE reached (is_license, id) AS (
    (SELECT true, unnest(%(licenses)s::bigint[])
     UNION SELECT false, unnest(%(deployments)s::bigint[]))
  UNION
    SELECT NOT reached.is_license, near.id
    FROM reached CROSS JOIN LATERAL (
        SELECT deployment_id AS id FROM allocation_allocation
        WHERE reached.is_license AND entitlement_id = reached.id AND company_id = %(company)s
          AND ended_at IS NULL AND license_id IS NULL AND deployment_id IS NOT NULL
      UNION ALL
        SELECT entitlement_id FROM allocation_allocation
        WHERE NOT reached.is_license AND deployment_id = reached.id AND company_id = %(company)s
          AND ended_at IS NULL AND deployment_id IS NOT NULL
    ) near
)
SELECT is_license, id FROM reached
"""

USES = """
SELECT id, entitlement_id, quantity, deployment_id, metric, reservation_kind <> '', consumed,
  deployed
FROM allocation_allocation
WHERE entitlement_id = ANY(%s::bigint[]) AND license_id IS NULL AND ended_at IS NULL
ORDER BY id
"""

DEPLOYED = """
SELECT id, installs, users FROM deployments_deployment WHERE company_id = %s AND id = ANY(%s)
"""

SAVE_USES = """
UPDATE allocation_allocation a SET consumed = n.consumed, deployed = n.deployed
FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS n(id, consumed, deployed) WHERE a.id = n.id
"""

SAVE_LICENSES = """
INSERT INTO allocation_licensenumbers AS stored (
  company_id, license_id, entitled, consumed, deployed, idle, reserved, available, holds_until
)
SELECT %s, * FROM unnest(
  %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
  %s::date[]
)
ON CONFLICT (license_id) DO UPDATE SET
  entitled = excluded.entitled, consumed = excluded.consumed, deployed = excluded.deployed,
  idle = excluded.idle, reserved = excluded.reserved, available = excluded.available,
  holds_until = excluded.holds_until
WHERE (
  stored.entitled, stored.consumed, stored.deployed, stored.idle, stored.reserved,
  stored.available, stored.holds_until
) IS DISTINCT FROM (
  excluded.entitled, excluded.consumed, excluded.deployed, excluded.idle, excluded.reserved,
  excluded.available, excluded.holds_until
)
"""

SAVE_PRODUCTS = """
INSERT INTO allocation_productnumbers AS stored (
  company_id, deployment_id, metric, deployed, allocated, idle, covered, uncovered
)
SELECT %s, * FROM unnest(
  %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]
)
ON CONFLICT (deployment_id, metric) DO UPDATE SET
  deployed = excluded.deployed, allocated = excluded.allocated, idle = excluded.idle,
  covered = excluded.covered, uncovered = excluded.uncovered
WHERE (stored.deployed, stored.allocated, stored.idle, stored.covered, stored.uncovered)
  IS DISTINCT FROM
  (excluded.deployed, excluded.allocated, excluded.idle, excluded.covered, excluded.uncovered)
"""
