"""A file of each format, from the upload to the records, and once more."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from accounts.models import Company, User
from deployments.inventory import jobs, services
from deployments.inventory.choices import Choices
from deployments.models import (
    Device,
    Installation,
    InventoryImport,
    InventoryState,
    ReportedCount,
    Subscription,
)
from tests.factories import CompanyFactory, UserFactory

SAMPLES = Path(__file__).parent / "samples"
DAY = date(2026, 11, 20)

# By sample, how many devices, installations, subscriptions and totals it tells of.
TOLD = {
    "glpi.json": (2, 2, 0, 0),
    "fusioninventory.xml": (1, 2, 0, 0),
    "ocs.xml": (1, 1, 0, 0),
    "osquery-programs.json": (2, 2, 0, 0),
    "osquery-results.log": (2, 3, 0, 0),
    "fleet-titles.json": (0, 0, 0, 2),
    "fleet-versions.json": (0, 0, 0, 1),
    "fleet-host.json": (1, 2, 0, 0),
    "graph-subscribed-skus.json": (0, 0, 0, 1),
    "graph-users.json": (0, 0, 2, 0),
    "graph-skus-and-users.json": (0, 0, 1, 1),
    "graph-detected-apps.json": (0, 0, 0, 2),
    "intune-detected-apps.csv": (0, 0, 0, 2),
    "microsoft365-active-users.csv": (0, 0, 3, 0),
    "configmgr.csv": (2, 2, 0, 0),
    "winget.json": (1, 3, 0, 0),
    "drawit.swidtag": (1, 1, 0, 0),
    "inventory.csv": (2, 2, 1, 1),
}
NAMING_NO_DEVICE = {"winget.json", "drawit.swidtag"}

pytestmark = pytest.mark.django_db


def load(company: Company, by: User, sample: str, *, day: date, is_full: bool) -> InventoryImport:
    """Upload a sample, and import it as its preview shows it."""
    started = services.start_inventory(
        company=company,
        name=sample,
        content=[(SAMPLES / sample).read_bytes()],
        source="agent",
        day=day,
        by=by,
        is_full=is_full,
        choices=Choices(device="PC-0417" if sample in NAMING_NO_DEVICE else ""),
    )
    jobs.read(started.pk)
    started.refresh_from_db()
    assert started.state == InventoryState.PREVIEWED, started.remarks
    services.confirm(started, by=by)
    jobs.apply(started.pk)
    started.refresh_from_db()
    return started


def told() -> tuple[int, int, int, int]:
    """How many devices and live rows there are, and how many totals of the latest day."""
    return (
        Device.objects.filter(gone_on=None).count(),
        Installation.objects.filter(gone_on=None).count(),
        Subscription.objects.filter(gone_on=None).count(),
        ReportedCount.objects.values("software", "metric").distinct().count(),
    )


def test_every_sample_is_tried() -> None:
    assert TOLD.keys() == {path.name for path in SAMPLES.iterdir()}


@pytest.mark.parametrize("sample", TOLD)
def test_a_file_becomes_records_and_the_next_full_one_of_its_source_ends_none_of_them(
    sample: str,
) -> None:
    company, person = CompanyFactory(), UserFactory()

    first = load(company, person, sample, day=DAY, is_full=False)
    after_first = told()
    second = load(company, person, sample, day=DAY + timedelta(days=7), is_full=True)

    assert (first.state, second.state) == (InventoryState.APPLIED, InventoryState.APPLIED)
    assert after_first == TOLD[sample]
    assert told() == TOLD[sample]
    assert second.figures["counts"]["installations_new"] == 0
    assert second.figures["counts"]["subscriptions_new"] == 0
    assert second.figures["counts"]["titles_new"] == 0
