"""The secret address of a person's calendar feed."""

import hashlib
import secrets

from django.utils import timezone

from accounts.models import User
from contracts.models import CalendarKey


def make_calendar_key(*, by: User) -> str:
    """
    A new key for the calendar of a person; the one before it is worthless from now on.

    :returns: the key, which is told once: only its hash is kept
    """
    key = secrets.token_urlsafe(32)
    CalendarKey.objects.update_or_create(
        user=by, defaults={"key_hash": _hash(key), "made_at": timezone.now()}
    )
    return key


def withdraw_calendar_key(*, by: User) -> None:
    """Make the address of a person's calendar worthless, without a new one."""
    CalendarKey.objects.filter(user=by).delete()


def calendar_owner(key: str) -> User | None:
    """Whose calendar a key opens; nobody's where they cannot sign in any more."""
    found = CalendarKey.objects.filter(key_hash=_hash(key), user__is_active=True)
    calendar = found.select_related("user").first()
    return calendar.user if calendar else None


def _hash(key: str) -> str:
    # The key is random and long: it needs no salt, and no slow hash.
    return hashlib.sha256(key.encode()).hexdigest()
