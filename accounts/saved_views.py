"""Views that a person keeps of lists: named, changed, deleted; each person their own."""

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from accounts.saved_view_forms import BackForm, NewViewForm, SavedViewForm
from common.dialogs import dialog_or_page, go_to
from common.lists import LISTS
from common.models import SavedView
from common.saved_views import ViewRefused, delete_view, keep_view


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.READ)
def add_saved_view(request: ScopedRequest, list_name: str) -> HttpResponse:
    if list_name not in LISTS:
        raise Http404
    form = NewViewForm(
        request.POST or None,
        instance=SavedView(user=request.user, list_name=list_name),
        initial=_where_from(request),
        kept=_own_views(request).filter(list_name=list_name),
    )
    if request.method == "POST" and form.is_valid() and _kept(form, form.as_view()):
        messages.success(request, "The view is kept. Its name stands above the list.")
        return go_to(request, _safe_address(request, form.cleaned_data["back"]))
    return _dialog(request, "accounts/add_saved_view.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.READ)
def edit_saved_view(request: ScopedRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(_own_views(request), pk=pk)
    form = SavedViewForm(request.POST or None, instance=view, initial=_where_from(request))
    if request.method == "POST" and form.is_valid() and _kept(form, form.save(commit=False)):
        messages.success(request, f"The view is “{view.label}” now.")
        return go_to(request, _safe_address(request, form.cleaned_data["back"]))
    return _dialog(request, "accounts/edit_saved_view.html", form, view=view)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.READ)
def delete_saved_view(request: ScopedRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(_own_views(request), pk=pk)
    form = BackForm(request.POST or None, initial=_where_from(request))
    if request.method == "POST" and form.is_valid():
        delete_view(user=request.user, pk=view.pk)
        messages.success(request, f"The view “{view.label}” was deleted.")
        return go_to(request, _safe_address(request, form.cleaned_data["back"]))
    return _dialog(request, "accounts/delete_saved_view.html", form, view=view)


def _own_views(request: ScopedRequest) -> QuerySet[SavedView]:
    return SavedView.objects.filter(user=request.user).order_by("label")


def _where_from(request: ScopedRequest) -> dict[str, str]:
    """What the link that led here says of the list: its address, and what it is asked for."""
    return {name: request.GET.get(name, "") for name in ("back", "query")}


def _kept(form: SavedViewForm, view: SavedView) -> bool:
    try:
        keep_view(view)
    except ViewRefused as refused:
        form.add_error("label", str(refused))
        return False
    return True


def _dialog(
    request: ScopedRequest, template: str, form: BaseForm, view: SavedView | None = None
) -> HttpResponse:
    back = _safe_address(request, str(form["back"].value() or ""))
    return dialog_or_page(request, template, form, back=back, view=view)


def _safe_address(request: ScopedRequest, address: str) -> str:
    """The address of the list where it is one of ours, else home."""
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else reverse("home")
