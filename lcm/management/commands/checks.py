"""Runs all checks of the code, as before a change lands."""

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lcm import postgres
from lcm.disposable import disposable_home
from lcm.home import PROJECT

PROGRAMS = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]
CHECKS = {
    "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "lint": [sys.executable, "-m", "ruff", "check", "."],
    "types": [sys.executable, "-m", "mypy", "."],
    "imports": [str(PROGRAMS / "lint-imports")],
    "templates": [str(PROGRAMS / "djade"), "--check", "--target-version=6.1"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "deployment": [*MANAGE, "check", "--deploy", "--fail-level=WARNING"],
}


class Command(BaseCommand):
    help = "Check format, lint, types, imports, templates, migrations and settings for production."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        with disposable_home():
            postgres.ensure_running()  # Django's checks of models ask for the server's version
            failed = [name for name, command in CHECKS.items() if not self._passes(name, command)]
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}.")
        self.stdout.write(self.style.SUCCESS("All checks passed."))

    def _passes(self, name: str, command: list[str]) -> bool:
        started_at = time.monotonic()
        if name == "templates":
            command = [*command, *sorted(map(str, (PROJECT / "templates").rglob("*.html")))]
        checked = subprocess.run(
            command,
            cwd=PROJECT,
            env=os.environ | (_production() if name == "deployment" else {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        passes = checked.returncode == 0
        verdict = self.style.SUCCESS("passed") if passes else self.style.ERROR("FAILED")
        self.stdout.write(f"{name:<12} {verdict} in {time.monotonic() - started_at:.1f} s")
        if not passes:
            self.stdout.write(checked.stdout)
        self.stdout.flush()
        return passes


def _production() -> dict[str, str]:
    return {
        "LCM_ENV": "production",
        "LCM_ALLOWED_HOSTS": "licenses.example.org",
        "LCM_SECRET_KEY": secrets.token_urlsafe(50),
        "LCM_KEY_SECRETS": secrets.token_urlsafe(50),
        "DATABASE_URL": postgres.database_url(),
    }
