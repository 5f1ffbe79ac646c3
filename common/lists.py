"""
The one frame of all list pages.

A list declares its columns and filters; searching, filtering, sorting, paging, column choice,
totals and export follow from the address alone, so that every view of a list can be shared. An
export holds exactly what the page shows: same scope, filters, order and columns.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from itertools import batched
from operator import and_
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Aggregate, Count, Model, Q, QuerySet
from django.forms import BoundField, Form, ModelChoiceField
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_filters import FilterSet

from common.exports import TooManyRows, csv_response, xlsx_response
from common.filters import holding
from common.keyset import (
    Cursor,
    InvalidCursor,
    Page,
    Sort,
    order_rows,
    read_cursor,
    read_page,
    write_cursor,
)
from common.shown import Money, plain, show

PAGE_ROWS = 50
PART_ROWS = 20
# Up to here rows are counted one by one; beyond, the count is the planner's unless asked for.
COUNTED_EXACTLY = 10_000
EXPORT_ROWS_AT_ONCE = 2_000
EXPORTS = {"csv": csv_response, "xlsx": xlsx_response}
# Parameters of an address that are no filters.
SEARCH, SORT, CURSOR, COLUMNS, COUNT, EXPORT = "q", "sort", "page", "columns", "count", "export"
OWN_PARAMETERS = frozenset({SEARCH, SORT, CURSOR, COLUMNS, COUNT, EXPORT})


@dataclass(frozen=True, kw_only=True)
class Column:
    """
    One column of a list.

    :param name: its name in addresses
    :param label: its heading
    :param value: from a record to a typed value, shown by ``common.shown`` and exported as such
    :param sort: the path of a field or an expression to sort by; None: not sortable
    :param is_number: right-aligned, with tabular figures
    :param is_money: the value is ``Money``; an export adds a column for its currency
    :param rank: 1 stands in front on a phone, 3 goes first where it is narrow
    :param is_chosen: whether it is shown unless a person chooses columns
    :param is_exported: false for drawings, whose figures stand in other columns
    :param total: an aggregate over all rows of the list, where it means something
    """

    name: str
    label: str
    value: Callable[[Any], Any]
    sort: Any = None
    is_number: bool = False
    is_money: bool = False
    is_long: bool = False
    rank: int = 2
    is_chosen: bool = True
    is_exported: bool = True
    total: Aggregate | None = None

    @property
    def css(self) -> str:
        kinds = (
            ("number", self.is_number or self.is_money),
            ("text-long", self.is_long),
            (f"rank-{self.rank}", self.rank != 2),
        )
        return " ".join(name for name, holds in kinds if holds)

    @property
    def headings(self) -> list[str]:
        """The headings of the column in an export."""
        return [self.label, f"{self.label} currency"] if self.is_money else [self.label]

    def exported(self, record: Any) -> list[Any]:
        """The values of a record under these headings."""
        value = self.value(record)
        if not self.is_money:
            return [plain(value)]
        return [value.amount, value.currency] if isinstance(value, Money) else [None, None]


@dataclass(frozen=True)
class Chip:
    """
    One filter above a list, of one or more fields.

    :param is_quiet: shown only while it filters: it is set by links from other pages
    """

    label: str
    fields: Sequence[str]
    is_quiet: bool = False


@dataclass(frozen=True)
class View:
    """A ready-made view of a list, as a tab: a name and the filters it stands for."""

    label: str
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    """How many rows there are."""

    number: int
    is_exact: bool

    @property
    def text(self) -> str:
        return f"{self.number:,}" if self.is_exact else f"about {self.number:,}"


class RecordList[Record: Model]:
    """
    A list of records for one request. A subclass says which records, columns and filters.

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
    default_sort: ClassVar[str]

    def __init__(
        self, request: HttpRequest, *, parameters: QueryDict | None = None, **context: Any
    ) -> None:
        """
        :param parameters: what is asked of the list; None: what the address of the request says
        :param context: what the template of the page needs besides
        """
        self.request = request
        self.context = context
        self.parameters = request.GET if parameters is None else parameters
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

    def is_ended(self, record: Record) -> bool:
        """Whether a row is shown as past."""
        return False

    def empty_state(self) -> dict[str, str]:
        """
        What an empty list says while nothing filters it.

        :returns: ``title``, ``text``, and where there is a next step ``action`` and ``address``
        """
        return {"title": f"No {self.nouns} yet", "text": ""}

    # --- The response ---

    def response(self) -> HttpResponseBase:
        """The page, the list alone where htmx asks for it, or a file."""
        if self.parameters.get(EXPORT) in EXPORTS and not self.problems:
            return self._export(str(self.parameters[EXPORT]))
        status = 400 if EXPORT in self.parameters else 200
        return self._page(status)

    def _page(self, status: int) -> HttpResponseBase:
        wanted = "common/list.html" if self._is_fragment else self.template
        response = TemplateResponse(
            self.request, wanted, {**self.context, "list": self}, status=status
        )
        patch_vary_headers(response, ["HX-Request"])
        return response

    @property
    def _is_fragment(self) -> bool:
        headers = self.request.headers
        return "HX-Request" in headers and "HX-History-Restore-Request" not in headers

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
        if self.parameters.get(EXPORT, "csv") not in EXPORTS:
            found.append("A list is exported as csv or as xlsx.")
        return found

    @property
    def _known_parameters(self) -> frozenset[str]:
        own = OWN_PARAMETERS if self.search else OWN_PARAMETERS - {SEARCH}
        return own | set(self.form.fields)

    def _typed(self, name: str) -> str:
        return ", ".join(self.parameters.getlist(name))

    @cached_property
    def search_text(self) -> str:
        return self.parameters.get(SEARCH, "").strip().replace("\x00", "")

    @cached_property
    def found(self) -> QuerySet[Record]:
        """The records that the address asks for, in no order."""
        if self.problems:
            return self.records().none()
        found: QuerySet[Record] = self.filters.qs
        words = self.search_text.split()
        return found.filter(reduce(and_, map(self.matching, words))) if words else found

    def matching(self, word: str) -> Q:
        """The condition that a record holds a word of the search."""
        return holding(word, self.search, self.numbered)

    @cached_property
    def is_filtered(self) -> bool:
        return any(
            self.parameters.getlist(name) != [""]
            for name in set(self.parameters) - (OWN_PARAMETERS - {SEARCH})
        )

    @cached_property
    def shown_chips(self) -> list["ShownChip"]:
        chips = [ShownChip(self, chip) for chip in self.chips]
        return [chip for chip in chips if not chip.is_quiet or chip.is_active]

    @property
    def is_a_view(self) -> bool:
        """Whether what filters the list is just one of its views, whose tab says so already."""
        return any(view["is_current"] for view in self.shown_views) and not self.search_text

    @cached_property
    def shown_views(self) -> list[dict[str, Any]]:
        return [
            {
                "label": view.label,
                "address": self._address_of(QueryDict(mutable=True), **view.query),
                "is_current": self._filtering == dict(view.query),
            }
            for view in self.views
        ]

    @cached_property
    def _filtering(self) -> dict[str, str]:
        names = set(self.parameters) - OWN_PARAMETERS
        return {name: self._typed(name) for name in names if self._typed(name)}

    # --- Order and pages ---

    @cached_property
    def sortable(self) -> dict[str, Any]:
        return {name: column.sort for name, column in self.columns.items() if column.sort}

    @property
    def _sort_name(self) -> str:
        return self.parameters.get(SORT) or self.default_sort

    @cached_property
    def sort(self) -> Sort:
        wanted = self._sort_name
        name = wanted.removeprefix("-")
        if name not in self.sortable:
            wanted, name = self.default_sort, self.default_sort.removeprefix("-")
        return Sort(name=name, key=self.sortable[name], descending=wanted.startswith("-"))

    @cached_property
    def page(self) -> Page[Record]:
        page = read_page(self.found, self.sort, self._cursor, PAGE_ROWS)
        self.attach(page.rows)
        return page

    @cached_property
    def _cursor(self) -> Cursor | None:
        text = self.parameters.get(CURSOR)
        if not text or self.problems:
            return None
        try:
            return read_cursor(text, list_name=self.name, sort=self.sort, queryset=self.found)
        except InvalidCursor:
            return None

    @property
    def lost_its_place(self) -> bool:
        """Whether the address names a page that cannot be found: the first is shown instead."""
        return bool(self.parameters.get(CURSOR)) and not self.problems and self._cursor is None

    @property
    def previous_address(self) -> str:
        return self._address_of_page(self.page.previous)

    @property
    def next_address(self) -> str:
        return self._address_of_page(self.page.next)

    def _address_of_page(self, cursor: Cursor | None) -> str:
        if cursor is None:
            return ""
        return self.address_with(
            keep_page=False, **{CURSOR: write_cursor(cursor, list_name=self.name, sort=self.sort)}
        )

    # --- How many there are, and totals ---

    @cached_property
    def _summary(self) -> tuple[Rows, dict[str, Any]]:
        """
        The number of rows, and the totals.

        Nothing waits for a long count: beyond some thousands the planner's estimate serves, and
        both are computed in full on request.
        """
        totals = {f"total_{c.name}": c.total for c in self.shown_columns if c.total is not None}
        if self.parameters.get(COUNT) == "exact":
            found = self.found.order_by().aggregate(number_of_rows=Count("pk"), **totals)
            return Rows(found.pop("number_of_rows"), is_exact=True), found
        counted = self.found.order_by()[: COUNTED_EXACTLY + 1].aggregate(
            number_of_rows=Count("pk"), **totals
        )
        number = counted.pop("number_of_rows")
        if number <= COUNTED_EXACTLY:
            return Rows(number, is_exact=True), counted
        return Rows(estimate_rows(self.found), is_exact=False), {}

    @property
    def rows_there(self) -> Rows:
        return self._summary[0]

    @property
    def rows_text(self) -> str:
        """What is shown over what is there: "51–100 of 3,012 licenses"."""
        shown = len(self.page.rows)
        if shown == 0:
            return f"No {self.nouns}"
        first = self.page.rows_before + 1
        last = self.page.rows_before + shown
        there = self.rows_there
        number = max(there.number, last)
        noun = self.noun if number == 1 and there.is_exact else self.nouns
        if there.is_exact and shown == number:
            return f"{number:,} {noun}"
        return f"{first:,}–{last:,} of {Rows(number, there.is_exact).text} {noun}"

    @property
    def totals(self) -> list[tuple[Column, Any]]:
        """A cell of the foot for each column but the first; empty where there is no total."""
        found = self._summary[1]
        if not found or not self.page.rows:
            return []
        return [(column, found.get(f"total_{column.name}")) for column in self.shown_columns[1:]]

    @property
    def exact_count_address(self) -> str:
        return self.address_with(keep_page=True, **{COUNT: "exact"})

    # --- Columns ---

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
    def column_choices(self) -> list[tuple[Column, bool]]:
        """The columns that a person may show or hide, and which are shown."""
        return [(c, c in self.shown_columns) for c in list(self.columns.values())[1:]]

    @property
    def heads(self) -> Iterator[dict[str, Any]]:
        """The heads of the table: label, address that sorts by it, present direction."""
        for column in self.shown_columns:
            is_current = column.name == self.sort.name
            turned = f"-{column.name}" if is_current and not self.sort.descending else column.name
            yield {
                "column": column,
                "address": self.address_with(keep_page=False, **{SORT: turned})
                if column.sort
                else "",
                "direction": is_current and ("descending" if self.sort.descending else "ascending"),
            }

    # --- Rows ---

    @property
    def lines(self) -> Iterator[SafeString]:
        return self._lines(self.page.rows)

    @property
    def first_lines(self) -> list[SafeString]:
        """The first rows, for a page of something else that shows some of them."""
        rows = read_page(self.found, self.sort, None, PART_ROWS).rows
        self.attach(rows)
        return list(self._lines(rows))

    @property
    def whole_address(self) -> str:
        """Where the list stands on its own page, asked for the same."""
        return f"{reverse(self.view)}?{self.parameters.urlencode()}"

    @property
    def is_cut(self) -> bool:
        """Whether there are more than the first rows."""
        return self.rows_there.number > PART_ROWS

    def _lines(self, rows: Iterable[Record]) -> Iterator[SafeString]:
        first, *others = self.shown_columns
        patterns = [(column, self._pattern(column)) for column in others]
        for record in rows:
            cells = [format_html(pattern, show(c.value(record))) for c, pattern in patterns]
            yield format_html(
                '<tr{}><th scope="row"><a href="{}">{}</a></th>{}</tr>',
                SafeString(' class="is-ended"') if self.is_ended(record) else "",
                self.address(record),
                show(first.value(record)),
                SafeString("".join(cells)),
            )

    @staticmethod
    def _pattern(column: Column) -> str:
        css = f' class="{column.css}"' if column.css else ""
        label = str(format_html("{}", column.label)).replace("{", "{{").replace("}", "}}")
        return f'<td{css} data-label="{label}">{{}}</td>'

    # --- Export ---

    def _export(self, kind: str) -> HttpResponseBase:
        columns = [column for column in self.shown_columns if column.is_exported]
        headings = [heading for column in columns for heading in column.headings]
        rows = (
            [value for column in columns for value in column.exported(record)]
            for record in self._all_rows()
        )
        try:
            return EXPORTS[kind](self.name, headings, rows)
        except TooManyRows as error:
            self.problems.append(str(error))
            return self._page(400)

    def _all_rows(self) -> Iterator[Record]:
        ordered = order_rows(self.found, self.sort)
        for some in batched(ordered.iterator(EXPORT_ROWS_AT_ONCE), EXPORT_ROWS_AT_ONCE):
            self.attach(some)
            yield from some

    @property
    def export_addresses(self) -> list[tuple[str, str]]:
        return [
            ("CSV", self.address_with(keep_page=False, **{EXPORT: "csv"})),
            ("Excel (XLSX)", self.address_with(keep_page=False, **{EXPORT: "xlsx"})),
        ]

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
        return self.address_without(SEARCH, *(set(self.parameters) - OWN_PARAMETERS))

    def _kept_parameters(self, *, keep_page: bool = False) -> QueryDict:
        kept = self.parameters.copy()
        dropped = {EXPORT} if keep_page else {EXPORT, CURSOR, COUNT}
        for name in [name for name in kept if name in dropped or kept.getlist(name) == [""]]:
            del kept[name]
        return kept

    def _address_of(self, parameters: QueryDict, **changes: str) -> str:
        for name, value in changes.items():
            parameters[name] = value
        query = parameters.urlencode(safe=",")
        return f"{self.request.path}?{query}" if query else self.request.path

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


