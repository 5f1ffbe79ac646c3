"""The uses of a license on its page: the numbers, the dialogs, the list; and use by product."""

import json
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import CostCentre, Department
from accounts.roles import Role
from allocation.models import Allocation, ReservationKind
from allocation.services import end_allocation, refresh, reserve
from common.acting import acting
from common.locks import CompanyIsBusy
from contracts.models import Product
from deployments.models import Deployment, Device
from entitlements.models import CountedBy, Entitlement, LicenseMetric
from tests.allocation.test_uses import CASES, Case
from tests.allocation.using import TODAY, Household, figures
from tests.allocation.visitors import text_of
from tests.factories import (
    LicenseFactory,
    MaintenanceFactory,
    PersonFactory,
    ProductFactory,
    SoftwareModelFactory,
    make_user,
)

pytestmark = pytest.mark.django_db
EXPIRED: dict[str, Any] = {
    "duration": "subscription",
    "starts_on": date(2025, 1, 1),
    "ends_on": date(2025, 12, 31),
}


@pytest.fixture
def house() -> Household:
    house = Household()
    house.by = make_user(Role.LICENSE_MANAGER, house.company, username="mona")
    return house


@pytest.fixture
def mona(house: Household) -> Client:
    client = Client()
    client.force_login(house.by)
    return client


def per_user() -> LicenseMetric:
    return LicenseMetric.objects.get(group__name="Common", name="Per Named User")


def reserved(license: Entitlement, quantity: int, house: Household, label: str = "Legal") -> Any:
    return reserve(
        license=license,
        kind=ReservationKind.DEPARTMENT,
        label=label,
        quantity=quantity,
        day=TODAY,
        by=house.by,
    )


def on_page_of(license: Entitlement) -> dict[str, str]:
    """What htmx says when a dialog is sent from the page of a license."""
    page = reverse("entitlement", args=[license.pk])
    return {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}#allocations"}


# --- Reading a page ---


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def figures_on(page: str) -> dict[str, str]:
    """The numbers in the head of a license's page, by their labels."""
    (found,) = re.findall(r'<dl class="figures" id="use-figures".*?</dl>', page, re.DOTALL)
    pairs = re.findall(r"<dt>(.*?)</dt><dd.*?>(.*?)</dd>", found, re.DOTALL)
    return {plain(label): plain(value) for label, value in pairs}


def rows_on(page: str) -> Iterator[dict[str, str]]:
    """The rows of the allocations on a license's page, by their headings."""
    (section,) = re.findall(r'<section class="section" id="allocations".*?</section>', page, re.S)
    for row in re.findall(r"<tr[^>]*><th scope=\"row\">.*?</tr>", section, re.DOTALL):
        (target,) = re.findall(r"<th scope=\"row\">(.*?)</th>", row, re.DOTALL)
        cells = re.findall(r'<td[^>]*data-label="(.*?)">(.*?)</td>', row, re.DOTALL)
        yield {"Target": plain(target)} | {plain(label): plain(cell) for label, cell in cells}


def page_of(client: Client, license: Entitlement) -> str:
    response = client.get(reverse("entitlement", args=[license.pk]))
    assert response.status_code == 200
    return response.content.decode()


# --- The table of the specification, on the page ---


def as_shown(number: int | None) -> str:
    if number is None:
        return "Unlimited"
    if number < 0:
        return f"\N{MINUS SIGN}{-number} over-allocated by {-number}"
    return str(number)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_page_shows_the_numbers_of_the_table(
    case: Case, house: Household, mona: Client
) -> None:
    licenses, products = _set_up(case, house)

    pages = [page_of(mona, license) for license in licenses]

    for page, *expected in zip(
        pages, case.entitled, case.in_use, case.available, case.idle, strict=False
    ):
        entitled, in_use, available, idle = expected
        shown = figures_on(page)
        assert shown["Entitled"].split(" ")[0] == as_shown(entitled)
        assert shown["Deployed"] == str(in_use)
        assert shown["Available"] == as_shown(available)
        assert shown.get("Idle", "0").split(" ")[0] == str(idle)
    consumed = [sum(int(row["Consumed"]) for row in rows_on(page)) for page in pages]
    assert consumed == case.consumed
    by_product = [
        text_of(mona.get(reverse("product-use", args=[deployment.pk])))
        for deployment in Deployment.objects.filter(product__in=products)
    ]
    uncovered = [re.search(r"Uncovered (\d+)", page) for page in by_product]
    assert sum(int(found[1]) for found in uncovered if found) == case.uncovered


