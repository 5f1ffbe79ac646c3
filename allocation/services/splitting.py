"""
Splitting a license: two records of one purchase, where something is true of a part of it only.

Both keep serial number, dates, contract and money a right; their allocations are divided in step
(``allocation.core.splitting``). The sums of both are those of the one, on every day.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import User
from allocation.core.splitting import CannotDivide, Held, divide
from allocation.models import Allocation, EndReason, KeptApart
from common.acting import acting
from common.locks import hold_numbers, hold_shared
from entitlements.models import DowngradeRight, Entitlement, StatePeriod, UpgradedEntitlement
from entitlements.queries import next_license_number, taken_from, with_rights, with_state
from entitlements.rights import fewest_rights_left
from entitlements.services import RightsRefused, keep_purchase_lines
from entitlements.services.rights import demand_reason, lock_in_order
from entitlements.signals import rights_changed

# What the second record does not take over: what is the first one's alone, or decided anew.
OWN = frozenset(
    {
        "id",
        "asset_tag",
        "license_number",
        "purchased_rights",
        "packs",
        "rights_per_pack",
        "total_cost",
        "matched_run_id",
        "matched_figures",
        "split_from",
    }
)


class SplitRefused(RightsRefused):
    """A license cannot be split so; the message says why, with the figures."""


class Divided(NamedTuple):
    """How many units of an allocation go to the second license."""

    allocation: Allocation
    units: int

    @property
    def stay(self) -> int:
        return self.allocation.quantity - self.units


def foresee_split(*, license: Entitlement, rights: int, day: date) -> list[Divided]:
    """
    What a split would do to the live allocations of a license, of it and of its maintenance.

    :param rights: those that the second record would have
    :raises SplitRefused: where it would be refused
    """
    _demand_divisible(license, rights, day)
    return _divided(_live(license), license, rights)


def split_license(
    *, license: Entitlement, rights: int, day: date, by: User, reason: str
) -> Entitlement:
    """
    Split rights off a license, into a second record.

    The second one gets its part of what upgrades moved to the first, the states set by hand, the
    downgrade rights, and the pairs kept apart. Returns, what upgrades moved away, license keys,
    documents and notes stay with the first.

    :param day: today, on which allocations are divided
    :returns: the second record
    :raises SplitRefused: where it cannot be; nothing is written
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    demand_reason(reason)
    with acting(by, f"Split: {reason}"):
        hold_shared(license.company_id)
        lock_in_order(license)
        first = Entitlement.objects.get(pk=license.pk)
        _demand_divisible(first, rights, day)
        purchased = first.purchased_rights or 0
        second = _make_second(first, rights)
        _lower(first, rights)
        _divide_upgrades(first, second, rights=rights, of=purchased)
        _copy_beside(first, second)
        keep_purchase_lines(first.company_id, [first.pk, second.pk])
        hold_numbers(first.company_id)
        for allocation, units in _divided(_live(first), first, rights, purchased=purchased):
            _move(allocation, second, units, day=day, by=by, reason=reason)
        rights_changed.send(
            Entitlement, company_id=first.company_id, license_ids=[first.pk, second.pk]
        )
    return second


# --- What may be split ---


def _demand_divisible(license: Entitlement, rights: int, day: date) -> None:
    if license.is_maintenance:
        raise SplitRefused(f"{license} is maintenance: only licenses are split.")
    if license.purchased_rights is None:
        raise SplitRefused(f"{license} is unlimited: it has no number of rights to divide.")
    fewest = fewest_rights_left(
        purchased_rights=license.purchased_rights, taken_away=taken_from(license.pk)
    )
    most = min(fewest.rights, _active_rights(license, day)) - 1
    if most < 1:
        raise SplitRefused(
            f"{license} has {most + 1:,} active {'right' if most == 0 else 'rights'}:"
            " there is nothing to divide."
        )
    if not 1 <= rights <= most:
        raise SplitRefused(
            f"{rights:,} cannot be split off. Give 1 to {most:,}: each of the two needs a right.",
            field="rights",
        )


def _active_rights(license: Entitlement, day: date) -> int:
    read: Any = with_rights(with_state(Entitlement.objects.filter(pk=license.pk), day), day).get()
    active: int = read.active_rights
    return active


# --- The second record ---


def _make_second(first: Entitlement, rights: int) -> Entitlement:
    same = {
        field.attname: getattr(first, field.attname)
        for field in Entitlement._meta.concrete_fields
        if field.name not in OWN
    }
    packs, rights_per_pack = _packs(first, rights)
    serial = first.serial_number
    return Entitlement.objects.create(
        **same,
        license_number=next_license_number(first.company_id, serial) if serial else None,
        purchased_rights=rights,
        packs=packs,
        rights_per_pack=rights_per_pack,
        split_from=first,
    )


def _lower(first: Entitlement, rights: int) -> None:
    first.purchased_rights = (first.purchased_rights or 0) - rights
    first.packs, first.rights_per_pack = _packs(first, first.purchased_rights)
    first.save(update_fields=["purchased_rights", "packs", "rights_per_pack"])


