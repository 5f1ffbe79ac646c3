"""Allocation history: its filters, days and moments, what is exported, and one row in full."""

import csv
import io
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts.roles import Role
from allocation.models import Allocation, KeptApart
from allocation.services import allocate_to_device, end_allocation, reserve
from common.acting import acting
from deployments.models import Device
from entitlements.models import Entitlement
from tests.allocation.using import TODAY, Household
from tests.allocation.visitors import Shown, make_shown, text_of
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    DefinitionFactory,
    LicenseFactory,
    MaintenanceFactory,
    SoftwareModelFactory,
    UserFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

UTC = ZoneInfo("UTC")


class Past:
    """
    Three allocations of one company, whose days and moments differ.

    - ``early`` holds from 1 March until it ended for 1 May, which was written on 10 May
    - ``late`` holds from 1 April, and was written on 20 April only; its position ends on 31 May
    - ``lasting`` holds from 1 March, was written then, and is live
    """

    def __init__(self) -> None:
        self.by = UserFactory(username="grace", first_name="Grace", last_name="Hopper")
        self.other = UserFactory(username="alan", first_name="Alan", last_name="Turing")
        self.company = CompanyFactory(name="Northwind")
        self.contract = ContractFactory(company=self.company, number="EA-7", name="Select Plus")
        self.visio = SoftwareModelFactory(name="Visio 2024")
        self.definition = DefinitionFactory(company=self.company, name="Software Assurance")
        self.auditor = make_user(Role.AUDITOR, self.company, username="auda")
        self.early = self._row("L-1", made=(date(2026, 3, 1), "2026-03-01T10:00Z"))
        self._end(self.early, date(2026, 5, 1), "2026-05-10T10:00Z")
        self.late = self._row(
            "L-2",
            made=(date(2026, 4, 1), "2026-04-20T10:00Z"),
            by=self.other,
            position={"ends_on": date(2026, 5, 31)},
        )
        self.lasting = self._row(
            "L-3",
            made=(date(2026, 3, 1), "2026-03-01T10:00Z"),
            position={"contract": self.contract},
            basis="continuity",
        )

    def _row(
        self, tag: str, *, made: Any, by: Any = None, position: Any = None, basis: str = "manual"
    ) -> Allocation:
        common = {"company": self.company, "model": self.visio}
        with acting(self.by, "Set up by a test"):
            return Allocation.objects.create(
                company=self.company,
                kind="maintenance",
                entitlement=MaintenanceFactory(
                    **common, definition=self.definition, asset_tag=f"M{tag}", **(position or {})
                ),
                license=LicenseFactory(**common, asset_tag=tag),
                quantity=1,
                basis=basis,
                made_on=made[0],
                made_at=made[1],
                made_by=by or self.by,
            )

    def _end(self, row: Allocation, day: date, at: str) -> None:
        end_allocation(allocation=row, day=day, by=self.by, reason="Bonn was closed")
        with acting(self.by, "Set up by a test"):
            Allocation.objects.filter(pk=row.pk).update(ended_at=at)
        row.refresh_from_db()

    def listed(self, query: str) -> set[str]:
        """The asset tags of the licenses that the list shows an auditor."""
        client = Client()
        client.force_login(self.auditor)
        response = client.get(f"{reverse('allocations')}?{query}")
        assert response.status_code == 200
        return {row.license.asset_tag for row in response.context["list"].page.rows}


