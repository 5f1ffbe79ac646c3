"""Paging shows every row once, in one order, forward and back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.acting import acting
from common.keyset import (
    Cursor,
    InvalidCursor,
    Sort,
    order_rows,
    read_cursor,
    read_page,
    write_cursor,
)
from contracts.models import Contract
from tests.factories import CompanyFactory, ContractFactory, VendorFactory

pytestmark = pytest.mark.django_db

SORTS = {
    "a nullable day": "purchased_on",
    "a nullable amount": "value",
    "a text with ties": "name",
    "a related text": "vendor__name",
    "the key itself": "pk",
}
ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, date(2025, 1, 1), date(2025, 6, 1), date(2026, 1, 1)]),
        st.sampled_from([None, 0, 5, 7]),
        st.sampled_from(["", "a", "B", "é"]),
        st.integers(0, 1),
    ),
    max_size=12,
)


def made(rows: Sequence[Any]) -> None:
    with acting(None, "Set up by a test"):
        Contract.objects.all().delete()
    if not rows:
        return
    company, vendors = CompanyFactory(), [VendorFactory(), VendorFactory()]
    for day, value, name, vendor in rows:
        ContractFactory(
            company=company,
            purchased_on=day,
            value=value,
            currency="EUR",
            name=name,
            vendor=vendors[vendor],
        )


def walked(sort: Sort, size: int, *, back: bool = False) -> list[list[int]]:
    """The keys of all pages from the first to the last, or from the last to the first."""
    queryset = Contract.objects.order_by()
    page = read_page(queryset, sort, None, size)
    pages = [[row.pk for row in page.rows]]
    while page.next:
        page = read_page(queryset, sort, page.next, size)
        pages.append([row.pk for row in page.rows])
    if not back:
        return pages
    pages = [[row.pk for row in page.rows]]
    while page.previous:
        page = read_page(queryset, sort, page.previous, size)
        pages.append([row.pk for row in page.rows])
    return pages


@pytest.mark.parametrize("descending", [False, True], ids=["ascending", "descending"])
@pytest.mark.parametrize("key", SORTS.values(), ids=SORTS.keys())
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS, size=st.integers(1, 4), smallest=st.booleans())
def test_pages_hold_every_row_once_in_the_order_of_the_export(
    key: str, descending: bool, rows: Sequence[Any], size: int, smallest: bool
) -> None:
    made(rows)
    sort = Sort(name="key", key=key, descending=descending, empty_is_smallest=smallest)

    pages = walked(sort, size)

    in_order = [row.pk for row in order_rows(Contract.objects.all(), sort)]
    assert [pk for page in pages for pk in page] == in_order
    assert all(len(page) == size for page in pages[:-1])


@pytest.mark.parametrize("descending", [False, True], ids=["ascending", "descending"])
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS, size=st.integers(1, 4), smallest=st.booleans())
def test_the_way_back_passes_the_same_rows(
    descending: bool, rows: Sequence[Any], size: int, smallest: bool
) -> None:
    made(rows)
    sort = Sort(name="day", key="purchased_on", descending=descending, empty_is_smallest=smallest)

    forward, back = walked(sort, size), walked(sort, size, back=True)

    # The first page is whole even where the way back would cut it.
    assert back[-1] == forward[0]
    assert {pk for page in back for pk in page} == {pk for page in forward for pk in page}


@pytest.mark.parametrize(
    ("smallest", "ascending"), [(False, ["dated", "empty"]), (True, ["empty", "dated"])]
)
def test_an_empty_key_counts_as_the_largest_or_as_the_smallest(
    smallest: bool, ascending: list[str]
) -> None:
    made([(None, None, "empty", 0), (date(2026, 1, 1), None, "dated", 0)])

    def names(*, descending: bool) -> list[str]:
        sort = Sort(
            name="day", key="purchased_on", descending=descending, empty_is_smallest=smallest
        )
        return [row.name for row in read_page(Contract.objects.all(), sort, None, 9).rows]

    assert names(descending=False) == ascending
    assert names(descending=True) == ascending[::-1]


def test_a_page_tells_how_many_rows_stand_before_it() -> None:
    made([(None, None, name, 0) for name in "abcde"])
    sort = Sort(name="name", key="name")

    first = read_page(Contract.objects.all(), sort, None, 2)
    second = read_page(Contract.objects.all(), sort, first.next, 2)
    third = read_page(Contract.objects.all(), sort, second.next, 2)
    again = read_page(Contract.objects.all(), sort, third.previous, 2)

    assert [page.rows_before for page in (first, second, third, again)] == [0, 2, 4, 2]
    assert third.next is None
    assert [row.name for row in again.rows] == ["c", "d"]


@pytest.mark.parametrize(
    ("key", "path"),
    [
        pytest.param(date(2026, 1, 1), "purchased_on", id="day"),
        pytest.param(None, "purchased_on", id="empty"),
        pytest.param("x’é", "name", id="text"),
        pytest.param(7, "pk", id="number"),
    ],
)
def test_a_cursor_survives_its_way_through_an_address(key: Any, path: str) -> None:
    sort = Sort(name="key", key=path)
    cursor = Cursor(key=key, pk=3, backward=True, rows_before=50)

    text = write_cursor(cursor, list_name="contracts", sort=sort)

    queryset = Contract.objects.all()
    assert read_cursor(text, list_name="contracts", sort=sort, queryset=queryset) == cursor


def test_a_cursor_of_another_list_order_or_hand_is_refused() -> None:
    sort = Sort(name="name", key="name")
    text = write_cursor(Cursor(key="a", pk=1), list_name="contracts", sort=sort)
    turned = Sort(name="name", key="name", descending=True)
    queryset = Contract.objects.all()

    for attempt, list_name, order in (
        (text, "licenses", sort),
        (text, "contracts", turned),
        (text[:-1] + "x", "contracts", sort),
        ("nonsense", "contracts", sort),
    ):
        with pytest.raises(InvalidCursor):
            read_cursor(attempt, list_name=list_name, sort=order, queryset=queryset)
