"""What a person should look at in an entitlement, though it was saved all the same."""

from datetime import date

from entitlements.catalogue import with_another_metric
from entitlements.filled_in import told_mismatch
from entitlements.metric_rules import IBM, warn_of_second_metric
from entitlements.models import Entitlement


def warnings_of(entitlement: Entitlement, day: date) -> list[str]:
    """The sentences that hold for an entitlement on a day."""
    found = []
    if entitlement.part is not None:
        found.append(told_mismatch(entitlement.part, entitlement.model))
    metric = entitlement.metric
    if metric is not None and metric.group.name == IBM:
        found.append(warn_of_second_metric(metric, with_another_metric(entitlement, day)))
    return [warning for warning in found if warning]
