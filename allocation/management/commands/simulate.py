"""``simulate FILE…``: what a run would change, for scenario documents and without a database."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from allocation.core.consolidate import consolidate
from allocation.core.sentences import counted, tell
from allocation.core.values import Changes
from allocation.management.output import as_far_as_it_is_read
from allocation.scenario import InvalidScenario, Names, Scenario, read_scenario, result_document


class Command(BaseCommand):
    help = "Says what consolidate would change in each scenario document. Needs no database."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a document; - reads one")
        parser.add_argument("--json", action="store_true", help="one line of JSON for each file")

    def handle(self, *args: Any, **options: Any) -> None:
        # All files are checked before the first answer.
        scenarios = [_read(name) for name in options["files"]]
        with as_far_as_it_is_read():
            for name, scenario in zip(options["files"], scenarios, strict=True):
                changes = consolidate(scenario.snapshot)
                if options["json"]:
                    document = result_document(changes, scenario.names)
                    self.stdout.write(json.dumps(document))
                else:
                    self.stdout.write("\n".join(_account(name, scenario, changes)))


def _read(name: str) -> Scenario:
    try:
        read = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return read_scenario(read.decode("utf-8-sig"))
    except OSError as error:
        raise CommandError(f"{name}: cannot be read: {error.strerror}.", returncode=2) from None
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 (byte {error.start})"
        raise CommandError(f"{name}: {problem}.", returncode=2) from None
    except InvalidScenario as error:
        raise CommandError(f"{name}: {error}", returncode=2) from None


def _account(name: str, scenario: Scenario, changes: Changes) -> Iterator[str]:
    """The changes for a person to read, step by step."""
    yield f"{name}: {scenario.title or 'scenario'}"
    told = list(_told(changes, scenario.names))
    yield from told or ["  Nothing changes."]


def _told(changes: Changes, names: Names) -> Iterable[str]:
    for released in changes.released:
        authorization = names.authorizations[released.authorization]
        license = names.licenses[released.license]
        yield f"  {authorization} loses {license}. {tell(released.rule, released.figures)}"
    for returned in changes.returned:
        units = counted(returned.units, "unit")
        what = f"{names.returns[returned.return_]} takes {units}"
        position = names.positions[returned.position]
        yield f"  {what} of {position}. {tell(returned.rule, returned.figures)}"
    for ended in changes.ended:
        row = ended.row
        pair = f"{names.positions[row.position]} on {names.licenses[row.license]}"
        what = f"{names.allocations[row.id]} ({pair}) ends"
        yield f"  {what}: {ended.reason}. {tell(ended.rule, ended.figures)}"
    for assigned in changes.assigned:
        authorization = names.authorizations[assigned.authorization]
        license = names.licenses[assigned.license]
        yield f"  {authorization} draws on {license}. {tell(assigned.rule, assigned.figures)}"
    for matched in changes.matched:
        what = f"{names.positions[matched.position]} takes serial number {matched.serial}"
        yield f"  {what}. {tell(matched.rule, matched.figures)}"
    for made in changes.allocated:
        pair = f"{names.positions[made.position]} covers {names.licenses[made.license]}"
        units = counted(made.units, "unit")
        yield f"  {pair} ({units}, {made.basis}). {tell(made.rule, made.figures)}"
