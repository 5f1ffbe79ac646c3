"""What a person does to allocations by hand, under the same rules as a run."""

from datetime import date

from django.utils import timezone

from accounts.models import User
from allocation.fitting import candidate, refusal
from allocation.models import Allocation, Basis, EndReason, KeptApart
from allocation.services.numbers import refresh_use
from common.acting import acting
from common.locks import hold_numbers, hold_shared
from common.shown import day_text
from entitlements.models import Entitlement, Kind


class AlreadyEnded(Exception):
    """An allocation is ended once; the message says when and why it was."""


class EndsBeforeItBegan(Exception):
    """An allocation cannot end before the day it was made for."""


class ReasonMissing(Exception):
    """What a person undoes by hand has a reason."""


class NothingToLift(Exception):
    """The pair is not kept apart any more."""


class NothingMatched(Exception):
    """The position has no matched serial number to clear."""


def allocate_by_hand(
    *, position: Entitlement, license: Entitlement, day: date, by: User, notes: str = ""
) -> Allocation:
    """
    Allocate all of a license's units from a position, as a person decides.

    :raises AllocationRefused: (one of its kinds) where a rule forbids it on that day
    :raises CompanyIsBusy: while a run has the company
    """
    with acting(by, "Allocated by hand"):
        hold_shared(position.company_id)
        # In key order, so that two people queue up rather than deadlock.
        both = Entitlement.objects.filter(pk__in=[position.pk, license.pk])
        list(both.select_for_update().order_by("pk"))
        pair = candidate(position_id=position.pk, license_id=license.pk, day=day)
        if refused := refusal(pair):
            raise refused
        return Allocation.objects.create(
            company_id=position.company_id,
            kind=Kind.MAINTENANCE,
            entitlement=position,
            license=license,
            quantity=pair.needed,
            basis=Basis.MANUAL,
            notes=notes,
            made_on=day,
            made_at=timezone.now(),
            made_by=by,
        )


def end_allocation(
    *, allocation: Allocation, day: date, by: User, reason: str, keep_apart: bool = False
) -> None:
    """
    End a live allocation, once and for good.

    :param day: the first day on which it does not hold any more
    :param keep_apart: whether no run may allocate this position to this license again; of a use of
        a license it says nothing
    :raises AlreadyEnded: if a run or another person was faster
    :raises EndsBeforeItBegan: for a day before the one it was made for
    :raises ReasonMissing: without a reason
    :raises CompanyIsBusy: while a run has the company
    """
    _demand_reason(reason)
    with acting(by, f"Ended by hand: {reason}"):
        hold_shared(allocation.company_id)
        if allocation.is_use:
            hold_numbers(allocation.company_id)
        row = Allocation.objects.select_for_update().get(pk=allocation.pk)
        demand_live(row)
        if day < row.made_on:
            raise EndsBeforeItBegan(
                f"The allocation was made for {day_text(row.made_on)}:"
                f" it cannot end on {day_text(day)}, before that."
            )
        row.ended_on, row.ended_at, row.ended_by = day, timezone.now(), by
        row.end_reason, row.end_notes = EndReason.MANUAL, reason
        row.consumed = row.deployed = 0
        row.save(
            update_fields=[
                "ended_on",
                "ended_at",
                "ended_by",
                "end_reason",
                "end_notes",
                "consumed",
                "deployed",
            ]
        )
        if row.is_use:
            # The day given may lie in the past; the numbers are those of the day of the writing.
            refresh_use(row, timezone.localdate(row.ended_at))
        elif keep_apart:
            _keep_apart(row, by, reason)


def demand_live(row: Allocation) -> None:
    """
    Refuse to touch an allocation that is over.

    :raises AlreadyEnded: saying who ended it, when and why
    """
    if not row.is_live:
        raise AlreadyEnded(_how_it_ended(row))


def lift_kept_apart(*, pair: KeptApart, by: User, reason: str) -> None:
    """
    Let runs allocate a position to a license again, which a person had parted.

    :raises NothingToLift: if somebody else was faster
    :raises ReasonMissing: without a reason
    :raises CompanyIsBusy: while a run has the company
    """
    _demand_reason(reason)
    with acting(by, f"No longer kept apart: {reason}"):
        hold_shared(pair.company_id)
        row = KeptApart.objects.select_for_update().get(pk=pair.pk)
        if row.lifted_at is not None:
            raise NothingToLift(
                f"{row} are not kept apart any more: {row.lifted_by} lifted that"
                f" on {timezone.localtime(row.lifted_at):%Y-%m-%d at %H:%M}."
            )
        row.lifted_at, row.lifted_by = timezone.now(), by
        row.save(update_fields=["lifted_at", "lifted_by"])


def clear_match(*, position: Entitlement, by: User, reason: str) -> None:
    """
    Take the serial number away that a run's pre-processing gave, and let no run match it again.

    What was allocated by that serial number stays until it is ended.

    :raises NothingMatched: if the position has none
    :raises ReasonMissing: without a reason
    :raises CompanyIsBusy: while a run has the company
    """
    _demand_reason(reason)
    with acting(by, f"Match cleared: {reason}"):
        hold_shared(position.company_id)
        row = Entitlement.objects.select_for_update().get(pk=position.pk)
        if not row.matched_serial:
            raise NothingMatched(f"{row} has no serial number that a run matched.")
        row.matched_serial, row.matched_run_id, row.may_be_matched = "", None, False
        row.save(update_fields=["matched_serial", "matched_run_id", "may_be_matched"])


def _demand_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing("Give a reason: others will want to know why.")


def _keep_apart(row: Allocation, by: User, reason: str) -> None:
    KeptApart.objects.get_or_create(
        position_id=row.entitlement_id,
        license_id=row.license_id,
        lifted_at=None,
        defaults={"company_id": row.company_id, "reason": reason, "parted_by": by},
    )


def _how_it_ended(row: Allocation) -> str:
    who = row.ended_by or row.ended_in_run
    when = f"{timezone.localtime(row.ended_at):%Y-%m-%d at %H:%M}" if row.ended_at else ""
    return (
        f"{who} ended this allocation on {when}"
        f" ({row.get_end_reason_display().lower()}{': ' if row.end_notes else ''}{row.end_notes})."
    )
