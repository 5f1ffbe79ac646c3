"""Documents of contracts: what is kept, who may have it, and how it leaves."""

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Company, User
from accounts.roles import Role
from contracts.documents import DocumentRefused, kind_of
from contracts.models import Contract, ContractDocument
from contracts.services import AlreadyRemoved, ReasonMissing, add_document, remove_document
from tests.factories import CompanyFactory, ContractFactory, make_user

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


# --- Pages ---


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def contract(company: Company) -> Contract:
    return ContractFactory(company=company, name="Select Plus")


@pytest.fixture
def mona(company: Company) -> User:
    return make_user(Role.LICENSE_MANAGER, company)


@pytest.fixture
def document(contract: Contract, mona: User) -> ContractDocument:
    return add_document(
        contract=contract, name="signed.pdf", content=PDF, title="Signed contract", by=mona
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, contract: Contract, name: str, content: bytes, **more: str) -> Any:
    file = SimpleUploadedFile(name, content, content_type="text/html")
    return client.post(f"/contracts/{contract.pk}/add-document", {"file": file, **more})


@pytest.mark.django_db
def test_a_license_manager_adds_a_document_and_an_auditor_has_it(
    contract: Contract, mona: User, company: Company
) -> None:
    upload(signed_in(mona), contract, "../../signed.pdf", PDF, title="Signed contract")

    auditor = signed_in(make_user(Role.AUDITOR, company))
    page = auditor.get(f"/contracts/{contract.pk}").content.decode()
    assert "Signed contract" in page
    got = auditor.get(f"/documents/{ContractDocument.objects.get().pk}")
    assert got.getvalue() == PDF


@pytest.mark.django_db
def test_a_document_leaves_as_a_file_that_no_browser_opens(
    document: ContractDocument, mona: User
) -> None:
    got = signed_in(mona).get(f"/documents/{document.pk}")

    assert got.headers["Content-Disposition"] == 'attachment; filename="signed.pdf"'
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert got.headers["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda c: make_user(Role.REQUESTER, c), id="a requester"),
        pytest.param(lambda c: make_user(Role.ADMINISTRATOR, CompanyFactory()), id="a stranger"),
    ],
)
def test_a_document_is_not_there_for_who_may_not_see_its_contract(
    document: ContractDocument, company: Company, make: Any
) -> None:
    client = signed_in(make(company))

    assert client.get(f"/documents/{document.pk}").status_code == 404
    assert client.post(f"/documents/{document.pk}/remove", {"reason": "x"}).status_code == 404
    assert ContractDocument.objects.get().removed_at is None


@pytest.mark.django_db
def test_who_is_not_signed_in_is_led_to_sign_in(document: ContractDocument) -> None:
    assert Client().get(f"/documents/{document.pk}").status_code == 302


@pytest.mark.django_db
def test_an_auditor_neither_adds_nor_removes(
    document: ContractDocument, contract: Contract, company: Company
) -> None:
    auditor = signed_in(make_user(Role.AUDITOR, company))

    added = upload(auditor, contract, "forged.pdf", PDF)
    removed = auditor.post(f"/documents/{document.pk}/remove", {"reason": "Forged"})

    assert [added.status_code, removed.status_code] == [403, 403]
    assert ContractDocument.objects.get().removed_at is None
    assert "Add a document" not in auditor.get(f"/contracts/{contract.pk}").content.decode()


@pytest.mark.django_db
def test_a_document_is_only_read_by_get(document: ContractDocument, mona: User) -> None:
    assert signed_in(mona).post(f"/documents/{document.pk}").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("page.html", b"<script>alert(1)</script>", "of no kind", id="kind"),
        pytest.param("a.pdf", b"<script>alert(1)</script>", "is no PDF", id="content"),
        pytest.param("a.pdf", PDF + b" " * (1 << 20), "at most 1 MB are kept", id="size"),
        pytest.param("a.pdf", b"", "empty", id="empty"),
    ],
)
def test_what_is_not_kept_is_refused_with_a_sentence(
    contract: Contract, mona: User, settings: Any, name: str, content: bytes, said: str
) -> None:
    settings.LCM_DOCUMENT_MOST_MB = 1

    page = upload(signed_in(mona), contract, name, content, title="Typed before")

    assert page.status_code == 422
    assert said in page.content.decode()
    assert "Typed before" in page.content.decode()
    assert not ContractDocument.objects.exists()


@pytest.mark.django_db
def test_a_removed_document_is_out_of_sight_and_the_history_tells_it(
    document: ContractDocument, contract: Contract, mona: User
) -> None:
    client = signed_in(mona)

    client.post(f"/documents/{document.pk}/remove", {"reason": "Of another contract"})

    assert client.get(f"/documents/{document.pk}").status_code == 404
    page = client.get(f"/contracts/{contract.pk}").content.decode()
    assert f'href="/documents/{document.pk}"' not in page
    assert "Of another contract" in page
    assert ContractDocument.objects.get().file.pieces.exists()


@pytest.mark.django_db
def test_a_document_is_removed_for_a_reason_and_once(
    document: ContractDocument, mona: User
) -> None:
    with pytest.raises(ReasonMissing):
        remove_document(document=document, by=mona, reason=" ")
    remove_document(document=document, by=mona, reason="Old")

    with pytest.raises(AlreadyRemoved, match="Signed contract was removed already"):
        remove_document(document=document, by=mona, reason="Old")
