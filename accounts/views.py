"""Views of the frame: home, search, choosing by typing, the company switcher, what runs now."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import get_text_list
from django.views.decorators.http import require_POST, require_safe

from accounts.access import NARROWED_TO, ScopedRequest, needs
from accounts.choosing import (
    COST_CENTRES,
    DEPARTMENTS,
    LOCATIONS,
    PEOPLE,
)
from accounts.offering import offer
from accounts.roles import Capability
from allocation.attention import needs_attention
from common.lists import RecordList
from contracts.choosing import CONTRACTS, MODELS, PRODUCTS, VENDORS
from contracts.queries import open_reminders
from contracts.views.lists import ContractList
from deployments.choosing import DEVICES
from deployments.views.deployed import DeploymentList
from deployments.views.devices import DeviceList
from deployments.views.people import PersonList
from entitlements.choosing import DEFINITIONS, LICENSES, PARTS
from entitlements.models import Kind
from entitlements.views.home import state_changes
from entitlements.views.lists import EntitlementList

MOST_REMINDERS = 10  # on the home page: those that end first


@require_safe
@needs(Capability.REQUEST)
def home(request: ScopedRequest) -> HttpResponse:
    """What needs attention. Each number leads to the list of what it counts."""
    if not request.scope.may_anywhere(Capability.READ):
        return render(request, "accounts/requester_home.html")
    today = timezone.localdate()
    return render(
        request,
        "accounts/home.html",
        {
            "attention": needs_attention(request.scope, today),
            "reminders": open_reminders(request.scope, today)[:MOST_REMINDERS],
            "state_changes": state_changes(request.scope, today),
        },
    )


@require_safe
@needs(Capability.READ)
def search(request: ScopedRequest) -> HttpResponse:
    """The first finds of each kind; each kind's list shows all of them."""
    text = request.GET.get("q", "").strip()
    finds = _finds(request, text) if text else []
    found = [(title, finds_of) for title, finds_of in finds if finds_of.rows_there.number]
    empty = [title.lower() for title, finds_of in finds if not finds_of.rows_there.number]
    return render(
        request,
        "accounts/search.html",
        {
            "searched_for": text,
            "found": found,
            "nothing_under": get_text_list(empty, "or"),
        },
    )


def _finds(request: ScopedRequest, text: str) -> list[tuple[str, RecordList[Any]]]:
    """What has the words, of each kind of record, with its heading."""
    licenses, maintenance = (
        EntitlementList(request, parameters=_asking(kind=kind, q=text))
        for kind in (Kind.LICENSE, Kind.MAINTENANCE)
    )
    return [
        ("Contracts", ContractList(request, parameters=_asking(q=text))),
        ("Licenses", licenses),
        ("Maintenance", maintenance),
        ("Deployments", DeploymentList(request, parameters=_asking(q=text))),
        ("Devices", DeviceList(request, parameters=_asking(q=text))),
        ("People", PersonList(request, parameters=_asking(q=text))),
    ]


def _asking(**parameters: str) -> QueryDict:
    asked = QueryDict(mutable=True)
    asked.update(parameters)
    return asked


@require_POST
@needs(Capability.REQUEST)
def narrow(request: ScopedRequest) -> HttpResponse:
    """Show one company only, or all again; and go back to where one was."""
    chosen = request.POST.get("company", "")
    if chosen == "":
        request.session.pop(NARROWED_TO, None)
    elif chosen.isdecimal() and int(chosen) in request.scope.capabilities:
        request.session[NARROWED_TO] = int(chosen)
    else:
        raise Http404
    return redirect(_safe_address(request, request.POST.get("next", "")))


@require_safe
@needs(Capability.READ)
def running(request: ScopedRequest) -> HttpResponse:
    """What runs now, for the top bar, which asks every few seconds."""
    return render(request, "common/running.html")


# Everything that forms let people choose by typing.
SOURCES = {
    source.name: source
    for source in (
        PEOPLE,
        DEPARTMENTS,
        LOCATIONS,
        COST_CENTRES,
        VENDORS,
        PRODUCTS,
        MODELS,
        CONTRACTS,
        LICENSES,
        DEFINITIONS,
        PARTS,
        DEVICES,
    )
}


@require_safe
@needs(Capability.READ)
def choose(request: ScopedRequest, source: str) -> HttpResponse:
    """What can be chosen and is called so, of what the person may see; the first of it."""
    if source not in SOURCES:
        raise Http404
    return offer(request, SOURCES[source])


def _safe_address(request: HttpRequest, address: str) -> str:
    """The address where it is one of ours, else home."""
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else "home"
