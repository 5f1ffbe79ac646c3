"""Refused rows come back mended: each is the record it stands for, and none is lost or doubled."""

import csv
import io
from datetime import date

import pytest

from accounts.models import Company, User
from accounts.roles import Role
from entitlements.models import Entitlement, EntitlementDefinition, Import, Outcome, PurchaseReturn
from entitlements.workbook import exporting, jobs, services
from entitlements.workbook.choices import Choices
from entitlements.workbook.headers import SheetMapping
from entitlements.workbook.marks import RowMark, read_mark
from tests.entitlements.test_import_columns import OPTISAM
from tests.entitlements.workbooks import (
    LICENSE,
    MAINTENANCE,
    Row,
    confirm,
    csv_of,
    do_import,
    is_all,
    licenses,
    outcomes,
    preview,
    reasons,
    xlsx,
)
from tests.factories import CompanyFactory, ContractFactory, DefinitionFactory, make_user

pytestmark = pytest.mark.django_db

# A row that is refused, and mended by naming the right company: all that tells licenses apart
# is equal.
REFUSED: Row = {**LICENSE, "Company": "Nobody Ltd"}


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


@pytest.fixture
def assurance(company: Company) -> EntitlementDefinition:
    return DefinitionFactory(company=company, name="Software Assurance")


def csv_rows(*rows: Row) -> bytes:
    headers = list(dict.fromkeys(key for row in rows for key in row))
    return csv_of(headers, *([row.get(key) for key in headers] for row in rows))


def imported_but_for_refused(company: Company, ada: User, *rows: Row, **how: str) -> Import:
    source = preview(company, csv_rows(*rows), ada, name=how.get("name", "all.csv"))
    return confirm(source, ada, leave_refused_out=True)


def refused_rows(source: Import, by: User) -> list[dict[str, str]]:
    export = services.write_refused_rows(source, by=by)
    exporting.write(export.pk)
    export.refresh_from_db()
    assert export.file is not None, export.progress.problem
    content = b"".join(bytes(piece.content) for piece in export.file.pieces.all())
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def mended(row: dict[str, str]) -> dict[str, str]:
    return {**row, "Company": "Ex SA"}


def continued(source: Import, content: bytes, by: User) -> Import:
    """A file without marks, of which a person said that it holds the refused rows, mended."""
    later = services.start_import(
        company=source.company,
        name="by hand.csv",
        content=[content],
        choices=Choices(),
        by=by,
        continues=source,
    )
    jobs.read(later.pk)
    later.refresh_from_db()
    return later


# --- Files that carry our marks ---


def test_a_mended_row_is_another_purchase_than_its_equal_that_was_imported(company, ada):
    source = imported_but_for_refused(company, ada, REFUSED, LICENSE)
    (row,) = refused_rows(source, ada)

    later = do_import(company, csv_rows(mended(row)), ada, name="mended.csv")

    assert outcomes(later) == ["new"]
    assert Entitlement.objects.count() == 2


def test_a_mended_return_is_another_than_its_equal_that_was_imported(company, ada, assurance):
    returned = {**MAINTENANCE, "Quantity": -3}
    refused = {**returned, "Company": "Nobody Ltd"}
    source = imported_but_for_refused(company, ada, refused, returned)
    (row,) = refused_rows(source, ada)

    do_import(company, csv_rows(mended(row)), ada, name="mended.csv")
    again = preview(company, csv_rows(mended(row)), ada, name="mended.csv")

    assert PurchaseReturn.objects.count() == 2
    assert outcomes(again) == ["unchanged"]


def test_a_license_and_its_maintenance_in_one_row_come_back_as_both(company, ada, assurance):
    row = "AC-1,DrawIt,5,Acme,Per Device,perpetual,30,40,30,8,2026-01-01,2026-12-31,{po},,,,{day},"
    lines = [OPTISAM, row.format(po="x" * 101, day="2026-01-05"),
             row.format(po="PO-7", day="2026-01-05")]  # fmt: skip
    chosen = Choices(currency="EUR", definition="Software Assurance")
    source = preview(company, "\n".join(lines).encode(), ada, name="o.csv", choices=chosen)
    confirm(source, ada, leave_refused_out=True)
    (refused,) = refused_rows(source, ada)

    later = do_import(
        company, csv_rows({**refused, "last_po": "PO-8"}), ada, name="m.csv", choices=chosen
    )

    assert outcomes(later) == ["new", "new"]
    assert Entitlement.objects.count() == 4


