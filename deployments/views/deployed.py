"""Deployments: products in companies, by vendor, with what is licensed of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Collate, Concat, Lower
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.filters import ChosenFilter
from accounts.roles import Capability
from allocation.models import ProductNumbers
from allocation.tracking import licenses_tracking, with_uncovered
from allocation.views import product_use
from common.filters import DayFilter
from common.lists import Chip, Column, RecordList, View
from common.lists.asked_list import EXPORT, OPEN, SORT
from common.shown import Linked, State, Tone, count_of, show
from contracts.choosing import VENDORS
from contracts.models import Vendor
from deployments.models import Deployment, DiscoveredSoftware
from deployments.queries import models_found, versions_found
from deployments.views.installations import InstallationList
from deployments.views.people import PersonList
from deployments.views.shared import asking, nothing_found
from deployments.views.titles import TitleList

# Unfolding counts the installations of a product.
MOST_UNFOLDED = 20
# Vendors in their order, and in each its products. No name holds the character between.
BY_VENDOR_AND_PRODUCT = Collate(
    Concat(Lower("product__vendor__name"), Value("\x1f"), Lower("product__name")), "C"
)


class DeploymentFilters(django_filters.FilterSet):
    vendor = ChosenFilter(label="Vendor", field_name="product__vendor", source=VENDORS)
    licensed = django_filters.ChoiceFilter(
        label="Licensed",
        choices=[
            ("yes", "Tracked by a license"),
            ("no", "Tracked by no license"),
            ("unneeded", "Needs no license"),
        ],
        empty_label="Any",
        method="filter_licensed",
    )
    uncovered = django_filters.ChoiceFilter(
        label="Uncovered",
        choices=[("yes", "More deployed than covered")],
        method="filter_uncovered",
    )
    found = django_filters.ChoiceFilter(
        label="Found",
        choices=[("yes", "Found"), ("no", "Found no more"), ("totals", "Known by totals alone")],
        empty_label="Any",
        method="filter_found",
    )
    seen_from = DayFilter(label="from", field_name="last_seen_on", lookup_expr="gte")
    seen_until = DayFilter(label="until", field_name="last_seen_on", lookup_expr="lte")

    def filter_licensed(self, found: Any, name: str, value: str) -> Any:
        if value == "unneeded":
            return found.filter(needs_license=False)
        return found.filter(needs_license=True, is_tracked=value == "yes")

    def filter_uncovered(self, found: Any, name: str, value: str) -> Any:
        return found.filter(uncovered__gt=0)

    def filter_found(self, found: Any, name: str, value: str) -> Any:
        if value == "totals":
            return found.exclude(installs_reported_by="", users_reported_by="")
        is_there = Q(installs__gt=0) | Q(users__gt=0)
        return found.filter(is_there if value == "yes" else ~is_there)


@dataclass(frozen=True)
class Unfolding:
    """How many parts a row has, and the address that shows or hides them beneath it."""

    number: int
    key: int
    address: str
    is_open: bool


@show.register
def _(value: Unfolding) -> SafeString:
    return SafeString(render_to_string("deployments/parts/unfolding.html", {"of": value}).strip())


class DeploymentList(RecordList[Deployment]):
    """Products in companies. By vendor and product, vendors stand as headings between them."""

    view = "deployments"
    name = "deployments"
    title = "Deployments"
    noun, nouns = "product", "products"
    template = "deployments/deployment_list.html"
    filterset = DeploymentFilters
    chips = (
        Chip("Vendor", ["vendor"]),
        Chip("Licensed", ["licensed"]),
        Chip("Found", ["found"]),
        Chip("Last seen", ["seen_from", "seen_until"]),
        Chip("Uncovered", ["uncovered"], is_quiet=True),
    )
    views = (
        View("All"),
        View("Uncovered", {"uncovered": "yes"}),
        View("Tracked by no license", {"licensed": "no"}),
        View("Known by totals", {"found": "totals"}),
        View("Found no more", {"found": "no"}),
    )
    search = ("product__name", "product__vendor__name")
    default_sort = "product"
    request: ScopedRequest

    @property
    def is_the_page(self) -> bool:
        """Whether it is shown on its own page, rather than in a file or as a part of another."""
        return self.parameters is self.request.GET and EXPORT not in self.parameters

    @property
    def is_by_vendor(self) -> bool:
        """Whether vendors are headings; elsewhere they are a column."""
        sort = self.parameters.get(SORT) or self.default_sort
        return self.is_the_page and sort.removeprefix("-") == "product"

    def records(self) -> QuerySet[Deployment]:
        visible = Deployment.objects.visible_to(self.request.scope)
        return with_uncovered(visible).select_related("product__vendor", "company")

    def matching(self, word: str) -> Q:
        """A product is also found by what inventories call it."""
        titles = DiscoveredSoftware.objects.filter(
            company=OuterRef("company"),
            model__product=OuterRef("product"),
            name__icontains=word,
        )
        return super().matching(word) | Q(Exists(titles))

    def make_columns(self) -> Sequence[Column]:
        return (*self._what(), *self._figures(), *self._licensed())

    def _what(self) -> Sequence[Column]:
        return (
            Column(
                name="product",
                label="Product",
                value=lambda d: d.product.name,
                sort=BY_VENDOR_AND_PRODUCT,
            ),
            Column(
                name="vendor",
                label="Vendor",
                value=lambda d: d.product.vendor.name,
                sort="product__vendor__name",
                is_chosen=not self.is_by_vendor,
            ),
            Column(name="versions", label="Versions", value=self.unfolding),
            Column(
                name="company",
                label="Company",
                value=lambda d: d.company.name,
                sort="company__name",
                rank=3,
                is_chosen=len(self.request.scope.companies()) > 1,
            ),
        )

    def _figures(self) -> Sequence[Column]:
        return (
            Column(
                name="installs",
                label="Installs",
                value=lambda d: Linked(d.installs, _where_installed(d)),
                sort="installs",
                is_number=True,
                rank=1,
                total=Sum("installs"),
            ),
            Column(
                name="users",
                label="Users",
                value=lambda d: Linked(d.users, _who_uses(d)),
                sort="users",
                is_number=True,
                rank=1,
            ),
            Column(
                name="without_person",
                label="Without a person",
                value=lambda d: d.installs_without_person,
                sort="installs_without_person",
                is_number=True,
                is_chosen=False,
            ),
            Column(
                name="reported_by",
                label="Totals from",
                value=lambda d: d.installs_reported_by or d.users_reported_by,
                rank=3,
                is_chosen=False,
            ),
            Column(
                name="last_seen",
                label="Last seen",
                value=lambda d: d.last_seen_on,
                sort="last_seen_on",
            ),
        )

    def _licensed(self) -> Sequence[Column]:
        return (
            Column(name="licensed", label="Licensed by", value=shown_licenses, rank=1),
            Column(
                name="uncovered",
                label="Uncovered",
                value=shown_uncovered,
                sort="uncovered",
                is_number=True,
                rank=1,
            ),
        )

    def attach(self, rows: Sequence[Any]) -> None:
        ids = [row.pk for row in rows]
        licenses = licenses_tracking(ids)
        versions = versions_found(ids)
        for row in rows:
            row.licenses = licenses.get(row.pk, [])
            row.number_of_versions = versions.get(row.pk, 0)

    def address(self, deployment: Deployment) -> str:
        return reverse("deployment", args=[deployment.pk])

    def is_ended(self, deployment: Deployment) -> bool:
        return not deployment.installs and not deployment.users

    def empty_state(self) -> dict[str, str]:
        return nothing_found(self.request, "Nothing is deployed yet")

    # --- Vendors above the rows, versions beneath them ---

    @property
    def opened(self) -> list[int]:
        """The rows that are unfolded, by id."""
        asked = self.parameters.get(OPEN, "").split(",")
        return [int(key) for key in asked if key.isascii() and key.isdecimal()][:MOST_UNFOLDED]

    def unfolding(self, deployment: Any) -> Unfolding | Linked | None:
        """How many versions there are, and what shows them."""
        if not deployment.number_of_versions:
            return None
        if not self.is_the_page:
            return Linked(deployment.number_of_versions, f"{self.address(deployment)}#versions")
        is_open = deployment.pk in self.opened
        others = [key for key in self.opened if key != deployment.pk]
        opened = others if is_open else [*others, deployment.pk]
        return Unfolding(
            number=deployment.number_of_versions,
            key=deployment.pk,
            address=self.address_with(keep_page=True, **_opening(opened)),
            is_open=is_open,
        )

    @property
    def lines(self) -> Iterator[SafeString]:
        shown = [row.pk for row in self.page.rows]
        opened = [key for key in self.opened if key in shown]
        models = models_found(opened) if opened else {}
        vendor = None
        for row, line in zip(self.page.rows, super().lines, strict=True):
            if self.is_by_vendor and row.product.vendor != vendor:
                vendor = row.product.vendor
                yield self._heading(vendor)
            yield line
            if row.pk in models:
                yield self._beneath(row, models[row.pk])

    def _heading(self, vendor: Vendor) -> SafeString:
        return format_html(
            '<tr class="group"><th scope="rowgroup" colspan="{}">{}</th></tr>',
            len(self.shown_columns),
            vendor.name,
        )

    def _beneath(self, deployment: Deployment, models: Sequence[Any]) -> SafeString:
        context = {
            "deployment": deployment,
            "models": models,
            "columns": self.shown_columns[1:],
        }
        return SafeString(render_to_string("deployments/parts/unfolded.html", context))


def _where_installed(deployment: Deployment) -> str:
    """The address of the installs that are counted; of a mere total, of the page that says so."""
    if deployment.installs_reported_by:
        return reverse("deployment", args=[deployment.pk])
    return f"{reverse('installations')}?deployment={deployment.pk}&state=present"


def _who_uses(deployment: Deployment) -> str:
    """The address of the users that are counted; of a mere total, of the page that says so."""
    if deployment.users_reported_by:
        return reverse("deployment", args=[deployment.pk])
    return f"{reverse('people')}?deployment={deployment.pk}"


def _opening(keys: Sequence[int]) -> dict[str, str]:
    return {OPEN: ",".join(map(str, keys))} if keys else {}


def shown_licenses(deployment: Any) -> str | State | Linked:
    """Which licenses track a product, in words that lead to them."""
    if not deployment.licenses:
        if not deployment.needs_license:
            return "Needs no license"
        return State("No license", Tone.OVER) if deployment.uncovered else ""
    first, *others = deployment.licenses
    names = f"{first} and {count_of(len(others), 'other')}" if others else first
    return Linked(names, f"{reverse('deployment', args=[deployment.pk])}#licenses")


def shown_uncovered(deployment: Any) -> Linked | None:
    """What no license covers, which leads to how that comes about."""
    if deployment.uncovered is None:
        return None
    return Linked(deployment.uncovered, reverse("product-use", args=[deployment.pk]))


@require_safe
@needs(Capability.READ)
def deployment_list(request: ScopedRequest) -> HttpResponseBase:
    may_import = bool(request.scope.companies(Capability.ADMINISTER))
    return DeploymentList(request, may_import=may_import).response()


@require_safe
@needs(Capability.READ)
def deployment_page(request: ScopedRequest, pk: int) -> HttpResponse:
    """A product in a company: its versions, titles, devices and people, and what licenses it."""
    visible = with_uncovered(Deployment.objects.visible_to(request.scope.whole))
    deployment = get_object_or_404(visible.select_related("product__vendor", "company"), pk=pk)
    return render(
        request,
        "deployments/deployment.html",
        {
            "deployment": deployment,
            "numbers": ProductNumbers.objects.filter(deployment=deployment).order_by("metric"),
            "models": models_found([pk]).get(pk, []),
            "licenses": product_use.licenses_tracking(request, deployment),
            "titles": TitleList(request, parameters=asking(deployment=pk)),
            "installations": InstallationList(
                request, parameters=asking(deployment=pk, state="present", sort="device")
            ),
            "people": PersonList(request, parameters=asking(deployment=pk)),
        },
    )
