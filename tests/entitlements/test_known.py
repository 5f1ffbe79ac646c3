"""An entitlement as it was known on a day, and two days compared: told from histories alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Company
from accounts.roles import Role
from allocation.known import Comparison, Known, compare, known_on
from allocation.models import Allocation
from allocation.services import allocate_by_hand, end_allocation, reserve, track_deployment
from common.history import HistoryRow
from entitlements.models import (
    DowngradeRight,
    Entitlement,
    LicenseType,
    PurchaseReturn,
    UpgradedEntitlement,
)
from entitlements.queries import with_rights, with_state
from entitlements.services import (
    add_downgrade_right,
    add_keys,
    add_note,
    add_return,
    add_upgrade,
    back_by_date,
    end_upgrade,
    reveal_key,
    save_entitlement,
    set_state,
    take_back_return,
)
from tests.factories import (
    CompanyFactory,
    LicenseFactory,
    MaintenanceFactory,
    SoftwareModelFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
ENTERED = TODAY - timedelta(days=100)


def day(number: int) -> date:
    """So many days after the license was entered."""
    return ENTERED + timedelta(days=number)


@contextmanager
def on(when: date) -> Iterator[None]:
    """Whatever is written inside is written at noon of a day, as far as the histories know."""
    models: list[Any] = [m for m in apps.get_models() if issubclass(m, HistoryRow)]
    last = {model: _last(model) for model in models}
    yield
    noon = timezone.make_aware(datetime.combine(when, time(12)))
    for model in models:
        model.objects.filter(history_id__gt=last[model]).update(history_date=noon)


def _last(model: Any) -> int:
    return model.objects.order_by("-history_id").values_list("history_id", flat=True).first() or 0


class Lived:
    """A license that something happens to every ten days, and what was true of it each time."""

    def __init__(self) -> None:
        self.company: Company = CompanyFactory(name="Northwind")
        self.ada = make_user(Role.LICENSE_MANAGER, self.company)
        with on(day(0)):
            self.license = LicenseFactory(
                company=self.company, purchased_rights=20, asset_tag="VISIO",
                purchased_on=day(-50),
            )  # fmt: skip
            self.newer = LicenseFactory(
                company=self.company, license_type=LicenseType.UPGRADE, asset_tag="NEWER",
                purchased_rights=9, purchased_on=day(-50),
                model=SoftwareModelFactory(product=self.license.model.product, version="2026"),
            )  # fmt: skip
        self.true_on: dict[date, tuple[Any, ...]] = {day(0): self.truth(day(0))}
        steps: list[Callable[[date], object]] = [
            self.buy_more, self.give_back, self.move_away, self.reserve, self.retire,
            self.back_in_use, self.take_back, self.end_the_move, self.end_the_use,
        ]  # fmt: skip
        for number, step in enumerate(steps, start=1):
            with on(day(number * 10)):
                step(day(number * 10))
            self.true_on[day(number * 10)] = self.truth(day(number * 10))

    def truth(self, when: date) -> tuple[Any, ...]:
        """What the queries of the license's page say of a day, at this moment."""
        read = with_rights(with_state(Entitlement.objects.all(), when), when)
        license: Any = read.get(pk=self.license.pk)
        live = Allocation.objects.live().filter(entitlement=license)
        units = sum(live.values_list("quantity", flat=True))
        return (
            license.purchased_rights,
            license.rights_left,
            license.active_rights,
            license.state_now,
            live.count(),
            units,
        )

    def buy_more(self, when: date) -> None:
        self.license.purchased_rights = 25
        save_entitlement(self.license, by=self.ada, reason="The order was for 25")

    def give_back(self, when: date) -> None:
        add_return(
            license=self.license, quantity=2, day=when, unit_price=None, currency="", by=self.ada
        )

    def move_away(self, when: date) -> None:
        add_upgrade(
            target=self.newer, source=self.license, rights=4, effective_on=when, by=self.ada
        )

    def reserve(self, when: date) -> None:
        reserve(
            license=self.license, kind="project", label="Apollo", quantity=3, day=when, by=self.ada
        )

    def retire(self, when: date) -> None:
        set_state(
            entitlement=self.license, state="retired", substate="sold", from_on=when,
            until_on=None, by=self.ada, reason="Sold",
        )  # fmt: skip

    def back_in_use(self, when: date) -> None:
        back_by_date(entitlement=self.license, day=when, by=self.ada, reason="Not sold after all")

    def take_back(self, when: date) -> None:
        returned = PurchaseReturn.objects.get()
        take_back_return(returned=returned, day=when, by=self.ada, reason="Not taken")

    def end_the_move(self, when: date) -> None:
        upgrade = UpgradedEntitlement.objects.get()
        end_upgrade(upgrade=upgrade, day=when, by=self.ada, reason="By mistake")

    def end_the_use(self, when: date) -> None:
        use = Allocation.objects.get()
        end_allocation(allocation=use, day=when, by=self.ada, reason="Apollo is over")

    def known(self, when: date, *, tells_of_keys: bool = True) -> Known:
        return known_on(self.license, when, tells_of_keys=tells_of_keys)

    def compared(self, first: date, second: date) -> Comparison:
        return compare(self.license, first, second, tells_of_keys=True)


