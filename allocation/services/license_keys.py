"""License keys and the allocations that name them."""

from collections.abc import Iterable

from django.utils import timezone

from accounts.models import User
from allocation.models import Allocation
from common.acting import acting
from common.locks import hold_shared
from entitlements.models import LicenseKey
from entitlements.services import KeysRefused, standing_key

MOST_NAMED = 3


def withdraw_key(*, key: LicenseKey, by: User, reason: str) -> None:
    """
    Take a key out of use. It stays, and the history says who withdrew it and why.

    :raises KeysRefused: without a reason, and while somebody has it
    :raises KeyWithdrawn: if somebody else was faster
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    if not reason.strip():
        raise KeysRefused("Give a reason: others will want to know why.")
    with acting(by, reason):
        hold_shared(key.company_id)
        row = standing_key(key)
        _refuse_while_given(row)
        row.withdrawn_at = timezone.now()
        row.save(update_fields=["withdrawn_at"])


def _refuse_while_given(key: LicenseKey) -> None:
    given = Allocation.objects.live().filter(license_key=key).select_related("person", "device")
    holders = [allocation.target_text for allocation in given[: MOST_NAMED + 1]]
    if holders:
        raise KeysRefused(
            f"{key} is given to {_named(holders)}. End those allocations first, or give them"
            " another key."
        )


def _named(holders: Iterable[str]) -> str:
    named = list(holders)
    if len(named) > MOST_NAMED:
        return f"{', '.join(named[:MOST_NAMED])} and others"
    return ", ".join(named)
