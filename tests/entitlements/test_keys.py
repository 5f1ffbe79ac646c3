"""License keys: added, given, withdrawn, shown, encrypted anew; and where they never come out."""

import io
import json
import re
import subprocess
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.views.debug import ExceptionReporter
from psycopg.conninfo import make_conninfo

from accounts.models import User
from allocation.models import Allocation
from allocation.services import (
    KeyRefused,
    allocate_to_person,
    change_use,
    end_allocation,
    withdraw_key,
)
from common.acting import acting
from entitlements.models import CountedBy, Entitlement, KeyReveal, LicenseKey, LicenseMetric
from entitlements.secrets import Unreadable
from entitlements.services import (
    KeysRefused,
    KeyWithdrawn,
    add_keys,
    put_key_back,
    rename_key,
    reveal_key,
)
from lcm.postgres.programs import find_programs
from tests.allocation.using import TODAY, Household
from tests.factories import LicenseFactory, MaintenanceFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

OLD = "wY7tB2nQ5vK8mX1zR4cJ6pL9sD3fG0hA-eUoIqViZxMw_TjKuHyBrEd"
NEW = "aQ9xS8wE7dC6vF5rT4gB3nH2yU1jM0kI-oLpZqWsXeDcRfVtGbYhNuJm"
KEY = "XQ7PM-2K9DW-RT4VB-8HJ3N-PWY6G"


@pytest.fixture
def mira() -> User:
    return UserFactory(username="mira")


@pytest.fixture
def license() -> Entitlement:
    return LicenseFactory(
        purchased_rights=10,
        metric=LicenseMetric.objects.filter(counted_by=CountedBy.PERSON).first(),
    )


def add(license: Entitlement, by: User, pasted: str = KEY, label: str = "") -> LicenseKey:
    """Add keys; the last of them."""
    add_keys(entitlement=license, pasted=pasted, label=label, by=by)
    return LicenseKey.objects.order_by("-pk")[0]


def test_keys_are_pasted_one_a_line(license: Entitlement, mira: User) -> None:
    added = add_keys(
        entitlement=license, pasted=f"  {KEY}\r\n\n\tSECOND-KEY\n", label="Volume", by=mira
    )

    keys = list(LicenseKey.objects.all())
    assert added == 2
    assert [str(key) for key in keys] == ["Volume 1", "Volume 2"]
    assert [reveal_key(key=key, by=mira) for key in keys] == [KEY, "SECOND-KEY"]


def test_a_key_without_a_label_gets_a_number(license: Entitlement, mira: User) -> None:
    first, second = add(license, mira), add(license, mira, "SECOND-KEY")

    assert [str(first), str(second)] == ["Key 1", "Key 2"]


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        pytest.param(" \n\t\n", "Paste at least one license key", id="nothing"),
        pytest.param(f"{KEY}\nother\n\n{KEY}", "Line 4 is the same key as line 1", id="twice"),
        pytest.param(f"other\n{'x' * 501}", "Line 2 has 501 characters", id="too long"),
        pytest.param("a\x00b", "Line 1 holds a character", id="NUL"),
        pytest.param("\n".join(map(str, range(10_001))), "These are 10,001 keys", id="too many"),
    ],
)
def test_what_is_no_list_of_keys_is_refused(
    license: Entitlement, mira: User, pasted: str, sentence: str
) -> None:
    with pytest.raises(KeysRefused, match=sentence) as refused:
        add_keys(entitlement=license, pasted=pasted, label="", by=mira)

    assert KEY not in str(refused.value)
    assert not LicenseKey.objects.exists()


def test_a_key_that_the_license_has_is_refused_by_its_line(
    license: Entitlement, mira: User
) -> None:
    add(license, mira, label="Volume")

    with pytest.raises(KeysRefused, match=r"Line 2 is a key .* has already: Volume\.") as refused:
        add_keys(entitlement=license, pasted=f"other\n{KEY}", label="", by=mira)

    assert KEY not in str(refused.value)
    assert LicenseKey.objects.count() == 1


def test_another_license_may_have_the_same_key(license: Entitlement, mira: User) -> None:
    add(license, mira)

    add(LicenseFactory(), mira)

    assert LicenseKey.objects.count() == 2


def test_maintenance_has_no_keys(mira: User) -> None:
    with pytest.raises(KeysRefused, match="is maintenance"):
        add_keys(entitlement=MaintenanceFactory(), pasted=KEY, label="", by=mira)


