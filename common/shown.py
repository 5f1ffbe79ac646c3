"""How values look: to a person in HTML, and as plain typed values in an export."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import singledispatch
from typing import Any
from urllib.parse import urlencode

from babel.core import Locale
from babel.numbers import format_currency
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince

from common.tags import write_tags

LOCALE = Locale("en", "GB")

# How long before an end a page begins to say "soon".
SOON_DAYS = 90


class Tone(StrEnum):
    """The four states of the look. Each has its shape and its colour."""

    FINE = "fine"
    SOON = "soon"
    OVER = "over"
    ENDED = "ended"


@dataclass(frozen=True)
class State:
    """A word with its tone."""

    word: str
    tone: Tone

    def __str__(self) -> str:
        return self.word


@dataclass(frozen=True)
class Money:
    """An amount with the code of its currency."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        if not self.currency:
            return f"{self.amount:,.2f}"
        text = format_currency(self.amount, self.currency, locale=LOCALE)
        # A code needs a space before its amount, a sign does not.
        return re.sub(r"([A-Z]{3})(?=\d)", "\\1\N{NO-BREAK SPACE}", text)


@dataclass(frozen=True)
class Exact:
    """A moment that is shown to the second: an audit asks when, not how long ago."""

    moment: datetime

    def __str__(self) -> str:
        return moment_text(self.moment)


@dataclass(frozen=True)
class Linked:
    """A value that leads to the rows behind it; exported as the value alone."""

    value: Any
    address: str


@dataclass(frozen=True)
class Tags:
    """
    Tags of a record, each of which leads to all records that have it.

    :param address: of the list of such records
    """

    names: Sequence[str]
    address: str

    def __str__(self) -> str:
        return write_tags(self.names)


@dataclass(frozen=True)
class Segment:
    """A stretch of a utilisation bar, in its own 120 units of width."""

    kind: str
    label: str
    units: int
    x: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Utilisation:
    """
    What is used of what there is, drawn as a bar of 120 × 8.

    :param split: of what the used units consist: kind, label and units; empty: of one kind
    """

    total: int
    used: int
    used_word: str = "allocated"
    split: Sequence[tuple[str, str, int]] = ()

    WIDTH = 120
    THINNEST = 2

    @property
    def free(self) -> int:
        return self.total - self.used

    @property
    def text(self) -> str:
        """The bar in words."""
        said = f"{self.used:,} of {self.total:,} {self.used_word}"
        return f"{said}, {-self.free:,} over" if self.free < 0 else f"{said}, {self.free:,} free"

    @property
    def segments(self) -> list[Segment]:
        """The stretches from left to right. A stretch with units is never too thin to be seen."""
        within = max(self.total, 0)
        parts = []
        for kind, label, units in self.split or [("used", self.used_word.capitalize(), self.used)]:
            parts.append((kind, label, min(units, within)))
            within -= parts[-1][2]
        free = self.free
        parts.append(("over", "Over", -free) if free < 0 else ("free", "Free", free))
        return self._laid_out([part for part in parts if part[2] > 0])

    def _laid_out(self, parts: list[tuple[str, str, int]]) -> list[Segment]:
        whole = sum(units for _, _, units in parts)
        widths = [max(self.WIDTH * units / whole, self.THINNEST) for _, _, units in parts]
        if widths:
            # What the thin ones were given the widest gives up.
            widths[widths.index(max(widths))] -= sum(widths) - self.WIDTH
        segments: list[Segment] = []
        x = 0.0
        for (kind, label, units), width in zip(parts, widths, strict=True):
            segments.append(Segment(kind, label, units, _short(x), _short(width)))
            x += width
        return segments


def _short(length: float) -> float:
    """To a tenth, and without one where it is whole: a list draws hundreds of bars."""
    rounded = round(length, 1)
    return int(rounded) if rounded.is_integer() else rounded


