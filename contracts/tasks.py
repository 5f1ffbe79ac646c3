"""Jobs of the worker: each does what is due, however long it did not run, and no harm twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from contracts.services import mail_reminders, record_due_reminders, roll_on


@app.periodic(cron="*/10 * * * *")
@app.task(
    name="contracts.tasks.follow_dates",
    lock="contracts-follow-dates",
    queueing_lock="contracts-follow-dates",
)
def follow_dates(timestamp: int) -> None:
    """Renew what renews itself, and remind of what ends."""
    today = timezone.localdate()
    roll_on(day=today)
    record_due_reminders(day=today)
    mail_reminders(day=today)
