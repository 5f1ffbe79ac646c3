"""What people, and the worker, do to contracts."""

from contracts.services.calendars import (
    calendar_owner,
    make_calendar_key,
    withdraw_calendar_key,
)
from contracts.services.contracts import (
    ContractRefused,
    IsItsOwnPart,
    NumberIsTaken,
    save_contract,
)
from contracts.services.mails import mail_reminders
from contracts.services.reminders import (
    NotReminded,
    dismiss_reminder,
    record_due_reminders,
    set_reminder,
)
from contracts.services.terms import (
    NoticeRefused,
    TermRefused,
    give_notice,
    proposed_end,
    proposed_term,
    renew_contract,
    roll_on,
    save_term,
    withdraw_notice,
)

__all__ = [
    "ContractRefused",
    "IsItsOwnPart",
    "NotReminded",
    "NoticeRefused",
    "NumberIsTaken",
    "TermRefused",
    "calendar_owner",
    "dismiss_reminder",
    "give_notice",
    "mail_reminders",
    "make_calendar_key",
    "proposed_end",
    "proposed_term",
    "record_due_reminders",
    "renew_contract",
    "roll_on",
    "save_contract",
    "save_term",
    "set_reminder",
    "withdraw_calendar_key",
    "withdraw_notice",
]
