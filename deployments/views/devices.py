"""Devices: what runs on them, who has them, and what people keep of them."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ScopedRequest, needs
from accounts.choosing import COST_CENTRES, DEPARTMENTS, LOCATIONS, PEOPLE
from accounts.filters import ChosenFilter
from accounts.models import Person
from accounts.roles import Capability
from allocation.tracking import held_by
from common.filters import AnyOfFilter, DayFilter
from common.lists import Chip, Column, RecordList, View
from common.locks import CompanyIsBusy
from common.shown import Linked, State
from common.stories import shown_story
from deployments.choosing import DEVICES
from deployments.device_forms import DeviceForm
from deployments.devices import RunsOnItself, save_device
from deployments.models import Device, DeviceKind, Installation
from deployments.views.installations import InstallationList
from deployments.views.shared import (
    GONE,
    PRESENT,
    asking,
    nothing_found,
    of_company,
    scope_of_list,
    shown_presence,
)


class DeviceFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[(PRESENT, "Present"), (GONE, "Gone")],
        empty_label="Any state",
        method="filter_state",
    )
    kind = AnyOfFilter(label="Kind", choices=DeviceKind.choices)
    department = ChosenFilter(label="Department", source=DEPARTMENTS)
    location = ChosenFilter(label="Location", source=LOCATIONS)
    cost_centre = ChosenFilter(label="Cost centre", source=COST_CENTRES)
    lacks = django_filters.ChoiceFilter(
        label="Lacks",
        choices=[("person", "A person"), ("processors", "Processors and cores")],
        empty_label="Nothing asked",
        method="filter_lacks",
    )
    seen_from = DayFilter(label="from", field_name="last_seen_on", lookup_expr="gte")
    seen_until = DayFilter(label="until", field_name="last_seen_on", lookup_expr="lte")
    person = ChosenFilter(label="Used by", source=PEOPLE, queryset=of_company(Person))
    host = ChosenFilter(label="Runs on", source=DEVICES, queryset=of_company(Device))
    cluster = django_filters.CharFilter(label="Cluster", lookup_expr="iexact")

    def filter_state(self, found: Any, name: str, value: str) -> Any:
        return found.filter(gone_on__isnull=value == PRESENT)

    def filter_lacks(self, found: Any, name: str, value: str) -> Any:
        if value == "person":
            return found.filter(person=None)
        return found.filter(Q(processors=None) | Q(cores=None))


class DeviceList(RecordList[Device]):
    view = "devices"
    name = "devices"
    title = "Devices"
    noun, nouns = "device", "devices"
    filterset = DeviceFilters
    chips = (
        Chip("Kind", ["kind"]),
        Chip("Used by", ["person"]),
        Chip("Department", ["department"]),
        Chip("Location", ["location"]),
        Chip("Cost centre", ["cost_centre"]),
        Chip("Last seen", ["seen_from", "seen_until"]),
        Chip("Lacks", ["lacks"]),
        Chip("State", ["state"], is_quiet=True),
        Chip("Runs on", ["host"], is_quiet=True),
        Chip("Cluster", ["cluster"], is_quiet=True),
    )
    views = (
        View("All"),
        View("Present", {"state": PRESENT}),
        View("Without a person", {"state": PRESENT, "lacks": "person"}),
        View("Virtual", {"kind": DeviceKind.VIRTUAL.value}),
        View("Gone", {"state": GONE}),
    )
    search = ("name", "serial_number", "person__name")
    default_sort = "name"
    change_view = "change-devices"
    is_selectable = True
    request: ScopedRequest

    def records(self) -> QuerySet[Device]:
        visible = Device.objects.visible_to(scope_of_list(self))
        return visible.select_related(
            "company", "person", "department", "location", "cost_centre", "host"
        )

    def make_columns(self) -> Sequence[Column]:
        return (*self._what(), *self._whose(), *self._hardware(), *self._days())

    def _what(self) -> Sequence[Column]:
        return (
            Column(name="name", label="Device", value=lambda d: d.name, sort="name"),
            Column(name="kind", label="Kind", value=lambda d: d.get_kind_display(), sort="kind"),
            Column(
                name="operating_system",
                label="Operating system",
                value=lambda d: d.operating_system,
                sort="operating_system",
                rank=3,
            ),
            Column(
                name="serial",
                label="Serial number",
                value=lambda d: d.serial_number,
                sort="serial_number",
                is_chosen=False,
            ),
        )

    def _whose(self) -> Sequence[Column]:
        return (
            Column(
                name="person",
                label="Used by",
                value=lambda d: (
                    d.person and Linked(d.person.name, reverse("person", args=[d.person_id]))
                ),
                sort="person__name",
            ),
            self._named("department", "Department", rank=3),
            self._named("location", "Location", rank=3),
            self._named("cost_centre", "Cost centre", is_chosen=False),
            self._named(
                "company",
                "Company",
                rank=3,
                is_chosen=len(self.request.scope.companies()) > 1,
            ),
        )

    def _named(self, field: str, label: str, **options: Any) -> Column:
        """A column with the name of a record that the device refers to."""

        def name_of(device: Any) -> str | None:
            named = getattr(device, field)
            return named and named.name

        return Column(name=field, label=label, value=name_of, sort=f"{field}__name", **options)

    def _hardware(self) -> Sequence[Column]:
        return (
            Column(
                name="processors",
                label="Processors",
                value=lambda d: d.processors,
                sort="processors",
                is_number=True,
                is_chosen=False,
            ),
            Column(
                name="cores",
                label="Cores",
                value=lambda d: d.cores,
                sort="cores",
                is_number=True,
                rank=3,
            ),
            Column(
                name="host",
                label="Runs on",
                value=lambda d: d.host and Linked(d.host.name, self.address(d.host)),
                sort="host__name",
                is_chosen=False,
            ),
            Column(
                name="cluster",
                label="Cluster",
                value=lambda d: d.cluster,
                sort="cluster",
                is_chosen=False,
            ),
            Column(
                name="cloud", label="Cloud", value=lambda d: d.cloud, sort="cloud", is_chosen=False
            ),
        )

    def _days(self) -> Sequence[Column]:
        return (
            Column(
                name="titles",
                label="Titles",
                value=lambda d: Linked(
                    d.number_of_titles, f"{reverse('installations')}?device={d.pk}&state={PRESENT}"
                ),
                is_number=True,
                rank=1,
            ),
            Column(name="state", label="State", value=self.state, sort="gone_on", rank=1),
            Column(
                name="last_seen",
                label="Last seen",
                value=lambda d: d.last_seen_on,
                sort="last_seen_on",
            ),
        )

    def state(self, device: Device) -> State:
        return shown_presence(device.gone_on)

    def attach(self, rows: Sequence[Any]) -> None:
        live = Installation.objects.filter(device__in=[row.pk for row in rows], gone_on=None)
        counted = live.order_by().values_list("device")
        numbers = dict(counted.annotate(number=Count("software", distinct=True)))
        for row in rows:
            row.number_of_titles = numbers.get(row.pk, 0)

    def may_change_rows(self) -> bool:
        return self.request.scope.may_anywhere(Capability.MANAGE)

    def address(self, device: Device) -> str:
        return reverse("device", args=[device.pk])

    def is_ended(self, device: Device) -> bool:
        return device.gone_on is not None

    def empty_state(self) -> dict[str, str]:
        return nothing_found(self.request, "No devices yet")


# --- Pages ---


@require_safe
@needs(Capability.READ)
def device_list(request: ScopedRequest) -> HttpResponseBase:
    return DeviceList(request).response()


@require_safe
@needs(Capability.READ)
def device_page(request: ScopedRequest, pk: int) -> HttpResponse:
    device = _device(request, pk)
    return render(
        request,
        "deployments/device.html",
        {
            "device": device,
            "state": shown_presence(device.gone_on),
            "installations": InstallationList(request, parameters=asking(device=pk)),
            "guests": DeviceList(request, parameters=asking(host=pk)),
            "held": list(held_by(device)),
            "story": shown_story(request, {"the device": device.history.all()}),
            "may_change": request.scope.may(Capability.MANAGE, device.company_id),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def edit_device(request: ScopedRequest, pk: int) -> HttpResponse:
    device = _device(request, pk)
    request.scope.demand(Capability.MANAGE, device.company_id)
    form = DeviceForm(request.POST or None, instance=device)
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        messages.success(request, f"{device.name} was changed.")
        return redirect("device", device.pk)
    return render(
        request,
        "deployments/device_form.html",
        {
            "form": form,
            "device": device,
            "title": f"Change {device.name}",
            "verb": "Save the changes",
        },
        status=422 if form.errors else 200,
    )


def _device(request: ScopedRequest, pk: int) -> Device:
    visible = Device.objects.visible_to(request.scope.whole)
    related = visible.select_related(
        "company", "person", "department", "location", "cost_centre", "host"
    )
    return get_object_or_404(related, pk=pk)


def _saved(request: ScopedRequest, form: DeviceForm) -> bool:
    """Whether the device was saved; where it was not, the form says why."""
    reason = form.cleaned_data["reason"]
    try:
        save_device(form.save(commit=False), by=request.user, reason=reason)
    except RunsOnItself as refused:
        form.add_error("host", str(refused))
        return False
    except CompanyIsBusy as busy:
        form.add_error(None, str(busy))
        return False
    return True
