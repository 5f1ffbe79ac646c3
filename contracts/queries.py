"""Questions about contracts."""

from datetime import date

from django.db.models import Case, CharField, F, Q, Value, When

from contracts.dates import ContractStatus
from contracts.models import ContractQuerySet


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
