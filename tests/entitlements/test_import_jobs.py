"""Imports beside other work: while a run has the company, two at once, stopped, and killed."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.models import Company, User
from accounts.roles import Role
from common import uploads
from common.locks import COMPANY_LOCKS
from common.models import JobState
from entitlements.models import Entitlement, Import, ImportState
from entitlements.workbook import jobs, services
from entitlements.workbook.choices import Choices
from tests.allocation.processes import (
    SECONDS,
    execute,
    other_transaction,
    somebody_waits_for_a_lock,
    start,
    start_command,
    wait_until,
)
from tests.entitlements.workbooks import LICENSE, confirm, licenses, outcomes, preview, undo
from tests.factories import CompanyFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Ex SA", code="EX")


@pytest.fixture
def ada(company: Company) -> User:
    return make_user(Role.ADMINISTRATOR, company)


def hold_the_company(other: BaseDatabaseWrapper, company: Company) -> None:
    """What a run of consolidate does, for as long as it runs."""
    execute(other, "SELECT pg_advisory_xact_lock(%s, %s)", COMPANY_LOCKS, company.pk)


def test_the_worker_reads_imports_and_undoes(company, ada):
    source = services.start_import(
        company=company, name="l.xlsx", content=[licenses(LICENSE)], choices=Choices(), by=ada
    )
    work()
    source.refresh_from_db()
    assert source.state == ImportState.PREVIEWED, source.remarks

    services.confirm(source, leave_refused_out=False, by=ada)
    work()
    assert Entitlement.objects.count() == 1

    services.undo(source, by=ada)
    work()
    source.refresh_from_db()
    assert source.state == ImportState.UNDONE
    assert not Entitlement.objects.exists()


def work() -> None:
    """Let a worker do what is queued."""
    worker = start_command("procrastinate", "worker", "--one-shot")
    _, said = worker.communicate(timeout=SECONDS)
    assert worker.returncode == 0, said


def test_an_import_gives_way_to_a_run_and_says_so(company, ada, monkeypatch):
    monkeypatch.setattr(jobs, "SECONDS_TO_WAIT", 0.2)
    source = preview(company, licenses(LICENSE), ada)

    with other_transaction() as other:
        hold_the_company(other, company)
        confirm(source, ada)

    assert source.state == ImportState.PREVIEWED
    assert "Try again" in source.remarks[0]
    assert not Entitlement.objects.exists()
    assert confirm(source, ada).state == ImportState.APPLIED


def test_an_import_waits_for_a_short_change(company, ada):
    source = preview(company, licenses(LICENSE), ada)
    services.confirm(source, leave_refused_out=False, by=ada)

    with ThreadPoolExecutor() as pool:
        with other_transaction() as other:
            hold_the_company(other, company)
            job = pool.submit(in_own_connection, source.pk)
            wait_until(somebody_waits_for_a_lock)
        job.result(SECONDS)

    assert Entitlement.objects.count() == 1


def in_own_connection(import_id: int) -> None:
    try:
        jobs.apply(import_id)
    finally:
        connection.close()


def test_of_two_imports_of_one_file_at_once_one_goes_in_and_the_other_shows_it(company, ada):
    content = licenses({**LICENSE, "Asset tag": "A-1"}, LICENSE)
    sources = [preview(company, content, ada) for _ in range(2)]
    for source in sources:
        services.confirm(source, leave_refused_out=False, by=ada)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(in_own_connection, [source.pk for source in sources]))

    states = sorted(Import.objects.values_list("state", flat=True))
    assert states == [ImportState.APPLIED, ImportState.PREVIEWED]
    assert Entitlement.objects.count() == 2
    shown_anew = Import.objects.get(state=ImportState.PREVIEWED)
    assert outcomes(shown_anew) == ["unchanged", "unchanged"]


def test_an_asset_tag_that_another_takes_meanwhile_is_no_error_of_the_database(company, ada):
    source = preview(company, licenses({**LICENSE, "Asset tag": "A-1"}), ada)
    services.confirm(source, leave_refused_out=False, by=ada)
    twin = do_elsewhere(company, ada)

    with ThreadPoolExecutor() as pool, other_transaction() as other:
        # The twin is written and not committed: the import cannot see it, and runs into it.
        execute(other, "SELECT set_config('lcm.acting', 'yes', true)")
        execute(other, twin)
        job = pool.submit(in_own_connection, source.pk)
        wait_until(somebody_waits_for_a_lock)
        other.commit()
        job.result(SECONDS)

    source.refresh_from_db()
    assert source.state == ImportState.PREVIEWED
    assert source.remarks == [jobs.DATA_CHANGED]
    assert Entitlement.objects.count() == 1


def test_a_record_the_database_will_not_have_is_an_error_and_no_change_of_somebody_elses(
    company, ada
):
    source = preview(company, licenses(LICENSE), ada)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE entitlements_entitlement ADD CONSTRAINT no_more CHECK (false) NOT VALID"
        )

    try:
        with pytest.raises(IntegrityError, match="no_more"):
            confirm(source, ada)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE entitlements_entitlement DROP CONSTRAINT no_more")

    source.refresh_from_db()
    assert source.state == ImportState.PREVIEWED
    assert source.remarks == ["Something went wrong, and nothing was written."]


def do_elsewhere(company: Company, ada: User) -> str:
    """A statement that makes an entitlement with the tag; another one stands model for it."""
    confirm(preview(company, licenses({**LICENSE, "Asset tag": "model"}), ada), ada)
    columns = ", ".join(
        str(field.column)
        for field in Entitlement._meta.local_concrete_fields
        if field.column not in ("id", "asset_tag", "total_cost")
    )
    return (
        "WITH spent AS (DELETE FROM entitlements_expenseline),"
        " gone AS (DELETE FROM entitlements_entitlement RETURNING *)"
        f" INSERT INTO entitlements_entitlement (asset_tag, {columns})"
        f" SELECT 'A-1', {columns} FROM gone"
    )


def test_a_stopped_import_leaves_everything_as_it_was(company, ada):
    source = preview(company, licenses(LICENSE), ada)
    services.confirm(source, leave_refused_out=False, by=ada)

    uploads.stop(source)
    jobs.apply(source.pk)

    source.refresh_from_db()
    assert source.state == ImportState.PREVIEWED
    assert source.remarks == ["It was stopped, and nothing was written."]
    assert source.progress.state == JobState.STOPPED
    assert not Entitlement.objects.exists()


def test_a_killed_import_leaves_everything_as_it_was_and_can_be_started_again(company, ada):
    source = preview(company, licenses(LICENSE, LICENSE), ada)
    services.confirm(source, leave_refused_out=False, by=ada)
    program = (
        "import django; django.setup();"
        f"from entitlements.workbook import jobs; jobs.apply({source.pk})"
    )
    with other_transaction() as other:
        # Nobody else may write history, so that the import halts while it writes.
        execute(other, "LOCK TABLE entitlements_historicalentitlement IN EXCLUSIVE MODE")
        process = start("-c", program)
        wait_until(lambda: is_at(source, "Writing records") and somebody_waits_for_a_lock())
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    source.refresh_from_db()
    assert source.state == ImportState.APPLYING
    wait_until(lambda: uploads.is_interrupted(reloaded(source)))
    assert not Entitlement.objects.exists()

    services.try_again(source, by=ada)
    jobs.apply(source.pk)

    assert reloaded(source).state == ImportState.APPLIED
    assert Entitlement.objects.count() == 2


def is_at(source: Import, step: str) -> bool:
    return reloaded(source).progress.step == step


def reloaded(source: Import) -> Import:
    return Import.objects.select_related("progress").get(pk=source.pk)


def test_a_job_that_is_started_twice_does_its_work_once(company, ada):
    source = confirm(preview(company, licenses(LICENSE), ada), ada)

    jobs.apply(source.pk)
    jobs.read(source.pk)

    assert reloaded(source).state == ImportState.APPLIED
    assert Entitlement.objects.count() == 1


def test_an_undoing_gives_way_to_a_run_and_says_so(company, ada, monkeypatch):
    source = confirm(preview(company, licenses(LICENSE), ada), ada)
    monkeypatch.setattr(jobs, "SECONDS_TO_WAIT", 0.2)

    with other_transaction() as other:
        hold_the_company(other, company)
        undo(source, ada)

    assert source.state == ImportState.APPLIED
    assert "Try again" in source.remarks[0]
