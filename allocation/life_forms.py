"""What is asked for of the life of an entitlement: events, a day, two days."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from allocation.life import Asked, Life
from common.forms import day_field, day_field_or_none

A_MONTH = timedelta(days=30)


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


class AsOfForm(forms.Form):
    """The day as of whose end a record is looked at."""

    day = day_field("Day")

    def __init__(self, asked: Any, *, today: date) -> None:
        super().__init__(asked or {"day": today}, auto_id="as-of-%s")
        self._today = today

    def clean_day(self) -> date:
        return _demand_past(self.cleaned_data["day"], self._today)


class CompareForm(forms.Form):
    """The two days as of whose ends a record is compared."""

    def __init__(self, asked: Any, *, today: date) -> None:
        super().__init__(asked or {"from": today - A_MONTH, "to": today}, auto_id="compare-%s")
        self._today = today
        # Not declared: the name of the first is a word of the language.
        self.fields = {"from": day_field("From"), "to": day_field("To")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("from", "to"):
            if name in cleaned:
                try:
                    _demand_past(cleaned[name], self._today)
                except forms.ValidationError as refused:
                    self.add_error(name, refused)
        first, last = cleaned.get("from"), cleaned.get("to")
        if first is not None and last is not None and last < first:
            self.add_error("to", f"{last} is before {first}. Give the later day here.")
        return cleaned


def _demand_past(day: date, today: date) -> date:
    if day > today:
        raise forms.ValidationError(
            f"{day} is still to come: nobody knows yet what will be known then."
            f" Give {today} or a day before."
        )
    return day
