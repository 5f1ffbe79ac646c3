"""Allocating, ending, lifting and clearing by hand: in a dialog, and on a page without script."""

import threading
from datetime import date
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from allocation.candidates import choices_for
from allocation.models import Allocation, KeptApart
from common.locks import hold_exclusively
from entitlements.models import Entitlement
from tests.allocation.visitors import LATER, Shown, make_shown, text_of
from tests.factories import MaintenanceFactory, ReturnFactory

HTMX = {"HX-Request": "true"}
DAY = "2026-07-01"


@pytest.fixture
def shown(db: None) -> Shown:
    return make_shown()


@pytest.fixture
def mona(shown: Shown) -> Client:
    return shown.client("manager")


def of_title(shown: Shown, factory: Any, **fields: Any) -> Entitlement:
    world = shown.world
    usual: dict[str, Any] = {"company": world.company, "model": world.plain.model}
    if factory is MaintenanceFactory:
        usual["definition"] = world.small.definition
    entitlement: Entitlement = factory(**usual | fields)
    return entitlement


# --- Allocating ---


def test_what_fits_comes_first_and_the_rest_says_why_it_does_not(
    shown: Shown, mona: Client
) -> None:
    roomy = of_title(shown, MaintenanceFactory, purchased_rights=50, asset_tag="M-ROOMY")

    response = mona.get(reverse("allocate", args=[shown.world.plain.pk]), {"day": DAY})

    choices = response.context["choices"].shown
    assert choices[0].entitlement == roomy
    assert [choice.fits for choice in choices] == sorted(
        (choice.fits for choice in choices), reverse=True
    )
    page = text_of(response)
    assert "50 free" in page
    assert "are kept apart (Moved to Bonn). Lift that first." in page
    assert "needs 3 units at once" in page


def test_licenses_are_offered_to_maintenance_those_without_cover_first(
    shown: Shown, mona: Client
) -> None:
    roomy = of_title(shown, MaintenanceFactory, purchased_rights=50)

    response = mona.get(reverse("allocate", args=[roomy.pk]), {"day": DAY})

    offered = [choice.entitlement for choice in response.context["choices"].shown]
    assert offered[0] == shown.world.plain  # whose allocation was ended
    assert set(offered) == {
        shown.world.plain,
        shown.world.first_of_group,
        shown.world.second_of_group,
    }


def test_choices_are_searched(shown: Shown, mona: Client) -> None:
    wanted = of_title(shown, MaintenanceFactory, asset_tag="M-4711")
    address = reverse("allocate", args=[shown.world.plain.pk])

    found = mona.get(address, {"q": "4711"})
    nothing = mona.get(address, {"q": "0815"})

    assert [choice.entitlement for choice in found.context["choices"].shown] == [wanted]
    assert "Nothing of this software model holds “0815”." in text_of(nothing)


def test_a_license_is_allocated_by_post_and_the_page_says_so(shown: Shown, mona: Client) -> None:
    roomy = of_title(shown, MaintenanceFactory, purchased_rights=50, asset_tag="M-ROOMY")
    chosen = {"other": roomy.pk, "day": DAY, "notes": "Bonn asked for it"}

    response = mona.post(reverse("allocate", args=[shown.world.plain.pk]), chosen, follow=True)

    row = Allocation.objects.get(entitlement=roomy)
    assert (row.license, row.quantity, row.basis) == (shown.world.plain, 3, "manual")
    assert (row.made_on, row.made_by, row.notes) == (
        LATER,
        shown.visitors["manager"],
        "Bonn asked for it",
    )
    assert f"{roomy} now covers {shown.world.plain}." in text_of(response)


def test_maintenance_is_allocated_to_the_license_chosen(shown: Shown, mona: Client) -> None:
    roomy = of_title(shown, MaintenanceFactory, purchased_rights=50)

    mona.post(reverse("allocate", args=[roomy.pk]), {"other": shown.world.plain.pk, "day": DAY})

    assert Allocation.objects.filter(entitlement=roomy, license=shown.world.plain).exists()