def test_that_a_key_was_shown_is_written_down_and_stays(license: Entitlement, mira: User) -> None:
    key = add(license, mira)

    reveal_key(key=key, by=mira)

    shown = KeyReveal.objects.get()
    assert (shown.key, shown.revealed_by) == (key, mira)
    for change in (lambda: shown.delete(), lambda: KeyReveal.objects.update(revealed_by=mira)):
        with (
            pytest.raises(Exception, match="never changed"),
            transaction.atomic(),
            acting(mira, "x"),
        ):
            change()


def test_a_withdrawn_key_is_not_shown_until_it_is_put_back(
    license: Entitlement, mira: User
) -> None:
    key = add(license, mira)
    withdraw_key(key=key, by=mira, reason="Published by mistake")

    with pytest.raises(KeyWithdrawn, match="was withdrawn on"):
        reveal_key(key=key, by=mira)
    with pytest.raises(KeyWithdrawn):
        rename_key(key=key, label="Other", by=mira)
    with pytest.raises(KeysRefused, match=r"\(withdrawn\)"):
        add_keys(entitlement=license, pasted=KEY, label="", by=mira)

    put_key_back(key=key, by=mira, reason="It was not")
    assert reveal_key(key=key, by=mira) == KEY


def test_a_key_is_withdrawn_for_a_reason(license: Entitlement, mira: User) -> None:
    with pytest.raises(KeysRefused, match="Give a reason"):
        withdraw_key(key=add(license, mira), by=mira, reason=" ")


# --- Given to people and devices ---


@pytest.fixture
def house(license: Entitlement, mira: User) -> Household:
    house = Household(company=license.company, by=mira)
    house.count(license)
    return house


def give(
    house: Household, license: Entitlement, key: LicenseKey | None, **fields: Any
) -> Allocation:
    person = PersonFactory(company=license.company, **fields)
    return allocate_to_person(
        license=license, person=person, quantity=1, day=TODAY, by=house.by, license_key=key
    )


def test_a_person_gets_a_key_with_the_license(
    house: Household, license: Entitlement, mira: User
) -> None:
    key = add(license, mira)

    given = give(house, license, key, name="Ann")

    assert given.license_key == key
    assert Allocation.history.get().license_key_id == key.pk


def test_a_key_that_somebody_has_is_not_withdrawn(
    house: Household, license: Entitlement, mira: User
) -> None:
    key = add(license, mira, label="Volume")
    given = give(house, license, key, name="Ann")

    with pytest.raises(KeysRefused, match="Volume is given to Ann"):
        withdraw_key(key=key, by=mira, reason="Not needed")

    end_allocation(allocation=given, day=TODAY, by=mira, reason="Left", keep_apart=False)
    withdraw_key(key=key, by=mira, reason="Not needed")


def test_a_withdrawn_key_is_not_given(house: Household, license: Entitlement, mira: User) -> None:
    key = add(license, mira)
    withdraw_key(key=key, by=mira, reason="Published")

    with pytest.raises(KeyRefused, match="was withdrawn"):
        give(house, license, key)

    assert not Allocation.objects.exists()


def test_a_key_of_another_license_is_not_given(
    house: Household, license: Entitlement, mira: User
) -> None:
    key = add(LicenseFactory(company=license.company), mira)

    with pytest.raises(KeyRefused, match="is not a license key of"):
        give(house, license, key)


def test_the_database_refuses_a_key_of_another_license(
    house: Household, license: Entitlement, mira: User
) -> None:
    foreign = add(LicenseFactory(company=license.company), mira)
    given = give(house, license, None)

    with (
        pytest.raises(IntegrityError, match="license_key_within"),
        acting(mira, "Around the service"),
    ):
        Allocation.objects.filter(pk=given.pk).update(license_key=foreign)


def test_a_change_gives_another_key_and_takes_it_away(
    house: Household, license: Entitlement, mira: User
) -> None:
    first, second = add(license, mira), add(license, mira, "SECOND-KEY")
    given = give(house, license, first)

    for key in (second, None):
        change_use(allocation=given, quantity=1, notes="", day=TODAY, by=mira, license_key=key)
        assert Allocation.objects.get().license_key == key


# --- Another secret ---


