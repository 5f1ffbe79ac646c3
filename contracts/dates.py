"""What the dates of a contract mean on a day: pure, no queries."""

from datetime import date

from django.db import models

# No contract about software began before it: an earlier day is a slip of the year.
EARLIEST_DAY = date(1950, 1, 1)


class ContractStatus(models.TextChoices):
    """Where a contract stands."""

    DRAFT = "draft", "Draft"
    PENDING = "pending", "Pending"
    ACTIVE = "active", "Active"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"


# A contract that a person set to one of these neither goes on by itself nor reminds of its end.
AT_REST = (ContractStatus.DRAFT, ContractStatus.EXPIRED, ContractStatus.CANCELLED)


def status_on(
    day: date,
    *,
    starts_on: date | None,
    ends_on: date | None,
    is_given_up: bool = False,
    by_hand: str = "",
) -> ContractStatus:
    """
    The status of a contract on a day.

    :param starts_on: first day of its first term; None where it has no term yet
    :param ends_on: last day of its last term, which still counts; None for endless
    :param is_given_up: whether notice was given in its last term: then its end cancels it
    :param by_hand: the status a person set, which stands before the dates
    """
    if by_hand:
        return ContractStatus(by_hand)
    if starts_on is None:
        return ContractStatus.DRAFT
    if day < starts_on:
        return ContractStatus.PENDING
    if ends_on is not None and ends_on < day:
        return ContractStatus.CANCELLED if is_given_up else ContractStatus.EXPIRED
    return ContractStatus.ACTIVE
