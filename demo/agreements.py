"""What people keep with the demo's contracts: who is reminded of their end, a document, tags."""

from datetime import date

from accounts.models import User
from common.acting import acting
from common.filters import ends_within
from common.kept_documents import add_document
from contracts.models import Contract
from contracts.services import record_due_reminders, set_reminder

REMINDED_OF = 12
DAYS_AHEAD = 120
CONDITIONS = """\
Conditions of the Microsoft Enterprise Agreement

1. 90 users of M365 E5, each on up to five computers.
2. The unit price holds for the first term.
3. True-up once a year, at the anniversary.
"""


def keep_agreements(example: Contract, reminded: User, today: date) -> None:
    """Remind a license manager of what ends soon; keep the example's conditions, and tag it."""
    add_document(
        to=example,
        name="conditions.txt",
        content=CONDITIONS.encode(),
        title="Conditions of the agreement",
        by=reminded,
    )
    with acting(reminded, "Marked for the true-up"):
        Contract.objects.filter(pk=example.pk).update(tags=["Enterprise", "True-up 2027"])
        example.entitlements.update(tags=["True-up 2027"])
    for contract in [example, *_ending_soon(example, today)]:
        set_reminder(
            contract=contract,
            notice_days=None,
            members=[reminded],
            by=reminded,
            reason="The department wants to know in time",
        )
    record_due_reminders(day=today)


def _ending_soon(example: Contract, today: date) -> list[Contract]:
    dated = Contract.objects.filter(company=example.company).with_dates()
    ending = ends_within(DAYS_AHEAD, today)
    return list(dated.filter(ending).order_by("ends_on", "pk")[:REMINDED_OF])  # type: ignore[misc]
