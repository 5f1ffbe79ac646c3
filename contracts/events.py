"""What the calendar holds: ends of contracts, last days to give notice, and renewals."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast

from accounts.scope import Scope
from common.shown import day_text
from contracts.dates import AT_REST
from contracts.models import ContractTerm
from contracts.renewal import ENDLESS, LengthUnit, Renewal, add_days, last_notice_day


class EventKind(models.TextChoices):
    """What happens on a day of the calendar."""

    NOTICE = "notice", "Last day to give notice"
    ENDS = "ends", "Ends"
    RENEWS = "renews", "Renews"


# The last day to give notice, in SQL what ``last_notice_day`` says in Python; a test holds them
# equal. It is only compared and sorted by: PostgreSQL knows days that Python does not.
ONE_DAY = Value(timedelta(days=1))
MONTHS = Func(
    F("notice_length"),
    template="make_interval(months => %(expressions)s)",
    output_field=models.DurationField(),
)
NOTICE_ON = Case(
    When(
        notice_unit=LengthUnit.MONTHS,
        then=Cast(F("ends_on") + ONE_DAY - MONTHS - ONE_DAY, models.DateField()),
    ),
    default=ExpressionWrapper(F("ends_on") - F("notice_length"), models.DateField()),
    output_field=models.DateField(),
)


@dataclass(frozen=True, kw_only=True)
class Event:
    """
    One entry of the calendar.

    :param on: its day; a renewal stands on the first day of the next term
    :param term: the term whose end it is about, with its contract
    """

    on: date
    kind: EventKind
    term: ContractTerm

    @property
    def key(self) -> str:
        """Stays the same however often the calendar is read, and tells entries apart."""
        return f"term-{self.term.pk}-{self.kind}"

    @property
    def remark(self) -> str:
        """What a person should know besides, as a sentence; may be empty."""
        rules = self.term.by_rules
        if self.kind == EventKind.NOTICE:
            notice = last_notice_day(rules)
            if notice is None or not notice.is_moved:
                return ""
            return f"The last working day before it is {day_text(notice.working_on)}."
        if self.kind == EventKind.RENEWS:
            return f"For {rules.renews_for}, by itself." if rules.rolls_on else "By its next term."
        if rules.notice_given_on is not None:
            return f"Notice was given on {day_text(rules.notice_given_on)}."
        return "To be renewed by hand." if rules.renewal == Renewal.MANUAL else ""


def coming_events(
    scope: Scope,
    *,
    first: date,
    last: date,
    most: int,
    kinds: Collection[EventKind] = tuple(EventKind),
    narrowed: Q | None = None,
) -> list[Event]:
    """
    The entries of some days, in their order; of a contract that renews itself the next renewal.

    :param last: the last day, which counts
    :param most: how many at most: the first ones
    :param narrowed: a condition on the terms
    """
    terms = _terms(scope).filter(narrowed or Q())
    found: list[Event] = []
    if EventKind.NOTICE in kinds:
        found += _notices(terms, first, last, most)
    if EventKind.ENDS in kinds:
        found += _ends(terms, first, last, most)
    if EventKind.RENEWS in kinds:
        found += _renewals(terms, first, last, most)
    return sorted(found, key=attrgetter("on", "term.contract.name", "key"))[:most]


def _terms(scope: Scope) -> QuerySet[Any]:
    later = ContractTerm.objects.filter(
        contract=OuterRef("contract"), starts_on__gt=OuterRef("starts_on")
    )
    visible = ContractTerm.objects.visible_to(scope).exclude(contract__status_by_hand__in=AT_REST)
    related = visible.select_related("contract__vendor", "contract__company")
    return related.annotate(is_followed=Exists(later))


GOES_ON = Q(is_followed=True) | Q(renewal=Renewal.AUTOMATIC, notice_given_on=None)


def _notices(terms: QuerySet[Any], first: date, last: date, most: int) -> list[Event]:
    open_to_it = terms.filter(
        is_followed=False, notice_given_on=None, notice_length__gte=0, ends_on__lt=ENDLESS
    )
    due = open_to_it.annotate(notice_on=NOTICE_ON).filter(notice_on__range=(first, last))
    found = []
    for term in due.order_by("notice_on", "pk")[:most]:
        if notice := last_notice_day(term.by_rules):
            found.append(Event(on=notice.on, kind=EventKind.NOTICE, term=term))
    return found


def _ends(terms: QuerySet[Any], first: date, last: date, most: int) -> list[Event]:
    ending = terms.filter(~GOES_ON, ends_on__range=(first, last)).order_by("ends_on", "pk")
    return [Event(on=term.ends_on, kind=EventKind.ENDS, term=term) for term in ending[:most]]


def _renewals(terms: QuerySet[Any], first: date, last: date, most: int) -> list[Event]:
    one = timedelta(days=1)
    renewed = terms.filter(GOES_ON, ends_on__range=(first - one, last - one))
    return [
        Event(on=add_days(term.ends_on, 1), kind=EventKind.RENEWS, term=term)
        for term in renewed.order_by("ends_on", "pk")[:most]
    ]
