#!/usr/bin/env python3
"""
What pages cost under load, beside a bare Django view that renders the same template from memory.

    python3 bench/pages.py [--licenses N] [--requests N]

Makes its own data (by default 100,000 licenses with ten live allocations each) in an own database
server, in a temporary folder that is removed again. Two workers of the web server answer two
clients. Prints one line of JSON a page; what it does meanwhile goes to standard error.

page        which: a list, the same deep inside or sorted otherwise, a contract, a license
p50_ms, p95_ms   of a request, as the client sees it
queries     to the database
kb          of the page before compression
cpu_ms      of the web server's processes, a request
bare_ms     the same, of a bare view that renders the same template from memory
ratio       cpu_ms by bare_ms
to_first    cpu_ms by that of the list's first page
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

PORT = 8765
WORKERS = CLIENTS = 2
WARM_UP = 20
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    from lcm.bootstrap import enter_environment

    enter_environment()
    parser = argparse.ArgumentParser(description="Measure pages under load.")
    parser.add_argument("--licenses", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=300)
    options = parser.parse_args()
    from bench.consolidate import own_database, say

    with own_database():
        from bench.made import make
        from bench.used import make_uses

        say("Making the data")
        make_uses(make(licenses=options.licenses, titles=5_000))
        pages, cookie = addresses(), session()
        queries = {name: queries_of(address) for name, address in pages.items()}
        with served("lcm.wsgi:application", pages):
            own = {name: load(a, cookie, options.requests) for name, a in pages.items()}
        with served("bench.bare:application", pages):
            bare = {name: load(f"/{name}", cookie, options.requests) for name in pages}
    first = own["licenses"]["cpu_ms"]
    for name, figures in own.items():
        bare_ms = bare[name]["cpu_ms"]
        line = {"page": name, "queries": queries[name], **figures, "bare_ms": bare_ms}
        line["ratio"] = round(figures["cpu_ms"] / bare_ms, 2)
        if name.startswith("licenses"):
            line["to_first"] = round(figures["cpu_ms"] / first, 2)
        print(json.dumps(line))


def addresses() -> dict[str, str]:
    """The pages by name."""
    from contracts.models import Contract
    from entitlements.models import Entitlement

    licenses = "/entitlements/?kind=license"
    license = Entitlement.objects.licenses().earliest("pk")
    contract = Contract.objects.earliest("pk")
    return {
        "licenses": licenses,
        "licenses-deep": deep(licenses),
        "licenses-by-available": f"{licenses}&sort=-available",
        "licenses-by-available-deep": deep(f"{licenses}&sort=available"),
        "licenses-by-deployed": f"{licenses}&sort=-deployed",
        "licenses-by-purchase": f"{licenses}&sort=-purchased",
        "contracts": "/contracts/",
        "contract": f"/contracts/{contract.pk}",
        "license": f"/entitlements/{license.pk}",
    }


def deep(address: str) -> str:
    """The address of a page of a list, nine tenths of the way to its end."""
    from django.test import RequestFactory

    from accounts.access import scope_of
    from accounts.models import User
    from common.keyset import Cursor, order_rows, write_cursor
    from entitlements.views.lists import EntitlementList

    request: Any = RequestFactory().get(address)
    request.user = User.objects.get(username="bench")
    request.scope = scope_of(request.user)
    rows = EntitlementList(request)
    before = rows.found.count() * 9 // 10
    row: Any = order_rows(rows.found, rows.sort)[before]
    cursor = Cursor(key=row.sort_key, pk=row.pk, rows_before=before + 1)
    return f"{address}&page={write_cursor(cursor, list_name=rows.name, sort=rows.sort)}"


def session() -> str:
    """The cookie of somebody who is signed in."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="bench"))
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def queries_of(address: str) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="bench"))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200, address
    return len(captured)


@contextmanager
def served(application: str, pages: dict[str, str]) -> Iterator[None]:
    """A web server with two workers, as the project starts it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{PORT}", application],
        cwd=PROJECT,
        env={
            **os.environ,
            "WEB_CONCURRENCY": str(WORKERS),
            "BENCH_PAGES": json.dumps(pages),
            "PYTHONPATH": str(PROJECT),
        },
        stdout=sys.stderr,
    )
    try:
        _wait_for(server)
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _wait_for(server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            HTTPConnection("127.0.0.1", PORT).request("GET", "/healthz")
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The web server did not come up.")


def load(address: str, cookie: str, requests: int) -> dict[str, float]:
    """Ask for a page again and again, from several clients at once."""
    _ask(address, cookie, WARM_UP)
    cpu = _seconds_of_workers()
    with ThreadPoolExecutor(CLIENTS) as pool:
        asked = pool.map(lambda _: _ask(address, cookie, requests // CLIENTS), range(CLIENTS))
        answers = [answer for answers in asked for answer in answers]
    cpu = _seconds_of_workers() - cpu
    milliseconds = sorted(seconds * 1000 for seconds, _ in answers)
    return {
        "p50_ms": round(statistics.median(milliseconds), 1),
        "p95_ms": round(milliseconds[len(milliseconds) * 95 // 100], 1),
        "kb": round(answers[0][1] / 1000, 1),
        "cpu_ms": round(cpu / len(answers) * 1000, 2),
    }


def _ask(address: str, cookie: str, times: int) -> list[tuple[float, int]]:
    """How long each answer took, and how many bytes it had."""
    connection = HTTPConnection("127.0.0.1", PORT)
    answers = []
    for _ in range(times):
        began = time.perf_counter()
        connection.request("GET", address, headers={"Cookie": cookie})
        response = connection.getresponse()
        content = response.read()
        answers.append((time.perf_counter() - began, len(content)))
        if response.status != 200:
            raise SystemExit(f"{address}: {response.status}")
    return answers


def _seconds_of_workers() -> float:
    """The processor time of the web server's workers: children of the child of this process."""
    mine = str(os.getpid())
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        parents[stat.parent.name] = (after_name[1], int(after_name[11]) + int(after_name[12]))
    servers = {pid for pid, (parent, _) in parents.items() if parent == mine}
    return sum(ticks for parent, ticks in parents.values() if parent in servers) / TICKS


if __name__ == "__main__":
    main()