class ShownChip:
    """A chip of a list as it stands in one request."""

    def __init__(self, records: RecordList[Any], chip: Chip) -> None:
        self._list = records
        self.label = chip.label
        self.is_quiet = chip.is_quiet
        self.fields: list[BoundField] = [records.form[name] for name in chip.fields]

    @property
    def is_active(self) -> bool:
        return any(self._list.parameters.getlist(name) not in ([], [""]) for name in self._names)

    @property
    def is_invalid(self) -> bool:
        return any(bound.errors for bound in self.fields)

    @property
    def text(self) -> str:
        """What it filters by, in words."""
        said = [self._said(bound) for bound in self.fields]
        return ", ".join(text for text in said if text)

    @property
    def remove_address(self) -> str:
        return self._list.address_without(*self._names)

    @property
    def _names(self) -> list[str]:
        return [bound.html_name for bound in self.fields]

    def _said(self, bound: BoundField) -> str:
        typed = [value for value in self._list.parameters.getlist(bound.html_name) if value]
        if not typed:
            return ""
        text = " or ".join(self._label_of(bound, value) for value in typed)
        return f"{bound.label} {text}" if len(self.fields) > 1 else text

    def _label_of(self, bound: BoundField, value: str) -> str:
        if isinstance(bound.field, ModelChoiceField):
            # Its choices may be a whole table; the one that was chosen has been read already.
            return str(bound.form.cleaned_data.get(bound.name) or value)
        choices = getattr(bound.field, "choices", ())
        return {str(key): str(label) for key, label in choices}.get(value, value)


def estimate_rows(queryset: QuerySet[Any]) -> int:
    """About how many rows a query has, as the planner sees it, to two significant digits."""
    sql, parameters = queryset.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql, parameters)
        (plan,) = cursor.fetchone()
    rows = max(int(plan[0]["Plan"]["Plan Rows"]), COUNTED_EXACTLY)
    unit = 10 ** (len(str(rows)) - 2)
    return int(round(rows / unit) * unit)
