from datetime import date, timedelta

import pytest

from contracts.dates import ContractStatus, status_on

TODAY = date(2026, 6, 1)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "status"),
    [
        pytest.param(None, None, ContractStatus.DRAFT, id="no term yet"),
        pytest.param(TOMORROW, None, ContractStatus.PENDING, id="starts tomorrow"),
        pytest.param(TODAY, None, ContractStatus.ACTIVE, id="starts today"),
        pytest.param(YESTERDAY, TOMORROW, ContractStatus.ACTIVE, id="within its term"),
        pytest.param(YESTERDAY, TODAY, ContractStatus.ACTIVE, id="the last day still counts"),
        pytest.param(YESTERDAY, YESTERDAY, ContractStatus.EXPIRED, id="the day after its end"),
        pytest.param(YESTERDAY, None, ContractStatus.ACTIVE, id="endless"),
    ],
)
def test_a_contract_follows_its_dates(
    starts_on: date | None, ends_on: date | None, status: ContractStatus
) -> None:
    assert status_on(TODAY, starts_on=starts_on, ends_on=ends_on) == status


def test_a_status_set_by_hand_stands_before_the_dates() -> None:
    assert (
        status_on(TODAY, starts_on=YESTERDAY, ends_on=None, by_hand="cancelled")
        == ContractStatus.CANCELLED
    )
