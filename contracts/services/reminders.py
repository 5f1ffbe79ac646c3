"""
Reminders of the ends of contracts: who gets them, which are due, and that they were seen.

What is due is recorded once for each member, end and distance, whenever the job runs: on the day,
or later if it was down. Where several have come due, all are recorded and only the nearest is open;
the others are dismissed with it, so that nobody gets three mails about one end.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from common.acting import acting
from contracts.models import Contract, RemindedMember, Reminder, SentReminder
from contracts.queries import (
    followed_by_reminders,
    may_still_read,
    members_who_read,
    still_true,
)
from contracts.renewal import USUAL_REMINDERS, due_distances


class NotReminded(Exception):
    """Only who may read the contract is reminded of it; the message names who may not."""


def set_reminder(
    *,
    contract: Contract,
    notice_days: int | None,
    members: Collection[User],
    by: User,
    reason: str,
) -> Reminder:
    """
    Say who is reminded of the end of a contract, and when first.

    :param notice_days: days before the end; None for 90, then 60 and 30
    :param members: of the company; nobody is reminded where there are none
    :raises NotReminded: where one of them may not read the contracts of the company
    """
    wanted = {user.pk for user in members}
    able = set(members_who_read(contract.company_id).values_list("pk", flat=True))
    if strangers := [str(user) for user in members if user.pk not in able]:
        raise NotReminded(f"{', '.join(strangers)} may not read the contracts of this company.")
    with acting(by, reason or "Changed by hand"):
        reminder, _ = Reminder.objects.update_or_create(
            contract=contract,
            defaults={"notice_days": notice_days, "company_id": contract.company_id},
        )
        reminder.members.exclude(user__in=wanted).delete()
        there = set(reminder.members.values_list("user", flat=True))
        RemindedMember.objects.bulk_create(
            RemindedMember(company_id=contract.company_id, reminder=reminder, user_id=user)
            for user in sorted(wanted - there)
        )
    return reminder


def record_due_reminders(*, day: date) -> int:
    """
    Record the reminders that have come due by a day, of all contracts.

    :returns: how many were recorded
    """
    contracts = _ending(day)
    members = _members_of(contracts)
    recorded = set(
        SentReminder.objects.filter(contract__in=contracts).values_list(
            "contract", "user", "ends_on", "days_before"
        )
    )
    new = [
        reminder
        for contract in contracts
        for user_id in members[contract.pk]
        for reminder in _due(contract, user_id, day)
        if (contract.pk, user_id, reminder.ends_on, reminder.days_before) not in recorded
    ]
    with transaction.atomic():
        SentReminder.objects.bulk_create(new, ignore_conflicts=True)
        if new:
            _dismiss_all_but_the_nearest()
    return len(new)


def dismiss_reminder(*, reminder: SentReminder) -> None:
    """Take a reminder off the home page of whom it reminds, once they have seen it."""
    SentReminder.objects.filter(pk=reminder.pk, dismissed_at=None).update(
        dismissed_at=timezone.now()
    )


def _ending(day: date) -> list[Any]:
    """The contracts of whose end somebody may have to be reminded, with their dates."""
    soon = Q(ends_on__lte=day + timedelta(days=USUAL_REMINDERS[0]))
    early = Q(reminder__notice_days__gt=USUAL_REMINDERS[0])
    ending = followed_by_reminders(day).filter(soon | early, reminder__isnull=False)
    return list(ending.select_related("reminder"))


def _members_of(contracts: Collection[Any]) -> dict[int, list[int]]:
    """By contract, who is to be reminded and still may be."""
    members = RemindedMember.objects.filter(reminder__contract__in=contracts)
    found: dict[int, list[int]] = defaultdict(list)
    able = members.filter(may_still_read()).order_by("pk")
    for contract_id, user_id in able.values_list("reminder__contract", "user"):
        found[contract_id].append(user_id)
    return found


def _due(contract: Any, user_id: int, day: date) -> Iterator[SentReminder]:
    distances = due_distances(contract.reminder.notice_days, ends_on=contract.ends_on, day=day)
    for days_before in distances:
        yield SentReminder(
            company_id=contract.company_id,
            contract=contract,
            user_id=user_id,
            ends_on=contract.ends_on,
            days_before=days_before,
            due_on=contract.ends_on - timedelta(days=days_before),
            message_id=new_message_id(),
        )


def new_message_id() -> str:
    """A Message-ID that no other mail has."""
    return f"<{uuid.uuid4()}@{urlsplit(settings.LCM_ADDRESS).hostname}>"


def _dismiss_all_but_the_nearest() -> None:
    nearer = SentReminder.objects.filter(
        contract=OuterRef("contract"),
        user=OuterRef("user"),
        ends_on=OuterRef("ends_on"),
        days_before__lt=OuterRef("days_before"),
    )
    SentReminder.objects.filter(Exists(nearer), dismissed_at=None).update(
        dismissed_at=timezone.now()
    )


def open_reminders_to_mail(day: date) -> list[int]:
    """The ids of the reminders that have yet to be mailed, the oldest first."""
    unsent = still_true(SentReminder.objects.filter(mailed_at=None), day).exclude(user__email="")
    return list(unsent.filter(may_still_read()).order_by("pk").values_list("pk", flat=True))
