"""Encrypts license keys anew after the installation was given another secret."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entitlements.services import rotate_keys

AT_ONCE = 500


class Command(BaseCommand):
    help = (
        "Encrypt all license keys with the first secret of LCM_KEY_SECRETS. Put a new secret in"
        " front of the old one, restart, run this, then take the old one away. It can be stopped,"
        " and goes on where it was. Exits with 1 if a key could not be read."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done, unreadable = rotate_keys(most=AT_ONCE, tell=self._tell)
        self.stdout.write(f"{done:,} license keys are encrypted with the new secret.")
        if unreadable:
            raise CommandError(
                f"{unreadable:,} could not be read with the secrets of LCM_KEY_SECRETS and stay as"
                " they are. Add the secret with which they were encrypted, and run this again."
            )

    def _tell(self, done: int) -> None:
        self.stdout.write(f"{done:,} …")
