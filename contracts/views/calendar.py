"""The renewal calendar: a page, and a feed for calendar programs."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import ScopedRequest, needs, scope_of
from accounts.choosing import ChosenField
from accounts.roles import Capability
from common.shown import Money, State, Tone, ends_in
from contracts.choosing import VENDORS
from contracts.events import Event, EventKind, coming_events
from contracts.feed import Entry, write_calendar
from contracts.models import CalendarKey, ContractType, Vendor
from contracts.renewal import add_months
from contracts.services import calendar_owner, make_calendar_key, withdraw_calendar_key

MONTHS_AHEAD = (3, 6, 12, 24)
USUAL_MONTHS = 12
MOST_EVENTS = 500
# What a feed holds: what has just passed, and two years to come.
FEED_DAYS_BACK = 31
FEED_MONTHS_AHEAD = 24
MOST_FEED_EVENTS = 5_000
TONES = {
    EventKind.NOTICE: Tone.SOON,
    EventKind.ENDS: Tone.ENDED,
    EventKind.RENEWS: Tone.FINE,
}


class CalendarForm(forms.Form):
    """What of the calendar to show."""

    months = forms.TypedChoiceField(
        label="Ahead",
        choices=[(number, f"{number} months") for number in MONTHS_AHEAD],
        coerce=int,
        required=False,
    )
    kind = forms.MultipleChoiceField(
        label="What",
        choices=EventKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    vendor = ChosenField(source=VENDORS, queryset=Vendor.objects.all(), required=False)
    type = forms.ModelChoiceField(
        label="Type", queryset=ContractType.objects.all(), empty_label="Any type", required=False
    )

    @property
    def kinds(self) -> list[EventKind]:
        return [EventKind(kind) for kind in self.cleaned_data["kind"]] or list(EventKind)

    @property
    def narrowed(self) -> Q:
        chosen = {"contract__vendor": "vendor", "contract__type": "type"}
        wanted = {path: self.cleaned_data[name] for path, name in chosen.items()}
        return Q(**{path: record for path, record in wanted.items() if record is not None})


@require_safe
@needs(Capability.READ)
def renewals(request: ScopedRequest) -> HttpResponse:
    """The months ahead: what ends, until when notice can be given, what renews itself."""
    today = timezone.localdate()
    form = CalendarForm(request.GET or {"months": USUAL_MONTHS})
    events = _events(request, form, today) if form.is_valid() else []
    return render(
        request,
        "contracts/renewals.html",
        {
            "form": form,
            "months": _by_month(events[:MOST_EVENTS], today),
            "number": len(events[:MOST_EVENTS]),
            "is_cut": len(events) > MOST_EVENTS,
            "has_several_companies": len(request.scope.companies()) > 1,
            "today": today,
        },
    )


def _events(request: ScopedRequest, form: CalendarForm, today: date) -> list[Event]:
    return coming_events(
        request.scope,
        first=today,
        last=add_months(today, form.cleaned_data["months"] or USUAL_MONTHS),
        most=MOST_EVENTS + 1,
        kinds=form.kinds,
        narrowed=form.narrowed,
    )


def _by_month(events: Iterable[Event], today: date) -> list[dict[str, Any]]:
    return [
        {"first": month, "events": [_shown(event, today) for event in of_month]}
        for month, of_month in groupby(events, key=lambda event: event.on.replace(day=1))
    ]


def _shown(event: Event, today: date) -> dict[str, Any]:
    contract = event.term.contract
    valued = contract if event.term.value is None else event.term
    return {
        "event": event,
        "contract": contract,
        "value": None if valued.value is None else Money(valued.value, valued.currency),
        "kind": State(event.kind.label, TONES[event.kind]),
        "away": ends_in(event.on, today),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.READ)
def feed_address(request: ScopedRequest) -> HttpResponse:
    """The address of one's own calendar feed: made, and shown this once."""
    address = ""
    if request.method == "POST":
        key = make_calendar_key(by=request.user)
        address = settings.LCM_ADDRESS + reverse("calendar-feed", args=[key])
    present = CalendarKey.objects.filter(user=request.user).first()
    response = render(request, "contracts/feed.html", {"present": present, "address": address})
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@needs(Capability.READ)
def withdraw_feed_address(request: ScopedRequest) -> HttpResponse:
    """The address of one's own calendar feed opens nothing any more."""
    withdraw_calendar_key(by=request.user)
    messages.success(request, "Your address was withdrawn. Nobody reads your calendar by it now.")
    return redirect("feed-address")


@require_safe
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """
    A person's calendar, for a program that cannot sign in: the secret in its address stands for it.

    What it holds is what they may see now, whenever it was fetched before.
    """
    owner = calendar_owner(key)
    if owner is None:
        raise Http404
    today = timezone.localdate()
    events = coming_events(
        scope_of(owner),
        first=today - timedelta(days=FEED_DAYS_BACK),
        last=add_months(today, FEED_MONTHS_AHEAD),
        most=MOST_FEED_EVENTS,
    )
    text = write_calendar("Contracts", map(_entry, events), written_at=timezone.now())
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="contracts.ics"'
    response["Cache-Control"] = "private, no-store"
    return response


def _entry(event: Event) -> Entry:
    contract = event.term.contract
    return Entry(
        uid=f"{event.key}@{urlsplit(settings.LCM_ADDRESS).hostname}",
        on=event.on,
        summary=f"{contract.name} ({contract.number}): {event.kind.label.lower()}",
        description=" ".join(
            text for text in (f"{contract.vendor}, {contract.company}.", event.remark) if text
        ),
        url=settings.LCM_ADDRESS + reverse("contract", args=[contract.pk]),
    )
