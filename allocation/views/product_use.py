"""License use by product: what is deployed, and how much of it which licenses cover."""

from collections.abc import Callable, Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet, Sum
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.models import Company
from accounts.roles import Capability
from allocation.models import Allocation, ProductNumbers
from allocation.queries import idle_cost, idle_money, products_used, trackers_of
from allocation.views.use_lists import UNLIMITED
from common.filters import AnyOfFilter
from common.lists import Chip, Column, RecordList, View
from common.shown import Linked
from contracts.models import Vendor
from deployments.models import Deployment, DeploymentMetric


def _companies(request: ScopedRequest) -> QuerySet[Company]:
    return Company.objects.visible_to(request.scope)


class ProductUseFilters(django_filters.FilterSet):
    metric = django_filters.ChoiceFilter(
        label="Metric", choices=DeploymentMetric.choices, empty_label=None
    )
    vendor = django_filters.ModelChoiceFilter(
        label="Vendor",
        field_name="deployment__product__vendor",
        queryset=Vendor.objects.all(),
        empty_label="Any vendor",
    )
    company = django_filters.ModelChoiceFilter(
        label="Company", queryset=_companies, empty_label="Any company"
    )
    use = AnyOfFilter(
        label="Use",
        choices=[
            ("uncovered", "Uncovered"),
            ("idle", "Under-used"),
            ("untracked", "Tracked by no license"),
        ],
        method="filter_use",
    )

    def filter_use(self, found: Any, name: str, wanted: Sequence[str]) -> Any:
        conditions = {
            "uncovered": {"uncovered__gt": 0},
            "idle": {"idle__gt": 0},
            "untracked": {"allocated": 0},
        }
        for each in wanted:
            found = found.filter(**conditions[each])
        return found


class ProductUseList(RecordList[ProductNumbers]):
    """What is deployed of each product, and how much of it licenses cover, in one metric."""

    view = "license-use"
    name = "license-use"
    title = "License use"
    noun, nouns = "product", "products"
    filterset = ProductUseFilters
    chips = (
        Chip("Use", ["use"]),
        Chip("Vendor", ["vendor"]),
        Chip("Company", ["company"]),
        Chip("Metric", ["metric"], is_quiet=True),
    )
    views = (
        View("By installs", switches="metric"),
        View("By users", {"metric": DeploymentMetric.USERS.value}, switches="metric"),
    )
    search = ("deployment__product__name", "deployment__product__vendor__name")
    default_sort = "-uncovered"
    request: ScopedRequest

    def __init__(self, request: ScopedRequest, **context: Any) -> None:
        asked = request.GET.get("metric", "")
        known = asked in DeploymentMetric.values
        self.metric = DeploymentMetric(asked) if known else DeploymentMetric.INSTALLS
        super().__init__(request, **context)

    def records(self) -> QuerySet[ProductNumbers]:
        return products_used(self.request.scope, self.metric)

    def make_columns(self) -> Sequence[Column]:
        return (*self._what(), *self._figures())

    def _what(self) -> Sequence[Column]:
        return (
            Column(
                name="product",
                label="Product",
                value=lambda row: row.deployment.product.name,
                sort="deployment__product__name",
            ),
            Column(
                name="vendor",
                label="Vendor",
                value=lambda row: row.deployment.product.vendor.name,
                sort="deployment__product__vendor__name",
            ),
            Column(
                name="company",
                label="Company",
                value=lambda row: row.company.name,
                sort="company__name",
                rank=3,
                is_chosen=len(self.request.scope.companies()) > 1,
            ),
        )

    def _figures(self) -> Sequence[Column]:
        return (
            self._figure("deployed", "Deployed", self._where_found, rank=1),
            self._figure("allocated", "Allocated", self._trackers, rank=1),
            self._figure("covered", "Covered", self._trackers, is_chosen=False),
            self._figure("uncovered", "Uncovered", self.address, rank=1),
            self._figure("idle", "Under-used", self._trackers, rank=1),
            Column(
                name="idle_cost",
                label="Cost of what is under-used",
                value=lambda row: row.idle_cost,
                sort=idle_cost(),
                empty_is_smallest=True,
                is_number=True,
            ),
        )

    def _figure(
        self, name: str, label: str, leads_to: Callable[[ProductNumbers], str], **options: Any
    ) -> Column:
        """A figure that leads to the rows behind it, where there are any."""

        def shown(row: ProductNumbers) -> Linked | int:
            units: int = getattr(row, name)
            return Linked(units, leads_to(row)) if units else units

        return Column(
            name=name,
            label=label,
            value=shown,
            sort=name,
            is_number=True,
            total=Sum(name),
            **options,
        )

    def _where_found(self, row: ProductNumbers) -> str:
        return where_found(row.deployment, self.metric)

    def _trackers(self, row: ProductNumbers) -> str:
        return f"{self.address(row)}?metric={self.metric}"

    def attach(self, rows: Sequence[Any]) -> None:
        costs = idle_money([row.deployment_id for row in rows], self.metric)
        for row in rows:
            row.idle_cost = " + ".join(str(cost) for cost in costs.get(row.deployment_id, []))

    def address(self, record: ProductNumbers) -> str:
        return reverse("product-use", args=[record.deployment_id])

    def empty_state(self) -> dict[str, str]:
        return {
            "title": "Nothing is deployed or tracked yet",
            "text": "As soon as an inventory finds a product, or a license tracks one, it stands"
            " here with what is allocated, uncovered and under-used.",
        }


