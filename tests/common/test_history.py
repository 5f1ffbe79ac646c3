from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import Company, User
from common.acting import acting
from common.checks import history_of, history_triggers_match_their_models, tracked_models
from tests.factories import CompanyFactory, UserFactory

pytestmark = pytest.mark.django_db


def save(company: Company) -> None:
    company.name = "Changed"
    company.save()


def update(company: Company) -> None:
    Company.objects.filter(pk=company.pk).update(name="Changed")


def bulk_update(company: Company) -> None:
    company.name = "Changed"
    Company.objects.bulk_update([company], ["name"])


def change_by_sql(company: Company) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_company SET name = 'Changed' WHERE id = %s", [company.pk])


def fail_while_acting(company: Company, reason: str) -> None:
    with acting(None, reason):
        update(company)
        raise ZeroDivisionError


@pytest.mark.parametrize("change", [save, update, bulk_update, change_by_sql])
def test_every_way_to_change_a_record_leaves_history_with_who_why_and_run(
    change: Callable[[Company], None],
) -> None:
    company, auditor = CompanyFactory(name="Before"), UserFactory()

    with acting(auditor, "Renamed in the register", run=41):
        change(company)

    newest, first = company.history.all()
    assert (newest.history_type, newest.name) == ("~", "Changed")
    assert (newest.history_user, newest.history_change_reason, newest.run_id) == (
        auditor,
        "Renamed in the register",
        41,
    )
    assert (first.history_type, first.name, first.history_user) == ("+", "Before", None)


def test_rows_that_come_by_copy_have_a_history() -> None:
    with (
        acting(None, "Copied"),
        connection.cursor() as cursor,
        cursor.copy("COPY accounts_company (name, code) FROM STDIN") as copy,
    ):
        copy.write_row(("Acme", "ACME"))
        copy.write_row(("Ajax", "AJAX"))

    rows = Company.history.values_list("name", "history_type", "history_change_reason")
    assert set(rows) == {("Acme", "+", "Copied"), ("Ajax", "+", "Copied")}


def test_a_deleted_record_stays_in_its_history() -> None:
    company = CompanyFactory(name="Gone soon")

    with acting(None, "Made by mistake"):
        company.delete()

    assert Company.history.first().name == "Gone soon"
    assert Company.history.first().history_type == "-"


def test_a_change_that_changes_nothing_leaves_no_history() -> None:
    company = CompanyFactory(name="Same")

    with acting(None, "Saved again"):
        company.save()

    assert company.history.count() == 1


def test_nothing_is_written_where_nobody_acts() -> None:
    with pytest.raises(DatabaseError, match="Nobody acts: accounts_company"), transaction.atomic():
        Company.objects.create(name="Nobody's", code="N")

    assert not Company.objects.exists()


def test_who_acts_is_forgotten_when_the_block_ends() -> None:
    company = CompanyFactory()

    with acting(None, "First"):
        pass

    with pytest.raises(DatabaseError, match="Nobody acts"), transaction.atomic():
        update(company)


def test_an_inner_reason_holds_inside_and_the_outer_one_again_after_it() -> None:
    company = CompanyFactory()

    with acting(None, "Outer"):
        with acting(None, "Inner"):
            Company.objects.filter(pk=company.pk).update(name="Inner")
        Company.objects.filter(pk=company.pk).update(name="Outer")

    reasons = company.history.values_list("name", "history_change_reason")
    assert list(reasons)[:2] == [("Outer", "Outer"), ("Inner", "Inner")]


def test_the_outer_reason_holds_again_after_the_inner_block_failed() -> None:
    company = CompanyFactory()

    with acting(None, "Outer"):
        with pytest.raises(ZeroDivisionError):
            fail_while_acting(company, "Inner")
        update(company)

    assert company.history.first().history_change_reason == "Outer"


def test_a_failed_block_leaves_neither_change_nor_history() -> None:
    company = CompanyFactory(name="Before")

    with pytest.raises(ZeroDivisionError):
        fail_while_acting(company, "Fails")

    company.refresh_from_db()
    assert company.name == "Before"
    assert company.history.count() == 1


def test_a_table_with_history_cannot_be_truncated() -> None:
    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="would leave no history"),
    ):
        cursor.execute("TRUNCATE accounts_company CASCADE")


def test_signing_in_is_no_change_of_a_user_and_no_password_is_kept() -> None:
    user = UserFactory()

    User.objects.filter(pk=user.pk).update(password="new hash")  # outside acting: not noticed

    assert user.history.count() == 1
    assert not hasattr(user.history.first(), "password")


def test_a_superuser_made_from_the_command_line_is_recorded_as_such() -> None:
    call_command("createsuperuser", username="root", email="root@example.test", interactive=False)

    assert User.history.first().history_change_reason == "Made from the command line"


def test_every_model_that_a_person_can_change_has_its_trigger() -> None:
    assert {record.__name__ for record in tracked_models()} >= {
        "User", "Company", "Membership", "Contract", "ContractTerm", "Entitlement", "Allocation",
    }  # fmt: skip
    assert history_triggers_match_their_models(databases=["default"]) == []


def test_the_check_names_a_model_whose_trigger_writes_other_fields() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION history_of_accounts_company() RETURNS trigger"
            " LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        )

    [problem] = history_triggers_match_their_models(databases=["default"])

    assert problem.id == "common.E001"
    assert "accounts.Company" in problem.msg


def test_history_tables_hold_no_reference_that_could_take_them_down() -> None:
    tables = [history_of(record)._meta.db_table for record in tracked_models()]

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
            [tables],
        )
        assert cursor.fetchall() == []
