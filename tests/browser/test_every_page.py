"""Every page of the application on the demo's records: accessible, and within its window."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Model, QuerySet
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.models import Person, User
from allocation.models import Allocation, ConsolidateRun, KeptApart
from allocation.services.license_keys import withdraw_key
from common.kept_documents import add_document
from common.models import SavedView
from contracts.models import Contract, ContractTerm
from contracts.services import give_notice
from demo.load import load_demo
from deployments.models import Deployment, Device, DiscoveredSoftware, DiscoveryMap
from entitlements.catalogue import tier_tables
from entitlements.models import (
    CountedBy,
    DowngradeRight,
    Entitlement,
    Kind,
    LicenseKey,
    LicenseMetric,
    ProcessorValue,
    PurchaseReturn,
    UpgradedEntitlement,
)
from entitlements.services import add_expense
from entitlements.services.keys import add_keys
from tests.browser.conftest import Visit, problems_of
from tests.factories import PartFactory

pytestmark = pytest.mark.django_db(transaction=True)

WITHOUT_RECORD = [
    "add-contract",
    "add-discovery-rule",
    "add-inventory",
    "add-license",
    "add-maintenance",
    "add-person",
    "allocations",
    "consolidate",
    "contracts",
    "deployments",
    "devices",
    "discovered-titles",
    "discovery-rules",
    "entitlements",
    "feed-address",
    "home",
    "installations",
    "inventory-imports",
    "kept-apart",
    "license-use",
    "metrics",
    "parts",
    "people",
    "processors",
    "renewals",
    "runs",
    "search",
    "subscriptions",
]

OF_A_LICENSE = [
    "split-license",
    "add-entitlement-document",
    "add-license-keys",
    "allocate",
    "coverage",
    "edit-entitlement",
    "entitlement",
    "compare-entitlement",
    "entitlement-as-of",
    "entitlement-history",
    "license-keys",
    "license-uses",
    "reserve",
    "track-deployment",
    "why-not",
]

OF_A_CONTRACT = [
    "add-document",
    "add-term",
    "contract",
    "edit-contract",
    "edit-reminder",
    "renew-contract",
]

OF_A_RUN = [
    "run",
    "run-ended",
    "run-matched",
    "run-returned",
    "choose-comparison",
]

# What is before the browser in other tests, in states that the demo's records are not in.
ELSEWHERE = [
    "preview",  # test_whole_way
    "end-allocation",  # test_whole_way
    "change-contracts",  # test_lists, and so the next five, which are the same templates
    "change-devices",
    "change-entitlements",
    "undo-change-of-contracts",
    "undo-change-of-devices",
    "undo-change-of-entitlements",
    "inventory-import",  # test_inventory_pages
    "sign-in",  # test_frame_and_lists
]

# Files, parts of pages that a script asks for, and what is only ever posted to.
NO_PAGES = [
    "entitlement-cyclonedx",
    "entitlement-json",
    "substates",
    "answer-inventory",
    "calendar-feed",
    "choose",
    "choose-for-license",
    "confirm-inventory",
    "dismiss-reminder",
    "document",
    "entitlement-document",
    "inventory-file",
    "inventory-progress",
    "inventory-template",
    "narrow",
    "preview-progress",
    "read-inventory-again",
    "retry-inventory",
    "run-preview",
    "run-progress",
    "running",
    "sign-out",
    "stop-inventory",
    "stop-preview",
    "stop-run",
    "withdraw-feed-address",
]


def first(found: QuerySet[Any] | type[Model], **asked: Any) -> int:
    records = found if isinstance(found, QuerySet) else found._default_manager.all()
    return int(records.filter(**asked).order_by("pk").values_list("pk", flat=True)[0])


def named(names: Iterable[str], *record: int | str) -> dict[str, str]:
    return {name: reverse(name, args=record) for name in names}


def make_keys(license: Entitlement, by: User) -> tuple[LicenseKey, LicenseKey]:
    """A key that is in use, and one that is withdrawn."""
    add_keys(entitlement=license, pasted="XQ7PM-2K9DW\nRT4VB-8HJ3N", label="Plant", by=by)
    standing, withdrawn = LicenseKey.objects.filter(entitlement=license).order_by("pk")
    withdraw_key(key=withdrawn, by=by, reason="Leaked")
    return standing, withdrawn


def contract_with_notice(other: Contract, by: User) -> Contract:
    today = timezone.localdate()
    running = ContractTerm.objects.filter(notice_given_on=None, ends_on__gt=today)
    term = running.exclude(contract=other).order_by("pk")[0]
    ends_on = term.ends_on or today
    give_notice(contract=term.contract, given_on=today, ends_on=ends_on, by=by, reason="")
    return term.contract


def of_rights(license: Entitlement, by: User) -> dict[str, str]:
    """What moves rights, and what is written beside them."""
    spent = add_expense(
        entitlement=license, kind="other", spent_on=timezone.localdate(), amount=Decimal(9),
        currency="EUR", notes="Training", by=by,
    )  # fmt: skip
    returned = PurchaseReturn.objects.filter(assignments__isnull=False).order_by("pk")[0]
    position = first(Entitlement, definition=returned.definition_id, model=returned.model_id)
    return {
        **named(["add-downgrade", "add-expense", "add-note", "add-return"], license.pk),
        **named(["notes", "set-state"], license.pk),
        **named(["return-maintenance"]),
        **named(["add-upgrade"], first(Entitlement, upgraded_from__isnull=False)),
        **named(["end-upgrade"], first(UpgradedEntitlement)),
        **named(["change-downgrade", "end-downgrade"], first(DowngradeRight)),
        **named(["change-expense", "take-back-expense"], spent.pk),
        **named(["back-by-date"], first(Entitlement, state_periods__until_on=None)),
        **named(["change-return", "give-back-return", "take-back-return"], position, returned.pk),
    }


def pages_of_the_demo(root: User) -> dict[str, str]:
    """The address of each page, by its name."""
    license = first(Entitlement, kind=Kind.LICENSE, asset_tag="M365-E5")
    contract = Contract.objects.get(entitlements=license)
    run, later_run = ConsolidateRun.objects.filter(company=contract.company).order_by("pk")[:2]
    use = Allocation.objects.filter(deployment__isnull=False, ended_at=None)
    cover = Allocation.objects.filter(deployment=None, license__isnull=False)
    document = add_document(to=contract, name="signed.txt", content=b"Signed", title="", by=root)
    certificate = add_document(
        to=Entitlement.objects.get(pk=license), name="a.txt", content=b"A", title="", by=root
    )
    view = SavedView.objects.create(
        user=root, list_name="contracts", label="Active ones", query="status=active"
    )
    keys = make_keys(Entitlement.objects.get(pk=license), root)
    return {
        **named(WITHOUT_RECORD),
        **named(OF_A_LICENSE, license),
        **named(OF_A_CONTRACT, contract.pk),
        **named(OF_A_RUN, run.pk),
        **named(["compare-runs"], run.pk, later_run.pk),
        **named(["allocate-to-person"], license),
        **named(["change-use"], first(use)),
        **named(["allocation"], first(cover)),
        **named(["edit-term"], first(ContractTerm)),
        **named(["remove-document"], document.pk),
        **named(["remove-entitlement-document"], certificate.pk),
        **named(["deployment", "product-use"], first(Deployment)),
        **named(["device", "edit-device"], first(Device)),
        **named(["person", "edit-person"], first(Person)),
        **named(["discovered-title"], first(DiscoveredSoftware)),
        **named(["discovery-rule", "withdraw-discovery-rule"], first(DiscoveryMap)),
        **named(["kept-apart-pair", "lift-kept-apart"], first(KeptApart)),
        **named(["metric"], first(LicenseMetric)),
        **named(["part"], PartFactory().pk),
        **named(["processor"], first(ProcessorValue)),
        **named(["tiers"], str(tier_tables()[0].key)),
        **named(["clear-match"], first(Entitlement, matched_serial__gt="")),
        **named(["allocate-to-device"], first(Entitlement, metric__counted_by=CountedBy.DEVICE)),
        **named(["give-notice"], contract.pk),
        **named(["withdraw-notice"], contract_with_notice(contract, root).pk),
        **named(["watch-runs"], str(run.pk)),
        **named(["license-key", "show-license-key", "rename-license-key"], keys[0].pk),
        **named(["withdraw-license-key"], keys[0].pk),
        **named(["put-license-key-back"], keys[1].pk),
        "metric-calculation": f"{reverse('metric-calculation')}?metric={first(LicenseMetric)}",
        **of_rights(Entitlement.objects.get(pk=license), root),
        **named(["add-saved-view"], "contracts"),
        **named(["edit-saved-view", "delete-saved-view"], view.pk),
        "search": f"{reverse('search')}?q=microsoft",
    }


@pytest.fixture
def root() -> User:
    """Who may do everything, with the records of the demo."""
    load_demo()
    return User.objects.get(username="root")


def test_every_page_is_accessible_and_fits_its_window(visit: Visit, root: User) -> None:
    pages = pages_of_the_demo(root)
    demand_that_no_address_is_left_out(pages)
    page = visit(root, "/")

    found = []
    for path in pages.values():
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        for width in (360, 1600):
            page.set_viewport_size({"width": width, "height": 1000})
            wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            problems = problems_of(page) + ([f"{wider} px too wide"] if wider > 0 else [])
            found += [f"{path} at {width} px: {problem}" for problem in problems]

    assert not found, "\n".join(found)


def demand_that_no_address_is_left_out(pages: dict[str, str]) -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    told = {*pages, *ELSEWHERE, *NO_PAGES}

    assert names - told == set(), "Add these to pages_of_the_demo, or say why not"
    assert told - names == set(), "These addresses are gone: take them out"


# What a person may have: from a wide screen to a phone, and the widths between at which columns go.
WIDTHS = (1600, 1440, 1366, 1280, 1100, 1024, 900, 800, 700, 640, 600, 480, 360)

BEYOND_THEIR_LIST = """() => [...document.querySelectorAll('.list .table')].filter(table =>
    table.getBoundingClientRect().right > table.closest('.list').getBoundingClientRect().right + 1
).length"""


def test_no_list_is_wider_than_its_page_at_any_width(visit: Visit, root: User) -> None:
    page = visit(root, "/")
    lists = [
        "contracts",
        "entitlements",
        "deployments",
        "devices",
        "people",
        "installations",
        "subscriptions",
        "license-use",
        "renewals",
        "discovered-titles",
        "discovery-rules",
        "allocations",
        "kept-apart",
        "runs",
    ]

    beyond = []
    for path in named(lists).values():
        page.goto(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 1000})
            if page.evaluate(BEYOND_THEIR_LIST):
                beyond.append(f"{path} at {width} px")

    assert not beyond, "\n".join(beyond)


def test_what_opens_above_a_list_is_within_the_window_of_a_phone(visit: Visit, root: User) -> None:
    page = visit(root, "/entitlements/?state=in_use&model=a", width=360)
    menus = page.locator(".list-tools summary")

    assert menus.count() == 9  # seven filters, the columns, the export
    for number in range(menus.count()):
        menus.nth(number).click()
        box = page.locator(".list-tools [open] > .panel").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        menus.nth(number).click()