def test_the_same_mended_rows_twice_are_the_same_records(company, ada):
    source = imported_but_for_refused(company, ada, REFUSED, LICENSE)
    (row,) = refused_rows(source, ada)
    do_import(company, csv_rows(mended(row)), ada, name="mended.csv")

    again = preview(company, csv_rows(mended(row)), ada, name="mended.csv")
    corrected = preview(company, csv_rows(mended(row) | {"Unit cost": "45"}), ada, name="m.csv")

    assert outcomes(again) == ["unchanged"]
    # Even mended in what else tells purchases apart: the mark says which row it is.
    assert corrected.rows.get().changes == {"Unit cost": [40, 45]}


def test_rows_that_are_mended_and_uploaded_one_by_one_are_all_there(company, ada):
    source = imported_but_for_refused(company, ada, REFUSED, REFUSED, LICENSE)
    first, second = refused_rows(source, ada)

    do_import(company, csv_rows(mended(first)), ada, name="first.csv")
    do_import(company, csv_rows(mended(second)), ada, name="second.csv")

    assert Entitlement.objects.count() == 3


def test_a_row_that_is_refused_again_is_still_the_row_it_was(company, ada):
    source = imported_but_for_refused(company, ada, REFUSED, REFUSED, LICENSE)
    first, second = refused_rows(source, ada)
    half_mended = imported_but_for_refused(company, ada, mended(first), second, name="half.csv")

    (left,) = refused_rows(half_mended, ada)
    do_import(company, csv_rows(mended(left)), ada, name="rest.csv")

    assert left["Refused as"] == second["Refused as"]
    assert Entitlement.objects.count() == 3


def test_a_row_that_was_split_into_two_is_two_records_however_often_it_comes_back(company, ada):
    source = imported_but_for_refused(company, ada, REFUSED, LICENSE)
    (row,) = refused_rows(source, ada)
    halves = csv_rows(mended(row), mended(row) | {"Purchased rights": "10"})

    do_import(company, halves, ada, name="halves.csv")
    again = preview(company, halves, ada, name="halves.csv")

    assert Entitlement.objects.count() == 3
    assert is_all(again, Outcome.UNCHANGED)


def test_the_rest_of_a_file_may_be_imported_after_its_mended_rows(company, ada):
    # A price that cannot be read: the refused row has no key of its own to stand for it.
    unread = {**LICENSE, "Unit cost": "4O"}
    source = preview(company, csv_rows(unread, LICENSE), ada, name="all.csv")
    (row,) = refused_rows(source, ada)
    do_import(company, csv_rows(row | {"Unit cost": "40"}), ada, name="mended.csv")

    shown_anew = confirm(source, ada, leave_refused_out=True)
    confirm(shown_anew, ada, leave_refused_out=True)

    assert Entitlement.objects.count() == 2


def test_rows_put_back_into_the_whole_file_are_found_beside_those_without_a_mark(company, ada):
    source = imported_but_for_refused(company, ada, REFUSED, LICENSE)
    (row,) = refused_rows(source, ada)
    whole = csv_rows(LICENSE, mended(row))

    do_import(company, whole, ada, name="whole.csv")
    again = preview(company, whole, ada, name="whole.csv")

    assert Entitlement.objects.count() == 2
    assert is_all(again, Outcome.UNCHANGED)


def test_the_whole_mended_file_finds_what_is_there_as_any_file_does(company, ada):
    imported_but_for_refused(company, ada, REFUSED, LICENSE)

    whole = preview(company, csv_rows(LICENSE, LICENSE), ada, name="whole.csv")

    assert outcomes(whole) == ["unchanged", "new"]


