"""
What a person does to allocations by hand, in a dialog or, without script, on a page of its own.

Nothing changes by GET. What a rule forbids is said beside the field, and what was typed is kept.
"""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from allocation.candidates import choices_for
from allocation.forms import AllocateForm, EndForm
from allocation.models import Allocation, KeptApart
from allocation.services import (
    AllocationRefused,
    AlreadyEnded,
    EndsBeforeItBegan,
    NothingMatched,
    NothingToLift,
    allocate_by_hand,
    clear_match,
    end_allocation,
    lift_kept_apart,
)
from allocation.views.uses import done
from common.dialogs import dialog_or_page, go_to
from common.forms import ReasonForm
from common.locks import CompanyIsBusy
from entitlements.models import Entitlement

RELATED = ("company", "model", "definition")
RELATED_TO_END = (
    "license__model",
    "license__definition",
    "entitlement__model",
    "entitlement__definition",
    "entitlement__metric__group",
    "deployment__product__vendor",
    "person",
    "device",
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def allocate(request: ScopedRequest, pk: int) -> HttpResponse:
    """Allocate maintenance to a license, or a license to maintenance: chosen from what fits."""
    visible = Entitlement.objects.visible_to(request.scope.whole).select_related(*RELATED)
    entitlement = get_object_or_404(visible, pk=pk)
    request.scope.demand(Capability.MANAGE, entitlement.company_id)
    today = timezone.localdate()
    form = AllocateForm(request.POST or None, entitlement=entitlement, today=today)
    if request.method == "POST" and form.is_valid() and _allocated(request, entitlement, form):
        return go_to(request, reverse("entitlement", args=[entitlement.pk]))
    search = request.GET.get("q", "")
    day = _day(request, form, today)
    return dialog_or_page(
        request,
        "allocation/allocate.html",
        form,
        entitlement=entitlement,
        choices=choices_for(entitlement, day, search=search),
        chosen=_chosen(request),
        search=search,
        day=day,
        back=reverse("entitlement", args=[entitlement.pk]),
    )


def _allocated(request: ScopedRequest, entitlement: Entitlement, form: AllocateForm) -> bool:
    other = form.cleaned_data["other"]
    position, license = (entitlement, other) if entitlement.is_maintenance else (other, entitlement)
    try:
        made = allocate_by_hand(
            position=position,
            license=license,
            day=form.cleaned_data["day"],
            by=request.user,
            notes=form.cleaned_data["notes"],
        )
    except AllocationRefused as refused:
        form.add_error("other", str(refused))
        return False
    except CompanyIsBusy as busy:
        form.add_error(None, str(busy))
        return False
    messages.success(request, f"{made.entitlement} now covers {made.license}.")
    return True


def _day(request: ScopedRequest, form: AllocateForm, today: date) -> date:
    """The day for which the choices are judged: the one typed, where it is one."""
    typed = request.POST.get("day") or request.GET.get("day", "")
    try:
        day: date = form.fields["day"].clean(typed)
    except ValidationError:
        return today
    return day


def _chosen(request: ScopedRequest) -> int | None:
    typed = request.POST.get("other") or request.GET.get("other", "")
    return int(typed) if typed.isascii() and typed.isdecimal() else None


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def end(request: ScopedRequest, pk: int) -> HttpResponse:
    """End an allocation, with a reason; and keep its pair apart, if that is wanted."""
    visible = Allocation.objects.visible_to(request.scope.whole).select_related(*RELATED_TO_END)
    allocation = get_object_or_404(visible, pk=pk)
    request.scope.demand(Capability.MANAGE, allocation.company_id)
    form = EndForm(request.POST or None, today=timezone.localdate(), is_use=allocation.is_use)
    back = reverse("allocation", args=[allocation.pk])
    if request.method == "POST" and form.is_valid() and _ended(request, allocation, form):
        if allocation.is_use:
            text = f"The allocation to {allocation.target_text} was ended."
            return done(request, allocation.entitlement, text)
        apart = " The pair is kept apart." if form.cleaned_data["keep_apart"] else ""
        messages.success(request, f"The allocation was ended.{apart}")
        return go_to(request, back)
    return dialog_or_page(request, "allocation/end.html", form, allocation=allocation, back=back)


def _ended(request: ScopedRequest, allocation: Allocation, form: EndForm) -> bool:
    try:
        end_allocation(allocation=allocation, by=request.user, **form.cleaned_data)
    except EndsBeforeItBegan as refused:
        form.add_error("day", str(refused))
        return False
    except (AlreadyEnded, CompanyIsBusy) as refused:
        form.add_error(None, str(refused))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def lift(request: ScopedRequest, pk: int) -> HttpResponse:
    """Let runs allocate a pair again that a person had parted."""
    visible = KeptApart.objects.visible_to(request.scope.whole).select_related(
        "license__model", "license__definition", "position__model", "position__definition"
    )
    pair = get_object_or_404(visible, pk=pk)
    request.scope.demand(Capability.MANAGE, pair.company_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _lifted(request, pair, form):
        return go_to(request, reverse("kept-apart-pair", args=[pair.pk]))
    back = reverse("kept-apart-pair", args=[pair.pk])
    return dialog_or_page(request, "allocation/lift.html", form, pair=pair, back=back)


def _lifted(request: ScopedRequest, pair: KeptApart, form: ReasonForm) -> bool:
    try:
        lift_kept_apart(pair=pair, by=request.user, reason=form.cleaned_data["reason"])
    except (NothingToLift, CompanyIsBusy) as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, "The pair is not kept apart any more. The next run may allocate it.")
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def clear(request: ScopedRequest, pk: int) -> HttpResponse:
    """Take a matched serial number away from maintenance, and let no run match it again."""
    visible = Entitlement.objects.maintenance().visible_to(request.scope.whole)
    position = get_object_or_404(visible.select_related(*RELATED), pk=pk)
    request.scope.demand(Capability.MANAGE, position.company_id)
    if request.method != "POST" and not position.matched_serial:
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _cleared(request, position, form):
        return go_to(request, reverse("entitlement", args=[position.pk]))
    back = reverse("entitlement", args=[position.pk])
    return dialog_or_page(
        request, "allocation/clear_match.html", form, position=position, back=back
    )


def _cleared(request: ScopedRequest, position: Entitlement, form: ReasonForm) -> bool:
    serial = position.matched_serial
    try:
        clear_match(position=position, by=request.user, reason=form.cleaned_data["reason"])
    except (NothingMatched, CompanyIsBusy) as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, f"The match with {serial} was cleared. No run matches it again.")
    return True
