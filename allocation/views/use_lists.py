"""The list of what uses a license: deployments, reservations, people and devices."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet, Sum
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from allocation.models import Allocation, AllocationQuerySet, TargetKind
from allocation.queries import uses_of
from allocation.services import metric_warning
from common.filters import AnyOfFilter
from common.lists import Chip, Column, RecordList, View
from common.shown import State, Tone
from deployments.models import DeploymentMetric
from entitlements.models import Entitlement

UNLIMITED = "Unlimited"
LIVE, ENDED = "live", "ended"


class UseFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[(LIVE, "Live"), (ENDED, "Ended")],
        method="filter_state",
        empty_label="Any state",
    )
    target = AnyOfFilter(
        label="Allocated to",
        choices=[(kind.value, kind.label) for kind in TargetKind if kind != TargetKind.LICENSE],
        method="filter_target",
    )
    metric = django_filters.ChoiceFilter(
        label="Metric", choices=DeploymentMetric.choices, empty_label="Any metric"
    )

    def filter_state(self, found: Any, name: str, state: str) -> Any:
        return found.filter(ended_at__isnull=state == LIVE)

    def filter_target(self, found: AllocationQuerySet, name: str, kinds: Sequence[str]) -> Any:
        return found.given_to(kinds) if kinds else found


class UseList(RecordList[Allocation]):
    """What uses one license. Those that are live come in the order in which they were made."""

    view = "license-uses"
    name = "license-uses"
    title = "Allocations"
    noun, nouns = "allocation", "allocations"
    template = "allocation/uses/list.html"
    filterset = UseFilters
    chips = (
        Chip("State", ["state"], is_quiet=True),
        Chip("Allocated to", ["target"]),
        Chip("Metric", ["metric"]),
    )
    views = (View("All"), View("Live", {"state": LIVE}), View("Ended", {"state": ENDED}))
    search = (
        "deployment__product__name",
        "deployment__product__vendor__name",
        "reservation_label",
        "person__name",
        "person__email",
        "device__name",
        "notes",
    )
    numbered = {"A": ("pk",)}
    default_sort = "since"
    request: ScopedRequest

    def __init__(
        self,
        request: ScopedRequest,
        *,
        license: Entitlement,
        parameters: QueryDict | None = None,
        **context: Any,
    ) -> None:
        self.license = license
        self.may_change = request.scope.may(Capability.MANAGE, license.company_id)
        asked = request.GET if parameters is None else parameters
        self.shows_ended = asked.get("state") == ENDED
        super().__init__(
            request,
            parameters=parameters,
            entitlement=license,
            may_change=self.may_change,
            **context,
        )

    def records(self) -> QuerySet[Allocation]:
        return uses_of(self.license)

    def make_columns(self) -> Sequence[Column]:
        columns = (*self._what(), *self._figures(), *self._who(), *self._end())
        return (*columns, self._actions()) if self.may_change else columns

    def _what(self) -> Sequence[Column]:
        return (
            Column(name="target", label="Allocated to", value=_target),
            Column(
                name="kind",
                label="Kind",
                value=lambda use: use.target_kind.label,
                rank=3,
                is_chosen=False,
            ),
            Column(name="metric", label="Metric", value=self.metric, sort="metric"),
        )

    def _figures(self) -> Sequence[Column]:
        return (
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
                value=lambda use: use.consumed if use.is_live else None,
                sort="consumed",
                is_number=True,
                rank=1,
                is_chosen=not self.shows_ended,
                total=Sum("consumed"),
            ),
            Column(
                name="deployed",
                label="Deployed",
                value=lambda use: use.deployed if use.deployment_id and use.is_live else None,
                sort="deployed",
                is_number=True,
                rank=1,
                is_chosen=not self.shows_ended,
                total=Sum("deployed"),
            ),
            Column(
                name="idle",
                label="Idle",
                value=lambda use: use.idle if use.deployment_id and use.is_live else None,
                is_number=True,
                is_chosen=not self.shows_ended,
            ),
        )

    def _who(self) -> Sequence[Column]:
        return (
            Column(name="notes", label="Notes", value=lambda use: use.notes, is_long=True, rank=3),
            # Numbers are given out as rows are made, so this is the order of the making.
            Column(name="since", label="Since", value=lambda use: use.made_on, sort="pk", rank=3),
            Column(
                name="by",
                label="By",
                value=lambda use: str(use.made_by),
                rank=3,
                is_chosen=not self.shows_ended,
            ),
        )

    def _end(self) -> Sequence[Column]:
        return (
            Column(
                name="ended",
                label="Ended",
                value=lambda use: use.ended_on,
                sort="ended_on",
                rank=1,
                is_chosen=self.shows_ended,
            ),
            Column(
                name="ended_by",
                label="Ended by",
                value=lambda use: str(use.ended_by or ""),
                rank=3,
                is_chosen=self.shows_ended,
            ),
            Column(
                name="reason",
                label="Reason",
                value=lambda use: use.end_notes,
                is_long=True,
                is_chosen=self.shows_ended,
            ),
        )

    def _actions(self) -> Column:
        return Column(name="actions", label="Actions", value=actions_of, is_exported=False, rank=1)

    def metric(self, use: Allocation) -> State | str:
        """The metric; marked where the license is counted otherwise."""
        label: str = use.get_metric_display()
        if use.metric and metric_warning(self.license, use.metric):
            return State(label, Tone.SOON)
        return label

    @property
    def whole_address(self) -> str:
        address = reverse(self.view, args=[self.license.pk])
        return f"{address}?{self.parameters.urlencode()}"

    def is_ended(self, record: Allocation) -> bool:
        return not record.is_live

    def address(self, record: Allocation) -> str:
        return reverse("allocation", args=[record.pk])

    def empty_state(self) -> dict[str, str]:
        return {
            "title": "Nothing uses this license yet",
            "text": "Track a deployment to see how much of the license is in use and what is left.",
        }


def _target(use: Allocation) -> str:
    """To what a row is allocated; its metric has a column of its own."""
    return use.target_text if use.deployment is None else str(use.deployment)


def actions_of(use: Allocation) -> SafeString:
    """What can be done to a row: change it and end it while it is live; its history, always."""
    history = _action(use, "allocation", "History", in_dialog=False)
    if not use.is_live:
        return format_html('<span class="row-actions">{}</span>', history)
    return format_html(
        '<span class="row-actions">{} {} {}</span>',
        _action(use, "change-use", "Edit"),
        _action(use, "end-allocation", "End"),
        history,
    )


def _action(use: Allocation, view: str, verb: str, *, in_dialog: bool = True) -> SafeString:
    address = reverse(view, args=[use.pk])
    dialog = format_html(' hx-get="{}" hx-target="#dialog-place" hx-swap="innerHTML"', address)
    return format_html(
        '<a id="{}-{}" href="{}"{}>{}<span class="visually-hidden"> {}</span></a>',
        view,
        use.pk,
        address,
        dialog if in_dialog else "",
        verb,
        use.target_text,
    )


def uses_in(
    request: ScopedRequest, license: Entitlement, state: str, *, has_some: bool = True
) -> UseList:
    """
    The uses of a license that are live, or ended, for its page.

    :param has_some: false where it is known that there are none
    """
    asked = QueryDict(mutable=True)
    asked.update({"state": state, "sort": "since" if state == LIVE else "-ended"})
    only = uses_of(license).filter(ended_at__isnull=state == LIVE)
    number = None if has_some else 0
    return UseList(request, license=license, parameters=asked, only=only, number=number)


@require_safe
@needs(Capability.READ)
def license_uses(request: ScopedRequest, pk: int) -> HttpResponseBase:
    """All uses of a license there ever were."""
    visible = Entitlement.objects.licenses().visible_to(request.scope.whole)
    license = get_object_or_404(visible.select_related("model", "metric__group"), pk=pk)
    return UseList(request, license=license).response()
