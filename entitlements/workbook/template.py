"""The template to download: a sheet each, a line that explains, drop-downs of what is allowed."""

import io
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from accounts.models import Company
from contracts.models import ContractType
from entitlements.models import AgreementType, EntitlementDefinition, LicenseMetric, MetricGroup
from entitlements.workbook.columns import (
    TEMPLATE_SHEETS,
    Column,
    Holds,
    SheetKind,
    template_columns,
)

LAST_ROW = 1_048_575  # of a worksheet, from 0
FIRST_ROW = 2  # below the header and the line that explains
LISTS = "Lists"  # a hidden sheet: lists longer than 255 characters have to stand in cells


def template_for(company: Company) -> bytes:
    """A workbook to fill in for a company, with lists of what the company has already."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as workbook:
        writer = _Template(workbook, _allowed(company))
        for kind in TEMPLATE_SHEETS:
            writer.add_sheet(kind)
        writer.add_lists()
    return file.getvalue()


def _allowed(company: Company) -> dict[str, list[str]]:
    """By column name, what may be chosen; a column that is not in it takes anything."""
    metrics = LicenseMetric.objects.order_by("name").values_list("name", flat=True).distinct()
    agreements = AgreementType.objects.order_by("code").values_list("code", flat=True).distinct()
    return {
        "type": list(ContractType.objects.values_list("name", flat=True)),
        "metric_group": list(MetricGroup.objects.values_list("name", flat=True)),
        "metric": list(metrics),
        "agreement_type": list(agreements),
        "definition": list(
            EntitlementDefinition.objects.filter(company=company).values_list("name", flat=True)
        ),
    }


class _Template:
    def __init__(self, workbook: Workbook, allowed: dict[str, list[str]]) -> None:
        self._workbook = workbook
        self._allowed = allowed
        self._lists: dict[str, str] = {}  # by column name, the cells its list will stand in
        self._header = workbook.add_format(
            {"bold": True, "bg_color": "#E8EAF6", "border": 1, "border_color": "#C5CAE9"}
        )
        self._explanation = workbook.add_format(
            {"italic": True, "font_color": "#5F6368", "text_wrap": True, "valign": "top"}
        )
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})

    def add_sheet(self, kind: SheetKind) -> None:
        sheet = self._workbook.add_worksheet(kind.label)
        sheet.freeze_panes(FIRST_ROW, 1)
        sheet.set_row(1, 60)
        for place, column in enumerate(template_columns(kind)):
            width = min(max(len(column.header) + 4, 14), 30)
            sheet.set_column(place, place, width, self._day if column.holds is Holds.DAY else None)
            sheet.write_string(0, place, column.header, self._header)
            sheet.write_string(1, place, column.explanation, self._explanation)
            if rule := self._rule(column):
                rule |= {
                    "input_title": column.header[:32],
                    "input_message": column.explanation[:255],
                }
                sheet.data_validation(FIRST_ROW, place, LAST_ROW, place, rule)

    def _rule(self, column: Column) -> dict[str, Any] | None:
        """What a spreadsheet program checks while somebody types."""
        if chosen := self._options(column):
            return {"validate": "list", "source": self._list_of(column, chosen)} | _gently(
                "Choose one of the list, or keep what you wrote if it is new."
            )
        if column.holds is Holds.DAY:
            # A text is let through: an import can be told the order of day and month.
            return {
                "validate": "date",
                "criteria": ">=",
                "value": "=DATE(1900,1,1)",
            } | _gently("Write a date, like 2026-01-31.")
        if column.holds is Holds.COUNT:
            return {
                "validate": "integer",
                "criteria": "between",
                "minimum": -2_147_483_647,
                "maximum": 2_147_483_647,
            } | _firmly("Write a whole number.")
        if column.holds is Holds.AMOUNT:
            return {
                "validate": "decimal",
                "criteria": "between",
                "minimum": -(10**14),
                "maximum": 10**14,
            } | _gently("Write an amount like 40.00; with its currency like EUR;40.00.")
        return None

    def _options(self, column: Column) -> list[str]:
        if column.holds is Holds.YES_NO:
            return ["Yes", "No"]
        return list(column.options.values()) or self._allowed.get(column.name, [])

    def _list_of(self, column: Column, options: list[str]) -> list[str] | str:
        if len(",".join(options)) <= 255 and not any("," in option for option in options):
            return options
        if column.name not in self._lists:
            letter = xl_col_to_name(len(self._lists))
            self._lists[column.name] = f"={LISTS}!${letter}$1:${letter}${len(options)}"
        return self._lists[column.name]

    def add_lists(self) -> None:
        if not self._lists:
            return
        sheet = self._workbook.add_worksheet(LISTS)
        sheet.hide()
        for place, name in enumerate(self._lists):
            for row, option in enumerate(self._allowed[name]):
                sheet.write_string(row, place, option)


def _gently(message: str) -> dict[str, str]:
    return {"error_type": "warning", "error_title": "Not in the list", "error_message": message}


def _firmly(message: str) -> dict[str, str]:
    return {"error_type": "stop", "error_title": "Cannot be read", "error_message": message}
