"""What is written can be read again: exports and refused rows come back as they were."""

import csv
import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Company, Department, User
from accounts.roles import Role
from common import kept_files
from common.acting import acting
from contracts.models import Contract, ContractTerm
from entitlements.models import (
    Entitlement,
    Import,
    ImportState,
    LicenseMetric,
    Outcome,
    WorkbookExport,
)
from entitlements.states import SUBSTATES, State
from entitlements.workbook import exporting, services
from entitlements.workbook.choices import Choices
from entitlements.workbook.columns import OWN_SHEETS, SheetKind, template_columns
from tests.entitlements.workbooks import (
    CONTRACT,
    LICENSE,
    MAINTENANCE,
    changes,
    confirm,
    csv_of,
    do_import,
    is_all,
    maintenance,
    outcomes,
    preview,
    problems,
    reasons,
    xlsx,
)
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    ContractTermFactory,
    DefinitionFactory,
    LicenseFactory,
    MaintenanceFactory,
    PersonFactory,
    ProductFactory,
    ReturnFactory,
    SoftwareModelFactory,
    StatePeriodFactory,
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


def written(company: Company, by: User, sheet: SheetKind | None = None) -> bytes:
    """A company's records as the worker writes them."""
    export = services.write_company(company=company, sheet=sheet, by=by)
    exporting.write(export.pk)
    return content_of(export)


def refused_rows(source: Import, by: User) -> bytes:
    export = services.write_refused_rows(source, by=by)
    exporting.write(export.pk)
    return content_of(export)


def content_of(export: WorkbookExport) -> bytes:
    export.refresh_from_db()
    assert export.file is not None, export.progress.problem
    return b"".join(kept_files.content_of(export.file))


# Texts that spreadsheets, CSV and XML are known to damage.
hard_texts = st.one_of(
    st.sampled_from(
        [
            "=1+1", "+49 30", "-x", "-5", "@home", "'quoted", "''=twice", "\uff1dwide", "1.234",
            'say "no"', "a;b,c\td", "line\nline", "line\r\nline", "_x0041_", "<b>&amp;", "007",
            "2026-01-05", "yes", "ID", "Ünï😀", "1e5", "#REF!", "  inner  blanks", "NaN",
        ]
    ),
    st.text(
        st.characters(
            codec="utf-8",
            exclude_categories=("Cc", "Cs"),
            exclude_characters="\ufffe\uffff",
        ),
        max_size=30,
    ),
).map(lambda text: text.strip(" \t\r\n\u00a0"))  # fmt: skip
days = st.dates(date(1990, 1, 1), date(2040, 12, 31))
amounts = st.decimals(0, 10**9, places=4, allow_nan=False, allow_infinity=False)
STATES = [(state, substate) for state in State for substate in ("", *SUBSTATES[state])]
records = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["license", "subscription", "maintenance", "return"]),
            "serial": st.one_of(st.just(""), hard_texts),
            "notes": hard_texts,
            "invoice": hard_texts,
            "rights": st.one_of(st.none(), st.integers(1, 2_147_483_647)),
            "packs": st.one_of(st.none(), st.tuples(st.integers(1, 99), st.integers(1, 99))),
            "bought": days,
            "start": days,
            "end": st.one_of(st.none(), days),
            "cost": st.one_of(st.none(), amounts),
            "tagged": st.booleans(),
            "has_twin": st.booleans(),  # another record that only its notes tell apart
            "owner": st.sampled_from(["", "named", "mailed", "department"]),
            "may_be_matched": st.booleans(),
            "tags": st.lists(st.sampled_from(["Berlin", "=1+1", "-x", "two words"]), unique=True),
            "states": st.lists(st.sampled_from(STATES), max_size=2),
            "state_until": st.booleans(),
        }
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("as_csv", [False, True], ids=["XLSX", "CSV"])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(records=records)
def test_exported_records_that_are_imported_again_change_nothing(company, ada, as_csv, records):
    with transaction.atomic():
        make_records(company, records)
        sheets = OWN_SHEETS if as_csv else (None,)

        for sheet in sheets:
            content = written(company, ada, sheet)
            source = preview(company, content, ada, name="export.csv" if as_csv else "export.xlsx")

            if source.state == ImportState.REFUSED:
                assert reasons(source) == "No sheet has a row below its header."
            else:
                assert source.state == ImportState.PREVIEWED, source.remarks
                assert not problems(source)
                assert is_all(source, Outcome.UNCHANGED), [c for c in changes(source) if c]
        transaction.set_rollback(True)


