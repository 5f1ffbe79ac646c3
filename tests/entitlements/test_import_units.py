"""One license a unit: a row of five rights becomes five licenses of one right."""

from dataclasses import replace

import pytest

from accounts.models import Company, User
from accounts.roles import Role
from entitlements.import_forms import ChoicesForm, initial_of
from entitlements.models import Entitlement, ImportState, Outcome
from entitlements.workbook.choices import Choices
from entitlements.workbook.shown import Preview
from tests.entitlements.test_export import refused_rows, written
from tests.entitlements.workbooks import (
    LICENSE,
    Row,
    confirm,
    do_import,
    is_all,
    licenses,
    outcomes,
    preview,
    problems,
    reasons,
    undo,
)
from tests.factories import CompanyFactory, ContractFactory, make_user

pytestmark = pytest.mark.django_db

A_UNIT_EACH = Choices(one_record_a_unit=True)
FIVE: Row = {**LICENSE, "Serial number": "S-1", "Purchased rights": 5}


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


def units() -> list[tuple[int | None, int | None]]:
    """License number and rights of every license, in their order."""
    found = Entitlement.objects.order_by("pk")
    return list(found.values_list("license_number", "purchased_rights"))


def test_a_row_of_five_rights_becomes_five_licenses_numbered_from_0(company, ada):
    do_import(company, licenses(FIVE), ada, choices=A_UNIT_EACH)

    assert units() == [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1)]
    assert sum(each.total_cost for each in Entitlement.objects.all()) == 5 * 40
    assert set(Entitlement.objects.values_list("serial_number", flat=True)) == {"S-1"}


def test_without_the_choice_it_is_one_license(company, ada):
    do_import(company, licenses(FIVE), ada)

    assert units() == [(None, 5)]


def test_the_same_file_again_changes_nothing_and_one_more_right_makes_one_more_license(
    company, ada
):
    do_import(company, licenses(FIVE, FIVE), ada, choices=A_UNIT_EACH)

    again = preview(company, licenses(FIVE, FIVE), ada, choices=A_UNIT_EACH)
    six = preview(
        company, licenses(FIVE, {**FIVE, "Purchased rights": 6}), ada, choices=A_UNIT_EACH
    )

    assert is_all(again, Outcome.UNCHANGED)
    assert len(outcomes(again)) == 10
    assert sorted(outcomes(six)) == ["new", *["unchanged"] * 10]


def test_the_export_of_such_licenses_changes_nothing(company, ada):
    do_import(company, licenses(FIVE), ada, choices=A_UNIT_EACH)
    content = written(company, ada)

    for choices in (Choices(), A_UNIT_EACH):
        assert is_all(preview(company, content, ada, choices=choices), Outcome.UNCHANGED)


@pytest.mark.parametrize(
    ("row", "numbers"),
    [
        ({"License number": 7, "Purchased rights": 2}, [7, 8]),
        ({"Purchased rights": None, "Packs": 2, "Rights per pack": 2}, [0, 1, 2, 3]),
        ({"Purchased rights": 1, "Asset tag": "A-1"}, [0]),
    ],
)
def test_numbers_follow_what_the_row_names(company, ada, row, numbers):
    do_import(company, licenses({**FIVE, **row}), ada, choices=A_UNIT_EACH)

    assert units() == [(number, 1) for number in numbers]
    assert not Entitlement.objects.exclude(packs=None).exists()


def test_an_unlimited_license_stays_one(company, ada):
    endless = {**FIVE, "Purchased rights": None, "Unlimited": "Yes"}

    do_import(company, licenses(endless), ada, choices=A_UNIT_EACH)

    assert units() == [(None, None)]


@pytest.mark.parametrize(
    ("row", "name", "words"),
    [
        ({"Asset tag": "A-1"}, "asset_tag", "A-1 is the number of one license, and this row"),
        ({"Purchased rights": 10_001}, "purchased_rights", "Would make 10,001 licenses"),
        ({"Purchased rights": 0}, "purchased_rights", "Must be above 0, and is 0"),
        ({"Purchased rights": None, "Packs": 5}, "packs", "fill Rights per pack"),
        (
            {"Packs": 2, "Rights per pack": 2},
            "purchased_rights",
            "2 packs of 2 rights are 4 rights, not 5",
        ),
        ({"Contract number": "C-9"}, "contract", "There is no contract C-9"),
    ],
)
def test_a_row_that_cannot_be_is_refused_once_with_column_and_value(company, ada, row, name, words):
    source = preview(company, licenses({**FIVE, **row}), ada, choices=A_UNIT_EACH)

    assert [(at, where) for at, where, why in problems(source) if words in why] == [(2, name)]
    assert is_all(source, Outcome.REFUSED)


def test_a_refused_row_comes_back_mended_as_its_own_licenses(company, ada):
    refused = {**FIVE, "Contract number": "C-9", "Purchased rights": 3}
    source = preview(company, licenses(FIVE, refused), ada, choices=A_UNIT_EACH)
    confirm(source, ada, leave_refused_out=True)
    rows = refused_rows(source, ada)
    ContractFactory(company=company, number="C-9")

    for expected in (Outcome.NEW, Outcome.UNCHANGED):
        mended = preview(company, rows, ada, name="rows.xlsx", choices=A_UNIT_EACH)
        assert outcomes(mended) == [expected] * 3
        confirm(mended, ada)

    assert Entitlement.objects.count() == 8
    assert Entitlement.objects.filter(contract__number="C-9").count() == 3


def test_undoing_takes_out_every_unit(company, ada):
    source = do_import(company, licenses(FIVE), ada, choices=A_UNIT_EACH)

    assert undo(source, ada).state == ImportState.UNDONE
    assert not Entitlement.objects.exists()


def test_a_file_that_would_make_too_many_records_is_refused(company, ada, settings):
    settings.LCM_IMPORT_MOST_ROWS = 4

    source = preview(company, licenses({**FIVE, "Purchased rights": 9}), ada, choices=A_UNIT_EACH)

    assert source.state == ImportState.REFUSED
    assert "makes more than 8 records" in reasons(source)


def test_the_preview_tells_the_units_apart_by_their_numbers(company, ada):
    source = preview(company, licenses(FIVE), ada, choices=A_UNIT_EACH)

    details = [row.details for row in Preview(source, outcome=Outcome.NEW).rows]

    assert [f"license number {n}" in each for n, each in enumerate(details)] == [True] * 5


def test_the_choice_is_kept_and_offered(company):
    choices = replace(Choices(), one_record_a_unit=True)

    assert Choices.from_json(choices.as_json()) == choices
    assert initial_of(choices)["one_record_a_unit"] is True
    form = ChoicesForm({**initial_of(choices), "definition": ""}, companies=Company.objects.all())
    assert form.is_valid(), form.errors
    assert form.chosen.one_record_a_unit
