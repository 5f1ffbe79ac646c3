"""What the address of a request asks of a list: filters, search, views, columns, ticked rows."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django_filters import FilterSet

from common.exports import csv_response, xlsx_response
from common.lists.chips import ShownChip, parameters_of
from common.lists.declaring import Chip, Column, View
from common.lists.tabs import Tab, shown_tabs
from common.models import SavedView
from common.searching import few_keys, holding

# Up to here the rows that a search finds are read by their keys (``few_keys``).
FEW_FOUND = 2_000
EXPORTS = {"csv": csv_response, "xlsx": xlsx_response}
# Parameters of an address that are no filters.
SEARCH, SORT, CURSOR, COLUMNS, COUNT, EXPORT = "q", "sort", "page", "columns", "count", "export"
# Asks for everything, where a person has the list begin with a view of their own.
VIEW, EVERYTHING = "view", "all"
# Some rows by their keys, where a person has ticked them; or all that the address asks for.
ROWS, ALL_ROWS = "rows", "all"
# The rows that are unfolded, where a list has more to tell of its rows.
OPEN = "open"
OWN_PARAMETERS = frozenset({SEARCH, SORT, CURSOR, COLUMNS, COUNT, EXPORT, VIEW, ROWS, OPEN})
# Where in the list one is, and what one does with it: no part of what is asked for.
PASSING = frozenset({CURSOR, COUNT, EXPORT, VIEW, OPEN})

# All lists by their names.
LISTS: dict[str, "type[AskedList[Any]]"] = {}


class AskedList[Record: Model]:
    """
    A list as the address of one request asks for it. A subclass of ``RecordList`` says which
    records, columns and filters.

    Attributes of a subclass:

    - ``view``: the name of the address at which the whole list stands
    - ``name``: unique; names the export file too
    - ``title``: the heading of its page
    - ``noun``, ``nouns``: what one row is, and several: "contract", "contracts"
    - ``template``: the page; it includes ``common/list.html``
    - ``filterset``: the filters that addresses may use; others are an error
    - ``chips``: how they are laid out above the list
    - ``views``: ready-made views
    - ``search``: paths of the text fields that the search looks into, or expressions of ``Q``
    - ``change_view``: the name of the address at which ticked rows are changed; empty: nowhere
    - ``is_selectable``: whether rows can be ticked, to export them or to change them at once
    - ``default_sort``: the name of a column, with "-" in front for descending
    """

    view: ClassVar[str]
    name: ClassVar[str]
    title: ClassVar[str]
    noun: ClassVar[str]
    nouns: ClassVar[str]
    template: ClassVar[str] = "common/list_page.html"
    filterset: ClassVar[type[FilterSet]]
    chips: ClassVar[Sequence[Chip]] = ()
    views: ClassVar[Sequence[View]] = ()
    search: ClassVar[Sequence[str]] = ()
    numbered: ClassVar[Mapping[str, Sequence[str]]] = {}  # see ``holding``
    change_view: ClassVar[str] = ""
    is_selectable: ClassVar[bool] = False
    default_sort: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "name" in cls.__dict__:  # else it is a list of one record, or the base of some lists
            LISTS[cls.name] = cls

    def __init__(
        self,
        request: HttpRequest,
        *,
        parameters: QueryDict | None = None,
        only: QuerySet[Record] | None = None,
        number: int | None = None,
        **context: Any,
    ) -> None:
        """
        :param parameters: what is asked of the list, which is part of the page of something else;
            None: what the address of the request says
        :param only: the records of such a part, just those that its parameters ask for; given with
            them they are not worked out from an address that nobody typed
        :param number: how many rows there are, where that is known; else they are counted
        :param context: what the template of the page needs besides
        """
        self.request = request
        self.context = context
        self.is_part = parameters is not None
        self.only = only
        self.number = number
        self.parameters = request.GET if parameters is None else parameters
        self._few_found: int | None = None  # how many a search found, where they are few
        self.columns = {column.name: column for column in self.make_columns()}
        if next(iter(self.columns.values())).label.startswith("ID"):
            # Excel takes a file that begins so for another format (SYLK) and refuses it.
            raise ImproperlyConfigured(f"The first column of {self.name} must not begin with ID.")

    # --- What a subclass says ---

    def records(self) -> QuerySet[Record]:
        """All records the list may show, within the scope of who asks."""
        raise NotImplementedError

    def make_columns(self) -> Sequence[Column]:
        """The columns in order. The first names the row and links to its page."""
        raise NotImplementedError

    def address(self, record: Record) -> str:
        """Where the page of a record is."""
        raise NotImplementedError

    def attach(self, rows: Sequence[Record]) -> None:
        """Set on some rows what their columns need besides: one grouped query for all of them."""

    def may_change_rows(self) -> bool:
        """Whether who asks may change some of the records."""
        return False

    def is_ended(self, record: Record) -> bool:
        """Whether a row is shown as past."""
        return False

    def empty_state(self) -> dict[str, str]:
        """
        What an empty list says while nothing filters it.

        :returns: ``title``, ``text``, and where there is a next step ``action`` and ``address``
        """
        return {"title": f"No {self.nouns} yet", "text": ""}

    # --- Filters and search ---

    @cached_property
    def filters(self) -> FilterSet:
        return self.filterset(self.parameters, queryset=self.records(), request=self.request)

    @cached_property
    def form(self) -> Form:
        form: Form = self.filters.form
        return form

    @cached_property
    def problems(self) -> list[str]:
        """What is wrong with the address, in sentences. While anything is, nothing is listed."""
        if self.only is not None:
            return []
        unknown = sorted(set(self.parameters) - self._known_parameters)
        found = [f"There is no filter called “{name}”. Remove it." for name in unknown]
        found += [
            f"{self.form[name].label}: “{self._typed(name)}” does not fit. {error}"
            for name, errors in self.form.errors.items()
            for error in errors
        ]
        if self._sort_name.removeprefix("-") not in self.sortable:
            found.append(f"The list cannot be sorted by “{self._sort_name}”.")
        found += [
            f"There is no column called “{name}”."
            for name in self._asked_columns
            if name not in self.columns
        ]
        found += [
            f"“{key}” is no row of this list." for key in self._asked_rows if not _is_key(key)
        ]
        if self.parameters.get(VIEW, EVERYTHING) != EVERYTHING:
            found.append("The only view that an address names is “all”.")
        if self.parameters.get(EXPORT, "csv") not in EXPORTS:
            found.append("A list is exported as csv or as xlsx.")
        return found

    @property
    def _known_parameters(self) -> frozenset[str]:
        own = OWN_PARAMETERS if self.search else OWN_PARAMETERS - {SEARCH}
        return own.union(*(parameters_of(bound) for bound in self.form))

    def _typed(self, name: str) -> str:
        """What stands in the address for a field: in words where it has words and a key."""
        values = [self.parameters.getlist(name) for name in parameters_of(self.form[name])]
        return ", ".join(next(filter(any, reversed(values)), []))

    @cached_property
    def settled(self) -> QueryDict:
        """What the address asks for, once: what was typed stands as the key of what it means."""
        settled = self.parameters.copy()
        for bound in self.form:
            name, *others = parameters_of(bound)
            if not others or bound.errors:
                continue
            for other in others:
                settled.pop(other, None)
            if chosen := self.form.cleaned_data[bound.name]:
                settled[name] = str(chosen.pk)
        return settled

    @cached_property
    def search_text(self) -> str:
        return self.parameters.get(SEARCH, "").strip().replace("\x00", "")

    @cached_property
    def found(self) -> QuerySet[Record]:
        """The records that the address asks for, in no order."""
        if self.only is not None:
            return self.only
        if self.problems:
            return self.records().none()
        found: QuerySet[Record] = self.filters.qs
        if self._asked_rows:
            found = found.filter(pk__in=self._asked_rows)
        words = self.search_text.split()
        return self._searched(found, words) if words else found

    def _searched(self, found: QuerySet[Record], words: Sequence[str]) -> QuerySet[Record]:
        conditions = [self.matching(word) for word in words]
        keys = few_keys(found, conditions, FEW_FOUND)
        if keys is None:
            return found.filter(*conditions)
        self._few_found = len(keys)
        return found.filter(pk__in=keys)

    def matching(self, word: str) -> Q:
        """The condition that a record holds a word of the search."""
        return holding(self.filters.queryset.model, word, self.search, self.numbered)

    @cached_property
    def is_filtered(self) -> bool:
        return any(
            self.parameters.getlist(name) != [""]
            for name in set(self.parameters) - (OWN_PARAMETERS - {SEARCH, ROWS})
        )

    @cached_property
    def shown_chips(self) -> list["ShownChip"]:
        chips = [ShownChip(self, chip) for chip in self.chips]
        return [chip for chip in chips if not chip.is_quiet or chip.is_active]

    # --- Views ---

    @cached_property
    def tabs(self) -> list[Tab]:
        """The ready-made views, and then those of the person who asks."""
        return shown_tabs(self)

    @property
    def is_a_view(self) -> bool:
        """Whether what filters the list is just a ready-made view, whose tab says so already."""
        is_ready_made = any(self.filtering == dict(view.query) for view in self.views)
        return is_ready_made and self.current_view is None and not self.search_text

    @cached_property
    def saved_views(self) -> list[SavedView]:
        own = SavedView.objects.filter(user=self.request.user.pk, list_name=self.name)
        return list(own.order_by("label"))

    @property
    def _default_view(self) -> SavedView | None:
        return next((saved for saved in self.saved_views if saved.is_default), None)

    @property
    def current_view(self) -> SavedView | None:
        """The view of the person that shows just what is shown."""
        return next((tab.saved for tab in self.tabs if tab.is_current and tab.saved), None)

    @property
    def may_be_saved(self) -> bool:
        """Whether what is asked for is worth a name."""
        is_worth_it = self.name in LISTS and bool(self.query)
        return is_worth_it and not self.problems and self.current_view is None

    @property
    def query(self) -> str:
        """What is asked for, whatever page of it is shown."""
        return self._kept_parameters().urlencode(safe=",")

    @property
    def view_link(self) -> str:
        """What a link to the form of a view says: where one is, and what is shown there."""
        back = self.address_with(keep_page=True)
        return urlencode({"back": back, "query": self.query})

    @cached_property
    def filtering(self) -> dict[str, str]:
        """The filters and the ticked rows, by name; without what was searched for."""
        found = {name: ", ".join(self.settled.getlist(name)) for name in self.settled}
        own = OWN_PARAMETERS - {ROWS}
        return {name: value for name, value in found.items() if value and name not in own}

    # --- Order and columns ---

    @cached_property
    def sortable(self) -> dict[str, Any]:
        return {name: column.sort for name, column in self.columns.items() if column.sort}

    @property
    def _sort_name(self) -> str:
        return self.parameters.get(SORT) or self.default_sort

    @property
    def _asked_columns(self) -> list[str]:
        asked = ",".join(self.parameters.getlist(COLUMNS))
        return [name for name in asked.split(",") if name]

    @cached_property
    def shown_columns(self) -> list[Column]:
        first, *others = self.columns.values()
        asked = self._asked_columns
        if asked:
            return [first, *(column for column in others if column.name in asked)]
        return [first, *(column for column in others if column.is_chosen)]

    @property
    def shown_related(self) -> list[str]:
        """The paths of the records that shown columns take their values from."""
        return [column.related for column in self.shown_columns if column.related]

    # --- Ticked rows ---

    @property
    def says_which_rows(self) -> bool:
        """Whether the address names rows, or says that all are meant."""
        return any(self.parameters.getlist(ROWS))

    @cached_property
    def _asked_rows(self) -> list[str]:
        asked = ",".join(self.parameters.getlist(ROWS)).split(",")
        return [key for key in asked if key not in ("", ALL_ROWS)]

    @property
    def change_address(self) -> str:
        """Where ticked rows are changed; empty where who asks may not."""
        return reverse(self.change_view) if self.change_view and self.may_change_rows() else ""

    @property
    def change_all_address(self) -> str:
        """Where all rows are changed that the address asks for."""
        kept = self._kept_by_rows()
        kept[ROWS] = ALL_ROWS
        return f"{self.change_address}?{kept.urlencode(safe=',')}"

    @property
    def kept_by_selection(self) -> list[tuple[str, str]]:
        """What the ticked rows are sent along with."""
        return [(name, value) for name, values in self._kept_by_rows().lists() for value in values]

    @property
    def list_address(self) -> str:
        """Where the list stands, asked for the same but for ticked rows."""
        query = self._kept_by_rows().urlencode(safe=",")
        return f"{reverse(self.view)}?{query}" if query else reverse(self.view)

    def _kept_by_rows(self) -> QueryDict:
        kept = self._kept_parameters()
        kept.pop(ROWS, None)
        return kept

    # --- Addresses ---

    def address_with(self, *, keep_page: bool = False, **changes: str) -> str:
        """The present address with some parameters changed; it begins at the first page."""
        return self._address_of(self._kept_parameters(keep_page=keep_page), **changes)

    def address_without(self, *names: str) -> str:
        """The present address without some parameters."""
        kept = self._kept_parameters()
        for name in names:
            kept.pop(name, None)
        return self._address_of(kept)

    @property
    def plain_address(self) -> str:
        """The address of the list with neither filters nor search."""
        return self.address_without(SEARCH, ROWS, *(set(self.parameters) - OWN_PARAMETERS))

    def _kept_parameters(self, *, keep_page: bool = False) -> QueryDict:
        kept = self.settled.copy()
        dropped = PASSING - {CURSOR} if keep_page else PASSING
        for name in [name for name in kept if name in dropped or kept.getlist(name) == [""]]:
            del kept[name]
        return kept

    def _address_of(self, parameters: QueryDict, **changes: str) -> str:
        for name, value in changes.items():
            parameters[name] = value
        query = parameters.urlencode(safe=",")
        if not query and self._default_view:
            query = f"{VIEW}={EVERYTHING}"
        return f"{self.request.path}?{query}" if query else self.request.path

    def address_of(self, query: Mapping[str, str]) -> str:
        """The address of the list asked for some filters alone."""
        return self._address_of(QueryDict(mutable=True), **query)

    @property
    def kept_by_search(self) -> list[tuple[str, str]]:
        """What the form above the list sends along with its own fields."""
        return [
            (name, value)
            for name in (SORT, COLUMNS)
            for value in self.parameters.getlist(name)
            if value
        ]

    @property
    def kept_by_columns(self) -> list[tuple[str, str]]:
        """What the choice of columns sends along."""
        kept = self._kept_parameters()
        kept.pop(COLUMNS, None)
        return [(name, value) for name, values in kept.lists() for value in values]


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18