@pytest.fixture
def past(db: None) -> Past:
    return Past()


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        pytest.param("", {"L-1", "L-2", "L-3"}, id="everything ever"),
        pytest.param("as_of=2026-02-28", set(), id="before the first was made"),
        pytest.param("as_of=2026-03-01", {"L-1", "L-3"}, id="the day for which it was made"),
        pytest.param("as_of=2026-04-01", {"L-1", "L-2", "L-3"}, id="one written later counts"),
        pytest.param("as_of=2026-04-30", {"L-1", "L-2", "L-3"}, id="the last day it held"),
        pytest.param("as_of=2026-05-01", {"L-2", "L-3"}, id="the first day without it"),
        pytest.param("known_at=2026-04-10T00:00", {"L-1", "L-3"}, id="not written yet"),
        pytest.param("known_at=2026-05-05T00:00", {"L-1", "L-2", "L-3"}, id="end not written yet"),
        pytest.param("known_at=2026-05-11T00:00", {"L-2", "L-3"}, id="end written"),
        pytest.param(
            "as_of=2026-05-02&known_at=2026-05-05T00:00",
            {"L-1", "L-2", "L-3"},
            id="ended for that day, but not yet written at that moment",
        ),
    ],
)
def test_as_of_looks_by_days_and_as_known_by_moments(
    past: Past, query: str, tags: set[str]
) -> None:
    assert past.listed(query) == tags


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        pytest.param("state=ended", {"L-1"}, id="ended"),
        pytest.param("state=expired", {"L-2"}, id="expired"),
        pytest.param("state=live", {"L-3"}, id="live"),
        pytest.param("state=live&state=ended", {"L-1", "L-3"}, id="either of two states"),
        pytest.param("as_of=2026-04-15&state=live", {"L-1", "L-2", "L-3"}, id="live on that day"),
        pytest.param("as_of=2026-06-15&state=expired", {"L-2"}, id="expired on that day"),
        pytest.param("basis=continuity", {"L-3"}, id="basis"),
        pytest.param("reason=manual", {"L-1"}, id="reason"),
        pytest.param("person=turing", {"L-2"}, id="person"),
        pytest.param("person=hopper", {"L-1", "L-3"}, id="whoever made or ended it"),
        pytest.param("contract_named=ea-7", {"L-3"}, id="number of the contract"),
        pytest.param("contract_named=select", {"L-3"}, id="name of the contract"),
        pytest.param("held_from=2026-05-01", {"L-2", "L-3"}, id="held at or after"),
        pytest.param("held_until=2026-03-31", {"L-1", "L-3"}, id="held at or before"),
        pytest.param("made_from=2026-03-02", {"L-2"}, id="made from"),
        pytest.param("made_until=2026-03-31", {"L-1", "L-3"}, id="made until"),
        pytest.param("ended_from=2026-05-01&ended_until=2026-05-01", {"L-1"}, id="ended within"),
        pytest.param("q=l-2", {"L-2"}, id="search"),
        pytest.param("run=1", set(), id="a run that made none of them"),
        pytest.param("license_named=l-2", {"L-2"}, id="license by its tag"),
        pytest.param("license_named=visio ML-2", set(), id="each word has to be the license's"),
        pytest.param("position_named=assurance ml-3", {"L-3"}, id="maintenance by name and tag"),
    ],
)
def test_filters_leave_what_they_say(past: Past, query: str, tags: set[str]) -> None:
    assert past.listed(query) == tags


def test_what_has_no_tag_is_found_by_the_reference_it_is_shown_under(past: Past) -> None:
    license, position = past.late.license, past.late.entitlement

    assert past.listed(f"q=e-{license.pk}") == {"L-2"}
    assert past.listed(f"q=E-{position.pk}") == {"L-2"}
    assert past.listed(f"q={past.early}") == {"L-1"}
    assert past.listed(f"license_named=E-{license.pk}") == {"L-2"}
    assert past.listed(f"license_named=E-{position.pk}") == set()
    assert past.listed(f"position_named=E-{position.pk}") == {"L-2"}


def test_a_license_of_another_company_is_named_in_vain(past: Past) -> None:
    foreign = LicenseFactory(asset_tag="F-1")

    assert past.listed("license_named=F-1") == set()
    assert past.listed(f"license_named=E-{foreign.pk}") == set()


def test_links_from_other_pages_filter_by_license_position_and_contract(past: Past) -> None:
    assert past.listed(f"license={past.late.license_id}") == {"L-2"}
    assert past.listed(f"position={past.early.entitlement_id}") == {"L-1"}
    assert past.listed(f"contract={past.contract.pk}") == {"L-3"}


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("as_of=yesterday", id="no day"),
        pytest.param("known_at=noon", id="no moment"),
        pytest.param("basis=magic", id="no basis"),
        pytest.param("made_by__password__startswith=a", id="no filter of the list"),
        pytest.param("license=9999999", id="no license that exists"),
        pytest.param("run=-1", id="no number of a run"),
    ],
)
def test_a_wrong_filter_lists_nothing_and_says_why(past: Past, query: str) -> None:
    client = Client()
    client.force_login(past.auditor)

    response = client.get(f"{reverse('allocations')}?{query}")

    assert not response.context["list"].page.rows
    assert response.context["list"].problems


