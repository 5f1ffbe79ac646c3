"""What is seen, seen again and gone, whatever the order in which files come."""

from datetime import date

import pytest

from accounts.models import Company, Person
from common.acting import acting
from deployments.models import Device, Installation, Subscription
from tests.deployments.inventories import Inventories, device, installation, subscription
from tests.factories import CompanyFactory, PersonFactory

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (2, 3, 4, 5))


@pytest.fixture
def company() -> Company:
    return CompanyFactory()


def periods(name: str = "DrawIt") -> list[tuple[date, date, date | None]]:
    """When a title was seen first and last, and from when it was gone."""
    rows = Installation.objects.filter(software__name=name).order_by("seen_on")
    return list(rows.values_list("seen_on", "last_seen_on", "gone_on"))


def test_the_same_file_twice_changes_nothing(inventories: Inventories, company: Company) -> None:
    file = [device("PC-1", cores=4), installation("PC-1"), installation("PC-2", "TextIt")]
    inventories.load(company, *file, is_full=True)
    before = list(Installation.objects.order_by("pk").values())
    changes = Device.history.count()

    again = inventories.load(company, *file, is_full=True)

    assert list(Installation.objects.order_by("pk").values()) == before
    assert Device.history.count() == changes
    assert again.figures["counts"]["installations_new"] == 0
    assert again.figures["counts"]["installations_seen"] == 2


