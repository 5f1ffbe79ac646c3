"""Pages and dialogs of terms: entered, changed, renewed, and given notice of."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from common.dialogs import dialog_or_page, go_to
from common.forms import ReasonForm
from common.shown import day_text
from contracts.forms import NoticeForm, TermForm
from contracts.models import Contract, ContractTerm
from contracts.services import (
    NoticeRefused,
    TermRefused,
    give_notice,
    proposed_end,
    proposed_term,
    renew_contract,
    save_term,
    withdraw_notice,
)
from contracts.views.reading import contract_to_change


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add_term(request: ScopedRequest, pk: int) -> HttpResponse:
    """A term that stands for itself: the first one, or one of the past."""
    contract = contract_to_change(request, pk)
    form = TermForm(request.POST or None, instance=ContractTerm(contract=contract))
    if request.method == "POST" and form.is_valid() and _saved(request, form, save_term):
        messages.success(request, "The term was added.")
        return _back_to(request, contract)
    return _term_dialog(request, contract, form, title="Add a term", verb="Add the term")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def edit_term(request: ScopedRequest, pk: int) -> HttpResponse:
    visible = ContractTerm.objects.visible_to(request.scope.whole).select_related("contract")
    term = get_object_or_404(visible, pk=pk)
    request.scope.demand(Capability.MANAGE, term.company_id)
    form = TermForm(request.POST or None, instance=term)
    if request.method == "POST" and form.is_valid() and _saved(request, form, save_term):
        messages.success(request, "The term was changed.")
        return _back_to(request, term.contract)
    return _term_dialog(
        request, term.contract, form, title="Change the term", verb="Save the changes"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def renew(request: ScopedRequest, pk: int) -> HttpResponse:
    """The next term, as the last one proposes it; the last one stays."""
    contract = contract_to_change(request, pk)
    proposed = proposed_term(contract)
    if proposed is None:
        raise Http404("There is no end after which a term could follow.")
    form = TermForm(request.POST or None, instance=proposed)
    if request.method == "POST" and form.is_valid() and _saved(request, form, renew_contract):
        until = proposed.ends_on
        end = f"until {day_text(until)}" if until else "without an end"
        messages.success(request, f"{contract.name} was renewed {end}.")
        return _back_to(request, contract)
    return _term_dialog(
        request, contract, form, title=f"Renew {contract.name}", verb="Renew", is_renewal=True
    )


def _saved(request: ScopedRequest, form: TermForm, save: Any) -> bool:
    """Whether the term was saved; where it was not, the form says why."""
    reason = form.cleaned_data["reason"]
    try:
        save(form.save(commit=False), by=request.user, reason=reason)
    except TermRefused as refused:
        form.add_error(refused.field or None, str(refused))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def notice(request: ScopedRequest, pk: int) -> HttpResponse:
    """Record that notice was given; the end is the one that the terms say, and can be another."""
    contract = contract_to_change(request, pk)
    today = timezone.localdate()
    form = NoticeForm(request.POST or None, today=today, ends_on=proposed_end(contract, today))
    if request.method == "POST" and form.is_valid() and _noticed(request, contract, form):
        return _back_to(request, contract)
    last = contract.terms.order_by("starts_on").last()
    return _dialog(request, "contracts/notice.html", contract, form, last=last)


def _noticed(request: ScopedRequest, contract: Contract, form: NoticeForm) -> bool:
    try:
        last = give_notice(contract=contract, by=request.user, **form.cleaned_data)
    except NoticeRefused as refused:
        form.add_error(refused.field or None, str(refused))
        return False
    assert last.ends_on is not None
    messages.success(request, f"{contract.name} ends on {day_text(last.ends_on)}.")
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def withdraw(request: ScopedRequest, pk: int) -> HttpResponse:
    """Record that the contract goes on after all."""
    contract = contract_to_change(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _withdrawn(request, contract, form):
        return _back_to(request, contract)
    return _dialog(request, "contracts/withdraw.html", contract, form)


def _withdrawn(request: ScopedRequest, contract: Contract, form: ReasonForm) -> bool:
    try:
        withdraw_notice(contract=contract, by=request.user, reason=form.cleaned_data["reason"])
    except NoticeRefused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, f"{contract.name} goes on: the notice was withdrawn.")
    return True


def _term_dialog(
    request: ScopedRequest, contract: Contract, form: TermForm, **words: Any
) -> HttpResponse:
    return _dialog(request, "contracts/term.html", contract, form, **words)


def _dialog(
    request: ScopedRequest, template: str, contract: Contract, form: Any, **context: Any
) -> HttpResponse:
    back = reverse("contract", args=[contract.pk])
    return dialog_or_page(request, template, form, contract=contract, back=back, **context)


def _back_to(request: ScopedRequest, contract: Contract) -> HttpResponse:
    return go_to(request, reverse("contract", args=[contract.pk]))
