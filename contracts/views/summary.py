"""What the page of a contract shows of its terms, its reminders and its costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum
from django.db.models.functions import ExtractYear

from common.shown import Money, State, Tone, ends_in
from contracts.models import Contract, ContractTerm, Reminder, Renewal
from contracts.queries import members_who_read
from contracts.renewal import (
    NoticeDay,
    Standing,
    last_notice_day,
    length_of,
    next_end,
    reminder_distances,
    standing_on,
)
from contracts.spend import Once, Running, YearOfSpend, spend_by_year
from entitlements.models import ExpenseLine

TONES = {
    Standing.AHEAD: Tone.SOON,
    Standing.RUNNING: Tone.FINE,
    Standing.NOTICE_DUE: Tone.SOON,
    Standing.NOTICE_PASSED: Tone.SOON,
    Standing.NOTICE_GIVEN: Tone.ENDED,
    Standing.LAST_DAY: Tone.SOON,
    Standing.ENDED: Tone.ENDED,
}


@dataclass(frozen=True, kw_only=True)
class ShownTerm:
    """A term as a row of the page."""

    term: ContractTerm
    length: str
    notice: str
    renewal: str
    standing: State
    is_past: bool


@dataclass(frozen=True, kw_only=True)
class ShownTerms:
    """All terms of a contract, the latest first, and what the latest says of the days to come."""

    rows: Sequence[ShownTerm]
    last: ContractTerm | None
    next_end: date | None
    away: Any  # how far that is, as ``ends_in`` says it
    standing: Standing | None
    notice: NoticeDay | None
    notice_away: Any
    renewal: str

    @property
    def is_notice_open(self) -> bool:
        """Whether notice could still be given in time."""
        return self.standing in (Standing.RUNNING, Standing.NOTICE_DUE) and self.notice is not None

    @property
    def is_over(self) -> bool:
        return self.standing == Standing.ENDED and self.next_end == (
            self.last and self.last.ends_on
        )

    @property
    def can_renew(self) -> bool:
        return self.last is not None and self.next_end is not None and not self.is_given_up

    @property
    def is_given_up(self) -> bool:
        return self.last is not None and self.last.notice_given_on is not None

    @property
    def can_give_notice(self) -> bool:
        return self.last is not None and not self.is_given_up and not self.is_over


def shown_terms(terms: Sequence[ContractTerm], today: date) -> ShownTerms:
    """
    The terms of a contract on a day.

    :param terms: the latest first
    """
    last = terms[0] if terms else None
    rules = last.by_rules if last else None
    end = next_end(rules, today) if rules else None
    notice = last_notice_day(rules) if rules and not rules.notice_given_on else None
    return ShownTerms(
        rows=[_shown_term(term, today) for term in terms],
        last=last,
        next_end=end,
        away=ends_in(end, today) if last else None,
        standing=standing_on(rules, today) if rules else None,
        notice=notice,
        notice_away=ends_in(notice.on, today) if notice else None,
        renewal=_renewal(last) if last else "",
    )


def _shown_term(term: ContractTerm, today: date) -> ShownTerm:
    rules = term.by_rules
    standing = standing_on(rules, today)
    length = length_of(rules)
    return ShownTerm(
        term=term,
        length=str(length) if length else "without end",
        notice=str(rules.notice) if rules.notice else "",
        renewal=_renewal(term),
        standing=State(standing.label, TONES[standing]),
        is_past=standing == Standing.ENDED,
    )


def _renewal(term: ContractTerm) -> str:
    rules = term.by_rules
    if rules.notice_given_on is not None:
        return "Ends: notice was given"
    if rules.renewal == Renewal.NONE or rules.is_endless:
        return ""
    length = rules.renews_for or length_of(rules)
    return f"{rules.renewal.label}, for {length}"


@dataclass(frozen=True, kw_only=True)
class ShownReminder:
    """Who is reminded, and when."""

    members: Sequence[Any]
    lost: Sequence[Any]  # who may not read the contract any more, and gets nothing
    days: str
    sent: Sequence[Any]


def shown_reminder(
    contract: Contract, terms: Sequence[ContractTerm], today: date
) -> ShownReminder | None:
    """The reminders of a contract; None where nobody is reminded."""
    reminder = Reminder.objects.filter(contract=contract).first()
    members = list(reminder.members.select_related("user")) if reminder else []
    if reminder is None or not members:
        return None
    able = set(members_who_read(contract.company_id).values_list("pk", flat=True))
    *first, last = map(str, reminder_distances(reminder.notice_days))
    days = f"{', '.join(first)} and {last}" if first else last
    return ShownReminder(
        members=[member.user for member in members if member.user_id in able],
        lost=[member.user for member in members if member.user_id not in able],
        days=days,
        sent=list(contract.sent_reminders.select_related("user")[:12]),
    )


@dataclass(frozen=True, kw_only=True)
class SpendBar:
    """A year as a row with its bar, in its own 160 units of width."""

    year: int
    running: Money | None
    once: Money | None
    width: float

    WIDTH = 160


@dataclass(frozen=True, kw_only=True)
class SpendTable:
    """
    The years of one currency.

    The values of terms and what was bought under them are two ways to tell of the same money: each
    has its own sum. The bars are the terms', or the purchases' where no term has a value.
    """

    currency: str
    rows: Sequence[SpendBar]
    draws_terms: bool
    running: Money
    once: Money


def shown_spend(contract: Contract, terms: Sequence[ContractTerm]) -> list[SpendTable]:
    """What a contract costs by year: a table for each currency."""
    found = spend_by_year(_running(contract, terms), _purchases(contract))
    return [_spend_table(currency, years) for currency, years in found.items()]


def _running(contract: Any, terms: Sequence[ContractTerm]) -> list[Running]:
    """The values of the terms; where none has one, the contract's over all of its days."""
    valued = [
        Running(
            starts_on=term.starts_on,
            ends_on=term.ends_on,
            amount=term.value,
            currency=term.currency,
        )
        for term in terms
        if term.value is not None
    ]
    if valued or contract.value is None or contract.starts_on is None:
        return valued
    return [
        Running(
            starts_on=contract.starts_on,
            ends_on=contract.ends_on,
            amount=contract.value,
            currency=contract.currency,
        )
    ]


