"""The views of a list as tabs: those that are ready-made, and those that a person keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import QueryDict

from common.lists.declaring import View
from common.models import SavedView

if TYPE_CHECKING:
    from common.lists.asked_list import AskedList


@dataclass(frozen=True, kw_only=True)
class Tab:
    """
    One view of a list in one request.

    :param saved: the view as its owner keeps it; None: it is ready-made
    """

    label: str
    address: str
    is_current: bool
    saved: SavedView | None = None


def shown_tabs(records: "AskedList[Any]") -> list[Tab]:
    """The tabs above a list. At most one is current: the person's own before the ready-made."""
    saved = [
        Tab(
            label=view.label,
            address=f"{records.request.path}?{view.query}",
            is_current=_asks_the_same(view.query, records.query),
            saved=view,
        )
        for view in records.saved_views
    ]
    return [*_ready_made(records, is_taken=any(tab.is_current for tab in saved)), *saved]


def _ready_made(records: "AskedList[Any]", *, is_taken: bool) -> Sequence[Tab]:
    return [
        Tab(
            label=view.label,
            address=_address(records, view),
            is_current=not is_taken and _is_current(records, view),
        )
        for view in records.views
    ]


def _address(records: "AskedList[Any]", view: View) -> str:
    if not view.switches:
        return records.address_of(view.query)
    if view.query:
        return records.address_with(keep_page=False, **view.query)
    return records.address_without(view.switches)


def _is_current(records: "AskedList[Any]", view: View) -> bool:
    if not view.switches:
        return records.filtering == dict(view.query)
    return records.filtering.get(view.switches) == view.query.get(view.switches)


def _asks_the_same(query: str, other: str) -> bool:
    return dict(QueryDict(query).lists()) == dict(QueryDict(other).lists())
