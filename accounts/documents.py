"""Pages of documents, whatever record they belong to: uploaded, downloaded, removed from sight."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.access import ScopedRequest
from accounts.roles import Capability
from common.dialogs import dialog_or_page, go_to
from common.document_forms import DocumentForm
from common.downloads import as_download
from common.forms import ReasonForm
from common.kept_documents import AlreadyRemoved, add_document, remove_document
from common.models import Document


@dataclass(frozen=True, kw_only=True)
class Kind:
    """
    Documents of a kind of record.

    :param model: of the documents, with ``visible_to``
    :param owner: its field that names the record, as the address of the record's page is called
    :param related: of the record, what its name is made of
    :param listed_as: what the list of such records is called
    :param list_view: the name of its address
    """

    model: Any
    owner: str
    related: Sequence[str] = ()
    listed_as: str
    list_view: str


def documents_of(record: Any) -> list[Document]:
    """The documents that are not removed, the latest first, each with who added it."""
    there = record.documents.filter(removed_at=None).select_related("file__kept_by")
    return list(there.order_by("-file__kept_at", "-pk"))


def add_page(request: ScopedRequest, kind: Kind, record: Any) -> HttpResponse:
    """Add a document to a record, which the person may change."""
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        document = add_document(
            to=record,
            name=form.cleaned_data["file"].name,
            content=form.content,
            title=form.cleaned_data["title"],
            by=request.user,
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, f"{document.title} was added.")
        return go_to(request, _page_of(kind, record))
    return _dialog(request, "add", form, kind, record)


def download(request: ScopedRequest, kind: Kind, pk: int) -> StreamingHttpResponse:
    """A document as a file to save: no browser opens it as a page of ours."""
    document = _document(request, kind, pk)
    response = as_download(document.file)
    # The file was checked to be what its name says.
    response["Content-Type"] = document.content_type
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def remove_page(request: ScopedRequest, kind: Kind, pk: int) -> HttpResponse:
    """
    Remove a document from sight.

    :raises PermissionDenied: where the person may only read the record
    """
    document = _document(request, kind, pk)
    request.scope.demand(Capability.MANAGE, document.company_id)
    record = getattr(document, kind.owner)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _removed(request, document, form):
        return go_to(request, _page_of(kind, record))
    return _dialog(request, "remove", form, kind, record, document=document)


def _removed(request: ScopedRequest, document: Document, form: ReasonForm) -> bool:
    try:
        remove_document(document=document, by=request.user, reason=form.cleaned_data["reason"])
    except AlreadyRemoved as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, f"{document.title} was removed. The history tells of it.")
    return True


def _document(request: ScopedRequest, kind: Kind, pk: int) -> Any:
    visible = kind.model.objects.visible_to(request.scope.whole).filter(removed_at=None)
    named_by = (kind.owner, *(f"{kind.owner}__{name}" for name in kind.related))
    return get_object_or_404(visible.select_related("file", *named_by), pk=pk)


def _page_of(kind: Kind, record: Model) -> str:
    return reverse(kind.owner, args=[record.pk])


def _dialog(
    request: ScopedRequest, template: str, form: Any, kind: Kind, record: Model, **shown: Any
) -> HttpResponse:
    return dialog_or_page(
        request,
        f"common/documents/{template}.html",
        form,
        kind=kind,
        record=record,
        back=_page_of(kind, record),
        **shown,
    )