def ends_in(ends_on: date | None, today: date) -> State | str:
    """
    How far away an end is: "37 days", "today", "3 days ago", "no end".

    Only what ends soon, or has ended, is a state; what is far away is plain words.
    """
    if ends_on is None:
        return "no end"
    days = (ends_on - today).days
    if days < 0:
        return State(f"{count_of(-days, 'day')} ago", Tone.ENDED)
    text = "today" if days == 0 else count_of(days, "day")
    return State(text, Tone.SOON) if days <= SOON_DAYS else text


def count_of(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 day", "12 days"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def day_text(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def moment_text(moment: datetime) -> str:
    """A moment to the second: "24 Nov 2026, 09:13:04"."""
    local = timezone.localtime(moment)
    return f"{day_text(local)}, {local:%H:%M:%S}"


# --- In HTML ---


@singledispatch
def show(value: Any) -> str | SafeString:
    """A value as a person sees it. What is empty is shown as nothing at all."""
    return str(value)


@show.register
def _(value: None) -> str:
    return ""


@show.register
def _(value: bool) -> str:
    return "Yes" if value else "No"


@show.register
def _(value: int) -> str:
    return f"{value:,}".replace("-", "\N{MINUS SIGN}")


@show.register
def _(value: Decimal) -> str:
    return f"{value:,f}".replace("-", "\N{MINUS SIGN}")


@show.register
def _(value: Money) -> str:
    return str(value).replace("-", "\N{MINUS SIGN}")


@show.register
def _(value: date) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), day_text(value))


@show.register
def _(value: datetime) -> SafeString:
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        f"{day_text(local)}, {local:%H:%M:%S %Z}",
        ago(value),
    )


@show.register
def _(value: Exact) -> SafeString:
    local = timezone.localtime(value.moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        f"{local:%Z}",
        value,
    )


@show.register
def _(value: State) -> SafeString:
    # Its shape is drawn by the style sheet: a list shows hundreds of them.
    return format_html('<span class="state {}">{}</span>', value.tone, value.word)


@show.register
def _(value: Linked) -> SafeString:
    return format_html('<a href="{}">{}</a>', value.address, show(value.value))


@show.register
def _(value: Tags) -> SafeString:
    """Tags as links; together they are one value, of which a line may hold several."""
    links = format_html_join(
        " ",
        '<a class="tag" href="{}?{}">{}</a>',
        ((value.address, urlencode({"tag": name}), name) for name in value.names),
    )
    return format_html('<span class="tags">{}</span>', links) if value.names else links


@show.register
def _(value: Utilisation) -> SafeString:
    return mark_safe(  # noqa: S308 - a template of ours, which escapes
        render_to_string("common/bar.html", {"bar": value}).strip()
    )


def ago(moment: datetime) -> str:
    """A moment as a person would say it: "just now", "3 days ago", "in 2 hours"."""
    now = timezone.now()
    if abs((now - moment).total_seconds()) < 60:
        return "just now"
    if moment > now:
        return f"in {timesince(now, moment, depth=1)}"
    return f"{timesince(moment, now, depth=1)} ago"


def icon(name: str) -> SafeString:
    """An icon of the sprite. It says nothing to a screen reader: a word stands beside it."""
    from django.templatetags.static import static

    return format_html(
        '<svg class="icon icon-{0}" aria-hidden="true"><use href="{1}#{0}"/></svg>',
        name,
        static("icons.svg"),
    )


# --- In exports ---


@singledispatch
def plain(value: Any) -> Any:
    """A value as an export holds it: typed where spreadsheets have the type, else as text."""
    return str(value)


@plain.register(type(None))
@plain.register(int)
@plain.register(Decimal)
@plain.register(str)
@plain.register(date)
def _(value: Any) -> Any:
    return value


@plain.register
def _(value: bool) -> str:
    return "Yes" if value else "No"


@plain.register
def _(value: Money) -> Decimal:
    return value.amount


@plain.register
def _(value: Exact) -> datetime:
    return value.moment


@plain.register
def _(value: Linked) -> Any:
    return plain(value.value)
