"""Files that people have: other tools' sheets, CSV of every kind, workbooks as they really are."""

import codecs
import re
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest

from accounts.models import Company, User
from accounts.roles import Role
from contracts.models import SoftwareModel
from entitlements.models import Entitlement, Import, ImportState, Kind, Outcome
from entitlements.workbook.cells import Conventions, DayOrder
from entitlements.workbook.choices import Choices, Makes
from entitlements.workbook.model_names import ModelNames, taken_apart
from entitlements.workbook.template import template_for
from tests.entitlements.test_import_columns import OPTISAM, SERVICE_NOW, SNIPE_IT
from tests.entitlements.workbooks import (
    LICENSE,
    confirm,
    csv_of,
    is_all,
    licenses,
    outcomes,
    preview,
    problems,
    reasons,
    xlsx,
)
from tests.factories import (
    CompanyFactory,
    DefinitionFactory,
    ProductFactory,
    SoftwareModelFactory,
    VendorFactory,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


PLAIN = (
    ["Publisher", "Product", "Purchased on", "Purchased rights", "Notes"],
    ["Acme", "DrawIt", "2026-01-05", "30", "café"],
)


def only_row(source: Import) -> dict[str, object]:
    assert source.state == ImportState.PREVIEWED, source.remarks
    return source.rows.get().values


# --- Other tools ---


def test_a_service_now_sheet(company, ada):
    row = (
        "AC-100,Acme DrawIt 5,Perpetual,Common,Per Device,10,3,30,Generic,EUR;40,2026-01-01,,CC1,"
        "Ex SA"
    )
    drawit = ProductFactory(name="DrawIt", vendor=VendorFactory(name="Acme"))
    SoftwareModelFactory(product=drawit, version="5")
    everything = Choices(purchased_on=date(2026, 1, 1), makes=frozenset(Makes))

    source = preview(
        company, f"{SERVICE_NOW}\n{row}\n".encode(), ada, name="sn.csv", choices=everything
    )

    assert is_all(source, Outcome.NEW), reasons(source)
    confirm(source, ada)
    license_ = Entitlement.objects.get()
    assert (license_.duration, license_.license_type) == ("perpetual", "full")
    assert (license_.packs, license_.purchased_rights) == (3, 30)
    assert (license_.unit_cost, license_.currency) == (Decimal(40), "EUR")
    assert (license_.metric.name, license_.agreement_type.code) == ("Per Device", "Generic")
    assert license_.cost_centre.name == "CC1"


SAMPLE = (
    f"{SERVICE_NOW}\n"
    "AC-100,Acme DrawIt 5,Perpetual,Common,Per Device,10,3,30,Generic,EUR;40,2026-01-01,,CC1,Ex SA"
    "\n"
).encode()


def test_a_software_model_in_one_cell_goes_into_an_empty_catalogue_as_a_person_chose(company, ada):
    bought = Choices(purchased_on=date(2026, 1, 1), makes=frozenset(Makes))

    unsaid = preview(company, SAMPLE, ada, name="sn.csv", choices=bought)
    said = preview(
        company,
        SAMPLE,
        ada,
        name="sn.csv",
        choices=replace(bought, model_names=ModelNames.PUBLISHER_FIRST),
    )

    assert "Choose how such names are read" in reasons(unsaid)
    assert said.figures["made"]["software model"]["names"] == ["Acme DrawIt 5"]
    confirm(said, ada)
    model = Entitlement.objects.get().model
    assert (model.product.vendor.name, model.product.name, model.version) == ("Acme", "DrawIt", "5")


def test_a_known_software_model_is_not_taken_apart(company, ada):
    drawit = ProductFactory(name="Draw It Pro", vendor=VendorFactory(name="Acme"))
    known = SoftwareModelFactory(product=drawit, name="Acme DrawIt 5", version="")
    chosen = Choices(
        purchased_on=date(2026, 1, 1),
        makes=frozenset(Makes),
        model_names=ModelNames.PUBLISHER_FIRST,
    )

    source = preview(company, SAMPLE, ada, name="sn.csv", choices=chosen)

    confirm(source, ada)
    assert Entitlement.objects.get().model == known


@pytest.mark.parametrize(
    ("name", "made_of", "parts"),
    [
        ("Acme DrawIt 5", ModelNames.PUBLISHER_FIRST, ("Acme", "DrawIt", "5")),
        ("Acme Draw It Pro", ModelNames.PUBLISHER_FIRST, ("Acme", "Draw It Pro", None)),
        ("Acme 365", ModelNames.PUBLISHER_FIRST, ("Acme", "365", None)),
        ("DrawIt 5.1", ModelNames.PRODUCT_FIRST, (None, "DrawIt", "5.1")),
        ("DrawIt", ModelNames.PUBLISHER_FIRST, (None, None, None)),
        ("Acme DrawIt 5", ModelNames.KNOWN, (None, None, None)),
        ("  ", ModelNames.PRODUCT_FIRST, (None, None, None)),
    ],
)
def test_the_parts_of_a_name(name, made_of, parts):
    found = taken_apart(name, made_of)

    assert (found.get("publisher"), found.get("product"), found.get("version")) == parts


def test_a_sheet_without_purchase_days_asks_for_one(company, ada):
    source = preview(company, f"{SERVICE_NOW}\nAC-1,x,,,,,,,,,,,,\n".encode(), ada, name="sn.csv")

    assert source.state == ImportState.ASKING
    assert "no column for the purchase day" in reasons(source)


def test_a_snipe_it_sheet_has_a_row_for_each_seat_and_is_one_license(company, ada):
    seat = (
        "{who},{who}@ex.test,{who},DrawIt Pro,K-001,Design,Acme,03/15/2026,$40.00,PO-7,O-9,Ex SA,"
        "it@ex.test,03/14/2027,true,yes,5,Ex SA,ResellCo,"
    )
    text = "\n".join([SNIPE_IT, seat.format(who="ana"), seat.format(who="ben")])
    american = Conventions(day_order=DayOrder.MONTH_FIRST, dollar="USD")

    source = preview(
        company, text.encode(), ada, name="snipe.csv", choices=Choices(conventions=american)
    )

    assert outcomes(source) == ["new", "repeated"], reasons(source)
    confirm(source, ada)
    license_ = Entitlement.objects.get()
    assert (license_.purchased_rights, license_.serial_number) == (5, "K-001")
    assert (license_.duration, license_.starts_on, license_.ends_on) == (
        "subscription",
        date(2026, 3, 15),
        date(2027, 3, 14),
    )
    assert (license_.unit_cost, license_.currency) == (Decimal(40), "USD")
    assert license_.vendor.name == "ResellCo"


def test_seats_of_one_license_that_contradict_each_other_are_refused(company, ada):
    lines = [
        ["Item name", "serial number", "manufacturer", "purchase date", "seats"],
        ["DrawIt", "K-1", "Acme", "2026-01-01", "5"],
        ["DrawIt", "K-1", "Acme", "2026-01-01", "6"],
    ]

    source = preview(company, csv_of(*lines), ada, name="snipe.csv")

    assert outcomes(source) == ["new", "refused"]
    assert problems(source) == [
        (3, "purchased_rights", "Row 2 tells the same record and says 5 here.")
    ]


def test_an_optisam_row_is_a_license_and_its_maintenance(company, ada):
    DefinitionFactory(company=company, name="Support")
    row = (
        "AC-100,DrawIt,5,Acme,device,perpetual,30,40,30,8,2026-01-01,2026-12-31,PO-7,S-1,Acme,"
        "ResellCo,2025-12-20,CS1"
    )
    told = Choices(currency="EUR", definition="Support")

    source = preview(company, f"{OPTISAM}\n{row}\n".encode(), ada, name="optisam.csv", choices=told)

    assert is_all(source, Outcome.NEW), reasons(source)
    confirm(source, ada)
    license_ = Entitlement.objects.get(kind=Kind.LICENSE)
    position = Entitlement.objects.get(kind=Kind.MAINTENANCE)
    assert (license_.metric.name, license_.purchased_rights) == ("Per Device", 30)
    assert (license_.unit_cost, position.unit_cost) == (Decimal(40), Decimal(8))
    assert (position.starts_on, position.ends_on) == (date(2026, 1, 1), date(2026, 12, 31))
    assert (position.purchased_on, position.vendor.name) == (date(2025, 12, 20), "Acme")


def test_what_is_wrong_with_the_maintenance_of_a_row_is_told_of_its_own_columns(company, ada):
    DefinitionFactory(company=company, name="Support")
    header = "product_name,product_editor,sku,acquired_licenses,maintenance_licences,ordering_date"
    source = preview(
        company,
        f"{header}\nDrawIt,Acme,A-1,30,30,2026-01-01\n".encode(),
        ada,
        choices=Choices(definition="Support"),
    )

    # The license falls with its maintenance: a row goes in whole, or not at all.
    assert is_all(source, Outcome.REFUSED)
    assert problems(source) == [(2, "starts_on", "Maintenance needs a start.")]


def test_an_optisam_sheet_of_products_makes_software_models(company, ada):
    lines = [
        ["product_name", "product_version", "product_editor", "host_id"],
        ["DrawIt", "5", "Acme", "h-1"],
        ["DrawIt", "5", "Acme", "h-2"],
    ]

    source = preview(company, csv_of(*lines), ada, name="products.csv")

    assert outcomes(source) == ["new", "repeated"], reasons(source)
    confirm(source, ada)
    assert SoftwareModel.objects.get().name == "DrawIt 5"
    assert is_all_told(preview(company, csv_of(*lines), ada, name="products.csv"))


def is_all_told(source: Import) -> bool:
    return outcomes(source) == ["unchanged", "repeated"]


# --- CSV ---


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(csv_of(*PLAIN), id="commas"),
        pytest.param(csv_of(*PLAIN, separator=";"), id="semicolons"),
        pytest.param(csv_of(*PLAIN, separator="\t"), id="tabs"),
        pytest.param(b"sep=;\r\n" + csv_of(*PLAIN, separator=";"), id="separator declared"),
        pytest.param(codecs.BOM_UTF8 + csv_of(*PLAIN), id="UTF-8 with byte order mark"),
        pytest.param(csv_of(*PLAIN).decode().encode("utf-16"), id="UTF-16"),
        pytest.param(
            codecs.BOM_UTF16_BE + csv_of(*PLAIN).decode().encode("utf-16-be"), id="UTF-16 BE"
        ),
        pytest.param(csv_of(*PLAIN).replace(b"\r\n", b"\n"), id="Unix lines"),
        pytest.param(csv_of([], [], *PLAIN), id="empty lines above"),
        pytest.param(csv_of(["Our licenses"], *PLAIN), id="a title above"),
    ],
)
def test_a_csv_file_is_read_however_it_was_saved(company, ada, content):
    values = only_row(preview(company, content, ada, name="l.csv"))

    assert (values["product"], values["purchased_rights"], values["notes"]) == (
        "DrawIt",
        30,
        "café",
    )


