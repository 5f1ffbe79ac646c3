"""The forms of an import: the file and how it is to be read, and what its columns hold."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Company
from common.currencies import CURRENCIES
from entitlements.models import EntitlementDefinition, Import
from entitlements.workbook.cells import Conventions, DayOrder
from entitlements.workbook.choices import MAKES_LABELS, Choices, Makes
from entitlements.workbook.columns import SheetKind
from entitlements.workbook.headers import SheetMapping, guess, headers_to_map
from entitlements.workbook.model_names import ModelNames
from entitlements.workbook.presets import NOT_READ
from entitlements.workbook.shown import choosable

DAY_ORDERS = [
    (DayOrder.ISO, "Only year first, like 2026-01-31, and spreadsheet dates"),
    (DayOrder.DAY_FIRST, "Day first: 31/01/2026"),
    (DayOrder.MONTH_FIRST, "Month first: 01/31/2026"),
]
DECIMAL_MARKS = [
    ("", "Refuse what could be read in two ways, like 1.234"),
    (".", "Point: 1,234.50"),
    (",", "Comma: 1.234,50"),
]
ENCODINGS = [
    ("", "UTF-8, or what the file itself says"),
    ("cp1252", "Windows-1252 (Western European, Latin-1)"),
    ("iso8859-2", "ISO 8859-2 (Central European, Latin-2)"),
    ("utf-16", "UTF-16"),
]
MODEL_NAMES = [
    (ModelNames.KNOWN, "As names of known software models only"),
    (ModelNames.PUBLISHER_FIRST, "Publisher, product, version: Acme DrawIt 5"),
    (ModelNames.PRODUCT_FIRST, "Product, version: DrawIt 5"),
]
DOLLARS = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN")


class ChoicesForm(forms.Form):
    """How a file is to be read, and what to take where it says nothing."""

    day_order = forms.ChoiceField(
        label="Order of day and month", choices=DAY_ORDERS, required=False
    )
    decimal_mark = forms.ChoiceField(
        label="Decimal mark in texts", choices=DECIMAL_MARKS, required=False
    )
    dollar = forms.ChoiceField(
        label="$ stands for",
        choices=[("", "Refuse amounts with $"), *((code, code) for code in DOLLARS)],
        required=False,
    )
    currency = forms.CharField(
        label="Currency of amounts without one",
        max_length=3,
        required=False,
        help_text="A code like EUR. Empty: such amounts are refused.",
    )
    purchased_on = forms.DateField(
        label="Purchase day of rows without one",
        widget=forms.DateInput(attrs={"type": "date"}),
        required=False,
        help_text="Some sheets have no column for it.",
    )
    definition = forms.ModelChoiceField(
        label="Definition of maintenance without one",
        queryset=EntitlementDefinition.objects.none(),
        empty_label="None",
        required=False,
    )
    model_names = forms.ChoiceField(
        label="Software models named in one cell are read",
        choices=MODEL_NAMES,
        required=False,
        help_text="A known name counts first. Of others the publisher is the first word, the"
        " version the last one if it begins with a digit; the preview lists what would be made.",
    )
    makes = forms.MultipleChoiceField(
        label="May be made where they are missing",
        choices=list(MAKES_LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="The preview lists what would be made. What may not be made is refused by name.",
    )
    one_record_a_unit = forms.BooleanField(
        label="One license a unit",
        required=False,
        help_text="A row of 5 rights becomes 5 licenses of one right, with license numbers from 0"
        " on, or from the one that it names. Such a row has no asset tag.",
    )
    empty_clears = forms.BooleanField(
        label="An empty cell empties the field of a known record",
        required=False,
        help_text="Else it leaves what is there, as columns that a file does not have always do.",
    )
    encoding = forms.ChoiceField(label="Encoding of a CSV file", choices=ENCODINGS, required=False)

    def __init__(self, *args: Any, companies: QuerySet[Company], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["definition"].queryset = EntitlementDefinition.objects.filter(  # type: ignore[attr-defined]
            company__in=companies
        )

    def clean_currency(self) -> str:
        code: str = self.cleaned_data["currency"].strip().upper()
        if code and code not in CURRENCIES:
            raise forms.ValidationError(f"“{code}” is not the code of a currency, like EUR.")
        return code

    @property
    def chosen(self) -> Choices:
        """The choices of a valid form."""
        cleaned = self.cleaned_data
        return Choices(
            conventions=Conventions(
                day_order=DayOrder(cleaned["day_order"]),
                decimal_mark=cleaned["decimal_mark"],
                dollar=cleaned["dollar"],
            ),
            encoding=cleaned["encoding"],
            purchased_on=cleaned["purchased_on"],
            currency=cleaned["currency"],
            definition=cleaned["definition"].name if cleaned["definition"] else "",
            model_names=ModelNames(cleaned["model_names"]),
            one_record_a_unit=cleaned["one_record_a_unit"],
            empty_clears=cleaned["empty_clears"],
            makes=frozenset(Makes(name) for name in cleaned["makes"]),
        )


def initial_of(choices: Choices, company: Company | None = None) -> dict[str, Any]:
    """Choices as the form begins with them."""
    definition = None
    if company and choices.definition:
        definition = EntitlementDefinition.objects.filter(
            company=company, name__iexact=choices.definition
        ).first()
    return {
        "day_order": choices.conventions.day_order,
        "decimal_mark": choices.conventions.decimal_mark,
        "dollar": choices.conventions.dollar,
        "currency": choices.currency,
        "purchased_on": choices.purchased_on,
        "definition": definition,
        "model_names": choices.model_names,
        "makes": sorted(choices.makes),
        "one_record_a_unit": choices.one_record_a_unit,
        "empty_clears": choices.empty_clears,
        "encoding": choices.encoding,
    }


ONLY_MENDED = "mended"
MENDED_OR_WHOLE = [
    (ONLY_MENDED, "Only rows that were refused, mended: each is new beside the rows that were not"),
    ("whole", "The whole file: rows that are in LCM already are found there"),
]


class UploadForm(ChoicesForm):
    """A file for a company; perhaps the refused rows of an earlier import, mended."""

    company = forms.ModelChoiceField(
        queryset=Company.objects.none(), help_text="All rows go into this company."
    )
    file = forms.FileField(
        help_text="XLSX or CSV: our template, an export of ours, or a sheet of ServiceNow, Snipe-IT"
        " or OpTISAM; of any other, you say what its columns hold."
    )
    holds = forms.ChoiceField(
        label="The file holds", choices=MENDED_OR_WHOLE, widget=forms.RadioSelect
    )
    field_order = ("company", "file", "holds")

    def __init__(
        self,
        *args: Any,
        companies: QuerySet[Company],
        mends: Import | None = None,
        **kwargs: Any,
    ) -> None:
        """:param mends: the import whose refused rows come back"""
        super().__init__(*args, companies=companies, **kwargs)
        self._mends = mends
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]
        if len(companies) == 1:
            self.fields["company"].initial = companies[0]
        if mends is None:
            del self.fields["holds"]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.LCM_IMPORT_MOST_FILE_MB << 20:
            raise forms.ValidationError(
                f"The file has more than {settings.LCM_IMPORT_MOST_FILE_MB} MB. Split it."
            )
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        definition, company = cleaned.get("definition"), cleaned.get("company")
        if definition and company and definition.company_id != company.pk:
            self.add_error("definition", f"{definition} is not a definition of {company}.")
        if self._mends and company and company != self._mends.company:
            self.add_error(
                "company", f"The rows were refused in an import of {self._mends.company}."
            )
        return cleaned

    @property
    def continues(self) -> Import | None:
        """The import whose refused rows a valid form's file holds, and nothing else."""
        return self._mends if self.cleaned_data.get("holds") == ONLY_MENDED else None


