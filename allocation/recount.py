"""
A plain recount of all numbers of a company, to prove the stored ones by.

It shares nothing with what keeps them current: it reads every table whole, tells states and rights
in Python and not in SQL, and takes each figure from the wording of the specification.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts.models import Company
from allocation.models import Allocation, LicenseNumbers, ProductNumbers
from common.shown import day_text
from deployments.models import (
    Deployment,
    DeploymentMetric,
    Installation,
    ReportedCount,
    Subscription,
)
from entitlements.models import (
    Entitlement,
    PurchaseReturn,
    StatePeriod,
    UpgradedEntitlement,
)
from entitlements.rights import TakenAway, active_rights_on
from entitlements.states import State, StateByHand, state_on

# A product's deployment and the metric it is counted in.
Counted = tuple[int, str]
Figures = Mapping[str, int | None]


def differences(company: Company, day: date) -> Iterator[str]:
    """A sentence on each stored figure of a company that a recount for a day does not give."""
    licenses = list(Entitlement.objects.filter(company=company).licenses().order_by("pk"))
    uses = list(Allocation.objects.filter(company=company).uses().live().order_by("pk"))
    deployments = list(Deployment.objects.filter(company=company).select_related("product__vendor"))
    found = _found(company, deployments)
    granted = _granted(company, licenses)
    entitled = {license: grant.rights_on(day) for license, grant in granted.items()}
    counts = _count_uses(entitled, uses, found)
    yield from _of_deployments(deployments, found, company)
    yield from _of_uses(uses, counts)
    yield from _of_ended_uses(company)
    yield from _of_licenses(company, licenses, entitled, _grouped(uses, "entitlement_id"), counts)
    yield from _of_products(company, deployments, found, uses, counts)
    yield from _of_days_to_come(company, granted, day)


# --- What is entitled, and what is deployed ---


class _Grant(NamedTuple):
    """All that decides what a license grants on any day."""

    license: Entitlement
    by_hand: Sequence[StatePeriod]
    taken_away: Sequence[TakenAway]

    def rights_on(self, day: date) -> int | None:
        """What it grants on a day; None: endless."""
        in_force = [
            StateByHand(State(period.state), period.from_on, period.until_on)
            for period in self.by_hand
            if period.from_on <= day and (period.until_on is None or day <= period.until_on)
        ]
        state = state_on(
            day,
            purchased_on=self.license.purchased_on,
            follows_dates=self.license.follows_dates,
            starts_on=self.license.starts_on,
            ends_on=self.license.ends_on,
            by_hand=in_force[0] if in_force else None,
        )
        if state != State.IN_USE:
            return 0
        return active_rights_on(
            day,
            purchased_rights=self.license.purchased_rights,
            taken_away=self.taken_away,
            state=state,
        )

    def next_change(self, day: date) -> date | None:
        """The first day after one on which it grants something else; None: there is none."""
        now = self.rights_on(day)
        to_come = sorted(turn for turn in self._turns() if turn is not None and turn > day)
        return next((turn for turn in to_come if self.rights_on(turn) != now), None)

    def _turns(self) -> Iterator[date | None]:
        """The days on which something begins, or is over."""
        yield from (self.license.purchased_on, self.license.starts_on)
        yield _day_after(self.license.ends_on)
        for period in self.by_hand:
            yield from (period.from_on, _day_after(period.until_on))
        for taken in self.taken_away:
            yield from (taken.from_on, taken.given_back_on)


def _day_after(day: date | None) -> date | None:
    return None if day is None or day == date.max else day + timedelta(days=1)


def _granted(company: Company, licenses: Iterable[Entitlement]) -> dict[int, _Grant]:
    by_hand = _grouped(StatePeriod.objects.filter(company=company), "entitlement_id")
    returned = _grouped(
        PurchaseReturn.objects.filter(company=company, entitlement__isnull=False), "entitlement_id"
    )
    moved = _grouped(UpgradedEntitlement.objects.filter(company=company), "source_id")
    return {
        license.pk: _Grant(
            license,
            by_hand[license.pk],
            [
                *(
                    TakenAway(each.quantity, each.returned_on, each.ended_on)
                    for each in returned[license.pk]
                ),
                *(
                    TakenAway(each.rights, each.effective_on, each.ended_on)
                    for each in moved[license.pk]
                ),
            ],
        )
        for license in licenses
    }


def _grouped(records: Iterable[Any], key: str) -> dict[int, list[Any]]:
    by_key: dict[int, list[Any]] = defaultdict(list)
    for record in records:
        by_key[getattr(record, key)].append(record)
    return by_key


def _found(company: Company, deployments: Iterable[Deployment]) -> dict[Counted, int]:
    """What is deployed of each product: single rows, or a source's total for want of any."""
    installs, users = _single_installs(company), _single_users(company)
    reported = _reported(company)
    return {
        (deployment.pk, metric): counted[deployment.product_id]
        or reported.get((deployment.product_id, metric), 0)
        for deployment in deployments
        for metric, counted in (
            (DeploymentMetric.INSTALLS.value, installs),
            (DeploymentMetric.USERS.value, users),
        )
    }


