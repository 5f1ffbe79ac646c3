"""Pages of contracts: the list, one contract, and its forms."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from common.shown import count_of, ends_in
from common.stories import ShownStory, shown_story
from contracts.forms import ContractForm, TermForm
from contracts.models import Contract, ContractTerm
from contracts.services import save_contract, save_term
from contracts.views.lists import ContractList, shown_status
from entitlements.models import Kind
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
    contract = _contract(request, pk)
    return render(
        request,
        "contracts/contract.html",
        {
            "contract": contract,
            "status": shown_status(contract, today),
            "ends": _ends(contract, today),
            "terms": [_shown_term(term, today) for term in contract.terms.order_by("-starts_on")],
            "parts": contract.children.order_by("number"),
            "licenses": contract_entitlements(request, contract, Kind.LICENSE),
            "maintenance": contract_entitlements(request, contract, Kind.MAINTENANCE),
            "story": _story(request, contract),
            "may_change": request.scope.may(Capability.MANAGE, contract.company_id),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add_contract(request: ScopedRequest) -> HttpResponse:
    form = ContractForm(request.POST or None, scope=request.scope)
    if request.method == "POST" and form.is_valid():
        contract = save_contract(
            form.save(commit=False), by=request.user, reason=form.cleaned_data["reason"]
        )
        messages.success(request, f"{contract.name} was added.")
        return redirect("contract", contract.pk)
    return _form_page(request, form, title="Add a contract", verb="Add the contract")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def edit_contract(request: ScopedRequest, pk: int) -> HttpResponse:
    contract = _contract(request, pk)
    request.scope.demand(Capability.MANAGE, contract.company_id)
    form = ContractForm(request.POST or None, instance=contract, scope=request.scope.whole)
    if request.method == "POST" and form.is_valid():
        save_contract(form.save(commit=False), by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"{contract.name} was changed.")
        return redirect("contract", contract.pk)
    return _form_page(
        request, form, title="Change the contract", verb="Save the changes", contract=contract
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add_term(request: ScopedRequest, pk: int) -> HttpResponse:
    contract = _contract(request, pk)
    request.scope.demand(Capability.MANAGE, contract.company_id)
    form = TermForm(request.POST or None, instance=ContractTerm(contract=contract))
    if request.method == "POST" and form.is_valid():
        save_term(form.save(commit=False), by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "The term was added.")
        return redirect("contract", contract.pk)
    return _form_page(request, form, title="Add a term", verb="Add the term", contract=contract)


def _contract(request: ScopedRequest, pk: int) -> Contract:
    visible = Contract.objects.visible_to(request.scope.whole).with_dates()
    related = visible.select_related(
        "company", "vendor", "reseller", "type", "parent", "business_owner"
    )
    return get_object_or_404(related, pk=pk)


def _form_page(
    request: HttpRequest, form: Any, *, title: str, verb: str, contract: Contract | None = None
) -> HttpResponse:
    # What was typed is shown again with what is wrong about it: the request failed, not the server.
    return render(
        request,
        "contracts/form.html",
        {"form": form, "title": title, "verb": verb, "contract": contract},
        status=422 if form.errors else 200,
    )


def _ends(contract: Any, today: date) -> Any:
    return None if contract.starts_on is None else ends_in(contract.ends_on, today)


def _shown_term(term: ContractTerm, today: date) -> dict[str, Any]:
    days = None if term.ends_on is None else (term.ends_on - term.starts_on).days + 1
    return {
        "term": term,
        "is_past": term.ends_on is not None and term.ends_on < today,
        "length": "" if days is None else count_of(days, "day"),
    }


def _story(request: HttpRequest, contract: Contract) -> ShownStory:
    terms = ContractTerm.history.filter(contract_id=contract.pk)
    histories = {"the contract": contract.history.all(), "a term": terms}
    return shown_story(request, histories, untold=["contract"])
