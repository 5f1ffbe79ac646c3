"""What the home page says of entitlements: whose state has changed since yesterday."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from accounts.roles import Capability
from accounts.scope import Scope
from common.shown import count_of
from entitlements.models import Duration, Entitlement, Kind
from entitlements.queries import with_changed_state
from entitlements.states import State


@dataclass(frozen=True)
class StateChange:
    """How many of a kind went from one state to another: in words, and their list's parameters."""

    text: str
    asked: str


def state_changes(scope: Scope, day: date) -> list[StateChange]:
    """
    What changed its state on a day, of the companies whose licenses a person manages.

    It is computed from dates when it is read: nothing has to run, and nothing is stored.
    """
    managed = scope.companies(Capability.MANAGE)
    if not managed:
        return []
    changed: Any = with_changed_state(Entitlement.objects.filter(company__in=managed), day)
    counted = (
        changed.order_by("kind", "duration", "state_before", "state_then")
        .values("kind", "duration", "state_before", "state_then")
        .annotate(number=Count("pk"))
    )
    return [
        StateChange(
            text=_said(row["number"], _noun(row["kind"], row["duration"]), row),
            asked=f"changed=today&kind={row['kind']}&state={row['state_then']}",
        )
        for row in counted
    ]


def _noun(kind: str, duration: str) -> str:
    if kind == Kind.MAINTENANCE:
        return "maintenance position"
    return "subscription" if duration == Duration.SUBSCRIPTION else "license"


def _said(number: int, noun: str, change: dict[str, str]) -> str:
    before, then = State(change["state_before"]), State(change["state_then"])
    if then == State.RETIRED:
        return f"{count_of(number, noun)} ended"
    if (before, then) == (State.ON_ORDER, State.IN_USE):
        return f"{count_of(number, noun)} began"
    return f"{count_of(number, noun)} went from {before.label.lower()} to {then.label.lower()}"
