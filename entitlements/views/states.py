"""States of an entitlement that people set by hand, and back to what its dates say."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from common.shown import day_text
from entitlements.models import Entitlement, StatePeriod
from entitlements.rights_forms import DayAndReasonForm, StateForm
from entitlements.services import back_by_date, set_state
from entitlements.states import State, state_on
from entitlements.views.dialogs import back_to, dialog, did, entitlement_to_change


def parts_of_states(entitlement: Any, day: date) -> dict[str, Any]:
    """The section *States set by hand* of the page of an entitlement."""
    periods = entitlement.periods
    return {
        "state_periods": periods,
        "state_by_hand": entitlement.period_now,
        "may_go_back": any(period.until_on is None or period.until_on >= day for period in periods),
        "state_by_dates": state_by_dates(entitlement, day),
    }


def substate_of(period: StatePeriod | None) -> str:
    """The substate of a state by hand, in words."""
    return "" if period is None else period.get_substate_display()


def state_by_dates(entitlement: Entitlement, day: date) -> str:
    """What the dates alone say, in words; empty before the purchase."""
    state = state_on(
        day,
        purchased_on=entitlement.purchased_on,
        follows_dates=entitlement.follows_dates,
        starts_on=entitlement.starts_on,
        ends_on=entitlement.ends_on,
    )
    return "" if state is None else str(State(state).label)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def set_by_hand(request: ScopedRequest, pk: int) -> HttpResponse:
    entitlement = entitlement_to_change(request, pk)
    form = StateForm(request.POST or None, day=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: set_state(entitlement=entitlement, by=request.user, **asked)):
            until = f" until {day_text(asked['until_on'])}" if asked["until_on"] else ""
            return back_to(
                request,
                entitlement.pk,
                f"{State(asked['state']).label} from {day_text(asked['from_on'])}{until}.",
            )
    return dialog(
        request,
        form,
        entitlement,
        template="entitlements/set_state.html",
        title="Set state",
        verb="Set it",
    )


@require_safe
@needs(Capability.MANAGE)
def substates(request: ScopedRequest, pk: int) -> HttpResponse:
    """The field of the substate, for the state that was chosen."""
    entitlement = entitlement_to_change(request, pk)
    form = StateForm(day=timezone.localdate())
    form.narrow_substates(request.GET.get("state", ""))
    return render(
        request,
        "entitlements/parts/substate.html",
        {"form": form, "field": form["substate"], "entitlement": entitlement},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def back(request: ScopedRequest, pk: int) -> HttpResponse:
    entitlement = entitlement_to_change(request, pk)
    today = timezone.localdate()
    form = DayAndReasonForm(request.POST or None, day=today, label="By date again from")
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if did(form, lambda: back_by_date(entitlement=entitlement, by=request.user, **asked)):
            return back_to(
                request, entitlement.pk, f"Its dates tell the state from {day_text(asked['day'])}."
            )
    by_dates = state_by_dates(entitlement, today)
    return dialog(
        request,
        form,
        entitlement,
        title="Back to by date",
        verb="Set it back",
        lead=f"By its dates it is {by_dates.lower()} today." if by_dates else "",
    )
