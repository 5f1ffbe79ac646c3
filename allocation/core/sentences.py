"""What a rule and its figures say, as a sentence a license manager would say."""

from collections.abc import Callable, Mapping
from datetime import date

from allocation.core.values import ENDLESS, Figures, Rule

Telling = Callable[..., str]


def tell(rule: Rule, figures: Figures) -> str:
    """The sentence of a rule with the figures that were stored with the change."""
    return SENTENCES[rule](*figures)


def shown(day: int) -> str:
    """A day of the core for people to read: ``31 Dec 2026``."""
    if day >= ENDLESS:
        return "without end"
    read = date.fromordinal(day)
    return f"{read.day} {read:%b %Y}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 unit``, ``2 units``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def _between(start: int, end: int) -> str:
    """How far a start lies from an end, in words."""
    if start == end:
        return "on the day that cover ends"
    side = "after" if start > end else "before"
    return f"{counted(abs(start - end), 'day')} {side} that cover ends"


def _continuity(end: int, start: int, grace: int) -> str:
    return (
        f"Continues the cover that ends {shown(end)}: it starts {shown(start)},"
        f" {_between(start, end)} (grace {counted(grace, 'day')})."
    )


def _lapsed(last_end: int, grace: int) -> str:
    return (
        f"The license's last cover ended {shown(last_end)}, within the grace of"
        f" {counted(grace, 'day')}, so it came before licenses without recent cover."
    )


def _uncovered(last_end: int, _grace: int) -> str:
    if last_end:
        return f"The license had no cover in effect; its last one ended {shown(last_end)}."
    return "The license had no cover in effect, and none of this kind before."


def _returned(free: int, allocated: int, same_price: int) -> str:
    parts = [counted(units, f"{kind} unit") for units, kind in _taken(free, allocated)]
    price = "at the return's price" if same_price else "at another price, none was left at its own"
    return f"Took {' and '.join(parts)}, bought {price}."


def _taken(free: int, allocated: int) -> list[tuple[int, str]]:
    return [(units, kind) for units, kind in ((free, "free"), (allocated, "allocated")) if units]


def _displacing(serial: str, displaced: int) -> str:
    return (
        f"Serial number {serial} is that of the license; it displaced"
        f" {counted(displaced, 'other allocation')}."
    )


SENTENCES: Mapping[Rule, Telling] = {
    Rule.LICENSE_EXPIRED: lambda day: f"The license expired on {shown(day)}.",
    Rule.LICENSE_WITHOUT_UNITS: lambda: "The license has no active rights any more.",
    Rule.UNITS_CHANGED: lambda before, now: (
        f"The license has {counted(now, 'unit')} now; the allocation carried {before}."
    ),
    Rule.COMPANY_CHANGED: lambda: "The license belongs to another company now.",
    Rule.TITLE_CHANGED: lambda: (
        "The license and the maintenance are for different software models now."
    ),
    Rule.REVOKED: lambda: "The authorization is no longer active.",
    Rule.TOO_MANY_AUTHORIZED: lambda needed, left: (
        f"It needs {counted(needed, 'unit')} of the license; {left} are left beside earlier ones."
    ),
    Rule.RETURNED_FREE_UNITS: _returned,
    Rule.RETURNED_ALLOCATED_UNITS: _returned,
    Rule.OVER_ALLOCATED: lambda used, net: (
        f"The position had {counted(used, 'unit')} allocated and owns {net} after returns."
    ),
    Rule.OWN_TITLE: lambda: "A license of the title itself had enough units left.",
    Rule.DOWNGRADE: lambda: "A license with a downgrade right to the title had enough units left.",
    Rule.GROUP_MATCHED: lambda serial, units, days: (
        f"Its {counted(units, 'unit')} are exactly those of the licenses with serial number"
        f" {serial}, the last of which was bought {counted(days, 'day')} before it."
    ),
    Rule.SERIAL: lambda serial: f"Serial number {serial} is that of the license.",
    Rule.SERIAL_DISPLACING: _displacing,
    Rule.SERIAL_DISPLACED: lambda serial, _position: (
        f"A position with the license's serial number, {serial}, took its place."
    ),
    Rule.PORTAL: lambda promised, ends: (
        f"Cover was promised until {shown(promised)}; this position covers until {shown(ends)}."
        if ends < ENDLESS
        else f"Cover was promised until {shown(promised)}; this position has no end."
    ),
    Rule.CONTINUITY: _continuity,
    Rule.LAPSED: _lapsed,
    Rule.UNCOVERED: _uncovered,
}
