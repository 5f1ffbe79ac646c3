#!/usr/bin/env python3
"""
How long the import of an inventory takes, and how much memory.

    python3 bench/inventory.py [--rows N] [--titles N] [--rules N]

Makes a table of installations, a hundred a device, rules of discovery that meet all of its titles,
and an own database server in a temporary folder that is removed again. Prints one line of JSON;
what it does meanwhile goes to standard error.

rows       installations in the file
read_s     reading the file in its process and staging its rows by COPY
compare_s  finding devices, people and titles, matching titles, comparing: the preview
apply_s    the import itself, which compares once more, writes, and counts what it touched
copy_s     a plain COPY of as many installations into an empty table with the same indexes
ratio      all of the import by that COPY
again_s    importing the same file once more, which changes nothing
peak_mb    memory of the worker and of the process that reads the file, together, at most
"""

import argparse
import json
import sys
import tempfile
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import Company, User
    from deployments.models import InventoryImport

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

DAY = date(2026, 11, 2)
INSTALLS_A_DEVICE = 100


def main() -> None:
    from lcm.bootstrap import enter_environment

    enter_environment()
    parser = argparse.ArgumentParser(description="Measure the import of an inventory.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--titles", type=int, default=5_000)
    parser.add_argument("--rules", type=int, default=500)
    options = parser.parse_args()
    from bench.consolidate import own_database

    with own_database(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inventory.csv"
        # In a process of its own, so that its memory is not counted.
        writer = get_context("spawn").Process(
            target=write_table, args=(str(path), options.rows, options.titles, options.rules)
        )
        writer.start()
        writer.join()
        figures = measure(path, rows=options.rows, rules=options.rules)
    print(json.dumps(figures))


def write_table(path: str, rows: int, titles: int, rules: int) -> None:
    """Installations as the template has them; each device has a person and other titles."""
    first = date(2025, 1, 1)
    with open(path, "w", encoding="utf-8") as table:
        table.write("Device,Person,Publisher,Title,Version,Installed on\n")
        for row in range(rows):
            device, place = divmod(row, INSTALLS_A_DEVICE)
            title = (device * 7 + place * 37) % titles
            table.write(
                f"PC-{device:06},user{device}@example.com,Publisher {title % 40},"
                f"Product {title % rules} part {title // rules},{title % 9}.{title % 10},"
                f"{first + timedelta(days=row % 600)}\n"
            )


def measure(path: Path, *, rows: int, rules: int) -> dict[str, float]:
    from accounts.models import Company, User
    from bench.timing import peak_mb, timed
    from common.acting import acting

    with acting(None, "Made by the bench"):
        company = Company.objects.create(name="Bench", code="B")
        person = User.objects.create_user("bench")
        make_rules(rules)
    source = upload(path, company, person)
    read_s, compare_s = preview(source)
    apply_s = timed("Importing", lambda: apply(source, person))
    copy_s = timed("Copying plainly", copy_plainly)
    again = upload(path, company, person)
    again_s = sum(preview(again)) + timed("Importing once more", lambda: apply(again, person))
    assert again.figures["counts"]["installations_new"] == 0
    return {
        "rows": rows,
        "read_s": read_s,
        "compare_s": compare_s,
        "apply_s": apply_s,
        "copy_s": copy_s,
        "ratio": round((read_s + compare_s + apply_s) / copy_s, 1),
        "again_s": round(again_s, 1),
        "peak_mb": peak_mb(),
    }


def make_rules(rules: int) -> None:
    """As many products, each with a rule of discovery."""
    from contracts.models import DiscoveryMap, Product, SoftwareModel, Vendor

    vendor = Vendor.objects.create(name="Publisher")
    products = Product.objects.bulk_create(
        Product(vendor=vendor, name=f"Product {number}") for number in range(rules)
    )
    models = SoftwareModel.objects.bulk_create(
        SoftwareModel(product=product, name=product.name) for product in products
    )
    DiscoveryMap.objects.bulk_create(
        DiscoveryMap(name=f"{model.name} part *", model=model) for model in models
    )


def upload(path: Path, company: "Company", person: "User") -> "InventoryImport":
    from deployments.inventory import services

    with path.open("rb") as file:
        return services.start_inventory(
            company=company,
            name=path.name,
            content=iter(lambda: file.read(1 << 20), b""),
            source="bench",
            day=DAY,
            is_full=True,
            by=person,
        )


def preview(source: "InventoryImport") -> tuple[float, float]:
    """Read a file and show what it would do; the seconds of the two halves."""
    from django.db import transaction

    from bench.timing import timed
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
        assert not staged.problems, staged.problems

    def compare() -> None:
        with transaction.atomic():
            planning.plan(source)
            source.state = InventoryState.PREVIEWED
            source.save()

    return timed("Reading", read), timed("Comparing", compare)


def apply(source: "InventoryImport", person: "User") -> None:
    from deployments.inventory import jobs, services
    from deployments.models import InventoryState

    services.confirm(source, by=person)
    jobs.apply(source.pk)
    source.refresh_from_db()
    assert source.state == InventoryState.APPLIED, source.remarks


def copy_plainly() -> None:
    """The installations that were imported, copied into a table like theirs."""
    from django.db import connection

    with tempfile.TemporaryFile() as rows, connection.cursor() as cursor:
        with cursor.copy("COPY deployments_installation TO STDOUT (FORMAT binary)") as out:
            for piece in out:
                rows.write(piece)
        rows.seek(0)
        cursor.execute("CREATE TABLE copied (LIKE deployments_installation INCLUDING ALL)")
        with cursor.copy("COPY copied FROM STDIN (FORMAT binary)") as into:
            while piece := rows.read(1 << 16):
                into.write(piece)
        cursor.execute("DROP TABLE copied")


if __name__ == "__main__":
    main()
