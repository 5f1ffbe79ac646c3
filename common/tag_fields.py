"""Tags in forms: a line to write them into, which offers those in use."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.db.models import CharField, F, Func, Model

from common.tags import TagsRefused, as_in_use, read_tags, write_tags

MOST_OFFERED = 500


def tags_in_use(model: type[Model], companies: Collection[int]) -> list[str]:
    """The tags that records of some companies have, by name."""
    tagged = model._default_manager.filter(company__in=companies).exclude(tags=[])
    each = Func(F("tags"), function="unnest", output_field=CharField())
    found = tagged.order_by().annotate(tag=each).values_list("tag", flat=True).distinct()
    return sorted(found, key=str.casefold)


class TagsInput(forms.TextInput):
    """A line of tags."""

    template_name = "common/tags_input.html"
    in_use: Sequence[str] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["in_use"] = self.in_use[:MOST_OFFERED]
        return context


class TagsField(forms.Field):
    """Tags in one line; its value is the list of them."""

    widget = TagsInput

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("help_text", "Separated by semicolons: at most 20.")
        super().__init__(**options)

    def offer(self, in_use: Sequence[str]) -> None:
        """Offer what is in use, and write what is typed as it is written there."""
        self.widget.in_use = in_use

    def prepare_value(self, value: Any) -> Any:
        return write_tags(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        if isinstance(value, list):
            return value
        try:
            return as_in_use(read_tags(str(value or "")), self.widget.in_use)
        except TagsRefused as refused:
            raise forms.ValidationError(str(refused)) from refused
