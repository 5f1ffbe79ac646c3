"""A workbook goes in: what its rows do, are refused for, and leave in the records."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import Company, User
from accounts.roles import Role
from common.acting import acting
from contracts.models import Contract, ContractTerm, SoftwareModel
from contracts.services import give_notice
from entitlements.models import (
    Entitlement,
    EntitlementDefinition,
    ImportState,
    Kind,
    Outcome,
    PurchaseReturn,
)
from entitlements.workbook import jobs, services
from entitlements.workbook.choices import Choices, Makes
from tests.entitlements.workbooks import (
    CONTRACT,
    LICENSE,
    MAINTENANCE,
    changes,
    confirm,
    contracts,
    do_import,
    is_all,
    licenses,
    maintenance,
    outcomes,
    preview,
    problems,
    reasons,
    xlsx,
)
from tests.factories import CompanyFactory, DefinitionFactory, LicenseFactory, make_user

pytestmark = pytest.mark.django_db

MAKES_ALL = Choices(makes=frozenset(Makes))


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


@pytest.fixture
def assurance(company: Company) -> EntitlementDefinition:
    return DefinitionFactory(company=company, name="Software Assurance")


def test_a_workbook_becomes_contracts_licenses_maintenance_and_returns(company, ada, assurance):
    book = xlsx()
    book.add("Contracts", CONTRACT)
    book.add("Licenses", {**LICENSE, "Contract number": "C-1"})
    book.add(
        "Maintenance",
        {**MAINTENANCE, "Contract number": "C-1"},
        {**MAINTENANCE, "Quantity": -3, "Purchased on": date(2026, 2, 1)},
    )

    source = do_import(company, book.content, ada)

    assert source.state == ImportState.APPLIED, reasons(source)
    contract = Contract.objects.get()
    assert (contract.number, contract.vendor.name) == ("C-1", "Acme")
    assert [term.ends_on for term in contract.terms.all()] == [date(2026, 12, 31)]
    license_, position = Entitlement.objects.order_by("kind")
    assert (license_.kind, position.kind) == (Kind.LICENSE, Kind.MAINTENANCE)
    assert license_.contract == position.contract == contract
    assert license_.model == position.model == SoftwareModel.objects.get(name="DrawIt 5")
    assert (license_.unit_cost, license_.currency) == (Decimal(40), "EUR")
    returned = PurchaseReturn.objects.get()
    assert (returned.quantity, returned.returned_on) == (3, date(2026, 2, 1))
    assert (returned.definition, returned.model) == (assurance, position.model)


def test_the_same_file_twice_changes_nothing(company, ada, assurance):
    book = xlsx()
    book.add("Contracts", CONTRACT)
    book.add("Licenses", LICENSE, LICENSE, {**LICENSE, "Asset tag": "A-1"})
    book.add("Maintenance", MAINTENANCE, {**MAINTENANCE, "Quantity": -3})
    content = book.content
    do_import(company, content, ada)

    again = preview(company, content, ada)

    assert is_all(again, Outcome.UNCHANGED), changes(again)


def test_a_changed_row_shows_before_and_after_and_changes_the_record(company, ada):
    do_import(company, licenses({**LICENSE, "Asset tag": "A-1", "Location": "Vienna"}), ada,
              choices=MAKES_ALL)  # fmt: skip
    mended = {**LICENSE, "Asset tag": "A-1", "Location": "Graz", "Purchased rights": 40}

    source = preview(company, licenses(mended), ada, choices=MAKES_ALL)

    assert changes(source) == [{"Location": ["Vienna", "Graz"], "Purchased rights": [30, 40]}]
    confirm(source, ada)
    entitlement = Entitlement.objects.get()
    assert (entitlement.location.name, entitlement.purchased_rights) == ("Graz", 40)


def test_the_nth_equal_row_of_a_file_is_the_nth_in_the_database(company, ada):
    do_import(company, licenses({**LICENSE, "Notes": "first"}, {**LICENSE, "Notes": "second"}), ada)

    source = preview(
        company,
        licenses({**LICENSE, "Notes": "first"}, {**LICENSE, "Notes": "other"}, LICENSE),
        ada,
    )

    assert outcomes(source) == ["unchanged", "changed", "new"]
    assert changes(source)[1] == {"Notes": ["second", "other"]}


def test_returns_of_one_price_in_two_currencies_are_two(company, ada, assurance):
    returned = {**MAINTENANCE, "Quantity": -3}
    do_import(company, maintenance(returned), ada)

    do_import(company, maintenance(returned, returned | {"Currency": "USD"}), ada)

    currencies = PurchaseReturn.objects.order_by("currency").values_list("currency", flat=True)
    assert list(currencies) == ["EUR", "USD"]


def test_a_row_without_tag_is_never_a_record_whose_tag_the_file_names(company, ada):
    do_import(company, licenses({**LICENSE, "Asset tag": "A-1"}, LICENSE), ada)
    untagged = Entitlement.objects.get(asset_tag="")

    source = preview(company, licenses(LICENSE, {**LICENSE, "Asset tag": "A-1"}), ada)

    assert is_all(source, Outcome.UNCHANGED)
    assert source.rows.order_by("row").first().target_id == untagged.pk


def test_what_is_missing_is_made_where_that_is_allowed_and_is_named_in_the_preview(company, ada):
    source = preview(company, licenses({**LICENSE, "Publisher part number": "AC-100"}), ada)

    assert source.figures["made"]["vendor"] == {"number": 1, "names": ["Acme"]}
    assert source.figures["made"]["software model"]["names"] == ["Acme DrawIt 5"]
    confirm(source, ada)
    assert Entitlement.objects.get().part.number == "AC-100"


def test_a_part_number_fills_in_the_software_model_and_what_one_pack_grants(company, ada):
    rows = {**LICENSE, "Publisher part number": "AC-100", "Rights per pack": 10, "Packs": 3}
    do_import(company, licenses(rows), ada)
    by_part = {
        "Publisher part number": "AC-100",
        "Purchased on": date(2026, 3, 1),
        "Packs": 2,
        "Product": None,
        "Publisher": None,
        "Purchased rights": None,
    }

    do_import(company, licenses(by_part), ada)

    bought_later = Entitlement.objects.latest("pk")
    assert (bought_later.model.name, bought_later.purchased_rights) == ("DrawIt 5", 20)
    assert bought_later.metric.name == "Per Device"


def test_a_later_term_is_a_renewal_and_an_equal_start_changes_the_latest_term(company, ada):
    do_import(company, contracts(CONTRACT), ada)
    renewed = {**CONTRACT, "Term start": date(2027, 1, 1), "Term end": date(2027, 12, 31)}

    renewal = preview(company, contracts(renewed), ada)

    assert changes(renewal) == [
        {"Renewal": ["2026-01-01 to 2026-12-31", "2027-01-01 to 2027-12-31"]}
    ]
    confirm(renewal, ada)
    longer = {**renewed, "Term end": date(2028, 6, 30)}
    assert changes(preview(company, contracts(longer), ada)) == [
        {"Term": ["2027-01-01 to 2027-12-31", "2027-01-01 to 2028-06-30"]}
    ]
    do_import(company, contracts(longer), ada)
    assert list(Contract.objects.get().terms.values_list("starts_on", "ends_on")) == [
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2028, 6, 30)),
    ]


BY_RULES: dict[str, object] = {
    "Notice period": 3,
    "Notice period in": "months",
    "Renewal": "Renews itself",
    "Renews for": 12,
    "Renews for a number of": "months",
    "Anchor day": 1,
}


def rules_of(term: ContractTerm) -> tuple[object, ...]:
    return (
        term.notice_length, term.notice_unit, term.renewal, term.renewal_length,
        term.renewal_unit, term.anchor_day,
    )  # fmt: skip


def test_a_renewal_has_the_notice_and_renewal_of_the_term_before_it(company, ada):
    do_import(company, contracts({**CONTRACT, **BY_RULES}), ada)
    renewed = {**CONTRACT, "Term start": date(2027, 1, 1), "Term end": date(2027, 12, 31)}

    do_import(company, contracts(renewed), ada)

    before, after = Contract.objects.get().terms.order_by("starts_on")
    assert rules_of(before) == (3, "months", "automatic", 12, "months", 1)
    assert rules_of(after) == rules_of(before)


def test_a_renewal_that_says_another_notice_has_that_one(company, ada):
    do_import(company, contracts({**CONTRACT, **BY_RULES}), ada)
    renewed = {
        **CONTRACT,
        "Term start": date(2027, 1, 1),
        "Term end": date(2027, 12, 31),
        "Notice period": 30,
        "Notice period in": "days",
        "Renewal": "Ends",
    }

    source = do_import(company, contracts(renewed), ada)

    assert changes(source)[0]["Renewal"] == [
        "2026-01-01 to 2026-12-31, notice 3 months, renews itself, renews for 12 months, on day 1",
        "2027-01-01 to 2027-12-31, notice 30 days, renews for 12 months, on day 1",
    ]
    last = Contract.objects.get().terms.latest("starts_on")
    assert rules_of(last) == (30, "days", "none", 12, "months", 1)


def test_a_sheet_that_says_nothing_of_notice_and_renewal_leaves_them(company, ada):
    do_import(company, contracts({**CONTRACT, **BY_RULES}), ada)

    source = preview(company, contracts(CONTRACT), ada)

    assert is_all(source, Outcome.UNCHANGED)


def test_a_changed_notice_of_the_latest_term_is_shown_and_written(company, ada):
    do_import(company, contracts({**CONTRACT, **BY_RULES}), ada)

    do_import(company, contracts({**CONTRACT, "Notice period": 6}), ada)

    assert rules_of(ContractTerm.objects.get())[:2] == (6, "months")


def test_a_contract_that_was_given_notice_of_is_not_renewed_by_a_sheet(company, ada):
    do_import(company, contracts(CONTRACT), ada)
    contract = Contract.objects.get()
    give_notice(
        contract=contract,
        given_on=date(2026, 6, 1),
        ends_on=date(2026, 12, 31),
        by=ada,
        reason="",
    )
    renewed = {**CONTRACT, "Term start": date(2027, 1, 1), "Term end": date(2027, 12, 31)}

    source = preview(company, contracts(renewed), ada)

    assert "Notice was given on 2026-06-01. Withdraw it" in reasons(source)


@pytest.mark.parametrize(
    ("told", "column", "words"),
    [
        ({"Renewal": "Renews itself", "Renews for": 12, "Term end": None}, "ends_on",
         "no last day after which it could"),
        ({"Renewal": "Renews itself"}, "renewal_length", "write for how long"),
        ({"Anchor day": 32}, "anchor_day", "32 is no day of a month"),
        ({"Anchor day": 1, "Renews for a number of": "days"}, "anchor_day",
         "A renewal in days has no day of the month"),
        ({"Notice period": -1}, "notice_length", "Must be 0 to 32,767, and is -1"),
        ({"Renews for": 40_000}, "renewal_length", "Must be 1 to 32,767, and is 40000"),
        ({"Renewal": "maybe"}, "renewal", "Ends, Renewed by hand, Renews itself"),
        ({"Term start": None, "Term end": None, "Notice period": 3}, "starts_on",
         "needs a start"),
    ],
)  # fmt: skip
def test_a_notice_or_renewal_that_cannot_be_is_refused_with_the_column_and_the_reason(
    company, ada, told, column, words
):
    source = preview(company, contracts({**CONTRACT, **told}), ada)

    assert (column, words in reasons(source)) == (problems(source)[0][1], True), problems(source)


def test_an_empty_cell_leaves_a_field_unless_the_person_chose_that_it_empties_it(company, ada):
    do_import(company, licenses({**LICENSE, "Asset tag": "A-1", "Notes": "keep"}), ada)
    emptied = {**LICENSE, "Asset tag": "A-1", "Notes": None}

    left = preview(company, licenses(emptied), ada)
    cleared = preview(company, licenses(emptied), ada, choices=Choices(empty_clears=True))

    assert is_all(left, Outcome.UNCHANGED)
    assert changes(cleared) == [{"Notes": ["keep", ""]}]


def test_columns_a_file_does_not_have_are_left_as_they_are(company, ada):
    do_import(company, licenses({**LICENSE, "Asset tag": "A-1", "Notes": "keep"}), ada)
    shorter = {"Asset tag": "A-1", "Publisher": "Acme", "Product": "DrawIt", "Version": "5",
               "Purchased rights": 31}  # fmt: skip

    source = do_import(
        company, licenses(shorter), ada, choices=Choices(purchased_on=date(2020, 1, 1))
    )

    assert source.state == ImportState.APPLIED
    assert Entitlement.objects.get().notes == "keep"


# What is wrong with one license, the column that is named, and words of the reason.
BAD_LICENSES = [
    ({"Publisher": None, "Product": None}, "product", "Names no software model"),
    ({"Publisher": None, "Product": "Nowhere"}, "product", "Name its publisher"),
    (
        {"Publisher": None, "Product": None, "Publisher part number": "X-9"},
        "part",
        "The part number X-9 is not known",
    ),
    ({"Purchased on": None}, "purchased_on", "no purchase day"),
    ({"Purchased on": "31.01.2026"}, "purchased_on", "Choose the order of day and month"),
    ({"Purchased on": "soon"}, "purchased_on", "“soon” is not a date"),
    ({"Purchased on": 46000}, "purchased_on", "46000 is not a date. Format the cell as a date"),
    ({"Purchased rights": None}, "purchased_rights", "no number of rights"),
    ({"Purchased rights": 0}, "purchased_rights", "Must be above 0, and is 0"),
    ({"Purchased rights": -5}, "purchased_rights", "Must be above 0, and is -5"),
    ({"Purchased rights": 2.5}, "purchased_rights", "2.5 is not a whole number"),
    ({"Purchased rights": 3_000_000_000}, "purchased_rights", "the most that is kept"),
    ({"Purchased rights": "many"}, "purchased_rights", "“many” is not a number"),
    ({"Packs": 3, "Rights per pack": 10, "Purchased rights": 31}, "purchased_rights",
     "3 packs of 10 rights are 30 rights, not 31"),
    ({"Packs": 3}, "packs", "not how many rights one has"),
    ({"Packs": -3, "Rights per pack": -10}, "packs", "Must not be below 0, and is -3"),
    ({"Unlimited": "yes"}, "is_unlimited", "Is unlimited and has 30 rights"),
    ({"Unlimited": "perhaps"}, "is_unlimited", "neither yes nor no"),
    ({"Duration": "Subscription"}, "starts_on", "A subscription needs a start"),
    ({"Duration": "Forever"}, "duration", "Perpetual, Subscription"),
    ({"End": date(2027, 1, 1)}, "ends_on", "a perpetual license has no end"),
    (
        {"Duration": "Subscription", "Start": date(2026, 2, 1), "End": date(2026, 1, 1)},
        "ends_on",
        "Ends on 2026-01-01, before it starts on 2026-02-01",
    ),
    ({"License type": "Trial"}, "license_type", "Full, Upgrade"),
    ({"Metric group": "Acme"}, "metric_group", "no metric group Acme. There are: Adobe"),
    ({"License metric": "Per Cat"}, "metric", "Per Cat is no metric of the group Common. It has"),
    ({"Agreement type": "ETLA"}, "agreement_type", "ETLA is no agreement type of the group Common"),
    ({"Contract number": "C-9"}, "contract", "no contract C-9 in Ex SA, nor in this file"),
    ({"Owned by person": "Nobody"}, "owner", "Nobody in Ex SA has the name"),
    ({"Owned by person": "A", "Owned by department": "B"}, "owner", "not by both"),
    ({"Department": "Cats"}, "department", "Ex SA has no department Cats"),
    ({"Location": "Moon"}, "location", "Ex SA has no location Moon"),
    ({"Cost centre": "CC9"}, "cost_centre", "Ex SA has no cost centre CC9"),
    ({"Company": "Other SA"}, "company", "The row is of Other SA; this import is of Ex SA"),
    ({"Unit cost": -4}, "unit_cost", "Must not be below 0"),
    ({"Unit cost": 4.12345}, "unit_cost", "more than 4 decimals"),
    ({"Unit cost": "1.234"}, "unit_cost", "Choose the decimal mark"),
    ({"Unit cost": "$40.00"}, "unit_cost", "Choose for this import which one it is"),
    ({"Unit cost": "USD;40"}, "unit_cost", "Is in USD, but the currency of the row is EUR"),
    ({"Currency": None}, "unit_cost", "an amount but no currency"),
    ({"Currency": "XXQ"}, "currency", "“XXQ” is not the code of a currency"),
    ({"License number": -1}, "license_number", "Must not be below 0"),
    ({"Database option": "Partitioning"}, "database_option", "DB Server"),
    ({"Asset tag": "x" * 101}, "asset_tag", "Has 101 characters, at most 100"),
    ({"Serial number": 1234567890123456789}, "serial_number", "more digits than a spreadsheet"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "name", "words"), BAD_LICENSES)
def test_a_license_that_cannot_be_is_refused_with_the_column_and_the_reason(
    company, ada, wrong, name, words
):
    source = preview(company, licenses({**LICENSE, **wrong}), ada)

    assert outcomes(source) == ["refused"]
    found = [(row, where) for row, where, reason in problems(source) if words in reason]
    assert found == [(2, name)], problems(source)


BAD_MAINTENANCE = [
    ({"Entitlement definition": None}, "definition", "needs an entitlement definition"),
    ({"Entitlement definition": "Gold"}, "definition", "Ex SA has no entitlement definition Gold"),
    ({"Start": None}, "starts_on", "Maintenance needs a start"),
    ({"End": date(2025, 1, 1)}, "ends_on", "before it starts"),
    ({"Quantity": 0}, "purchased_rights", "Must be above 0"),
    ({"Quantity": None, "Unit cost": -8}, "purchased_rights", "how many units were returned"),
    ({"Quantity": -1, "Purchased on": None}, "purchased_on", "on which day it was returned"),
    ({"Quantity": -1, "Currency": None}, "unit_cost", "an amount but no currency"),
    ({"Quantity": -1, "Product": None, "Publisher": None}, "product", "Names no software model"),
]


@pytest.mark.parametrize(("wrong", "name", "words"), BAD_MAINTENANCE)
def test_maintenance_that_cannot_be_is_refused_with_the_column_and_the_reason(
    company, ada, assurance, wrong, name, words
):
    source = preview(company, maintenance({**MAINTENANCE, **wrong}), ada)

    assert outcomes(source) == ["refused"]
    found = [(row, where) for row, where, reason in problems(source) if words in reason]
    assert found == [(2, name)], problems(source)


BAD_CONTRACTS = [
    ({"Contract number": None, "Contract name": "x"}, "number", "Has no contract number"),
    ({"Contract name": None}, "name", "needs a name"),
    ({"Contract type": None}, "type", "needs a contract type"),
    ({"Contract type": "Handshake"}, "type", "There are: Enterprise Agreement"),
    ({"Vendor": None}, "vendor", "needs a vendor"),
    ({"Parent contract": "C-9"}, "parent", "no contract C-9 in Ex SA"),
    ({"Parent contract": "C-1"}, "parent", "cannot stand under itself"),
    ({"Business owner": "Nobody"}, "business_owner", "Nobody in Ex SA"),
    ({"Contract value": 100}, "value", "an amount but no currency"),
    ({"Contract value": 1.005, "Currency": "EUR"}, "value", "more than 2 decimals"),
    ({"Term value": 100}, "term_value", "an amount but no currency"),
    ({"Contract value": -5, "Currency": "EUR"}, "value", "Must not be below 0, and is -5"),
    ({"Term start": date(1926, 1, 1)}, "starts_on", "1926-01-01 is long ago"),
    ({"Term start": None}, "starts_on", "a new term needs a start"),
    ({"Term end": date(2025, 1, 1)}, "ends_on", "before it starts"),
    ({"Status by hand": "Lost"}, "status", "Draft, Pending, Active, Expired, Cancelled"),
    ({"Company": "Other SA"}, "company", "this import is of Ex SA"),
]


@pytest.mark.parametrize(("wrong", "name", "words"), BAD_CONTRACTS)
def test_a_contract_that_cannot_be_is_refused_with_the_column_and_the_reason(
    company, ada, wrong, name, words
):
    source = preview(company, contracts({**CONTRACT, **wrong}), ada)

    assert outcomes(source) == ["refused"]
    found = [(row, where) for row, where, reason in problems(source) if words in reason]
    assert found == [(2, name)], problems(source)


def test_all_that_is_wrong_with_a_row_is_said_at_once(company, ada):
    wrong = {**LICENSE, "Purchased rights": 0, "Contract number": "C-9", "Unit cost": "a lot"}

    source = preview(company, licenses(wrong), ada)

    assert [name for _, name, _ in problems(source)] == [
        "contract",
        "purchased_rights",
        "unit_cost",
    ]


def test_an_asset_tag_that_stands_twice_in_a_file_is_refused_on_both_rows(company, ada):
    tagged = {**LICENSE, "Asset tag": "A-1"}

    source = preview(company, licenses(tagged, LICENSE, tagged), ada)

    assert outcomes(source) == ["refused", "new", "refused"]
    assert "Asset tag A-1 stands in this file 2 times, in rows 2, 4." in reasons(source)


def test_an_asset_tag_of_the_other_kind_is_refused(company, ada, assurance):
    do_import(company, licenses({**LICENSE, "Asset tag": "A-1"}), ada)

    source = preview(company, maintenance({**MAINTENANCE, "Asset tag": "A-1"}), ada)

    assert "is that of a license; this row is a maintenance position" in reasons(source)


def test_a_contract_below_a_refused_one_falls_with_it_and_so_does_a_license_under_it(company, ada):
    book = xlsx()
    book.add(
        "Contracts",
        {**CONTRACT, "Contract number": "C-3", "Parent contract": "C-2"},
        {**CONTRACT, "Contract number": "C-2", "Parent contract": "C-1"},
        {**CONTRACT, "Contract type": "Handshake"},
    )
    book.add("Licenses", {**LICENSE, "Contract number": "C-3"})

    source = preview(company, book.content, ada)

    assert is_all(source, Outcome.REFUSED)
    assert "The row of the contract C-3 in this file is refused." in reasons(source)


def test_contracts_that_would_stand_under_each_other_are_refused(company, ada):
    do_import(company, contracts(CONTRACT, {**CONTRACT, "Contract number": "C-2",
                                            "Parent contract": "C-1"}), ada)  # fmt: skip

    source = preview(company, contracts({**CONTRACT, "Parent contract": "C-2"}), ada)

    assert outcomes(source) == ["refused"]
    assert "would stand under itself" in reasons(source)


def test_a_term_that_runs_into_another_is_refused(company, ada):
    do_import(company, contracts(CONTRACT), ada)

    source = preview(company, contracts({**CONTRACT, "Term start": date(2026, 6, 1)}), ada)

    assert "within the term 2026-01-01 to 2026-12-31" in reasons(source)


def test_the_license_type_of_a_saved_license_is_not_changed(company, ada):
    do_import(company, licenses({**LICENSE, "Asset tag": "A-1"}), ada)

    upgrade = {**LICENSE, "Asset tag": "A-1", "License type": "Upgrade"}
    source = preview(company, licenses(upgrade), ada)

    assert "license type of a license is not changed" in reasons(source)


def test_rights_are_not_lowered_below_what_was_returned(company, ada):
    do_import(company, licenses({**LICENSE, "Asset tag": "A-1"}), ada)
    with acting(None, "Set up by a test"):
        PurchaseReturn.objects.create(
            company=company,
            entitlement=Entitlement.objects.get(),
            quantity=25,
            returned_on=date(2026, 2, 1),
        )

    source = preview(
        company, licenses({**LICENSE, "Asset tag": "A-1", "Purchased rights": 20}), ada
    )

    assert "25 of its rights are returned or moved away by upgrades" in reasons(source)


def test_a_serial_number_that_is_entered_replaces_a_matched_one(company, ada, assurance):
    do_import(company, maintenance({**MAINTENANCE, "Asset tag": "M-1"}), ada)
    with acting(None, "Set up by a test"):
        Entitlement.objects.update(matched_serial="S-1", matched_run_id=1)

    serial = {**MAINTENANCE, "Asset tag": "M-1", "Serial number": "S-2"}
    do_import(company, maintenance(serial), ada)

    position = Entitlement.objects.get()
    assert (position.serial_number, position.matched_serial, position.matched_run_id) == (
        "S-2",
        "",
        None,
    )


def test_nothing_is_written_while_a_row_is_refused(company, ada):
    source = preview(company, licenses(LICENSE, {**LICENSE, "Purchased rights": 0}), ada)

    with pytest.raises(services.RowsAreRefused):
        services.confirm(source, leave_refused_out=False, by=ada)

    assert not Entitlement.objects.exists()


def test_refused_rows_are_left_out_where_the_person_chose_it(company, ada):
    source = preview(company, licenses(LICENSE, {**LICENSE, "Product": "Other",
                                                 "Purchased rights": 0}), ada)  # fmt: skip

    confirm(source, ada, leave_refused_out=True)

    assert [entitlement.model.name for entitlement in Entitlement.objects.all()] == ["DrawIt 5"]
    assert not SoftwareModel.objects.filter(product__name="Other").exists()


def test_records_of_another_company_are_never_matched(company, ada):
    elsewhere = CompanyFactory(name="Elsewhere")
    bob = make_user(Role.ADMINISTRATOR, elsewhere)
    do_import(elsewhere, licenses({**LICENSE, "Asset tag": "A-1"}), bob)

    source = do_import(company, licenses({**LICENSE, "Asset tag": "A-1"}), ada)

    assert outcomes(source) == ["new"]
    assert Entitlement.objects.count() == 2


def test_every_change_of_an_import_is_in_the_history_with_person_and_reason(company, ada):
    source = do_import(company, licenses(LICENSE), ada)

    (made,) = Entitlement.history.all()
    assert (made.history_type, made.history_user_id) == ("+", ada.pk)
    assert made.history_change_reason == f"Import of licenses.xlsx (#{source.pk})"


def test_an_import_whose_records_changed_since_the_preview_shows_the_preview_anew(company, ada):
    source = preview(company, licenses({**LICENSE, "Asset tag": "A-1"}), ada)
    LicenseFactory(company=company, asset_tag="A-1")

    confirm(source, ada)

    assert source.state == ImportState.PREVIEWED
    assert "Records changed since the preview" in reasons(source)
    assert outcomes(source) == ["changed"]
    assert Entitlement.objects.count() == 1


def test_an_import_whose_staged_rows_were_lost_asks_to_read_the_file_again(company, ada):
    source = preview(company, licenses(LICENSE), ada)
    source.rows.all().delete()  # what a crash of the server does to unlogged tables

    confirm(source, ada)

    assert source.state == ImportState.REFUSED
    assert source.remarks == [jobs.LOST]
    assert not Entitlement.objects.exists()


def test_staged_rows_are_forgotten_after_a_while_and_what_was_imported_stays(company, ada):
    source = do_import(company, licenses(LICENSE, {**LICENSE, "Asset tag": "A-1"}), ada)

    jobs.forget_before(source.started_at)
    assert source.rows.count() == 2
    jobs.forget_before(source.started_at + timedelta(seconds=1))

    assert source.rows.count() == 0
    assert Entitlement.objects.count() == 2


def test_what_a_person_should_look_at_is_said_and_goes_in_all_the_same(company, ada):
    known = {**LICENSE, "Publisher part number": "AC-100"}
    do_import(company, licenses(known), ada)
    other = {**known, "Product": "PaintIt", "Version": "1"}
    upgrade = {**LICENSE, "Asset tag": "U-1", "License type": "Upgrade"}
    values = {**LICENSE, "Publisher": "IBM", "License metric": "Per Processor"}
    users = {**values, "License metric": "Per User", "Asset tag": "I-2"}
    do_import(company, licenses({**values, "Asset tag": "I-1"}), ada)

    source = do_import(company, licenses(other, upgrade, users), ada)

    assert source.state == ImportState.APPLIED
    assert source.figures["warnings"] == [
        "The part number is of another publisher or product than the software model: row 2.",
        "An upgrade counts twice until the page of its license names what it upgrades: row 3.",
        "The software model has licenses of another metric, which IBM counts apart: row 4.",
    ]
