"""What the pages of a license and of maintenance show of cover, and why there is not more."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from allocation.models import Allocation
from common.acting import acting
from entitlements.models import Entitlement
from tests.allocation.visitors import Shown, make_shown, text_of
from tests.factories import LicenseFactory, MaintenanceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown() -> Shown:
    return make_shown()


def page(client: Client, entitlement: Entitlement, name: str = "entitlement") -> Any:
    return client.get(reverse(name, args=[entitlement.pk]))


def test_a_license_shows_its_cover_as_a_drawing_and_as_a_table(shown: Shown) -> None:
    response = page(shown.client("auditor"), shown.world.first_of_group)

    html = response.content.decode()
    assert 'role="img"' in html
    assert 'aria-label="Time line: 1 ' in html
    assert "<caption" in html
    assert "1 Jan 2026 – 31 Dec 2026" in text_of(response)


def test_each_row_says_why_by_which_run_and_what_ended_it(shown: Shown) -> None:
    text = text_of(page(shown.client("auditor"), shown.world.plain))

    assert "The license had no cover in effect" in text
    assert f"Consolidate #{shown.run.pk} " in text
    assert (
        f"Ended for 1 Jun 2026 by consolidate #{shown.run.pk}: The position had 3 units allocated"
        " and owns 2 after returns."
    ) in text
    assert "Ended for 1 Jul 2026 by Grace Hopper: Ended by hand: Moved to Bonn." in text


def test_a_license_that_was_never_covered_says_so_and_asks_why(shown: Shown) -> None:
    bare = LicenseFactory(company=shown.world.company, model=shown.world.plain.model)

    response = page(shown.client("auditor"), bare)

    assert "No maintenance was ever allocated to this license." in text_of(response)
    assert 'hx-trigger="load, click"' in response.content.decode()


def test_maintenance_shows_what_it_covers_and_what_it_covered(shown: Shown) -> None:
    text = text_of(page(shown.client("auditor"), shown.world.large))

    assert "It covers no license at present." in text
    assert "Covered before" in text
    assert "Ended by hand: Moved to Bonn." in text


def test_without_script_the_question_why_is_a_page_of_its_own(shown: Shown) -> None:
    client = shown.client("auditor")
    address = reverse("why-not", args=[shown.world.plain.pk])

    whole = client.get(address)
    part = client.get(address, headers={"HX-Request": "true"})

    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    for response in (whole, part):
        assert "HX-Request" in response.headers["Vary"]
        assert "Kept apart from this license by a person." in text_of(response)


def test_why_not_more_names_each_license_and_what_it_failed(shown: Shown) -> None:
    MaintenanceFactory(
        company=shown.world.company,
        model=shown.world.plain.model,
        definition=shown.world.small.definition,
        purchased_rights=1,
        asset_tag="M-SMALL",
    )
    position = Entitlement.objects.get(asset_tag="M-SMALL")

    text = text_of(page(shown.client("auditor"), position, "why-not"))

    assert "Why not more?" in text
    assert str(shown.world.plain) in text


def test_only_whoever_may_change_is_offered_to_allocate(shown: Shown) -> None:
    address = reverse("allocate", args=[shown.world.plain.pk])

    assert address in page(shown.client("manager"), shown.world.plain).content.decode()
    assert address not in page(shown.client("auditor"), shown.world.plain).content.decode()


def test_the_name_of_a_position_runs_no_script(shown: Shown) -> None:
    with acting(shown.world.by, "Typed by somebody"):
        shown.world.large.asset_tag = "<script>alert(1)</script>"
        shown.world.large.save()

    html = page(shown.client("auditor"), shown.world.plain).content.decode()

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_the_questions_a_license_page_asks_do_not_grow_with_its_rows(shown: Shown) -> None:
    client = shown.client("auditor")
    license = shown.world.plain

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(client, license)
        return len(asked)

    queries()
    few = queries()
    for number in range(40):
        with acting(shown.world.by, "Set up by a test"):
            Allocation.objects.create(
                company=shown.world.company,
                kind="maintenance",
                entitlement=MaintenanceFactory(
                    company=shown.world.company,
                    model=license.model,
                    definition=shown.world.small.definition,
                    asset_tag=f"N-{number}",
                ),
                license=license,
                quantity=3,
                basis="manual",
                made_on="2026-01-01",
                made_at="2026-01-01T00:00Z",
                made_by=shown.world.by,
            )

    assert queries() == few
