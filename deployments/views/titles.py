"""Software as inventories found it, and which software models the rules make of it."""

from collections.abc import Sequence

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from common.filters import DayFilter
from common.lists import Chip, Column, RecordList, View
from contracts.models import DiscoveryMap, SoftwareModel
from deployments.models import Deployment, DiscoveredSoftware, Installation
from deployments.views.shared import of_company, scope_of_list, shown_match

MATCHES = {
    "unmatched": ("Unmatched", Q(rule=None)),
    "matched": ("Matched", Q(model__isnull=False)),
    "left-out": ("Left out", Q(rule__isnull=False, model=None)),
}


class TitleFilters(django_filters.FilterSet):
    match = django_filters.ChoiceFilter(
        label="Match",
        choices=[(name, label) for name, (label, _) in MATCHES.items()],
        empty_label="Any",
        method="matching",
    )
    publisher = django_filters.CharFilter(label="Publisher", lookup_expr="icontains")
    rule = django_filters.ModelChoiceFilter(
        label="Rule", queryset=DiscoveryMap.objects.all(), empty_label="Any rule"
    )
    model = django_filters.ModelChoiceFilter(
        label="Software model", queryset=SoftwareModel.objects.all(), empty_label="Any model"
    )
    deployment = django_filters.ModelChoiceFilter(
        label="Product", queryset=of_company(Deployment), method="filter_deployment"
    )
    first_seen_from = DayFilter(label="from", field_name="seen_on", lookup_expr="gte")
    first_seen_until = DayFilter(label="until", field_name="seen_on", lookup_expr="lte")

    def matching(
        self, titles: QuerySet[DiscoveredSoftware], _name: str, value: str
    ) -> QuerySet[DiscoveredSoftware]:
        return titles.filter(MATCHES[value][1])

    def filter_deployment(
        self, titles: QuerySet[DiscoveredSoftware], _name: str, deployment: Deployment
    ) -> QuerySet[DiscoveredSoftware]:
        return titles.filter(company=deployment.company_id, model__product=deployment.product_id)


class TitleList(RecordList[DiscoveredSoftware]):
    view = "discovered-titles"
    name = "discovered-titles"
    title = "Software found"
    noun, nouns = "title", "titles"
    template = "deployments/title_list.html"
    filterset = TitleFilters
    chips = (
        Chip("Publisher", ["publisher"]),
        Chip("First seen", ["first_seen_from", "first_seen_until"]),
        Chip("Match", ["match"], is_quiet=True),
        Chip("Rule", ["rule"], is_quiet=True),
        Chip("Software model", ["model"], is_quiet=True),
        Chip("Product", ["deployment"], is_quiet=True),
    )
    views = (
        View("All"),
        *(View(label, {"match": name}) for name, (label, _) in MATCHES.items()),
    )
    search = ("name", "publisher", "version", "tag")
    default_sort = "-installs"
    request: ScopedRequest

    def records(self) -> QuerySet[DiscoveredSoftware]:
        visible = DiscoveredSoftware.objects.visible_to(scope_of_list(self))
        return visible.select_related("company", "model", "rule")

    def make_columns(self) -> Sequence[Column]:
        several = len(self.request.scope.companies()) > 1
        return (
            Column(name="name", label="Title", value=lambda t: t.name, sort="name"),
            Column(
                name="publisher",
                label="Publisher",
                value=lambda t: t.publisher,
                sort="publisher",
            ),
            Column(name="version", label="Version", value=lambda t: t.version, sort="version"),
            Column(
                name="edition",
                label="Edition",
                value=lambda t: t.edition,
                rank=3,
                is_chosen=False,
            ),
            Column(
                name="platform",
                label="Platform",
                value=lambda t: t.platform,
                rank=3,
                is_chosen=False,
            ),
            Column(
                name="company",
                label="Company",
                value=lambda t: t.company.name,
                sort="company__name",
                rank=3,
                is_chosen=several,
            ),
            Column(name="is", label="Counts as", value=shown_match, rank=1),
            Column(
                name="installs",
                label="Installs",
                value=lambda t: t.installs,
                sort="installs",
                is_number=True,
            ),
            Column(
                name="users", label="Users", value=lambda t: t.users, sort="users", is_number=True
            ),
            Column(name="seen", label="First seen", value=lambda t: t.seen_on, sort="seen_on"),
        )

    def address(self, title: DiscoveredSoftware) -> str:
        return reverse("discovered-title", args=[title.pk])

    def empty_state(self) -> dict[str, str]:
        state = {
            "title": "No software found yet",
            "text": "What inventories find stands here as they call it, and which software model"
            " it is.",
        }
        if self.request.scope.may_anywhere(Capability.ADMINISTER):
            state |= {"action": "Import an inventory", "address": reverse("add-inventory")}
        return state


@require_safe
@needs(Capability.READ)
def title_list(request: ScopedRequest) -> HttpResponseBase:
    return TitleList(
        request, may_administer=request.scope.may_anywhere(Capability.ADMINISTER)
    ).response()


@require_safe
@needs(Capability.READ)
def title_page(request: ScopedRequest, pk: int) -> HttpResponse:
    """A title as it was found, and what it is taken for."""
    visible = DiscoveredSoftware.objects.visible_to(request.scope.whole)
    title = get_object_or_404(
        visible.select_related("company", "model__product__vendor", "rule"), pk=pk
    )
    return render(
        request,
        "deployments/title.html",
        {
            "title": title,
            "match": shown_match(title),
            "installations": _installations(title),
            "may_administer": request.scope.may_anywhere(Capability.ADMINISTER),
        },
    )


MOST_SHOWN = 20


def _installations(title: DiscoveredSoftware) -> QuerySet[Installation]:
    live = title.installations.filter(gone_on=None).select_related("device", "person")
    return live.order_by("-last_seen_on", "pk")[:MOST_SHOWN]
