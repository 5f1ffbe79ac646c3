"""What moves rights and what is written beside them, on pages and in dialogs."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Company
from accounts.roles import Role
from common.acting import acting
from entitlements.models import (
    DowngradeRight,
    Entitlement,
    ExpenseLine,
    LicenseType,
    PurchaseReturn,
    ReturnAssignment,
    StatePeriod,
    UpgradedEntitlement,
    WorkNote,
)
from entitlements.states import State, Substate
from tests.factories import (
    CompanyFactory,
    LicenseFactory,
    MaintenanceFactory,
    ReturnFactory,
    SoftwareModelFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
AGO = TODAY - timedelta(days=200)
HTMX = {"HX-Request": "true"}


class World:
    """A license with an upgrade, and what belongs to them."""

    def __init__(self) -> None:
        self.company: Company = CompanyFactory(name="Northwind")
        self.source = self.license(20, asset_tag="OLD")
        self.target = self.license(
            10,
            asset_tag="NEW",
            license_type=LicenseType.UPGRADE,
            purchased_on=AGO,
            model=SoftwareModelFactory(product=self.source.model.product, version="2026"),
        )
        self.position = MaintenanceFactory(
            company=self.company,
            model=self.source.model,
            purchased_rights=9,
            purchased_on=AGO,
            starts_on=AGO,
            ends_on=TODAY + timedelta(days=60),
            asset_tag="SA",
        )
        with acting(None, "Set up by a test"):
            of_company = {"company": self.company}
            self.upgrade = UpgradedEntitlement.objects.create(
                **of_company,
                target=self.target,
                source=self.source,
                rights=4,
                effective_on=AGO,
            )
            self.right = DowngradeRight.objects.create(
                **of_company,
                entitlement=self.source,
                model=SoftwareModelFactory(name="Office 2010"),
                order=3,
            )
            self.returned = PurchaseReturn.objects.create(
                **of_company,
                entitlement=self.source,
                quantity=2,
                returned_on=AGO,
                unit_price=Decimal("12.50"),
                currency="EUR",
            )
            self.expense = ExpenseLine.objects.create(
                **of_company,
                entitlement=self.source,
                kind="other",
                spent_on=AGO,
                amount=Decimal("99.90"),
                currency="USD",
                notes="Training",
            )
        self.given_back = ReturnFactory(
            definition=self.position.definition,
            model=self.position.model,
            quantity=5,
            returned_on=AGO,
        )

    def license(self, rights: int, **fields: Any) -> Entitlement:
        return LicenseFactory(company=self.company, purchased_rights=rights, **fields)

    def client(self, role: Role = Role.LICENSE_MANAGER) -> Client:
        return signed_in(role, self.company)

    @property
    def dialogs(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """By name: the address, and what is sent to it."""
        source, target, position = (e.pk for e in (self.source, self.target, self.position))
        of_position = f"/entitlements/{position}/returns/{self.given_back.pk}"
        ended = {"day": TODAY.isoformat(), "reason": "By the contract"}
        other = SoftwareModelFactory()
        expense = {"kind": "other", "spent_on": str(AGO), "amount": "10.5", "currency": "eur"}
        returned = {"quantity": 3, "day": str(AGO), "unit_price": "", "currency": ""}
        more = self.license(7, model=self.source.model)
        return {
            "add an upgrade": (
                f"/entitlements/{target}/upgrades/add",
                {"source": more.pk, "rights": 5, "effective_on": str(AGO)},
            ),
            "end an upgrade": (f"/upgrades/{self.upgrade.pk}/end", ended),
            "add a right": (
                f"/entitlements/{source}/downgrade-rights/add",
                {"model": other.pk, "order": 1, "starts_on": str(AGO), "ends_on": ""},
            ),
            "change a right": (
                f"/downgrade-rights/{self.right.pk}/change",
                {"order": 5, "starts_on": "", "ends_on": str(TODAY), "reason": "Amended"},
            ),
            "end a right": (f"/downgrade-rights/{self.right.pk}/end", ended),
            "add a return": (f"/entitlements/{source}/returns/add", returned),
            "take a return back": (
                f"/entitlements/{source}/returns/{self.returned.pk}/take-back",
                ended,
            ),
            "return maintenance": (
                f"/entitlements/{position}/returns/add",
                {
                    **returned,
                    "definition": self.position.definition_id,
                    "model": self.position.model_id,
                },
            ),
            "change a return": (f"{of_position}/change", {**returned, "reason": "Counted anew"}),
            "take maintenance back": (f"{of_position}/take-back", ended),
            "add an expense": (f"/entitlements/{source}/expenses/add", expense),
            "change an expense": (
                f"/expenses/{self.expense.pk}/change",
                {**expense, "reason": "Misread"},
            ),
            "take an expense back": (f"/expenses/{self.expense.pk}/take-back", ended),
            "add a note": (f"/entitlements/{position}/notes/add", {"text": "Asked the vendor"}),
            "set a state": (
                f"/entitlements/{position}/state",
                {
                    "state": State.MISSING,
                    "substate": Substate.LOST,
                    "from_on": str(AGO),
                    "until_on": "",
                    "reason": "Not found",
                },
            ),
        }


def signed_in(role: Role, *companies: Company) -> Client:
    client = Client()
    client.force_login(make_user(role, *companies))
    return client


@pytest.fixture
def world() -> World:
    return World()


def rows_there() -> list[Any]:
    """All that the dialogs could have written, as it stands."""
    written = (
        UpgradedEntitlement,
        DowngradeRight,
        PurchaseReturn,
        ExpenseLine,
        WorkNote,
        StatePeriod,
    )
    return [list(model._default_manager.order_by("pk").values()) for model in written]


NAMES = [
    "add an upgrade",
    "end an upgrade",
    "add a right",
    "change a right",
    "end a right",
    "add a return",
    "take a return back",
    "return maintenance",
    "change a return",
    "take maintenance back",
    "add an expense",
    "change an expense",
    "take an expense back",
    "add a note",
    "set a state",
]


@pytest.mark.parametrize("name", NAMES)
def test_each_dialog_opens_and_writes_for_a_license_manager_with_and_without_script(
    world: World, name: str
) -> None:
    address, sent = world.dialogs[name]
    client = world.client()
    before = rows_there()

    page, dialog = client.get(address), client.get(address, headers=HTMX)
    opened = rows_there()
    answer = client.post(address, sent, headers=HTMX)

    assert (page.status_code, dialog.status_code) == (200, 200)
    assert "<dialog" in dialog.content.decode()
    assert "<dialog class" not in page.content.decode()
    assert opened == before
    assert answer.status_code == 204, answer.content.decode()
    assert rows_there() != before


@pytest.mark.parametrize("name", NAMES)
def test_no_dialog_is_for_an_auditor_or_another_company(world: World, name: str) -> None:
    address, sent = world.dialogs[name]
    before = rows_there()
    auditor, stranger = world.client(Role.AUDITOR), signed_in(Role.ADMINISTRATOR, CompanyFactory())

    answers = [
        (client.get(address).status_code, client.post(address, sent).status_code)
        for client in (auditor, stranger)
    ]

    assert answers == [(403, 403), (404, 404)]
    assert rows_there() == before


def test_a_page_without_script_leads_back_with_what_was_done(world: World) -> None:
    address, sent = world.dialogs["add a return"]

    page = world.client().post(address, sent, follow=True)

    assert page.redirect_chain[-1][0] == f"/entitlements/{world.source.pk}"
    assert "3 rights returned on" in page.content.decode()


def test_what_is_refused_is_said_beside_its_field_and_what_was_typed_is_kept(world: World) -> None:
    address, sent = world.dialogs["add a return"]

    page = world.client().post(address, sent | {"quantity": 15})

    text = page.content.decode()
    assert page.status_code == 422
    assert "15 is more than the 14 active rights" in text
    assert page.context["form"].errors.keys() == {"quantity"}
    assert 'value="15"' in text


def words_of(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def test_the_page_of_a_license_lists_what_moves_its_rights_and_what_it_cost(world: World) -> None:
    text = words_of(world.client(Role.AUDITOR).get(f"/entitlements/{world.source.pk}"))

    assert f"4 rights moved to {world.target}" in text
    assert "Office 2010 3 open open In force" in text
    assert "12.50" in text
    assert "Total in USD" in text
    assert "Add a return" not in text


def test_the_page_of_an_upgrade_says_how_many_rights_count_twice(world: World) -> None:
    page = world.client().get(f"/entitlements/{world.target.pk}")

    assert "6 of its 10 rights upgrade no license that is named" in words_of(page)


def test_the_page_of_maintenance_lists_returns_of_its_definition_and_model(world: World) -> None:
    with acting(None, "Assigned by a run"):
        ReturnAssignment.objects.create(
            company=world.company,
            purchase_return=world.given_back,
            position=world.position,
            units=3,
            made_on=AGO,
            made_in_run_id=1,
        )

    page = world.client().get(f"/entitlements/{world.position.pk}")
    (listed,) = page.context["returns"]

    assert (listed.quantity, listed.taken_here, listed.assigned, listed.pending) == (5, 3, 3, 2)
    assert f"/returns/{world.given_back.pk}/give-back" in page.content.decode()


def test_units_of_a_return_are_given_back_by_hand(world: World) -> None:
    with acting(None, "Assigned by a run"):
        assigned = ReturnAssignment.objects.create(
            company=world.company,
            purchase_return=world.given_back,
            position=world.position,
            units=3,
            made_on=AGO,
            made_in_run_id=1,
        )
    address = f"/entitlements/{world.position.pk}/returns/{world.given_back.pk}/give-back"

    world.client().post(address, {"day": str(TODAY), "reason": "Wrong definition"})

    assigned.refresh_from_db()
    assert assigned.ended_on == TODAY


def test_a_return_is_reached_only_from_a_page_that_lists_it(world: World) -> None:
    address = f"/entitlements/{world.target.pk}/returns/{world.returned.pk}/take-back"

    assert world.client().get(address).status_code == 404


def test_the_story_tells_of_upgrades_returns_rights_and_expenses(world: World) -> None:
    client = world.client()
    for name in ("end an upgrade", "end a right", "change an expense", "take a return back"):
        client.post(*world.dialogs[name])

    text = words_of(client.get(f"/entitlements/{world.source.pk}"))

    for told in (
        "Upgrade taken back: By the contract",
        "Return taken back: By the contract",
        "Misread",
        "changed a downgrade right",
    ):
        assert told in text


def test_the_substates_offered_are_those_of_the_state(world: World) -> None:
    address = f"/entitlements/{world.source.pk}/state"
    client = world.client()

    narrowed = client.get(f"{address}/substates", {"state": State.MISSING}).content.decode()
    whole = client.get(address).content.decode()

    assert "Stolen" in narrowed
    assert "Sold" not in narrowed
    assert '<optgroup label="Missing">' in whole
    assert "Sold" in whole


def test_a_substate_of_another_state_is_refused_by_name_in_the_dialog(world: World) -> None:
    address, sent = world.dialogs["set a state"]

    page = world.client().post(address, sent | {"substate": Substate.SOLD})

    assert page.status_code == 422
    assert "Sold is no substate of Missing, which has Lost, Stolen." in page.content.decode()


def test_state_and_substate_are_shown_on_page_and_list_and_can_be_filtered(world: World) -> None:
    client = world.client()
    client.post(*world.dialogs["set a state"])

    page = words_of(client.get(f"/entitlements/{world.position.pk}"))
    lost = client.get("/entitlements/", {"substate": "lost"})
    sold = client.get("/entitlements/", {"substate": "sold"})

    assert "Missing (lost)" in page
    assert [row.pk for row in lost.context["list"].page.rows] == [world.position.pk]
    assert "Missing (lost)" in words_of(lost)
    assert not sold.context["list"].page.rows


def test_a_state_is_set_back_to_by_date(world: World) -> None:
    client = world.client()
    client.post(*world.dialogs["set a state"])
    address = f"/entitlements/{world.position.pk}/state/by-date"

    dialog = client.get(address, headers=HTMX)
    client.post(address, {"day": str(TODAY), "reason": "Found again"})

    assert "By its dates it is in use today." in words_of(dialog)
    assert StatePeriod.objects.get().until_on == TODAY - timedelta(days=1)


def test_work_notes_are_signed_shown_latest_first_and_listed_whole(world: World) -> None:
    client = world.client()
    address = f"/entitlements/{world.source.pk}/notes"
    for number in range(12):
        client.post(f"{address}/add", {"text": f"Note {number} <b>"})

    page, whole = client.get(f"/entitlements/{world.source.pk}"), client.get(address)

    assert "Note 11 &lt;b&gt;" in page.content.decode()
    assert "Note 0 &lt;b&gt;" not in page.content.decode()
    assert "Note 0 &lt;b&gt;" in whole.content.decode()
    assert {note.written_by for note in WorkNote.objects.all()} == {whole.context["user"]}


def test_an_empty_note_is_refused(world: World) -> None:
    page = world.client().post(f"/entitlements/{world.source.pk}/notes/add", {"text": "  "})

    assert page.status_code == 422
    assert "Write what is to be known." in page.content.decode()


def test_expenses_of_different_currencies_are_never_added(world: World) -> None:
    client = world.client()
    client.post(*world.dialogs["add an expense"])

    page = client.get(f"/entitlements/{world.source.pk}")

    totals = [(total.currency, total.amount) for total in page.context["expense_totals"]]
    assert totals == [("EUR", Decimal("10.5")), ("USD", Decimal("99.90"))]


def test_saving_fewer_rights_than_were_returned_is_refused_in_the_form(world: World) -> None:
    client = world.client()
    form = client.get(f"/entitlements/{world.source.pk}/edit").context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | {
        "purchased_rights": 5,
        "purchased_on": date(2025, 1, 1).isoformat(),
        "unit_cost": "200",
    }

    page = client.post(f"/entitlements/{world.source.pk}/edit", sent)

    assert page.status_code == 422
    assert "6 of its rights are returned or moved away by upgrades" in page.content.decode()
    world.source.refresh_from_db()
    assert world.source.purchased_rights == 20


def test_maintenance_is_returned_on_the_way_to_consolidate(world: World) -> None:
    sent = world.dialogs["return maintenance"][1]
    client = world.client()

    consolidate = client.get("/consolidate/").content.decode()
    dialog = client.get("/returns/add", headers=HTMX)
    answer = client.post("/returns/add", sent, follow=True)

    assert 'href="/returns/add"' in consolidate
    assert dialog.status_code == 200
    assert answer.redirect_chain[-1][0] == "/consolidate/"
    assert "3 units returned on" in answer.content.decode()
    assert PurchaseReturn.objects.filter(definition=world.position.definition, quantity=3).exists()


def test_a_return_of_what_was_never_bought_is_kept_and_warned_of(world: World) -> None:
    address, sent = world.dialogs["return maintenance"]
    other = SoftwareModelFactory(name="Never bought")

    page = world.client().post(address, sent | {"model": other.pk}, follow=True)

    assert "for Never bought was bought by" in page.content.decode()


def test_who_manages_several_companies_says_for_which_one_maintenance_is_returned(
    world: World,
) -> None:
    other = CompanyFactory(name="Brueck")
    client = signed_in(Role.LICENSE_MANAGER, world.company, other)
    sent = world.dialogs["return maintenance"][1]

    without = client.post("/returns/add", sent)
    foreign = client.post("/returns/add", sent | {"company": other.pk})
    client.post("/returns/add", sent | {"company": world.company.pk})

    assert "Choose a company." in without.content.decode()
    assert "of Northwind, not of Brueck" in foreign.content.decode()
    assert PurchaseReturn.objects.filter(quantity=3, company=world.company).count() == 1


def test_an_auditor_returns_nothing(world: World) -> None:
    auditor = world.client(Role.AUDITOR)

    assert auditor.get("/returns/add").status_code == 403
    assert auditor.post("/returns/add", {}).status_code == 403


YESTERDAY = TODAY - timedelta(days=1)


def test_the_home_page_tells_license_managers_what_changed_its_state_since_yesterday(
    world: World,
) -> None:
    subscribed = {"duration": "subscription", "starts_on": AGO, "purchased_on": AGO}
    ended = [world.license(1, **subscribed, ends_on=YESTERDAY) for _ in range(2)]
    world.license(1, **subscribed, ends_on=TODAY)
    world.license(1, **{**subscribed, "starts_on": TODAY})
    kept = world.license(1, **subscribed, ends_on=YESTERDAY)
    with acting(None, "Set up by a test"):
        for license, state, from_on in (
            (kept, State.IN_USE, AGO),
            (world.source, State.MISSING, TODAY),
        ):
            StatePeriod.objects.create(
                company=world.company, entitlement=license, state=state, from_on=from_on
            )

    home, auditors = world.client().get("/"), world.client(Role.AUDITOR).get("/")
    told = {change.text: change.asked for change in home.context["state_changes"]}
    listed = world.client().get(f"/entitlements/?{told['2 subscriptions ended']}")

    assert told.keys() == {
        "1 license went from in use to missing",
        "1 subscription began",
        "2 subscriptions ended",
    }
    assert "2 subscriptions ended" in home.content.decode()
    assert {row.pk for row in listed.context["list"].page.rows} == {each.pk for each in ended}
    assert auditors.context["state_changes"] == []
