"""``manage.py simulate``, as people and programs call it: another process, no database."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.core.test_scenario import document

PROJECT = Path(__file__).resolve().parents[2]
CASES = sorted((Path(__file__).parent / "scenarios").glob("*.json"))


def simulate(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    nowhere = {**os.environ, "DATABASE_URL": "postgresql://nobody@localhost:1/none"}
    return subprocess.run(
        [sys.executable, PROJECT / "manage.py", "simulate", *arguments],
        input=stdin,
        env=nowhere,
        capture_output=True,
        text=True,
        check=False,
    )


def test_answers_one_line_a_file_in_order_and_nothing_else() -> None:
    answer = simulate(*CASES, "--json")

    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    expected = [json.loads(case.read_text())["expected"] for case in CASES]
    assert answer.returncode == 0
    assert [{name: len(rows) for name, rows in line.items()} for line in lines] == [
        {name: len(rows) for name, rows in each.items()} for each in expected
    ]


def test_one_bad_file_stops_all_answers(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(document(licenses=[{"id": "L1"}])))

    answer = simulate(CASES[0], bad, "--json")

    assert answer.returncode == 2
    assert answer.stdout == ""
    assert f"{bad}: licenses[0].company: is missing" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_ends_quietly_where_nobody_reads_on() -> None:
    answering = subprocess.Popen(
        [sys.executable, PROJECT / "manage.py", "simulate", *CASES, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert answering.stdout is not None
    assert answering.stderr is not None

    answering.stdout.close()

    assert answering.stderr.read() == ""
    assert answering.wait() == 0


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    binary = tmp_path / "latin.json"
    binary.write_bytes('{"title": "Müller"}'.encode("latin-1"))

    missing, not_utf8 = simulate(tmp_path / "none.json"), simulate(binary)

    assert (missing.returncode, not_utf8.returncode) == (2, 2)
    assert "none.json: cannot be read: No such file or directory." in missing.stderr
    assert "latin.json: is not UTF-8" in not_utf8.stderr


def test_tells_a_person_what_happens_and_why() -> None:
    case = CASES[0].parent / "serial-match-displaces-other-cover-which-moves-on.json"

    answer = simulate("-", stdin=case.read_text())

    assert answer.stdout.splitlines() == [
        "-: serial match displaces other cover which moves on",
        "  X1 (P1 on L1) ends: serial-displaced. A position with the license's serial number, S1,"
        " took its place.",
        "  P2 covers L1 (1 unit, serial). Serial number S1 is that of the license; it displaced 1"
        " other allocation.",
        "  P1 covers L2 (1 unit, uncovered). The license had no cover in effect, and none of"
        " this kind before.",
    ]
