"""Which files are kept with records: told by what they hold, and by nothing they claim. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

ZIP = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
# What no text holds; tab, line ends and form feed are all right.
CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27}) + b"\x7f"


class DocumentRefused(Exception):
    """The file is not kept; the message says what it is and what would be."""


@dataclass(frozen=True)
class DocumentKind:
    """
    A kind of file that is kept.

    :param endings: how the name of such a file ends
    :param holds: tells the kind by the content
    """

    label: str
    endings: tuple[str, ...]
    content_type: str
    holds: Callable[[bytes], bool]


def _begins(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(beginnings)


def _is_office(part: bytes) -> Callable[[bytes], bool]:
    """An Office Open XML package with a main part: names of a ZIP's members stand in it as such."""
    return lambda content: (
        content.startswith(ZIP) and b"[Content_Types].xml" in content and part in content
    )


def _is_compound(*streams: str) -> Callable[[bytes], bool]:
    """A file of Office before 2007: the names of its streams stand in it as such, in UTF-16."""
    names = [stream.encode("utf-16-le") for stream in streams]
    return lambda content: content.startswith(COMPOUND) and any(name in content for name in names)


def _is_open_document(kind: str) -> Callable[[bytes], bool]:
    """An OpenDocument package says first what it is, unpacked, at a fixed place."""
    says = b"mimetype" + (OPEN_DOCUMENT + kind).encode()
    return lambda content: content.startswith(ZIP) and content[30 : 30 + len(says)] == says


def _is_text(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decodes(content, "utf-16")
    return content == content.translate(None, CONTROLS) and _is_of_some_encoding(content)


def _is_of_some_encoding(content: bytes) -> bool:
    return _decodes(content, "utf-8") or _decodes(content, "cp1252")


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


# Texts of different kinds cannot be told apart by what they hold: there the ending says it.
KINDS = (
    DocumentKind("PDF", (".pdf",), "application/pdf", _begins(b"%PDF-")),
    DocumentKind(
        "Word document", (".docx",), f"{OFFICE}wordprocessingml.document", _is_office(b"word/")
    ),
    DocumentKind("Excel workbook", (".xlsx",), f"{OFFICE}spreadsheetml.sheet", _is_office(b"xl/")),
    DocumentKind(
        "PowerPoint presentation",
        (".pptx",),
        f"{OFFICE}presentationml.presentation",
        _is_office(b"ppt/"),
    ),
    DocumentKind(
        "old Word document", (".doc",), "application/msword", _is_compound("WordDocument")
    ),
    DocumentKind(
        "old Excel workbook",
        (".xls",),
        "application/vnd.ms-excel",
        _is_compound("Workbook", "Book"),
    ),
    DocumentKind(
        "old PowerPoint presentation",
        (".ppt",),
        "application/vnd.ms-powerpoint",
        _is_compound("PowerPoint Document"),
    ),
    DocumentKind("OpenDocument text", (".odt",), f"{OPEN_DOCUMENT}text", _is_open_document("text")),
    DocumentKind(
        "OpenDocument spreadsheet",
        (".ods",),
        f"{OPEN_DOCUMENT}spreadsheet",
        _is_open_document("spreadsheet"),
    ),
    DocumentKind(
        "OpenDocument presentation",
        (".odp",),
        f"{OPEN_DOCUMENT}presentation",
        _is_open_document("presentation"),
    ),
    DocumentKind("PNG image", (".png",), "image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    DocumentKind("JPEG image", (".jpg", ".jpeg"), "image/jpeg", _begins(b"\xff\xd8\xff")),
    DocumentKind("text", (".txt",), "text/plain", _is_text),
    DocumentKind("CSV table", (".csv",), "text/csv", _is_text),
    DocumentKind("e-mail", (".eml",), "message/rfc822", _is_text),
    DocumentKind(
        "e-mail of Outlook", (".msg",), "application/vnd.ms-outlook", _is_compound("__substg1.0_")
    ),
)
ENDINGS = tuple(ending for kind in KINDS for ending in kind.endings)


def kind_of(name: str, content: bytes) -> DocumentKind:
    """
    The kind of a file.

    :raises DocumentRefused: where it is empty, of no such kind, or not what its name says
    """
    if not content:
        raise DocumentRefused(f"“{name}” is empty.")
    named = [kind for kind in KINDS if name.lower().endswith(kind.endings)]
    if not named:
        raise DocumentRefused(
            f"“{name}” is of no kind that is kept here. Those are {', '.join(ENDINGS)}."
        )
    if not named[0].holds(content):
        raise DocumentRefused(
            f"“{name}” is no {named[0].label}: what it holds is something else. Give the file that"
            " its name says, or its right name."
        )
    return named[0]
