"""A list of records for one request."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import batched
from typing import Any

from django.db.models import Aggregate, Count, Model
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.exports import TooManyRows
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
from common.lists.asked_list import COUNT, CURSOR, EXPORT, EXPORTS, ROWS, SORT, AskedList
from common.lists.counting import COUNTED_EXACTLY, Rows, estimate_rows
from common.lists.declaring import Column
from common.shown import plain, show

PAGE_ROWS = 50
PART_ROWS = 20
EXPORT_ROWS_AT_ONCE = 2_000


class RecordList[Record: Model](AskedList[Record]):
    """A list of records for one request: its page, or a file of all it shows."""

    # --- The response ---

    def response(self) -> HttpResponseBase:
        """The page, the list alone where htmx asks for it, or a file."""
        if not self.request.GET and self._default_view:
            return HttpResponseRedirect(f"{self.request.path}?{self._default_view.query}")
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

    # --- Pages ---

    @cached_property
    def sort(self) -> Sort:
        wanted = self._sort_name
        name = wanted.removeprefix("-")
        if name not in self.sortable:
            wanted, name = self.default_sort, self.default_sort.removeprefix("-")
        return Sort(
            name=name,
            key=self.sortable[name],
            descending=wanted.startswith("-"),
            empty_is_smallest=self.columns[name].empty_is_smallest,
        )

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
        if self.number is not None:
            return Rows(self.number, is_exact=True), {}
        number = self._count()
        if number > COUNTED_EXACTLY and self.parameters.get(COUNT) != "exact":
            return Rows(estimate_rows(self.found), is_exact=False), {}
        totals = {} if self.is_part else self._asked_totals
        if number == 0 or (number <= COUNTED_EXACTLY and not totals):
            return Rows(number, is_exact=True), {}
        counted = self.found.order_by().aggregate(number_of_rows=Count("pk"), **totals)
        return Rows(counted.pop("number_of_rows"), is_exact=True), counted

    @property
    def _asked_totals(self) -> dict[str, Aggregate]:
        return {f"total_{c.name}": c.total for c in self.shown_columns if c.total is not None}

    def _count(self) -> int:
        """How many rows there are, up to one more than is counted exactly."""
        if self._few_found is not None:
            return self._few_found
        if "page" in self.__dict__ and self.page.previous is None and self.page.next is None:
            return len(self.page.rows)  # read already, and all there is
        if self.is_part and self._first_page.next is None:
            return len(self._first_page.rows)
        # The keys alone: what rows show besides would be computed for each that is counted.
        return self.found.order_by().values("pk")[: COUNTED_EXACTLY + 1].count()

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

    # --- Heads and rows ---

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
                if column.sort and not self.is_part
                else "",
                "direction": is_current and ("descending" if self.sort.descending else "ascending"),
            }

    @property
    def lines(self) -> Iterator[SafeString]:
        return self._lines(self.page.rows, is_selectable=self.is_selectable)

    @property
    def first_lines(self) -> list[SafeString]:
        """The first rows, for a page of something else that shows some of them."""
        return list(self._lines(self._first_rows))

    @cached_property
    def _first_rows(self) -> Sequence[Record]:
        if self.rows_there.number == 0:
            return []
        self.attach(self._first_page.rows)
        return self._first_page.rows

    @cached_property
    def _first_page(self) -> Page[Record]:
        return read_page(self.found, self.sort, None, PART_ROWS)

    @property
    def whole_address(self) -> str:
        """Where the list stands on its own page, asked for the same."""
        return f"{reverse(self.view)}?{self.parameters.urlencode()}"

    @property
    def is_cut(self) -> bool:
        """Whether there are more than the first rows."""
        return self.rows_there.number > PART_ROWS

    def _lines(
        self, rows: Iterable[Record], *, is_selectable: bool = False
    ) -> Iterator[SafeString]:
        first, *others = self.shown_columns
        patterns = [(column, self._pattern(column)) for column in others]
        for record in rows:
            cells = [format_html(pattern, show(c.value(record))) for c, pattern in patterns]
            yield format_html(
                '<tr{}>{}<th scope="row"><a href="{}">{}</a></th>{}</tr>',
                SafeString(' class="is-ended"') if self.is_ended(record) else "",
                self._tick(record, first) if is_selectable else "",
                self.address(record),
                show(first.value(record)),
                SafeString("".join(cells)),
            )

    @staticmethod
    def _tick(record: Record, first: Column) -> SafeString:
        return format_html(
            '<td class="tick"><input type="checkbox" form="ticked" name="{}" value="{}"'
            ' aria-label="Select {}"></td>',
            ROWS,
            record.pk,
            plain(first.value(record)),
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
