"""What needs attention: the figures of the home page, each by one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from accounts.scope import Scope
from allocation.figures import over_allocated, without_cover
from allocation.models import ConsolidateRun, LicenseNumbers
from common.filters import ENDING_WITHIN, ends_within
from common.models import JobState
from contracts.dates import ContractStatus
from contracts.models import Contract
from contracts.queries import with_status
from entitlements.models import Entitlement, Kind
from entitlements.queries import with_rights, with_state


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How much of each kind ends within some days."""

    days: int
    contracts: int
    licenses: int
    maintenance: int


@dataclass(frozen=True, kw_only=True)
class Attention:
    """
    What a person should look at.

    :param contracts: those active
    :param over_allocated: positions of maintenance of which more is allocated than they have
    :param over_used: licenses of which more is allocated than they grant
    :param last_runs: the last applied run of each company
    """

    contracts: int
    licenses: int
    maintenance: int
    over_allocated: int
    over_used: int
    without_cover: int
    ending: Sequence[Ending]
    last_runs: Sequence[ConsolidateRun]

    @property
    def has_records(self) -> bool:
        return bool(self.contracts or self.licenses or self.maintenance)


def needs_attention(scope: Scope, today: date) -> Attention:
    """The figures for a person and a day."""
    entitlements = Entitlement.objects.visible_to(scope)
    with_figures = with_rights(with_state(entitlements, today), today)
    of_kinds = {kind: _count_ending(entitlements.filter(kind=kind), today) for kind in Kind}
    active = with_status(Contract.objects.visible_to(scope), today)
    in_force = active.filter(status_now=ContractStatus.ACTIVE)  # type: ignore[misc]  # annotated
    of_contracts = _count_ending(in_force, today)
    return Attention(
        contracts=of_contracts["there"],
        licenses=of_kinds[Kind.LICENSE]["there"],
        maintenance=of_kinds[Kind.MAINTENANCE]["there"],
        over_allocated=over_allocated(with_figures, today).count(),
        over_used=LicenseNumbers.objects.visible_to(scope).filter(available__lt=0).count(),
        without_cover=without_cover(with_figures, today).count(),
        ending=[
            Ending(
                days=days,
                contracts=of_contracts[f"within_{days}"],
                licenses=of_kinds[Kind.LICENSE][f"within_{days}"],
                maintenance=of_kinds[Kind.MAINTENANCE][f"within_{days}"],
            )
            for days in ENDING_WITHIN
        ],
        last_runs=_last_runs(scope),
    )


def _count_ending(records: QuerySet[Any], today: date) -> dict[str, int]:
    """How many there are, and how many end within each number of days."""
    within = {
        f"within_{days}": Count("pk", filter=ends_within(days, today)) for days in ENDING_WITHIN
    }
    counted: dict[str, int] = records.order_by().aggregate(there=Count("pk"), **within)
    return counted


def _last_runs(scope: Scope) -> list[ConsolidateRun]:
    done = ConsolidateRun.objects.visible_to(scope).filter(state=JobState.DONE)
    latest = done.order_by("company_id", "-pk").distinct("company_id")
    return list(latest.select_related("company", "started_by"))
