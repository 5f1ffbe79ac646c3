"""Imports of inventories as jobs: questions, refusals, stops, and files of real formats."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Company, Person, User
from common import uploads
from common.models import JobProgress
from deployments.formats.cells import LARGEST
from deployments.inventory import applying, jobs, services
from deployments.inventory.choices import Choices
from deployments.models import (
    Deployment,
    Device,
    DiscoveredSoftware,
    FoundRow,
    Installation,
    InventoryImport,
    InventoryState,
    ReportedCount,
    Usage,
)
from tests.allocation.processes import execute, other_transaction
from tests.deployments.inventories import (
    Inventories,
    count,
    device,
    installation,
    model_of,
    rule_for,
    subscription,
)
from tests.factories import CompanyFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def company() -> Company:
    return CompanyFactory()


@pytest.fixture
def person() -> User:
    return UserFactory()


def upload(company: Company, name: str, content: bytes, **options: Any) -> InventoryImport:
    """A file that is really read."""
    started = services.start_inventory(
        company=company,
        name=name,
        content=[content],
        source="agent",
        day=date(2026, 11, 2),
        by=UserFactory(),
        **options,
    )
    jobs.read(started.pk)
    started.refresh_from_db()
    return started


def imported(started: InventoryImport) -> InventoryImport:
    services.confirm(started, by=started.started_by)
    jobs.apply(started.pk)
    started.refresh_from_db()
    return started


# --- Real files ---


def test_a_csv_file_is_read_previewed_and_imported(company: Company) -> None:
    content = (
        b"Device,Person,Publisher,Title,Version,Installed on,Last used on\n"
        b"PC-1,ada@ex.test,Acme,DrawIt,5.1,2026-01-15,2026-10-30\n"
        b"PC-2,,Acme,DrawIt,5.1,,\n"
    )

    started = upload(company, "inventory.csv", content)

    assert started.state == InventoryState.PREVIEWED, started.remarks
    assert started.format == "csv"
    assert started.figures["counts"]["installations_new"] == 2
    assert not Device.objects.exists()
    imported(started)
    assert Device.objects.count() == 2
    found = Installation.objects.get(device__name="PC-1")
    assert found.installed_on == date(2026, 1, 15)
    assert found.person.email == "ada@ex.test"
    assert Usage.objects.get().last_used_on == date(2026, 10, 30)


def test_markup_in_names_is_kept_as_it_was_found(company: Company) -> None:
    content = b'Device,Title\n"<script>alert(1)</script>","\'); DROP TABLE x; --"\n'

    imported(upload(company, "inventory.csv", content))

    assert Device.objects.get().name == "<script>alert(1)</script>"
    assert DiscoveredSoftware.objects.get().name == "'); DROP TABLE x; --"


def test_a_file_that_is_none_is_refused_with_a_sentence(company: Company) -> None:
    started = upload(company, "picture.png", b"\x89PNG\r\n\x1a\n" + bytes(200))

    assert started.state == InventoryState.REFUSED
    assert started.remarks
    assert started.progress.state == "done"


def test_unknown_headers_are_asked_about_once_and_remembered(
    company: Company, person: User
) -> None:
    content = b"Rechner;Programm\nPC-1;DrawIt\n"
    started = upload(company, "a.csv", content)
    assert started.state == InventoryState.ASKING, started.remarks
    assert started.figures["asked"]["headers"] == ["Rechner", "Programm"]

    services.answer(
        started,
        choices=Choices(columns={"Rechner": "device", "Programm": "name"}),
        by=person,
    )
    jobs.read(started.pk)

    started.refresh_from_db()
    assert started.state == InventoryState.PREVIEWED, started.remarks
    again = upload(company, "b.csv", content)
    assert again.state == InventoryState.PREVIEWED, again.remarks


def test_another_company_does_not_know_what_was_answered(company: Company, person: User) -> None:
    content = b"Rechner;Programm\nPC-1;DrawIt\n"
    started = upload(company, "a.csv", content)
    columns = {"Rechner": "device", "Programm": "name"}
    services.answer(started, choices=Choices(columns=columns), by=person)

    other = upload(CompanyFactory(), "a.csv", content)

    assert other.state == InventoryState.ASKING


# --- People and devices ---


def test_people_are_known_by_address_else_by_a_name_that_one_has(
    inventories: Inventories, company: Company
) -> None:
    ada = PersonFactory(company=company, name="Ada Ruiz", email="ada@ex.test")
    PersonFactory.create_batch(2, company=company, name="Ben Okoro")
    PersonFactory(company=CompanyFactory(), name="Cleo Wu", email="cleo@ex.test")

    loaded = inventories.load(
        company,
        subscription("ADA@EX.TEST"),
        subscription("ada ruiz", "TextIt"),
        subscription("Ben Okoro"),
        subscription("cleo@ex.test"),
        adds_people=False,
    )

    assert ada.subscriptions.count() == 2
    assert loaded.figures["counts"]["people_unknown"] == 2
    assert loaded.figures["unknown_people"] == ["Ben Okoro", "cleo@ex.test"]
    assert Person.objects.filter(company=company).count() == 3


def test_people_with_an_address_are_added(inventories: Inventories, company: Company) -> None:
    inventories.load(
        company,
        subscription("ana@ex.test", more={"person_name": "Ana Ruiz"}),
        subscription("EX\\ben"),
    )

    added = Person.objects.get(company=company)
    assert (added.name, added.email) == ("Ana Ruiz", "ana@ex.test")
    assert added.history.latest().history_change_reason.startswith("Inventory")


def test_a_device_is_one_whatever_the_case_of_its_name(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, installation("pc-1"), installation("PC-1", "TextIt"))

    assert Device.objects.count() == 1


def test_hardware_is_learnt_and_what_a_file_does_not_say_stays(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, device("HOST", processors=2, cores=32), device("VM", host="host"))

    inventories.load(company, device("HOST", cores=64, operating_system="Debian"))

    host = Device.objects.get(name="HOST")
    assert (host.processors, host.cores, host.operating_system) == (2, 64, "Debian")
    assert Device.objects.get(name="VM").host == host


def test_an_older_file_does_not_take_hardware_back(
    inventories: Inventories, company: Company
) -> None:
    inventories.load(company, device("PC-1", cores=8), day=date(2026, 11, 5))

    inventories.load(company, device("PC-1", cores=4), day=date(2026, 11, 2))

    assert Device.objects.get().cores == 8


def test_totals_beyond_all_measure_count_as_the_largest_number_that_is_kept(
    inventories: Inventories, company: Company
) -> None:
    rule_for(model_of("DrawIt"), name="DrawIt*")

    inventories.load(
        company,
        *(count("installs", LARGEST, name) for name in ("DrawIt", "DrawIt", "DrawIt Pro")),
    )

    assert ReportedCount.objects.get(software__name="DrawIt").count == LARGEST
    assert Deployment.objects.get().installs == LARGEST


# --- Stops and failures ---


def test_a_stopped_import_has_written_nothing(
    inventories: Inventories, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = inventories.preview(company, installation("PC-1"))
    services.confirm(started, by=started.started_by)
    write = applying.write

    def stop_first(source: InventoryImport, *rest: Any) -> None:
        with other_transaction() as somebody:
            execute(
                somebody,
                "UPDATE common_jobprogress SET stop_asked_at = now() WHERE id = %s",
                source.progress_id,
            )
            somebody.commit()
        write(source, *rest)

    monkeypatch.setattr(applying, "write", stop_first)
    jobs.apply(started.pk)

    started.refresh_from_db()
    assert started.state == InventoryState.PREVIEWED
    assert started.remarks == ["It was stopped, and nothing was written."]
    assert not Device.objects.exists()


def test_an_import_that_fails_half_way_has_written_nothing(
    inventories: Inventories, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = inventories.preview(company, installation("PC-1"))
    services.confirm(started, by=started.started_by)

    def fail() -> None:
        raise RuntimeError("The disk is full")

    monkeypatch.setattr(applying, "_write_usage", fail)
    with pytest.raises(RuntimeError):
        jobs.apply(started.pk)

    started.refresh_from_db()
    assert started.state == InventoryState.PREVIEWED
    assert not Device.objects.exists()


def test_a_job_taken_up_a_second_time_does_nothing(
    inventories: Inventories, company: Company
) -> None:
    loaded = inventories.load(company, installation("PC-1"))

    jobs.apply(loaded.pk)
    jobs.read(loaded.pk)

    assert Installation.objects.count() == 1


def test_staged_rows_that_a_crash_took_are_read_again(
    inventories: Inventories, company: Company
) -> None:
    started = inventories.preview(company, installation("PC-1"))
    services.confirm(started, by=started.started_by)
    FoundRow.objects.all().delete()

    jobs.apply(started.pk)

    started.refresh_from_db()
    assert started.state == InventoryState.REFUSED
    assert "Read it again" in started.remarks[0]


def test_an_import_is_confirmed_once(inventories: Inventories, company: Company) -> None:
    started = inventories.preview(company, installation("PC-1"))
    services.confirm(started, by=started.started_by)

    with pytest.raises(uploads.NotNow, match="being imported"):
        services.confirm(started, by=started.started_by)


def test_only_an_interrupted_job_is_started_again(
    inventories: Inventories, company: Company
) -> None:
    started = inventories.preview(company, installation("PC-1"))
    services.confirm(started, by=started.started_by)
    with pytest.raises(uploads.NotNow, match="under way"):
        services.try_again(started, by=started.started_by)
    JobProgress.objects.update(state="running")
    started.refresh_from_db()

    services.try_again(started, by=started.started_by)

    assert started.progress.state == "queued"
