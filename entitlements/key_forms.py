"""Forms for license keys."""

from typing import Any

from django import forms


class AddKeysForm(forms.Form):
    """License keys to add, one a line."""

    keys = forms.CharField(
        label="License keys",
        # As typed: a browser that offers it again would have kept it.
        widget=forms.Textarea(
            attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false", "class": "mono"}
        ),
        help_text="One a line. They are encrypted before they are kept.",
        error_messages={"required": "Paste at least one license key."},
    )
    label = forms.CharField(
        label="Called",
        required=False,
        max_length=180,
        help_text="Not secret: everybody who may read the license sees it. Several are numbered.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        label = cleaned.get("label", "").strip()
        lines = {line.strip() for line in cleaned.get("keys", "").splitlines()}
        if label and label in lines:
            self.add_error("label", "This is one of the keys. A label is not secret: call it else.")
        return cleaned


class KeyLabelForm(forms.Form):
    """What people call a key."""

    label = forms.CharField(
        label="Called",
        max_length=200,
        help_text="Not secret: everybody who may read the license sees it.",
    )


class ShowKeyForm(forms.Form):
    """Nothing is asked: that it is posted says that the person wants to see the key."""
