"""What pages show of the use of a license: its numbers, and what draws on its pool."""

from collections.abc import Iterable
from typing import Any

from accounts.access import ScopedRequest
from allocation.models import LicenseNumbers
from allocation.queries import Drawn, numbers_of
from allocation.services import metric_warning
from allocation.views.use_lists import ENDED, LIVE, UNLIMITED, uses_in
from common.shown import State, Tone, Utilisation, show
from entitlements.metric_rules import allocates_to
from entitlements.models import CountedBy, Entitlement


def parts_of_uses(request: ScopedRequest, license: Entitlement, drawn: Drawn) -> dict[str, Any]:
    """What the page of a license shows of its numbers and of what uses it."""
    counted = allocates_to(license.metric)
    return figures_of_uses(license) | {
        "uses": uses_in(request, license, LIVE),
        "ended_uses": uses_in(request, license, ENDED, has_some=drawn.has_ended_uses),
        "metric_warnings": metric_warnings(license, drawn.metrics),
        "counts_people": counted == CountedBy.PERSON,
        "counts_devices": counted == CountedBy.DEVICE,
    }


def figures_of_uses(license: Entitlement) -> dict[str, Any]:
    """The numbers of a license, and their bar; None where they have not been counted yet."""
    numbers = numbers_of(license)
    return {
        "numbers": numbers,
        "available": None if numbers is None else shown_available(numbers),
        "use_bar": None if numbers is None else bar_of(numbers),
    }


def shown_available(numbers: LicenseNumbers) -> State | int | str:
    """What is available, as a state where it is less than nothing."""
    if numbers.available is None:
        return UNLIMITED
    if numbers.available < 0:
        return State(show(numbers.available), Tone.OVER)
    return numbers.available


def bar_of(numbers: LicenseNumbers) -> Utilisation | None:
    """The bar of a license; None where it is endless, or there is nothing to draw."""
    if numbers.entitled is None or not (numbers.entitled or numbers.consumed):
        return None
    return Utilisation(
        total=numbers.entitled,
        used=numbers.consumed,
        split=(
            ("used", "Deployed", numbers.deployed),
            ("idle", "Idle", numbers.idle),
            ("reserved", "Reserved", numbers.reserved),
            ("assigned", "People and devices", numbers.assigned),
        ),
    )


def metric_warnings(license: Entitlement, metrics: Iterable[str]) -> list[str]:
    """What is to be said of the metrics by which a license's deployments are tracked."""
    warnings = [metric_warning(license, metric) for metric in metrics]
    return [warning for warning in warnings if warning]
