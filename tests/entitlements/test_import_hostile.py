"""Files that mean harm: refused before they are parsed, in a sentence, and the worker lives on."""

import subprocess
import zipfile
from datetime import date
from io import BytesIO

import pytest

from accounts.models import Company, User
from accounts.roles import Role
from entitlements.models import ImportState
from entitlements.workbook.choices import Choices
from tests.entitlements.workbooks import LICENSE, csv_of, licenses, outcomes, preview, reasons
from tests.factories import CompanyFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


def with_parts(**parts: bytes) -> bytes:
    """A workbook with parts put in or replaced, by the last part of their names."""
    written = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(licenses(LICENSE))) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        replaced = {name.replace("__", "."): content for name, content in parts.items()}
        for part in old.namelist():
            new.writestr(part, replaced.pop(part.rsplit("/", 1)[-1], old.read(part)))
        for name, content in replaced.items():
            new.writestr(f"xl/{name}", content)
    return written.getvalue()


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s<sheetData>'
    b"%s</sheetData></worksheet>"
)


def refused(company: Company, ada: User, content: bytes) -> str:
    source = preview(company, content, ada)
    assert source.state == ImportState.REFUSED
    return reasons(source)


def test_a_part_that_unpacks_to_hundreds_of_times_its_size(company, ada):
    bomb = with_parts(sheet1__xml=SHEET % (b"", b" " * (64 << 20)))
    assert len(bomb) < 200_000

    assert "times its size, which no ordinary workbook does" in refused(company, ada, bomb)


def test_more_than_may_be_unpacked(company, ada, settings):
    settings.LCM_IMPORT_MOST_UNPACKED_MB = 1
    large = with_parts(media__bin=bytes(range(256)) * 8192)

    assert "unpacks to more than 1 MB" in refused(company, ada, large)


def test_a_size_that_the_file_lies_about(company, ada, settings):
    settings.LCM_IMPORT_MOST_UNPACKED_MB = 1
    content = bytearray(with_parts(media__bin=bytes(range(256)) * 8192))
    central = content.rindex(b"PK\x01\x02")
    content[central + 24 : central + 28] = (100).to_bytes(4, "little")

    assert refused(company, ada, bytes(content))


def test_thousands_of_parts(company, ada, settings):
    settings.LCM_IMPORT_MOST_PARTS = 20

    parts = {f"extra{number}__bin": b"x" for number in range(30)}

    assert "parts, at most 20 are read" in refused(company, ada, with_parts(**parts))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_entities_that_expand(company, ada, encoding):
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><sst>&b;</sst>'.encode(encoding)

    assert "declares XML entities" in refused(company, ada, with_parts(sharedStrings__xml=laughs))


def test_cells_so_far_apart_that_the_table_between_them_is_beyond_memory(company, ada, settings):
    settings.LCM_IMPORT_MEMORY_MB = 400
    settings.LCM_IMPORT_MOST_COLUMNS = 20_000
    cells = (
        b'<row r="1"><c r="A1"><v>1</v></c></row>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )

    assert "needs more memory than is allowed" in refused(
        company, ada, with_parts(sheet1__xml=SHEET % (b"", cells))
    )


def test_a_false_dimension_counts_for_nothing(company, ada):
    rows = b"".join(
        b'<row r="%d">%s</row>' % (number, b"".join(text_cell(*cell, number) for cell in cells))
        for number, cells in (
            (1, ((b"A", b"Publisher"), (b"B", b"Product"), (b"C", b"Purchased rights"))),
            (2, ((b"A", b"Acme"), (b"B", b"DrawIt"), (b"C", b"30"))),
        )
    )
    content = with_parts(sheet1__xml=SHEET % (b'<dimension ref="A1:XFD1048576"/>', rows))

    source = preview(company, content, ada, choices=Choices(purchased_on=date(2026, 1, 1)))

    assert outcomes(source) == ["new"], reasons(source)


def text_cell(column: bytes, text: bytes, row: int) -> bytes:
    return b'<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>' % (column, row, text)


def test_more_columns_than_are_read(company, ada, settings):
    settings.LCM_IMPORT_MOST_COLUMNS = 30
    wide = csv_of([f"c{n}" for n in range(40)], ["x"] * 40)

    assert "has 40 columns, at most 30 are read" in refused(company, ada, wide)


def test_more_rows_than_are_read(company, ada, settings):
    settings.LCM_IMPORT_MOST_ROWS = 10

    assert "more than 10 rows. Split it" in refused(company, ada, licenses(*[LICENSE] * 12))
    lines = [["Publisher", "Product"], *[["a", "b"]] * 12]
    assert "more than 10 rows. Split it" in refused(company, ada, csv_of(*lines))


def test_a_cell_without_end(company, ada):
    endless = csv_of(["Publisher", "Product"], ["a", "b" * (2 << 20)])

    assert "cannot be read as CSV" in refused(company, ada, endless)


def test_a_file_that_takes_too_long(company, ada, settings):
    settings.LCM_IMPORT_SECONDS = 1
    settings.LCM_IMPORT_MOST_RATIO = 100_000
    cell = b'<c r="A%d" t="inlineStr"><is><t>x</t></is></c>'
    rows = b"".join(b'<row r="%d">%s</row>' % (n, cell % n) for n in range(1, 600_000))

    said = refused(company, ada, with_parts(sheet1__xml=SHEET % (b"", rows)))

    assert "takes longer than is allowed" in said or "rows. Split it" in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"PK\x03\x04" + b"\x00" * 100, "damaged", id="half a ZIP file"),
        pytest.param(
            with_parts(é__xml=b"<x/>").replace("é".encode(), b"\xff\xfe"),
            "damaged",
            id="names that are no text",
        ),
        pytest.param(b"PK\x05\x06" + b"\x00" * 18, "empty or broken ZIP", id="empty ZIP file"),
    ],
)
def test_broken_packages(company, ada, content, words):
    assert words in refused(company, ada, content)


def test_a_zip_file_that_is_no_workbook(company, ada):
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as package:
        package.writestr("../../etc/passwd", "root")

    assert "no XLSX workbook" in refused(company, ada, written.getvalue())


def test_a_workbook_with_a_password(company, ada):
    content = bytearray(licenses(LICENSE))
    for place in range(len(content) - 4):
        if content[place : place + 4] == b"PK\x01\x02":
            content[place + 8] |= 1  # the flag of an encrypted part

    assert "protected by a password" in refused(company, ada, bytes(content))


def test_names_that_would_be_sql_are_names(company, ada):
    evil = "x'); DROP TABLE entitlements_entitlement; --"

    source = preview(company, licenses({**LICENSE, "Product": evil, "Location": "%s %(a)s"}), ada)

    assert outcomes(source) == ["refused"]
    assert "Ex SA has no location %s %(a)s" in reasons(source)


def test_the_process_that_reads_a_file_knows_no_secrets(company, ada, monkeypatch):
    seen: dict[str, object] = {}
    popen = subprocess.Popen

    def watched(*arguments, **options):
        seen.update(options)
        return popen(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", watched)
    preview(company, licenses(LICENSE), ada)

    assert seen["env"] == {}
