"""The filters of a list as they stand in one request."""

from typing import TYPE_CHECKING, Any

from django.forms import BoundField, ModelChoiceField

from common.lists.declaring import Chip

if TYPE_CHECKING:
    from common.lists.asked_list import AskedList


def parameters_of(bound: BoundField) -> list[str]:
    """The parameters of an address that say a field: its name, and where it has a box its text."""
    of_widget = getattr(bound.field.widget, "parameters_of", None)
    return of_widget(bound.html_name) if of_widget else [bound.html_name]


class ShownChip:
    """A chip of a list as it stands in one request."""

    def __init__(self, records: "AskedList[Any]", chip: Chip) -> None:
        self._list = records
        self.label = chip.label
        self.is_quiet = chip.is_quiet
        self.fields: list[BoundField] = [records.form[name] for name in chip.fields]

    @property
    def is_active(self) -> bool:
        return any(self._list.parameters.getlist(name) not in ([], [""]) for name in self._names)

    @property
    def is_invalid(self) -> bool:
        return any(bound.errors for bound in self.fields)

    @property
    def text(self) -> str:
        """What it filters by, in words."""
        said = [self._said(bound) for bound in self.fields]
        return ", ".join(text for text in said if text)

    @property
    def remove_address(self) -> str:
        return self._list.address_without(*self._names)

    @property
    def _names(self) -> list[str]:
        return [name for bound in self.fields for name in parameters_of(bound)]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form above the list sends along while nothing but links sets the chip."""
        settled = self._list.settled
        return [(name, value) for name in self._names for value in settled.getlist(name)]

    def _said(self, bound: BoundField) -> str:
        typed = [value for value in self._list.settled.getlist(bound.html_name) if value]
        if not typed:
            return ""
        text = " or ".join(self._label_of(bound, value) for value in typed)
        return f"{bound.label} {text}" if len(self.fields) > 1 else text

    def _label_of(self, bound: BoundField, value: str) -> str:
        if isinstance(bound.field, ModelChoiceField):
            # Its choices may be a whole table; the one that was chosen has been read already.
            return str(bound.form.cleaned_data.get(bound.name) or value)
        choices = getattr(bound.field, "choices", ())
        return {str(key): str(label) for key, label in choices}.get(value, value)
