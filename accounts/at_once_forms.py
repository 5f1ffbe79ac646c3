"""The form for a change of many records at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.db.models import Model

from accounts.choosing import ChosenField
from accounts.scope import Scope
from common.forms import reason_field
from common.tag_fields import TagsField, tags_in_use
from common.tags import change_tags, refuse_number


class AtOnceForm(forms.Form):
    """
    What many records are to have in common. What is left empty stays as it is with each.

    A subclass adds the fields, called as those of the records; and says in ``emptied_as`` which of
    them can be emptied, and what they have then.
    """

    emptied_as: ClassVar[Mapping[str, Any]]

    emptied = forms.MultipleChoiceField(
        label="Empty on all of them", required=False, widget=forms.CheckboxSelectMultiple
    )
    company = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = reason_field("Kept in the history of each of them, beside your name.")

    def __init__(self, *args: Any, scope: Scope, companies: Collection[int], **kwargs: Any) -> None:
        """
        :param companies: whose records are to be changed, and belong to what can be chosen
        """
        super().__init__(*args, **kwargs)
        if len(companies) == 1:  # narrows what is offered while somebody types
            self.initial["company"] = next(iter(companies))
        for field in self.fields.values():
            if isinstance(field, ChosenField):
                field.queryset = _offered(field, scope, companies)
        emptied = self.fields["emptied"]
        assert isinstance(emptied, forms.MultipleChoiceField)
        emptied.choices = [(name, self._label(name)) for name in self.emptied_as]
        # Whatever the fields of a subclass are, how it ends comes last.
        self.order_fields([n for n in self.fields if n not in ("emptied", "reason")])

    def _label(self, name: str) -> str:
        return str(self[name].label)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in cleaned.get("emptied", ()):
            if cleaned.get(name):
                self.add_error(name, "Either give it a value or empty it, not both.")
        if not self.errors and not self.wanted:
            self.add_error(None, "Say what is to be changed: choose a value, or empty a field.")
        return cleaned

    @property
    def wanted(self) -> dict[str, Any]:
        """By the name of a field the value that all are to have."""
        given = {
            n: value for n, value in self.cleaned_data.items() if value and n not in OWN_FIELDS
        }
        emptied = {name: self.emptied_as[name] for name in self.cleaned_data.get("emptied", ())}
        return given | emptied


@dataclass(frozen=True)
class TagChange:
    """Tags that each record gets, and others that none keeps (``common.at_once.OfItsOwn``)."""

    add: Sequence[str]
    remove: Sequence[str]

    def follow(self, before: list[str]) -> list[str]:
        return change_tags(before, add=self.add, remove=self.remove)

    def refuse(self, before: list[str]) -> str:
        return refuse_number(self.follow(before))


class TaggedAtOnceForm(AtOnceForm):
    """The same of records with tags."""

    tagged: ClassVar[type[Model]]

    add_tags = TagsField()
    remove_tags = TagsField()

    def __init__(self, *args: Any, companies: Collection[int], **kwargs: Any) -> None:
        super().__init__(*args, companies=companies, **kwargs)
        in_use = tags_in_use(self.tagged, companies)
        for name in TAG_FIELDS:
            field = self.fields[name]
            assert isinstance(field, TagsField)
            field.offer(in_use)
        others = [name for name in self.fields if name not in (*TAG_FIELDS, "emptied", "reason")]
        self.order_fields([*others, *TAG_FIELDS])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        added = {tag.casefold() for tag in cleaned.get("add_tags", ())}
        both = [tag for tag in cleaned.get("remove_tags", ()) if tag.casefold() in added]
        if both:
            self.add_error("remove_tags", f"“{both[0]}” cannot be added and removed at once.")
        return cleaned

    @property
    def wanted(self) -> dict[str, Any]:
        wanted = super().wanted
        add, remove = (wanted.pop(name, []) for name in TAG_FIELDS)
        return wanted | ({"tags": TagChange(add, remove)} if add or remove else {})


TAG_FIELDS = ("add_tags", "remove_tags")
OWN_FIELDS = frozenset(AtOnceForm.base_fields)


def _offered(field: ChosenField, scope: Scope, companies: Collection[int]) -> Any:
    records = field.source.records(scope.whole)
    of_company = any(each.name == "company" for each in records.model._meta.fields)
    return records.filter(company__in=companies) if of_company else records
