"""The time line of an entitlement: all that happened to it, narrowed, paged and as a file."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Company
from accounts.roles import Role
from allocation.life import THE_SYSTEM, Asked, Event, Life, LostPlace, Place
from allocation.models import Allocation
from allocation.services import allocate_by_hand, end_allocation, reserve, withdraw_key
from common.acting import acting
from common.kept_files import keep
from entitlements.models import (
    Entitlement,
    Import,
    ImportedRecord,
    LicenseKey,
    LicenseType,
)
from entitlements.services import (
    add_downgrade_right,
    add_expense,
    add_keys,
    add_note,
    add_return,
    add_upgrade,
    back_by_date,
    reveal_key,
    save_entitlement,
    set_state,
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
AGO = TODAY - timedelta(days=200)
SECRET = "XQ7PM-2K9DW-RT4VB-8HJ3N"


class Lived:
    """A license to which one thing of each kind happened, by one person, in this order."""

    def __init__(self) -> None:
        self.company: Company = CompanyFactory(name="Northwind")
        self.ada = make_user(Role.LICENSE_MANAGER, self.company, first_name="Ada", last_name="L.")
        self.license = LicenseFactory(
            company=self.company, purchased_rights=20, asset_tag="VISIO", purchased_on=AGO
        )
        self.position = MaintenanceFactory(
            company=self.company,
            model=self.license.model,
            purchased_rights=30,
            purchased_on=AGO,
            starts_on=AGO,
            ends_on=TODAY + timedelta(days=60),
            asset_tag="SA",
        )
        for happen in (self.rights, self.beside, self.allocations, self.keys):
            happen()

    def rights(self) -> None:
        license, by = self.license, self.ada
        license.purchased_rights = 25
        save_entitlement(license, by=by, reason="The order was for 25")
        set_state(
            entitlement=license, state="in_stock", substate="reserved", from_on=TODAY,
            until_on=None, by=by, reason="Kept for the new site",
        )  # fmt: skip
        back_by_date(entitlement=license, day=TODAY, by=by, reason="The site is open")
        newer = LicenseFactory(
            company=self.company, license_type=LicenseType.UPGRADE, asset_tag="NEWER",
            purchased_rights=9, purchased_on=AGO,
            model=SoftwareModelFactory(product=license.model.product, version="2026"),
        )  # fmt: skip
        add_upgrade(target=newer, source=license, rights=4, by=by)
        add_downgrade_right(
            entitlement=license, model=SoftwareModelFactory(name="Visio 2010"), order=1,
            starts_on=None, ends_on=None, by=by,
        )  # fmt: skip
        add_return(license=license, quantity=2, day=TODAY, unit_price=None, currency="", by=by)

    def beside(self) -> None:
        add_expense(
            entitlement=self.license, kind="other", spent_on=AGO, amount=Decimal("99.9"),
            currency="EUR", notes="Training", by=self.ada,
        )  # fmt: skip
        add_note(entitlement=self.license, text="Talk to legal\nfirst", by=self.ada)

    def allocations(self) -> None:
        use = reserve(
            license=self.license, kind="project", label="Apollo", quantity=3, day=TODAY, by=self.ada
        )
        end_allocation(allocation=use, day=TODAY, by=self.ada, reason="Apollo is over")
        allocate_by_hand(position=self.position, license=self.license, day=TODAY, by=self.ada)

    def keys(self) -> None:
        add_keys(entitlement=self.license, pasted=SECRET, label="Volume", by=self.ada)
        key = LicenseKey.objects.get()
        reveal_key(key=key, by=self.ada)
        withdraw_key(key=key, by=self.ada, reason="Leaked")

    def events(self, *, tells_of_keys: bool = True, **asked: Any) -> list[Event]:
        life = Life(self.license, tells_of_keys=tells_of_keys)
        return list(life.asking(Asked(**asked)).all())


def told(event: Event) -> str:
    chapter = event.chapter
    return f"{chapter.verb} {chapter.subject} {event.name}".strip()


def signed_in(role: Role, company: Company) -> Client:
    client = Client()
    client.force_login(make_user(role, company))
    return client


@pytest.fixture
def lived() -> Lived:
    return Lived()


def test_all_that_happened_is_told_the_newest_first(lived: Lived) -> None:
    events = lived.events()

    assert [told(event) for event in events] == [
        "withdrew the license key Volume",
        "was shown the license key Volume",
        "added the license key Volume",
        f"added the cover by {lived.position}",
        "ended the allocation to Apollo",
        "added the allocation to Apollo",
        "wrote a work note",
        "added an expense line: Other",
        "added a return",
        "added the downgrade right to Visio 2010",
        "added an upgrade to " + str(Entitlement.objects.get(asset_tag="NEWER")),
        "removed the state In stock",
        "added the state In stock",
        "added an expense line: Purchase",
        "changed the license",
        "added the license",
    ]
    assert {event.chapter.person for event in events[:-1]} == {"Ada L."}
    assert events[0].chapter.reason == "Leaked"


def test_a_change_is_told_with_the_value_before_whatever_lies_between(lived: Lived) -> None:
    [change] = lived.events(field="purchased_rights")[0].changes

    assert (change.label, change.old, change.new) == ("Purchased rights", 20, 25)


def test_a_page_begins_where_the_one_before_ended(lived: Lived) -> None:
    life = Life(lived.license, tells_of_keys=True)

    first = life.page(size=6)
    assert first.older is not None
    second = life.page(Place.from_text(first.older.as_text()), size=6)
    assert second.older is not None
    third = life.page(second.older, size=6)

    assert [*first.events, *second.events, *third.events] == lived.events()
    assert third.older is None


def test_events_of_one_moment_are_told_once_over_two_pages(lived: Lived) -> None:
    when = timezone.now() + timedelta(days=1)
    for model in (Entitlement.history.model, Allocation.history.model):
        model.objects.update(history_date=when)
    life = Life(lived.license, tells_of_keys=True)

    found: list[Event] = []
    after: Place | None = None
    for _ in range(len(lived.events())):
        page = life.page(after, size=1)
        found, after = [*found, *page.events], page.older

    assert found == lived.events()
    assert after is None


def test_an_address_that_was_changed_names_no_place() -> None:
    with pytest.raises(LostPlace):
        Place.from_text("2026-01-01:0:1")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"kind": "return"}, ["added a return"]),
        ({"kind": "note"}, ["wrote a work note"]),
        ({"kind": "use"}, ["ended the allocation to Apollo", "added the allocation to Apollo"]),
        ({"field": "reservation_label"}, ["added the allocation to Apollo"]),
        ({"field": "ended_on"}, ["ended the allocation to Apollo"]),
        ({"field": "text"}, ["wrote a work note"]),
        ({"field": "withdrawn_at"}, ["withdrew the license key Volume"]),
        ({"person": THE_SYSTEM}, ["added the license"]),
        ({"until_on": TODAY - timedelta(days=1)}, []),
        ({"from_on": TODAY + timedelta(days=1)}, []),
        ({"kind": "key", "field": "quantity"}, []),
    ],
)
def test_it_is_narrowed(lived: Lived, asked: dict[str, Any], expected: list[str]) -> None:
    assert [told(event) for event in lived.events(**asked)] == expected


def test_a_period_holds_its_first_and_its_last_day(lived: Lived) -> None:
    whole = lived.events()

    assert lived.events(from_on=TODAY, until_on=TODAY) == whole


def test_what_an_import_wrote_names_the_import(lived: Lived, imported: Import) -> None:
    [first] = lived.events(kind="import")

    assert told(first) == "added the license"
    assert first.import_id == imported.pk
    assert [event.import_id for event in lived.events()].count(imported.pk) == 1


@pytest.fixture
def imported(lived: Lived) -> Import:
    """An import that made the license."""
    file = keep(name="all.xlsx", content=[b"x"], company_id=lived.company.pk, by=lived.ada)
    source = Import.objects.create(company=lived.company, file=file, started_by=lived.ada)
    ImportedRecord.objects.create(
        source=source,
        model="entitlements.entitlement",
        object_id=lived.license.pk,
        history_id=lived.license.history.last().history_id,
        is_new=True,
    )
    return source


def test_a_license_tells_what_was_split_off(lived: Lived) -> None:
    with acting(lived.ada, "Only a part is maintained"):
        part = LicenseFactory(company=lived.company, split_from=lived.license, asset_tag="")

    [event] = lived.events(kind="split")

    assert told(event) == f"split off a license of its own: E-{part.pk}"


def test_maintenance_tells_which_licenses_it_covered(lived: Lived) -> None:
    life = Life(lived.position, tells_of_keys=False)

    events = list(life.asking(Asked(kind="cover")).all())

    assert [told(event) for event in events] == [f"added the cover of {lived.license}"]


def test_keys_are_told_of_only_to_whoever_may_see_them(lived: Lived) -> None:
    kinds = {event.kind for event in lived.events(tells_of_keys=False)}

    assert "key" not in kinds
    assert len(kinds) == 9


def test_what_a_key_says_is_told_to_nobody(lived: Lived) -> None:
    client = Client()
    client.force_login(lived.ada)

    page = client.get(f"/entitlements/{lived.license.pk}/history")
    file = client.get(f"/entitlements/{lived.license.pk}/history?export=csv")

    content = page.content.decode() + file.getvalue().decode()
    assert "the license key Volume" in content
    assert SECRET not in content
    assert "fingerprint" not in content.lower()


def test_the_number_of_queries_does_not_grow_with_the_events(lived: Lived) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            Life(lived.license, tells_of_keys=True).page()
        return len(captured)

    few = queries()
    for number in range(8):
        cover = MaintenanceFactory(company=lived.company, model=lived.license.model)
        with acting(lived.ada, "Covered"):
            live = Allocation.objects.cover().live().get()
            live.pk, live.entitlement, live.notes = None, cover, f"Cover {number}"
            Allocation.objects.filter(license=lived.license, ended_at=None).update(
                ended_on=TODAY, ended_at=timezone.now(), ended_by=lived.ada, end_reason="manual"
            )
            live.save()

    assert queries() == few
    assert few <= 16


# --- The page ---


def test_the_page_shows_what_happened_with_who_why_and_when(lived: Lived) -> None:
    client = signed_in(Role.AUDITOR, lived.company)

    page = client.get(f"/entitlements/{lived.license.pk}/history").content.decode()

    assert "The order was for 25" in page
    assert "<del>20</del>" in page
    assert "Talk to legal<br>first" in page
    assert "the license key" not in page


def test_the_page_of_the_license_leads_to_it(lived: Lived) -> None:
    client = signed_in(Role.AUDITOR, lived.company)

    page = client.get(f"/entitlements/{lived.license.pk}").content.decode()

    assert f'href="/entitlements/{lived.license.pk}/history"' in page


def test_a_file_holds_exactly_what_the_page_is_narrowed_to(lived: Lived) -> None:
    client = signed_in(Role.AUDITOR, lived.company)

    answer = client.get(
        f"/entitlements/{lived.license.pk}/history?field=purchased_rights&export=csv"
    )

    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    changed = [row for row in rows if row["Field"] == "Purchased rights"]
    assert [(row["Before"], row["After"]) for row in changed] == [("20", "25"), ("", "20")]
    assert {row["Kind"] for row in rows} == {"The record itself"}
    assert changed[0]["Reason"] == "The order was for 25"


def test_it_is_a_workbook_too(lived: Lived) -> None:
    client = signed_in(Role.AUDITOR, lived.company)

    answer = client.get(f"/entitlements/{lived.license.pk}/history?export=xlsx")

    assert answer.getvalue()[:2] == b"PK"


def test_days_the_wrong_way_round_are_refused_by_name(lived: Lived) -> None:
    client = signed_in(Role.AUDITOR, lived.company)

    page = client.get(
        f"/entitlements/{lived.license.pk}/history?from_on=2026-03-01&until_on=2026-02-01"
    )

    assert "2026-02-01 is before 2026-03-01" in page.content.decode()


def test_another_company_and_a_requester_see_nothing_of_it(lived: Lived) -> None:
    address = f"/entitlements/{lived.license.pk}/history"

    assert signed_in(Role.AUDITOR, CompanyFactory()).get(address).status_code == 404
    assert signed_in(Role.REQUESTER, lived.company).get(address).status_code == 404


def test_a_place_that_is_lost_shows_the_newest(lived: Lived) -> None:
    client = signed_in(Role.AUDITOR, lived.company)

    page = client.get(f"/entitlements/{lived.license.pk}/history?after=elsewhere")

    assert "This is the first one." in page.content.decode()
    assert page.status_code == 200


def test_looking_changes_nothing(lived: Lived) -> None:
    client = signed_in(Role.AUDITOR, lived.company)
    before = Entitlement.history.count(), Allocation.history.count()

    client.get(f"/entitlements/{lived.license.pk}/history")
    refused = client.post(f"/entitlements/{lived.license.pk}/history")

    assert refused.status_code == 405
    assert (Entitlement.history.count(), Allocation.history.count()) == before