def _set_up(case: Case, house: Household) -> tuple[list[Entitlement], list[Any]]:
    licenses = [
        house.license(12, **EXPIRED) if rights == 0 else house.license(rights)
        for rights in case.entitled
    ]
    products = [house.product(installs=units) for units in case.deployed]
    for license, product, quantity in case.uses:
        if product is None:
            reserved(licenses[license], quantity, house)
        else:
            house.track(licenses[license], products[product], quantity)
    return licenses, products


def test_the_bar_tells_what_is_deployed_idle_reserved_and_free(
    house: Household, mona: Client
) -> None:
    license = house.license(100)
    house.track(license, house.product(installs=30), 40)
    reserved(license, 20, house)

    response = mona.get(reverse("entitlement", args=[license.pk]))

    bar = response.context["use_bar"]
    assert [(part.label, part.units) for part in bar.segments] == [
        ("Deployed", 30),
        ("Idle", 10),
        ("Reserved", 20),
        ("Free", 40),
    ]
    assert "60 of 100 allocated, 40 free" in response.content.decode()


def test_a_row_tells_target_metric_units_notes_since_and_by_whom(
    house: Household, mona: Client
) -> None:
    license = house.license(100)
    product = ProductFactory(name="365 Apps", vendor__name="Microsoft")
    house.deploy(product, installs=40, users=38)
    house.track(license, product, 0, "users")

    (row,) = rows_on(page_of(mona, license))

    assert row["Target"] == "Microsoft 365 Apps"
    assert (row["Metric"], row["Allocated"]) == ("Users", "Unlimited")
    assert (row["Consumed"], row["Deployed"], row["Idle"]) == ("38", "38", "0")
    assert (row["Since"], row["By"]) == ("1 Jun 2026", str(house.by))


def test_ended_ones_stand_behind_a_toggle_with_their_reason(house: Household, mona: Client) -> None:
    license = house.license(100)
    use = house.track(license, house.product(installs=4), 0)
    end_allocation(allocation=use, day=TODAY, by=house.by, reason="Moved to Bonn")

    page = page_of(mona, license)

    assert "1 ended allocation" in page
    (row,) = rows_on(page)
    assert (row["Reason"], row["Ended by"]) == ("Moved to Bonn", str(house.by))
    assert "Edit" not in row["Actions"]


def test_a_reader_is_offered_no_change(house: Household) -> None:
    license = house.license(100)
    house.track(license, house.product(installs=4), 0)
    auditor = Client()
    auditor.force_login(make_user(Role.AUDITOR, house.company))

    page = page_of(auditor, license)

    assert figures_on(page)["Deployed"] == "4"
    for view in ("track-deployment", "reserve", "allocate-to-device"):
        assert reverse(view, args=[license.pk]) not in page
    assert "change-use" not in page


@pytest.mark.parametrize(
    ("counted_by", "person", "device"),
    [
        (CountedBy.PERSON, True, False),
        (CountedBy.DEVICE, False, True),
        (CountedBy.NEITHER, False, False),
    ],
)
def test_people_and_devices_are_offered_where_the_metric_counts_them(
    house: Household, mona: Client, counted_by: CountedBy, person: bool, device: bool
) -> None:
    metric = LicenseMetric.objects.filter(counted_by=counted_by).first()
    license = house.license(10, metric=metric)

    page = page_of(mona, license)

    assert ('id="allocate-to-person"' in page) == person
    assert ('id="allocate-to-device"' in page) == device


def test_maintenance_has_no_uses(house: Household, mona: Client) -> None:
    position = MaintenanceFactory(company=house.company)

    for view in ("track-deployment", "reserve", "license-uses"):
        assert mona.get(reverse(view, args=[position.pk])).status_code == 404


# --- Track Deployment ---


def tracking(tracked: Product, **changed: Any) -> dict[str, Any]:
    asked = {
        "vendor": tracked.vendor_id,
        "product": tracked.pk,
        "quantity": 0,
        "metric": "installs",
        "notes": "",
    }
    return asked | changed


def test_the_dialog_asks_in_the_order_and_the_words_of_the_product(
    house: Household, mona: Client
) -> None:
    license = house.license(90)

    response = mona.get(
        reverse("track-deployment", args=[license.pk]), headers={"HX-Request": "true"}
    )

    assert response.content.decode().lstrip().startswith("<dialog")
    assert [field.label for field in response.context["form"]] == [
        "Vendor",
        "Product",
        "Allocated Quantity",
        "Deployment Metric",
        "Notes",
    ]
    said = text_of(response)
    assert "90 of 90 available" in said
    assert "0 means unlimited" in said
    assert response.context["form"]["vendor"].value() == license.model.product.vendor_id


