"""An import is undone as a whole, or not at all: it says what was touched, by whom and when."""

from datetime import date

import pytest
from django.utils import timezone

from accounts.models import Company, Location, User
from accounts.roles import Role
from allocation.models import Allocation, Basis
from common.acting import acting
from contracts.models import Contract, ContractTerm, Product, SoftwareModel, Vendor
from entitlements.models import Entitlement, ImportState, Kind, PurchaseReturn
from entitlements.workbook.choices import Choices, Makes
from tests.entitlements.workbooks import (
    CONTRACT,
    LICENSE,
    MAINTENANCE,
    contracts,
    do_import,
    licenses,
    reasons,
    undo,
    xlsx,
)
from tests.factories import (
    CompanyFactory,
    DefinitionFactory,
    LicenseFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

EVERYTHING = Choices(makes=frozenset(Makes))


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


def test_what_an_import_made_is_deleted_and_its_history_stays(company, ada):
    book = xlsx().add("Contracts", CONTRACT)
    book.add("Licenses", {**LICENSE, "Contract number": "C-1", "Location": "Vienna"})
    book.add("Maintenance", MAINTENANCE, {**MAINTENANCE, "Quantity": -3})
    source = do_import(company, book.content, ada, choices=EVERYTHING)

    undo(source, ada)

    assert source.state == ImportState.UNDONE, reasons(source)
    for record in (Entitlement, PurchaseReturn, Contract, ContractTerm, SoftwareModel, Location):
        assert not record.objects.exists()
    assert not Vendor.objects.filter(name="Acme").exists()
    removed = Contract.history.filter(history_type="-").get()
    assert removed.history_change_reason == f"Undone: Import of licenses.xlsx (#{source.pk})"
    assert removed.history_user_id == ada.pk


def test_what_an_import_changed_is_restored(company, ada):
    do_import(company, licenses({**LICENSE, "Asset tag": "A-1", "Notes": "before"}), ada)
    do_import(company, contracts(CONTRACT), ada)
    book = xlsx()
    book.add(
        "Contracts",
        {**CONTRACT, "Contract name": "Other", "Term start": date(2027, 1, 1), "Term end": None},
    )
    book.add(
        "Licenses",
        {**LICENSE, "Asset tag": "A-1", "Notes": "after", "Product": "PaintIt", "Vendor": "Shop"},
    )
    source = do_import(company, book.content, ada)
    assert Entitlement.objects.get().model.name == "PaintIt 5"

    undo(source, ada)

    restored = Entitlement.objects.get()
    assert (restored.notes, restored.model.name, restored.vendor) == ("before", "DrawIt 5", None)
    assert not Product.objects.filter(name="PaintIt").exists()
    contract = Contract.objects.get()
    assert contract.name == CONTRACT["Contract name"]
    assert [term.starts_on for term in contract.terms.all()] == [date(2026, 1, 1)]


def test_a_record_somebody_touched_since_holds_the_undoing_back(company, ada):
    source = do_import(company, licenses(LICENSE, {**LICENSE, "Asset tag": "A-1"}), ada)
    bob = make_user(Role.LICENSE_MANAGER, company, first_name="Bob", last_name="Ray")
    with acting(bob, "Counted again"):
        Entitlement.objects.filter(asset_tag="A-1").update(purchased_rights=29)

    undo(source, ada)

    assert source.state == ImportState.APPLIED
    assert "Entitlement DrawIt 5 (A-1) was changed by Bob Ray on 20" in reasons(source)
    assert "Counted again" in reasons(source)
    assert Entitlement.objects.count() == 2


def test_a_record_that_others_refer_to_holds_the_undoing_back(company, ada):
    definition = DefinitionFactory(company=company, name="Software Assurance")
    book = xlsx().add("Licenses", LICENSE).add("Maintenance", MAINTENANCE)
    source = do_import(company, book.content, ada)
    with acting(ada, "Set up by a test"):
        Allocation.objects.create(
            company=company,
            kind=Kind.MAINTENANCE,
            license=Entitlement.objects.get(kind=Kind.LICENSE),
            entitlement=Entitlement.objects.get(kind=Kind.MAINTENANCE),
            quantity=30,
            basis=Basis.MANUAL,
            made_on=date(2026, 2, 1),
            made_at=timezone.now(),
            made_by=ada,
        )

    undo(source, ada)

    assert source.state == ImportState.APPLIED
    assert "is used by 1 allocation" in reasons(source)
    assert definition.positions.count() == 1


def test_what_was_made_by_the_way_stays_where_others_use_it_meanwhile(company, ada):
    source = do_import(company, licenses(LICENSE), ada)
    LicenseFactory(company=CompanyFactory(), model=SoftwareModel.objects.get())

    undo(source, ada)

    assert source.state == ImportState.UNDONE
    assert Entitlement.objects.count() == 1
    assert SoftwareModel.objects.get().name == "DrawIt 5"
    assert any("DrawIt 5 stays: it is in use." in remark for remark in source.remarks)


def test_records_deleted_by_an_undone_import_can_be_imported_again(company, ada):
    content = licenses({**LICENSE, "Asset tag": "A-1"})
    undo(do_import(company, content, ada), ada)

    again = do_import(company, content, ada)

    assert again.state == ImportState.APPLIED
    assert Entitlement.objects.get().asset_tag == "A-1"


def test_the_later_of_two_imports_is_undone_first(company, ada):
    first = do_import(company, licenses({**LICENSE, "Asset tag": "A-1"}), ada)
    second = do_import(company, licenses({**LICENSE, "Asset tag": "A-1", "Notes": "second"}), ada)

    undo(first, ada)
    assert first.state == ImportState.APPLIED

    undo(second, ada)
    undo(first, ada)
    assert first.state == ImportState.UNDONE
    assert not Entitlement.objects.exists()
