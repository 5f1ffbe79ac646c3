"""What templates show values with. Every page may use it: it is a builtin of the templates."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common import shown

register = template.Library()

register.simple_tag(shown.icon, name="icon")
register.filter("show", shown.show)
register.filter("day", shown.day_text)


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """An amount with its currency, "€1,200.00"; nothing where there is no amount."""
    return "" if amount is None else shown.show(shown.Money(amount, currency))


@register.filter
def exact(moment: datetime | None) -> str:
    """A moment to the second, as an audit asks for it; nothing where there is none."""
    return "" if moment is None else shown.show(shown.Exact(moment))


@register.filter
def counted(number: int, noun: str) -> str:
    """A number with its noun: ``{{ 3|counted:"license" }}`` is "3 licenses"."""
    return shown.count_of(number, noun)


@register.simple_tag
def badge(state: Any) -> SafeString:
    """A state as a pill: shape, word and colour."""
    return format_html('<span class="state badge {}">{}</span>', state.tone, state.word)
