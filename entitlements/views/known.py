"""An entitlement as it was known on a day, and what differs between two days."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from allocation.known import compare, known_on
from allocation.life_forms import AsOfForm, CompareForm
from entitlements.models import Entitlement


@require_safe
@needs(Capability.READ)
def as_of(request: ScopedRequest, pk: int) -> HttpResponse:
    """The record as it was known at the end of a day."""
    entitlement, may_see_keys = _asked(request, pk)
    form = AsOfForm(request.GET, today=timezone.localdate())
    known = None
    if form.is_valid():
        known = known_on(entitlement, form.cleaned_data["day"], tells_of_keys=may_see_keys)
    return _page(request, "as_of", entitlement, form, known=known)


@require_safe
@needs(Capability.READ)
def compare_days(request: ScopedRequest, pk: int) -> HttpResponse:
    """What came to be known of the record between the ends of two days."""
    entitlement, may_see_keys = _asked(request, pk)
    form = CompareForm(request.GET, today=timezone.localdate())
    comparison = None
    if form.is_valid():
        days = form.cleaned_data["from"], form.cleaned_data["to"]
        comparison = compare(entitlement, *days, tells_of_keys=may_see_keys)
    return _page(request, "compare", entitlement, form, comparison=comparison)


def _asked(request: ScopedRequest, pk: int) -> tuple[Entitlement, bool]:
    """The entitlement of the address, and whether the person may see its license keys."""
    visible = Entitlement.objects.visible_to(request.scope.whole)
    entitlement = get_object_or_404(visible.select_related("model", "definition"), pk=pk)
    return entitlement, request.scope.may(Capability.SEE_KEYS, entitlement.company_id)


def _page(
    request: ScopedRequest, name: str, entitlement: Entitlement, form: Any, **found: Any
) -> HttpResponse:
    context = {"entitlement": entitlement, "form": form, **found}
    return render(request, f"entitlements/{name}.html", context)
