"""The pages of inventories, of found software and of rules, for each role and by each method."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Company, User
from accounts.roles import Role
from common import kept_files
from common.models import JobProgress
from contracts.models import DiscoveryMap
from deployments.inventory.planning import FIGURES
from deployments.models import DiscoveredSoftware, InventoryImport, InventoryState
from tests.allocation.visitors import text_of
from tests.deployments.inventories import model_of, rule_for
from tests.factories import CompanyFactory, UserFactory, make_user

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 2)
COUNTS = dict.fromkeys(FIGURES, 0)
ASKED = {
    "needs": ["columns", "day_order"],
    "questions": ["Say what its columns hold."],
    "headers": ["Rechner", "Programm"],
    "samples": [["PC-1", "DrawIt"], ["PC-2", ""]],
    "columns": {"Rechner": "device"},
}


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company, username="ada")


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_import(company: Company, state: InventoryState, **fields: Any) -> InventoryImport:
    by = UserFactory()
    return InventoryImport.objects.create(
        company=company,
        file=kept_files.keep(company_id=company.pk, name="pcs.csv", content=[b"a,b"], by=by),
        source="agent",
        day=DAY,
        state=state,
        started_by=by,
        progress=JobProgress.objects.create(title="Reading pcs.csv", company_id=company.pk),
        figures={"counts": COUNTS | {"devices_new": 7}, "asked": ASKED, "problems": []},
        **fields,
    )


def make_title(company: Company, name: str = "DrawIt 5.1", **fields: Any) -> DiscoveredSoftware:
    return DiscoveredSoftware.objects.create(company=company, name=name, seen_on=DAY, **fields)


READ, ADMINISTER = "read", "administer"


@pytest.fixture
def addresses(company: Company) -> dict[str, tuple[str, str]]:
    """What each page needs, and where it is."""
    inventory = make_import(company, InventoryState.PREVIEWED)
    title = make_title(company)
    rule = rule_for(model_of("DrawIt"), name="DrawIt*")
    of = {"inventory": [inventory.pk], "title": [title.pk], "rule": [rule.pk], "": []}
    pages = (
        ("inventory-imports", "", ADMINISTER),
        ("add-inventory", "", ADMINISTER),
        ("inventory-template", "", ADMINISTER),
        ("inventory-import", "inventory", ADMINISTER),
        ("inventory-progress", "inventory", ADMINISTER),
        ("inventory-file", "inventory", ADMINISTER),
        ("discovered-titles", "", READ),
        ("discovered-title", "title", READ),
        ("discovery-rules", "", READ),
        ("discovery-rule", "rule", READ),
        ("add-discovery-rule", "", ADMINISTER),
    )
    return {name: (need, reverse(name, args=of[what])) for name, what, need in pages}


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.LICENSE_MANAGER, Role.AUDITOR])
def test_each_page_opens_to_whose_role_it_is_for(
    company: Company, addresses: dict[str, tuple[str, str]], role: Role
) -> None:
    client = as_user(make_user(role, company))

    opened = {name: client.get(address).status_code for name, (_, address) in addresses.items()}

    assert opened == {
        name: 200 if need == READ or role is Role.ADMINISTRATOR else 403
        for name, (need, _) in addresses.items()
    }


def test_pages_do_not_exist_for_a_requester_and_ask_a_stranger_to_sign_in(
    company: Company, addresses: dict[str, tuple[str, str]]
) -> None:
    requester, nobody = as_user(make_user(Role.REQUESTER, company)), Client()

    for _, address in addresses.values():
        assert requester.get(address).status_code == 404
        assert nobody.get(address).status_code == 302


def test_records_of_another_company_do_not_exist(addresses: dict[str, tuple[str, str]]) -> None:
    client = as_user(make_user(Role.ADMINISTRATOR, CompanyFactory()))

    for name in ("inventory-import", "inventory-progress", "inventory-file", "discovered-title"):
        assert client.get(addresses[name][1]).status_code == 404
    assert "pcs.csv" not in text_of(client.get(addresses["inventory-imports"][1]))
    assert "DrawIt 5.1" not in text_of(client.get(addresses["discovered-titles"][1]))


ACTIONS = ("answer", "confirm", "stop", "retry")


def test_what_writes_is_done_by_post_alone(company: Company, ada: User) -> None:
    inventory = make_import(company, InventoryState.PREVIEWED)

    for action in ACTIONS:
        address = reverse(f"{action}-inventory", args=[inventory.pk])
        assert as_user(ada).get(address).status_code == 405
    assert as_user(ada).post(reverse("inventory-imports")).status_code == 405


@pytest.mark.parametrize("role", [Role.LICENSE_MANAGER, Role.AUDITOR])
def test_only_administrators_import(company: Company, role: Role) -> None:
    inventory = make_import(company, InventoryState.PREVIEWED)
    client = as_user(make_user(role, company))

    for action in ACTIONS:
        address = reverse(f"{action}-inventory", args=[inventory.pk])
        assert client.post(address).status_code == 403
    inventory.refresh_from_db()
    assert inventory.state == InventoryState.PREVIEWED


def test_an_administrator_of_another_company_imports_nothing_here(company: Company) -> None:
    inventory = make_import(company, InventoryState.PREVIEWED)
    stranger = as_user(make_user(Role.ADMINISTRATOR, CompanyFactory()))

    for action in ACTIONS:
        assert stranger.post(reverse(f"{action}-inventory", args=[inventory.pk])).status_code == 404


# --- Upload ---


def upload(client: Client, company: Company, **fields: Any) -> Any:
    given = {
        "company": company.pk,
        "file": SimpleUploadedFile("pcs.csv", b"Device,Title\nPC-1,DrawIt\n"),
        "source": "GLPI",
        "day": "2026-11-02",
        "adds_people": "on",
    }
    return client.post(reverse("add-inventory"), given | fields)


def test_an_upload_is_kept_and_read_by_the_worker(company: Company, ada: User) -> None:
    response = upload(as_user(ada), company, is_full="on")

    started = InventoryImport.objects.get()
    assert response.url == reverse("inventory-import", args=[started.pk])
    assert (started.source, started.day, started.is_full) == ("GLPI", DAY, True)
    assert started.state == InventoryState.READING
    assert b"".join(kept_files.content_of(started.file)).startswith(b"Device")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        pytest.param({"source": ""}, "required", id="no source"),
        pytest.param({"day": "2999-01-01"}, "is yet to come", id="a day to come"),
        pytest.param({"day": "0226-11-02"}, "no inventory is that old", id="a slip of the year"),
        pytest.param({"day": "02/11/2026"}, "Write a day as", id="a day of another order"),
        pytest.param({"file": ""}, "required", id="no file"),
        pytest.param({"format": "docx"}, "not one of the available choices", id="no format"),
    ],
)
def test_what_cannot_be_uploaded_is_said_beside_the_field(
    company: Company, ada: User, fields: dict[str, Any], sentence: str
) -> None:
    response = upload(as_user(ada), company, **fields)

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not InventoryImport.objects.exists()


def test_nothing_is_uploaded_into_another_company(ada: User) -> None:
    response = upload(as_user(ada), CompanyFactory())

    assert response.status_code == 422
    assert not InventoryImport.objects.exists()


def test_a_file_is_given_back_as_a_download_that_no_browser_opens(
    company: Company, ada: User
) -> None:
    inventory = make_import(company, InventoryState.REFUSED)

    response: Any = as_user(ada).get(reverse("inventory-file", args=[inventory.pk]))

    assert b"".join(response.streaming_content) == b"a,b"
    assert response["Content-Disposition"] == 'attachment; filename="pcs.csv"'
    assert response["X-Content-Type-Options"] == "nosniff"


# --- One import ---


def test_a_full_file_that_omits_rows_says_that_it_ends_nothing(company: Company, ada: User) -> None:
    inventory = make_import(company, InventoryState.PREVIEWED, is_full=True)
    inventory.figures |= {"omits_rows": True, "problems": [[0, "It is one page.", False]]}
    inventory.save()

    said = text_of(as_user(ada).get(reverse("inventory-import", args=[inventory.pk])))

    assert "Remarks" in said
    assert "It is one page." in said
    assert "nothing is taken for gone because of this file" in said
    assert "Could not be read" not in said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        pytest.param(InventoryState.READING, "Waiting", id="reading"),
        pytest.param(InventoryState.APPLYING, "Stop", id="applying"),
        pytest.param(InventoryState.ASKING, "Rechner", id="asking"),
        pytest.param(InventoryState.PREVIEWED, "Nothing is written yet", id="previewed"),
        pytest.param(InventoryState.APPLIED, "Imported by", id="applied"),
        pytest.param(InventoryState.REFUSED, "Nothing was written", id="refused"),
    ],
)
def test_an_import_tells_where_it_stands(
    company: Company, ada: User, state: InventoryState, said: str
) -> None:
    inventory = make_import(company, state, applied_by=ada)

    response = as_user(ada).get(reverse("inventory-import", args=[inventory.pk]))

    assert response.status_code == 200
    assert said in text_of(response)


def test_a_killed_import_can_be_started_again(company: Company, ada: User) -> None:
    inventory = make_import(company, InventoryState.APPLYING)
    JobProgress.objects.update(state="running")

    page = as_user(ada).get(reverse("inventory-import", args=[inventory.pk]))

    assert "The worker was interrupted. Nothing is half done." in text_of(page)


def test_progress_asks_for_the_whole_page_once_the_job_is_over(company: Company, ada: User) -> None:
    inventory = make_import(company, InventoryState.APPLIED)

    response = as_user(ada).get(reverse("inventory-progress", args=[inventory.pk]))

    assert response["HX-Refresh"] == "true"


def test_answers_are_kept_and_the_file_read_again(company: Company, ada: User) -> None:
    inventory = make_import(company, InventoryState.ASKING)
    address = reverse("answer-inventory", args=[inventory.pk])

    as_user(ada).post(address, {"column-0": "device", "column-1": "name", "day_order": "dmy"})

    inventory.refresh_from_db()
    assert inventory.state == InventoryState.READING
    assert inventory.choices["columns"] == {"Rechner": "device", "Programm": "name"}
    assert inventory.choices["day_order"] == "dmy"


def test_two_columns_are_not_read_as_the_same(company: Company, ada: User) -> None:
    inventory = make_import(company, InventoryState.ASKING)
    address = reverse("answer-inventory", args=[inventory.pk])

    response = as_user(ada).post(
        address, {"column-0": "name", "column-1": "name", "day_order": "dmy"}
    )

    assert response.status_code == 422
    assert "Two columns are read as “Title”" in text_of(response)


def test_a_second_press_of_import_is_told(company: Company, ada: User) -> None:
    inventory = make_import(company, InventoryState.PREVIEWED)
    address = reverse("confirm-inventory", args=[inventory.pk])
    as_user(ada).post(address)

    response = as_user(ada).post(address, follow=True)

    assert "This import is being imported now." in text_of(response)


def test_the_admin_leads_to_the_same_pages(company: Company, ada: User) -> None:
    inventory = make_import(company, InventoryState.PREVIEWED)
    client = as_user(ada)

    listed = client.get(reverse("admin:deployments_inventoryimport_changelist"))
    added: Any = client.get(reverse("admin:deployments_inventoryimport_add"))
    shown: Any = client.get(
        reverse("admin:deployments_inventoryimport_change", args=[inventory.pk])
    )

    assert "pcs.csv" in text_of(listed)
    assert added.url == reverse("add-inventory")
    assert shown.url == reverse("inventory-import", args=[inventory.pk])


# --- Found software ---


def test_unmatched_software_stands_alone_with_most_installs_first(
    company: Company, ada: User
) -> None:
    make_title(company, "Rare", installs=1)
    make_title(company, "Common", installs=900)
    rule = rule_for(model_of("DrawIt"), name="DrawIt*")
    make_title(company, "DrawIt 5", installs=5, rule=rule, model=rule.model)

    page = text_of(as_user(ada).get(f"{reverse('discovered-titles')}?match=unmatched"))

    assert page.index("Common") < page.index("Rare")
    assert "DrawIt 5" not in page


@pytest.mark.parametrize("view", ["discovered-titles", "inventory-imports", "discovery-rules"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    company: Company, ada: User, view: str
) -> None:
    client = as_user(ada)

    def fill(first: int, last: int) -> None:
        for n in range(first, last):
            rule = rule_for(model_of("DrawIt"), name=f"DrawIt {n}")
            make_title(company, f"DrawIt {n}", rule=rule, model=rule.model)
            make_import(company, InventoryState.APPLIED)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(view)).status_code == 200
        return len(queries)

    fill(0, 60)  # so that there is a second page
    asked()  # the first request of a process counts the numbers of the day
    few = asked()
    fill(60, 200)

    assert asked() == few <= 12


def test_names_with_markup_are_shown_as_text(company: Company, ada: User) -> None:
    title = make_title(company, "<script>alert(1)</script>", publisher='"><img src=x>')

    for address in (
        reverse("discovered-titles"),
        reverse("discovered-title", args=[title.pk]),
        f"{reverse('add-discovery-rule')}?title={title.pk}",
    ):
        page = as_user(ada).get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x>" not in page


# --- Rules ---


def rule_fields(**fields: Any) -> dict[str, Any]:
    return {"name": "DrawIt*", "what": "new", "vendor": "Acme", "product": "DrawIt"} | fields


def test_a_rule_begins_with_the_title_it_is_made_from(company: Company, ada: User) -> None:
    title = make_title(company, "DrawIt 5.1 (x64)", version="5.1", publisher="Acme")

    page = as_user(ada).get(f"{reverse('add-discovery-rule')}?title={title.pk}").content.decode()

    assert 'value="DrawIt * (x64)"' in page
    assert 'value="Acme"' in page


def test_a_rule_does_not_begin_with_a_title_of_another_company(ada: User) -> None:
    title = make_title(CompanyFactory())

    response = as_user(ada).get(f"{reverse('add-discovery-rule')}?title={title.pk}")

    assert response.status_code == 404


def test_a_preview_shows_the_titles_and_writes_nothing(company: Company, ada: User) -> None:
    make_title(company, "DrawIt 5.1")
    make_title(CompanyFactory(name="Contoso"), "DrawIt 9 of Contoso")

    response = as_user(ada).post(reverse("add-discovery-rule"), rule_fields(preview=""))

    assert "1 title" in text_of(response)
    assert "DrawIt 5.1" in text_of(response)
    assert "Contoso" not in text_of(response)
    assert not DiscoveryMap.objects.exists()


def test_a_rule_is_made_and_shown(company: Company, ada: User) -> None:
    title = make_title(company, "DrawIt 5.1")

    response = as_user(ada).post(
        reverse("add-discovery-rule"), rule_fields(save="", reason="Asked Acme"), follow=True
    )

    title.refresh_from_db()
    assert str(title.model) == "DrawIt"
    assert title.rule.made_by == ada
    assert "Asked Acme" in text_of(response)


def test_a_rule_can_name_a_known_model(company: Company, ada: User) -> None:
    model = model_of("DrawIt")
    title = make_title(company, "DrawIt 5.1")

    as_user(ada).post(
        reverse("add-discovery-rule"), rule_fields(save="", what="model", model=model.pk)
    )

    title.refresh_from_db()
    assert title.model == model


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        pytest.param({"name": ""}, "required", id="no name"),
        pytest.param({"what": "model"}, "Choose the software model", id="no model"),
        pytest.param({"vendor": ""}, "Name the vendor", id="no vendor"),
        pytest.param({"name": "textit"}, "is in force", id="the same patterns"),
    ],
)
def test_what_is_no_rule_is_said_beside_the_field(
    company: Company, ada: User, fields: dict[str, Any], sentence: str
) -> None:
    rule_for(model_of("TextIt"), name="TextIt")

    response = as_user(ada).post(reverse("add-discovery-rule"), rule_fields(save="", **fields))

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert DiscoveryMap.objects.count() == 1


def test_who_made_a_rule_withdraws_it(company: Company, ada: User) -> None:
    title = make_title(company, "DrawIt 5.1")
    client = as_user(ada)
    client.post(reverse("add-discovery-rule"), rule_fields(save=""))
    rule = DiscoveryMap.objects.get()

    client.post(reverse("withdraw-discovery-rule", args=[rule.pk]), {"reason": "Wrong"})

    rule.refresh_from_db()
    title.refresh_from_db()
    assert rule.withdrawn_by == ada
    assert title.rule is None


def test_an_administrator_does_not_withdraw_the_rule_of_another(
    company: Company, ada: User
) -> None:
    rule = rule_for(model_of("DrawIt"), name="DrawIt*")
    address = reverse("withdraw-discovery-rule", args=[rule.pk])

    assert as_user(ada).get(address).status_code == 403
    assert as_user(ada).post(address, {"reason": "Wrong"}).status_code == 403


def test_a_superuser_withdraws_any_rule(company: Company) -> None:
    rule = rule_for(model_of("DrawIt"), name="DrawIt*")
    root = as_user(UserFactory(is_superuser=True))

    response = root.post(
        reverse("withdraw-discovery-rule", args=[rule.pk]), {"reason": "Wrong"}, follow=True
    )

    assert "Withdrawn" in text_of(response)
    rule.refresh_from_db()
    assert rule.withdrawn_at is not None


def test_withdrawing_asks_for_a_reason(company: Company) -> None:
    rule = rule_for(model_of("DrawIt"), name="DrawIt*")
    root = as_user(UserFactory(is_superuser=True))

    response = root.post(reverse("withdraw-discovery-rule", args=[rule.pk]), {"reason": ""})

    assert response.status_code == 422
    rule.refresh_from_db()
    assert rule.withdrawn_at is None
