"""What a contract costs by calendar year: pure, no records."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Running:
    """An amount for a period; its last day counts. Without an end it counts on its first day."""

    starts_on: date
    ends_on: date | None
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class Once:
    """An amount of one day."""

    on: date
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class YearOfSpend:
    """
    What one year costs in one currency, told in two ways that are never added.

    :param running: the part of the periods' amounts that falls into the year
    :param once: what was bought in it; often the same money as that of a period
    """

    year: int
    running: Decimal
    once: Decimal


def spend_by_year(running: Iterable[Running], once: Iterable[Once]) -> dict[str, list[YearOfSpend]]:
    """
    The costs of each year by currency, without the years in which nothing is spent.

    The amount of a period is spread evenly over its days; the years of one period add up to its
    amount to the cent. Amounts of different currencies are never added.
    """
    sums: dict[tuple[str, int], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for period in running:
        for year, amount in _spread(period):
            sums[period.currency, year][0] += amount
    for purchase in once:
        sums[purchase.currency, purchase.on.year][1] += purchase.amount
    found: dict[str, list[YearOfSpend]] = {}
    for (currency, year), (of_terms, of_purchases) in sorted(sums.items()):
        if of_terms or of_purchases:
            spent = YearOfSpend(year=year, running=of_terms, once=of_purchases)
            found.setdefault(currency, []).append(spent)
    return found


def _spread(period: Running) -> Iterator[tuple[int, Decimal]]:
    """The part of each year: what is due by its end less what was due by the end of the last."""
    if period.ends_on is None or period.ends_on == date.max:
        yield period.starts_on.year, period.amount
        return
    days = (period.ends_on - period.starts_on).days + 1
    before = Decimal(0)
    for year in range(period.starts_on.year, period.ends_on.year + 1):
        until = min(date(year, 12, 31), period.ends_on)
        passed = (until - period.starts_on).days + 1
        due = (period.amount * passed / days).quantize(CENT, ROUND_HALF_EVEN)
        due = period.amount if until == period.ends_on else due
        yield year, due - before
        before = due
