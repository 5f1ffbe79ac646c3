"""Sheets of part numbers and of the components of suites: what they add to the library."""

import io
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from accounts.models import Company, User
from accounts.roles import Role
from common.acting import acting
from entitlements.models import Entitlement, ImportState, Outcome, PublisherPart, SuiteComponent
from entitlements.workbook.choices import Choices
from entitlements.workbook.template import template_for
from tests.entitlements.workbooks import (
    LICENSE,
    Row,
    changes,
    confirm,
    do_import,
    is_all,
    outcomes,
    preview,
    problems,
    reasons,
    undo,
    xlsx,
)
from tests.factories import (
    CompanyFactory,
    LicenseFactory,
    PartFactory,
    SuiteComponentFactory,
    VendorFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

STUDIO: Row = {
    "Publisher part number": "AC-100",
    "Publisher": "Acme",
    "Description": "Studio, 10 users",
    "Product": "Studio",
    "Version": "5",
    "Product type": "Licensable",
    "License type": "Upgrade",
    "Metric group": "Common",
    "License metric": "Per User",
    "Rights per pack": 10,
    "Suite": "Yes",
    "Source": "https://acme.test/prices",
    "Source as of": date(2026, 1, 1),
}
HELD: Row = {
    "Publisher part number": "AC-100",
    "Publisher": "Acme",
    "Component": "DrawIt",
    "Component version": "5",
}


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


@pytest.fixture
def root(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company, is_superuser=True)


def parts(*rows: Row) -> bytes:
    return xlsx().add("Part numbers", *rows).content


def library(*rows: Row, held: Row = HELD) -> bytes:
    return xlsx().add("Part numbers", *rows).add("Suite components", held).content


def test_part_numbers_and_what_suites_hold_come_from_one_file(company, ada):
    source = preview(company, library(STUDIO), ada)

    assert outcomes(source) == ["new", "new"]
    assert source.figures["made"]["vendor"]["names"] == ["Acme"]
    confirm(source, ada)
    part = PublisherPart.objects.get()
    assert (part.vendor.name, part.number, part.software) == ("Acme", "AC-100", "Studio 5")
    assert (part.license_type, part.rights_per_pack, part.is_suite) == ("upgrade", 10, True)
    assert (part.metric.name, part.as_of) == ("Per User", date(2026, 1, 1))
    assert part.source == "https://acme.test/prices"
    assert str(part.components.get()) == "DrawIt 5"
    assert part.history.get().history_user_id == ada.pk


def test_the_same_file_again_changes_nothing(company, ada):
    do_import(company, library(STUDIO), ada)

    assert is_all(preview(company, library(STUDIO), ada), Outcome.UNCHANGED)


def test_an_administrator_adds_and_only_a_superuser_changes(company, ada, root):
    do_import(company, parts(STUDIO), ada)
    renamed = {**STUDIO, "Description": "Studio for ten"}

    refused = preview(company, parts(renamed), ada)

    assert reasons(refused) == (
        "AC-100 of Acme is known and described otherwise. Only a superuser changes what all"
        " companies share."
    )
    changed = preview(company, parts(renamed), root)
    assert changes(changed) == [{"Description": ["Studio, 10 users", "Studio for ten"]}]
    confirm(changed, root)
    assert PublisherPart.objects.get().description == "Studio for ten"


@pytest.mark.parametrize(
    ("row", "name", "words"),
    [
        ({"Publisher part number": None}, "part", "Names no part number"),
        ({"Publisher": None}, "publisher", "Names no publisher"),
        ({"Product": None}, "product", "needs the product"),
        ({"Rights per pack": 0}, "rights_per_pack", "Must be above 0, and is 0"),
        ({"Metric group": "Acme"}, "metric_group", "There is no metric group Acme"),
        ({"License metric": "Per Moon"}, "metric", "Per Moon is no metric of the group Common"),
        ({"Product type": "Gift"}, "product_type", "Gift"),
    ],
)
def test_a_part_number_that_cannot_be_is_refused_with_column_and_value(
    company, ada, row, name, words
):
    source = preview(company, parts({**STUDIO, **row}), ada)

    assert [(at, where) for at, where, why in problems(source) if words in why] == [(2, name)]
    assert is_all(source, Outcome.REFUSED)


def test_a_publisher_is_made_only_where_that_is_allowed(company, ada):
    source = preview(company, parts(STUDIO), ada, choices=Choices(makes=frozenset()))

    assert "No publisher is called Acme" in reasons(source)


def test_a_part_number_twice_in_a_file_is_refused_in_both_rows(company, ada):
    source = preview(company, parts(STUDIO, {**STUDIO, "Version": "6"}), ada)

    assert outcomes(source) == ["refused", "refused"]
    assert "Acme AC-100 stands in this file 2 times, in rows 2, 3" in reasons(source)


@pytest.mark.parametrize(
    ("studio", "held", "words"),
    [
        ({"Suite": "No"}, {}, "AC-100 is no suite"),
        ({}, {"Publisher part number": "AC-9"}, "There is no part number AC-9 of Acme"),
        ({}, {"Component": None}, "Names no component"),
        ({"Product": None}, {}, "The row of the part number AC-100 in this file is refused"),
    ],
)
def test_a_component_that_belongs_to_no_suite_is_refused(company, ada, studio, held, words):
    source = preview(company, library({**STUDIO, **studio}, held={**HELD, **held}), ada)

    assert words in reasons(source)


def test_a_component_is_added_to_a_suite_that_is_known(company, ada):
    suite = PartFactory(vendor=VendorFactory(name="Acme"), number="AC-100", is_suite=True)
    SuiteComponentFactory(part=suite, product_name="PaintIt")

    do_import(company, xlsx().add("Suite components", HELD).content, ada)

    assert {str(each) for each in suite.components.all()} == {"DrawIt 5", "PaintIt"}


def test_licenses_of_the_same_file_are_of_its_part_numbers(company, ada):
    bought = {**LICENSE, "Publisher part number": "AC-100", "Product": "Studio"}
    file = xlsx().add("Licenses", bought).add("Part numbers", STUDIO).content

    do_import(company, file, ada)

    part = PublisherPart.objects.get()
    assert part.description == "Studio, 10 users"
    assert Entitlement.objects.get().part == part


def test_undoing_takes_out_what_was_added_and_restores_what_was_changed(company, ada, root):
    known = PartFactory(vendor=VendorFactory(name="Acme"), number="AC-9", product_name="DrawIt")
    changed = {"Publisher part number": "AC-9", "Publisher": "Acme", "Product": "PaintIt"}
    source = do_import(company, library(STUDIO, changed), root)

    source = undo(source, root)

    assert source.state == ImportState.UNDONE
    assert PublisherPart.objects.get() == known
    assert PublisherPart.objects.get().product_name == "DrawIt"
    assert not SuiteComponent.objects.exists()


def test_a_part_number_in_use_stays_when_its_import_is_undone(company, ada):
    source = do_import(company, parts(STUDIO), ada)
    LicenseFactory(part=PublisherPart.objects.get())

    source = undo(source, ada)

    assert source.state == ImportState.UNDONE
    assert "AC-100 stays: it is in use." in " ".join(source.remarks)


def test_an_import_is_not_undone_over_what_somebody_changed_since(company, root):
    part = PartFactory(vendor=VendorFactory(name="Acme"), number="AC-100", product_name="Old")
    source = do_import(company, parts(STUDIO), root)
    with acting(root, "The publisher renamed it"):
        part.refresh_from_db()
        part.product_name = "Studio Pro"
        part.save()

    source = undo(source, root)

    assert source.state == ImportState.APPLIED
    assert "The publisher renamed it" in " ".join(source.remarks)


def test_the_template_has_sheets_for_both(company):
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(template_for(company)))

    assert workbook.sheet_names[3:5] == ["Part numbers", "Suite components"]
    assert workbook.get_sheet_by_name("Suite components").to_python()[0][:3] == [
        "Publisher part number",
        "Publisher",
        "Component",
    ]