def make_records(company: Company, records: list[dict[str, Any]]) -> None:
    model = SoftwareModelFactory(
        product=ProductFactory(name='Draw "It"; =1', vendor=VendorFactory(name="Acme, Inc.")),
        version="'5",
        edition="Pro",
    )
    definition = DefinitionFactory(company=company, name="Gold; care")
    contract = ContractFactory(company=company, number="=C-1", vendor=model.product.vendor)
    ContractTermFactory(contract=contract, ends_on=None)
    namesakes = [PersonFactory(company=company, name="Sam") for _ in range(2)]
    mailed = PersonFactory(company=company, name="Eve", email="eve@ex.test")
    with acting(None, "Set up by a test"):
        department = Department.objects.create(company=company, name="R&D")
    owners: dict[str, dict[str, Any]] = {
        "": {},
        "named": {"owned_by_person": namesakes[1]},
        "mailed": {"owned_by_person": mailed},
        "department": {"owned_by_department": department},
    }
    twins = [record | {"notes": "twin"} for record in records if record["has_twin"]]
    for number, record in enumerate([*records, *twins]):
        currency = "EUR" if record["cost"] is not None else ""
        money = {"unit_cost": record["cost"], "currency": currency}
        end = record["end"] if record["end"] and record["end"] >= record["start"] else None
        if record["kind"] == "return":
            ReturnFactory(
                definition=definition,
                model=model,
                quantity=record["rights"] or 1,
                returned_on=record["bought"],
                unit_price=money["unit_cost"],
                currency=money["currency"],
                notes=record["notes"],
            )
            continue
        common = {
            "company": company,
            "model": model,
            "asset_tag": f"={number}" if record["tagged"] else "",
            "serial_number": record["serial"],
            "notes": record["notes"],
            "invoice_number": record["invoice"],
            "tags": record["tags"],
            "purchased_on": record["bought"],
            "contract": contract,
            **rights_of(record),
            **owners[record["owner"]],
            **money,
        }
        if record["kind"] == "maintenance":
            if common.pop("is_unlimited"):
                common["purchased_rights"] = 1
            kept = MaintenanceFactory(
                definition=definition,
                starts_on=record["start"],
                ends_on=end,
                may_be_matched=record["may_be_matched"],
                **common,
            )
        elif record["kind"] == "subscription":
            kept = LicenseFactory(
                duration="subscription", starts_on=record["start"], ends_on=end, **common
            )
        else:
            metric = LicenseMetric.objects.get(group__name="Oracle", name="Per Processor")
            kept = LicenseFactory(license_number=7, metric=metric, **common)
        make_states(kept, record)


def make_states(entitlement: Entitlement, record: dict[str, Any]) -> None:
    """States by hand, a hundred days each, the last one perhaps without end."""
    for number, (state, substate) in enumerate(record["states"]):
        first = entitlement.purchased_on + timedelta(days=100 * number)
        has_end = record["state_until"] or number < len(record["states"]) - 1
        StatePeriodFactory(
            entitlement=entitlement,
            state=state,
            substate=substate,
            from_on=first,
            until_on=first + timedelta(days=99) if has_end else None,
        )


def rights_of(record: dict[str, Any]) -> dict[str, Any]:
    if record["rights"] is None:
        return {"is_unlimited": True, "purchased_rights": None}
    if record["packs"]:
        packs, each = record["packs"]
        return {
            "is_unlimited": False,
            "packs": packs,
            "rights_per_pack": each,
            "purchased_rights": packs * each,
        }
    return {"is_unlimited": False, "purchased_rights": record["rights"]}


def test_an_export_of_one_company_is_refused_by_name_in_another(company, ada):
    DefinitionFactory(company=company, name="Software Assurance")
    book = xlsx().add("Contracts", CONTRACT).add("Licenses", LICENSE)
    book.add("Maintenance", MAINTENANCE, {**MAINTENANCE, "Quantity": -3})
    do_import(company, book.content, ada)
    content = written(company, ada)
    copy = CompanyFactory(name="Copy", code="CP")
    bob = make_user(Role.ADMINISTRATOR, copy)

    refused = preview(copy, content, bob)

    assert is_all(refused, Outcome.REFUSED)
    assert "The row is of Ex SA; this import is of Copy" in reasons(refused)


def test_formulas_are_typed_texts_in_xlsx_and_harmless_in_csv(company, ada):
    LicenseFactory(company=company, notes="=HYPERLINK(1)", invoice_number="@x", po_number="-5")

    with zipfile.ZipFile(BytesIO(written(company, ada))) as package:
        sheet = package.read("xl/worksheets/sheet2.xml").decode()
    lines = written(company, ada, SheetKind.LICENSES).decode("utf-8-sig")

    assert "<f>" not in sheet
    (row,) = list(csv.DictReader(io.StringIO(lines)))
    assert (row["Notes"], row["Invoice number"], row["PO number"]) == (
        "'=HYPERLINK(1)",
        "'@x",
        "-5",
    )


def test_an_export_has_one_header_and_the_columns_of_the_template(company, ada):
    for _ in range(3):
        LicenseFactory(company=company)

    lines = written(company, ada, SheetKind.LICENSES).decode("utf-8-sig")

    read = list(csv.reader(io.StringIO(lines)))
    headers = [column.header for column in template_columns(SheetKind.LICENSES)]
    assert read[0] == headers
    assert [row for row in read if row == headers] == [headers]
    assert len(read) == 4
    assert read[0][0] != "ID"


