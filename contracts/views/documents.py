"""Documents of contracts: uploaded, downloaded, removed from sight."""

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from common.dialogs import dialog_or_page, go_to
from common.forms import ReasonForm
from common.kept_files import content_of
from contracts.forms import DocumentForm
from contracts.models import ContractDocument
from contracts.services import AlreadyRemoved, add_document, remove_document
from contracts.views.reading import contract_to_change


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add(request: ScopedRequest, pk: int) -> HttpResponse:
    contract = contract_to_change(request, pk)
    back = reverse("contract", args=[contract.pk])
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        document = add_document(
            contract=contract,
            name=form.cleaned_data["file"].name,
            content=form.content,
            title=form.cleaned_data["title"],
            by=request.user,
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, f"{document.title} was added.")
        return go_to(request, back)
    return dialog_or_page(
        request, "contracts/add_document.html", form, contract=contract, back=back
    )


@require_safe
@needs(Capability.READ)
def download(request: ScopedRequest, pk: int) -> StreamingHttpResponse:
    """A document as a file to save: no browser opens it as a page of ours."""
    document = _document(request, pk)
    response = StreamingHttpResponse(content_of(document.file), content_type=document.content_type)
    # The file was checked to be what its name says; the name is made harmless when it is kept.
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=document.file.name) or "attachment"
    )
    response["Content-Length"] = str(document.file.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def remove(request: ScopedRequest, pk: int) -> HttpResponse:
    document = _document(request, pk)
    request.scope.demand(Capability.MANAGE, document.company_id)
    back = reverse("contract", args=[document.contract_id])
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _removed(request, document, form):
        return go_to(request, back)
    return dialog_or_page(
        request,
        "contracts/remove_document.html",
        form,
        contract=document.contract,
        document=document,
        back=back,
    )


def _removed(request: ScopedRequest, document: ContractDocument, form: ReasonForm) -> bool:
    try:
        remove_document(document=document, by=request.user, reason=form.cleaned_data["reason"])
    except AlreadyRemoved as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, f"{document.title} was removed. The history tells of it.")
    return True


def _document(request: ScopedRequest, pk: int) -> ContractDocument:
    visible = ContractDocument.objects.visible_to(request.scope.whole).filter(removed_at=None)
    return get_object_or_404(visible.select_related("file", "contract"), pk=pk)
