"""Writes the state of the database as a scenario document."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from allocation.deciding import address_of, reading
from allocation.management.arguments import add_companies, add_day, companies_of
from allocation.management.output import as_far_as_it_is_read
from allocation.queries import raw_connection
from allocation.snapshot import snapshot


class Command(BaseCommand):
    help = (
        "Write what consolidate is given on a day as a scenario document to standard output;"
        " simulate on it tells what a run would do."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_day(parser)
        add_companies(parser)

    def handle(self, *args: Any, as_of: date | None, company: list[str], **options: Any) -> None:
        with reading(address_of(raw_connection())) as database:
            document = snapshot(
                database, companies=companies_of(company), day=as_of or timezone.localdate()
            )
        with as_far_as_it_is_read():
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=1))