def where_found(deployment: Deployment, metric: str) -> str:
    """Where the devices that have a product stand, or the people who use it."""
    if metric == DeploymentMetric.USERS:
        return f"{reverse('people')}?deployment={deployment.pk}"
    return f"{reverse('installations')}?deployment={deployment.pk}&state=present"


@require_safe
@needs(Capability.READ)
def license_use(request: ScopedRequest) -> HttpResponseBase:
    """By product: what is deployed, and how much of it licenses cover."""
    return ProductUseList(request).response()


# --- One product in a company ---


class TrackerFilters(django_filters.FilterSet):
    metric = django_filters.ChoiceFilter(
        label="Metric", choices=DeploymentMetric.choices, empty_label="Any metric"
    )


class TrackerList(RecordList[Allocation]):
    """The licenses that track a deployment, in the order in which they do."""

    view = "product-use"
    name = "product-use"
    title = "Licenses that track it"
    noun, nouns = "license", "licenses"
    template = "allocation/uses/product.html"
    filterset = TrackerFilters
    chips = (Chip("Metric", ["metric"]),)
    search = ("entitlement__model__name", "entitlement__asset_tag", "notes")
    numbered = {"E": ("entitlement",)}
    default_sort = "since"

    def __init__(
        self,
        request: ScopedRequest,
        *,
        deployment: Deployment,
        parameters: QueryDict | None = None,
        **context: Any,
    ) -> None:
        self.deployment = deployment
        super().__init__(request, parameters=parameters, deployment=deployment, **context)

    def records(self) -> QuerySet[Allocation]:
        return trackers_of(self.deployment)

    def make_columns(self) -> Sequence[Column]:
        return (
            Column(
                name="license",
                label="License",
                value=lambda use: str(use.entitlement),
                sort="entitlement__model__name",
            ),
            Column(
                name="metric",
                label="Metric",
                value=lambda use: use.get_metric_display(),
                sort="metric",
                rank=1,
            ),
            Column(
                name="quantity",
                label="Allocated",
                value=lambda use: UNLIMITED if use.is_unlimited else use.quantity,
                sort="quantity",
                is_number=True,
                rank=1,
            ),
            Column(
                name="consumed",
                label="Consumed",
                value=lambda use: use.consumed,
                sort="consumed",
                is_number=True,
                total=Sum("consumed"),
            ),
            Column(
                name="deployed",
                label="Deployed",
                value=lambda use: use.deployed,
                sort="deployed",
                is_number=True,
                total=Sum("deployed"),
            ),
            Column(name="idle", label="Idle", value=lambda use: use.idle, is_number=True),
            Column(
                name="available",
                label="Available of the license",
                value=_available,
                sort="entitlement__numbers__available",
                is_number=True,
            ),
            Column(name="notes", label="Notes", value=lambda use: use.notes, is_long=True, rank=3),
            Column(name="since", label="Since", value=lambda use: use.made_on, sort="pk", rank=3),
        )

    @property
    def whole_address(self) -> str:
        return reverse(self.view, args=[self.deployment.pk])

    def address(self, record: Allocation) -> str:
        return reverse("entitlement", args=[record.entitlement_id])

    def empty_state(self) -> dict[str, str]:
        return {
            "title": "No license tracks it",
            "text": "Open a license that grants its use, and press Track Deployment there.",
        }


def _available(use: Any) -> int | str:
    available: int | None = use.entitlement.numbers.available
    return UNLIMITED if available is None else available


def licenses_tracking(request: ScopedRequest, deployment: Deployment) -> TrackerList:
    """The licenses that track a deployment, for a page of it (``common/part_list.html``)."""
    return TrackerList(request, deployment=deployment, parameters=QueryDict())


@require_safe
@needs(Capability.READ)
def product_use(request: ScopedRequest, pk: int) -> HttpResponseBase:
    """A product in a company: how much of it is covered, and by which licenses."""
    visible = Deployment.objects.visible_to(request.scope.whole)
    deployment = get_object_or_404(visible.select_related("product__vendor", "company"), pk=pk)
    numbers = ProductNumbers.objects.filter(deployment=deployment).order_by("metric")
    figures = [(each, where_found(deployment, each.metric)) for each in numbers]
    return TrackerList(request, deployment=deployment, figures=figures).response()
