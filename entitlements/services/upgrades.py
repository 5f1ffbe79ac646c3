"""
Rights that move from one license to another, of type Upgrade.

Rule: the specification's section *Upgrades*. The rights are inactive on the source from the day on
which they move; they count there again from the day on which the upgrade is taken back.
"""

from collections.abc import Iterable
from datetime import date

from accounts.models import Company, User
from common.acting import acting
from common.locks import hold_shared
from common.shown import day_text
from entitlements.models import Entitlement, Kind, LicenseType, UpgradedEntitlement
from entitlements.queries import moved_to, taken_from, with_rights, with_state
from entitlements.rights import TakenAway, fewest_rights_left, rights_left_on
from entitlements.services.rights import RightsRefused, demand_reason, lock_in_order
from entitlements.signals import rights_changed
from entitlements.states import State


class UpgradeRefused(RightsRefused):
    """Rights cannot move so; the message says why, with the figures."""


def add_upgrade(
    *,
    target: Entitlement,
    source: Entitlement,
    rights: int,
    by: User,
    effective_on: date | None = None,
    reason: str = "",
) -> UpgradedEntitlement:
    """
    Move rights from one license to another, which upgrades them.

    :param effective_on: the day from which they count at the target; its purchase day unless given
    :raises UpgradeRefused: where a rule forbids it; nothing is written
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    effective_on = effective_on or target.purchased_on
    _demand_fitting(target, source, rights, effective_on)
    with acting(by, reason or f"Upgraded from {source}"):
        hold_shared(target.company_id)
        # One upgrade at a time in a company: two could close a circle together, each with half.
        Company.objects.select_for_update(no_key=True).get(pk=target.company_id)
        lock_in_order(target, source)
        _refuse_listed_twice(target, source)
        _refuse_a_circle(target, source, effective_on)
        _demand_active_rights(source.pk, rights, effective_on)
        _demand_room(target.pk, rights, effective_on)
        upgrade = UpgradedEntitlement.objects.create(
            company_id=target.company_id,
            target=target,
            source=source,
            rights=rights,
            effective_on=effective_on,
        )
        _announce(upgrade)
    return upgrade


def end_upgrade(*, upgrade: UpgradedEntitlement, day: date, by: User, reason: str) -> None:
    """
    Take an upgrade back: its rights count at the source again. The target keeps what it purchased.

    :param day: the first day on which they do; the day they moved on: they never moved
    :raises UpgradeRefused: where it was taken back before, or had not begun by that day
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    demand_reason(reason)
    with acting(by, f"Upgrade taken back: {reason}"):
        hold_shared(upgrade.company_id)
        row = UpgradedEntitlement.objects.select_for_update().get(pk=upgrade.pk)
        if row.ended_on is not None:
            raise UpgradeRefused(f"The upgrade was taken back on {day_text(row.ended_on)} already.")
        if day < row.effective_on:
            raise UpgradeRefused(
                f"The rights moved on {day_text(row.effective_on)}: they cannot count at the"
                f" source again on {day_text(day)}, before that.",
                field="day",
            )
        row.ended_on = day
        row.save(update_fields=["ended_on"])
        _announce(row)


def rights_of_nowhere(target: Entitlement, moved: Iterable[TakenAway], *, day: date) -> int:
    """
    How many rights of an Upgrade no source row accounts for on a day: they would count twice.

    :param moved: to it (``entitlements.queries.moved_to``)
    """
    if target.license_type != LicenseType.UPGRADE:
        return 0
    return rights_left_on(day, purchased_rights=target.purchased_rights, taken_away=moved) or 0


def _announce(upgrade: UpgradedEntitlement) -> None:
    rights_changed.send(
        UpgradedEntitlement,
        company_id=upgrade.company_id,
        license_ids=[upgrade.source_id, upgrade.target_id],
    )


# --- Rules ---


