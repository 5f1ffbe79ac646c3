"""States by hand, product types, agreements and matching in sheets of entitlements."""

from datetime import date

import pytest

from accounts.models import Company, User
from accounts.roles import Role
from allocation.queries import numbers_of
from contracts.models import SoftwareModel
from entitlements.models import Entitlement, ImportState, Outcome, StatePeriod
from entitlements.services.states import set_state
from entitlements.workbook.choices import Choices, Makes
from tests.entitlements.workbooks import (
    LICENSE,
    MAINTENANCE,
    Row,
    changes,
    do_import,
    is_all,
    licenses,
    maintenance,
    outcomes,
    preview,
    problems,
    reasons,
    undo,
)
from tests.factories import CompanyFactory, make_user

pytestmark = pytest.mark.django_db

RETIRED: Row = {
    **LICENSE,
    "Asset tag": "A-1",
    "State by hand": "Retired",
    "Substate": "Sold",
    "State from": date(2026, 3, 1),
}


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


def periods() -> list[tuple[str, str, date, date | None]]:
    found = StatePeriod.objects.order_by("from_on")
    return list(found.values_list("state", "substate", "from_on", "until_on"))


def test_a_state_comes_with_its_license_and_the_same_file_again_changes_nothing(company, ada):
    do_import(company, licenses(RETIRED), ada)

    assert periods() == [("retired", "sold", date(2026, 3, 1), None)]
    assert StatePeriod.history.get().history_user_id == ada.pk
    assert is_all(preview(company, licenses(RETIRED), ada), Outcome.UNCHANGED)


def test_a_state_without_days_holds_from_the_purchase_on(company, ada):
    do_import(company, licenses({**LICENSE, "State by hand": "in_stock"}), ada)

    assert periods() == [("in_stock", "", date(2026, 1, 5), None)]


def test_the_known_state_is_changed_by_a_row_that_begins_on_the_same_day(company, ada):
    do_import(company, licenses(RETIRED), ada)
    donated = {**RETIRED, "Substate": "Donated", "State until": date(2026, 6, 30)}

    source = do_import(company, licenses(donated), ada)

    assert changes(source) == [
        {
            "State by hand": [
                "Retired, Sold from 2026-03-01",
                "Retired, Donated from 2026-03-01 until 2026-06-30",
            ]
        }
    ]
    assert periods() == [("retired", "donated", date(2026, 3, 1), date(2026, 6, 30))]


def test_a_later_state_cuts_the_known_one_short_and_undoing_restores_it(company, ada):
    do_import(company, licenses(RETIRED), ada)
    back = {**RETIRED, "State by hand": "In use", "Substate": None, "State from": date(2026, 5, 1)}

    source = do_import(company, licenses(back), ada)

    assert periods() == [
        ("retired", "sold", date(2026, 3, 1), date(2026, 4, 30)),
        ("in_use", "", date(2026, 5, 1), None),
    ]
    assert undo(source, ada).state == ImportState.UNDONE
    assert periods() == [("retired", "sold", date(2026, 3, 1), None)]


def test_a_state_alone_leaves_no_trace_on_the_record_beside_it(company, ada):
    do_import(company, licenses({**LICENSE, "Asset tag": "A-1"}), ada)
    before = Entitlement.history.count()

    do_import(company, licenses(RETIRED), ada)

    assert Entitlement.history.count() == before
    assert len(periods()) == 1


def test_the_rights_of_a_license_follow_the_state_that_was_imported_and_undone(company, ada):
    do_import(company, licenses({**LICENSE, "Asset tag": "A-1"}), ada)
    source = do_import(company, licenses({**RETIRED, "State from": None}), ada)

    assert stored_rights() == 0
    undo(source, ada)
    assert stored_rights() == 30


def stored_rights() -> int | None:
    numbers = numbers_of(Entitlement.objects.get())
    assert numbers is not None
    return numbers.entitled


def test_an_import_is_not_undone_over_a_state_that_was_set_since(company, ada):
    source = do_import(company, licenses(RETIRED), ada)
    set_state(
        entitlement=Entitlement.objects.get(),
        state="in_use",
        substate="",
        from_on=date(2026, 4, 1),
        until_on=None,
        by=ada,
        reason="Bought back",
    )

    source = undo(source, ada)

    assert source.state == ImportState.APPLIED
    assert "Bought back" in " ".join(source.remarks)


@pytest.mark.parametrize(
    ("row", "name", "words"),
    [
        ({"State by hand": None}, "state", "Names no state, and says sold of one"),
        ({"State by hand": "Gone"}, "state", "“Gone” is none of the values allowed"),
        ({"Substate": "Lost"}, "substate", "Lost is no substate of Retired, which has Disposed"),
        (
            {"State by hand": "In use", "Substate": "Sold"},
            "substate",
            "Sold is no substate of In use, which has none",
        ),
        (
            {"State from": date(2026, 1, 1)},
            "state_from",
            "Begins on 2026-01-01, before it was bought on 2026-01-05",
        ),
        (
            {"State until": date(2026, 2, 1)},
            "state_until",
            "Ends on 2026-02-01, before it begins on 2026-03-01",
        ),
    ],
)
def test_a_state_that_cannot_be_is_refused_with_column_and_value(company, ada, row, name, words):
    source = preview(company, licenses({**RETIRED, **row}), ada)

    assert [(at, where) for at, where, why in problems(source) if words in why] == [(2, name)]
    assert is_all(source, Outcome.REFUSED)


def test_a_state_before_the_latest_is_refused(company, ada):
    do_import(company, licenses(RETIRED), ada)

    source = preview(company, licenses({**RETIRED, "State from": date(2026, 2, 1)}), ada)

    assert "Begins on 2026-02-01, before the state that was set from 2026-03-01" in reasons(source)


def test_an_empty_cell_never_takes_a_state_away(company, ada):
    do_import(company, licenses(RETIRED), ada)
    emptied = {**RETIRED, "State by hand": None, "Substate": None, "State from": None}

    source = preview(company, licenses(emptied), ada, choices=Choices(empty_clears=True))

    assert outcomes(source) == ["unchanged"]


def test_a_new_software_model_gets_its_product_type_and_a_known_one_keeps_it(company, ada):
    free = {**LICENSE, "Product type": "Freeware"}
    do_import(company, licenses(free), ada)

    assert SoftwareModel.objects.get().product_type == "freeware"
    assert is_all(preview(company, licenses(free), ada), Outcome.UNCHANGED)
    refused = preview(company, licenses({**LICENSE, "Product type": "Licensable"}), ada)
    assert "DrawIt 5 is of the type Freeware, not Licensable" in reasons(refused)


def test_maintenance_may_be_kept_from_being_matched(company, ada):
    kept = {**MAINTENANCE, "May be matched": "No"}
    do_import(company, maintenance(kept), ada, choices=Choices(makes=frozenset(Makes)))

    assert not Entitlement.objects.get().may_be_matched
    changed = preview(company, maintenance({**kept, "May be matched": "Yes"}), ada)
    assert changes(changed) == [{"May be matched": [False, True]}]


def test_a_metric_of_another_group_than_the_known_agreement_type_is_refused(company, ada):
    agreed = {**LICENSE, "Asset tag": "A-1", "Metric group": "Common", "Agreement type": "Generic"}
    do_import(company, licenses(agreed), ada)
    moved = {"Metric group": "Oracle", "License metric": "Per Processor", "Agreement type": None}

    source = preview(company, licenses({**agreed, **moved}), ada)

    assert (
        "Generic is an agreement type of Common, but the metric Per Processor is one of Oracle"
        in reasons(source)
    )
