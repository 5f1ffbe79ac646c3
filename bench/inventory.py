#!/usr/bin/env python3
"""
How long the import of an inventory takes, and how much memory.

    python3 bench/inventory.py [--rows N]

Makes a CSV file of installations, twenty on a device and two thousand titles in all, half of which
meet a rule of discovery, and an own database server in a temporary folder that is removed again.
Prints one line of JSON; what it does meanwhile goes to standard error.

rows        installations in the file
copy_s      the same rows, with their ids, by one COPY into a table of the same shape, with the same
            indexes and constraints: what the database alone takes
read_s      reading the file in its process, and staging its rows by COPY
compare_s   finding people, devices, titles and what is live, new or gone: the preview
apply_s     the import itself, which compares once more, writes, and counts deployments
copies      apply_s over copy_s
again_s     the import of the same file once more, where everything is seen again
gone_s      the import of a full file with half of the rows, which ends the others
peak_mb     memory of the worker and of the process that reads the file, together, at most
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

ON_A_DEVICE = 20
TITLES = 2_000


def main() -> None:
    from lcm.bootstrap import enter_environment

    enter_environment()
    parser = argparse.ArgumentParser(description="Measure the import of an inventory.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    from bench.consolidate import own_database

    with own_database(), tempfile.TemporaryDirectory() as folder:
        whole, half = Path(folder) / "whole.csv", Path(folder) / "half.csv"
        write_file(whole, options.rows)
        write_file(half, options.rows // 2)
        figures = measure(whole, half, options.rows)
    print(json.dumps(figures))


def write_file(path: Path, rows: int) -> None:
    """A table of installations, as our template has its columns."""
    with path.open("w") as file:
        file.write("Device,Person,Publisher,Title,Version,Installed on,Last used on\n")
        for row in range(rows):
            device, title = row // ON_A_DEVICE, (row * 7 + row // ON_A_DEVICE) % TITLES
            person = f"person{device % 5000}@ex.test" if device % 2 else ""
            file.write(
                f"PC-{device:06},{person},Publisher {title % 40},Product {title % 500},"
                f"{title // 500 + 1}.{title % 3},2026-01-15,2026-10-30\n"
            )


def measure(whole: Path, half: Path, rows: int) -> dict[str, float]:
    from accounts.models import Company, User
    from common.acting import acting
    from contracts.models import DiscoveryMap
    from contracts.services.catalogue import NewModel, model_called

    with acting(None, "Made by the bench"):
        company = Company.objects.create(name="Bench", code="B")
        person = User.objects.create_user("bench")
        for number in range(250):
            model = model_called(NewModel(vendor="Acme", product=f"Product {number}"), by=person)
            DiscoveryMap.objects.create(name=f"Product {number}", model=model)

    def upload(path: Path, day: date) -> Any:
        from deployments.inventory import services

        with path.open("rb") as file:
            return services.start_inventory(
                company=company,
                name=path.name,
                content=iter(lambda: file.read(1 << 20), b""),
                source="bench",
                day=day,
                is_full=True,
                by=person,
            )

    first = upload(whole, date(2026, 11, 2))
    read_s, compare_s = preview(first)
    apply_s = timed("Importing", lambda: apply(first))
    again = upload(whole, date(2026, 11, 3))
    preview(again)
    again_s = timed("Importing again", lambda: apply(again))
    fewer = upload(half, date(2026, 11, 4))
    preview(fewer)
    gone_s = timed("Importing half of it", lambda: apply(fewer))
    most = peak_mb()
    copy_s = copied()
    return {
        "rows": rows,
        "copy_s": copy_s,
        "read_s": read_s,
        "compare_s": compare_s,
        "apply_s": apply_s,
        "copies": round(apply_s / copy_s, 1),
        "again_s": again_s,
        "gone_s": gone_s,
        "peak_mb": most,
    }


def preview(source: Any) -> tuple[float, float]:
    """Read a file and show what it would do; the seconds of the two halves."""
    from django.db import transaction

    from common import kept_files
    from deployments.inventory import planning, staging
    from deployments.inventory.choices import Choices
    from deployments.inventory.reading import opened
    from deployments.models import InventoryState

    def read() -> None:
        choices = Choices.from_json(source.choices)
        with (
            transaction.atomic(),
            kept_files.on_disk(source.file) as path,
            opened(path, name=source.file.name, format="", choices=choices) as events,
        ):
            staged = staging.stage(source, events)
        source.figures = {"problems": staged.problems, "refused": staged.refused}

    def compare() -> None:
        with transaction.atomic():
            planning.plan(source)
            source.figures["counts"] = planning.figures()
            source.state = InventoryState.PREVIEWED
            source.save()

    return timed("Reading", read), timed("Comparing", compare)


def apply(source: Any) -> None:
    from deployments.inventory import jobs, services
    from deployments.models import InventoryState

    services.confirm(source, by=source.started_by)
    jobs.apply(source.pk)
    source.refresh_from_db()
    assert source.state == InventoryState.APPLIED, source.remarks


def copied() -> float:
    """The seconds of a COPY of all installations into a table of the same shape."""
    from django.db import connection

    columns = (
        "company_id, device_id, software_id, person_id, source, installed_on, seen_on,"
        " last_seen_on, gone_on"
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench (LIKE deployments_installation INCLUDING ALL)")
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'deployments_installation'::regclass AND contype = 'f'"
        )
        for (foreign_key,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE bench ADD {foreign_key}")
        with cursor.copy(
            f"COPY (SELECT {columns} FROM deployments_installation) TO STDOUT"
        ) as copy:
            rows = b"".join(bytes(piece) for piece in copy)

        def write() -> None:
            with cursor.copy(f"COPY bench ({columns}) FROM STDIN") as copy:
                copy.write(rows)

        return timed("Copying", write)


def timed(what: str, work: Callable[[], None]) -> float:
    print(what, file=sys.stderr)
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 1)


def peak_mb() -> int:
    """The most memory of this process and of the largest of its children, in megabytes."""
    import resource

    kilobytes = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    )
    return kilobytes // 1024


if __name__ == "__main__":
    main()
