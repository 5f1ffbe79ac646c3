"""
Choosing one record of many by typing: for tables that are too long for a select.

The field is a combobox where there is script. Without it a person writes what they mean, and is
asked which one where several are called so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.urls import reverse, reverse_lazy

from accounts.models import Company, CostCentre, Department, Location, Person
from accounts.scope import Scope
from common.searching import holding

MOST_OFFERED = 20


@dataclass(frozen=True, kw_only=True)
class Source:
    """
    Records that can be chosen.

    :param name: its name in addresses
    :param noun: what one of them is: "vendor"
    :param records: all that a person may be offered, in the order in which they are
    :param search: paths of the text fields that are looked into
    :param narrowing: by parameter of an address, the path that it narrows
    :param describe: says more of a record, so that namesakes can be told apart
    :param address: where they are offered; empty: where all sources are, by their name
    """

    name: str
    noun: str
    records: Callable[[Scope], QuerySet[Any]]
    search: Sequence[str]
    narrowing: Mapping[str, str] = field(default_factory=dict)
    describe: Callable[[Any], str] = lambda record: ""
    address: str = ""

    def matching(self, records: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Those of some records that hold each word of a text."""
        for word in text.replace("\x00", "").split():
            records = records.filter(holding(records.model, word, self.search, {}))
        return records


@dataclass(frozen=True)
class Typed:
    """What came of a field: the key of the record that was picked, and what stands in the box."""

    key: str
    text: str | None  # None: no box was sent, only a key

    def __str__(self) -> str:
        return self.key if self.text is None else self.text


class ChosenWidget(forms.Widget):
    """A box to type in, with what fits beneath it."""

    template_name = "accounts/chosen.html"
    # Set by the field: ModelChoiceField gives its choices to its widget.
    choices: Any = ()

    def __init__(self, source: Source, narrowed_by: Mapping[str, str]) -> None:
        super().__init__()
        self.source = source
        self.narrowed_by = narrowed_by
        self.candidates: list[tuple[Any, str]] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> "ChosenWidget":
        copied = super().__deepcopy__(memo)
        copied.candidates = []
        return copied

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Typed:
        return Typed(str(data.get(name) or ""), data.get(f"{name}_text"))

    def parameters_of(self, name: str) -> list[str]:
        """What a form sends of it: the key of what was picked, and what stands in the box."""
        return [name, f"{name}_text"]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_text" not in data

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return id_

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, None, attrs)
        typed = value if isinstance(value, Typed) else Typed(str(value or ""), None)
        context["widget"] |= {
            "key": typed.key,
            "text": self._label_of(typed.key) if typed.text is None else typed.text,
            "candidates": self.candidates,
            "noun": self.source.noun,
            "address": self.source.address or reverse_lazy("choose", args=[self.source.name]),
            "narrowed_by": " ".join(f"{key}={path}" for key, path in self.narrowed_by.items()),
        }
        return context

    def _label_of(self, key: str) -> str:
        records = self.choices.queryset
        record = records.filter(pk=key).first() if key.isdecimal() else None
        return self.choices.field.label_from_instance(record) if record else ""


class ChosenField(forms.ModelChoiceField):
    """
    One record of a source. Its form says which by ``queryset``, as of every model choice: none
    until it does.

    :param narrowed_by: by parameter of the source's narrowing, the field of the form that says it
    """

    widget: ChosenWidget

    def __init__(
        self, *, source: Source, narrowed_by: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        self.source = source
        options.setdefault("queryset", Company.objects.none())
        super().__init__(widget=ChosenWidget(source, narrowed_by or {}), **options)

    def offer_within(self, company_id: int) -> None:
        """Offer what is of a company, in a form that does not ask for one."""
        address = reverse("choose", args=[self.source.name])
        self.widget.source = replace(self.source, address=f"{address}?company={company_id}")

    def has_changed(self, initial: Any, data: Any) -> bool:
        if isinstance(data, Typed):
            data = data.key if data.text is None or data.key else data.text
        return super().has_changed(initial, data)

    def clean(self, value: Any) -> Any:
        return super().clean(self._picked(value) if isinstance(value, Typed) else value)

    def _picked(self, typed: Typed) -> Any:
        text = None if typed.text is None else typed.text.strip()
        if text is None:
            return typed.key
        if not text:
            return ""
        if typed.key and self._label_of(typed.key) == text:
            return typed.key
        return self._found(text).pk

    def _label_of(self, key: str) -> str:
        record = self._records.filter(pk=key).first() if key.isdecimal() else None
        return self.label_from_instance(record) if record else ""

    @property
    def _records(self) -> QuerySet[Any]:
        assert self.queryset is not None
        return self.queryset

    def _found(self, text: str) -> Model:
        """The one record that a text means."""
        found = list(self.source.matching(self._records, text)[: MOST_OFFERED + 1])
        named = [r for r in found if self.label_from_instance(r).casefold() == text.casefold()]
        if len(named) == 1:
            return named[0]
        if not found:
            raise forms.ValidationError(
                f"No {self.source.noun} is called “{text}”. Write a part of its name."
            )
        if len(found) > 1:
            self.widget.candidates = [(r.pk, self.label_from_instance(r)) for r in found]
            raise forms.ValidationError(f"Several are called so. Which {self.source.noun}?")
        return found[0]


PEOPLE = Source(
    name="people",
    noun="person",
    records=lambda scope: Person.objects.visible_to(scope).filter(inactive_on=None),
    search=("name", "email"),
    narrowing={"company": "company"},
    describe=lambda person: person.email,
)
DEPARTMENTS = Source(
    name="departments",
    noun="department",
    records=lambda scope: Department.objects.visible_to(scope),
    search=("name",),
    narrowing={"company": "company"},
)
LOCATIONS = Source(
    name="locations",
    noun="location",
    records=lambda scope: Location.objects.visible_to(scope),
    search=("name", "country"),
    narrowing={"company": "company"},
)
COST_CENTRES = Source(
    name="cost-centres",
    noun="cost centre",
    records=lambda scope: CostCentre.objects.visible_to(scope),
    search=("name",),
    narrowing={"company": "company"},
)