def _packs(license: Entitlement, rights: int) -> tuple[int | None, int | None]:
    """So many rights in packs; none where they make no whole packs."""
    each = license.rights_per_pack
    if license.packs is None or not each or rights % each:
        return None, None
    return rights // each, each


def _divide_upgrades(first: Entitlement, second: Entitlement, *, rights: int, of: int) -> None:
    """Its part of the rights that were moved to the first, so that none counts as of nowhere."""
    upgrades = {
        each.pk: each for each in first.upgraded_from.filter(ended_on=None).select_for_update()
    }
    held = [Held(each.pk, each.rights) for each in upgrades.values()]
    for pk, moved in divide(held, rights=rights, of=of).items():
        upgrade = upgrades[pk]
        if moved == upgrade.rights:
            upgrade.target = second
            upgrade.save(update_fields=["target"])
            continue
        upgrade.rights -= moved
        upgrade.save(update_fields=["rights"])
        UpgradedEntitlement.objects.create(
            company_id=first.company_id,
            target=second,
            source_id=upgrade.source_id,
            rights=moved,
            effective_on=upgrade.effective_on,
        )


def _copy_beside(first: Entitlement, second: Entitlement) -> None:
    """What is true of the purchase, and so of both records."""
    for model, rows in (
        (StatePeriod, first.state_periods.all()),
        (DowngradeRight, first.downgrade_rights.all()),
    ):
        model._default_manager.bulk_create([_copy(row, entitlement=second) for row in rows])
    apart = KeptApart.objects.filter(license=first, lifted_at=None)
    KeptApart.objects.bulk_create([_copy(row, license=second) for row in apart])


def _copy(row: Any, **changed: Any) -> Any:
    same = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in changed
    }
    return type(row)(**same, **changed)


# --- Its allocations ---


def _live(license: Entitlement) -> list[Allocation]:
    """The live rows of a license's pool, and of the maintenance that covers it."""
    related = ("entitlement__definition", "deployment__product__vendor", "person", "device")
    live = Allocation.objects.live().select_related(*related).order_by("pk")
    return [*live.filter(license=license), *live.filter(entitlement=license)]


def _divided(
    rows: Sequence[Allocation],
    license: Entitlement,
    rights: int,
    *,
    purchased: int | None = None,
) -> list[Divided]:
    """
    How many units of each row go to the second license; unlimited ones hold on both.

    Maintenance of each definition covers a license by itself, and all uses share one pool.
    """
    of = purchased or license.purchased_rights or 0
    groups: dict[Any, list[Held]] = defaultdict(list)
    for row in rows:
        if row.is_unlimited:
            continue
        group = "uses" if row.is_use else row.entitlement.definition_id
        groups[group].append(_held(row))
    try:
        gone = {
            id: units
            for held in groups.values()
            for id, units in divide(held, rights=rights, of=of).items()
        }
    except CannotDivide:
        raise SplitRefused(
            f"{rights:,} cannot be split off: what people and devices hold is not divided, and"
            " does not fit into the two. Choose another number, or end some of it first.",
            field="rights",
        ) from None
    return [Divided(row, gone.get(row.pk, 0)) for row in rows]


def _held(row: Allocation) -> Held:
    return Held(
        row.pk,
        row.quantity,
        is_whole=row.person_id is not None or row.device_id is not None,
        stays=row.license_key_id is not None,
    )


def _move(
    row: Allocation, second: Entitlement, units: int, *, day: date, by: User, reason: str
) -> None:
    """Give units of a row to the second license; an unlimited row holds on both."""
    if row.is_unlimited:
        _make(row, second, 0, day=day, by=by)
    elif units:
        _end(row, day=day, by=by, reason=reason)
        if units < row.quantity:
            first = row.entitlement if row.is_use else row.covered
            _make(row, first, row.quantity - units, day=day, by=by)
        _make(row, second, units, day=day, by=by)


def _end(row: Allocation, *, day: date, by: User, reason: str) -> None:
    # One that was made for a day to come ends on it.
    row.ended_on, row.ended_at, row.ended_by = max(day, row.made_on), timezone.now(), by
    row.end_reason, row.end_notes = EndReason.SPLIT, reason
    row.save(update_fields=["ended_on", "ended_at", "ended_by", "end_reason", "end_notes"])


def _make(row: Allocation, license: Entitlement, units: int, *, day: date, by: User) -> None:
    of_license = {"entitlement": license} if row.is_use else {"license": license}
    own = {"id", "ended_on", "ended_at", "ended_by", "ended_in_run", "end_reason", "end_notes"}
    made = {
        "quantity": units,
        "consumed": 0,
        "deployed": 0,
        "made_on": max(day, row.made_on),
        "made_at": timezone.now(),
        "made_by": by,
        "made_in_run": None,
        **of_license,
    }
    kept = {
        field.attname: getattr(row, field.attname)
        for field in Allocation._meta.concrete_fields
        if field.name not in own | made.keys()
    }
    Allocation.objects.create(**kept, **made)
