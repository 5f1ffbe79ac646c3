"""
What a person lets use a license: in a dialog on its page or, without script, on a page of its own.

A dialog that was saved brings the license's page up to date where it stands, without loading it
anew. What a rule forbids is said beside the field, and what was typed is kept.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ScopedRequest, needs
from accounts.offering import offer
from accounts.roles import Capability
from allocation.choosing import sources_for
from allocation.models import Allocation
from allocation.queries import drawn_on
from allocation.services import (
    AlreadyEnded,
    UseRefused,
    allocate_to_device,
    allocate_to_person,
    change_use,
    metric_warning,
    reserve,
    track_deployment,
)
from allocation.use_forms import ChangeUseForm, DeviceForm, PersonForm, ReserveForm, TrackForm
from allocation.views.license_use import figures_of_uses, parts_of_uses
from common.dialogs import dialog_or_page, go_to
from common.forms import say_refused
from common.locks import CompanyIsBusy
from common.shown import count_of
from entitlements.models import Entitlement

RELATED = ("company", "model__product__vendor", "definition", "metric__group")


@dataclass(frozen=True)
class Way:
    """A way to let something use a license: what is asked, who writes it, and the words for it."""

    form: Callable[..., forms.Form]
    make: Callable[..., Allocation]
    template: str
    title: str
    verb: str


WAYS = {
    "track": Way(
        TrackForm, track_deployment, "allocation/uses/track.html", "Track Deployment", "Track"
    ),
    "reserve": Way(ReserveForm, reserve, "allocation/uses/reserve.html", "Reserve", "Reserve"),
    "person": Way(
        PersonForm,
        allocate_to_person,
        "allocation/uses/give.html",
        "Allocate to a person",
        "Allocate",
    ),
    "device": Way(
        DeviceForm,
        allocate_to_device,
        "allocation/uses/give.html",
        "Allocate to a device",
        "Allocate",
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def add_use(request: ScopedRequest, pk: int, way: str) -> HttpResponse:
    """Let a deployment, a reservation, a person or a device use a license."""
    license = _license(request, pk)
    chosen = WAYS[way]
    form = chosen.form(request.POST or None, license=license)
    if isinstance(form, TrackForm) and "show_products" in request.POST:
        form.show_products()
    elif request.method == "POST" and form.is_valid():
        made = _made(request, form, chosen, license)
        if made is not None:
            warning = metric_warning(license, made.metric) if made.metric else ""
            return done(request, license, f"{_said(made)} {warning}".strip(), warns=bool(warning))
    return dialog_or_page(
        request,
        chosen.template,
        form,
        **_shown_of(license),
        title=chosen.title,
        verb=chosen.verb,
    )


def _made(
    request: ScopedRequest, form: forms.Form, way: Way, license: Entitlement
) -> Allocation | None:
    """The use as written; None where the form says why it was not."""
    # The vendor only narrows the choice of products.
    asked = {name: value for name, value in form.cleaned_data.items() if name != "vendor"}
    try:
        return way.make(license=license, day=timezone.localdate(), by=request.user, **asked)
    except (UseRefused, CompanyIsBusy) as refused:
        say_refused(form, refused)
        return None


def _said(use: Allocation) -> str:
    """What was done, in a sentence."""
    taken = count_of(use.consumed, "unit")
    if use.is_unlimited:
        return f"{use.target_text} is tracked without limit. It takes {taken} now."
    return f"{use.target_text} has {taken} of the license now."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def change(request: ScopedRequest, pk: int) -> HttpResponse:
    """Change how much a use takes of its license, and what is noted about it."""
    visible = Allocation.objects.visible_to(request.scope.whole).uses()
    related = ("deployment__product__vendor", "person", "device", "entitlement", "license_key")
    use = get_object_or_404(visible.select_related(*related), pk=pk)
    license = _license(request, use.entitlement_id)
    form = ChangeUseForm(request.POST or None, use=use)
    if request.method == "POST" and form.is_valid() and _changed(request, use, form):
        return done(request, license, f"The allocation to {use.target_text} was changed.")
    return dialog_or_page(
        request,
        "allocation/uses/change.html",
        form,
        **_shown_of(license),
        use=use,
        title="Change the allocation",
        verb="Save",
    )


def _changed(request: ScopedRequest, use: Allocation, form: ChangeUseForm) -> bool:
    try:
        change_use(allocation=use, day=timezone.localdate(), by=request.user, **form.cleaned_data)
    except (UseRefused, AlreadyEnded, CompanyIsBusy) as refused:
        say_refused(form, refused)
        return False
    return True


@require_safe
@needs(Capability.MANAGE)
def choose_for_license(request: ScopedRequest, pk: int, source: str) -> HttpResponse:
    """What can use a license and is called so: products, people or devices of its company."""
    sources = sources_for(_license(request, pk))
    if source not in sources:
        raise Http404
    return offer(request, sources[source])


def done(
    request: ScopedRequest, license: Entitlement, text: str, *, warns: bool = False
) -> HttpResponse:
    """
    On after a change of what uses a license, with a message.

    Its own page is brought up to date where it stands; any other is loaded anew.
    """
    page = reverse("entitlement", args=[license.pk])
    asked_from = (request.htmx.current_url_abs_path or "").partition("#")[0]
    if request.htmx and asked_from.partition("?")[0] == page:
        return _page_brought_up_to_date(request, license, text, "warning" if warns else "success")
    add = messages.warning if warns else messages.success
    add(request, text)
    return go_to(request, asked_from or f"{page}#allocations")


def _page_brought_up_to_date(
    request: ScopedRequest, license: Entitlement, text: str, kind: str
) -> HttpResponse:
    response = render(
        request,
        "allocation/uses/changed.html",
        {
            "entitlement": license,
            "may_change": True,
            **parts_of_uses(request, license, drawn_on(license)),
        },
    )
    # Nothing takes the dialog's place: what changed on the page says by its id where it belongs.
    response["HX-Reswap"] = "none"
    told = {"toast": {"text": text, "kind": kind}, "dialog-done": {}}
    response["HX-Trigger-After-Settle"] = json.dumps(told)
    return response


def _license(request: ScopedRequest, pk: int) -> Entitlement:
    """A license that the person may change."""
    visible = Entitlement.objects.licenses().visible_to(request.scope.whole)
    license = get_object_or_404(visible.select_related(*RELATED), pk=pk)
    request.scope.demand(Capability.MANAGE, license.company_id)
    return license


def _shown_of(license: Entitlement) -> dict[str, Any]:
    """What each dialog shows of the license."""
    back = reverse("entitlement", args=[license.pk])
    return {"entitlement": license, "back": back, **figures_of_uses(license)}
