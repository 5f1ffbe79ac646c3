"""What the views of deployments share."""

from datetime import date
from typing import Any

from django.db.models import Model
from django.http import QueryDict
from django.urls import reverse

from accounts.access import ScopedRequest
from accounts.roles import Capability
from accounts.scope import Scope
from common.lists import RecordList
from common.shown import State, Tone, day_text
from deployments.models import DiscoveredSoftware

PRESENT, GONE = "present", "gone"
# Filters by one record: what fits it is of its company, whichever the switcher shows.
OF_ONE_COMPANY = ("device", "deployment", "software", "person", "host", "manager")


def asking(**parameters: Any) -> QueryDict:
    """What a page of something else asks of a list."""
    asked = QueryDict(mutable=True)
    asked.update({name: str(value) for name, value in parameters.items()})
    return asked


def scope_of_list(records: RecordList[Any]) -> Scope:
    """Whose records a list shows: of all companies where one record narrows it, as on its page."""
    request: Any = records.request
    is_of_a_record = any(map(records.parameters.get, OF_ONE_COMPANY))
    scope: Scope = request.scope
    return scope.whole if is_of_a_record else scope


def of_company[Record: Model](model: type[Record]) -> Any:
    """For a filter by records that links from other pages name: those of the person's companies."""

    def offered(request: ScopedRequest) -> Any:
        return model._default_manager.visible_to(request.scope.whole)  # type: ignore[attr-defined]

    return offered


def shown_presence(gone_on: date | None) -> State:
    """Whether something is there, by the day on which it was found no more."""
    if gone_on is None:
        return State("Present", Tone.FINE)
    return State(f"Gone since {day_text(gone_on)}", Tone.ENDED)


def shown_match(title: DiscoveredSoftware) -> State | str:
    """What a title is taken for: a model's name, or why it counts for nothing."""
    if title.model is not None:
        return str(title.model)
    if title.rule_id is not None:
        return State("Left out", Tone.ENDED)
    return State("Unmatched", Tone.SOON)


def nothing_found(request: ScopedRequest, title: str) -> dict[str, str]:
    """What a list of what inventories find says before there is one."""
    state = {
        "title": title,
        "text": "Inventories of GLPI, OCS, osquery, Fleet, Intune, Microsoft Graph and others tell"
        " what is installed on which device, and who uses it.",
    }
    if request.scope.companies(Capability.ADMINISTER):
        state |= {"action": "Import an inventory", "address": reverse("add-inventory")}
    return state