def test_marks_survive_a_workbook_and_say_the_sheet(company, ada):
    rows = ({**LICENSE, "Contract number": "C-9"}, LICENSE)
    book = xlsx().add("Notes", {"Anything": "else"}).add("Licenses", *rows).content
    source = preview(company, book, ada)
    answers = [SheetMapping.from_json(mapping) for mapping in source.mappings]
    services.answer(source, mappings=answers, choices=Choices(), by=ada)
    jobs.read(source.pk)
    source.refresh_from_db()
    confirm(source, ada, leave_refused_out=True)
    export = services.write_refused_rows(source, by=ada)
    exporting.write(export.pk)
    export.refresh_from_db()
    written = b"".join(bytes(piece.content) for piece in export.file.pieces.all())
    ContractFactory(company=company, number="C-9")

    later = do_import(company, written, ada, name="refused.xlsx")

    assert len(source.mappings) == 2
    assert later.rows.get().values["refused_as"] == f"import {source.pk} sheet 2 row 2"
    assert Entitlement.objects.count() == 2


def test_an_undone_import_of_mended_rows_can_be_done_again(company, ada):
    source = imported_but_for_refused(company, ada, REFUSED, LICENSE)
    (row,) = refused_rows(source, ada)
    first = do_import(company, csv_rows(mended(row)), ada, name="mended.csv")
    services.undo(first, by=ada)
    jobs.undo(first.pk)

    do_import(company, csv_rows(mended(row)), ada, name="mended.csv")

    assert Entitlement.objects.count() == 2


def test_the_mark_of_another_companys_file_says_nothing(company, ada):
    elsewhere = CompanyFactory(name="Elsewhere")
    bob = make_user(Role.ADMINISTRATOR, elsewhere)
    theirs = imported_but_for_refused(elsewhere, bob, REFUSED, LICENSE)
    (row,) = refused_rows(theirs, bob)
    do_import(company, licenses(LICENSE), ada)

    source = preview(company, csv_rows(mended(row)), ada, name="theirs.csv")

    assert outcomes(source) == ["unchanged"]


def test_what_is_no_mark_of_ours_is_refused_with_what_to_do(company, ada):
    source = preview(company, csv_rows({**LICENSE, "Refused as": "row seven"}), ada, name="l.csv")

    assert "is not how LCM marks a refused row" in reasons(source)


def test_a_mark_is_read_as_it_is_written():
    mark = RowMark(import_id=12, sheet=0, row=3)

    assert read_mark(f" {mark} ".upper()) == str(mark) == "import 12 sheet 1 row 3"


# --- Files without marks, said to hold refused rows ---


def test_rows_typed_anew_are_others_than_those_imported_where_a_person_says_so(company, ada):
    source = imported_but_for_refused(company, ada, REFUSED, LICENSE)

    alone = preview(company, csv_rows(LICENSE), ada, name="by hand.csv")
    later = continued(source, csv_rows(LICENSE), ada)

    assert outcomes(alone) == ["unchanged"]
    assert outcomes(later) == ["new"]
    confirm(later, ada)
    assert outcomes(continued(source, csv_rows(LICENSE), ada)) == ["unchanged"]


def test_an_import_continues_none_of_another_company(company, ada):
    theirs = CompanyFactory()
    bob = make_user(Role.ADMINISTRATOR, theirs)
    earlier = preview(theirs, licenses(LICENSE), bob)

    with pytest.raises(ValueError, match="is not an import of Ex SA"):
        services.start_import(
            company=company, name="x.csv", content=[b"x"], choices=Choices(), by=ada,
            continues=earlier,
        )  # fmt: skip

    assert not Import.objects.filter(company=company).exists()


def test_the_day_of_a_mended_row_may_be_given_for_the_whole_file(company, ada):
    without_day = {name: value for name, value in LICENSE.items() if name != "Purchased on"}
    chosen = Choices(purchased_on=date(2026, 1, 5))
    rows = csv_rows({**without_day, "Company": "Nobody Ltd"}, without_day)
    source = preview(company, rows, ada, name="all.csv", choices=chosen)
    confirm(source, ada, leave_refused_out=True)
    (row,) = refused_rows(source, ada)

    do_import(company, csv_rows(mended(row)), ada, name="mended.csv", choices=chosen)

    assert Entitlement.objects.count() == 2