def test_a_file_that_is_not_utf8_is_refused_until_its_encoding_is_chosen(company, ada):
    content = csv_of(*PLAIN).decode().encode("cp1252")

    refused = preview(company, content, ada, name="l.csv")
    told = preview(company, content, ada, name="l.csv", choices=Choices(encoding="cp1252"))

    assert refused.state == ImportState.REFUSED
    assert "not UTF-8. Choose its encoding" in reasons(refused)
    assert only_row(told)["notes"] == "café"


def test_quotes_separators_and_lines_within_a_cell_stay_in_it(company, ada):
    note = 'say "hello", then;\nleave'

    values = only_row(preview(company, csv_of(PLAIN[0], [*PLAIN[1][:4], note]), ada, name="l.csv"))

    assert values["notes"] == note


def test_a_row_with_more_cells_than_headers_is_refused_since_its_values_are_displaced(company, ada):
    content = csv_of([*LICENSE, "Notes"], [*LICENSE.values(), "as agreed"]).replace(
        b",40,", b",1,234.50,"
    )

    source = preview(company, content, ada, name="licenses.csv")

    assert "“as agreed” beyond the last header" in reasons(source)
    assert is_all(source, Outcome.REFUSED)


def test_the_row_number_is_that_of_the_spreadsheet_also_below_a_cell_of_several_lines(company, ada):
    lines = [PLAIN[0], [*PLAIN[1][:4], "two\nlines"], ["Acme", "DrawIt", "soon", "30", ""]]

    source = preview(company, csv_of(*lines), ada, name="l.csv")

    assert [row for row, _, _ in problems(source)] == [3]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b'Publisher,Product\n"Acme,DrawIt\n', "quotation marks", id="open quote"),
        pytest.param(b'Publisher,Product\n"Ac"me,DrawIt\n', "quotation marks", id="stray quote"),
        pytest.param(b"Publisher,Product;Version\nA,B;C\n", "alike", id="two separators"),
        pytest.param(b"", "holds no table", id="empty"),
        pytest.param(b"\n\n", "holds no table", id="only lines"),
        pytest.param(csv_of(PLAIN[0]), "No sheet has a row below", id="only a header"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\xff", "not UTF-8", id="a picture"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "old Excel", id="xls"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(company, ada, content, words):
    source = preview(company, content, ada, name="l.csv")

    assert source.state == ImportState.REFUSED
    assert words in reasons(source)
    assert "Traceback" not in reasons(source)


def test_a_nul_in_a_cell_is_refused_with_its_row(company, ada):
    content = csv_of(PLAIN[0], ["Acme", "Draw\x00It", "2026-01-05", "30", ""])

    source = preview(company, content, ada, name="l.csv")

    assert [(row, name) for row, name, _ in problems(source)] == [(2, "product")]
    assert "NUL" in reasons(source)


def test_an_apostrophe_that_guards_a_formula_is_taken_off(company, ada):
    row = ["Acme", "'=SUM(A1)", "2026-01-05", "30", "''=x"]

    values = only_row(preview(company, csv_of(PLAIN[0], row), ada, name="l.csv"))

    assert (values["product"], values["notes"]) == ("=SUM(A1)", "'=x")


# --- XLSX ---


def test_an_empty_template_has_no_rows_since_its_explanations_are_none(company, ada):
    empty = preview(company, template_for(company), ada, name="template.xlsx")

    assert empty.state == ImportState.REFUSED
    assert "No sheet has a row below its header" in reasons(empty)


def test_the_template_has_its_lists_header_and_explanations(company):
    DefinitionFactory(company=company, name="Software Assurance, gold")

    with zipfile.ZipFile(BytesIO(template_for(company))) as package:
        sheets = [package.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2, 3)]
        book = package.read("xl/workbook.xml").decode()

    assert "Ends,Renewed by hand,Renews itself" in sheets[0]
    assert all("<dataValidation " in sheet and 'state="frozen"' in sheet for sheet in sheets)
    assert 'name="Lists"' in book
    assert 'state="hidden"' in book


