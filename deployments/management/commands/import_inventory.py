"""Imports inventories from files and folders."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Company, User
from common.kept_files import PIECE
from deployments.formats import FORMATS
from deployments.inventory import jobs, services
from deployments.inventory.choices import Choices, refuse_day
from deployments.models import InventoryImport, InventoryState


class Command(BaseCommand):
    help = (
        "Import inventories: files as other tools export them, ZIPs of such files, or folders of"
        " either. Each file is an import of its own. Exits with 1 if a file was not imported; the"
        " others are imported all the same."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a file, a ZIP or a folder")
        parser.add_argument("--company", required=True, metavar="CODE", help="short code")
        parser.add_argument(
            "--source", required=True, help="names the inventory, always the same: Intune"
        )
        parser.add_argument(
            "--by", required=True, metavar="USERNAME", help="the user who imports it"
        )
        parser.add_argument(
            "--format", default="", choices=sorted(FORMATS), help="(default: told by the file)"
        )
        parser.add_argument(
            "--full",
            action="store_true",
            help="the file holds everything of its source: what it omits is gone",
        )
        parser.add_argument(
            "--day",
            type=date.fromisoformat,
            help="on which it was found, like 2026-05-31 (default: today)",
        )
        parser.add_argument("--device", default="", help="of a file that names none")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = list(_files(options["files"]))
        if options["full"] and len(paths) > 1:
            raise CommandError(
                "A full inventory is one file: of several, each would end what the others tell."
                " Put them into one ZIP.",
                returncode=2,
            )
        company, by = _company(options["company"]), _user(options["by"])
        source = _source(options["source"])
        today = timezone.localdate()
        day = options["day"] or today
        if problem := refuse_day(day, today=today):
            raise CommandError(problem, returncode=2)
        failed = 0
        for path in paths:
            with path.open("rb") as file:
                started = services.start_inventory(
                    company=company,
                    name=path.name,
                    content=iter(lambda file=file: file.read(PIECE), b""),  # type: ignore[misc]
                    source=source,
                    day=day,
                    format=options["format"],
                    is_full=options["full"],
                    choices=Choices(device=options["device"]),
                    by=by,
                )
            failed += not self._import(started, path)
        if failed:
            raise CommandError(
                f"{failed} of {len(paths)} {'file' if len(paths) == 1 else 'files'} not imported."
            )

    def _import(self, started: InventoryImport, path: Path) -> bool:
        """Do at once what the worker would do; whether it was imported."""
        jobs.read(started.pk)
        started.refresh_from_db()
        if started.state == InventoryState.PREVIEWED:
            services.confirm(started, by=started.started_by)
            jobs.apply(started.pk)
            started.refresh_from_db()
        if started.state != InventoryState.APPLIED:
            self.stderr.write(f"{path}: {' '.join(started.remarks)}")
            return False
        self.stdout.write(f"{path}: {_told(started.figures)}")
        for _, sentence, _ in started.figures["problems"]:
            self.stderr.write(f"{path}: {sentence}")
        return True


def _told(figures: dict[str, Any]) -> str:
    counts = figures["counts"]
    devices = counts["devices_new"] + counts["devices_seen"]
    return (
        f"{devices:,} devices, {counts['installations_new']:,} installations new,"
        f" {counts['installations_seen']:,} seen again, {counts['installations_gone']:,} gone;"
        f" {counts['subscriptions_new']:,} subscriptions new,"
        f" {counts['subscriptions_seen']:,} seen again, {counts['subscriptions_gone']:,} gone;"
        f" {counts['titles_unmatched']:,} titles unmatched; {figures['refused']:,} rows refused."
    )


def _files(names: Iterable[str]) -> Iterator[Path]:
    for name in names:
        path = Path(name)
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.is_file())
        elif path.is_file():
            yield path
        else:
            raise CommandError(f"There is no file {name}.", returncode=2)


def _source(name: str) -> str:
    longest = InventoryImport._meta.get_field("source").max_length
    if not 0 < len(name.strip()) <= (longest or 0):
        raise CommandError(f"A source has 1 to {longest} characters.", returncode=2)
    return name.strip()


def _company(code: str) -> Company:
    company = Company.objects.filter(code=code).first()
    if company is None:
        known = ", ".join(Company.objects.values_list("code", flat=True))
        raise CommandError(f"There is no company {code}. There are: {known}.", returncode=2)
    return company


def _user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username}.", returncode=2)
    return user
