"""The demo can be loaded on any day."""

from datetime import date

import pytest

from allocation.models import ConsolidateRun
from demo.load import load_demo


@pytest.mark.django_db
@pytest.mark.parametrize(
    "today",
    [
        pytest.param(date(2027, 3, 1), id="the first of a month"),
        pytest.param(date(2028, 2, 29), id="a leap day"),
    ],
)
def test_it_loads_and_no_run_in_it_is_without_changes(today: date) -> None:
    load_demo(today=today)

    runs = ConsolidateRun.objects.all()
    assert runs.count() == 72
    assert not runs.filter(counts={}).exists()