def test_dates_of_the_1904_system_are_the_days_they_show(company, ada):
    book = xlsx()
    book.workbook.date_1904 = True

    source = preview(company, book.add("Licenses", LICENSE).content, ada)

    assert only_row(source)["purchased_on"] == "2026-01-05"


def test_numbers_as_text_are_numbers_and_texts_as_numbers_are_texts(company, ada):
    row = {**LICENSE, "Purchased rights": "30", "Serial number": 1009, "Unit cost": "40.50"}

    values = only_row(preview(company, licenses(row), ada))

    assert (values["purchased_rights"], values["serial_number"]) == (30, "1009")
    assert values["unit_cost"] == "40.50"


def test_a_formula_counts_with_its_stored_result(company, ada):
    book = xlsx().add("Licenses", LICENSE)
    sheet = book.workbook.get_worksheet_by_name("Licenses")
    sheet.write_formula(1, list(LICENSE).index("Purchased rights"), "=10+11", None, 21)

    assert only_row(preview(company, book.content, ada))["purchased_rights"] == 21


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        pytest.param('<c r="F2"><f>10+11</f></c>', "a formula without its result", id="unsaved"),
        pytest.param('<c r="F2"><f t="shared"/></c>', "a formula without its result", id="shared"),
        pytest.param(
            '<c r="F2"><f>10+11</f><v></v></c>', "a formula without its result", id="empty value"
        ),
        pytest.param(
            '<c r="F2" t="str"><f>10+11</f><v /></c>',
            "a formula without its result",
            id="empty text",
        ),
        pytest.param(
            '<c r="F2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "an error of its formula", id="error"
        ),
    ],
)
def test_a_formula_without_a_result_is_refused_and_no_empty_cell(company, ada, cell, words):
    content = with_cell(licenses(LICENSE), "F2", cell)

    source = preview(company, content, ada)

    assert [(row, name) for row, name, _ in problems(source)] == [(2, "purchased_rights")]
    assert words in reasons(source)


