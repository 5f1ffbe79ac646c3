"""A sheet that cuts purchased rights: not below what was returned or moved away on any day."""

from datetime import date
from typing import Any

import pytest

from accounts.models import Company, User
from accounts.roles import Role
from entitlements.models import Entitlement
from entitlements.services import add_return, take_back_return
from entitlements.workbook.choices import Choices, Makes
from tests.entitlements.workbooks import LICENSE, confirm, do_import, licenses, preview, reasons
from tests.factories import CompanyFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("ends", "rights", "said"),
    [
        pytest.param([None, None], 8, "9 of its rights are returned", id="both at once"),
        pytest.param([None, None], 9, "", id="as many as are gone"),
        pytest.param([date(2026, 3, 1), None], 4, "5 of its rights", id="one after the other"),
        pytest.param([date(2026, 3, 1), None], 5, "", id="as many as on the worst day"),
        pytest.param([date(2026, 2, 1), date(2026, 3, 1)], 1, "", id="never returned"),
    ],
)
def test_rights_are_cut_to_what_is_left_on_the_worst_day(
    ends: list[date | None], rights: int, said: str
) -> None:
    company: Company = CompanyFactory()
    ada: User = make_user(Role.ADMINISTRATOR, company)
    row: dict[str, Any] = {**LICENSE, "Asset tag": "A-1"}
    do_import(company, licenses(row), ada, choices=Choices(makes=frozenset(Makes)))
    license = Entitlement.objects.get()
    for day, quantity, ended_on in zip(
        (date(2026, 2, 1), date(2026, 3, 1)), (4, 5), ends, strict=True
    ):
        returned = add_return(
            license=license, quantity=quantity, day=day, unit_price=None, currency="", by=ada
        )
        if ended_on is not None:
            take_back_return(returned=returned, day=ended_on, by=ada, reason="Set up")

    source = preview(company, licenses({**row, "Purchased rights": rights}), ada)
    if not said:
        confirm(source, ada)

    license.refresh_from_db()
    assert license.purchased_rights == (30 if said else rights)
    assert said in reasons(source)
