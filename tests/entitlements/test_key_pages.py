"""Pages of license keys: who sees that there are keys, who sees what they say, who changes them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Company, User
from accounts.roles import Role
from entitlements.models import Entitlement, KeyReveal, LicenseKey
from entitlements.services import add_keys
from tests.factories import (
    CompanyFactory,
    LicenseFactory,
    MembershipFactory,
    UserFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

KEY = "XQ7PM-2K9DW-RT4VB-8HJ3N-PWY6G"

READ = ["license-keys", "license-key"]
CHANGE = [
    "add-license-keys",
    "show-license-key",
    "rename-license-key",
    "withdraw-license-key",
    "put-license-key-back",
]


@pytest.fixture
def company() -> Company:
    return CompanyFactory(name="Halden")


@pytest.fixture
def license(company: Company) -> Entitlement:
    return LicenseFactory(company=company)


@pytest.fixture
def key(license: Entitlement) -> LicenseKey:
    add_keys(entitlement=license, pasted=KEY, label="Volume", by=UserFactory())
    return LicenseKey.objects.get()


@pytest.fixture
def address(license: Entitlement, key: LicenseKey) -> Callable[[str], str]:
    def of(name: str) -> str:
        is_of_license = name in ("license-keys", "add-license-keys")
        return reverse(name, args=[license.pk if is_of_license else key.pk])

    return of


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def mona(company: Company) -> Client:
    """A license manager."""
    return signed_in(
        make_user(
            Role.LICENSE_MANAGER, company, username="mona", first_name="Mona", last_name="Vik"
        )
    )


@pytest.fixture
def audrey(company: Company) -> Client:
    return signed_in(make_user(Role.AUDITOR, company))


@pytest.fixture
def stranger() -> Client:
    return signed_in(make_user(Role.ADMINISTRATOR, CompanyFactory()))


@pytest.mark.parametrize("name", READ)
def test_an_auditor_reads_of_keys_and_not_what_they_say(
    address: Callable[[str], str], audrey: Client, name: str
) -> None:
    page = audrey.get(address(name))

    assert page.status_code == 200
    assert "Volume" in page.content.decode()
    assert KEY not in page.content.decode()
    assert "show-license-key" not in page.content.decode()


@pytest.mark.parametrize("name", CHANGE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_auditor_neither_sees_nor_changes_keys(
    address: Callable[[str], str], audrey: Client, name: str, method: str
) -> None:
    refused = getattr(audrey, method)(address(name))

    assert refused.status_code == 403
    assert KEY not in refused.content.decode()
    assert not KeyReveal.objects.exists()


@pytest.mark.parametrize("name", READ + CHANGE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_for_others_there_are_no_keys(
    address: Callable[[str], str], stranger: Client, name: str, method: str
) -> None:
    answer = getattr(stranger, method)(address(name))

    assert answer.status_code in (404, 405)
    assert not KeyReveal.objects.exists()


def test_who_manages_one_company_and_audits_another_sees_keys_of_the_first_alone(
    company: Company, key: LicenseKey
) -> None:
    both = make_user(Role.AUDITOR, company)
    MembershipFactory(user=both, role=Role.LICENSE_MANAGER)

    refused = signed_in(both).post(reverse("show-license-key", args=[key.pk]))

    assert refused.status_code == 403
    assert not KeyReveal.objects.exists()


@pytest.mark.parametrize("name", CHANGE)
def test_looking_at_a_form_changes_nothing(
    address: Callable[[str], str], mona: Client, name: str
) -> None:
    page = mona.get(address(name))

    assert page.status_code == 200
    assert KEY not in page.content.decode()
    assert not KeyReveal.objects.exists()
    assert LicenseKey.history.count() == 1


def test_a_license_manager_is_shown_a_key_once_they_ask(
    address: Callable[[str], str], mona: Client
) -> None:
    shown = mona.post(address("show-license-key"))

    assert KEY in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert KeyReveal.objects.get().revealed_by.username == "mona"
    assert "Mona Vik" in mona.get(address("license-key")).content.decode()


def test_keys_are_pasted_and_what_was_typed_is_kept_where_they_are_refused(
    address: Callable[[str], str], license: Entitlement, mona: Client
) -> None:
    pasted = {"keys": f"OTHER-KEY\n{KEY}", "label": ""}

    refused = mona.post(address("add-license-keys"), pasted)
    added = mona.post(address("add-license-keys"), {"keys": "OTHER-KEY", "label": "Spare"})

    assert refused.status_code == 422
    assert "Line 2 is a key that" in refused.content.decode()
    assert added["Location"] == reverse("entitlement", args=[license.pk])
    assert [key.label for key in LicenseKey.objects.all()] == ["Volume", "Spare"]


def test_a_key_is_not_its_own_label(address: Callable[[str], str], mona: Client) -> None:
    refused = mona.post(address("add-license-keys"), {"keys": "OTHER-KEY", "label": "OTHER-KEY"})

    assert "This is one of the keys" in refused.content.decode()
    assert LicenseKey.objects.count() == 1


def test_a_key_is_renamed_withdrawn_and_put_back(
    address: Callable[[str], str], key: LicenseKey, mona: Client
) -> None:
    mona.post(address("rename-license-key"), {"label": "Volume 2026"})
    mona.post(address("withdraw-license-key"), {"reason": "Published by mistake"})
    withdrawn = mona.post(address("show-license-key"))
    mona.post(address("put-license-key-back"), {"reason": "It was not"})

    key.refresh_from_db()
    assert (key.label, key.withdrawn_at) == ("Volume 2026", None)
    assert "cannot be shown" in withdrawn.content.decode()
    assert [row.history_change_reason for row in key.history.all()] == [
        "It was not",
        "Published by mistake",
        "License key renamed",
        "License keys added",
    ]


def test_a_key_whose_secret_is_lost_says_so(
    address: Callable[[str], str], mona: Client, settings: Any
) -> None:
    settings.LCM_KEY_SECRETS = ("another-secret-that-was-not-there-before-0123456789",)

    answer = mona.post(address("show-license-key"))

    assert answer.status_code == 422
    assert "not among those of this installation" in answer.content.decode()


@pytest.mark.parametrize("who", ["mona", "audrey"])
@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/entitlements/{license}", id="the license"),
        pytest.param("/entitlements/{license}/keys?export=csv", id="a file of its keys"),
        pytest.param("/entitlements/?export=csv", id="a file of licenses"),
        pytest.param("/allocations/", id="allocations"),
        pytest.param("/license-keys/{key}", id="the key and its story"),
        pytest.param("/entitlements/{license}/keys?sort=-key", id="keys in order"),
    ],
)
def test_no_page_and_no_file_tells_what_a_key_says(
    license: Entitlement, key: LicenseKey, request: pytest.FixtureRequest, who: str, path: str
) -> None:
    answer = request.getfixturevalue(who).get(path.format(license=license.pk, key=key.pk))

    told = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code == 200
    assert KEY.encode() not in told


@pytest.mark.parametrize("part", [KEY, "XQ7PM"])
@pytest.mark.parametrize(
    "path", ["/search?q={part}", "/entitlements/?q={part}", "/entitlements/{license}/keys?q={part}"]
)
def test_no_search_finds_a_key_by_what_it_says(
    license: Entitlement, key: LicenseKey, mona: Client, path: str, part: str
) -> None:
    found = mona.get(path.format(part=part, license=license.pk)).content.decode()
    nonsense = mona.get(path.format(part="nonsense", license=license.pk)).content.decode()

    assert license.model.name not in found or license.model.name in nonsense
    assert "Volume" not in found
