"""
The whole way of a workbook: import, preview, run, why, history. A real browser, a real worker.
"""

import re
import signal
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Company, User
from accounts.roles import Role
from allocation.models import Allocation, ConsolidateRun
from tests.allocation.processes import start_command
from tests.allocation.visitors import make_shown
from tests.browser.conftest import Visit, problems_of
from tests.entitlements.workbooks import LICENSE, MAINTENANCE, xlsx
from tests.factories import CompanyFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = timezone.localdate()
A_YEAR = timedelta(days=365)


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Northwind", code="NW")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company, username="ada")


@pytest.fixture
def auditor(company: Company) -> User:
    return make_user(Role.AUDITOR, company, username="auda")


@pytest.fixture
def worker(company: Company) -> Iterator[subprocess.Popen[str]]:
    started = start_command("worker")
    yield started
    started.send_signal(signal.SIGINT)
    started.communicate(timeout=20)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Thirty rights with maintenance for all of them, and three that are one unit too many."""
    bought = TODAY - A_YEAR / 2
    covered = {**LICENSE, "Asset tag": "L-1", "Purchased on": bought}
    bare = {**LICENSE, "Asset tag": "L-2", "Purchased on": bought, "Purchased rights": 3}
    position = {
        **MAINTENANCE,
        "Asset tag": "M-1",
        "Purchased on": bought,
        "Start": bought,
        "End": TODAY + A_YEAR,
        "Quantity": 32,
    }
    path = tmp_path / "licenses.xlsx"
    path.write_bytes(xlsx().add("Licenses", covered, bare).add("Maintenance", position).content)
    return path


def until(page: Page, text: str | re.Pattern[str]) -> None:
    """Waits for a text, loading the page again where no script does it."""
    for _ in range(60):
        if page.get_by_text(text).first.is_visible():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"{text} never came: {page.content()}")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_from_the_workbook_to_the_history(
    visit: Visit,
    ada: User,
    auditor: User,
    company: Company,
    workbook: Path,
    worker: subprocess.Popen[str],
    script: bool,
) -> None:
    page = visit(ada, "/admin/entitlements/import/add/", script=script)
    import_workbook(page, company, workbook)

    page.goto("/consolidate/")
    page.get_by_role("button", name="Preview").click()
    if script:
        expect(page.get_by_role("button", name="Run")).to_be_visible()
    else:
        until(page, "Everything else")
    expect(page.get_by_text("The license had no cover in effect").first).to_be_visible()
    assert not Allocation.objects.exists()

    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/runs/*")
    if script:
        expect(page.locator(".page-head").get_by_text("Done")).to_be_visible()
    else:
        until(page, "Done")
    run = ConsolidateRun.objects.get()
    row = Allocation.objects.get()
    assert (row.license.asset_tag, row.quantity, row.made_in_run) == ("L-1", 30, run)

    ask_why(page, script=script)
    read_history(visit(auditor, "/allocations/", script=script), run)


def import_workbook(page: Page, company: Company, workbook: Path) -> None:
    """Upload, look, confirm: three records, and the catalogue that they name."""
    page.get_by_label("Company").select_option(label=company.name)
    page.locator("#id_file").set_input_files(workbook)
    page.get_by_text("How the file is to be read").click()
    for box in page.locator("input[name=makes]").all():
        box.check()
    page.get_by_role("button", name="Upload and preview").click()
    until(page, "Import 3 records")
    page.get_by_role("button", name="Import 3 records").click()
    until(page, "Undo this import")


def ask_why(page: Page, *, script: bool) -> None:
    """Why the one license is covered, and why the other is not."""
    page.get_by_role("link", name=re.compile("L-1")).first.click()
    expect(page.get_by_text("The license had no cover in effect").first).to_be_visible()
    page.get_by_role("link", name=re.compile("L-1")).first.click()
    expect(page.get_by_role("img", name=re.compile("^Time line"))).to_be_visible()

    page.goto("/entitlements/?q=L-2")
    page.get_by_role("link", name="DrawIt 5").first.click()
    if not script:
        page.get_by_role("link", name="Why is it not covered?").click()
    expect(
        page.get_by_text("The license needs 3 units; 2 of the position are free.")
    ).to_be_visible()


def read_history(page: Page, run: ConsolidateRun) -> None:
    """An auditor finds the allocation, and all of its story, and no button to change it."""
    expect(page.get_by_text("1 allocation")).to_be_visible()
    page.get_by_role("link", name=re.compile("L-1")).click()
    expect(page.get_by_text(f"Allocated by consolidate #{run.pk}")).to_be_visible()
    expect(page.get_by_text("Written ")).to_be_visible()
    assert page.get_by_role("link", name="End it").count() == 0


# --- Dialogs ---


def test_an_allocation_is_ended_in_a_dialog_that_keeps_what_was_typed(visit: Visit) -> None:
    shown = make_shown()
    page = visit(shown.visitors["manager"], f"/allocations/{shown.live.pk}")

    opener = page.get_by_role("link", name="End it")
    opener.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()

    opener.click()
    dialog.get_by_label("Holds no more from").fill("2026-05-01")
    dialog.get_by_label("Reason").fill("Sold to Fabrikam")
    dialog.get_by_role("button", name="End it").click()
    expect(dialog.get_by_text("it cannot end on 1 May 2026").first).to_be_visible()
    expect(dialog.get_by_label("Reason")).to_have_value("Sold to Fabrikam")

    dialog.get_by_label("Holds no more from").fill("2026-07-01")
    dialog.get_by_role("button", name="End it").click()
    expect(page.get_by_text("Ended by hand: Sold to Fabrikam.")).to_be_visible()
    shown.live.refresh_from_db()
    assert shown.live.ended_on == date(2026, 7, 1)


def test_maintenance_is_found_by_typing_and_allocated(visit: Visit) -> None:
    shown = make_shown()
    page = visit(shown.visitors["manager"], f"/entitlements/{shown.world.plain.pk}")

    page.get_by_role("link", name="Allocate maintenance").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Notes").fill("Kept while I search")
    dialog.get_by_role("searchbox").fill("nothing like it")
    expect(dialog.get_by_text("Nothing of this software model holds")).to_be_visible()
    expect(dialog.get_by_label("Notes")).to_have_value("Kept while I search")
    dialog.get_by_role("searchbox").fill("")
    expect(dialog.get_by_text("are kept apart (Moved to Bonn)")).to_be_visible()


# --- For everybody ---


@pytest.mark.parametrize("width", [1600, 800, 360])
def test_pages_break_no_rule_of_accessibility_and_fit_the_screen(visit: Visit, width: int) -> None:
    shown = make_shown()
    page = visit(shown.visitors["manager"], "/consolidate/", width=width)
    paths = [
        "/consolidate/",
        f"/consolidate/previews/{shown.preview.pk}",
        "/runs/",
        f"/runs/{shown.run.pk}",
        f"/runs/{shown.run.pk}/ended",
        "/allocations/",
        f"/allocations/{shown.ended.pk}",
        f"/allocations/{shown.live.pk}/end",
        "/kept-apart/",
        f"/kept-apart/{shown.apart.pk}",
        f"/entitlements/{shown.world.plain.pk}",
        f"/entitlements/{shown.world.large.pk}",
        f"/entitlements/{shown.world.plain.pk}/coverage",
        f"/entitlements/{shown.world.plain.pk}/why-not",
        f"/entitlements/{shown.world.plain.pk}/allocate",
    ]

    found = []
    for path in paths:
        page.goto(path)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        problems = problems_of(page) + ([f"{wider} px too wide"] if wider > 0 else [])
        found += [f"{path}: {problem}" for problem in problems]

    assert not found, "\n".join(found)