def test_an_export_holds_nothing_of_another_company(company, ada):
    LicenseFactory(company=CompanyFactory(), serial_number="OTHERS")
    LicenseFactory(company=company, serial_number="OURS")

    lines = written(company, ada, SheetKind.LICENSES).decode("utf-8-sig")

    assert "OURS" in lines
    assert "OTHERS" not in lines


def test_a_text_longer_than_a_cell_is_told_and_goes_into_csv(company, ada):
    LicenseFactory(company=company, notes="x" * 40_000)
    export = services.write_company(company=company, sheet=None, by=ada)

    with pytest.raises(exporting.CannotWrite, match="Notes has 40,000 characters"):
        exporting.write(export.pk)

    assert len(written(company, ada, SheetKind.LICENSES)) > 40_000


def test_amounts_of_more_digits_than_a_spreadsheet_keeps_come_back_exactly(company, ada):
    LicenseFactory(company=company, unit_cost=Decimal("12345678901234.5678"))

    source = preview(company, written(company, ada), ada)

    assert is_all(source, Outcome.UNCHANGED), changes(source)


def test_only_the_latest_term_of_a_contract_is_exported_and_nothing_omitted_is_lost(company, ada):
    contract = ContractFactory(company=company)
    ContractTermFactory(contract=contract, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))
    ContractTermFactory(contract=contract)

    source = do_import(company, written(company, ada, SheetKind.CONTRACTS), ada, name="c.csv")

    assert is_all(source, Outcome.UNCHANGED)
    assert ContractTerm.objects.count() == 2
    assert Contract.objects.count() == 1


@pytest.mark.parametrize("empty_clears", [False, True], ids=["leaves", "empties"])
def test_notice_and_renewal_of_the_latest_term_come_back_as_they_were(company, ada, empty_clears):
    rules = {"notice_length": 3, "notice_unit": "months", "renewal": "automatic",
             "renewal_length": 12, "renewal_unit": "months", "anchor_day": 1}  # fmt: skip
    ContractTermFactory(contract=ContractFactory(company=company), **rules)
    ContractTermFactory(contract=ContractFactory(company=company), notice_unit="months")
    ContractFactory(company=company)

    content = written(company, ada, SheetKind.CONTRACTS)
    source = preview(
        company, content, ada, name="c.csv", choices=Choices(empty_clears=empty_clears)
    )

    first = next(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert (first["Renewal"], first["Notice period in"]) == ("Renews itself", "months")
    assert is_all(source, Outcome.UNCHANGED), changes(source)


# --- Refused rows ---


@pytest.mark.parametrize("as_csv", [False, True], ids=["XLSX", "CSV"])
def test_refused_rows_are_written_with_their_reasons_mended_and_imported(company, ada, as_csv):
    header = ["Publisher", "Product", "Purchased on", "Purchased rights", "Contract number"]
    lines: list[list[Any]] = [
        header,
        ["Acme", "DrawIt", date(2026, 1, 5), 30, None],
        ["Acme", "=PaintIt", date(2026, 1, 6), 40, "C-9"],
    ]
    content = csv_of(*lines) if as_csv else xlsx().add_table("Licenses", *lines).content
    source = preview(company, content, ada, name="l.csv" if as_csv else "l.xlsx")
    confirm(source, ada, leave_refused_out=True)

    rows = refused_rows(source, ada)

    still_refused = preview(company, rows, ada, name="rows")
    assert outcomes(still_refused) == ["refused"]
    assert "no contract C-9" in reasons(still_refused)
    ContractFactory(company=company, number="C-9")
    do_import(company, rows, ada, name="rows")
    mended = Entitlement.objects.get(model__product__name="=PaintIt")
    assert (mended.purchased_rights, mended.purchased_on) == (40, date(2026, 1, 6))
    assert mended.contract.number == "C-9"


def test_the_file_of_refused_rows_has_the_reasons_in_its_last_column(company, ada):
    content = csv_of(["Publisher", "Product", "Purchased rights"], ["Acme", "DrawIt", "0"])
    source = preview(
        company, content, ada, name="l.csv", choices=Choices(purchased_on=date(2026, 1, 1))
    )

    (row,) = list(csv.DictReader(io.StringIO(refused_rows(source, ada).decode("utf-8-sig"))))

    assert row["Reason"] == "Must be above 0, and is 0."


def test_an_export_is_written_once_however_often_its_job_is_started(company, ada):
    export = services.write_company(company=company, sheet=None, by=ada)
    exporting.write(export.pk)
    first = content_of(export)

    exporting.write(export.pk)

    assert content_of(export) == first


def test_returns_come_back_as_negative_lines(company, ada):
    DefinitionFactory(company=company, name="Software Assurance")
    returned = {**MAINTENANCE, "Quantity": -3, "Unit cost": 8}
    do_import(company, maintenance(MAINTENANCE, returned), ada)

    lines = written(company, ada, SheetKind.MAINTENANCE).decode("utf-8-sig")

    assert [row["Quantity"] for row in csv.DictReader(io.StringIO(lines))] == ["30", "-3"]
