"""Pages on which many records of a list are changed at once, and such a change is undone."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html

from accounts.access import ScopedRequest
from accounts.at_once_forms import AtOnceForm
from accounts.roles import Capability
from common.at_once import (
    MOST_AT_ONCE,
    AlreadyUndone,
    Kind,
    NotAsShown,
    Plan,
    PlannedChange,
    change_at_once,
    plan_changes,
    records_to_change,
    undo_at_once,
)
from common.lists import RecordList
from common.locks import CompanyIsBusy
from common.models import ChangeAtOnce
from common.shown import count_of

SHOWN_CHANGES = 100


def change_page(
    request: ScopedRequest,
    records: RecordList[Any],
    kind: Kind,
    form_class: type[AtOnceForm],
    *,
    undo_view: str,
) -> HttpResponse:
    """
    Change the records of a list that its address asks for: a form, what would become of each, and
    then the change.

    :param undo_view: the name of the address where a change of this kind is undone
    """
    found = records.found if records.says_which_rows else records.found.none()
    ids = list(found.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    page = {"list": records, "kind": kind, "number": len(ids), "most": MOST_AT_ONCE}
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        return render(request, "common/at_once/nothing.html", page, status=400)
    form = form_class(
        request.POST or None, scope=request.scope, companies=_companies(request, kind, ids)
    )
    if request.method != "POST" or not form.is_valid() or "again" in request.POST:
        return _form(request, form, page)
    try:
        return _change_or_preview(request, records, kind, form, ids, undo_view=undo_view)
    except CompanyIsBusy as busy:
        form.add_error(None, str(busy))
        return _form(request, form, page)


def _change_or_preview(
    request: ScopedRequest,
    records: RecordList[Any],
    kind: Kind,
    form: AtOnceForm,
    ids: Sequence[int],
    *,
    undo_view: str,
) -> HttpResponse:
    companies = request.scope.whole.companies(Capability.MANAGE)
    wanted = form.wanted
    problem = ""
    if "shown" in request.POST:
        try:
            change = change_at_once(
                kind,
                ids=ids,
                wanted=wanted,
                companies=companies,
                by=request.user,
                reason=form.cleaned_data["reason"],
                shown=request.POST["shown"],
            )
        except NotAsShown as refused:
            problem, plan = str(refused), refused.plan
        else:
            messages.success(request, _done(kind, change, undo_view))
            return redirect(records.list_address)
    else:
        read = records_to_change(kind, ids, wanted)
        plan = plan_changes(kind, read, wanted, companies=companies)
    return _preview(request, records, kind, form, plan, problem=problem)


def _form(request: ScopedRequest, form: AtOnceForm, page: dict[str, Any]) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "common/at_once/form.html", {"form": form, **page}, status=status)


def _preview(
    request: ScopedRequest,
    records: RecordList[Any],
    kind: Kind,
    form: AtOnceForm,
    plan: Plan,
    *,
    problem: str,
) -> HttpResponse:
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("csrfmiddlewaretoken", "shown")
    ]
    return render(
        request,
        "common/at_once/preview.html",
        {
            "list": records,
            "kind": kind,
            "form": form,
            "plan": plan,
            "changed": _with_addresses(records, plan.changed[:SHOWN_CHANGES]),
            "not_shown": max(0, len(plan.changed) - SHOWN_CHANGES),
            "refused": _with_addresses(records, plan.refused[:SHOWN_CHANGES]),
            "sent": sent,
            "problem": problem,
        },
        status=409 if problem else 200,
    )


def _with_addresses(
    records: RecordList[Any], planned: Sequence[PlannedChange]
) -> list[tuple[str, PlannedChange]]:
    return [(records.address(each.record), each) for each in planned]


def _companies(request: ScopedRequest, kind: Kind, ids: Sequence[int]) -> frozenset[int]:
    """The companies of the records, of those in which the person may change something."""
    owners = kind.model._base_manager.filter(pk__in=ids).values_list("company", flat=True)
    return request.scope.whole.companies(Capability.MANAGE) & frozenset(owners)


def _done(kind: Kind, change: ChangeAtOnce, undo_view: str) -> str:
    number = count_of(len(change.records), kind.noun, kind.nouns)
    was = "was" if len(change.records) == 1 else "were"
    address = reverse(undo_view, args=[change.pk])
    return format_html('{} {} changed. <a href="{}">Undo</a>', number, was, address)


def undo_page(request: ScopedRequest, kind: Kind, pk: int, *, back: str) -> HttpResponse:
    """
    Ask whether a change is to be undone, and undo it. A person undoes their own.

    :param back: the address of the list
    """
    own = ChangeAtOnce.objects.filter(kind=kind.model._meta.label_lower, made_by=request.user)
    change = get_object_or_404(own, pk=pk)
    if request.method != "POST":
        return render(
            request,
            "common/at_once/undo.html",
            {"change": change, "kind": kind, "number": len(change.records), "back": back},
        )
    companies = request.scope.whole.companies(Capability.MANAGE)
    try:
        undone = undo_at_once(kind, change_id=change.pk, companies=companies, by=request.user)
    except (AlreadyUndone, CompanyIsBusy) as refused:
        messages.error(request, str(refused))
        return redirect(back)
    restored = count_of(undone.restored, kind.noun, kind.nouns)
    has = "has its former values" if undone.restored == 1 else "have their former values"
    messages.success(request, f"{restored} {has} again.{_left(undone.left)}")
    return redirect(back)


def _left(number: int) -> str:
    if not number:
        return ""
    return f" {number:,} stayed as they are, since somebody has changed them, or you may not."