PRODUCT = "software__model__product"


def _single_installs(company: Company) -> Counter[int]:
    there = Installation.objects.filter(
        company=company, gone_on=None, software__model__isnull=False
    ).order_by()
    pairs = there.values_list(PRODUCT, "device", "software__model").distinct()
    return Counter(product for product, _, _ in pairs.iterator())


def _installs_without_person(company: Company) -> Counter[int]:
    there = Installation.objects.filter(
        company=company, gone_on=None, software__model__isnull=False
    ).order_by()
    used = there.annotate(user=Coalesce(F("person"), F("device__person")))
    people: dict[tuple[int, int, int], set[int | None]] = defaultdict(set)
    for *install, person in used.values_list(PRODUCT, "device", "software__model", "user"):
        people[tuple(install)].add(person)
    return Counter(product for (product, _, _), users in people.items() if users == {None})


def _single_users(company: Company) -> Counter[int]:
    there = {"company": company, "gone_on": None, "software__model__isnull": False}
    subscribed = Subscription.objects.filter(**there).order_by()
    installed = Installation.objects.filter(**there).order_by()
    of_installs = installed.annotate(user=Coalesce(F("person"), F("device__person")))
    people = {
        *subscribed.values_list(PRODUCT, "person").distinct().iterator(),
        *of_installs.filter(user__isnull=False).values_list(PRODUCT, "user").distinct().iterator(),
    }
    return Counter(product for product, _ in people)


def _reported(company: Company) -> dict[tuple[int, str], int]:
    """By product and metric: the largest source's sum of the latest totals of its titles."""
    latest: dict[tuple[int, str, str, int], int] = {}
    reports = ReportedCount.objects.filter(company=company, software__model__isnull=False)
    for product, metric, source, title, count in reports.order_by("day").values_list(
        PRODUCT, "metric", "source", "software", "count"
    ):
        latest[product, metric, source, title] = count
    by_source: Counter[tuple[int, str, str]] = Counter()
    for (product, metric, source, _title), count in latest.items():
        by_source[product, metric, source] += count
    largest: dict[tuple[int, str], int] = {}
    for (product, metric, _source), total in by_source.items():
        largest[product, metric] = max(total, largest.get((product, metric), 0))
    return largest


# --- What is consumed, deployed and covered ---


class _Count(NamedTuple):
    """What one use consumes, and of that what is deployed, and what its license covers."""

    consumed: int
    deployed: int
    covered: int


def _count_uses(
    entitled: Mapping[int, int | None], uses: Sequence[Allocation], found: Mapping[Counted, int]
) -> dict[int, _Count]:
    """The counts of all uses of a company, given in the order of their making."""
    before = _Before(entitled, found)
    fixed = [use for use in uses if use.quantity]
    unlimited = [use for use in uses if not use.quantity]
    last_of_product = {_product(use): use.pk for use in unlimited}
    counts = {use.pk: _count_fixed(use, before) for use in fixed}
    for use in unlimited:
        is_last = last_of_product[_product(use)] == use.pk
        counts[use.pk] = _count_unlimited(use, before, is_last=is_last)
    return counts


class _Before:
    """What the uses gone through so far consume, of each license and of each product."""

    def __init__(self, entitled: Mapping[int, int | None], found: Mapping[Counted, int]) -> None:
        self._entitled, self._found = entitled, found
        self._of_license: Counter[int] = Counter()
        self._of_product: Counter[Counted] = Counter()

    def left_deployed(self, use: Allocation) -> int:
        return max(0, self._found[_product(use)] - self._of_product[_product(use)])

    def still_held(self, use: Allocation, wanted: int) -> int:
        entitled = self._entitled[use.entitlement_id]
        if entitled is None:
            return wanted
        return min(wanted, max(0, entitled - self._of_license[use.entitlement_id]))

    def add(self, use: Allocation, consumed: int) -> None:
        self._of_license[use.entitlement_id] += consumed
        if use.deployment_id is not None:
            self._of_product[_product(use)] += consumed


def _count_fixed(use: Allocation, before: _Before) -> _Count:
    held = before.still_held(use, use.quantity)
    left = before.left_deployed(use) if use.deployment_id is not None else 0
    before.add(use, use.quantity)
    deployed = min(use.quantity, left)
    return _Count(use.quantity, deployed, min(held, deployed))


def _count_unlimited(use: Allocation, before: _Before, *, is_last: bool) -> _Count:
    left = before.left_deployed(use)
    held = before.still_held(use, left)
    consumed = left if is_last else held
    before.add(use, consumed)
    return _Count(consumed, consumed, held)


