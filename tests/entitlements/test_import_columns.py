"""Headers and columns: which sheet is which, and that our columns fit the records."""

import pytest
from django.apps import apps
from django.db import models

from entitlements.workbook.cells import Cell
from entitlements.workbook.choices import Choices
from entitlements.workbook.columns import (
    COLUMNS,
    DURATIONS,
    LICENSE_TYPES,
    Holds,
    SheetKind,
    all_columns,
    template_columns,
)
from entitlements.workbook.headers import (
    find_header,
    header_keys,
    map_sheet,
    recognised,
    signature,
)
from entitlements.workbook.presets import PRESETS
from entitlements.workbook.rows import RowReader

SERVICE_NOW = (
    "Publisher part number,Software model,License type,Metric group,License metric,"
    "Rights per license pack,Number of packs,Purchased rights,Agreement type,Unit cost,Start date,"
    "End date,Cost center,Company"
)
SNIPE_IT = (
    "Full Name,Email,Username,Item name,serial number,Category,manufacturer,purchase date,"
    "purchase cost,purchase order,order number,Licensed To Name,Licensed to Email,expiration date,"
    "maintained,reassignable,seats,company,supplier,notes"
)
OPTISAM = (
    "sku,product_name,product_version,product_editor,metric,licence_type,acquired_licenses,"
    "unit_price,maintenance_licences,maintenance_unit_price,maintenance_start,maintenance_end,"
    "last_po,support_number,maintenance_provider,software_provider,ordering_date,csc"
)


@pytest.mark.parametrize(
    ("headers", "preset"),
    [
        (SERVICE_NOW, "ServiceNow"),
        (SNIPE_IT, "Snipe-IT"),
        (OPTISAM, "OpTISAM acquired rights"),
        (
            "product_name,product_version,product_editor,host_id,allocated_metric,allocated_users",
            "OpTISAM products",
        ),
    ],
)
def test_sheets_of_other_tools_are_known_by_their_headers(headers, preset):
    found = recognised(headers.split(","))

    assert found is not None
    assert found.name == preset


@pytest.mark.parametrize("kind", [SheetKind.CONTRACTS, SheetKind.LICENSES, SheetKind.MAINTENANCE])
def test_our_own_sheets_are_known_with_or_without_the_column_of_reasons(kind):
    headers = [column.header for column in template_columns(kind)]

    for written in (headers, [*headers, "Reason"], [f" {header.upper()}* " for header in headers]):
        found = recognised(written)
        assert found is not None
        assert (found.name, found.kind) == ("LCM template", kind)


def test_one_unknown_header_makes_a_sheet_a_question():
    headers = [column.header for column in template_columns(SheetKind.LICENSES)]

    mapping, is_sure = map_sheet(sheet="L", header_row=1, headers=[*headers, "Weather"])

    assert not is_sure
    assert mapping.kind is SheetKind.LICENSES
    assert mapping.columns["product"] == "product"
    assert "weather" not in mapping.columns


def test_two_columns_of_one_name_are_a_question():
    assert header_keys(["Notes", "notes ", "", "NOTES"]) == ["notes", "notes #2", "", "notes #3"]
    assert recognised(["Contract number", "Contract name", "Notes", "Notes"]) is None


def test_the_same_headers_in_another_order_are_the_same():
    assert signature(["A", "B"]) == signature(["b", " a", "Reason"])
    assert signature(["A", "B"]) != signature(["A", "B", "C"])


def test_the_header_is_found_below_a_title():
    rows: list[list[Cell]] = [
        ["Licenses of 2026", None],
        [None, None],
        ["Publisher", "Product"],
        ["Acme", "DrawIt"],
    ]

    assert find_header(rows) == 2


def test_every_preset_reads_columns_that_its_kind_of_sheet_has():
    for preset in PRESETS:
        names = {column.name for column in COLUMNS[preset.kind]}
        assert {name for name in preset.headers.values() if name} <= names
        assert preset.tells <= preset.headers.keys()


def test_columns_of_one_name_hold_the_same_on_every_sheet():
    holds: dict[str, Holds] = {}
    for columns in COLUMNS.values():
        for column in columns:
            assert holds.setdefault(column.name, column.holds) is column.holds
    assert set(holds) == {column.name for column in all_columns()}


# The fields in which the texts of columns are kept, where they are not called alike.
KEPT_IN = {
    "contracts": ("contracts.contract", {"type": None, "status": "status_by_hand"}),
    "licenses": ("entitlements.entitlement", {}),
    "maintenance": ("entitlements.entitlement", {}),
}


@pytest.mark.parametrize("kind", KEPT_IN)
def test_no_column_lets_through_a_text_longer_than_its_field(kind):
    label, renamed = KEPT_IN[kind]
    record = apps.get_model(label)
    fields = {field.name: field for field in record._meta.get_fields()}
    checked = 0
    for column in COLUMNS[SheetKind(kind)]:
        field = fields.get(renamed.get(column.name, column.name) or "")
        if column.holds is Holds.TEXT and isinstance(field, models.CharField):
            assert column.longest == field.max_length, column.name
            checked += 1
    assert checked >= 4


def test_the_options_of_columns_are_those_of_the_records():
    entitlement = apps.get_model("entitlements.entitlement")

    assert dict(entitlement._meta.get_field("license_type").flatchoices) == LICENSE_TYPES
    assert dict(entitlement._meta.get_field("duration").flatchoices) == DURATIONS


# Of a field the column or columns that tell it, where it is not called alike.
TOLD_BY = {
    "kind": (),  # by the sheet
    "model": ("publisher", "product", "version", "edition", "platform", "language"),
    "vendor": ("seller",),
    "owned_by_person": ("owner",),
    "owned_by_department": ("owning_department",),
}
# Fields that a company adds for itself are entered on the page of the record.
NOT_IN_SHEETS = {"custom"}


def test_the_sheets_have_a_column_for_every_field_of_an_entitlement_that_people_enter():
    entitlement = apps.get_model("entitlements.entitlement")
    told = {column.name for kind in SHEETS for column in template_columns(kind)}
    entered = [
        field.name
        for field in entitlement._meta.concrete_fields
        if field.editable and not field.generated and not field.primary_key
    ]

    needed = {name for field in entered for name in TOLD_BY.get(field, (field,))}

    assert needed - told == NOT_IN_SHEETS
    assert {"state", "substate", "state_from", "state_until", "product_type"} <= told


SHEETS = (SheetKind.LICENSES, SheetKind.MAINTENANCE)


def test_the_line_that_explains_is_skipped_and_a_row_of_values_is_not():
    columns = template_columns(SheetKind.MAINTENANCE)
    mapping, _ = map_sheet(
        sheet="Maintenance", header_row=1, headers=[column.header for column in columns]
    )
    reader = RowReader(mapping, Choices())

    assert reader.read([column.explanation for column in columns]) is None
    assert reader.read([None] * len(columns)) is None
    assert reader.read([None] * 4 + ["DrawIt"]) is not None


def test_secrets_are_not_kept_with_the_row():
    headers = [*SERVICE_NOW.split(","), "License key"]
    mapping, _ = map_sheet(sheet="S", header_row=1, headers=headers)

    row = RowReader(mapping, Choices()).read(["AC-100", "Acme DrawIt 5", *[None] * 12, "SECRET"])

    assert row is not None
    assert "SECRET" not in str(row)