def test_htmx_gets_a_dialog_and_is_sent_on_when_it_is_done(shown: Shown, mona: Client) -> None:
    roomy = of_title(shown, MaintenanceFactory, purchased_rights=50)
    address = reverse("allocate", args=[shown.world.plain.pk])

    opened = mona.get(address, headers=HTMX)
    done = mona.post(address, {"other": roomy.pk, "day": DAY}, headers=HTMX)

    assert opened.content.decode().lstrip().startswith("<dialog")
    assert "HX-Request" in opened.headers["Vary"]
    assert done.status_code == 204
    assert done.headers["HX-Redirect"] == reverse("entitlement", args=[shown.world.plain.pk])


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["in a dialog", "on a page"])
def test_what_a_rule_forbids_is_said_beside_the_field_and_what_was_typed_is_kept(
    shown: Shown, mona: Client, headers: dict[str, str]
) -> None:
    chosen = {"other": shown.world.large.pk, "day": DAY, "notes": "Bonn asked for it"}

    response = mona.post(reverse("allocate", args=[shown.world.plain.pk]), chosen, headers=headers)

    assert response.status_code == 422
    assert "are kept apart (Moved to Bonn)" in response.context["form"].errors["other"][0]
    assert "Bonn asked for it" in response.content.decode()
    assert 'aria-invalid="true"' in response.content.decode()


def test_only_the_same_company_and_title_can_be_chosen(shown: Shown, mona: Client) -> None:
    foreign = MaintenanceFactory(purchased_rights=50)

    response = mona.post(
        reverse("allocate", args=[shown.world.plain.pk]), {"other": foreign.pk, "day": DAY}
    )

    assert response.status_code == 422
    assert "not of the same company and software model" in text_of(response)
    assert not Allocation.objects.filter(entitlement=foreign).exists()


@pytest.mark.parametrize("typed", ["", "abc", "99999999999999999999"])
def test_what_is_no_choice_is_refused(shown: Shown, mona: Client, typed: str) -> None:
    response = mona.post(
        reverse("allocate", args=[shown.world.plain.pk]), {"other": typed, "day": DAY}
    )

    assert response.status_code == 422


def test_pending_returns_are_not_offered_as_free(shown: Shown, mona: Client) -> None:
    roomy = of_title(shown, MaintenanceFactory, purchased_rights=10)
    ReturnFactory(
        definition=shown.world.small.definition,
        model=shown.world.plain.model,
        quantity=9,
        returned_on=date(2026, 6, 20),
    )

    choices = choices_for(shown.world.plain, LATER)

    choice = next(each for each in choices.shown if each.entitlement == roomy)
    assert choice.pair.free == 1
    assert "9 held back for pending returns" in choice.refusal


def test_choices_judge_as_the_allocation_itself_does(shown: Shown) -> None:
    from allocation.fitting import candidate, refusal

    for license in (shown.world.plain, shown.world.first_of_group):
        for choice in choices_for(license, LATER).shown:
            alone = candidate(position_id=choice.entitlement.pk, license_id=license.pk, day=LATER)
            assert choice.refusal == str(refusal(alone) or "")
            assert choice.pair.free == alone.free


def test_the_questions_choices_ask_do_not_grow(
    shown: Shown, django_assert_max_num_queries: Any
) -> None:
    for _ in range(25):
        of_title(shown, MaintenanceFactory)

    with django_assert_max_num_queries(8):
        choices = choices_for(shown.world.plain, LATER)

    assert choices.there == 28


def test_more_choices_than_fit_on_the_page_are_counted(shown: Shown, mona: Client) -> None:
    for _ in range(32):
        of_title(shown, MaintenanceFactory)

    response = mona.get(reverse("allocate", args=[shown.world.plain.pk]))

    assert len(response.context["choices"].shown) == 30
    assert "And 5 more." in text_of(response)


# --- Ending ---


