"""Questions about contracts."""

from datetime import date
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When

from accounts.models import Membership, User
from accounts.roles import CAPABILITIES, Capability
from accounts.scope import Scope
from contracts.dates import AT_REST, ContractStatus
from contracts.models import Contract, ContractQuerySet, SentReminder


def with_status(contracts: ContractQuerySet, day: date) -> ContractQuerySet:
    """
    Adds the dates and ``status_now``, the status on a day.

    It says in SQL what ``contracts.dates.status_on`` says in Python; a test holds them equal.
    """
    return contracts.with_dates().annotate(
        status_now=Case(
            When(~Q(status_by_hand=""), then=F("status_by_hand")),
            When(starts_on=None, then=Value(ContractStatus.DRAFT)),
            When(starts_on__gt=day, then=Value(ContractStatus.PENDING)),
            When(ends_on__lt=day, is_given_up=True, then=Value(ContractStatus.CANCELLED)),
            When(ends_on__lt=day, then=Value(ContractStatus.EXPIRED)),
            default=Value(ContractStatus.ACTIVE),
            output_field=CharField(),
        )
    )


READING_ROLES = [role for role, held in CAPABILITIES.items() if Capability.READ in held]


def members_who_read(company_id: int) -> QuerySet[User]:
    """The people who may be reminded of a company's contracts: active, with a role that reads."""
    held = Membership.objects.filter(
        user=OuterRef("pk"), company=company_id, role__in=READING_ROLES
    )
    return User.objects.filter(Exists(held), is_active=True)


def may_still_read() -> Exists:
    """The same of the ``user`` of a record in its ``company``, as a condition on it."""
    return Exists(
        Membership.objects.filter(
            user=OuterRef("user"),
            company=OuterRef("company"),
            role__in=READING_ROLES,
            user__is_active=True,
        )
    )


def followed_by_reminders(day: date) -> QuerySet[Any]:
    """The contracts that have not ended yet, with their dates, unless a person put them at rest."""
    dated: QuerySet[Any] = Contract.objects.exclude(status_by_hand__in=AT_REST).with_dates()
    return dated.filter(ends_on__gte=day)


def still_true(reminders: QuerySet[SentReminder], day: date) -> QuerySet[SentReminder]:
    """Those of some reminders that nobody dismissed, and whose contract still ends on that day."""
    of_it = followed_by_reminders(day).filter(pk=OuterRef("contract"))
    # What has passed is told by its own column, before any contract is looked at.
    to_come = reminders.filter(ends_on__gte=day, dismissed_at=None)
    return to_come.filter(Exists(of_it.filter(ends_on=OuterRef("ends_on"))))


def open_reminders(scope: Scope, day: date) -> QuerySet[SentReminder]:
    """What a person is reminded of on their home page, what ends first before the others."""
    own = SentReminder.objects.visible_to(scope).filter(user=scope.user_id)
    return still_true(own, day).select_related("contract").order_by("ends_on", "pk")
