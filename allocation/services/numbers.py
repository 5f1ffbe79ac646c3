"""Keeping the stored numbers of licenses and deployments current, whatever changes them."""

from collections.abc import Collection
from datetime import date

from allocation.models import Allocation
from allocation.numbers import load, reach_of, save
from common.acting import acting
from common.locks import hold_numbers, hold_shared
from common.sql import rows_of

# A large import does not fail because another one is just writing its numbers.
SECONDS_TO_WAIT = 60.0
LICENSES_AT_A_TIME = 20_000


def refresh(
    *,
    company_id: int,
    licenses: Collection[int] = (),
    deployments: Collection[int] = (),
    day: date,
    seconds: float = SECONDS_TO_WAIT,
) -> None:
    """
    Count the numbers of some licenses and deployments anew, and of all that hangs together with
    them; the last step of whatever changes them, in its transaction.

    Ids of maintenance, and of what is deleted meanwhile, are passed over.

    :param day: today
    :param seconds: how long to wait for whoever writes the company's numbers at present
    :raises CompanyIsBusy: if that takes longer
    """
    hold_numbers(company_id, seconds=seconds)
    reach = reach_of(company_id, licenses=licenses, deployments=deployments)
    given = load(reach, day=day)
    save(company_id, given, given.count())


def refresh_use(use: Allocation, day: date) -> None:
    """Count the numbers anew that a use bears on, which was just written; it is told its own."""
    refresh(
        company_id=use.company_id,
        licenses=[use.entitlement_id],
        deployments=[] if use.deployment_id is None else [use.deployment_id],
        day=day,
    )
    use.refresh_from_db(fields=["consumed", "deployed"])


def available_units(*, license_id: int, company_id: int, day: date) -> int | None:
    """
    What is available of a license, counted now; None: endless.

    Call it under the lock of the numbers to decide by it.
    """
    given = load(reach_of(company_id, licenses=[license_id]), day=day)
    return given.count().licenses[license_id].available


def refresh_outdated(*, day: date, seconds: float = SECONDS_TO_WAIT) -> int:
    """
    Count the licenses anew whose numbers dates alone have changed by a day, or that have none yet.

    Each portion in a transaction of its own, so that it can be taken up again at any time.

    :param seconds: how long to wait for whoever changes a company at present
    :returns: how many licenses that were
    :raises CompanyIsBusy: if that takes longer; what was counted before stays
    """
    refreshed = 0
    for company_id, licenses in iter(lambda: _next_outdated(day), None):
        with acting(None, "The numbers of a new day"):
            hold_shared(company_id, seconds=seconds)
            refresh(company_id=company_id, licenses=licenses, day=day, seconds=seconds)
        refreshed += len(licenses)
    return refreshed


def _next_outdated(day: date) -> tuple[int, list[int]] | None:
    """Some licenses of one company whose numbers do not hold on a day; None: there are none."""
    found = rows_of(OUTDATED, {"day": day, "portion": LICENSES_AT_A_TIME})
    return (found[0][0], found[0][1]) if found else None


OUTDATED = """
SELECT company_id, array_agg(id) FROM (
    (SELECT company_id, license_id AS id FROM allocation_licensenumbers
     WHERE holds_until < %(day)s ORDER BY company_id, license_id LIMIT %(portion)s)
  UNION ALL
    (SELECT company_id, id FROM entitlements_entitlement e
     WHERE kind = 'license'
       AND NOT EXISTS (SELECT 1 FROM allocation_licensenumbers WHERE license_id = e.id)
     ORDER BY company_id, id LIMIT %(portion)s)
) outdated
GROUP BY company_id ORDER BY company_id LIMIT 1
"""
