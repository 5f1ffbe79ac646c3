"""The benchmark works, whatever its figures."""

import json
import subprocess
import sys

from tests.allocation.processes import PROJECT


def test_the_benchmark_prints_its_figures_as_one_line_of_json() -> None:
    command = [sys.executable, str(PROJECT / "bench" / "consolidate.py")]

    done = subprocess.run(
        [*command, "--licenses", "600", "--titles", "3"], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    figures = json.loads(line)
    assert list(figures) == [
        "licenses",
        "positions",
        "run_s",
        "limit_s",
        "ratio",
        "floor_ratio",
        "core_us_per_license",
        "noop_ratio",
        "peak_mb",
    ]
    assert (figures["licenses"], figures["positions"]) == (600, 600)
