"""The filters of the time line of an entitlement."""

from collections.abc import Sequence
from typing import Any

from django import forms

from allocation.life import Asked, Life
from common.forms import day_field_or_none


class LifeFilters(forms.Form):
    """What of a life is asked for. Its choices are those that the life itself knows."""

    kind = forms.ChoiceField(label="Kind", required=False)
    field = forms.ChoiceField(label="Field", required=False)
    person = forms.ChoiceField(label="By", required=False)
    from_on = day_field_or_none("From")
    until_on = day_field_or_none("Until")

    def __init__(self, asked: Any, *, life: Life) -> None:
        super().__init__(asked, auto_id="life-%s")
        self._offer("kind", "Everything", life.kinds)
        self._offer("field", "Any field", life.fields)
        self._offer("person", "Anybody", life.people)

    def _offer(self, name: str, nothing: str, choices: Sequence[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = [("", nothing), *choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("from_on"), cleaned.get("until_on")
        if first is not None and last is not None and last < first:
            self.add_error("until_on", f"{last} is before {first}. Give the later day here.")
        return cleaned

    @property
    def asked(self) -> Asked:
        """What is asked for, as far as it is understood."""
        return Asked(**{name: value for name, value in self.cleaned_data.items() if value})