def test_an_entitlement_of_another_company_is_no_filter(past: Past) -> None:
    foreign = LicenseFactory()

    assert past.listed(f"license={foreign.pk}") == set()


def exported(client: Client, query: str, kind: str) -> list[list[Any]]:
    response = client.get(f"{reverse('allocations')}?{query}&export={kind}")
    content = b"".join(response)
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("query", ["", "state=live", "as_of=2026-05-02&sort=license", "q=L-2"])
def test_an_export_holds_exactly_the_rows_shown(past: Past, kind: str, query: str) -> None:
    client = Client()
    client.force_login(past.auditor)
    shown = client.get(f"{reverse('allocations')}?{query}").context["list"]

    head, *rows = exported(client, query, kind)

    assert head == [column.label for column in shown.shown_columns]
    assert [row[0] for row in rows] == [str(row.license) for row in shown.page.rows]
    assert [row[-1] for row in rows] == [shown.why(row) for row in shown.page.rows]


def test_an_export_runs_no_formula(past: Past) -> None:
    with acting(past.by, "Typed by somebody"):
        past.visio.name = "=HYPERLINK(1)"
        past.visio.save()
    client = Client()
    client.force_login(past.auditor)

    _head, *rows = exported(client, "", "csv")

    assert all(row[0].startswith("'=") for row in rows)


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(past: Past) -> None:
    client = Client()
    client.force_login(past.auditor)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("allocations"))
        return len(asked)

    queries()
    few = queries()
    for number in range(30):
        past._row(f"N-{number}", made=(date(2026, 3, 1), "2026-03-01T10:00Z"))

    assert queries() == few
    assert few <= 12


# --- One in full ---


@pytest.fixture
def shown(db: None) -> Shown:
    return make_shown()


def test_the_story_tells_who_made_it_by_which_rule_and_who_ended_it(shown: Shown) -> None:
    page = text_of(shown.client("auditor").get(reverse("allocation", args=[shown.ended.pk])))

    assert f"Allocated by consolidate #{shown.run.pk} for 1 Jun 2026" in page
    assert "the run was started by Grace Hopper" in page
    assert "Ended by Grace Hopper for 1 Jul 2026" in page
    assert "Ended by hand: Moved to Bonn." in page
    assert "The pair is kept apart by Grace Hopper: Moved to Bonn" in page


def test_the_story_tells_exact_moments(shown: Shown) -> None:
    moment = shown.ended.made_at.astimezone(UTC)
    page = text_of(shown.client("auditor").get(reverse("allocation", args=[shown.ended.pk])))

    assert f"Written {moment.day} {moment:%b %Y, %H:%M:%S}" in page


def test_the_story_shows_both_sides_then_and_now(shown: Shown) -> None:
    license = Entitlement.objects.get(pk=shown.live.covered_id)
    with acting(shown.world.by, "True-up"):
        license.purchased_rights = 17
        license.save()

    response = shown.client("auditor").get(reverse("allocation", args=[shown.live.pk]))

    facts = {fact.label: fact for fact in response.context["told"].license_facts}
    assert (facts["Purchased rights"].then, facts["Purchased rights"].now) == (2, 17)
    assert facts["Purchased rights"].differs
    assert not facts["Software model"].differs


def test_the_record_of_an_allocation_has_its_history_with_person_and_run(shown: Shown) -> None:
    page = text_of(shown.client("auditor").get(reverse("allocation", args=[shown.ended.pk])))

    assert "Grace Hopper changed the allocation" in page
    assert f"added the allocation just now , in consolidate #{shown.run.pk}" in page
    assert "Figures" not in page


def test_the_history_of_an_allocation_is_narrowed_to_a_field(shown: Shown) -> None:
    address = reverse("allocation", args=[shown.ended.pk])

    page = text_of(shown.client("auditor").get(f"{address}?changed=end_reason"))

    assert "Grace Hopper changed the allocation" in page
    assert "added the allocation" not in page