def seen(known: Known) -> tuple[Any, ...]:
    figures = known.figures
    return (
        figures.purchased_rights,
        figures.rights_left,
        figures.active_rights,
        figures.state,
        figures.allocations,
        figures.units,
    )


@pytest.fixture
def lived() -> Lived:
    return Lived()


def test_each_day_is_known_as_it_was_then_whatever_came_later(lived: Lived) -> None:
    assert len(set(lived.true_on.values())) == 8  # two of the ten steps undo what another did

    assert {when: seen(lived.known(when)) for when in lived.true_on} == lived.true_on


def test_a_day_between_is_known_as_the_last_change_before_it_left_it(lived: Lived) -> None:
    assert seen(lived.known(day(25))) == lived.true_on[day(20)]
    assert seen(lived.known(day(29))) == lived.true_on[day(20)]


def test_before_it_was_entered_nothing_is_known(lived: Lived) -> None:
    known = lived.known(day(-1))

    assert not known.figures.is_entered
    assert known.facts == []
    assert known.groups == []


def test_what_was_entered_late_is_known_from_then_on(lived: Lived) -> None:
    with on(day(95)):
        add_return(
            license=lived.license, quantity=5, day=day(3), unit_price=None, currency="",
            by=lived.ada,
        )  # fmt: skip

    assert lived.known(day(94)).figures.rights_left == 25
    assert lived.known(day(95)).figures.rights_left == 20
    assert lived.known(day(3)).figures.rights_left == 20


def test_the_details_are_those_of_the_day(lived: Lived) -> None:
    before = {fact.label: fact.new for fact in lived.known(day(9)).facts}
    after = {fact.label: fact.new for fact in lived.known(day(10)).facts}

    assert (before["Purchased rights"], after["Purchased rights"]) == (20, 25)
    assert before["Asset tag"] == "VISIO"


def test_a_state_by_hand_is_known_with_its_substate(lived: Lived) -> None:
    assert dict(lived.known(day(50)).figures.lines)["State"] == "Retired, sold"


def test_what_has_ended_stands_no_more(lived: Lived) -> None:
    then = {group.kind.value: group for group in lived.known(day(55)).groups}
    now = {group.kind.value for group in lived.known(TODAY).groups}

    assert {"use", "upgrade", "return"} <= set(then)
    assert then["use"].records[0].name == "Apollo"
    assert now & {"use", "upgrade", "return"} == set()


def test_a_state_that_was_removed_holds_no_more(lived: Lived) -> None:
    with on(day(91)):
        set_state(
            entitlement=lived.license, state="missing", substate="lost", from_on=day(91),
            until_on=None, by=lived.ada, reason="Nobody finds it",
        )  # fmt: skip
    with on(day(93)):
        back_by_date(
            entitlement=lived.license, day=day(91), by=lived.ada, reason="It was in the safe"
        )

    assert lived.known(day(92)).figures.state == "missing"
    assert lived.known(day(93)).figures.state == "in_use"


