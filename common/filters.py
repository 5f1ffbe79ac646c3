"""Filters as lists use them, with the controls that fit their chips."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django_filters import ChoiceFilter, DateFilter, Filter, MultipleChoiceFilter

from common.tag_fields import TagsField, tags_in_use
from common.tags import spellings

# How far ahead pages look for what ends.
ENDING_WITHIN = (30, 60, 90)


def ends_within(days: int, today: date) -> Q:
    """What has not ended yet, and does within some days."""
    return Q(ends_on__gte=today, ends_on__lte=today + timedelta(days=days))


class DayInput(forms.DateInput):
    """A day, in the browser's own date control."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayFilter(DateFilter):
    """A day from which, or until which, to look."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", DayInput)
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        kwargs.setdefault("error_messages", {"invalid": "Write a day as 2026-12-31."})
        super().__init__(*args, **kwargs)


class AnyOfFilter(MultipleChoiceFilter):
    """Any of several choices, each with a box to tick."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        kwargs.setdefault("error_messages", {"invalid_choice": "Tick some of those offered."})
        # A row is asked about what it has once. To compare whole rows would sort them all.
        kwargs.setdefault("distinct", False)
        super().__init__(*args, **kwargs)


class TagFilter(Filter):
    """What has all of some tags, whatever their capitals."""

    field_class = TagsField

    def filter(self, qs: Any, value: list[str]) -> Any:
        if not value:
            return qs
        companies = self.parent.request.scope.companies()
        in_use = tags_in_use(qs.model, companies)
        for tag in value:
            qs = qs.filter(tags__overlap=spellings(tag, in_use))
        return qs


class EndsWithinFilter(ChoiceFilter):
    """What ends within the next 30, 60 or 90 days."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["choices"] = [(str(days), f"within {days} days") for days in ENDING_WITHIN]
        super().__init__(*args, **kwargs)

    def filter(self, qs: Any, value: str) -> Any:
        return qs.filter(ends_within(int(value), timezone.localdate())) if value else qs
