"""People of companies: who they are, and what they use."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ScopedRequest, needs
from accounts.choosing import DEPARTMENTS, PEOPLE
from accounts.filters import ChosenFilter
from accounts.forms import PersonForm
from accounts.models import Person
from accounts.roles import Capability
from accounts.services import IsTheirOwnManager, save_person
from allocation.tracking import held_by, licenses_held
from common.lists import Chip, Column, RecordList, View
from common.locks import CompanyIsBusy
from common.shown import Linked, State, Tone, day_text
from common.stories import shown_story
from deployments.models import Deployment, Device, Subscription
from deployments.queries import has_devices_or_subscriptions, people_using
from deployments.views.devices import DeviceList
from deployments.views.installations import InstallationList, SubscriptionList
from deployments.views.shared import asking, of_company, scope_of_list


class PersonFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[("active", "Active"), ("inactive", "Inactive")],
        empty_label="Any state",
        method="filter_state",
    )
    department = ChosenFilter(label="Department", source=DEPARTMENTS)
    manager = ChosenFilter(label="Manager", source=PEOPLE, queryset=of_company(Person))
    deployment = django_filters.ModelChoiceFilter(
        label="Users of", queryset=of_company(Deployment), method="filter_deployment"
    )

    def filter_state(self, found: Any, name: str, value: str) -> Any:
        today = timezone.localdate()
        is_inactive = Q(inactive_on__lte=today)
        return (
            found.filter(is_inactive)
            if value == "inactive"
            else found.filter(Q(inactive_on=None) | Q(inactive_on__gt=today))
        )

    def filter_deployment(self, found: Any, name: str, deployment: Deployment) -> Any:
        return found.filter(pk__in=people_using(deployment))


class PersonList(RecordList[Person]):
    view = "people"
    name = "people"
    title = "People"
    noun, nouns = "person", "people"
    template = "deployments/person_list.html"
    filterset = PersonFilters
    chips = (
        Chip("Department", ["department"]),
        Chip("Manager", ["manager"]),
        Chip("State", ["state"], is_quiet=True),
        Chip("Users of", ["deployment"], is_quiet=True),
    )
    views = (
        View("All"),
        View("Active", {"state": "active"}),
        View("Inactive", {"state": "inactive"}),
    )
    search = ("name", "email")
    default_sort = "name"
    request: ScopedRequest

    def records(self) -> QuerySet[Person]:
        visible = Person.objects.visible_to(scope_of_list(self))
        return visible.select_related("company", "department", "manager")

    def make_columns(self) -> Sequence[Column]:
        return (*self._who(), *self._figures())

    def _who(self) -> Sequence[Column]:
        return (
            Column(name="name", label="Person", value=lambda p: p.name, sort="name"),
            Column(
                name="email",
                label="E-mail",
                value=lambda p: p.email,
                sort="email",
                is_across=True,
            ),
            Column(
                name="department",
                label="Department",
                value=lambda p: p.department and p.department.name,
                sort="department__name",
            ),
            Column(
                name="manager",
                label="Manager",
                value=lambda p: (
                    p.manager and Linked(p.manager.name, reverse("person", args=[p.manager_id]))
                ),
                sort="manager__name",
                rank=3,
            ),
            Column(
                name="company",
                label="Company",
                value=lambda p: p.company.name,
                sort="company__name",
                rank=3,
                is_chosen=len(self.request.scope.companies()) > 1,
            ),
            Column(name="state", label="State", value=shown_activity, sort="inactive_on", rank=1),
        )

    def _figures(self) -> Sequence[Column]:
        return (
            Column(
                name="devices",
                label="Devices",
                value=lambda p: p.number_of_devices,
                is_number=True,
            ),
            Column(
                name="subscriptions",
                label="Subscriptions",
                value=lambda p: p.number_of_subscriptions,
                is_number=True,
            ),
            Column(
                name="licenses",
                label="Licenses",
                value=lambda p: p.number_of_licenses,
                is_number=True,
                rank=1,
            ),
        )

    def attach(self, rows: Sequence[Any]) -> None:
        ids = [row.pk for row in rows]
        devices = _counted(Device, ids)
        subscriptions = _counted(Subscription, ids)
        licenses = licenses_held(of="person", ids=ids)
        for row in rows:
            row.number_of_devices = devices.get(row.pk, 0)
            row.number_of_subscriptions = subscriptions.get(row.pk, 0)
            row.number_of_licenses = licenses.get(row.pk, 0)

    def address(self, person: Person) -> str:
        return reverse("person", args=[person.pk])

    def is_ended(self, person: Person) -> bool:
        return is_inactive(person)

    def empty_state(self) -> dict[str, str]:
        state = {
            "title": "No people yet",
            "text": "People use devices and subscriptions, and hold licenses. Inventories bring"
            " them along; administrators enter them too.",
        }
        if self.request.scope.companies(Capability.ADMINISTER):
            state |= {"action": "Add a person", "address": reverse("add-person")}
        return state


def _counted(model: Any, people: Sequence[int]) -> dict[int, int]:
    """How many live devices, or subscriptions, each of some people has."""
    theirs = model.objects.filter(person__in=people, gone_on=None)
    return dict(theirs.order_by().values_list("person").annotate(number=Count("pk")))


def is_inactive(person: Person) -> bool:
    """Whether a person is not there any more."""
    return person.inactive_on is not None and person.inactive_on <= timezone.localdate()


def shown_activity(person: Person) -> State:
    """Whether a person is there, as a word with its tone."""
    if person.inactive_on is None:
        return State("Active", Tone.FINE)
    if person.inactive_on > timezone.localdate():
        return State(f"Until {day_text(person.inactive_on)}", Tone.SOON)
    return State(f"Inactive since {day_text(person.inactive_on)}", Tone.ENDED)


# --- Pages ---


@require_safe
@needs(Capability.READ)
def person_list(request: ScopedRequest) -> HttpResponseBase:
    return PersonList(
        request, may_add=bool(request.scope.companies(Capability.ADMINISTER))
    ).response()


@require_safe
@needs(Capability.READ)
def person_page(request: ScopedRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    theirs = asking(person=pk)
    held = list(held_by(person))
    has_something = held or has_devices_or_subscriptions(person)
    return render(
        request,
        "deployments/person.html",
        {
            "person": person,
            "state": shown_activity(person),
            "devices": DeviceList(request, parameters=theirs),
            "subscriptions": SubscriptionList(request, parameters=theirs),
            "installations": InstallationList(request, parameters=theirs),
            "reports": PersonList(request, parameters=asking(manager=pk)),
            "held": held,
            "is_left_with_something": is_inactive(person) and has_something,
            "story": shown_story(request, {"the person": person.history.all()}),
            "may_change": request.scope.may(Capability.ADMINISTER, person.company_id),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.ADMINISTER)
def add_person(request: ScopedRequest) -> HttpResponse:
    form = PersonForm(request.POST or None, scope=request.scope)
    if request.method == "POST" and (person := _saved(request, form)):
        messages.success(request, f"{person.name} was added.")
        return redirect("person", person.pk)
    return _form_page(request, form, title="Add a person", verb="Add the person")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.ADMINISTER)
def edit_person(request: ScopedRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    request.scope.demand(Capability.ADMINISTER, person.company_id)
    form = PersonForm(request.POST or None, instance=person, scope=request.scope.whole)
    if request.method == "POST" and _saved(request, form):
        messages.success(request, f"{person.name} was changed.")
        return redirect("person", person.pk)
    return _form_page(
        request, form, title="Change the person", verb="Save the changes", person=person
    )


def _person(request: ScopedRequest, pk: int) -> Person:
    visible = Person.objects.visible_to(request.scope.whole)
    return get_object_or_404(
        visible.select_related("company", "department", "manager", "user"), pk=pk
    )


def _saved(request: ScopedRequest, form: PersonForm) -> Person | None:
    """The person as saved; None where the form says why they were not."""
    if not form.is_valid():
        return None
    try:
        return save_person(
            form.save(commit=False), by=request.user, reason=form.cleaned_data["reason"]
        )
    except IsTheirOwnManager as refused:
        form.add_error("manager", str(refused))
    except CompanyIsBusy as busy:
        form.add_error(None, str(busy))
    return None


def _form_page(request: ScopedRequest, form: PersonForm, **context: Any) -> HttpResponse:
    return render(
        request,
        "deployments/person_form.html",
        {"form": form, **context},
        status=422 if form.errors else 200,
    )