def test_what_a_full_file_omits_is_gone_from_its_day(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1"), installation("PC-1", "TextIt"), day=MONDAY)

    inventories.load(company, installation("PC-1", "TextIt"), day=WEDNESDAY, is_full=True)

    assert periods("DrawIt") == [(MONDAY, MONDAY, WEDNESDAY)]
    assert periods("TextIt") == [(MONDAY, WEDNESDAY, None)]


def test_a_partial_file_ends_nothing(inventories: Inventories, company: Company) -> None:
    inventories.load(company, installation("PC-1"), day=MONDAY)

    inventories.load(company, installation("PC-1", "TextIt"), day=TUESDAY)

    assert periods("DrawIt") == [(MONDAY, MONDAY, None)]


def test_a_full_file_ends_only_rows_of_its_source(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1"), day=MONDAY, source="agent")

    inventories.load(
        company, installation("PC-1", "TextIt"), day=TUESDAY, source="scan", is_full=True
    )

    assert periods("DrawIt") == [(MONDAY, MONDAY, None)]


def test_a_full_file_ends_nothing_of_another_company(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(CompanyFactory(), installation("PC-1"), day=MONDAY)

    inventories.load(company, installation("PC-1", "TextIt"), day=TUESDAY, is_full=True)

    assert periods("DrawIt") == [(MONDAY, MONDAY, None)]


def test_a_whole_device_ends_what_it_omits_of_that_device_alone(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1"), installation("PC-2"), day=MONDAY)

    inventories.load(
        company, device("pc-1", is_whole=True), installation("pc-1", "TextIt"), day=TUESDAY
    )

    gone = Installation.objects.exclude(gone_on=None)
    assert [str(row) for row in gone] == ["DrawIt on PC-1"]


def test_a_file_with_unread_rows_ends_nothing(inventories: Inventories, company: Company) -> None:
    inventories.load(company, installation("PC-1"), day=MONDAY)

    inventories.load(
        company,
        installation("PC-1", "TextIt"),
        {"problem": [3, "Line 3: it has no name. Fill the column.", True]},
        day=TUESDAY,
        is_full=True,
    )

    assert periods("DrawIt") == [(MONDAY, MONDAY, None)]


def test_a_file_that_says_itself_that_it_is_a_part_ends_nothing(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1"), day=MONDAY)

    loaded = inventories.load(
        company,
        installation("PC-1", "TextIt"),
        {"part": "It is one page of several."},
        day=TUESDAY,
        is_full=True,
    )

    assert periods("DrawIt") == [(MONDAY, MONDAY, None)]
    assert loaded.figures["problems"] == [[0, "It is one page of several.", False]]


def test_a_part_does_not_close_what_a_late_file_tells(
    inventories: Inventories, company: Company
) -> None:
    part = {"part": "It is one page of several."}
    inventories.load(company, installation("PC-1", "TextIt"), part, day=TUESDAY, is_full=True)

    inventories.load(company, installation("PC-1"), day=MONDAY)

    assert periods("DrawIt") == [(MONDAY, MONDAY, None)]


def test_what_comes_back_begins_anew(inventories: Inventories, company: Company) -> None:
    inventories.load(company, installation("PC-1"), day=MONDAY, is_full=True)
    inventories.load(company, installation("PC-1", "TextIt"), day=TUESDAY, is_full=True)

    inventories.load(company, installation("PC-1"), day=THURSDAY, is_full=True)

    assert periods() == [(MONDAY, MONDAY, TUESDAY), (THURSDAY, THURSDAY, None)]


def test_a_second_file_of_a_day_stands_in_place_of_the_first(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1"), day=MONDAY, is_full=True)
    inventories.load(company, installation("PC-1", "TextIt"), day=TUESDAY, is_full=True)

    inventories.load(company, installation("PC-1"), day=TUESDAY, is_full=True)

    assert periods("DrawIt") == [(MONDAY, TUESDAY, None)]
    assert periods("TextIt") == [(TUESDAY, TUESDAY, TUESDAY)]


def test_a_late_file_moves_the_first_day_back(inventories: Inventories, company: Company) -> None:
    inventories.load(company, installation("PC-1"), day=WEDNESDAY)

    inventories.load(company, installation("PC-1"), day=MONDAY)

    assert periods() == [(MONDAY, WEDNESDAY, None)]


def test_a_late_file_within_a_period_that_is_over_changes_nothing(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1"), day=MONDAY, is_full=True)
    inventories.load(company, installation("PC-1", "TextIt"), day=THURSDAY, is_full=True)

    inventories.load(company, installation("PC-1"), day=TUESDAY)

    assert periods() == [(MONDAY, TUESDAY, THURSDAY)]


def test_a_late_file_brings_nothing_back_that_a_later_full_one_did_not_find(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1", "TextIt"), day=WEDNESDAY, is_full=True)

    inventories.load(company, installation("PC-1"), day=MONDAY, is_full=True)

    assert periods("DrawIt") == [(MONDAY, MONDAY, WEDNESDAY)]
    assert periods("TextIt") == [(WEDNESDAY, WEDNESDAY, None)]


def test_a_late_file_does_not_join_periods_that_a_full_one_keeps_apart(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1", "TextIt"), day=TUESDAY, is_full=True)
    inventories.load(company, installation("PC-1"), day=THURSDAY, is_full=True)

    inventories.load(company, installation("PC-1"), day=MONDAY, is_full=True)

    assert periods() == [(MONDAY, MONDAY, TUESDAY), (THURSDAY, THURSDAY, None)]


def test_a_late_file_of_a_whole_device_brings_nothing_back_on_it(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(
        company, device("PC-1", is_whole=True), installation("PC-1", "TextIt"), day=WEDNESDAY
    )

    inventories.load(company, device("PC-1", is_whole=True), installation("PC-1"), day=MONDAY)

    assert periods("DrawIt") == [(MONDAY, MONDAY, WEDNESDAY)]


def test_a_late_file_of_another_whole_device_is_live(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(
        company, device("PC-1", is_whole=True), installation("PC-1", "TextIt"), day=WEDNESDAY
    )

    inventories.load(company, device("PC-2", is_whole=True), installation("PC-2"), day=MONDAY)

    assert periods("DrawIt") == [(MONDAY, MONDAY, None)]


def test_subscriptions_are_gone_like_installations(
    inventories: Inventories, company: Company
) -> None:
    ada, ben = (PersonFactory(company=company, email=f"{n}@ex.test") for n in ("ada", "ben"))
    inventories.load(
        company, subscription("ADA@ex.test"), subscription("ben@ex.test"), day=MONDAY, is_full=True
    )

    inventories.load(company, subscription("ada@ex.test"), day=TUESDAY, is_full=True)

    assert ada.subscriptions.get().gone_on is None
    assert ben.subscriptions.get().gone_on == TUESDAY


def test_who_cannot_be_told_from_another_any_more_keeps_what_the_file_still_names(
    inventories: Inventories, company: Company
) -> None:
    PersonFactory(company=company, name="Ana Ruiz")
    inventories.load(company, subscription("Ana Ruiz"), day=MONDAY, is_full=True)
    PersonFactory(company=company, name="Ana Ruiz")

    inventories.load(
        company, subscription("Ana Ruiz"), subscription("ben@ex.test"), day=TUESDAY, is_full=True
    )

    assert Subscription.objects.get(person__name="Ana Ruiz").gone_on is None


def test_who_has_left_keeps_what_the_file_still_names(
    inventories: Inventories, company: Company
) -> None:
    ana = PersonFactory(company=company, name="Ana Ruiz")
    inventories.load(company, subscription("Ana Ruiz"), day=MONDAY, is_full=True)
    with acting(None, "Set up by a test"):
        Person.objects.filter(pk=ana.pk).update(inactive_on=MONDAY)

    inventories.load(
        company, subscription("Ana Ruiz"), subscription("ben@ex.test"), day=TUESDAY, is_full=True
    )

    assert Subscription.objects.get(person=ana).gone_on is None


def test_a_device_that_no_source_sees_any_more_is_gone_until_it_is_seen_again(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1"), installation("PC-2"), day=MONDAY, is_full=True)

    inventories.load(company, installation("PC-2"), day=TUESDAY, is_full=True)

    assert Device.objects.get(name="PC-1").gone_on == TUESDAY
    inventories.load(company, installation("PC-1"), day=WEDNESDAY)
    assert Device.objects.get(name="PC-1").gone_on is None


def test_a_device_that_another_source_still_sees_is_not_gone(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("PC-1"), day=MONDAY, source="scan")
    inventories.load(company, installation("PC-1"), day=MONDAY, is_full=True)

    inventories.load(company, installation("PC-2"), day=TUESDAY, is_full=True)

    assert Device.objects.get(name="PC-1").gone_on is None
