"""Consolidates companies: which maintenance covers which license on a day."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.utils import timezone

from accounts.models import Company
from allocation.management.arguments import add_companies, add_day, companies_of
from allocation.models import ConsolidateRun
from allocation.services import RunRefused, carry_out, foresee, new_run
from allocation.steps import Change, Counts, Step, count
from common.locks import CompanyIsBusy
from common.shown import day_text


class Command(BaseCommand):
    help = (
        "Allocate maintenance to licenses, for one day and each company in turn. Exits with 1 if a"
        " company was refused; the others are consolidated all the same."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_day(parser)
        add_companies(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="tell what would change, and change nothing"
        )
        parser.add_argument(
            "--wait", action="store_true", help="wait for whoever is changing a company"
        )

    def handle(
        self,
        *args: Any,
        as_of: date | None,
        company: list[str],
        dry_run: bool,
        wait: bool,
        **options: Any,
    ) -> None:
        day = as_of or timezone.localdate()
        refused = 0
        for each in companies_of(company):
            try:
                self._preview(each, day) if dry_run else self._run(each, day, wait)
            except (RunRefused, CompanyIsBusy) as refusal:
                self.stderr.write(f"{each}: {refusal}")
                refused += 1
            except KeyboardInterrupt:
                raise CommandError(
                    f"Stopped at {each}: a run that was not done has changed nothing.",
                    returncode=130,
                ) from None
        if refused:
            raise CommandError(
                "One company was not consolidated."
                if refused == 1
                else f"{refused} companies were not consolidated."
            )

    def _preview(self, company: Company, day: date) -> None:
        decision = foresee(company=company, as_of=day, watcher=_Console(self.stderr, str(company)))
        self.stdout.write(f"{company}: a run for {day_text(day)} would change:")
        self._tell(count(decision.changes))

    def _run(self, company: Company, day: date, wait: bool) -> None:
        run = new_run(company=company, as_of=day, by=None)
        carry_out(run.pk, patient=wait, watcher=_Console(self.stderr, str(company)))
        run = ConsolidateRun.objects.get(pk=run.pk)
        state = run.get_state_display().lower()
        self.stdout.write(f"{company}: {run} for {day_text(day)} {state}:")
        self._tell(run.counts)

    def _tell(self, counts: Counts) -> None:
        for step in Step:
            for change, changed in counts.get(step, {}).items():
                units = f" ({changed['units']:,} units)" if changed["units"] else ""
                self.stdout.write(
                    f"  {step.label:<26} {Change(change).label:<24}"
                    f" {changed['records']:>10,}{units}"
                )
        if not counts:
            self.stdout.write("  nothing")


class _Console:
    """Tells each step of a company's run on a line of its own."""

    def __init__(self, stream: OutputWrapper, company: str) -> None:
        self._stream = stream
        self._company = company

    def step(self, name: str, total: int = 0) -> None:
        self._stream.write(f"{self._company}: {name}{f' ({total:,})' if total else ''}")

    def move_to(self, done: int) -> None: ...