def test_a_deployment_is_tracked_and_the_page_is_brought_up_to_date(
    house: Household, mona: Client
) -> None:
    license = house.license(90)
    product = house.product(installs=52)

    response = mona.post(
        reverse("track-deployment", args=[license.pk]),
        tracking(product, notes="By the order of 2026"),
        headers=on_page_of(license),
    )

    page = response.content.decode()
    assert response.headers["HX-Reswap"] == "none"
    assert page.count('hx-swap-oob="true"') == 2
    shown = figures_on(page)
    assert (shown["Entitled"], shown["Deployed"], shown["Available"]) == ("90", "52", "38")
    (row,) = rows_on(page)
    assert (row["Allocated"], row["Notes"]) == ("Unlimited", "By the order of 2026")
    told = json.loads(response.headers["HX-Trigger-After-Settle"])
    assert told["dialog-done"] == {}
    assert told["toast"]["kind"] == "success"
    assert "It takes 52 units now." in told["toast"]["text"]
    made = Allocation.objects.get()
    assert (made.made_by, made.made_on) == (house.by, timezone.localdate())


def test_without_script_the_page_of_the_license_says_that_it_is_tracked(
    house: Household, mona: Client
) -> None:
    license = house.license(90)
    product = house.product(installs=52)
    address = reverse("track-deployment", args=[license.pk])

    response = mona.post(address, tracking(product, quantity=60), follow=True)

    assert response.redirect_chain == [
        (reverse("entitlement", args=[license.pk]) + "#allocations", 302)
    ]
    assert "has 60 units of the license now." in text_of(response)
    assert figures_on(response.content.decode())["Idle"].startswith("8 ")


@pytest.mark.parametrize("in_dialog", [True, False], ids=["in a dialog", "on a page"])
def test_too_much_is_refused_beside_the_field_and_what_was_typed_is_kept(
    house: Household, mona: Client, in_dialog: bool
) -> None:
    license = house.license(10)
    product = house.product(installs=52)

    response = mona.post(
        reverse("track-deployment", args=[license.pk]),
        tracking(product, quantity=11, notes="Kept", metric="users"),
        headers=on_page_of(license) if in_dialog else {},
    )

    assert response.status_code == 422
    (error,) = response.context["form"].errors["quantity"]
    assert error.startswith("11 is more than the 10 that are available")
    said = response.content.decode()
    assert 'aria-invalid="true"' in said
    assert "1 field to look at again. Nothing was saved." in text_of(response)
    assert ">Kept</textarea>" in said.replace("\n", "")
    assert f'value="{product.pk}"' in said
    assert not Allocation.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        pytest.param({"product": ""}, "product", "Choose a product.", id="no product"),
        pytest.param({"vendor": ""}, "vendor", "Choose a vendor.", id="no vendor"),
        pytest.param({"quantity": ""}, "quantity", "Give a number, 0 or more.", id="empty"),
        pytest.param({"quantity": "-1"}, "quantity", "-1 is no quantity.", id="negative"),
        pytest.param({"quantity": "1.5"}, "quantity", "Write a whole number.", id="fraction"),
        pytest.param({"metric": "cores"}, "metric", "cores", id="another metric"),
        pytest.param({"quantity": str(2**31)}, "quantity", "too many", id="beyond all measure"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    house: Household, mona: Client, changed: dict[str, Any], field: str, said: str
) -> None:
    license = house.license(10)
    product = house.product(installs=52)

    response = mona.post(
        reverse("track-deployment", args=[license.pk]), tracking(product, **changed)
    )

    assert response.status_code == 422
    assert said in " ".join(response.context["form"].errors[field])
    assert not Allocation.objects.exists()


def test_a_product_is_looked_for_at_the_vendor_alone(house: Household, mona: Client) -> None:
    license = house.license(10)
    office = house.product(installs=5)
    other = ProductFactory()

    response = mona.post(
        reverse("track-deployment", args=[license.pk]), tracking(office, vendor=other.vendor_id)
    )

    assert response.status_code == 422
    assert "product" in response.context["form"].errors


