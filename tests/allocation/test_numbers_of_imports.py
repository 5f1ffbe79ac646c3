"""Imports of workbooks, and their undoing, keep the numbers of licenses current."""

import pytest
from django.utils import timezone

from accounts.models import Company, User
from accounts.roles import Role
from allocation.models import LicenseNumbers
from allocation.recount import differences
from allocation.services import reserve
from entitlements.models import Entitlement, ImportState
from tests.allocation.using import figures
from tests.entitlements.workbooks import LICENSE, do_import, licenses, reasons, undo
from tests.factories import CompanyFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


def imported(company: Company, by: User, **cells: object) -> Entitlement:
    source = do_import(company, licenses({**LICENSE, "Asset tag": "A-1", **cells}), by)
    assert source.state == ImportState.APPLIED, reasons(source)
    return Entitlement.objects.get(asset_tag="A-1")


def test_imported_licenses_have_numbers_at_once(company: Company, ada: User) -> None:
    license = imported(company, ada, **{"Purchased rights": 12})

    assert (figures(license).entitled, figures(license).available) == (12, 12)
    assert list(differences(company, timezone.localdate())) == []


def test_an_import_that_cuts_rights_below_what_is_allocated_shows_it(
    company: Company, ada: User
) -> None:
    license = imported(company, ada, **{"Purchased rights": 12})
    reserve(
        license=license,
        kind="project",
        label="Bonn",
        quantity=10,
        day=timezone.localdate(),
        by=ada,
    )

    imported(company, ada, **{"Purchased rights": 7})

    assert figures(license).available == -3


def test_undoing_an_import_takes_the_numbers_back_too(company: Company, ada: User) -> None:
    license = imported(company, ada, **{"Purchased rights": 12})
    source = do_import(
        company,
        licenses(
            {**LICENSE, "Asset tag": "A-1", "Purchased rights": 7},
            {**LICENSE, "Asset tag": "A-2", "Purchased rights": 3},
        ),
        ada,
    )
    assert source.state == ImportState.APPLIED, reasons(source)

    undo(source, ada)

    assert source.state == ImportState.UNDONE, reasons(source)
    assert figures(license).entitled == 12
    assert LicenseNumbers.objects.count() == 1


def test_an_import_whose_license_is_used_is_not_undone(company: Company, ada: User) -> None:
    source = do_import(company, licenses({**LICENSE, "Asset tag": "A-1"}), ada)
    license = Entitlement.objects.get()
    reserve(
        license=license,
        kind="project",
        label="Bonn",
        quantity=1,
        day=timezone.localdate(),
        by=ada,
    )

    undo(source, ada)

    assert source.state == ImportState.APPLIED
    assert any("is used by 1 allocation" in remark for remark in source.remarks)
