"""The rules of discovery: the list, one rule, a new one with its preview, and withdrawing one."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from common.dialogs import dialog_or_page, go_to
from common.forms import ReasonForm
from common.lists import Chip, Column, RecordList, View
from common.locks import CompanyIsBusy
from common.shown import State, Tone
from common.stories import shown_story
from contracts.discovery import PATTERNS, patterns_for
from contracts.models import DiscoveryMap
from deployments.forms import RuleForm
from deployments.matching import RulesAreInUse
from deployments.models import DiscoveredSoftware
from deployments.services import RulePreview, RuleRefused, add_rule, preview_rule, withdraw_rule
from deployments.views.titles import TitleList


class RuleFilters(django_filters.FilterSet):
    in_force = django_filters.ChoiceFilter(
        label="State",
        choices=[("yes", "In force"), ("no", "Withdrawn")],
        empty_label="Any",
        method="by_state",
    )

    def by_state(
        self, rules: QuerySet[DiscoveryMap], _name: str, value: str
    ) -> QuerySet[DiscoveryMap]:
        return rules.filter(withdrawn_at__isnull=value == "yes")


class RuleList(RecordList[DiscoveryMap]):
    view = "discovery-rules"
    name = "discovery-rules"
    title = "Rules of discovery"
    noun, nouns = "rule", "rules"
    template = "deployments/rule_list.html"
    filterset = RuleFilters
    chips = (Chip("State", ["in_force"], is_quiet=True),)
    views = (
        View("All"),
        View("In force", {"in_force": "yes"}),
        View("Withdrawn", {"in_force": "no"}),
    )
    search = ("name", "publisher", "model__name", "reason")
    default_sort = "name"
    request: ScopedRequest

    def records(self) -> QuerySet[DiscoveryMap]:
        return DiscoveryMap.objects.select_related("model__product__vendor", "made_by")

    def make_columns(self) -> Sequence[Column]:
        return (
            Column(name="name", label="Found as", value=lambda r: r.name, sort="name"),
            Column(
                name="publisher", label="Publisher", value=lambda r: r.publisher, sort="publisher"
            ),
            Column(name="version", label="Version", value=lambda r: r.version, sort="version"),
            Column(
                name="is",
                label="Counts as",
                value=lambda r: str(r.model) if r.model else "Nothing to be counted",
                sort="model__name",
                rank=1,
            ),
            Column(name="state", label="State", value=shown_state, rank=1),
            Column(name="titles", label="Titles", value=lambda r: r.title_count, is_number=True),
            Column(name="by", label="By", value=lambda r: str(r.made_by or "The system"), rank=3),
            Column(name="made", label="Made", value=lambda r: r.made_at, sort="made_at"),
            Column(name="reason", label="Reason", value=lambda r: r.reason, is_long=True, rank=3),
        )

    def attach(self, rows: Sequence[Any]) -> None:
        counted = (
            DiscoveredSoftware.objects.visible_to(self.request.scope)
            .filter(rule__in=[rule.pk for rule in rows])
            .order_by()
            .values_list("rule")
            .annotate(number=Count("pk"))
        )
        numbers = dict(counted)
        for rule in rows:
            rule.title_count = numbers.get(rule.pk, 0)

    def address(self, rule: DiscoveryMap) -> str:
        return reverse("discovery-rule", args=[rule.pk])

    def is_ended(self, rule: DiscoveryMap) -> bool:
        return rule.withdrawn_at is not None

    def empty_state(self) -> dict[str, str]:
        return {
            "title": "No rules yet",
            "text": "A rule says which software model it is that inventories call so. Begin with"
            " the unmatched software.",
            "action": "Unmatched software",
            "address": f"{reverse('discovered-titles')}?match=unmatched",
        }


def shown_state(rule: DiscoveryMap) -> State:
    if rule.withdrawn_at is None:
        return State("In force", Tone.FINE)
    return State("Withdrawn", Tone.ENDED)


# --- Pages ---


@require_safe
@needs(Capability.READ)
def rule_list(request: ScopedRequest) -> HttpResponseBase:
    return RuleList(
        request, may_administer=request.scope.may_anywhere(Capability.ADMINISTER)
    ).response()


@require_safe
@needs(Capability.READ)
def rule_page(request: ScopedRequest, pk: int) -> HttpResponse:
    rule = _rule(pk)
    return render(
        request,
        "deployments/rule.html",
        {
            "rule": rule,
            "patterns": [(name.capitalize(), getattr(rule, name)) for name in PATTERNS],
            "state": shown_state(rule),
            "titles": titles_of(request, rule),
            "may_withdraw": rule.withdrawn_at is None and may_withdraw(request, rule),
            "story": shown_story(request, {"the rule": rule.history.all()}),
        },
    )


def titles_of(request: ScopedRequest, rule: DiscoveryMap) -> TitleList:
    """The titles that meet a rule, for its page."""
    return TitleList(request, parameters=QueryDict(f"rule={rule.pk}"))


def may_withdraw(request: ScopedRequest, rule: DiscoveryMap) -> bool:
    """A rule holds for all companies: only who made it, or a superuser, takes it back."""
    scope = request.scope
    return scope.is_superuser or (
        rule.made_by_id == request.user.pk and scope.may_anywhere(Capability.ADMINISTER)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.ADMINISTER)
def add_discovery_rule(request: ScopedRequest) -> HttpResponse:
    """Make a rule, from a title that was found or from nothing; see first what it would do."""
    title = _title(request)
    form = RuleForm(request.POST or None, initial=_begin_with(title))
    preview = None
    if request.method == "POST" and form.is_valid():
        if "save" in request.POST and (made := _made(request, form)) is not None:
            return redirect("discovery-rule", made.pk)
        preview = _preview(request, form)
    return render(
        request,
        "deployments/add_rule.html",
        {"form": form, "title": title, "preview": preview},
        status=422 if form.errors else 200,
    )


def _begin_with(title: DiscoveredSoftware | None) -> dict[str, str]:
    if title is None:
        return {}
    patterns = patterns_for(title)
    product = " ".join(patterns["name"].replace("*", " ").split())
    return patterns | {"vendor": title.publisher, "product": product}


def _preview(request: ScopedRequest, form: RuleForm) -> RulePreview:
    return preview_rule(
        form.rule,
        new_model=form.new_model,
        companies=request.scope.whole.companies(),
        by=request.user,
    )


def _made(request: ScopedRequest, form: RuleForm) -> DiscoveryMap | None:
    try:
        rule = add_rule(form.rule, new_model=form.new_model, by=request.user)
    except (RuleRefused, RulesAreInUse, CompanyIsBusy) as refused:
        form.add_error(None, str(refused))
        return None
    messages.success(request, f"From now on, {rule} is {rule.model or 'left out of all counts'}.")
    return rule


def _title(request: ScopedRequest) -> DiscoveredSoftware | None:
    """The title that a rule begins with, as the address names it."""
    named = request.GET.get("title", "")
    if not (named.isascii() and named.isdecimal()):
        return None
    visible = DiscoveredSoftware.objects.visible_to(request.scope.whole)
    return get_object_or_404(visible.select_related("company"), pk=int(named[:18]))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.ADMINISTER)
def withdraw_discovery_rule(request: ScopedRequest, pk: int) -> HttpResponse:
    rule = _rule(pk)
    if not may_withdraw(request, rule):
        raise PermissionDenied("Only who made a rule, or a superuser, can withdraw it.")
    form = ReasonForm(request.POST or None)
    back = reverse("discovery-rule", args=[rule.pk])
    if request.method == "POST" and form.is_valid() and _withdrawn(request, rule, form):
        return go_to(request, back)
    return dialog_or_page(request, "deployments/withdraw_rule.html", form, rule=rule, back=back)


def _withdrawn(request: ScopedRequest, rule: DiscoveryMap, form: ReasonForm) -> bool:
    try:
        withdraw_rule(rule, by=request.user, reason=form.cleaned_data["reason"])
    except (RuleRefused, RulesAreInUse, CompanyIsBusy) as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, f"{rule} was withdrawn.")
    return True


def _rule(pk: int) -> DiscoveryMap:
    related = DiscoveryMap.objects.select_related("model__product__vendor", "made_by")
    return get_object_or_404(related, pk=pk)