def test_an_end_that_is_known_to_come_has_not_come_yet(lived: Lived) -> None:
    with on(day(91)):
        returned = add_return(
            license=lived.license, quantity=5, day=day(91), unit_price=None, currency="",
            by=lived.ada,
        )  # fmt: skip
    with on(day(92)):
        take_back_return(returned=returned, day=day(95), by=lived.ada, reason="Not taken")

    assert lived.known(day(94)).figures.rights_left == 20
    assert lived.known(day(95)).figures.rights_left == 25


def test_maintenance_knows_which_licenses_it_covered(lived: Lived) -> None:
    with on(day(90)):
        position = MaintenanceFactory(
            company=lived.company, model=lived.license.model, purchased_rights=30,
            purchased_on=day(0), starts_on=day(0), ends_on=TODAY + timedelta(days=9),
        )  # fmt: skip
        allocate_by_hand(position=position, license=lived.license, day=TODAY, by=lived.ada)

    known = known_on(position, day(90), tells_of_keys=False)

    assert (known.figures.allocations, known.figures.units) == (1, 25)
    assert known.groups[0].records[0].name == str(lived.license)
    assert known_on(position, day(89), tells_of_keys=False).figures.lines == []


def test_keys_are_known_to_whoever_may_see_them_and_that_one_was_shown_to_nobody(
    lived: Lived,
) -> None:
    with on(day(91)):
        add_keys(entitlement=lived.license, pasted="XQ7PM-2K9DW", label="Volume", by=lived.ada)
    reveal_key(key=lived.license.keys.get(), by=lived.ada)

    [keys] = [group for group in lived.known(TODAY).groups if group.kind == "key"]
    others = lived.known(TODAY, tells_of_keys=False).groups

    assert [record.name for record in keys.records] == ["Volume"]
    assert "key" not in {group.kind for group in others}


def test_an_allocation_that_takes_whatever_is_deployed_is_told_so(lived: Lived) -> None:
    with on(day(92)):
        track_deployment(
            license=lived.license, product=lived.license.model.product, metric="installs",
            quantity=0, day=day(92), by=lived.ada,
        )  # fmt: skip

    assert dict(lived.known(TODAY).figures.lines)["Units allocated"] == "All deployed"


# --- Two days compared ---


def test_two_days_differ_by_what_happened_between_them(lived: Lived) -> None:
    found = lived.compared(day(9), day(49))

    assert found.figures == [
        ("Purchased rights", 20, 25),
        ("Rights left", 20, 19),
        ("Active rights", 20, 19),
        ("Allocations", 0, 1),
        ("Units allocated", 0, 3),
    ]
    assert [(c.label, c.old, c.new) for c in found.fields] == [("Purchased rights", 20, 25)]
    assert [(g.kind.value, g.records[0].chapter.verb) for g in found.groups] == [
        ("use", "added"),
        ("upgrade", "added"),
        ("return", "added"),
        ("expense", "added"),
    ]


def test_several_changes_of_a_record_are_one(lived: Lived) -> None:
    for rights, number in ((30, 92), (40, 94)):
        with on(day(number)):
            lived.license.purchased_rights = rights
            save_entitlement(lived.license, by=lived.ada, reason="More")

    found = lived.compared(day(91), day(95))

    assert [(c.label, c.old, c.new) for c in found.fields] == [("Purchased rights", 25, 40)]


def test_what_ended_between_is_told_as_ended(lived: Lived) -> None:
    found = {group.kind.value: group for group in lived.compared(day(49), day(99)).groups}

    assert found["use"].records[0].chapter.verb == "ended"
    assert found["upgrade"].records[0].chapter.verb == "ended"


def test_what_was_removed_between_is_told_and_what_came_and_went_is_not(lived: Lived) -> None:
    with on(day(91)):
        set_state(
            entitlement=lived.license, state="missing", substate="lost", from_on=day(91),
            until_on=None, by=lived.ada, reason="Nobody finds it",
        )  # fmt: skip
    with on(day(93)):
        back_by_date(
            entitlement=lived.license, day=day(91), by=lived.ada, reason="It was in the safe"
        )

    [states] = lived.compared(day(92), day(94)).groups

    assert states.records[0].chapter.verb == "removed"
    assert ("State", "Missing", "") in [(c.label, c.old, c.new) for c in states.records[0].changes]
    assert lived.compared(day(90), day(94)).groups == []


