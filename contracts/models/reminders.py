"""Who is reminded of the end of a contract, what they were sent, and their calendar."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Company
from accounts.scope import ScopedQuerySet
from common.history import History
from contracts.models.contract import Contract


class Reminder(models.Model):
    """That people are reminded of the end of a contract's terms."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    contract = models.OneToOneField(
        Contract, models.PROTECT, related_name="reminder", db_constraint=False
    )
    # Days before the end on which the first one goes out; empty: 90, then 60 and 30.
    notice_days = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = ScopedQuerySet["Reminder"].as_manager()
    history = History()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=("id", "company"), name="reminder_within_company")
        ]

    def __str__(self) -> str:
        return f"Reminder of {self.contract}"


class RemindedMember(models.Model):
    """One member of the company who is reminded."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    reminder = models.ForeignKey(
        Reminder, models.PROTECT, related_name="members", db_constraint=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )

    objects = ScopedQuerySet["RemindedMember"].as_manager()
    history = History()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=("reminder", "user"), name="member_is_reminded_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.reminder}"


class SentReminder(models.Model):
    """A reminder that is due or went out to one member, once for each end and each distance."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="sent_reminders", db_constraint=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="contract_reminders"
    )
    ends_on = models.DateField()  # the end of the term it reminds of
    days_before = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    # Stays the same if the mail has to go out again: a mailbox shows it once.
    message_id = models.CharField(max_length=200)
    mailed_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet["SentReminder"].as_manager()

    class Meta:
        ordering = ("-due_on", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("contract", "user", "ends_on", "days_before"),
                name="reminder_goes_out_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.contract} ends on {self.ends_on:%Y-%m-%d}"


class CalendarKey(models.Model):
    """
    The secret in the address of a person's calendar feed; calendar programs cannot sign in.

    Only its hash is kept. A new key makes the old address worthless.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="calendar_key"
    )
    key_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Calendar of {self.user}"
