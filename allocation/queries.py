"""Questions about runs, and what the core is given of one title."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import connection

from allocation.core.values import Definition, Partition
from allocation.loading import Database, load_definitions, load_partition
from allocation.models import ConsolidateRun
from common.models import JobState


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
