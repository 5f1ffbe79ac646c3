"""Forms for what is written beside the rights of an entitlement: expenses and work notes."""

from typing import Any

from django import forms

from common.forms import clean_currency, day_field, reason_field
from entitlements.models import Entitlement, ExpenseKind, ExpenseLine


class ExpenseForm(forms.Form):
    """Money that was spent for an entitlement."""

    kind = forms.ChoiceField(label="Kind", choices=ExpenseKind.choices)
    spent_on = day_field("Spent on")
    amount = forms.DecimalField(
        label="Amount",
        max_digits=28,
        decimal_places=4,
        help_text="Below 0: it came back.",
        error_messages={"required": "Give an amount."},
    )
    currency = forms.CharField(
        label="Currency",
        max_length=3,
        error_messages={"required": "Say in which currency the amount is, as EUR or USD."},
    )
    notes = forms.CharField(label="Notes", max_length=500, required=False)

    def clean_currency(self) -> str:
        return clean_currency(self.cleaned_data["currency"])


class AddExpenseForm(ExpenseForm):
    def __init__(self, *args: Any, entitlement: Entitlement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("currency", entitlement.currency)
        self.initial.setdefault("kind", ExpenseKind.OTHER)


class ChangeExpenseForm(ExpenseForm):
    reason = reason_field("Kept in the history beside your name.")

    def __init__(self, *args: Any, line: ExpenseLine, **kwargs: Any) -> None:
        names = ("kind", "spent_on", "amount", "currency", "notes")
        super().__init__(*args, **kwargs)
        self.initial = {name: getattr(line, name) for name in names}


class NoteForm(forms.Form):
    """What is to be known of an entitlement."""

    text = forms.CharField(
        label="Note",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="It is kept with your name and this moment, and cannot be edited.",
        error_messages={"required": "Write what is to be known."},
    )
