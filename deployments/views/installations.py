"""Lists of what is installed on devices, and of what is assigned to people."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpResponseBase, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.choosing import PEOPLE
from accounts.filters import ChosenFilter
from accounts.models import Person
from accounts.roles import Capability
from accounts.scope import Scope
from common.filters import DayFilter
from common.lists import Chip, Column, RecordList, View
from common.shown import Linked, State
from contracts.choosing import PRODUCTS
from contracts.models import SoftwareModel
from deployments.choosing import DEVICES
from deployments.models import (
    Deployment,
    Device,
    DiscoveredSoftware,
    Installation,
    Subscription,
    Usage,
)
from deployments.queries import installations_of
from deployments.views.shared import (
    GONE,
    OF_ONE_COMPANY,
    PRESENT,
    nothing_found,
    of_company,
    scope_of_list,
    shown_match,
    shown_presence,
)


class FoundFilters(django_filters.FilterSet):
    """What installations and subscriptions are both narrowed by."""

    state = django_filters.ChoiceFilter(
        label="State",
        choices=[(PRESENT, "Present"), (GONE, "Gone")],
        empty_label="Any state",
        method="filter_state",
    )
    day = DayFilter(label="Present on", method="filter_day")
    source = django_filters.CharFilter(label="Source", lookup_expr="iexact")
    deployment = django_filters.ModelChoiceFilter(
        label="Deployment", queryset=of_company(Deployment), method="filter_deployment"
    )
    model = django_filters.ModelChoiceFilter(
        label="Software model",
        field_name="software__model",
        queryset=SoftwareModel.objects.all(),
    )
    software = django_filters.ModelChoiceFilter(
        label="Title", queryset=of_company(DiscoveredSoftware)
    )
    product = ChosenFilter(label="Product", source=PRODUCTS, field_name="software__model__product")
    person = ChosenFilter(label="Person", source=PEOPLE, queryset=of_company(Person))

    def filter_state(self, found: Any, name: str, value: str) -> Any:
        return found.filter(gone_on__isnull=value == PRESENT)

    def filter_day(self, found: Any, name: str, day: date) -> Any:
        return found.filter(Q(gone_on=None) | Q(gone_on__gt=day), seen_on__lte=day)

    def filter_deployment(self, found: Any, name: str, deployment: Deployment) -> Any:
        return found.filter(installations_of(deployment))


class FoundRows:
    """
    What lists of installations and of subscriptions have in common.

    There may be millions. All of them come by the day on which they were found, as an index has
    them; where a page narrows them to something, by other columns too.
    """

    chips: ClassVar[Sequence[Chip]] = (
        Chip("Product", ["product"]),
        Chip("Person", ["person"]),
        Chip("Source", ["source"]),
        Chip("Present on", ["day"]),
        Chip("State", ["state"], is_quiet=True),
        Chip("Deployment", ["deployment"], is_quiet=True),
        Chip("Software model", ["model"], is_quiet=True),
        Chip("Title", ["software"], is_quiet=True),
    )
    views: ClassVar[Sequence[View]] = (
        View("All"),
        View("Present", {"state": PRESENT}),
        View("Gone", {"state": GONE}),
    )
    parameters: QueryDict

    @property
    def is_narrow(self) -> bool:
        return any(map(self.parameters.get, (*OF_ONE_COMPANY, "model", "product")))

    def narrow_sort(self, path: str) -> str | None:
        """What to sort a column by where there are not too many rows to sort."""
        return path if self.is_narrow else None

    def title_columns(self) -> Sequence[Column]:
        return (
            Column(
                name="title",
                label="Title",
                value=lambda found: Linked(
                    str(found.software), reverse("discovered-title", args=[found.software_id])
                ),
                sort=self.narrow_sort("software__name"),
                is_across=True,
                rank=1,
            ),
            Column(
                name="product",
                label="Product",
                value=self.product,
                sort=self.narrow_sort("software__model__product__name"),
                rank=1,
                is_chosen=not self.parameters.get("deployment"),
            ),
        )

    def product(self, found: Any) -> Linked | State | str:
        """The product that a title is taken for, which leads to its page in the company."""
        if found.software.model is None:
            return shown_match(found.software)
        return Linked(found.software.model.product.name, found.deployment_address)

    def day_columns(self, scope: Scope) -> Sequence[Column]:
        return (
            Column(name="state", label="State", value=self.state, rank=1),
            Column(
                name="source",
                label="Source",
                value=lambda found: found.source,
                rank=3,
                is_chosen=False,
            ),
            Column(name="since", label="Since", value=lambda found: found.seen_on, sort="seen_on"),
            Column(
                name="last_seen",
                label="Last seen",
                value=lambda found: found.last_seen_on,
                sort=self.narrow_sort("last_seen_on"),
            ),
            Column(
                name="last_used",
                label="Last used",
                value=lambda found: found.last_used_on,
                rank=3,
            ),
            Column(
                name="company",
                label="Company",
                value=lambda found: found.company.name,
                rank=3,
                is_chosen=len(scope.companies()) > 1 and not self.is_narrow,
            ),
        )

    def state(self, found: Any) -> State:
        return shown_presence(found.gone_on)

    def is_ended(self, found: Any) -> bool:
        return found.gone_on is not None


class InstallationFilters(FoundFilters):
    device = ChosenFilter(label="Device", source=DEVICES, queryset=of_company(Device))
    person = ChosenFilter(
        label="Person", source=PEOPLE, queryset=of_company(Person), method="filter_person"
    )

    def filter_person(self, found: Any, name: str, person: Person) -> Any:
        return found.filter(Q(person=person) | Q(person=None, device__person=person))


class InstallationList(FoundRows, RecordList[Installation]):
    """Titles on devices. Of one device, the title names a row."""

    view = "installations"
    name = "installations"
    title = "Installations"
    noun, nouns = "installation", "installations"
    template = "deployments/installation_list.html"
    filterset = InstallationFilters
    request: ScopedRequest
    chips = (Chip("Device", ["device"]), *FoundRows.chips)
    search = ("device__name", "software__name")
    default_sort = "-since"

    def records(self) -> QuerySet[Installation]:
        visible = Installation.objects.visible_to(scope_of_list(self))
        return visible.select_related(
            "company", "device__person", "person", "software__model__product"
        )

    def matching(self, word: str) -> Q:
        """Devices and titles that hold a word are found first: they are far fewer than rows."""
        companies = scope_of_list(self).companies()
        return Q(device__in=Device.objects.filter(company__in=companies, name__icontains=word)) | Q(
            software__in=DiscoveredSoftware.objects.filter(
                company__in=companies, name__icontains=word
            )
        )

    def make_columns(self) -> Sequence[Column]:
        device = Column(
            name="device",
            label="Device",
            value=lambda found: found.device.name,
            sort=self.narrow_sort("device__name"),
        )
        person = Column(
            name="person",
            label="Person",
            value=_person,
            is_chosen=not self.parameters.get("person"),
        )
        title, product = self.title_columns()
        if self.is_of_a_device:
            title = replace(title, value=lambda found: str(found.software))
            return (title, product, person, *self.day_columns(self.request.scope))
        return (device, title, product, person, *self.day_columns(self.request.scope))

    @property
    def is_of_a_device(self) -> bool:
        return bool(self.parameters.get("device"))

    def attach(self, rows: Sequence[Any]) -> None:
        attach_deployments(rows)
        attach_usage(rows, "device_id")

    def address(self, found: Installation) -> str:
        if self.is_of_a_device:
            return reverse("discovered-title", args=[found.software_id])
        return reverse("device", args=[found.device_id])

    def empty_state(self) -> dict[str, str]:
        return nothing_found(self.request, "No installation was found yet")


def _person(found: Installation) -> Linked | None:
    """Who uses an installation: who the source says, else whoever has the device."""
    person = found.person or found.device.person
    return None if person is None else Linked(person.name, reverse("person", args=[person.pk]))


class SubscriptionList(FoundRows, RecordList[Subscription]):
    """Titles that are assigned to people."""

    view = "subscriptions"
    name = "subscriptions"
    title = "Subscriptions"
    noun, nouns = "subscription", "subscriptions"
    template = "deployments/installation_list.html"
    filterset = FoundFilters
    request: ScopedRequest
    search = ("person__name", "software__name")
    default_sort = "-since"

    def records(self) -> QuerySet[Subscription]:
        visible = Subscription.objects.visible_to(scope_of_list(self))
        return visible.select_related("company", "person", "software__model__product")

    def matching(self, word: str) -> Q:
        """People and titles that hold a word are found first: they are far fewer than rows."""
        companies = scope_of_list(self).companies()
        return Q(person__in=Person.objects.filter(company__in=companies, name__icontains=word)) | Q(
            software__in=DiscoveredSoftware.objects.filter(
                company__in=companies, name__icontains=word
            )
        )

    def make_columns(self) -> Sequence[Column]:
        person = Column(
            name="person",
            label="Person",
            value=lambda found: found.person.name,
            sort=self.narrow_sort("person__name"),
        )
        assigned = Column(
            name="assigned",
            label="Assigned",
            value=lambda found: found.assigned_on,
            sort=self.narrow_sort("assigned_on"),
            rank=3,
        )
        title, product = self.title_columns()
        if self.parameters.get("person"):
            title = replace(title, value=lambda found: str(found.software))
            return (title, product, assigned, *self.day_columns(self.request.scope))
        return (person, title, product, assigned, *self.day_columns(self.request.scope))

    def attach(self, rows: Sequence[Any]) -> None:
        attach_deployments(rows)
        attach_usage(rows, "person_id")

    def address(self, found: Subscription) -> str:
        if self.parameters.get("person"):
            return reverse("discovered-title", args=[found.software_id])
        return reverse("person", args=[found.person_id])

    def empty_state(self) -> dict[str, str]:
        return nothing_found(self.request, "No subscription was found yet")


def attach_deployments(rows: Iterable[Any]) -> None:
    """Set on installations or subscriptions where the page of their product is."""
    matched = [row for row in rows if row.software.model is not None]
    there = Deployment.objects.filter(
        company__in={row.company_id for row in matched},
        product__in={row.software.model.product_id for row in matched},
    )
    ids = {
        (company_id, product_id): pk
        for pk, company_id, product_id in there.values_list("pk", "company_id", "product_id")
    }
    for row in matched:
        deployment = ids[row.company_id, row.software.model.product_id]
        row.deployment_address = reverse("deployment", args=[deployment])


def attach_usage(rows: Iterable[Any], holder: str) -> None:
    """
    Set on installations or subscriptions the last day of use.

    :param holder: the column that names who holds the title: "device_id" or "person_id"
    """
    known = Usage.objects.filter(
        software__in={row.software_id for row in rows},
        **{f"{holder}__in": {getattr(row, holder) for row in rows}},
    )
    days = {
        (software, held_by): day
        for software, held_by, day in known.order_by("last_used_on").values_list(
            "software_id", holder, "last_used_on"
        )
    }
    for row in rows:
        row.last_used_on = days.get((row.software_id, getattr(row, holder)))


@require_safe
@needs(Capability.READ)
def installation_list(request: ScopedRequest) -> HttpResponseBase:
    return InstallationList(request).response()


@require_safe
@needs(Capability.READ)
def subscription_list(request: ScopedRequest) -> HttpResponseBase:
    return SubscriptionList(request).response()
