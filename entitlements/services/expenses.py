"""
What was spent for entitlements. Each has a line of its purchase, which is kept in step with it.

Rule: the specification's section *Money*.
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from accounts.models import User
from common.acting import acting
from common.shown import day_text
from common.sql import run
from entitlements.models import Entitlement, ExpenseKind, ExpenseLine


class ExpenseRefused(Exception):
    """An expense line cannot be written so. ``field`` tells of which field of a form it speaks."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def keep_purchase_lines(company_id: int, ids: Collection[int]) -> None:
    """
    Bring the lines of some entitlements' purchases in step with them, in the caller's transaction.

    What has no cost has no line; one that it had counts no more.

    :param ids: of entitlements of the company
    """
    asked = {"company": company_id, "ids": _array(ids)}
    run(KEEP_LINES, asked)
    run(END_LINES, asked)


def delete_purchase_lines(company_id: int, ids: Collection[int]) -> None:
    """Delete the lines of purchases that never were, before their entitlements are deleted."""
    run(DELETE_LINES, {"company": company_id, "ids": _array(ids)})


def _array(ids: Collection[int]) -> str:
    """As PostgreSQL reads an array: adapting a list would go element by element."""
    return "{" + ",".join(map(str, ids)) + "}"


def add_expense(
    *,
    entitlement: Entitlement,
    kind: str,
    spent_on: date,
    amount: Decimal,
    currency: str,
    notes: str,
    by: User,
    reason: str = "",
) -> ExpenseLine:
    """
    Enter money that was spent for an entitlement.

    :param kind: of ``ExpenseKind``
    :param amount: negative where it came back
    :raises ExpenseRefused: for an amount of nothing
    """
    _demand_amount(amount)
    with acting(by, reason or "Expense entered by hand"):
        return ExpenseLine.objects.create(
            company_id=entitlement.company_id,
            entitlement=entitlement,
            kind=kind,
            spent_on=spent_on,
            amount=amount,
            currency=currency,
            notes=notes,
        )


def change_expense(
    *,
    line: ExpenseLine,
    kind: str,
    spent_on: date,
    amount: Decimal,
    currency: str,
    notes: str,
    by: User,
    reason: str,
) -> None:
    """
    Correct an expense line that was entered by hand.

    :raises ExpenseRefused: for the line of the purchase, one taken back, and an amount of nothing
    """
    _demand_amount(amount)
    with acting(by, reason):
        row = _standing(line)
        row.kind, row.spent_on, row.amount = kind, spent_on, amount
        row.currency, row.notes = currency, notes
        row.save(update_fields=["kind", "spent_on", "amount", "currency", "notes"])


def take_back_expense(*, line: ExpenseLine, day: date, by: User, reason: str) -> None:
    """
    Let an expense line count no more. It stays, and is shown as taken back.

    :param day: on which it is taken back
    :raises ExpenseRefused: for the line of the purchase, and one taken back before
    """
    with acting(by, reason):
        row = _standing(line)
        row.ended_on = day
        row.save(update_fields=["ended_on"])


def _demand_amount(amount: Decimal) -> None:
    if amount == 0:
        raise ExpenseRefused("0 is no amount that was spent.", field="amount")


def _standing(line: ExpenseLine) -> ExpenseLine:
    row = ExpenseLine.objects.select_for_update().get(pk=line.pk)
    if row.is_of_purchase:
        raise ExpenseRefused(
            "This line follows the unit cost and the rights of the entitlement. Change those."
        )
    if row.ended_on is not None:
        raise ExpenseRefused(f"The line was taken back on {day_text(row.ended_on)} already.")
    return row


KIND_OF_PURCHASE = f"""
CASE WHEN e.kind = 'maintenance' THEN '{ExpenseKind.MAINTENANCE.value}'
  WHEN e.duration = 'subscription' THEN '{ExpenseKind.SUBSCRIPTION.value}'
  ELSE '{ExpenseKind.PURCHASE.value}' END
"""

KEEP_LINES = f"""
INSERT INTO entitlements_expenseline AS line
  (company_id, entitlement_id, kind, spent_on, amount, currency, notes, is_of_purchase)
SELECT e.company_id, e.id, {KIND_OF_PURCHASE}, e.purchased_on, e.total_cost, e.currency, '', true
FROM entitlements_entitlement e
WHERE e.id = ANY(%(ids)s::bigint[]) AND e.company_id = %(company)s AND e.total_cost IS NOT NULL
ORDER BY e.id
ON CONFLICT (entitlement_id) WHERE is_of_purchase DO UPDATE SET
  kind = excluded.kind, spent_on = excluded.spent_on, amount = excluded.amount,
  currency = excluded.currency, ended_on = NULL
WHERE (line.kind, line.spent_on, line.amount, line.currency, line.ended_on) IS DISTINCT FROM
  (excluded.kind, excluded.spent_on, excluded.amount, excluded.currency, NULL)
"""  # noqa: S608  # names of this application, and nothing that anybody entered

# It never counted: what the entitlement says now it says of the day of the purchase.
END_LINES = """
UPDATE entitlements_expenseline line SET ended_on = line.spent_on
FROM entitlements_entitlement e
WHERE line.entitlement_id = ANY(%(ids)s::bigint[]) AND line.is_of_purchase
  AND line.ended_on IS NULL AND e.id = line.entitlement_id AND e.company_id = %(company)s
  AND e.total_cost IS NULL
"""

DELETE_LINES = """
DELETE FROM entitlements_expenseline
WHERE entitlement_id = ANY(%(ids)s::bigint[]) AND company_id = %(company)s AND is_of_purchase
"""
