"""License record groups: the valid licenses of a company and title that share a serial number."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from allocation.core.values import License


class Group(NamedTuple):
    """Its licenses in license order, their units, and when the first and the last were bought."""

    serial: str
    licenses: tuple[License, ...]
    units: int
    oldest: int
    newest: int


def groups_of(valid: Iterable[License]) -> Mapping[str, Group]:
    """The groups by serial number, of valid licenses in license order."""
    members: dict[str, list[License]] = {}
    for license in valid:
        if license.serial:
            members.setdefault(license.serial, []).append(license)
    return {serial: _group(serial, licenses) for serial, licenses in members.items()}


def _group(serial: str, licenses: list[License]) -> Group:
    return Group(
        serial,
        tuple(licenses),
        sum(license.units for license in licenses),
        oldest=licenses[0].purchased_on,
        newest=licenses[-1].purchased_on,
    )
