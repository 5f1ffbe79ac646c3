"""Steps 1 and 4 for authorizations: which license each of them is drawn from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from allocation.core.rooms import Rooms
from allocation.core.terms import is_valid, order_of_licenses
from allocation.core.values import (
    Assigned,
    Authorization,
    Downgrade,
    Figures,
    License,
    Reason,
    Released,
    Rule,
)

Ending = tuple[Reason, Rule, Figures]


class Settled(NamedTuple):
    """What became of the authorizations; ``license_of`` is what each of them holds in the end."""

    released: Sequence[Released]
    assigned: Sequence[Assigned]
    license_of: Mapping[int, int]


def settle_authorizations(
    day: int,
    licenses: Sequence[License],
    authorizations: Sequence[Authorization],
    downgrades: Iterable[Downgrade],
) -> Settled:
    """
    Release what does not hold any more, then draw a license for each authorization without one.

    :param licenses: of the whole companies, and those others that an authorization holds
    """
    by_id = {license.id: license for license in licenses}
    rights = _rights_in_force(day, downgrades)
    known = sorted(
        (each for each in authorizations if each.approved_on <= day),
        key=lambda each: (each.approved_on, each.id),
    )
    held = {each.id: each.license for each in authorizations if each.license is not None}
    released = _release(day, by_id, known, held, rights)
    units_of = {each.id: each.units for each in authorizations}
    assigned = _draw(day, licenses, known, held, rights, units_of)
    return Settled(released, assigned, held)


Rights = Mapping[tuple[int, int], int]  # (license, title) → the lowest order of its rights


def _rights_in_force(day: int, downgrades: Iterable[Downgrade]) -> Rights:
    lowest: dict[tuple[int, int], int] = {}
    for right in downgrades:
        if right.starts_on <= day <= right.ends_on:
            pair = (right.license, right.title)
            lowest[pair] = min(right.order, lowest.get(pair, right.order))
    return lowest


def _release(
    day: int,
    by_id: Mapping[int, License],
    known: Sequence[Authorization],
    held: dict[int, int],
    rights: Rights,
) -> list[Released]:
    """Step 1: each on its own merits, then those that need more of a license than it has."""
    released: list[Released] = []
    for each in known:
        if each.id in held and (ending := _release_of(day, by_id[held[each.id]], each, rights)):
            released.append(Released(each.id, held.pop(each.id), *ending))
    on_license: dict[int, list[Authorization]] = defaultdict(list)
    for each in known:
        if each.id in held:
            on_license[held[each.id]].append(each)
    for license_id, holders in on_license.items():
        license = by_id[license_id]
        if license.purchased_on <= day:
            released += _release_excess(license, holders, held)
    return released


def _release_of(
    day: int, license: License, authorization: Authorization, rights: Rights
) -> Ending | None:
    if not authorization.active:
        return Reason.REVOKED, Rule.REVOKED, ()
    if license.purchased_on > day:
        return None
    if license.units <= 0:
        return Reason.LICENSE_INVALID, Rule.LICENSE_WITHOUT_UNITS, ()
    if license.expires_on < day:
        return Reason.LICENSE_INVALID, Rule.LICENSE_EXPIRED, (license.expires_on,)
    if license.company != authorization.company:
        return Reason.LICENSE_CHANGED, Rule.COMPANY_CHANGED, ()
    serves = (license.id, authorization.title) in rights
    if license.title != authorization.title and not serves:
        return Reason.LICENSE_CHANGED, Rule.TITLE_CHANGED, ()
    return None


def _release_excess(
    license: License, holders: Sequence[Authorization], held: dict[int, int]
) -> list[Released]:
    """Keep, in order, those that still fit beside the kept, also a smaller one after a larger."""
    released: list[Released] = []
    left = license.units
    for each in holders:
        if each.units <= left:
            left -= each.units
            continue
        del held[each.id]
        figures = (each.units, left)
        released.append(
            Released(each.id, license.id, Reason.OVER_ALLOCATED, Rule.TOO_MANY_AUTHORIZED, figures)
        )
    return released


def _draw(
    day: int,
    licenses: Sequence[License],
    known: Sequence[Authorization],
    held: dict[int, int],
    rights: Rights,
    units_of: Mapping[int, int],
) -> list[Assigned]:
    """Step 4: own title first, then downgrade rights by their order."""
    waiting = [each for each in known if each.active and each.id not in held]
    if not waiting:
        return []
    valid = sorted((each for each in licenses if is_valid(each, day)), key=order_of_licenses)
    left = [license.units - license.taken for license in valid]
    place_of = {license.id: place for place, license in enumerate(valid)}
    for authorization_id, license_id in held.items():
        if license_id in place_of:
            left[place_of[license_id]] -= units_of[authorization_id]
    choices = _choices(valid, left, place_of, rights)
    assigned: list[Assigned] = []
    for each in waiting:
        choice = choices.get((each.company, each.title))
        rank = choice.rooms.first(each.units) if choice else 0
        if choice is None or rank == len(choice.rooms.places):
            continue
        place = choice.rooms.places[rank]
        left[place] -= each.units
        held[each.id] = valid[place].id
        rule = Rule.OWN_TITLE if rank < choice.own else Rule.DOWNGRADE
        assigned.append(Assigned(each.id, valid[place].id, rule, ()))
    return assigned


class Choice(NamedTuple):
    """The licenses that can serve a title, in order; the first ``own`` are of the title itself."""

    rooms: Rooms
    own: int


def _choices(
    valid: Sequence[License], left: Sequence[int], place_of: Mapping[int, int], rights: Rights
) -> dict[tuple[int, int], Choice]:
    own: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, license in enumerate(valid):
        own[license.company, license.title].append(place)
    others: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for (license_id, title), order in rights.items():
        place_or_none = place_of.get(license_id)
        if place_or_none is not None and valid[place_or_none].title != title:
            others[valid[place_or_none].company, title].append((order, place_or_none))
    return {
        key: Choice(
            Rooms(left, own[key] + [place for _order, place in sorted(others.get(key, ()))]),
            len(own[key]),
        )
        for key in {**own, **others}
    }
