"""
Mails of reminders: sent by the worker, at least once.

A reminder that was recorded waits until its mail is accepted by the server, and then says so. A
worker that is killed between the two sends it again, with the same Message-ID: mailboxes show it
once.
"""

import logging
from datetime import date
from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from common.shown import count_of, day_text
from contracts.models import SentReminder
from contracts.renewal import last_notice_day
from contracts.services.reminders import open_reminders_to_mail

logger = logging.getLogger(__name__)


def mail_reminders(*, day: date) -> int:
    """
    Mail the reminders that were recorded and have not been mailed.

    Where the mail server cannot be reached the rest waits for the next time; an address that it
    refuses keeps nobody else waiting.

    :returns: how many mails went out
    """
    if not settings.LCM_SENDS_MAIL:
        return 0
    sent = 0
    for reminder_id in open_reminders_to_mail(day):
        try:
            sent += _mail(reminder_id, day)
        except SMTPRecipientsRefused as refused:
            logger.warning("Reminder %s: the address was refused: %s", reminder_id, refused)
        except (OSError, SMTPException) as problem:
            logger.warning("Mails wait: the mail server said %r", problem)
            break
    return sent


@transaction.atomic
def _mail(reminder_id: int, day: date) -> int:
    """Mail one reminder, unless another worker does; how many mails that were."""
    waiting = SentReminder.objects.filter(pk=reminder_id, mailed_at=None, dismissed_at=None)
    rows = waiting.select_related("contract__vendor", "user")
    reminder = rows.select_for_update(of=("self",), skip_locked=True, no_key=True).first()
    if reminder is None:
        return 0
    message_of(reminder, day).send()
    reminder.mailed_at = timezone.now()
    reminder.save(update_fields=["mailed_at"])
    return 1


def message_of(reminder: SentReminder, day: date) -> EmailMultiAlternatives:
    """The mail of a reminder, as text and as plain HTML."""
    contract = reminder.contract
    last = contract.terms.order_by("starts_on").last()
    left = (reminder.ends_on - day).days
    context = {
        "reminder": reminder,
        "contract": contract,
        "term": last,
        "notice": last_notice_day(last.by_rules) if last else None,
        "today": day,
        "when": "today" if left == 0 else f"in {count_of(left, 'day')}",
        "address": settings.LCM_ADDRESS + reverse("contract", args=[contract.pk]),
    }
    subject = f"{contract} ends {context['when']}, on {day_text(reminder.ends_on)}"
    message = EmailMultiAlternatives(
        # A name may hold a line break, and a header must not.
        subject=" ".join(subject.split()),
        body=render_to_string("contracts/mail/reminder.txt", context),
        to=[reminder.user.email],
        headers={"Message-ID": reminder.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(
        render_to_string("contracts/mail/reminder.html", context), "text/html"
    )
    return message