def test_a_product_that_is_tracked_already_is_refused_beside_the_product(
    house: Household, mona: Client
) -> None:
    license = house.license(10)
    product = house.product(installs=5)
    house.track(license, product, 0)

    response = mona.post(reverse("track-deployment", args=[license.pk]), tracking(product))

    assert "already" in response.context["form"].errors["product"][0]


def test_a_metric_the_license_does_not_count_is_warned_of_and_saved(
    house: Household, mona: Client
) -> None:
    license = house.license(10)
    product = house.product(users=5)

    response = mona.post(
        reverse("track-deployment", args=[license.pk]),
        tracking(product, metric="users"),
        headers=on_page_of(license),
    )

    toast = json.loads(response.headers["HX-Trigger-After-Settle"])["toast"]
    assert toast["kind"] == "warning"
    assert "counts devices" in toast["text"]
    assert Allocation.objects.get().metric == "users"
    assert "counts devices" in response.content.decode()


def test_whoever_has_the_company_is_named_and_nothing_typed_is_lost(
    house: Household, mona: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    license = house.license(10)
    product = house.product(installs=5)

    def busy(*args: object, **options: object) -> None:
        raise CompanyIsBusy("Consolidate #41 is running since 10:02.")

    monkeypatch.setattr("allocation.services.uses.hold_shared", busy)
    response = mona.post(
        reverse("track-deployment", args=[license.pk]), tracking(product, notes="Kept")
    )

    assert response.status_code == 422
    assert "Consolidate #41 is running since 10:02." in text_of(response)
    assert "Kept" in response.content.decode()


# --- Choosing products, people, devices ---


def offered(client: Client, license: Entitlement, source: str, **asked: Any) -> str:
    return text_of(client.get(reverse("choose-for-license", args=[license.pk, source]), asked))


def test_products_are_offered_with_what_is_deployed_of_them_in_the_company(
    house: Household, mona: Client
) -> None:
    license = house.license(10)
    office = ProductFactory(name="Office", vendor__name="Microsoft")
    ProductFactory(name="Visio", vendor=office.vendor)
    ProductFactory(name="Photoshop")
    house.deploy(office, installs=12, users=1)
    Household().deploy(office, installs=4000)

    said = offered(mona, license, "products", vendor=office.vendor_id)

    assert said == ("Office Microsoft · 12 installs, 1 user Visio Microsoft · not deployed")


def test_people_and_devices_are_offered_of_the_company_of_the_license_alone(
    house: Household, mona: Client
) -> None:
    license = house.license(10)
    PersonFactory(company=house.company, name="Ada Byron", email="ada@example.com")
    PersonFactory(company=house.company, name="Ada Gone", inactive_on=TODAY)
    PersonFactory(name="Ada Elsewhere")
    with acting(None, "Set up by a test"):
        Device.objects.create(company=house.company, name="PC-1")
        Device.objects.create(company=Household().company, name="PC-2")

    assert offered(mona, license, "people", q="ada") == "Ada Byron ada@example.com"
    assert offered(mona, license, "devices", q="pc") == "PC-1"


def test_there_is_nothing_else_to_choose_from(house: Household, mona: Client) -> None:
    license = house.license(10)

    response = mona.get(reverse("choose-for-license", args=[license.pk, "users"]))

    assert response.status_code == 404


def test_without_script_the_products_of_a_vendor_are_shown_on_request(
    house: Household, mona: Client
) -> None:
    license = house.license(10)
    office = ProductFactory(name="Office", vendor__name="Microsoft")
    ProductFactory(name="Photoshop")
    house.deploy(office, installs=12)
    asked = {"vendor_text": "micro", "vendor": "", "quantity": "7", "show_products": "1"}

    response = mona.post(reverse("track-deployment", args=[license.pk]), asked)

    assert response.status_code == 200
    page = response.content.decode()
    assert f'<option value="{office.pk}">Office (12 installs, 0 users)</option>' in page
    assert "Photoshop" not in page
    assert 'value="7"' in page
    assert not response.context["form"].errors


def test_showing_the_products_of_no_vendor_says_what_is_wrong(
    house: Household, mona: Client
) -> None:
    license = house.license(10)
    asked = {"vendor_text": "Nobody", "show_products": "1"}

    response = mona.post(reverse("track-deployment", args=[license.pk]), asked)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["vendor"]


# --- Reserve, people and devices ---


def test_units_are_reserved_for_a_department(house: Household, mona: Client) -> None:
    license = house.license(50)

    response = mona.post(
        reverse("reserve", args=[license.pk]),
        {"kind": "department", "label": "Legal", "quantity": 20, "notes": ""},
        headers=on_page_of(license),
    )

    shown = figures_on(response.content.decode())
    assert (shown["Reserved"], shown["Available"]) == ("20", "30")
    (row,) = rows_on(response.content.decode())
    assert (row["Target"], row["Allocated"]) == ("Department: Legal", "20")
    assert (row["Deployed"], row["Idle"]) == ("", "")


def test_names_the_company_knows_are_suggested(house: Household, mona: Client) -> None:
    license = house.license(50)
    with acting(None, "Set up by a test"):
        Department.objects.create(company=house.company, name="Legal")
        CostCentre.objects.create(company=house.company, name="4711")
        Department.objects.create(company=Household().company, name="Elsewhere")
    reserve(
        license=license,
        kind=ReservationKind.PROJECT,
        label="Apollo",
        quantity=1,
        day=TODAY,
        by=house.by,
    )

    page = mona.get(reverse("reserve", args=[license.pk])).content.decode()

    for label, kind in (("Legal", "Department"), ("4711", "Cost centre"), ("Apollo", "Project")):
        assert f'<option value="{label}">{kind}</option>' in page
    assert "Elsewhere" not in page


def test_a_reservation_that_stands_already_is_refused_beside_its_name(
    house: Household, mona: Client
) -> None:
    license = house.license(50)
    reserved(license, 20, house)

    response = mona.post(
        reverse("reserve", args=[license.pk]),
        {"kind": "department", "label": "legal", "quantity": 5},
    )

    assert "already" in response.context["form"].errors["label"][0]


def test_a_person_is_given_a_unit(house: Household, mona: Client) -> None:
    license = house.license(50, metric=per_user())
    ada = PersonFactory(company=house.company, name="Ada Byron")

    response = mona.post(
        reverse("allocate-to-person", args=[license.pk]),
        {"person": "", "person_text": "ada", "quantity": 1},
        headers=on_page_of(license),
    )

    shown = figures_on(response.content.decode())
    assert (shown["People and devices"], shown["Available"]) == ("1", "49")
    assert Allocation.objects.get().person == ada


def test_a_device_that_holds_the_license_already_is_refused_beside_the_device(
    house: Household, mona: Client
) -> None:
    license = house.license(50)
    with acting(None, "Set up by a test"):
        device = Device.objects.create(company=house.company, name="PC-1")
    address = reverse("allocate-to-device", args=[license.pk])

    mona.post(address, {"device": device.pk, "quantity": 1})
    again = mona.post(address, {"device": device.pk, "quantity": 1})

    assert Allocation.objects.get().device == device
    assert "already" in again.context["form"].errors["device"][0]


def test_people_and_devices_of_another_company_cannot_be_posted_either(
    house: Household, mona: Client
) -> None:
    by_user = house.license(50, metric=per_user())
    by_device = house.license(50)
    with acting(None, "Set up by a test"):
        device = Device.objects.create(company=Household().company, name="PC-2")

    person = mona.post(
        reverse("allocate-to-person", args=[by_user.pk]),
        {"person": PersonFactory().pk, "quantity": 1},
    )
    foreign = mona.post(
        reverse("allocate-to-device", args=[by_device.pk]), {"device": device.pk, "quantity": 1}
    )

    assert list(person.context["form"].errors) == ["person"]
    assert list(foreign.context["form"].errors) == ["device"]
    assert not Allocation.objects.exists()


# --- Edit, end, history ---


def test_a_quantity_is_changed_with_a_reason(house: Household, mona: Client) -> None:
    license = house.license(50)
    use = house.track(license, house.product(installs=30), 40)

    response = mona.post(
        reverse("change-use", args=[use.pk]),
        {"quantity": 20, "notes": "Half", "reason": "Bonn moved out"},
        headers=on_page_of(license),
    )

    (row,) = rows_on(response.content.decode())
    assert (row["Allocated"], row["Notes"]) == ("20", "Half")
    history = text_of(mona.get(reverse("allocation", args=[use.pk])))
    assert "Bonn moved out" in history


def test_a_change_beyond_what_is_available_is_refused_with_its_own_units_counted(
    house: Household, mona: Client
) -> None:
    license = house.license(50)
    use = house.track(license, house.product(installs=30), 40)

    response = mona.post(
        reverse("change-use", args=[use.pk]), {"quantity": 51, "reason": "More", "notes": ""}
    )

    assert response.status_code == 422
    assert "51 is more than the 50" in response.context["form"].errors["quantity"][0]
    use.refresh_from_db()
    assert use.quantity == 40


def test_only_deployments_are_unlimited(house: Household, mona: Client) -> None:
    license = house.license(50)
    use = reserved(license, 20, house)

    response = mona.post(
        reverse("change-use", args=[use.pk]), {"quantity": 0, "reason": "All", "notes": ""}
    )

    assert "Give 1 or more." in response.context["form"].errors["quantity"][0]


def test_an_ended_use_is_not_changed_any_more(house: Household, mona: Client) -> None:
    license = house.license(50)
    use = reserved(license, 20, house)
    end_allocation(allocation=use, day=TODAY, by=house.by, reason="Over")

    response = mona.post(
        reverse("change-use", args=[use.pk]), {"quantity": 5, "reason": "Again", "notes": ""}
    )

    assert response.status_code == 422
    assert "ended this allocation" in text_of(response)


def test_a_use_is_ended_with_a_reason_and_the_page_is_brought_up_to_date(
    house: Household, mona: Client
) -> None:
    license = house.license(50)
    use = house.track(license, house.product(installs=30), 0)
    address = reverse("end-allocation", args=[use.pk])

    asked = mona.get(address)
    response = mona.post(
        address,
        {"day": f"{timezone.localdate():%Y-%m-%d}", "reason": "Sold"},
        headers=on_page_of(license),
    )

    assert "which frees 30 units" in text_of(asked)
    assert "keep_apart" not in asked.context["form"].fields
    assert figures_on(response.content.decode())["Available"] == "50"
    use.refresh_from_db()
    assert (use.end_notes, use.ended_by) == ("Sold", house.by)


def test_a_dialog_of_another_page_leads_back_to_it(house: Household, mona: Client) -> None:
    license = house.license(50)
    use = reserved(license, 20, house)
    page = reverse("allocation", args=[use.pk])

    response = mona.post(
        reverse("change-use", args=[use.pk]),
        {"quantity": 5, "reason": "Less", "notes": ""},
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"},
    )

    assert response.status_code == 204
    assert response.headers["HX-Redirect"] == page


def test_the_page_of_a_use_tells_its_whole_story(house: Household, mona: Client) -> None:
    license = house.license(50)
    use = house.track(license, house.product(installs=30), 40)
    end_allocation(allocation=use, day=TODAY, by=house.by, reason="Moved to Bonn")

    said = text_of(mona.get(reverse("allocation", args=[use.pk])))

    assert use.target_text in said
    assert f"Allocated by {house.by} for 1 Jun 2026" in said
    assert f"Ended by {house.by} for 1 Jun 2026 Moved to Bonn" in said


# --- Lowering what is entitled ---


def test_lowering_rights_below_what_is_allocated_is_saved_and_warned_of(
    house: Household, mona: Client
) -> None:
    license = house.license(90)
    house.track(license, house.product(installs=80), 80)
    page = mona.get(reverse("edit-entitlement", args=[license.pk]))
    typed = {
        name: value
        for name, value in page.context["form"].initial.items()
        if value is not None and name in page.context["form"].fields
    }

    response = mona.post(
        reverse("edit-entitlement", args=[license.pk]),
        typed | {"purchased_rights": 60, "company": house.company.pk, "reason": "Sold"},
        follow=True,
    )

    assert "It is over-allocated by 20: 80 are allocated and 60 entitled." in text_of(response)
    assert figures_on(response.content.decode())["Available"] == as_shown(-20)


# --- The whole list of a license's uses ---


def test_the_list_of_uses_is_searched_filtered_and_exported(house: Household, mona: Client) -> None:
    license = house.license(100)
    office = ProductFactory(name="Office")
    house.deploy(office, installs=12)
    house.track(license, office, 0)
    reserved(license, 20, house)
    address = reverse("license-uses", args=[license.pk])

    found = text_of(mona.get(address, {"q": "office"}))
    filtered = text_of(mona.get(address, {"target": "reservation"}))
    export = mona.get(address, {"export": "csv"})

    assert "Office" in found
    assert "Legal" not in found
    assert "Department: Legal" in filtered
    assert "Office" not in filtered
    lines = b"".join(export).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Allocated to,Metric,Allocated,Consumed,Deployed,Idle")
    assert len(lines) == 3
    assert "Actions" not in lines[0]


def test_the_totals_of_all_uses_are_of_those_that_draw_on_the_license(
    house: Household, mona: Client
) -> None:
    license = house.license(100)
    over = house.track(license, house.product(installs=12), 12)
    house.track(license, house.product(installs=5), 7)
    end_allocation(allocation=over, day=TODAY, by=house.by, reason="Over")

    page = mona.get(reverse("license-uses", args=[license.pk])).content.decode()

    (foot,) = re.findall(r"<tfoot>.*?</tfoot>", page, re.DOTALL)
    totals = dict(re.findall(r'data-label="(\w+)">(.*?)</td>', foot))
    assert (plain(totals["Consumed"]), plain(totals["Deployed"])) == ("7", "5")


def test_a_license_with_many_uses_shows_the_first_and_leads_to_all(
    house: Household, mona: Client
) -> None:
    license = house.license(100)
    for number in range(21):
        reserved(license, 1, house, f"Team {number}")

    page = page_of(mona, license)

    assert len(list(rows_on(page))) == 20
    assert "Show all" in page


# --- Entitlements and their numbers ---


def test_the_list_of_licenses_sorts_and_filters_by_the_numbers(
    house: Household, mona: Client
) -> None:
    over, idle, unused = (house.license(10, asset_tag=tag) for tag in ("OVER", "IDLE", "NONE"))
    house.license(10, asset_tag="GONE", **EXPIRED)
    house.track(over, house.product(installs=25), 0)
    house.track(idle, house.product(installs=3), 5)
    columns = {"kind": "license", "columns": "reference,entitled,deployed,available"}

    def tags(**asked: str) -> list[str]:
        page = mona.get(reverse("entitlements"), columns | asked).content.decode()
        return re.findall(r"OVER|IDLE|NONE|GONE", page)

    assert tags(sort="available") == ["OVER", "GONE", "IDLE", "NONE"]
    assert tags(sort="-available") == ["NONE", "IDLE", "GONE", "OVER"]
    assert tags(sort="-use") == ["OVER", "IDLE", "NONE", "GONE"]
    assert tags(sort="use") == ["GONE", "NONE", "IDLE", "OVER"]
    assert tags(use="over") == ["OVER"]
    assert tags(use="idle") == ["IDLE"]
    assert tags(use="unused") == ["NONE", "GONE"]
    assert figures(unused).available == 10


# --- By product ---


def test_use_is_told_by_product_with_the_money_of_what_is_under_used(
    house: Household, mona: Client
) -> None:
    office = ProductFactory(name="Office", vendor__name="Microsoft")
    house.deploy(office, installs=65, users=60)
    house.track(house.license(100, unit_cost="200", currency="EUR"), office, 80)
    house.track(house.license(100), house.product(installs=7), 5)

    page = mona.get(reverse("license-use"))
    export = mona.get(reverse("license-use"), {"export": "csv", "sort": "product"})

    assert "€3,000.00" in text_of(page)
    lines = b"".join(export).decode("utf-8-sig").splitlines()
    assert lines[0] == (
        "Product,Vendor,Deployed,Allocated,Uncovered,Under-used,Cost of what is under-used"
    )
    assert 'Office,Microsoft,65,80,0,15,"€3,000.00"' in lines


def test_use_by_product_is_switched_to_users_and_filtered(house: Household, mona: Client) -> None:
    office = ProductFactory(name="Office")
    visio = ProductFactory(name="Visio")
    house.deploy(office, installs=65, users=60)
    house.deploy(visio, installs=1, users=1)
    house.track(house.license(100), visio, 1)
    asked = {"export": "csv", "columns": "deployed,uncovered", "sort": "product"}

    def rows(**filters: str) -> list[str]:
        response = mona.get(reverse("license-use"), asked | filters)
        return b"".join(response).decode("utf-8-sig").splitlines()[1:]

    assert rows() == ["Office,65,65", "Visio,1,0"]
    assert rows(metric="users") == ["Office,60,60", "Visio,1,1"]
    assert rows(use="uncovered") == ["Office,65,65"]
    assert rows(use="untracked") == ["Office,65,65"]


def test_switching_the_metric_keeps_what_was_filtered_and_how_it_was_sorted(
    house: Household, mona: Client
) -> None:
    house.deploy(ProductFactory(name="Office"), installs=5, users=3)
    kept = {"use": "uncovered", "sort": "-deployed", "q": "off"}

    by_installs = mona.get(reverse("license-use"), kept)
    by_users = mona.get(reverse("license-use"), {"metric": "users", **kept})

    to_users, to_installs = (
        parse_qs(
            re.findall(rf'href="[^"?]*\?([^"]*)"[^>]*>\s*{label}', unescape(page.content.decode()))[
                0
            ]
        )
        for label, page in (("By users", by_installs), ("By installs", by_users))
    )
    assert to_users == {"metric": ["users"], **{name: [value] for name, value in kept.items()}}
    assert to_installs == {name: [value] for name, value in kept.items()}


def test_use_by_product_is_sorted_by_what_is_paid_for_nothing(
    house: Household, mona: Client
) -> None:
    for name, price in (("Cheap", "1"), ("Dear", "500"), ("Middling", "20")):
        product = ProductFactory(name=name)
        house.deploy(product, installs=1)
        house.track(house.license(10, unit_cost=price, currency="EUR"), product, 5)
    unpriced = ProductFactory(name="Unpriced")
    house.track(house.license(10, unit_cost=None), unpriced, 5)

    export = mona.get(
        reverse("license-use"), {"export": "csv", "columns": "idle_cost", "sort": "-idle_cost"}
    )

    lines = b"".join(export).decode("utf-8-sig").splitlines()[1:]
    assert [line.partition(",")[0] for line in lines] == ["Dear", "Middling", "Cheap", "Unpriced"]


def test_the_page_of_a_product_names_the_licenses_that_track_it(
    house: Household, mona: Client
) -> None:
    office = ProductFactory(name="Office", vendor__name="Microsoft")
    deployment = house.deploy(office, installs=100, users=9, installs_without_person=3)
    first, second = house.license(50, asset_tag="A-1"), house.license(30, asset_tag="A-2")
    house.track(first, office, 50)
    house.track(second, office, 30)

    said = text_of(mona.get(reverse("product-use", args=[deployment.pk])))

    assert "Microsoft Office" in said
    assert re.search(r"(100 Deployed|Deployed 100).*(Uncovered 20|20 Uncovered)", said)
    assert "A-1" in said
    assert "A-2" in said
    assert "3 installs without a person" in said


# --- Queries ---


def queries_of(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def assert_not_grown(of_ten: list[int], of_a_thousand: list[int]) -> None:
    """More rows than a page holds are counted by one query, however many they are."""
    grown = [many - few for few, many in zip(of_ten, of_a_thousand, strict=True)]
    assert all(by in (0, 1) for by in grown)


def many_uses(house: Household, license: Entitlement, number: int) -> None:
    with acting(house.by, "Set up by a test"):
        Allocation.objects.bulk_create(
            Allocation(
                company=house.company,
                kind=license.kind,
                entitlement=license,
                quantity=1,
                consumed=1,
                reservation_kind=ReservationKind.PROJECT,
                reservation_label=f"Project {each} of {number}",
                made_on=TODAY,
                made_at=timezone.now(),
                made_by=house.by,
            )
            for each in range(number)
        )


def test_the_number_of_queries_does_not_grow_with_the_uses(house: Household, mona: Client) -> None:
    license = house.license(5000)
    pages = [reverse("entitlement", args=[license.pk]), reverse("license-uses", args=[license.pk])]

    many_uses(house, license, 10)
    of_ten = [queries_of(mona, page) for page in pages]
    many_uses(house, license, 990)
    of_a_thousand = [queries_of(mona, page) for page in pages]

    assert_not_grown(of_ten, of_a_thousand)


def test_the_number_of_queries_does_not_grow_with_licenses_or_products(
    house: Household, mona: Client
) -> None:
    pages = [reverse("entitlements") + "?kind=license", reverse("license-use")]

    _tracked_licenses(house, 10)
    of_ten = [queries_of(mona, page) for page in pages]
    _tracked_licenses(house, 990)
    of_a_thousand = [queries_of(mona, page) for page in pages]

    assert_not_grown(of_ten, of_a_thousand)


def _tracked_licenses(house: Household, number: int) -> None:
    """Licenses and deployed products, with their numbers, made at once."""
    model = SoftwareModelFactory()
    with acting(house.by, "Set up by a test"):
        licenses = Entitlement.objects.bulk_create(
            LicenseFactory.build(company=house.company, model=model, metric=None)
            for _ in range(number)
        )
        products = Product.objects.bulk_create(
            Product(vendor=model.product.vendor, name=f"Product {each} of {number}")
            for each in range(number)
        )
        deployments = Deployment.objects.bulk_create(
            Deployment(company=house.company, product=product, installs=3) for product in products
        )
        refresh(
            company_id=house.company.pk,
            licenses=[license.pk for license in licenses],
            deployments=[deployment.pk for deployment in deployments],
            day=TODAY,
        )
