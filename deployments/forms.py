"""Forms of inventories and of the rules of discovery."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet, TextChoices

from accounts.choosing import ChosenField
from accounts.models import Company
from common.forms import RecordForm, day_field
from contracts.choosing import MODELS
from contracts.discovery import PATTERNS
from contracts.models import DiscoveryMap, SoftwareModel
from contracts.services.catalogue import NewModel
from deployments.formats import FIELDS, FORMATS
from deployments.inventory.choices import Choices, refuse_day
from deployments.services import rule_alike

ENCODINGS = [
    ("", "UTF-8, or what the file itself says"),
    ("cp1252", "Windows-1252 (Western European, Latin-1)"),
    ("iso8859-2", "ISO 8859-2 (Central European, Latin-2)"),
    ("utf-16", "UTF-16"),
]
DAY_ORDERS = [("dmy", "Day first: 31/01/2026"), ("mdy", "Month first: 01/31/2026")]
SEPARATORS = [("comma", "Comma"), ("semicolon", "Semicolon"), ("tab", "Tab")]


class UploadForm(forms.Form):
    """A file of an inventory for a company."""

    company = forms.ModelChoiceField(
        queryset=Company.objects.none(), help_text="All it tells goes into this company."
    )
    file = forms.FileField(
        help_text="As your tool exports it, or a ZIP of such files. What it is, it tells itself."
    )
    source = forms.CharField(
        max_length=40,
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off"}),
        help_text="A name for the tool or collection it comes from, always the same: “Intune”,"
        " “GLPI Madrid”.",
    )
    day = day_field("Found on", "The day on which the file was made.")
    format = forms.ChoiceField(
        choices=[("", "Told by the file"), *((key, f.label) for key, f in FORMATS.items())],
        required=False,
    )
    is_full = forms.BooleanField(
        label="It holds everything of its source",
        required=False,
        help_text="What was found by the same source before and is not in it, is gone from that"
        " day on. Leave it empty for a part: a part ends nothing.",
    )
    adds_people = forms.BooleanField(
        label="Add people who are not known yet",
        required=False,
        initial=True,
        help_text="Those with an e-mail address. Others are left out, and listed.",
    )

    def __init__(
        self, *args: Any, companies: QuerySet[Company], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        company = self.fields["company"]
        assert isinstance(company, forms.ModelChoiceField)
        company.queryset = companies
        if len(companies) == 1:
            self.initial.setdefault("company", companies[0].pk)
        self.initial.setdefault("day", today)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.LCM_INVENTORY_MOST_FILE_MB << 20:
            raise forms.ValidationError(
                f"The file has more than {settings.LCM_INVENTORY_MOST_FILE_MB} MB. Split it."
            )
        return file

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if problem := refuse_day(day, today=self._today):
            raise forms.ValidationError(problem)
        return day


class AnswerForm(forms.Form):
    """
    What the program that reads a file has to be told.

    :param asked: the question: ``needs``, and ``headers``, ``samples`` and ``columns`` of a table
    """

    def __init__(
        self, posted: Mapping[str, Any] | None, *, asked: Mapping[str, Any], choices: Choices
    ) -> None:
        super().__init__(posted)
        self._asked = asked
        self._choices = choices
        needs = asked["needs"]
        if "columns" in needs:
            self._ask_for_columns()
        if "device" in needs:
            self.fields["device"] = forms.CharField(
                label="Device", max_length=200, required=False, initial=choices.device
            )
            self.fields["device_is_file_name"] = forms.BooleanField(
                label="Each file is named after its device", required=False
            )
        for name, label, offered in (
            ("day_order", "Order of day and month", DAY_ORDERS),
            ("encoding", "Encoding", ENCODINGS),
            ("separator", "Columns are separated by", SEPARATORS),
        ):
            if name in needs:
                self.fields[name] = forms.ChoiceField(label=label, choices=offered)

    def _ask_for_columns(self) -> None:
        offered = [("", "Not read"), *FIELDS.items()]
        proposed = self._asked["columns"]
        for place, header in enumerate(self._asked["headers"]):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=header, choices=offered, required=False, initial=proposed.get(header, "")
            )

    @property
    def columns(self) -> list[tuple[str, str, forms.BoundField]]:
        """Each header with its first values and what it may hold."""
        return [
            (header, self._sample(place), self[f"column-{place}"])
            for place, header in enumerate(self._asked["headers"])
            if f"column-{place}" in self.fields
        ]

    def _sample(self, place: int) -> str:
        rows = self._asked["samples"]
        return ", ".join(row[place] for row in rows if place < len(row) and row[place])

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("column-")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "device" in self.fields and not (
            cleaned.get("device") or cleaned.get("device_is_file_name")
        ):
            self.add_error("device", "Say which device the file is of.")
        read = [value for name, value in cleaned.items() if name.startswith("column-") and value]
        for field in sorted({field for field in read if read.count(field) > 1}):
            self.add_error(None, f"Two columns are read as “{FIELDS[field]}”. Choose one of them.")
        return cleaned

    @property
    def answered_columns(self) -> dict[str, str]:
        """What a person said of the columns, by their headers."""
        return {
            header: self.cleaned_data[field.name]
            for header, _, field in self.columns
            if self.cleaned_data[field.name]
        }

    @property
    def answered(self) -> Choices:
        """The choices with what was answered, of a valid form."""
        said = {
            name: value
            for name, value in self.cleaned_data.items()
            if not name.startswith("column-")
        }
        if "columns" in self._asked["needs"]:
            said["columns"] = self.answered_columns
        return replace(self._choices, **said)


class What(TextChoices):
    """What titles are that a rule fits."""

    MODEL = "model", "A software model that is known"
    NEW = "new", "A new software model"
    NOTHING = "nothing", "Nothing to be counted"


class RuleForm(RecordForm):
    """A rule of discovery, and what the titles are that it fits."""

    groups = {
        "Titles that are found as": PATTERNS,
        "What they are": ("what", "model"),
        "A new software model": ("vendor", "product", "model_version", "model_edition"),
    }

    what = forms.ChoiceField(
        label="They are", choices=What.choices, initial=What.MODEL, widget=forms.RadioSelect
    )
    model = ChosenField(source=MODELS, label="Software model", required=False)
    vendor = forms.CharField(
        label="Vendor",
        max_length=200,
        required=False,
        help_text="Added where it is not known, as its product is.",
    )
    product = forms.CharField(label="Product", max_length=200, required=False)
    model_version = forms.CharField(
        label="Version",
        max_length=100,
        required=False,
        help_text="Empty: any version.",
    )
    model_edition = forms.CharField(label="Edition", max_length=100, required=False)

    class Meta:
        model = DiscoveryMap
        fields = PATTERNS
        help_texts = {
            "name": "* stands for any text, as in “Visio * 2024”. An empty field fits anything."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        model = self.fields["model"]
        assert isinstance(model, forms.ModelChoiceField)
        model.queryset = SoftwareModel.objects.select_related("product__vendor")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        match cleaned.get("what"):
            case What.MODEL:
                self._require("model", "Choose the software model that these titles are.")
            case What.NEW:
                self._require("vendor", "Name the vendor of the new software model.")
                self._require("product", "Name the product of the new software model.")
        said = DiscoveryMap(**{name: cleaned.get(name, "") for name in PATTERNS})
        if (alike := rule_alike(said)) is not None:
            self.add_error(
                "name",
                f"A rule with these patterns is in force: it says {alike.model or 'nothing'}."
                " Withdraw it first.",
            )
        return cleaned

    def _require(self, name: str, sentence: str) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, sentence)

    @property
    def rule(self) -> DiscoveryMap:
        """The rule that a valid form tells of, but for a model that is yet to be made."""
        rule: DiscoveryMap = self.save(commit=False)
        rule.reason = self.cleaned_data["reason"]
        if self.cleaned_data["what"] == What.MODEL:
            rule.model = self.cleaned_data["model"]
        return rule

    @property
    def new_model(self) -> NewModel | None:
        """The model to be made for it."""
        cleaned = self.cleaned_data
        if cleaned["what"] != What.NEW:
            return None
        return NewModel(
            vendor=cleaned["vendor"],
            product=cleaned["product"],
            version=cleaned["model_version"],
            edition=cleaned["model_edition"],
        )
