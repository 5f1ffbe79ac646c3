"""Forms as pages of this application use them."""

from typing import Any

from django import forms

from common.currencies import CURRENCIES
from common.filters import DayInput


def day_field(label: str, help_text: str = "") -> forms.DateField:
    """A day that has to be given, in the browser's own date control."""
    return forms.DateField(
        label=label,
        widget=DayInput,
        input_formats=["%Y-%m-%d"],
        error_messages={"required": "Choose a day.", "invalid": "Write a day as 2026-12-31."},
        help_text=help_text,
    )


def day_field_or_none(label: str, help_text: str = "") -> forms.DateField:
    """The same, where it may be left open."""
    field = day_field(label, help_text)
    field.required = False
    return field


def clean_currency(written: str) -> str:
    """
    A currency as it is kept, in capital letters; what was typed in small ones is meant so.

    :raises ValidationError: where there is no such currency
    """
    currency = written.strip().upper()
    if currency and currency not in CURRENCIES:
        raise forms.ValidationError(f"“{currency}” is no currency code. Write EUR or USD.")
    return currency


def say_refused(form: forms.BaseForm, refused: Exception) -> None:
    """Say beside the field of which it speaks, if it is one of the form, why nothing was saved."""
    field = getattr(refused, "field", "")
    form.add_error(field if field in form.fields else None, str(refused))


def reason_field(help_text: str) -> forms.CharField:
    """Why something is done that others will ask about: it has to be given."""
    return forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=help_text,
        error_messages={"required": "Give a reason: others will want to know why."},
    )


def notes_field(help_text: str) -> forms.CharField:
    """What is to be known besides."""
    return forms.CharField(
        label="Notes",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=help_text,
    )


class ReasonForm(forms.Form):
    """Why something is undone."""

    reason = reason_field("Kept in the history beside your name.")


class RecordForm(forms.ModelForm):  # type: ignore[type-arg]
    """
    A form for a record, with the reason of the change.

    Its fields are laid out in the groups of ``groups``: a heading, and the names of its fields.
    """

    groups: dict[str, tuple[str, ...]] = {}

    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=500,
        help_text="Kept in the history beside your name. Why is this entered or changed?",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.DateField):
                field.widget = DayInput()
                field.input_formats = ["%Y-%m-%d"]
                field.error_messages["invalid"] = "Write a day as 2026-12-31."

    @property
    def laid_out(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The headings with their fields."""
        return [
            (heading, [self[name] for name in names if name in self.fields])
            for heading, names in self.groups.items()
        ]

    def clean_currency(self) -> str:
        """Currencies are written in capital letters; what was typed in small ones is meant so."""
        return clean_currency(self.cleaned_data["currency"])

    def check_money(self, name: str) -> None:
        """An amount says nothing without its currency, and what something costs is not below 0."""
        amount = self.cleaned_data.get(name)
        if amount is not None and self.cleaned_data.get("currency") == "":
            self.add_error("currency", "Say in which currency the amount is, as EUR or USD.")
        if amount is not None and amount < 0:
            self.add_error(name, f"{amount} is below 0. Write what it costs, or leave it empty.")
