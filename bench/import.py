#!/usr/bin/env python3
"""
How long the import of a workbook takes, and how much memory.

    python3 bench/import.py [--rows N]

Makes a workbook of licenses, half of them with asset tags, and an own database server in a
temporary folder that is removed again. Prints one line of JSON; what it does meanwhile goes to
standard error.

rows       licenses in the workbook
parse_s    reading the file in its process, typing its cells, staging its rows by COPY
check_s    resolving names, comparing with the database, checking every rule: the preview
apply_s    the import itself, which compares once more and writes with history
again_s    the preview of the same file once more, where each row is found unchanged
peak_mb    memory of the worker and of the process that reads the file, together, at most
"""

import argparse
import json
import sys
import tempfile
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

PRODUCTS = 500


def main() -> None:
    from lcm.bootstrap import enter_environment

    enter_environment()
    parser = argparse.ArgumentParser(description="Measure the import of a workbook.")
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    from bench.consolidate import own_database

    with own_database(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "licenses.xlsx"
        # In a process of its own, so that its memory is not counted.
        writer = get_context("spawn").Process(target=write_workbook, args=(str(path), options.rows))
        writer.start()
        writer.join()
        figures = measure(path, options.rows)
    print(json.dumps(figures))


def write_workbook(path: str, rows: int) -> None:
    """A sheet of licenses, as its export would look."""
    from xlsxwriter import Workbook

    headers = (
        "Asset tag", "Publisher", "Product", "Version", "Purchased on", "License metric",
        "Purchased rights", "Serial number", "Unit cost", "Currency", "Vendor", "PO number",
        "Department", "Location", "Cost centre", "Notes",
    )  # fmt: skip
    first = date(2020, 1, 1)
    with Workbook(path, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Licenses")
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, headers)
        for row in range(1, rows + 1):
            product = row % PRODUCTS
            sheet.write_string(row, 0, f"A-{row}" if row % 2 else "")
            sheet.write_string(row, 1, f"Publisher {product % 40}")
            sheet.write_string(row, 2, f"Product {product}")
            sheet.write_string(row, 3, str(2020 + row % 6))
            sheet.write_datetime(row, 4, first + timedelta(days=row % 2000), day)
            sheet.write_string(row, 5, "Per Device")
            sheet.write_number(row, 6, 1 + row % 50)
            sheet.write_string(row, 7, f"S-{row // 10}")
            sheet.write_number(row, 8, 40 + row % 100 / 4)
            sheet.write_string(row, 9, "EUR")
            sheet.write_string(row, 10, f"Reseller {row % 12}")
            sheet.write_string(row, 11, f"PO-{row // 25}")
            sheet.write_string(row, 12, f"Department {row % 30}")
            sheet.write_string(row, 13, f"Location {row % 20}")
            sheet.write_string(row, 14, f"CC{row % 60}")
            sheet.write_string(row, 15, f"Bought in batch {row // 100}")


def measure(path: Path, rows: int) -> dict[str, float]:
    from accounts.models import Company, User
    from bench.timing import peak_mb, timed
    from common.acting import acting
    from entitlements.workbook import services
    from entitlements.workbook.choices import Choices, Makes

    with acting(None, "Made by the bench"):
        company = Company.objects.create(name="Bench", code="B")
        person = User.objects.create_user("bench")

    def upload() -> int:
        with path.open("rb") as file:
            started = services.start_import(
                company=company,
                name=path.name,
                content=iter(lambda: file.read(1 << 20), b""),
                choices=Choices(makes=frozenset(Makes)),
                by=person,
            )
        return started.pk

    import_id = upload()
    parse_s, check_s = preview(import_id)
    apply_s = timed("Importing", lambda: apply(import_id, person))
    _, again_s = preview(upload())
    return {
        "rows": rows,
        "parse_s": parse_s,
        "check_s": check_s,
        "apply_s": apply_s,
        "again_s": again_s,
        "peak_mb": peak_mb(),
    }


def preview(import_id: int) -> tuple[float, float]:
    """Read a file and show what it would do; the seconds of the two halves."""
    from django.db import transaction

    from bench.timing import timed
    from common import kept_files
    from entitlements.models import Import, ImportState
    from entitlements.workbook import planning, staging
    from entitlements.workbook.choices import Choices
    from entitlements.workbook.reading import opened

    source = Import.objects.get(pk=import_id)
    choices = Choices.from_json(source.choices)

    def parse() -> None:
        with (
            transaction.atomic(),
            kept_files.on_disk(source.file) as path,
            opened(path, encoding="") as sheets,
        ):
            staged = staging.stage(source, sheets, choices=choices, confirmed=[])
            source.mappings = [mapping.as_json() for mapping in staged.mappings]

    def check() -> None:
        with transaction.atomic():
            planning.plan(source, choices)
            source.state = ImportState.PREVIEWED
            source.save()

    return timed("Reading", parse), timed("Comparing", check)


def apply(import_id: int, person: object) -> None:
    from accounts.models import User
    from entitlements.models import Import, ImportState
    from entitlements.workbook import jobs, services

    assert isinstance(person, User)
    source = Import.objects.get(pk=import_id)
    services.confirm(source, leave_refused_out=False, by=person)
    jobs.apply(import_id)
    source.refresh_from_db()
    assert source.state == ImportState.APPLIED, source.remarks


if __name__ == "__main__":
    main()
