"""Looks after the embedded database server."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lcm import postgres


class Command(BaseCommand):
    help = "Start or stop the embedded PostgreSQL server, or tell about it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("start", help="start the server unless it runs")
        actions.add_parser("stop", help="stop the server; whatever needs it next starts it again")
        actions.add_parser("status", help="tell whether the server runs, and where its files are")
        actions.add_parser("url", help="print the address of the database, for psql and others")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if settings.DATABASES["default"]["ENGINE"] != "lcm.database" and action != "url":
            raise CommandError(
                "The database is the one that DATABASE_URL names, and is looked after elsewhere."
            )
        try:
            self.stdout.write(getattr(self, action)())
        except postgres.Unavailable as error:
            raise CommandError(str(error)) from error

    def start(self) -> str:
        postgres.ensure_running()
        return self.status()

    def stop(self) -> str:
        if postgres.embedded().stop():
            return "The database server is stopped."
        return "The database server was not running."

    def status(self) -> str:
        server = postgres.embedded()
        state = "runs" if server.answers() else "does not run"
        return (
            f"The database server {state}.\n"
            f"Files: {server.storage.resolve()}\n"
            f"Address: {server.url}"
        )

    def url(self) -> str:
        return postgres.database_url()
