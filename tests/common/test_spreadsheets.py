"""Texts go into spreadsheets harmless, and come back as they were."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import load_workbook

from common.exports import TooManyRows, csv_lines, write_xlsx
from common.spreadsheets import make_harmless, read_back

FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('=HYPERLINK("http://evil.example","x")', id="formula"),
        pytest.param("+1+cmd|' /C calc'!A0", id="plus"),
        pytest.param("-2+3", id="minus that computes"),
        pytest.param("@SUM(A1)", id="at"),
        pytest.param("\t=1", id="tab first"),
        pytest.param("\r=1", id="carriage return first"),
        pytest.param("\n=1", id="line feed first"),
        pytest.param("＝1+1", id="full-width equals"),
        pytest.param("－1+1", id="full-width minus"),
    ],
)
def test_text_that_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    harmless = make_harmless(text)

    assert harmless == "'" + text


@pytest.mark.parametrize("text", ["-5", "-5.25", "-1,5", "Office", "", "'tis", "A=B", "12"])
def test_other_texts_are_left_as_they_are(text: str) -> None:
    assert make_harmless(text) == text


@given(st.text(alphabet=st.one_of(st.sampled_from("'" + FORMULA_STARTS + "019."), st.characters())))
def test_every_text_is_read_back_as_it_was(text: str) -> None:
    assert read_back(make_harmless(text)) == text


@given(st.text(alphabet=st.sampled_from("'" + FORMULA_STARTS + "a1.")))
def test_no_text_begins_a_formula_once_it_is_harmless(text: str) -> None:
    harmless = make_harmless(text)

    is_a_number = harmless.lstrip("-").replace(".", "").replace(",", "").isdigit()
    assert harmless[:1] not in set(FORMULA_STARTS) or is_a_number


def test_csv_holds_one_header_and_typed_values() -> None:
    rows = [["=1+1", -5, Decimal("-1.50"), date(2026, 12, 31), None], ["-7", 1, None, None, "é"]]

    text = b"".join(csv_lines(["Name", "Units", "Cost", "Ends", "Note"], rows)).decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(text))) == [
        ["Name", "Units", "Cost", "Ends", "Note"],
        ["'=1+1", "-5", "-1.50", "2026-12-31", ""],
        ["-7", "1", "", "", "é"],
    ]


def test_csv_begins_with_a_mark_so_that_it_is_read_as_utf_8() -> None:
    first = next(csv_lines(["ID", "Name"], []))

    assert first.startswith(b"\xef\xbb\xbf")


def test_moments_are_written_with_their_time_zone_in_csv() -> None:
    at = datetime(2026, 11, 24, 8, 30, 5, tzinfo=UTC)

    lines = list(csv_lines(["At"], [[at]]))

    assert lines[1] == b"2026-11-24T08:30:05+00:00\r\n"


def test_xlsx_holds_formula_like_text_as_text_and_numbers_as_numbers() -> None:
    file = io.BytesIO()
    at = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    rows = [["=1+1", -5, Decimal("-1.5"), date(2026, 12, 31), at, date(1600, 1, 1), True]]

    write_xlsx(file, ["Name", "Units", "Cost", "Ends", "At", "Old", "Yes"], rows)

    sheet = load_workbook(io.BytesIO(file.getvalue())).get_sheet_by_index(0).to_python()
    local = at.replace(tzinfo=None)
    assert sheet[1][:5] == ["=1+1", -5, -1.5, date(2026, 12, 31), local]
    assert sheet[1][5] == "1600-01-01"


def test_xlsx_says_when_a_worksheet_is_too_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.exports.MOST_XLSX_ROWS", 2)

    with pytest.raises(TooManyRows, match="A worksheet holds 2 rows"):
        write_xlsx(io.BytesIO(), ["Name"], [["a"], ["b"], ["c"]])