def _purchases(contract: Contract) -> list[Once]:
    """What was spent for its entitlements: each purchase is one of their expense lines."""
    spent = ExpenseLine.objects.filter(entitlement__contract=contract, ended_on=None)
    sums = (
        spent.order_by()
        .values(year=ExtractYear("spent_on"), code=F("currency"))
        .annotate(amount=Sum("amount"))
    )
    return [
        Once(on=date(row["year"], 1, 1), amount=row["amount"], currency=row["code"]) for row in sums
    ]


def _spend_table(currency: str, years: Sequence[YearOfSpend]) -> SpendTable:
    draws_terms = any(year.running for year in years)
    drawn = [year.running if draws_terms else year.once for year in years]
    rows = [
        SpendBar(
            year=year.year,
            running=Money(year.running, currency) if year.running else None,
            once=Money(year.once, currency) if year.once else None,
            width=_width(amount, max(drawn)),
        )
        for year, amount in zip(years, drawn, strict=True)
    ]
    return SpendTable(
        currency=currency,
        rows=rows,
        draws_terms=draws_terms,
        running=Money(sum((year.running for year in years), Decimal(0)), currency),
        once=Money(sum((year.once for year in years), Decimal(0)), currency),
    )


def _width(amount: Decimal, most: Decimal) -> float:
    """How wide an amount is drawn; one that was credited is not."""
    return round(float(SpendBar.WIDTH * amount / most), 1) if amount > 0 else 0