def with_cell(content: bytes, place: str, cell: str) -> bytes:
    """The workbook with one cell of its first sheet put in by hand."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for part in old.namelist():
            xml = old.read(part)
            if part == "xl/worksheets/sheet1.xml":
                found = re.search(rf'<c r="{place}"[^>]*>.*?</c>'.encode(), xml)
                assert found
                xml = xml.replace(found.group(), cell.encode())
            new.writestr(part, xml)
    return written.getvalue()


def test_merged_cells_in_the_table_are_refused_and_a_merged_title_is_not(company, ada):
    merged = xlsx().add("Licenses", LICENSE, LICENSE)
    merged.workbook.get_worksheet_by_name("Licenses").merge_range(1, 0, 2, 0, "Acme")
    titled = xlsx().add_table("Licenses", [], list(LICENSE), list(LICENSE.values()))
    titled.workbook.get_worksheet_by_name("Licenses").merge_range(0, 0, 0, 3, "Our licenses")

    refused = preview(company, merged.content, ada)
    read = preview(company, titled.content, ada)

    assert "Sheet Licenses has merged cells (rows 2 to 3)" in reasons(refused)
    assert only_row(read)["product"] == "DrawIt"


def test_styled_rows_without_a_value_are_no_rows(company, ada):
    book = xlsx().add("Licenses", LICENSE)
    sheet = book.workbook.get_worksheet_by_name("Licenses")
    grey = book.workbook.add_format({"bg_color": "#EEEEEE"})
    for row in range(2, 3000):
        sheet.write_blank(row, 0, None, grey)

    assert outcomes(preview(company, book.content, ada)) == ["new"]


def test_a_hidden_sheet_is_not_read_and_that_is_said(company, ada):
    book = xlsx().add("Licenses", LICENSE).add("Old", LICENSE)
    book.workbook.get_worksheet_by_name("Old").hide()

    source = preview(company, book.content, ada)

    assert outcomes(source) == ["new"]
    assert "Sheet Old was not read: it is hidden." in source.remarks


def test_two_columns_of_one_name_are_asked_about(company, ada):
    table = xlsx().add_table(
        "Licenses", [*LICENSE, "Notes", "Notes"], [*LICENSE.values(), "a", "b"]
    )

    source = preview(company, table.content, ada)

    assert source.state == ImportState.ASKING
    assert "Say whether sheet Licenses lists licenses, and what its columns hold." in source.remarks
