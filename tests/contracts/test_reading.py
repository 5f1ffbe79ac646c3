"""The dates of a contract on its page, told from its terms, are those that lists ask SQL for."""

from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.access import scope_of
from accounts.roles import Role
from contracts.models import Contract
from contracts.views.reading import contract_with_terms
from tests.factories import ContractFactory, ContractTermFactory, make_user

pytestmark = pytest.mark.django_db

Y2024, Y2025 = (date(2024, 1, 1), date(2024, 12, 31)), (date(2025, 1, 1), date(2025, 12, 31))
ENDLESS = (date(2026, 1, 1), None)


@pytest.mark.parametrize(
    ("terms", "given_up"),
    [
        pytest.param([], (), id="no term"),
        pytest.param([Y2024], (), id="one"),
        pytest.param([Y2025, Y2024], (), id="two"),
        pytest.param([Y2024, ENDLESS], (), id="endless"),
        pytest.param([Y2024, Y2025], (1,), id="notice in the last"),
        pytest.param([Y2024, Y2025], (0,), id="notice in an earlier one"),
    ],
)
def test_dates_told_from_terms_are_those_of_sql(
    terms: Sequence[tuple[date, date | None]], given_up: Sequence[int]
) -> None:
    contract = ContractFactory()
    for place, (starts_on, ends_on) in enumerate(terms):
        notice = date(2024, 6, 1) if place in given_up else None
        ContractTermFactory(
            contract=contract, starts_on=starts_on, ends_on=ends_on, notice_given_on=notice
        )
    asking: Any = SimpleNamespace(scope=scope_of(make_user(Role.AUDITOR, contract.company)))

    told, _ = contract_with_terms(asking, contract.pk)

    asked: Any = Contract.objects.with_dates().get(pk=contract.pk)
    for name in ("starts_on", "ends_on", "is_given_up"):
        assert getattr(told, name) == getattr(asked, name)