def _product(use: Allocation) -> Counted:
    assert use.deployment_id is not None, f"{use} tracks no deployment"
    return (use.deployment_id, use.metric)


# --- Comparing ---


def _of_deployments(
    deployments: Iterable[Deployment], found: Mapping[Counted, int], company: Company
) -> Iterator[str]:
    without_person = _installs_without_person(company)
    for deployment in deployments:
        counted = {metric: found[deployment.pk, metric] for metric in DeploymentMetric.values}
        counted["installs_without_person"] = without_person[deployment.product_id]
        yield from _compared(f"Deployment {deployment}", deployment, counted)


def _of_uses(uses: Iterable[Allocation], counts: Mapping[int, _Count]) -> Iterator[str]:
    for use in uses:
        count = counts[use.pk]
        figures = {"consumed": count.consumed, "deployed": count.deployed}
        yield from _compared(f"Allocation {use}", use, figures)


def _of_ended_uses(company: Company) -> Iterator[str]:
    """What is over takes nothing."""
    ended = Allocation.objects.filter(company=company, ended_at__isnull=False).uses()
    for use in ended.filter(Q(consumed__gt=0) | Q(deployed__gt=0)).order_by("pk"):
        yield from _compared(f"Ended allocation {use}", use, {"consumed": 0, "deployed": 0})


def _of_licenses(
    company: Company,
    licenses: Iterable[Entitlement],
    entitled: Mapping[int, int | None],
    uses: Mapping[int, Sequence[Allocation]],
    counts: Mapping[int, _Count],
) -> Iterator[str]:
    stored = LicenseNumbers.objects.filter(company=company).in_bulk()
    for license in licenses:
        figures = _license_figures(entitled[license.pk], uses.get(license.pk, ()), counts)
        yield from _compared(f"License {license.reference}", stored.get(license.pk), figures)


def _of_days_to_come(company: Company, granted: Mapping[int, _Grant], day: date) -> Iterator[str]:
    """Numbers that are kept longer than they hold would not be counted anew in time."""
    stored = LicenseNumbers.objects.filter(company=company).values_list("license", "holds_until")
    for license, holds_until in stored:
        change = granted[license].next_change(day) if license in granted else None
        if change is not None and (holds_until is None or change <= holds_until):
            kept = f"through {day_text(holds_until)}" if holds_until else "for ever"
            yield (
                f"License {granted[license].license.reference}: its numbers are stored as holding"
                f" {kept}, and what is entitled changes on {day_text(change)}."
            )


def _license_figures(
    entitled: int | None, uses: Sequence[Allocation], counts: Mapping[int, _Count]
) -> Figures:
    tracked = [counts[use.pk] for use in uses if use.deployment_id is not None]
    consumed = sum(counts[use.pk].consumed for use in uses)
    return {
        "entitled": entitled,
        "consumed": consumed,
        "deployed": sum(count.deployed for count in tracked),
        "idle": sum(count.consumed for count in tracked) - sum(count.deployed for count in tracked),
        "reserved": sum(use.quantity for use in uses if use.reservation_kind),
        "available": None if entitled is None else entitled - consumed,
    }


def _of_products(
    company: Company,
    deployments: Iterable[Deployment],
    found: Mapping[Counted, int],
    uses: Iterable[Allocation],
    counts: Mapping[int, _Count],
) -> Iterator[str]:
    numbers = ProductNumbers.objects.filter(company=company)
    stored = {(each.deployment_id, each.metric): each for each in numbers}
    by_product: dict[Counted, list[_Count]] = defaultdict(list)
    for use in uses:
        if use.deployment_id is not None:
            by_product[_product(use)].append(counts[use.pk])
    for deployment in deployments:
        for metric in DeploymentMetric:
            key = (deployment.pk, metric.value)
            figures = _product_figures(found[key], by_product[key])
            # A product of which there has never been anything has no numbers.
            if key in stored or any(figures.values()):
                record = f"Product {deployment} ({metric.label.lower()})"
                yield from _compared(record, stored.get(key), figures)


def _product_figures(found: int, counts: Sequence[_Count]) -> Figures:
    covered = sum(count.covered for count in counts)
    return {
        "deployed": found,
        "allocated": sum(count.consumed for count in counts),
        "idle": sum(count.consumed for count in counts) - sum(count.deployed for count in counts),
        "covered": covered,
        "uncovered": max(0, found - covered),
    }


def _compared(record: str, stored: Any, figures: Figures) -> Iterator[str]:
    if stored is None:
        yield f"{record}: no numbers are stored."
        return
    for figure, counted in figures.items():
        if (kept := getattr(stored, figure)) != counted:
            yield (
                f"{record}: {figure} is stored as {_told(kept)}, and counted as {_told(counted)}."
            )


def _told(figure: int | None) -> str:
    return "endless" if figure is None else f"{figure:,}"
