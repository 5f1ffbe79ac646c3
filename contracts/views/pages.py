"""Pages of contracts: the list, one contract, and its form."""

from typing import Any

from django.contrib import messages
from django.db.models import ForeignKey
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ScopedRequest, needs
from accounts.documents import documents_of
from accounts.roles import Capability
from common.shown import Tags
from common.stories import ShownStory, shown_story
from contracts.dates import AT_REST
from contracts.forms import ContractForm, FirstTermForm
from contracts.models import (
    Contract,
    ContractDocument,
    ContractTerm,
    RemindedMember,
    Reminder,
)
from contracts.services import ContractRefused, save_contract
from contracts.views.lists import ContractList, shown_status
from contracts.views.reading import contract_to_change, contract_with_terms
from contracts.views.summary import shown_reminder, shown_spend, shown_terms
from entitlements.models import Kind
from entitlements.queries import held_by_contract
from entitlements.views.lists import contract_entitlements


@require_safe
@needs(Capability.READ)
def contract_list(request: ScopedRequest) -> HttpResponseBase:
    return ContractList(
        request, may_add=bool(request.scope.companies(Capability.MANAGE))
    ).response()


@require_safe
@needs(Capability.READ)
def contract_page(request: ScopedRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    contract, terms = contract_with_terms(request, pk)
    held = held_by_contract(pk)
    return render(
        request,
        "contracts/contract.html",
        {
            "contract": contract,
            "status": shown_status(contract, today),
            "is_at_rest": contract.status_by_hand in AT_REST,
            "tags": Tags(contract.tags, reverse("contracts")),
            "terms": shown_terms(terms, today),
            "parts": contract.children.order_by("number") if held.has_parts else (),
            "licenses": contract_entitlements(
                request, contract, Kind.LICENSE, number=held.licenses
            ),
            "maintenance": contract_entitlements(
                request, contract, Kind.MAINTENANCE, number=held.maintenance
            ),
            "documents": documents_of(contract) if held.has_documents else [],
            "reminder": shown_reminder(contract, terms, today) if held.has_reminder else None,
            "spend": shown_spend(contract, terms),
            "story": _story(request, contract),
            "may_change": request.scope.may(Capability.MANAGE, contract.company_id),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add_contract(request: ScopedRequest) -> HttpResponse:
    form = ContractForm(request.POST or None, scope=request.scope)
    first_term = FirstTermForm(request.POST or None)
    is_whole = request.method == "POST" and form.is_valid() and first_term.is_valid()
    if is_whole and _saved(request, form, first_term):
        messages.success(request, f"{form.instance.name} was added.")
        return redirect("contract", form.instance.pk)
    return _form_page(
        request, form, title="Add a contract", verb="Add the contract", first_term=first_term
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def edit_contract(request: ScopedRequest, pk: int) -> HttpResponse:
    contract = contract_to_change(request, pk)
    form = ContractForm(request.POST or None, instance=contract, scope=request.scope.whole)
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        messages.success(request, f"{contract.name} was changed.")
        return redirect("contract", contract.pk)
    return _form_page(
        request, form, title="Change the contract", verb="Save the changes", contract=contract
    )


def _saved(
    request: ScopedRequest, form: ContractForm, first_term: FirstTermForm | None = None
) -> bool:
    """Whether the contract was saved; where it was not, the form says why."""
    begun = first_term if first_term and first_term.has_changed() else None
    try:
        save_contract(
            form.save(commit=False),
            by=request.user,
            reason=form.cleaned_data["reason"],
            first_term=begun.save(commit=False) if begun else None,
        )
    except ContractRefused as refused:
        form.add_error(refused.field, str(refused))
        return False
    return True


def _form_page(
    request: HttpRequest, form: ContractForm, *, first_term: Any = None, **context: Any
) -> HttpResponse:
    # What was typed is shown again with what is wrong about it: the request failed, not the server.
    has_errors = form.errors or (first_term is not None and first_term.errors)
    return render(
        request,
        "contracts/form.html",
        {"form": form, "first_term": first_term, **context},
        status=422 if has_errors else 200,
    )


def _story(request: ScopedRequest, contract: Contract) -> ShownStory:
    of_contract = {"contract_id": contract.pk}
    reminders = Reminder.history.filter(**of_contract)
    members = RemindedMember.history.filter(reminder_id__in=reminders.values("id"))
    histories = {
        "the contract": contract.history.all(),
        "a term": ContractTerm.history.filter(**of_contract),
        "a document": ContractDocument.history.filter(**of_contract),
        "the reminders": reminders,
        "somebody to remind": members,
    }
    named = [
        getattr(contract, field.name)
        for field in Contract._meta.concrete_fields
        if isinstance(field, ForeignKey)
    ]
    return shown_story(
        request,
        histories,
        untold=["contract", "reminder", "content_type"],
        known=[*named, request.user],
    )
