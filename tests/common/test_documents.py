"""Which files are kept with records."""

import io
import zipfile

import pytest

from common.documents import DocumentRefused, kind_of

PDF = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def packed(*names: str, first: tuple[str, bytes] | None = None) -> bytes:
    """A ZIP file with some members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr(zipfile.ZipInfo(first[0]), first[1])
        for name in names:
            archive.writestr(name, "<x/>" * 100)
    return file.getvalue()


def office(part: str) -> bytes:
    return packed("[Content_Types].xml", "_rels/.rels", part)


def compound(stream: str) -> bytes:
    """What a file of old Office begins with, and the name of one of its streams."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le")


def open_document(kind: str) -> bytes:
    says = f"application/vnd.oasis.opendocument.{kind}".encode()
    return packed("content.xml", first=("mimetype", says))


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        pytest.param("a.pdf", PDF, "application/pdf", id="PDF"),
        pytest.param("A.PDF", PDF, "application/pdf", id="in capitals"),
        pytest.param(
            "a.docx",
            office("word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            id="Word",
        ),
        pytest.param(
            "a.xlsx",
            office("xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            id="Excel",
        ),
        pytest.param(
            "a.pptx",
            office("ppt/presentation.xml"),
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            id="PowerPoint",
        ),
        pytest.param(
            "a.odt", open_document("text"), "application/vnd.oasis.opendocument.text", id="ODT"
        ),
        pytest.param(
            "a.ods",
            open_document("spreadsheet"),
            "application/vnd.oasis.opendocument.spreadsheet",
            id="ODS",
        ),
        pytest.param(
            "a.odp",
            open_document("presentation"),
            "application/vnd.oasis.opendocument.presentation",
            id="ODP",
        ),
        pytest.param("a.doc", compound("WordDocument"), "application/msword", id="old Word"),
        pytest.param("a.xls", compound("Workbook"), "application/vnd.ms-excel", id="old Excel"),
        pytest.param("a.xls", compound("Book"), "application/vnd.ms-excel", id="Excel of 1995"),
        pytest.param(
            "a.ppt",
            compound("PowerPoint Document"),
            "application/vnd.ms-powerpoint",
            id="old PowerPoint",
        ),
        pytest.param(
            "a.msg", compound("__substg1.0_0037001F"), "application/vnd.ms-outlook", id="Outlook"
        ),
        pytest.param("a.png", PNG, "image/png", id="PNG"),
        pytest.param("a.jpg", b"\xff\xd8\xff\xe0" + b"\x00" * 9, "image/jpeg", id="JPEG"),
        pytest.param("a.txt", "Grüße".encode(), "text/plain", id="text"),
        pytest.param("a.txt", "Grüße".encode("cp1252"), "text/plain", id="text of old Windows"),
        pytest.param("a.txt", "Grüße".encode("utf-16"), "text/plain", id="text in UTF-16"),
        pytest.param("a.csv", b"a;b\r\n1;2\r\n", "text/csv", id="CSV"),
        pytest.param("a.eml", b"From: a@example.org\r\n\r\nHi", "message/rfc822", id="e-mail"),
    ],
)
def test_a_kind_is_told_by_what_the_file_holds(
    name: str, content: bytes, content_type: str
) -> None:
    assert kind_of(name, content).content_type == content_type


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("a.pdf", b"", "is empty", id="empty"),
        pytest.param("a.html", b"<script>", "of no kind that is kept", id="HTML"),
        pytest.param("a.svg", b"<svg/>", "of no kind that is kept", id="SVG"),
        pytest.param("a.exe", b"MZ\x00", "of no kind that is kept", id="a program"),
        pytest.param("pdf", PDF, "of no kind that is kept", id="no ending"),
        pytest.param("a.pdf", b"<html><script>", "is no PDF", id="HTML named PDF"),
        pytest.param("a.png", PDF, "is no PNG image", id="PDF named PNG"),
        pytest.param("a.docx", packed("evil.js"), "is no Word document", id="a ZIP named Word"),
        pytest.param("a.docx", office("xl/workbook.xml"), "is no Word", id="Excel named Word"),
        pytest.param("a.odt", open_document("spreadsheet"), "is no OpenDocument text", id="ODS"),
        pytest.param("a.doc", compound("Workbook"), "is no old Word", id="Excel named Word of old"),
        pytest.param("a.msg", compound("!_StringPool"), "is no e-mail", id="an installer"),
        pytest.param("a.xls", b"<html>", "is no old Excel", id="HTML named old Excel"),
        pytest.param("a.txt", b"MZ\x00\x01", "is no text", id="a program named text"),
        pytest.param("a.txt", b"\xff\xfe\x00\xd8", "is no text", id="broken UTF-16"),
    ],
)
def test_what_is_something_else_than_it_says_is_refused(
    name: str, content: bytes, said: str
) -> None:
    with pytest.raises(DocumentRefused, match=said):
        kind_of(name, content)