def test_an_allocation_is_ended_with_a_reason_and_its_pair_kept_apart(
    shown: Shown, mona: Client
) -> None:
    typed = {"day": DAY, "reason": "Sold to Fabrikam", "keep_apart": "on"}

    response = mona.post(reverse("end-allocation", args=[shown.live.pk]), typed, follow=True)

    shown.live.refresh_from_db()
    assert (shown.live.ended_on, shown.live.end_notes) == (LATER, "Sold to Fabrikam")
    assert KeptApart.objects.filter(license=shown.live.license, lifted_at=None).exists()
    assert "The allocation was ended. The pair is kept apart." in text_of(response)


def test_without_the_box_the_pair_may_be_allocated_again(shown: Shown, mona: Client) -> None:
    mona.post(reverse("end-allocation", args=[shown.live.pk]), {"day": DAY, "reason": "A slip"})

    assert not KeptApart.objects.filter(license=shown.live.license).exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        pytest.param({"day": DAY, "reason": "  "}, "Give a reason", id="no reason"),
        pytest.param({"day": "", "reason": "x"}, "Choose a day.", id="no day"),
        pytest.param(
            {"day": "2026-05-31", "reason": "x"},
            "it cannot end on 31 May 2026, before that",
            id="before it began",
        ),
    ],
)
def test_an_end_that_cannot_be_is_refused_beside_its_field(
    shown: Shown, mona: Client, typed: dict[str, str], sentence: str
) -> None:
    response = mona.post(reverse("end-allocation", args=[shown.live.pk]), typed)

    assert response.status_code == 422
    assert sentence in text_of(response)
    shown.live.refresh_from_db()
    assert shown.live.is_live


def test_what_somebody_else_ended_first_is_said_and_stays_as_it_was(
    shown: Shown, mona: Client
) -> None:
    response = mona.post(
        reverse("end-allocation", args=[shown.ended.pk]), {"day": DAY, "reason": "Me too"}
    )

    assert response.status_code == 422
    assert "Grace Hopper ended this allocation" in text_of(response)
    shown.ended.refresh_from_db()
    assert shown.ended.end_notes == "Moved to Bonn"


# --- Lifting and clearing ---


def test_a_pair_is_lifted_with_a_reason_once(shown: Shown, mona: Client) -> None:
    address = reverse("lift-kept-apart", args=[shown.apart.pk])

    mona.post(address, {"reason": "Bonn gave it back"})
    again = mona.post(address, {"reason": "Again"})

    shown.apart.refresh_from_db()
    assert shown.apart.lifted_by == shown.visitors["manager"]
    assert again.status_code == 422
    assert "are not kept apart any more" in text_of(again)


def test_a_match_is_cleared_and_never_made_again(shown: Shown, mona: Client) -> None:
    address = reverse("clear-match", args=[shown.world.unmatched.pk])

    mona.post(address, {"reason": "Not these"})

    shown.world.unmatched.refresh_from_db()
    assert shown.world.unmatched.matched_serial == ""
    assert not shown.world.unmatched.may_be_matched
    assert mona.get(address).status_code == 404


def test_clearing_without_a_reason_changes_nothing(shown: Shown, mona: Client) -> None:
    response = mona.post(reverse("clear-match", args=[shown.world.unmatched.pk]), {"reason": ""})

    assert response.status_code == 422
    shown.world.unmatched.refresh_from_db()
    assert shown.world.unmatched.matched_serial == "S-1009"


# --- While a run has the company ---


@pytest.mark.django_db(transaction=True)
def test_whoever_has_the_company_is_named_and_nothing_typed_is_lost() -> None:
    shown = make_shown()
    client = shown.client("manager")
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            hold_exclusively(shown.world.company.pk)
            held.set()
            done.wait(20)
        connections.close_all()

    other = threading.Thread(target=hold)
    other.start()
    held.wait(20)
    try:
        response = client.post(
            reverse("end-allocation", args=[shown.live.pk]),
            {"day": f"{timezone.localdate():%Y-%m-%d}", "reason": "Sold to Fabrikam"},
        )
    finally:
        done.set()
        other.join()

    assert response.status_code == 422
    assert "Somebody is changing this company's records" in text_of(response)
    assert "Sold to Fabrikam" in response.content.decode()
    shown.live.refresh_from_db()
    assert shown.live.is_live
