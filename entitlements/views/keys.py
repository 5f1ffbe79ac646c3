"""
License keys: listed, added, named, withdrawn, shown.

Everybody who may read a license sees that it has keys, who holds them, and who was shown them. What
a key says is in no page, list or file but the one answer to a person who may see it and asked.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat, Trim
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from allocation.models import Allocation
from allocation.services import withdraw_key
from common.dialogs import dialog_or_page, go_to
from common.forms import ReasonForm
from common.lists import Chip, Column, RecordList, View
from common.locks import CompanyIsBusy
from common.shown import Exact, State, Tone, count_of
from common.stories import shown_story
from entitlements.key_forms import AddKeysForm, KeyLabelForm, ShowKeyForm
from entitlements.models import Entitlement, KeyReveal, LicenseKey
from entitlements.secrets import Unreadable
from entitlements.services import (
    KeysRefused,
    KeyWithdrawn,
    add_keys,
    put_key_back,
    rename_key,
    reveal_key,
)

KEYS_ON_PAGE = 10
# As long whatever the key is: it tells nothing of it.
MASK = "•" * 12
FULL_NAME = Trim(Concat("revealed_by__first_name", Value(" "), "revealed_by__last_name"))
FREE, GIVEN, WITHDRAWN = "free", "given", "withdrawn"
SECONDS_SHOWN = 30


def keys_of(license: Entitlement) -> QuerySet[LicenseKey]:
    """The keys of a license, with how often each is given, and who last saw it when."""
    live = Allocation.objects.live().filter(license_key=OuterRef("pk"))
    last_seen = KeyReveal.objects.filter(key=OuterRef("pk")).order_by("-pk")
    counted = live.order_by().values("license_key").annotate(n=Count("pk")).values("n")
    return LicenseKey.objects.filter(entitlement=license).annotate(
        is_given=Exists(live),
        times_given=Subquery(counted),
        seen_at=Subquery(last_seen.values("revealed_at")[:1]),
        seen_by=Subquery(last_seen.annotate(name=FULL_NAME).values("name")[:1]),
    )


def parts_of_keys(request: ScopedRequest, license: Any) -> dict[str, Any]:
    """The section *License keys* of the page of a license."""
    keys: list[Any] = list(keys_of(license)[: KEYS_ON_PAGE + 1]) if license.sections.keys else []
    tell_holders(keys)
    return {
        "keys": keys[:KEYS_ON_PAGE],
        "has_more_keys": len(keys) > KEYS_ON_PAGE,
        "may_see_keys": request.scope.may(Capability.SEE_KEYS, license.company_id),
        "mask": MASK,
    }


def tell_holders(keys: Sequence[Any]) -> None:
    """Give each key ``holders``: to whom or what it is given now."""
    holders: dict[int, list[Allocation]] = defaultdict(list)
    given = [key.pk for key in keys if key.is_given]
    if given:
        live = Allocation.objects.live().filter(license_key__in=given)
        for allocation in live.select_related("person", "device").order_by("pk"):
            holders[allocation.license_key_id or 0].append(allocation)
    for key in keys:
        key.holders = holders[key.pk]


class KeyFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[(FREE, "Free"), (GIVEN, "Allocated"), (WITHDRAWN, "Withdrawn")],
        method="filter_state",
        empty_label="Any state",
    )

    def filter_state(self, found: Any, name: str, state: str) -> Any:
        if state == WITHDRAWN:
            return found.filter(withdrawn_at__isnull=False)
        return found.filter(withdrawn_at=None, is_given=state == GIVEN)


class KeyList(RecordList[LicenseKey]):
    """The keys of one license, and never what they say."""

    view = "license-keys"
    name = "license-keys"
    title = "License keys"
    noun, nouns = "license key", "license keys"
    template = "entitlements/key_list.html"
    filterset = KeyFilters
    chips = (Chip("State", ["state"], is_quiet=True),)
    views = (
        View("All"),
        View("Free", {"state": FREE}),
        View("Allocated", {"state": GIVEN}),
        View("Withdrawn", {"state": WITHDRAWN}),
    )
    search = ("label",)
    default_sort = "key"
    request: ScopedRequest

    def __init__(self, request: ScopedRequest, *, license: Entitlement) -> None:
        self.license = license
        super().__init__(
            request,
            entitlement=license,
            may_change=request.scope.may(Capability.MANAGE, license.company_id),
            may_see_keys=request.scope.may(Capability.SEE_KEYS, license.company_id),
        )

    def records(self) -> QuerySet[LicenseKey]:
        return keys_of(self.license)

    def attach(self, rows: Sequence[LicenseKey]) -> None:
        tell_holders(rows)

    def make_columns(self) -> Sequence[Column]:
        return (
            Column(name="key", label="Called", value=str, sort="pk", rank=1),
            Column(name="mask", label="Key", value=lambda key: MASK, is_exported=False, rank=3),
            Column(name="state", label="State", value=shown_state, rank=1),
            Column(name="holders", label="Allocated to", value=holders_text, is_long=True),
            Column(name="seen", label="Last shown", value=lambda key: _exact(key.seen_at)),
            Column(name="seen_by", label="Shown to", value=lambda key: key.seen_by or "", rank=3),
        )

    @property
    def whole_address(self) -> str:
        return reverse(self.view, args=[self.license.pk])

    def is_ended(self, record: LicenseKey) -> bool:
        return record.withdrawn_at is not None

    def address(self, record: LicenseKey) -> str:
        return reverse("license-key", args=[record.pk])

    def empty_state(self) -> dict[str, str]:
        return {
            "title": "This license has no license keys yet",
            "text": "Paste them one a line. They are encrypted, and whoever sees one is written"
            " down.",
        }


def shown_state(key: Any) -> State:
    if key.withdrawn_at is not None:
        return State("Withdrawn", Tone.ENDED)
    if key.is_given:
        times = f" ×{key.times_given}" if key.times_given > 1 else ""
        return State(f"Allocated{times}", Tone.FINE)
    return State("Free", Tone.FINE)


def holders_text(key: Any) -> str:
    return ", ".join(allocation.target_text for allocation in key.holders)


def _exact(moment: Any) -> Exact | None:
    return None if moment is None else Exact(moment)


@require_safe
@needs(Capability.READ)
def key_list(request: ScopedRequest, pk: int) -> HttpResponseBase:
    return KeyList(request, license=_license(request, pk)).response()


@require_safe
@needs(Capability.READ)
def key_page(request: ScopedRequest, pk: int) -> HttpResponse:
    """A key: who holds it, who was shown it, what was done to it."""
    key = _key(request, pk)
    tell_holders([key])
    shown = KeyReveal.objects.filter(key=key).select_related("revealed_by")
    return render(
        request,
        "entitlements/key.html",
        {
            "key": key,
            "state": shown_state(key),
            "entitlement": key.entitlement,
            "reveals": shown,
            "story": shown_story(
                request, {"the license key": key.history.all()}, untold=["entitlement"]
            ),
            "may_change": request.scope.may(Capability.MANAGE, key.company_id),
            "may_see_keys": request.scope.may(Capability.SEE_KEYS, key.company_id),
        },
    )


@sensitive_post_parameters("keys")
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.SEE_KEYS)
def add(request: ScopedRequest, pk: int) -> HttpResponse:
    license = _license(request, pk)
    _demand_both(request, license.company_id)
    form = AddKeysForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _added(request, license, form):
        return go_to(request, reverse("entitlement", args=[license.pk]))
    return _answer(request, "add_keys", form, license)


@sensitive_variables("form")
def _added(request: ScopedRequest, license: Entitlement, form: AddKeysForm) -> bool:
    try:
        number = add_keys(
            entitlement=license,
            pasted=form.cleaned_data["keys"],
            label=form.cleaned_data["label"],
            by=request.user,
        )
    except (KeysRefused, CompanyIsBusy) as refused:
        form.add_error("keys" if isinstance(refused, KeysRefused) else None, str(refused))
        return False
    messages.success(
        request, f"{count_of(number, 'license key')} {'was' if number == 1 else 'were'} added."
    )
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.SEE_KEYS)
def rename(request: ScopedRequest, pk: int) -> HttpResponse:
    key = _key(request, pk)
    _demand_both(request, key.company_id)
    form = KeyLabelForm(request.POST or None, initial={"label": key.label})
    if request.method == "POST" and form.is_valid():
        try:
            rename_key(key=key, label=form.cleaned_data["label"], by=request.user)
        except KeyWithdrawn as refused:
            form.add_error(None, str(refused))
        else:
            return go_to(request, reverse("license-key", args=[key.pk]))
    return _answer(request, "rename_key", form, key.entitlement, key=key)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.SEE_KEYS)
def withdraw(request: ScopedRequest, pk: int) -> HttpResponse:
    key = _key(request, pk)
    _demand_both(request, key.company_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_key(key=key, by=request.user, reason=form.cleaned_data["reason"])
        except (KeysRefused, KeyWithdrawn, CompanyIsBusy) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{key} was withdrawn.")
            return go_to(request, reverse("license-key", args=[key.pk]))
    return _answer(request, "withdraw_key", form, key.entitlement, key=key)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.SEE_KEYS)
def put_back(request: ScopedRequest, pk: int) -> HttpResponse:
    """Take a withdrawn key into use again."""
    key = _key(request, pk)
    _demand_both(request, key.company_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        put_key_back(key=key, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"{key} can be used again.")
        return go_to(request, reverse("license-key", args=[key.pk]))
    return _answer(request, "put_key_back", form, key.entitlement, key=key)


@sensitive_variables("text")
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.SEE_KEYS)
def show(request: ScopedRequest, pk: int) -> HttpResponse:
    """Show what a key says, once asked for it: that it was shown is written first."""
    key = _key(request, pk)
    request.scope.demand(Capability.SEE_KEYS, key.company_id)
    form = ShowKeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            text = reveal_key(key=key, by=request.user)
        except (KeyWithdrawn, Unreadable) as refused:
            form.add_error(None, f"{key} cannot be shown. {refused}")
        else:
            return _shown(request, key, text)
    return _answer(request, "show_key", form, key.entitlement, key=key)


@sensitive_variables("text")
def _shown(request: ScopedRequest, key: LicenseKey, text: str) -> HttpResponse:
    is_dialog = "HX-Request" in request.headers
    response = render(
        request,
        "entitlements/key_shown.html",
        {
            "layout": f"common/layouts/{'dialog' if is_dialog else 'page'}.html",
            "key": key,
            "entitlement": key.entitlement,
            "text": text,
            "seconds": SECONDS_SHOWN,
            "back": reverse("license-key", args=[key.pk]),
            "is_dialog": is_dialog,
        },
    )
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["HX-Request"])
    return response


def _answer(
    request: ScopedRequest, template: str, form: Any, license: Entitlement, **context: Any
) -> HttpResponse:
    back = reverse("entitlement", args=[license.pk])
    return dialog_or_page(
        request,
        f"entitlements/{template}.html",
        form,
        entitlement=license,
        back=f"{back}#license-keys",
        **context,
    )


def _demand_both(request: ScopedRequest, company_id: int) -> None:
    request.scope.demand(Capability.SEE_KEYS, company_id)
    request.scope.demand(Capability.MANAGE, company_id)


def _license(request: ScopedRequest, pk: int) -> Entitlement:
    visible = Entitlement.objects.licenses().visible_to(request.scope.whole)
    return get_object_or_404(visible.select_related("model", "definition", "company"), pk=pk)


def _key(request: ScopedRequest, pk: int) -> Any:
    visible = LicenseKey.objects.visible_to(request.scope.whole)
    key = get_object_or_404(visible.select_related("entitlement__model", "company"), pk=pk)
    return keys_of(key.entitlement).select_related("entitlement__model", "company").get(pk=key.pk)