def test_keys_are_encrypted_anew_with_a_new_secret(
    license: Entitlement, mira: User, settings: Any
) -> None:
    settings.LCM_KEY_SECRETS = (OLD,)
    add_keys(entitlement=license, pasted=f"{KEY}\nSECOND-KEY", label="", by=mira)
    settings.LCM_KEY_SECRETS = (NEW, OLD)

    told = io.StringIO()
    call_command("rotate_license_keys", stdout=told)

    settings.LCM_KEY_SECRETS = (NEW,)
    assert "2 license keys are encrypted" in told.getvalue()
    assert [reveal_key(key=key, by=mira) for key in LicenseKey.objects.all()] == [
        KEY,
        "SECOND-KEY",
    ]
    with pytest.raises(KeysRefused, match="already"):
        add_keys(entitlement=license, pasted=KEY, label="", by=mira)


def test_a_rotation_that_was_interrupted_goes_on(
    license: Entitlement, mira: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LCM_KEY_SECRETS = (OLD,)
    add_keys(entitlement=license, pasted="first\nsecond\nthird", label="", by=mira)
    settings.LCM_KEY_SECRETS = (NEW, OLD)
    monkeypatch.setattr("entitlements.management.commands.rotate_license_keys.AT_ONCE", 1)

    class Killed(Exception):
        pass

    def tell(command: Any, done: int) -> None:
        if done == 2:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("entitlements.management.commands.rotate_license_keys.Command._tell", tell)
        with pytest.raises(Killed):
            call_command("rotate_license_keys")
    told = io.StringIO()
    call_command("rotate_license_keys", stdout=told)

    settings.LCM_KEY_SECRETS = (NEW,)
    assert "1 license keys are encrypted" in told.getvalue()
    assert [reveal_key(key=key, by=mira) for key in LicenseKey.objects.all()] == [
        "first",
        "second",
        "third",
    ]


def test_a_lost_secret_is_said_and_hinders_nothing_else(
    license: Entitlement, mira: User, settings: Any
) -> None:
    settings.LCM_KEY_SECRETS = (OLD,)
    lost = add(license, mira)
    settings.LCM_KEY_SECRETS = (NEW,)
    kept = add(license, mira, "SECOND-KEY")

    with pytest.raises(Unreadable, match="not among those of this installation"):
        reveal_key(key=lost, by=mira)
    with pytest.raises(CommandError, match="1 could not be read"):
        call_command("rotate_license_keys", stdout=io.StringIO())

    assert not KeyReveal.objects.exists()
    assert reveal_key(key=kept, by=mira) == "SECOND-KEY"


# --- Where keys never come out ---


@pytest.mark.django_db(transaction=True)
def test_a_dump_of_the_database_holds_no_key(mira: User) -> None:
    license = LicenseFactory(notes="a mark that the dump has to hold")
    key = add(license, mira)
    reveal_key(key=key, by=mira)
    withdraw_key(key=key, by=mira, reason="Published")

    dump = subprocess.run(
        [str(find_programs().folder / "pg_dump"), "--dbname", _database_address()],
        capture_output=True,
        check=True,
    ).stdout

    assert b"a mark that the dump has to hold" in dump
    for part in (KEY, *KEY.split("-")):
        assert part.encode() not in dump
        assert part.encode().hex().encode() not in dump


def _database_address() -> str:
    has = connection.settings_dict
    named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return make_conninfo(
        dbname=has["NAME"], **{name: has[key] for name, key in named.items() if has[key]}
    )


def test_a_history_holds_nothing_of_what_a_key_says(license: Entitlement, mira: User) -> None:
    add(license, mira)

    columns = {field.name for field in LicenseKey.history.model._meta.get_fields()}

    assert columns.isdisjoint({"ciphertext", "fingerprint", "secret_id"})
    assert LicenseKey.history.get().label == "Key 1"


def test_an_error_report_holds_no_key(
    license: Entitlement, mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = add(license, mira)

    def fail(reveal: KeyReveal, **options: Any) -> None:
        raise RuntimeError("The disk is full")

    monkeypatch.setattr(KeyReveal, "save", fail)
    with pytest.raises(RuntimeError) as raised:
        reveal_key(key=key, by=mira)

    reporter = ExceptionReporter(
        RequestFactory().get("/"), raised.type, raised.value, raised.value.__traceback__
    )
    report = reporter.get_traceback_text() + reporter.get_traceback_html()
    assert "The disk is full" in report
    assert KEY not in report


def test_a_key_stands_nowhere_in_what_is_exported(
    house: Household, license: Entitlement, mira: User
) -> None:
    give(house, license, add(license, mira), name="Ann")
    told = io.StringIO()

    call_command("snapshot", "--as-of", date(2026, 6, 1).isoformat(), stdout=told)

    assert json.loads(told.getvalue())
    assert not re.search("|".join(KEY.split("-")), told.getvalue())
