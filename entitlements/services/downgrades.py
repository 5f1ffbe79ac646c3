"""
Rights to use other versions under a license. They are never deleted, only ended.

Rule: the specification's section *Downgrade and upgrade rights*.
"""

from datetime import date

from django.db.models import Q

from accounts.models import User
from common.acting import acting
from common.locks import hold_shared
from common.shown import day_text
from contracts.models import SoftwareModel
from entitlements.models import DowngradeRight, Entitlement, Kind
from entitlements.services.rights import RightsRefused, demand_reason, lock_in_order


class DowngradeRefused(RightsRefused):
    """A downgrade or upgrade right cannot stand so; the message says why, with the days."""


def add_downgrade_right(
    *,
    entitlement: Entitlement,
    model: SoftwareModel,
    order: int,
    starts_on: date | None,
    ends_on: date | None,
    by: User,
    reason: str = "",
) -> DowngradeRight:
    """
    Let a license serve another software model after its own.

    :param order: the lower, the sooner it is served
    :param starts_on: the first day; None: open
    :param ends_on: the last day, which counts; None: open
    :raises DowngradeRefused: where a rule forbids it; nothing is written
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    if entitlement.kind != Kind.LICENSE:
        raise DowngradeRefused(f"{entitlement} is maintenance: only licenses serve installations.")
    if model.pk == entitlement.model_id:
        raise DowngradeRefused(
            f"{model} is what the license grants already: name another version.", field="model"
        )
    right = DowngradeRight(
        company_id=entitlement.company_id,
        entitlement=entitlement,
        model=model,
        order=order,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    with acting(by, reason or f"Right to {model} entered"):
        hold_shared(entitlement.company_id)
        lock_in_order(entitlement)
        _demand_apart(right)
        right.save()
    return right


def change_downgrade_right(
    *,
    right: DowngradeRight,
    order: int,
    starts_on: date | None,
    ends_on: date | None,
    by: User,
    reason: str,
) -> None:
    """
    Change when and in which order a right is served.

    :raises DowngradeRefused: where it would overlap another of the same model
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    demand_reason(reason)
    with acting(by, reason):
        hold_shared(right.company_id)
        lock_in_order(right.entitlement)
        row = DowngradeRight.objects.select_related("model").get(pk=right.pk)
        row.order, row.starts_on, row.ends_on = order, starts_on, ends_on
        _demand_apart(row)
        row.save(update_fields=["order", "starts_on", "ends_on"])


def end_downgrade_right(*, right: DowngradeRight, day: date, by: User, reason: str) -> None:
    """
    End a right.

    :param day: its last day, which counts
    :raises DowngradeRefused: where it ends before that by itself, or begins after it
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    demand_reason(reason)
    with acting(by, reason):
        hold_shared(right.company_id)
        lock_in_order(right.entitlement)
        row = DowngradeRight.objects.get(pk=right.pk)
        if row.ends_on is not None and row.ends_on <= day:
            raise DowngradeRefused(f"It ends on {day_text(row.ends_on)} already.", field="day")
        if row.starts_on is not None and day < row.starts_on:
            raise DowngradeRefused(
                f"It begins on {day_text(row.starts_on)}: it cannot end on {day_text(day)},"
                " before that.",
                field="day",
            )
        row.ends_on = day
        row.save(update_fields=["ends_on"])


def _demand_apart(right: DowngradeRight) -> None:
    """Refuse a period that ends before it begins, or shares a day with another of the model."""
    first, last = right.starts_on, right.ends_on
    if first is not None and last is not None and last < first:
        raise DowngradeRefused(
            f"The end, {day_text(last)}, is before the start, {day_text(first)}.", field="ends_on"
        )
    others = DowngradeRight.objects.filter(entitlement=right.entitlement_id, model=right.model_id)
    if last is not None:
        others = others.filter(Q(starts_on=None) | Q(starts_on__lte=last))
    if first is not None:
        others = others.filter(Q(ends_on=None) | Q(ends_on__gte=first))
    if (other := others.exclude(pk=right.pk).first()) is not None:
        raise DowngradeRefused(
            f"It would overlap the right to {right.model} of order {other.order}, which holds"
            f" {_period(other)}. Both of its days count.",
            field="starts_on",
        )


def _period(right: DowngradeRight) -> str:
    begin = f"from {day_text(right.starts_on)}" if right.starts_on else "from the beginning"
    return (
        f"{begin} until {day_text(right.ends_on)}" if right.ends_on else f"{begin} on without end"
    )
