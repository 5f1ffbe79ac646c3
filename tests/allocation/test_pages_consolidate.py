"""From the choice of a day to a run and its comparison with another, page by page."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from allocation.models import Allocation, ConsolidateRun, PreviewChange, RunPreview
from allocation.services import end_allocation, new_preview, new_run, run_now
from allocation.views.run_lists import duration_text
from common.acting import acting
from common.models import JobProgress, JobState
from tests.allocation.visitors import LATER, Shown, computed_preview, make_shown, stored, text_of
from tests.allocation.world import DAY, World, make_world
from tests.factories import (
    CompanyFactory,
    DefinitionFactory,
    LicenseFactory,
    MaintenanceFactory,
    MembershipFactory,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world(name="Northwind")


@pytest.fixture
def mona(world: World) -> Client:
    """A license manager of the company."""
    client = Client()
    client.force_login(make_user(Role.LICENSE_MANAGER, world.company, username="mona"))
    return client


def address_of(preview: RunPreview, name: str = "preview") -> str:
    return reverse(name, args=[str(preview.pk)])


def set_job(job: JobProgress, **columns: Any) -> None:
    JobProgress.objects.filter(pk=job.pk).update(**columns)


# --- Asking for a preview ---


def test_a_preview_is_asked_for_a_day_and_some_companies(mona: Client, world: World) -> None:
    asked = {"day": "2026-06-01", "companies": [world.company.pk]}

    response = mona.post(reverse("consolidate"), asked)

    preview = RunPreview.objects.get()
    assert response.headers["Location"] == address_of(preview)
    assert (preview.company, preview.as_of, preview.asked_by.username) == (
        world.company,
        DAY,
        "mona",
    )
    assert not ConsolidateRun.objects.exists()


def test_only_companies_that_a_person_manages_can_be_chosen(mona: Client, world: World) -> None:
    audited = CompanyFactory(name="Audited Ltd")
    MembershipFactory(user_id=mona.session["_auth_user_id"], company=audited, role=Role.AUDITOR)
    foreign = CompanyFactory(name="Foreign Ltd")

    page = text_of(mona.get(reverse("consolidate")))
    assert "Northwind" in page
    assert "Foreign Ltd" not in page
    for company in (audited, foreign):
        asked = {"day": "2026-06-01", "companies": [company.pk]}
        assert mona.post(reverse("consolidate"), asked).status_code == 422
    assert not RunPreview.objects.exists()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        pytest.param({"day": "tomorrow"}, "Write a day as 2026-12-31.", id="no day"),
        pytest.param({"day": ""}, "Choose a day.", id="without a day"),
        pytest.param({"day": "2026-06-01"}, "Choose at least one company.", id="no company"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    mona: Client, asked: dict[str, str], sentence: str
) -> None:
    response = mona.post(reverse("consolidate"), asked)

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert f'value="{asked["day"]}"' in response.content.decode() or asked["day"] == ""


def test_the_page_says_who_is_at_work_and_since_when(mona: Client, world: World) -> None:
    run = new_run(company=world.company, as_of=DAY, by=world.by)
    set_job(run.progress, queued_at=timezone.now().replace(hour=10, minute=2))

    page = text_of(mona.get(reverse("consolidate")))

    assert (
        f"Northwind: Consolidate #{run.pk} is waiting since 10:02, started by Grace Hopper" in page
    )


# --- A preview ---


def test_a_preview_under_way_shows_how_far_it_is(mona: Client, world: World) -> None:
    preview = new_preview(company=world.company, as_of=DAY, by=world.by)
    set_job(preview.progress, step="Reading and deciding", done=40, total=80)

    page = mona.get(address_of(preview))
    fragment = mona.get(address_of(preview, "preview-progress"), headers={"HX-Request": "true"})

    assert "Reading and deciding · 40 of 80" in text_of(page)
    assert 'http-equiv="refresh"' in page.content.decode()
    assert 'value="50"' in fragment.content.decode()


def test_a_preview_that_is_over_asks_for_the_whole_page(mona: Client, world: World) -> None:
    preview = computed_preview(world, DAY)

    response = mona.get(address_of(preview, "preview-progress"), headers={"HX-Request": "true"})

    assert response.headers["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        pytest.param({"state": JobState.STOPPED}, "The preview was stopped.", id="stopped"),
        pytest.param(
            {"state": JobState.RUNNING}, "The preview was interrupted", id="its process died"
        ),
        pytest.param(
            {"state": JobState.FAILED, "problem": "The disk is full."},
            "The disk is full.",
            id="failed",
        ),
    ],
)
def test_a_preview_that_came_to_nothing_says_why(
    mona: Client, world: World, columns: dict[str, Any], sentence: str
) -> None:
    preview = new_preview(company=world.company, as_of=DAY, by=world.by)
    set_job(preview.progress, **columns)

    page = mona.get(address_of(preview))

    assert sentence in text_of(page)
    assert reverse("run-preview", args=[str(preview.pk)]) not in page.content.decode()


def test_a_preview_shows_each_change_with_its_reason_and_writes_nothing(
    mona: Client, world: World
) -> None:
    before = stored()
    preview = computed_preview(world, DAY)

    page = text_of(mona.get(address_of(preview)))

    assert "Returns Return assigned 1 1" in page
    assert "Serial number Allocated 2 4" in page
    assert "The position had 3 units allocated and owns 2 after returns." in page
    assert "Serial number S-1009 is that of the license." in page
    assert "Took 1 free unit" in page
    assert stored() == before


@pytest.mark.parametrize(
    ("query", "number"),
    [
        pytest.param("", 6, id="all"),
        pytest.param("step=serial", 2, id="step"),
        pytest.param("change=ended", 1, id="change"),
        pytest.param("change=ended&change=allocated", 4, id="two changes"),
        pytest.param("q=S-1009", 2, id="a serial number of licenses"),
        pytest.param("q=nothing", 0, id="search without result"),
    ],
)
def test_a_preview_is_filtered(mona: Client, world: World, query: str, number: int) -> None:
    preview = computed_preview(world, DAY)

    response = mona.get(f"{address_of(preview)}?{query}")

    assert len(response.context["list"].page.rows) == number


def test_previews_of_several_companies_are_one_page_filtered_by_company(
    mona: Client, world: World
) -> None:
    other = make_world(name="Contoso")
    MembershipFactory(
        user_id=mona.session["_auth_user_id"], company=other.company, role=Role.LICENSE_MANAGER
    )
    numbers = ",".join(str(computed_preview(each, DAY).pk) for each in (world, other))
    address = reverse("preview", args=[numbers])

    assert len(mona.get(address).context["list"].page.rows) == 12
    filtered = mona.get(f"{address}?company={other.company.pk}")
    assert {row.company_name for row in filtered.context["list"].page.rows} == {"Contoso"}


def test_an_export_of_a_preview_holds_what_it_shows(mona: Client, world: World) -> None:
    preview = computed_preview(world, DAY)
    shown = mona.get(f"{address_of(preview)}?step=serial").context["list"]

    response = mona.get(f"{address_of(preview)}?step=serial&export=csv")

    _head, *rows = csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig")))
    assert [row[-1] for row in rows] == [shown.why(row) for row in shown.page.rows]
    assert len(rows) == 2


def test_a_preview_of_a_past_day_says_on_what_it_stands(mona: Client, world: World) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)

    past = text_of(mona.get(address_of(computed_preview(world, yesterday))))
    present = text_of(mona.get(address_of(computed_preview(world, timezone.localdate()))))

    assert "on today's allocations" in past
    assert "on today's allocations" not in present


def test_a_preview_of_a_day_to_come_warns_that_no_day_before_it_can_be_run_then(
    mona: Client, world: World
) -> None:
    today = timezone.localdate()

    to_come = text_of(mona.get(address_of(computed_preview(world, today + timedelta(days=1)))))
    present = text_of(mona.get(address_of(computed_preview(world, today))))

    assert "is yet to come. Once it is run, no earlier day can be run" in to_come
    assert "is yet to come" not in present


def test_a_day_before_the_last_run_is_shown_and_not_offered_to_run(
    mona: Client, world: World
) -> None:
    run = run_now(company=world.company, as_of=LATER, by=world.by)
    preview = computed_preview(world, DAY)

    response = mona.get(address_of(preview))
    refused = mona.post(address_of(preview, "run-preview"), follow=True)

    assert f"Northwind has been consolidated for a later day (Consolidate #{run.pk})" in (
        text_of(response)
    )
    assert address_of(preview, "run-preview") not in response.content.decode()
    assert "would rewrite the past" in text_of(refused)
    assert ConsolidateRun.objects.count() == 1


def test_a_preview_of_nothing_says_so(mona: Client, world: World) -> None:
    run_now(company=world.company, as_of=DAY, by=world.by)

    page = text_of(mona.get(address_of(computed_preview(world, DAY))))

    assert "A run would change nothing" in page


def test_the_questions_a_preview_asks_do_not_grow_with_its_changes(
    mona: Client, world: World
) -> None:
    def queries(preview: RunPreview) -> int:
        mona.get(address_of(preview))
        with CaptureQueriesContext(connection) as asked:
            mona.get(address_of(preview))
        return len(asked)

    few = queries(computed_preview(world, DAY))
    common = {"company": world.company, "model": world.plain.model}
    for _ in range(15):
        LicenseFactory(**common)
        MaintenanceFactory(**common, definition=world.small.definition)

    more = computed_preview(world, DAY)
    assert PreviewChange.objects.filter(preview=more).count() > 15
    assert queries(more) <= few


# --- Running it ---


def test_a_preview_is_run_by_post_for_its_company_and_day(mona: Client, world: World) -> None:
    preview = computed_preview(world, DAY)

    response = mona.post(address_of(preview, "run-preview"))

    run = ConsolidateRun.objects.get()
    assert response.headers["Location"] == reverse("run", args=[run.pk])
    assert (run.company, run.as_of, run.expected_fingerprint) == (
        world.company,
        DAY,
        preview.fingerprint,
    )
    assert run.state == JobState.QUEUED


def test_previews_of_several_companies_are_run_together(mona: Client, world: World) -> None:
    other = make_world(name="Contoso")
    MembershipFactory(
        user_id=mona.session["_auth_user_id"], company=other.company, role=Role.LICENSE_MANAGER
    )
    numbers = ",".join(str(computed_preview(each, DAY).pk) for each in (world, other))

    response = mona.post(reverse("run-preview", args=[numbers]), follow=True)

    assert ConsolidateRun.objects.count() == 2
    page = text_of(response)
    assert "Northwind Consolidate #" in page
    assert "Contoso Consolidate #" in page
    assert "Waiting for the worker" in page


def test_a_preview_that_is_not_finished_is_not_run(mona: Client, world: World) -> None:
    preview = new_preview(company=world.company, as_of=DAY, by=world.by)

    response = mona.post(address_of(preview, "run-preview"), follow=True)

    assert "The preview is not finished." in text_of(response)
    assert not ConsolidateRun.objects.exists()


def test_a_preview_under_way_is_stopped_by_post(mona: Client, world: World) -> None:
    preview = new_preview(company=world.company, as_of=DAY, by=world.by)

    response = mona.post(address_of(preview, "stop-preview"), follow=True)

    preview.progress.refresh_from_db()
    assert preview.progress.stop_asked_at is not None
    assert "The preview was asked to stop." in text_of(response)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "40 ms"), (2.44, "2.4 s"), (12, "12 s"), (200, "3 min 20 s"), (None, "")],
)
def test_how_long_a_run_took_is_told_in_fitting_units(seconds: float | None, text: str) -> None:
    duration = None if seconds is None else timedelta(seconds=seconds)

    assert duration_text(duration) == text


def test_a_run_under_way_is_stopped_by_post(mona: Client, world: World) -> None:
    run = new_run(company=world.company, as_of=DAY, by=world.by)

    response = mona.post(reverse("stop-run", args=[run.pk]), follow=True)

    run.progress.refresh_from_db()
    assert run.progress.stop_asked_at is not None
    assert "was asked to stop" in text_of(response)


def test_a_run_that_is_over_cannot_be_stopped(mona: Client, world: World) -> None:
    run = run_now(company=world.company, as_of=DAY, by=world.by)

    response = mona.post(reverse("stop-run", args=[run.pk]), follow=True)

    assert "was over before it could be stopped" in text_of(response)


def test_a_run_whose_records_had_changed_says_so_and_offers_a_new_preview(
    mona: Client, world: World
) -> None:
    run = new_run(company=world.company, as_of=DAY, by=world.by)
    ConsolidateRun.objects.filter(pk=run.pk).update(
        state=JobState.FAILED, problem="The records have changed since the preview."
    )

    response = mona.get(reverse("run", args=[run.pk]))

    assert "The records have changed since the preview." in text_of(response)
    assert "New preview" in text_of(response)


def test_a_run_whose_process_died_is_shown_as_interrupted(mona: Client, world: World) -> None:
    run = new_run(company=world.company, as_of=DAY, by=world.by)
    ConsolidateRun.objects.filter(pk=run.pk).update(state=JobState.RUNNING)
    set_job(run.progress, state=JobState.RUNNING, started_at=timezone.now())

    page = text_of(mona.get(reverse("run", args=[run.pk])))
    listed = text_of(mona.get(reverse("runs")))

    assert "The run was interrupted" in page
    assert "Interrupted" in listed


# --- A run and its changes ---


@pytest.fixture
def shown(db: None) -> Shown:
    return make_shown()


@pytest.mark.parametrize(
    ("part", "sentences"),
    [
        ("run", ["The license had no cover in effect", "Serial number S-1009 is that of"]),
        ("run-ended", ["The position had 3 units allocated and owns 2 after returns."]),
        ("run-matched", ["S-1009", "Its 4 units are exactly those of the licenses"]),
        ("run-returned", ["Took 1 free unit", "12 Jan 2026"]),
    ],
)
def test_a_run_shows_its_changes_with_their_reasons(
    shown: Shown, part: str, sentences: list[str]
) -> None:
    page = text_of(shown.client("auditor").get(reverse(part, args=[shown.run.pk])))

    assert "Over-allocation Allocation ended 1 3" in page
    for sentence in sentences:
        assert sentence in page


def test_changes_of_a_run_are_filtered_by_step(shown: Shown) -> None:
    client = shown.client("auditor")

    by_serial = client.get(reverse("run", args=[shown.run.pk]) + "?step=serial")
    of_another = client.get(reverse("run-ended", args=[shown.run.pk]) + "?step=serial")

    assert len(by_serial.context["list"].page.rows) == 2
    assert not of_another.context["list"].page.rows


@pytest.mark.parametrize("part", ["run", "run-ended", "run-matched", "run-returned"])
def test_each_kind_of_change_is_exported_as_it_is_shown(shown: Shown, part: str) -> None:
    client = shown.client("auditor")
    address = reverse(part, args=[shown.run.pk])
    listed = client.get(address).context["list"]

    response = client.get(f"{address}?export=csv")

    _head, *rows = csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig")))
    first = next(iter(listed.columns.values()))
    assert [row[0] for row in rows] == [first.value(row) for row in listed.page.rows]
    assert rows


def test_runs_are_listed_with_their_figures(shown: Shown) -> None:
    (run,) = shown.client("auditor").get(reverse("runs")).context["list"].page.rows
    page = text_of(shown.client("auditor").get(reverse("runs")))

    assert run == shown.run
    assert f"Consolidate #{run.pk} " in page
    assert "Grace Hopper" in page
    assert "Done" in page


def test_a_search_is_refused_where_there_is_nothing_to_search_in(shown: Shown) -> None:
    page = text_of(shown.client("auditor").get(reverse("runs") + "?q=Grace"))

    assert "There is no filter called “q”. Remove it." in page


def test_the_questions_the_list_of_runs_asks_do_not_grow(shown: Shown) -> None:
    client = shown.client("auditor")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("runs"))
        return len(asked)

    queries()
    few = queries()
    for number in range(5):
        run_now(company=shown.world.company, as_of=DAY + timedelta(days=number), by=shown.world.by)

    assert queries() == few


# --- Two runs ---


def comparison_of(
    shown: Shown, first: ConsolidateRun, second: ConsolidateRun, query: str = ""
) -> Any:
    """The list that an auditor sees when two runs are compared."""
    address = reverse("compare-runs", args=[first.pk, second.pk])
    return shown.client("auditor").get(address + query).context["list"]


def causes_of(comparison: Any) -> dict[int, str]:
    return {row.pk: comparison.cause(row) for row in comparison.page.rows}


def test_two_runs_are_compared_with_the_cause_of_each_difference(shown: Shown) -> None:
    world = shown.world
    bought_later = MaintenanceFactory(
        company=world.company,
        model=world.plain.model,
        definition=DefinitionFactory(company=world.company),
        purchased_rights=3,
        purchased_on=date(2026, 6, 15),
        starts_on=date(2026, 6, 15),
    )
    second = run_now(company=world.company, as_of=LATER, by=world.by)

    causes = causes_of(comparison_of(shown, shown.run, second))

    made = Allocation.objects.get(made_in_run=second, entitlement=bought_later)
    assert causes[made.pk] == (
        "The maintenance was bought on 15 Jun 2026, after the day of the earlier run (1 Jun 2026)."
    )
    assert causes[shown.live.pk] == f"Consolidate #{second.pk} found it there, and left it."
    assert causes[shown.ended.pk] == (
        f"Before Consolidate #{second.pk} it was ended by Grace Hopper."
    )


def test_a_record_changed_between_two_runs_is_the_cause_with_person_and_reason(
    shown: Shown,
) -> None:
    world = shown.world
    license = LicenseFactory(
        company=world.company, model=world.plain.model, purchased_rights=9, asset_tag="L-BIG"
    )
    first = run_now(company=world.company, as_of=LATER, by=world.by)
    with acting(world.by, "True-up of June"):
        license.purchased_rights = 1
        license.save()
    second = run_now(company=world.company, as_of=LATER, by=world.by)

    causes = causes_of(comparison_of(shown, first, second))

    made = Allocation.objects.get(made_in_run=second, license=license)
    assert causes[made.pk].startswith("In between the license was changed by Grace Hopper on ")
    assert causes[made.pk].endswith("(True-up of June).")


def test_units_that_became_free_between_two_runs_are_the_cause(shown: Shown) -> None:
    world = shown.world
    license = LicenseFactory(company=world.company, model=world.plain.model, purchased_rights=2)
    first = run_now(company=world.company, as_of=LATER, by=world.by)
    another = LicenseFactory(company=world.company, model=world.plain.model, purchased_rights=4)
    before = run_now(company=world.company, as_of=LATER, by=world.by)
    freed = Allocation.objects.get(made_in_run=before, license=another)
    waiting = LicenseFactory(company=world.company, model=world.plain.model, purchased_rights=4)
    waited = run_now(company=world.company, as_of=LATER, by=world.by)
    end_allocation(allocation=freed, day=LATER, by=world.by, reason="Parted", keep_apart=True)

    second = run_now(company=world.company, as_of=LATER, by=world.by)

    made = Allocation.objects.get(made_in_run=second, license=waiting)
    assert causes_of(comparison_of(shown, waited, second))[made.pk] == (
        f"Units of the maintenance became free after Consolidate #{waited.pk}."
    )
    assert Allocation.objects.filter(made_in_run=first, license=license).exists()


def test_a_comparison_is_filtered_by_who_did_it(shown: Shown) -> None:
    world = shown.world
    with acting(world.by, "One was sold"):
        world.first_of_group.purchased_rights = 1
        world.first_of_group.save()
    second = run_now(company=world.company, as_of=LATER, by=world.by)

    only_first = comparison_of(shown, shown.run, second, "?side=first")
    only_second = comparison_of(shown, shown.run, second, "?side=second")
    both = comparison_of(shown, shown.run, second, "?side=both")

    made_anew = Allocation.objects.get(made_in_run=second, license=world.first_of_group)
    (ended_by_second,) = both.page.rows
    assert shown.ended in only_first.page.rows
    assert list(only_second.page.rows) == [made_anew]
    assert ended_by_second.license == world.first_of_group
    assert both.cause(ended_by_second) == ("The license has 1 unit now; the allocation carried 2.")


def test_counts_of_two_runs_stand_side_by_side(shown: Shown) -> None:
    second = run_now(company=shown.world.company, as_of=DAY, by=shown.world.by)
    address = reverse("compare-runs", args=[shown.run.pk, second.pk])

    page = text_of(shown.client("auditor").get(address))

    assert "Serial number Allocated 2 0 \N{MINUS SIGN}2" in page


def test_a_run_is_compared_with_the_one_whose_number_was_typed(shown: Shown) -> None:
    second = run_now(company=shown.world.company, as_of=LATER, by=shown.world.by)
    client = shown.client("auditor")
    address = reverse("choose-comparison", args=[second.pk])

    chosen = client.get(address, {"with": f"#{shown.run.pk}"})
    missing = client.get(address, {"with": "999999"}, follow=True)
    nonsense = client.get(address, {"with": "the last"}, follow=True)

    assert chosen.headers["Location"] == reverse("compare-runs", args=[second.pk, shown.run.pk])
    assert "There is no consolidate #999999 that you can see." in text_of(missing)
    assert "“the last” is no number of a run." in text_of(nonsense)


def test_a_run_of_another_company_cannot_be_compared_with(shown: Shown) -> None:
    foreign = make_world(name="Fabrikam")
    theirs = run_now(company=foreign.company, as_of=DAY, by=foreign.by)

    response = shown.client("auditor").get(reverse("compare-runs", args=[shown.run.pk, theirs.pk]))

    assert response.status_code == 404