def _demand_fitting(
    target: Entitlement, source: Entitlement, rights: int, effective_on: date
) -> None:
    """What two licenses must be for rights to move between them."""
    if rights < 1:
        raise UpgradeRefused(f"{rights} is no number of rights. Give 1 or more.", field="rights")
    if target.kind != Kind.LICENSE or target.license_type != LicenseType.UPGRADE:
        raise UpgradeRefused(f"{target} is no license of type Upgrade: nothing moves to it.")
    if source.pk == target.pk:
        raise UpgradeRefused(f"{source} cannot upgrade itself.", field="source")
    if source.kind != Kind.LICENSE:
        raise UpgradeRefused(
            f"{source} is maintenance: only rights of licenses are upgraded.", field="source"
        )
    if source.company_id != target.company_id:
        raise UpgradeRefused(
            f"{source} belongs to {source.company}, and {target} to {target.company}.",
            field="source",
        )
    publishers = [each.model.product.vendor for each in (source, target)]
    if publishers[0] != publishers[1]:
        raise UpgradeRefused(
            f"{source} is of {publishers[0]}, and {target} of {publishers[1]}.", field="source"
        )
    if effective_on < target.purchased_on:
        raise UpgradeRefused(
            f"{target} was bought on {day_text(target.purchased_on)}: rights cannot move to it on"
            f" {day_text(effective_on)}, before that.",
            field="effective_on",
        )


def _refuse_listed_twice(target: Entitlement, source: Entitlement) -> None:
    listed = UpgradedEntitlement.objects.filter(target=target, source=source, ended_on=None).first()
    if listed is not None:
        raise UpgradeRefused(
            f"{listed.rights:,} rights moved from {source} on"
            f" {day_text(listed.effective_on)} already. Take that back, and enter both together.",
            field="source",
        )


def _refuse_a_circle(target: Entitlement, source: Entitlement, effective_on: date) -> None:
    """Refuse a source whose own rights came from the target, directly or through others."""
    standing = UpgradedEntitlement.objects.filter(company=target.company_id)
    standing = standing.exclude(ended_on__lte=effective_on)
    sources: dict[int, set[int]] = {}
    for to_id, from_id in standing.values_list("target", "source"):
        sources.setdefault(to_id, set()).add(from_id)
    before, seen = {source.pk}, {source.pk}
    while before:
        before = set().union(*(sources.get(each, set()) for each in before)) - seen
        seen |= before
    if target.pk in seen:
        raise UpgradeRefused(
            f"{source} has rights that came from {target} itself, directly or through others.",
            field="source",
        )


def _demand_active_rights(source_id: int, rights: int, effective_on: date) -> None:
    """Refuse more than is active on the day, or is left on any day after it."""
    stated = with_state(Entitlement.objects.filter(pk=source_id), effective_on)
    source = with_rights(stated, effective_on).select_related("model", "definition").get()
    if source.purchased_rights is None:
        raise UpgradeRefused(
            f"{source} is unlimited: it has no number of rights of which some could move.",
            field="source",
        )
    state, active = source.state_now, source.active_rights  # type: ignore[attr-defined]
    if state is None:
        raise UpgradeRefused(
            f"{source} is bought on {day_text(source.purchased_on)}: on {day_text(effective_on)}"
            " it has no rights.",
            field="source",
        )
    if rights > active:
        why = "it is retired" if state == State.RETIRED else "the rest is returned or moved away"
        why = f" ({why})" if active < source.purchased_rights else ""
        raise UpgradeRefused(
            f"{rights:,} is more than the {active:,} active rights that {source} has on"
            f" {day_text(effective_on)}{why}.",
            field="rights",
        )
    fewest = fewest_rights_left(
        purchased_rights=source.purchased_rights,
        taken_away=taken_from(source_id),
        from_on=effective_on,
    )
    if rights > fewest.rights:
        raise UpgradeRefused(
            f"{rights:,} is more than the {fewest.rights:,} rights that {source} has left on"
            f" {day_text(fewest.on)}, when others are returned or move away.",
            field="rights",
        )


def _demand_room(target_id: int, rights: int, effective_on: date) -> None:
    """Refuse more rights in all than the target has purchased."""
    target = Entitlement.objects.select_related("model", "definition").get(pk=target_id)
    if target.purchased_rights is None:
        return
    room = fewest_rights_left(
        purchased_rights=target.purchased_rights,
        taken_away=moved_to(target_id),
        from_on=effective_on,
    ).rights
    if rights > room:
        raise UpgradeRefused(
            f"With these {rights:,} there would be {target.purchased_rights - room + rights:,}"
            f" rights moved to {target}, which has {target.purchased_rights:,}: at most {room:,}"
            " more can.",
            field="rights",
        )
