"""
Paging by key: a page begins after a row, not after a number of rows.

So page 1,000 costs what page 1 costs, and rows that come or go meanwhile neither repeat nor hide
others. Rows are ordered by one sort key, ties by primary key. An empty key counts as the largest,
as PostgreSQL has it: in this domain no end is later than every end. Where empty means that there is
nothing to compare, a sort may count it as the smallest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.core import signing
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate, Concat, ConcatPair, Lower


class InvalidCursor(ValueError):
    """A page address that was changed, or that belongs to another order or list."""


@dataclass(frozen=True, kw_only=True)
class Sort:
    """
    An order of rows.

    :param name: its name in addresses
    :param key: what to sort by, the path of a field or an expression
    :param descending: the exact reverse of the ascending order
    :param empty_is_smallest: whether an empty key counts as the smallest, not as the largest
    """

    name: str
    key: str | Combinable
    descending: bool = False
    empty_is_smallest: bool = False

    @property
    def slug(self) -> str:
        return f"-{self.name}" if self.descending else self.name


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """
    Where a page begins.

    :param key, pk: the row that the page follows, or precedes
    :param backward: whether the page ends before that row instead of beginning after it
    :param rows_before: how many rows stood before the page's first row when it was reached;
        told to the reader, never relied upon
    """

    key: Any
    pk: int
    backward: bool = False
    rows_before: int = 0


@dataclass(frozen=True, kw_only=True)
class Page[Record: Model]:
    """Some rows in order, with the cursors of the pages at either side."""

    rows: Sequence[Record]
    rows_before: int
    previous: Cursor | None
    next: Cursor | None


def read_page[Record: Model](
    queryset: QuerySet[Record], sort: Sort, cursor: Cursor | None, size: int
) -> Page[Record]:
    """The page of a query that begins at the cursor, or the first page."""
    keyed = _keyed(queryset, sort)
    if cursor is None or not cursor.backward:
        return _page_forward(keyed, sort, cursor, size)
    rows = _walk(keyed, sort, cursor, ascending=sort.descending, limit=size + 1)
    if len(rows) <= size:
        # The beginning is reached: a whole first page reads better than a part of one.
        return _page_forward(keyed, sort, None, size)
    shown = rows[:size][::-1]
    before = max(0, cursor.rows_before - size)
    return Page(
        rows=shown,
        rows_before=before,
        previous=_before(shown[0], before),
        next=_after(shown[-1], before + size),
    )


def _page_forward[Record: Model](
    keyed: QuerySet[Record], sort: Sort, cursor: Cursor | None, size: int
) -> Page[Record]:
    rows = _walk(keyed, sort, cursor, ascending=not sort.descending, limit=size + 1)
    shown = rows[:size]
    before = cursor.rows_before if cursor else 0
    return Page(
        rows=shown,
        rows_before=before,
        previous=_before(shown[0], before) if cursor and shown else None,
        next=_after(shown[-1], before + size) if len(rows) > size else None,
    )


def _after(row: Any, rows_before: int) -> Cursor:
    return Cursor(key=row.sort_key, pk=row.pk, rows_before=rows_before)


def _before(row: Any, rows_before: int) -> Cursor:
    return Cursor(key=row.sort_key, pk=row.pk, backward=True, rows_before=rows_before)


def _walk(
    keyed: QuerySet[Any], sort: Sort, start: Cursor | None, *, ascending: bool, limit: int
) -> list[Any]:
    """
    The next rows from a row on.

    Rows with a key and rows without are read one after the other: each part is one range of an
    index, which the two together are not.
    """
    rows: list[Any] = []
    for part in _parts(keyed, sort, start, ascending=ascending):
        rows += part[: limit - len(rows)]
        if len(rows) == limit:
            break
    return rows


def _parts(
    keyed: QuerySet[Any], sort: Sort, start: Cursor | None, *, ascending: bool
) -> list[QuerySet[Any]]:
    sign, beyond = ("", "gt") if ascending else ("-", "lt")
    ends_empty = ascending != sort.empty_is_smallest
    with_key = keyed.filter(sort_key__isnull=False).order_by(f"{sign}sort_key", f"{sign}pk")
    without_key = keyed.filter(sort_key__isnull=True).order_by(f"{sign}pk")
    if start is not None and start.key is None:
        without_key = without_key.filter(**{f"pk__{beyond}": start.pk})
        return [without_key] if ends_empty else [without_key, with_key]
    if start is not None:
        with_key = with_key.filter(
            Q(**{f"sort_key__{beyond}": start.key}) | Q(**{f"pk__{beyond}": start.pk}),
            **{f"sort_key__{beyond}e": start.key},
        )
    if not _can_be_empty(keyed.model, sort.key) or (start is not None and not ends_empty):
        return [with_key]
    return [with_key, without_key] if ends_empty else [without_key, with_key]


def _can_be_empty(model: type[Model], key: str | Combinable) -> bool:
    """Whether rows may lack the key: all but what is made of what each row must have."""
    if isinstance(key, NEVER_EMPTY_OF_THEMSELVES):
        return any(_can_be_empty(model, part) for part in key.get_source_expressions())
    if isinstance(key, Value):
        return key.value is None
    if isinstance(key, F):
        key = key.name  # type: ignore[attr-defined]  # of which the stubs know nothing
    return not isinstance(key, str) or _path_can_be_empty(model, key)


# Functions that are empty only where something that they are made of is.
NEVER_EMPTY_OF_THEMSELVES = (Collate, Concat, ConcatPair, Lower)


def _path_can_be_empty(model: type[Model], key: str) -> bool:
    """Whether a field, or one on the path to it, need not be there."""
    found: Any = model
    for name in key.split("__"):
        try:
            field: Any = found._meta.pk if name == "pk" else found._meta.get_field(name)
        except FieldDoesNotExist:  # an annotation
            return True
        if field.null:
            return True
        found = field.related_model
    return False


def order_rows[Record: Model](queryset: QuerySet[Record], sort: Sort) -> QuerySet[Record]:
    """The whole query in the order of its pages, for an export."""
    keyed = _keyed(queryset, sort)
    is_last = sort.descending == sort.empty_is_smallest
    empty = {"nulls_last": True} if is_last else {"nulls_first": True}
    if sort.descending:
        return keyed.order_by(F("sort_key").desc(**empty), "-pk")
    return keyed.order_by(F("sort_key").asc(**empty), "pk")


def _keyed[Record: Model](queryset: QuerySet[Record], sort: Sort) -> QuerySet[Record]:
    key = F(sort.key) if isinstance(sort.key, str) else sort.key
    # The annotation makes no other record of it, whatever the type checker knows of queries.
    return cast("QuerySet[Record]", queryset.annotate(sort_key=key))


def write_cursor(cursor: Cursor, *, list_name: str, sort: Sort) -> str:
    """The cursor as an opaque, signed text for an address."""
    content = [_as_json(cursor.key), cursor.pk, int(cursor.backward), cursor.rows_before]
    return signing.dumps(content, salt=_salt(list_name, sort))


def read_cursor(text: str, *, list_name: str, sort: Sort, queryset: QuerySet[Any]) -> Cursor:
    """
    The cursor of an address.

    :raises InvalidCursor: where the text was not written for this list and order
    """
    try:
        key, pk, backward, rows_before = signing.loads(text, salt=_salt(list_name, sort))
        return Cursor(
            key=_key_field(queryset, sort).to_python(key),
            pk=pk,
            backward=bool(backward),
            rows_before=rows_before,
        )
    except (signing.BadSignature, ValidationError, ValueError, TypeError) as error:
        raise InvalidCursor("The address of this page does not fit this list.") from error


def _salt(list_name: str, sort: Sort) -> str:
    return f"keyset:{list_name}:{sort.slug}"


def _as_json(key: Any) -> Any:
    if isinstance(key, date):  # moments too
        return key.isoformat()
    return str(key) if isinstance(key, Decimal) else key


def _key_field(queryset: QuerySet[Any], sort: Sort) -> "Field[Any, Any]":
    key = F(sort.key) if isinstance(sort.key, str) else sort.key
    annotation = queryset.annotate(sort_key=key).query.annotations["sort_key"]
    field: Field[Any, Any] = annotation.output_field
    return field
