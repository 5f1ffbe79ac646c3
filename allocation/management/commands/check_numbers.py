"""Proves the stored numbers of licenses and deployments by a plain recount."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from allocation.management.arguments import add_companies, companies_of
from allocation.recount import differences


class Command(BaseCommand):
    help = (
        "Count all deployments, and all numbers of licenses, anew from the records, and print each"
        " stored figure that differs. Changes nothing; exit code 1 where something differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_companies(parser)

    def handle(self, *args: Any, company: list[str], **options: Any) -> None:
        companies = companies_of(company)
        differing = 0
        for each in companies:
            with _one_view_of_the_database():
                for sentence in differences(each, timezone.localdate()):
                    self.stdout.write(f"{each.code}: {sentence}")
                    differing += 1
        if differing:
            raise CommandError(f"{differing} stored figures differ from the recount.", returncode=1)
        self.stdout.write(f"All numbers of {len(companies)} companies are as counted.")


@contextmanager
def _one_view_of_the_database() -> Iterator[None]:
    """All that is read is of one moment, though others write meanwhile, and nobody has to wait."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
