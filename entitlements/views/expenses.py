"""What was spent for an entitlement: a total for each currency, and its lines."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from common.shown import Money, day_text
from entitlements.activity_forms import AddExpenseForm, ChangeExpenseForm
from entitlements.models import ExpenseLine
from entitlements.rights_forms import DayAndReasonForm
from entitlements.services import add_expense, change_expense, take_back_expense
from entitlements.views.dialogs import back_to, dialog, did, entitlement_to_change


def parts_of_expenses(entitlement: Any) -> dict[str, Any]:
    """The section *Expense lines* of the page of an entitlement."""
    spent = entitlement.expense_lines.order_by("-spent_on", "-pk")
    lines = list(spent) if entitlement.sections.expenses else []
    # The purchase of what has a cost no more is no line that anybody has to see.
    shown = [line for line in lines if not (line.is_of_purchase and line.ended_on)]
    return {
        "expense_lines": shown,
        "expense_totals": totals_of(shown),
        "expenses_taken_back": any(line.ended_on for line in shown),
    }


def totals_of(lines: Iterable[ExpenseLine]) -> list[Money]:
    """What lines that count add up to: one amount a currency, for they are never added."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.ended_on is None:
            sums[line.currency] += line.amount
    return [Money(amount, currency) for currency, amount in sorted(sums.items())]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add(request: ScopedRequest, pk: int) -> HttpResponse:
    entitlement = entitlement_to_change(request, pk)
    form = AddExpenseForm(
        request.POST or None, entitlement=entitlement, initial={"spent_on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: add_expense(entitlement=entitlement, by=request.user, **asked)):
            return back_to(request, entitlement.pk, "The expense line was added.")
    return dialog(request, form, entitlement, title="Add an expense line", verb="Add the line")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def change(request: ScopedRequest, pk: int) -> HttpResponse:
    line = _line(request, pk)
    entitlement = entitlement_to_change(request, line.entitlement_id)
    form = ChangeExpenseForm(request.POST or None, line=line)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: change_expense(line=line, by=request.user, **asked)):
            return back_to(request, entitlement.pk, "The expense line was changed.")
    return dialog(request, form, entitlement, title="Change the expense line", verb="Save")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def take_back(request: ScopedRequest, pk: int) -> HttpResponse:
    line = _line(request, pk)
    entitlement = entitlement_to_change(request, line.entitlement_id)
    form = DayAndReasonForm(request.POST or None, day=timezone.localdate(), label="Taken back on")
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: take_back_expense(line=line, by=request.user, **asked)):
            return back_to(
                request, entitlement.pk, f"The line of {day_text(line.spent_on)} counts no more."
            )
    return dialog(
        request,
        form,
        entitlement,
        title="Take the expense line back",
        verb="Take it back",
        lead="It counts no more. It stays in the list, as taken back.",
        is_grave=True,
    )


def _line(request: ScopedRequest, pk: int) -> ExpenseLine:
    return get_object_or_404(ExpenseLine.objects.visible_to(request.scope.whole), pk=pk)
