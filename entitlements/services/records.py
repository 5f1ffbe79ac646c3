"""What a person can do to an entitlement."""

from accounts.models import User
from common.acting import acting
from common.locks import hold_shared
from entitlements.models import Entitlement
from entitlements.signals import rights_changed


def save_entitlement(entitlement: Entitlement, *, by: User, reason: str) -> Entitlement:
    """
    Record a new entitlement, or what was changed on one.

    :param reason: what the history is to say; a usual sentence where it is empty
    :raises common.locks.CompanyIsBusy: while a run rewrites the company's allocations
    """
    usual = "Changed by hand" if entitlement.pk else "Entered by hand"
    with acting(by, reason or usual):
        hold_shared(entitlement.company_id)
        entitlement.save()
        rights_changed.send(
            Entitlement, company_id=entitlement.company_id, license_ids=[entitlement.pk]
        )
    return entitlement
