"""The forms for a view that a person keeps of a list."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from common.lists import PASSING
from common.models import SavedView

LONGEST_QUERY = 4_000


class BackForm(forms.Form):
    """Nothing to fill in: whoever sends it goes back to where they were."""

    back = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST_QUERY)


class SavedViewForm(BackForm, forms.ModelForm):
    """The name of a view, and whether the list begins with it."""

    class Meta:
        model = SavedView
        fields = ("label", "is_default")
        widgets = {"label": forms.TextInput(attrs={"autofocus": True})}


class NewViewForm(SavedViewForm):
    """A view of what is shown: a new one, or in place of one that the person keeps."""

    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST_QUERY)
    replaces = forms.ModelChoiceField(
        label="In place of",
        queryset=SavedView.objects.none(),
        required=False,
        empty_label="None: it is a new view",
        help_text="A view whose place it takes keeps its name, unless you write another.",
    )
    field_order = ("label", "replaces", "is_default")

    def __init__(self, *args: Any, kept: QuerySet[SavedView], **kwargs: Any) -> None:
        """
        :param kept: the views that the person keeps of the list
        """
        super().__init__(*args, **kwargs)
        self.fields["label"].required = False
        replaces = self.fields["replaces"]
        assert isinstance(replaces, forms.ModelChoiceField)
        replaces.queryset = kept
        if not kept.exists():
            del self.fields["replaces"]

    def clean_query(self) -> str:
        """What is asked for, without which page of it was shown."""
        query = QueryDict(self.cleaned_data["query"], mutable=True)
        for name in PASSING:
            query.pop(name, None)
        if not query:
            raise forms.ValidationError("Filter, search or sort the list first; then keep that.")
        return query.urlencode(safe=",")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("label") and not cleaned.get("replaces"):
            self.add_error("label", "Give the view a name, as “Adobe, ending this year”.")
        return cleaned

    def as_view(self) -> SavedView:
        """The view to keep."""
        cleaned = self.cleaned_data
        view: SavedView = cleaned.get("replaces") or self.instance
        if view is not self.instance:
            view.label = cleaned["label"] or view.label
            view.is_default = cleaned["is_default"] or view.is_default
        view.query = cleaned["query"]
        return view
