"""Questions about the metric catalogue."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from contracts.models import SoftwareModel
from entitlements.metric_rules import IBM
from entitlements.models import (
    Entitlement,
    LicenseMetric,
    MetricAttribute,
    MetricGroup,
    ModelAttribute,
    TierTable,
)
from entitlements.queries import with_state
from entitlements.states import State

NAMED_IN_A_WARNING = 3


@dataclass(frozen=True, kw_only=True)
class AttributeInForce:
    """What an attribute of a metric is for a software model; a value of None is unlimited."""

    name: str
    value: int | None
    is_of_model: bool  # else it is the metric's default


def groups_of_metrics() -> QuerySet[MetricGroup]:
    """All groups with their metrics, the attributes of these, and their agreement types."""
    metrics = LicenseMetric.objects.order_by("name").prefetch_related("attributes")
    return MetricGroup.objects.prefetch_related(
        Prefetch("metrics", queryset=metrics), "agreement_types"
    )


def attributes_in_force(
    metric: LicenseMetric, model: SoftwareModel | None
) -> list[AttributeInForce]:
    """The attributes of a metric, as they are for a software model where one is given."""
    attributes = MetricAttribute.objects.filter(metric=metric)
    own = ModelAttribute.objects.filter(attribute__metric=metric, model=model)
    of_model = {} if model is None else dict(own.values_list("attribute", "value"))
    return [
        AttributeInForce(
            name=attribute.name,
            value=of_model.get(attribute.pk, attribute.default_value),
            is_of_model=attribute.pk in of_model,
        )
        for attribute in attributes
    ]


def tier_tables(keys: list[str] | None = None) -> QuerySet[TierTable]:
    """Tables of tiers with their brackets: those of some keys, or all."""
    tables = TierTable.objects.prefetch_related("tiers")
    return tables if keys is None else tables.filter(key__in=keys)


def with_another_metric(license: Entitlement, day: date) -> list[Entitlement]:
    """
    The first licenses of the company for the same software model with another metric of IBM, which
    ``metric_rules.warn_of_second_metric`` warns of. Retired ones are left out.

    :param license: saved or not, with its metric and the metric's group read
    """
    if license.metric is None or license.metric.group.name != IBM:
        return []
    of_model = Entitlement.objects.licenses().filter(
        company=license.company_id, model=license.model_id, metric__group=license.metric.group_id
    )
    others = of_model.exclude(metric=license.metric_id).exclude(pk=license.pk)
    with_states: Any = with_state(others, day)  # a field that the query adds
    in_use = with_states.exclude(state_now=State.RETIRED)
    return list(in_use.select_related("model", "definition", "metric")[:NAMED_IN_A_WARNING])
