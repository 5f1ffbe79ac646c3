#!/usr/bin/env python3
"""
How long consolidate takes on the database, against what reading and writing alone would take.

    python3 bench/consolidate.py [--licenses N] [--titles N]

Makes its own data in an own database server, in a temporary folder that is removed again. Prints
one line of JSON; what it does meanwhile goes to standard error.

run_s              a whole run: read, decide, save with history
limit_s            only reading licenses and positions, and writing the rows that the run wrote,
                   history included, by binary COPY into the same tables with their keys, indexes
                   and foreign keys
ratio              run_s by limit_s
floor_ratio        run_s by the same into tables with a primary key alone
core_us_per_license   the core alone, on one processor, in microseconds
noop_ratio         a second run, which changes nothing, by the first
peak_mb            memory of the run's processes together, at most
"""

import argparse
import gc
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

if TYPE_CHECKING:
    from psycopg import Connection

    from bench.made import MadeData

TITLES = 5_000
COPY = "lcm_before_the_run"  # a copy of the made data, for the limit to write to
READ = (
    "SELECT id, model_id, purchased_rights, serial_number, purchased_on, ends_on"
    " FROM entitlements_entitlement WHERE kind = 'license' ORDER BY model_id, id",
    "SELECT id, model_id, purchased_rights, serial_number, purchased_on, ends_on, definition_id,"
    " starts_on FROM entitlements_entitlement WHERE kind = 'maintenance' ORDER BY model_id, id",
)
WRITTEN = {
    "allocation_allocation": "made_in_run_id",
    "allocation_historicalallocation": "run_id",
}


def main() -> None:
    from lcm.bootstrap import enter_environment

    enter_environment()
    parser = argparse.ArgumentParser(description="Measure consolidate on the database.")
    parser.add_argument("--licenses", type=int, default=1_000_000)
    parser.add_argument(
        "--titles", type=int, help="how many; else as many as give 200 licenses each"
    )
    options = parser.parse_args()
    titles = options.titles or max(1, options.licenses // (1_000_000 // TITLES))
    # Told to end, it leaves nothing behind either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with own_database():
        figures = measure(options.licenses, titles)
    print(json.dumps(figures))


@contextmanager
def own_database() -> Iterator[None]:
    """A database server in a temporary folder, with all tables; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="lcm-bench-")).resolve()
    folder.chmod(0o711)  # the server may run as another user, and has to pass through
    os.environ.update(LCM_HOME=str(folder), DJANGO_SETTINGS_MODULE="lcm.settings")
    os.environ.pop("DATABASE_URL", None)
    import django
    from django.core.management import call_command

    from lcm import postgres

    try:
        django.setup()
        say("Making the tables")
        call_command("migrate", verbosity=0, skip_checks=True)
        yield
    finally:
        storage = postgres.embedded().storage.resolve()
        postgres.embedded().stop()
        shutil.rmtree(storage, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def measure(licenses: int, titles: int) -> dict[str, float | int]:
    from allocation.models import ConsolidateRun
    from bench.made import DAY, make

    say(f"Making {licenses} licenses and as many positions of {titles} titles")
    made = make(licenses=licenses, titles=titles)
    say("Running the core alone")
    core_s = time_core(made.company.pk, DAY)
    gc.collect()
    run_id = ask_for_run(made, DAY)
    copy_database()
    say("Running consolidate")
    run_s = timed(lambda: carry_out(run_id))
    peak_mb = peak_of_processes()
    say(f"{ConsolidateRun.objects.get(pk=run_id).counts} in {run_s:.1f} s; and once more")
    again = ask_for_run(made, DAY)
    noop_s = timed(lambda: carry_out(again))
    assert ConsolidateRun.objects.get(pk=again).counts == {}
    say("Measuring the limit")
    limit_s, floor_s = time_limits(run_id)
    return {
        "licenses": made.licenses,
        "positions": made.positions,
        "run_s": round(run_s, 2),
        "limit_s": round(limit_s, 2),
        "ratio": round(run_s / limit_s, 2),
        "floor_ratio": round(run_s / floor_s, 2),
        "core_us_per_license": round(core_s * 1e6 / licenses, 2),
        "noop_ratio": round(noop_s / run_s, 2),
        "peak_mb": round(peak_mb),
    }


def ask_for_run(made: "MadeData", day: date) -> int:
    from allocation.services import new_run

    return new_run(company=made.company, as_of=day, by=made.user).pk


def carry_out(run_id: int) -> None:
    from allocation import services

    services.carry_out(run_id)


def time_core(company: int, day: date) -> float:
    """Seconds that the core takes for all partitions, without reading or writing."""
    from allocation.core.consolidate import consolidate_partition
    from allocation.loading import load_definitions, load_partitions, load_titles
    from allocation.queries import raw_connection

    database = raw_connection()
    definitions = load_definitions(database, company=company)
    seconds = 0.0
    for portion in load_titles(database, company=company):
        loaded = load_partitions(database, company=company, day=day, titles=portion)
        gc.disable()
        started = time.process_time()
        for partition in loaded.partitions.values():
            consolidate_partition(day.toordinal(), definitions, partition)
        seconds += time.process_time() - started
        gc.enable()
    return seconds


def peak_of_processes() -> float:
    """Megabytes that this process and its workers took at most, if all did at once."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    largest_worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + largest_worker * (os.process_cpu_count() or 1)) / 1024


def copy_database() -> None:
    """Keep a copy of the database as it is before the run."""
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.close()
    with connect("postgres") as database:
        database.execute(f"CREATE DATABASE {COPY} TEMPLATE {name} STRATEGY file_copy")


def time_limits(run_id: int) -> tuple[float, float]:
    """Seconds to read the input and write a run's rows: into the real tables and into bare ones."""
    rows = {table: rows_of_run(table, column, run_id) for table, column in WRITTEN.items()}
    with connect(COPY) as database:
        for table in WRITTEN:
            # The history is among the rows to be written.
            database.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            database.execute(f"CREATE TABLE bare_{table} (LIKE {table})")
        database.execute("ALTER TABLE bare_allocation_allocation ADD PRIMARY KEY (id)")
        database.execute(
            "ALTER TABLE bare_allocation_historicalallocation ADD PRIMARY KEY (history_id)"
        )
        read_s = timed(lambda: read_input(database))
        floor_s = timed(lambda: write_rows(database, rows, "bare_"))
        limit_s = timed(lambda: write_rows(database, rows, ""))
    return read_s + limit_s, read_s + floor_s


def rows_of_run(table: str, column: str, run_id: int) -> bytes:
    """The rows that a run wrote to a table, as binary COPY gives them."""
    from django.db import connection

    query = f"COPY (SELECT * FROM {table} WHERE {column} = {run_id}) TO STDOUT (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        return b"".join(copy)


def read_input(database: "Connection") -> None:
    for query in READ:
        with database.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as copy:
            for _row in copy:
                pass


def write_rows(database: "Connection", rows: dict[str, bytes], prefix: str) -> None:
    """Write all rows in one transaction, references checked."""
    with database.transaction():
        for table, content in rows.items():
            statement = f"COPY {prefix}{table} FROM STDIN (FORMAT binary)"
            with database.cursor().copy(statement) as copy:
                copy.write(content)


def connect(name: str) -> "Connection":
    import psycopg
    from psycopg.conninfo import make_conninfo

    from lcm import postgres

    return psycopg.connect(make_conninfo(postgres.database_url(), dbname=name), autocommit=True)


def timed(action: Callable[[], None]) -> float:
    """Seconds that something takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