def test_a_pair_kept_apart_has_its_history_with_person_and_reason(shown: Shown) -> None:
    page = text_of(shown.client("auditor").get(reverse("kept-apart-pair", args=[shown.apart.pk])))

    assert "Grace Hopper added the pair just now : Ended by hand: Moved to Bonn" in page


def test_a_reader_is_offered_no_change(shown: Shown) -> None:
    address = reverse("allocation", args=[shown.live.pk])

    assert reverse("end-allocation", args=[shown.live.pk]) in (
        shown.client("manager").get(address).content.decode()
    )
    assert reverse("end-allocation", args=[shown.live.pk]) not in (
        shown.client("auditor").get(address).content.decode()
    )


def test_no_page_shows_a_raw_code_or_none(shown: Shown) -> None:
    client = shown.client("auditor")
    for address in (
        reverse("allocations"),
        reverse("allocation", args=[shown.ended.pk]),
        reverse("allocation", args=[shown.live.pk]),
        reverse("kept-apart"),
        reverse("kept-apart-pair", args=[shown.apart.pk]),
    ):
        page = text_of(client.get(address))
        assert "None" not in page
        assert "serial-displaced" not in page
        assert "license-invalid" not in page


def test_pairs_kept_apart_are_listed_with_reason_and_person(shown: Shown) -> None:
    page = text_of(shown.client("auditor").get(reverse("kept-apart")))

    assert "Moved to Bonn" in page
    assert "Grace Hopper" in page
    assert KeptApart.objects.count() == 1


# --- What uses licenses ---


class Uses:
    """A license that a deployment, a department and a device use, beside one that is covered."""

    def __init__(self) -> None:
        self.house = Household(company=CompanyFactory(name="Northwind"))
        self.auditor = make_user(Role.AUDITOR, self.house.company)
        self.license = self.house.license(90, asset_tag="L-1")
        product = self.house.product(installs=40)
        self.tracked = self.house.track(self.license, product, 0)
        common: dict[str, Any] = {"license": self.license, "day": TODAY, "by": self.house.by}
        reserve(**common, kind="department", label="Legal", quantity=20)
        with acting(None, "Set up by a test"):
            device = Device.objects.create(company=self.house.company, name="LT-04")
        allocate_to_device(**common, device=device, quantity=1)

    def listed(self, query: str) -> list[str]:
        """What the list shows an auditor as covering or using licenses."""
        client = Client()
        client.force_login(self.auditor)
        response = client.get(f"{reverse('allocations')}?{query}&export=csv")
        assert response.status_code == 200
        rows = csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig")))
        return [row["Covered by, or allocated to"] for row in rows]


@pytest.fixture
def uses(db: None) -> Uses:
    return Uses()


def test_the_history_tells_what_uses_licenses_in_words(uses: Uses) -> None:
    product = uses.tracked.deployment

    assert uses.listed("") == ["LT-04", "Department: Legal", f"{product} (installs)"]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        pytest.param("target=deployment", 1, id="deployments"),
        pytest.param("target=reservation&target=device", 2, id="of two kinds"),
        pytest.param("target=person", 0, id="a kind there is none of"),
        pytest.param("target=license", 0, id="cover of licenses"),
        pytest.param("q=legal", 1, id="searched by the label"),
        pytest.param("q=lt-04", 1, id="searched by the device"),
        pytest.param("license_named=L-1", 3, id="of a license"),
        pytest.param("position_named=L-1", 0, id="a license is no maintenance"),
        pytest.param("state=live", 3, id="live"),
    ],
)
def test_uses_are_found_by_what_they_are_given_to(uses: Uses, query: str, number: int) -> None:
    assert len(uses.listed(query)) == number


def test_a_use_of_an_expired_license_is_live_since_it_still_draws_on_it(uses: Uses) -> None:
    with acting(None, "Set up by a test"):
        uses.license.duration, uses.license.starts_on = "subscription", date(2025, 1, 1)
        uses.license.ends_on = date(2025, 12, 31)
        uses.license.save()

    assert len(uses.listed("state=live")) == 3


def test_an_unlimited_use_shows_as_such(uses: Uses) -> None:
    client = Client()
    client.force_login(uses.auditor)

    page = text_of(client.get(f"{reverse('allocations')}?target=deployment"))

    assert "Unlimited" in page