class MappingForm(forms.Form):
    """
    What the columns of one sheet hold.

    A person who says that the sheet is of another kind is asked again, about that kind's columns.
    """

    def __init__(
        self, mapping: SheetMapping, place: int, posted: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(posted, prefix=f"sheet-{place}")
        self._known = mapping
        if posted is not None:
            mapping = replace(mapping, kind=_kind(posted.get(self.add_prefix("drawn_for"), "")))
        self.mapping = mapping
        kinds = [("", "Not read"), *((kind.value, kind.label) for kind in SheetKind)]
        self.fields["kind"] = forms.ChoiceField(
            label="This sheet lists", choices=kinds, required=False, initial=mapping.kind or ""
        )
        # What the columns on the page were drawn for; another kind has other columns.
        self.fields["drawn_for"] = forms.CharField(
            widget=forms.HiddenInput, required=False, initial=mapping.kind or ""
        )
        for number, (key, header) in enumerate(self._headers()):
            self.fields[f"column-{number}"] = forms.ChoiceField(
                label=header,
                choices=[(NOT_READ, "—"), *choosable(mapping.kind)],
                required=False,
                initial=mapping.columns.get(key, NOT_READ),
            )

    def _headers(self) -> list[tuple[str, str]]:
        headers = self.mapping.headers
        return [(key, headers[place]) for place, key in headers_to_map(headers)]

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("column-")]

    @property
    def was_turned(self) -> bool:
        """Whether the person chose another kind of sheet than the columns were drawn for."""
        return (self.data.get(self.add_prefix("kind"), "")) != self.data.get(
            self.add_prefix("drawn_for"), ""
        )

    def turned(self) -> SheetMapping:
        """The sheet as the other kind, with a guess of its columns."""
        kind = _kind(self.data.get(self.add_prefix("kind"), ""))
        columns = guess(self.mapping.headers, kind) if kind else {}
        return replace(self.mapping, kind=kind, columns=columns, preset="")

    @property
    def answered(self) -> SheetMapping:
        """What the person said, of a valid form."""
        kind = self.cleaned_data["kind"]
        columns = {
            key: self.cleaned_data[f"column-{number}"]
            for number, (key, _) in enumerate(self._headers())
            if self.cleaned_data[f"column-{number}"]
        }
        answered = replace(self.mapping, kind=_kind(kind), columns=columns, preset="")
        # Confirmed as the preset has it, it is still the preset's, with what else that knows.
        return self._known if answered.placed == self._known.placed else answered


def _kind(text: str) -> SheetKind | None:
    return SheetKind(text) if text in list(SheetKind) else None


def mapping_forms(
    mappings: Sequence[SheetMapping], posted: Mapping[str, Any] | None = None
) -> list[MappingForm]:
    return [MappingForm(mapping, place, posted) for place, mapping in enumerate(mappings)]
