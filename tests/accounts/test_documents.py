"""Documents of contracts and entitlements: who may have them, and how they leave."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Company, User
from accounts.roles import Role
from common.kept_documents import AlreadyRemoved, ReasonMissing, add_document, remove_document
from common.models import Document
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    LicenseFactory,
    MaintenanceFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\n%%EOF"


@dataclass(frozen=True)
class Place:
    """A record with documents, where its page is, and where its documents are."""

    record: Any
    page: str
    documents: str

    @property
    def kept(self) -> Any:
        """The documents of the record, removed or not."""
        return self.record.documents


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture(params=["contract", "license", "maintenance"])
def place(request: pytest.FixtureRequest, company: Company) -> Place:
    if request.param == "contract":
        contract = ContractFactory(company=company, name="Select Plus")
        return Place(contract, f"/contracts/{contract.pk}", "/documents")
    factory = LicenseFactory if request.param == "license" else MaintenanceFactory
    entitlement = factory(company=company)
    return Place(entitlement, f"/entitlements/{entitlement.pk}", "/entitlement-documents")


@pytest.fixture
def mona(company: Company) -> User:
    return make_user(Role.LICENSE_MANAGER, company)


@pytest.fixture
def document(place: Place, mona: User) -> Document:
    return add_document(
        to=place.record, name="signed.pdf", content=PDF, title="Signed contract", by=mona
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, place: Place, name: str, content: bytes, **more: str) -> Any:
    file = SimpleUploadedFile(name, content, content_type="text/html")
    return client.post(f"{place.page}/add-document", {"file": file, **more})


def test_a_license_manager_adds_a_document_and_an_auditor_has_it(
    place: Place, mona: User, company: Company
) -> None:
    upload(signed_in(mona), place, "../../signed.pdf", PDF, title="Signed contract")

    auditor = signed_in(make_user(Role.AUDITOR, company))
    page = auditor.get(place.page).content.decode()
    assert "Signed contract" in page
    got = auditor.get(f"{place.documents}/{place.kept.get().pk}")
    assert got.getvalue() == PDF


def test_a_document_leaves_as_a_file_that_no_browser_opens(
    place: Place, document: Document, mona: User
) -> None:
    got = signed_in(mona).get(f"{place.documents}/{document.pk}")

    assert got.headers["Content-Disposition"] == 'attachment; filename="signed.pdf"'
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert got.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda c: make_user(Role.REQUESTER, c), id="a requester"),
        pytest.param(lambda c: make_user(Role.ADMINISTRATOR, CompanyFactory()), id="a stranger"),
    ],
)
def test_a_document_is_not_there_for_who_may_not_see_its_record(
    place: Place, document: Document, company: Company, make: Any
) -> None:
    client = signed_in(make(company))
    address = f"{place.documents}/{document.pk}"

    assert client.get(address).status_code == 404
    assert client.post(f"{address}/remove", {"reason": "x"}).status_code == 404
    assert place.kept.get().removed_at is None


def test_who_is_not_signed_in_is_led_to_sign_in(place: Place, document: Document) -> None:
    assert Client().get(f"{place.documents}/{document.pk}").status_code == 302


def test_an_auditor_neither_adds_nor_removes(
    document: Document, place: Place, company: Company
) -> None:
    auditor = signed_in(make_user(Role.AUDITOR, company))

    added = upload(auditor, place, "forged.pdf", PDF)
    removed = auditor.post(f"{place.documents}/{document.pk}/remove", {"reason": "Forged"})

    assert [added.status_code, removed.status_code] == [403, 403]
    assert place.kept.get().removed_at is None
    assert "Add a document" not in auditor.get(place.page).content.decode()


def test_a_document_is_only_read_by_get(place: Place, document: Document, mona: User) -> None:
    assert signed_in(mona).post(f"{place.documents}/{document.pk}").status_code == 405


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
    place: Place, mona: User, settings: Any, name: str, content: bytes, said: str
) -> None:
    settings.LCM_DOCUMENT_MOST_MB = 1

    page = upload(signed_in(mona), place, name, content, title="Typed before")

    assert page.status_code == 422
    assert said in page.content.decode()
    assert "Typed before" in page.content.decode()
    assert not place.kept.exists()


def test_a_removed_document_is_out_of_sight_and_the_history_tells_it(
    document: Document, place: Place, mona: User
) -> None:
    client = signed_in(mona)

    client.post(f"{place.documents}/{document.pk}/remove", {"reason": "Of another contract"})

    assert client.get(f"{place.documents}/{document.pk}").status_code == 404
    page = client.get(place.page).content.decode()
    assert f'href="{place.documents}/{document.pk}"' not in page
    assert "Of another contract" in page
    assert place.kept.get().file.pieces.exists()


def test_a_document_is_removed_for_a_reason_and_once(document: Document, mona: User) -> None:
    with pytest.raises(ReasonMissing):
        remove_document(document=document, by=mona, reason=" ")
    remove_document(document=document, by=mona, reason="Old")

    with pytest.raises(AlreadyRemoved, match="Signed contract was removed already"):
        remove_document(document=document, by=mona, reason="Old")
