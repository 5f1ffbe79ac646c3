"""What a list declares: its columns, its filters as chips, its ready-made views."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Aggregate

from common.shown import Money, plain


@dataclass(frozen=True, kw_only=True)
class Column:
    """
    One column of a list.

    :param name: its name in addresses
    :param label: its heading
    :param value: from a record to a typed value, shown by ``common.shown`` and exported as such
    :param sort: the path of a field or an expression to sort by; None: not sortable
    :param empty_is_smallest: whether rows without what is sorted by come last from the top down
    :param is_number: right-aligned, with tabular figures
    :param is_money: the value is ``Money``; an export adds a column for its currency
    :param is_code: a number or a name that a line never breaks
    :param is_long: a sentence
    :param is_across: longer than most: it may wrap, and has a line of a card on a phone to itself
    :param is_drawing: drawn from figures that other columns show: where it is narrow it goes first
    :param rank: 1 stands in front on a phone, 3 goes first where it is narrow
    :param is_chosen: whether it is shown unless a person chooses columns
    :param is_exported: false for drawings, whose figures stand in other columns
    :param total: an aggregate over all rows of the list, where it means something
    :param related: the path of another record that the value is taken from, if only this column
        needs it
    """

    name: str
    label: str
    value: Callable[[Any], Any]
    sort: Any = None
    empty_is_smallest: bool = False
    is_number: bool = False
    is_money: bool = False
    is_code: bool = False
    is_long: bool = False
    is_across: bool = False
    is_drawing: bool = False
    rank: int = 2
    is_chosen: bool = True
    is_exported: bool = True
    total: Aggregate | None = None
    related: str = ""

    @property
    def css(self) -> str:
        kinds = (
            ("number", self.is_number or self.is_money),
            ("code", self.is_code),
            ("text-long", self.is_long),
            ("across", self.is_across),
            ("drawing", self.is_drawing),
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
    """
    A ready-made view of a list, as a tab: a name and the filters it stands for.

    :param switches: the filter that it sets, or lifts, where it leaves all others as they are
    """

    label: str
    query: Mapping[str, str] = field(default_factory=dict)
    switches: str = ""