def test_a_day_compared_with_itself_differs_in_nothing(lived: Lived) -> None:
    found = lived.compared(day(30), day(30))

    assert (found.figures, found.fields, found.groups) == ([], [], [])


def test_notes_and_downgrade_rights_are_compared_too(lived: Lived) -> None:
    add_note(entitlement=lived.license, text="Talk to legal", by=lived.ada)
    with on(TODAY):
        add_downgrade_right(
            entitlement=lived.license, model=SoftwareModelFactory(name="Visio 2010"), order=1,
            starts_on=None, ends_on=None, by=lived.ada,
        )  # fmt: skip

    kinds = {group.kind.value for group in lived.compared(day(95), TODAY).groups}

    assert kinds == {"note", "downgrade"}
    assert DowngradeRight.objects.count() == 1


def test_the_number_of_queries_does_not_grow_with_the_allocations(lived: Lived) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            lived.known(TODAY)
            lived.compared(day(1), TODAY)
        return len(captured)

    few = queries()
    for number in range(5):
        reserve(
            license=lived.license, kind="project", label=f"P{number}", quantity=1, day=TODAY,
            by=lived.ada,
        )  # fmt: skip

    assert queries() <= few + 1
    assert few <= 50


# --- The pages ---


def signed_in(role: Role, company: Company) -> Client:
    client = Client()
    client.force_login(make_user(role, company))
    return client


def test_the_page_shows_the_record_of_the_day(lived: Lived) -> None:
    client = signed_in(Role.AUDITOR, lived.company)

    page = client.get(f"/entitlements/{lived.license.pk}/as-of?day={day(5)}").content.decode()

    assert "<dt>Active rights</dt><dd>20</dd>" in page
    assert "Apollo" not in page


def test_without_a_day_the_page_shows_today(lived: Lived) -> None:
    client = signed_in(Role.AUDITOR, lived.company)

    page = client.get(f"/entitlements/{lived.license.pk}/as-of").content.decode()

    assert "<dt>Active rights</dt><dd>25</dd>" in page


def test_the_page_compares_two_days(lived: Lived) -> None:
    client = signed_in(Role.AUDITOR, lived.company)

    page = client.get(
        f"/entitlements/{lived.license.pk}/compare?from={day(5)}&to={day(45)}"
    ).content.decode()

    assert "Active rights: <del>20</del> → <ins>19</ins>" in page
    assert "Apollo" in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("as-of?day=yesterday", "Write a day as 2026-12-31."),
        (f"as-of?day={TODAY + timedelta(days=1)}", "is still to come"),
        ("as-of?day=0001-01-01", "was not known yet"),
        ("compare?from=2026-02-02&to=2026-01-01", "2026-01-01 is before 2026-02-02"),
        ("compare?from=2026-02-02", "Choose a day."),
        ("compare?from=0001-01-01&to=0001-01-01", "was not known yet"),
    ],
)
def test_a_day_that_cannot_be_is_refused_by_name(lived: Lived, asked: str, said: str) -> None:
    client = signed_in(Role.AUDITOR, lived.company)

    page = client.get(f"/entitlements/{lived.license.pk}/{asked}")

    assert said in page.content.decode()


@pytest.mark.parametrize("page", ["as-of", "compare"])
def test_only_who_may_read_the_company_sees_it_and_looking_changes_nothing(
    lived: Lived, page: str
) -> None:
    address = f"/entitlements/{lived.license.pk}/{page}"
    written = Entitlement.history.count(), Allocation.history.count()

    assert signed_in(Role.AUDITOR, lived.company).get(address).status_code == 200
    assert signed_in(Role.AUDITOR, CompanyFactory()).get(address).status_code == 404
    assert signed_in(Role.LICENSE_MANAGER, lived.company).post(address).status_code == 405
    assert (Entitlement.history.count(), Allocation.history.count()) == written
