"""What the rights of an entitlement must always hold, whatever is done to it."""

from collections.abc import Iterable

from entitlements.models import Entitlement
from entitlements.queries import moved_to, taken_from
from entitlements.rights import TakenAway, fewest_rights_left


class RightsRefused(Exception):
    """
    Rights cannot be changed so; the message says why, with the figures. Nothing is written.

    ``field`` tells of which field of a form it speaks; empty: of none.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def demand_reason(reason: str) -> None:
    """
    Refuse to do without a reason what others will ask about.

    :raises RightsRefused: where it is empty
    """
    if not reason.strip():
        raise RightsRefused("Give a reason: others will want to know why.", field="reason")


def lock_in_order(*entitlements: Entitlement) -> None:
    """Let nobody else change the rights of some entitlements until the transaction ends."""
    wanted = Entitlement.objects.filter(pk__in=[each.pk for each in entitlements])
    # In key order, so that two people queue up rather than deadlock.
    list(wanted.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def demand_rights_suffice(entitlement: Entitlement) -> None:
    """
    Refuse fewer purchased rights than were returned, moved away or moved to it on any day.

    :param entitlement: with the number it is to have; locked
    :raises RightsRefused: naming both numbers
    """
    purchased = entitlement.purchased_rights
    if purchased is None:
        return
    if (gone := _beyond(purchased, taken_from(entitlement.pk))) is not None:
        raise RightsRefused(
            f"{gone:,} of its rights are returned or moved away by upgrades:"
            f" it cannot have only {purchased:,}.",
            field="purchased_rights",
        )
    if (upgraded := _beyond(purchased, moved_to(entitlement.pk))) is not None:
        raise RightsRefused(
            f"{upgraded:,} rights were moved to it by upgrades: it cannot have only {purchased:,}.",
            field="purchased_rights",
        )


def _beyond(purchased: int, taken: Iterable[TakenAway]) -> int | None:
    """How many are taken on the day with the most, where that is more than was purchased."""
    fewest = fewest_rights_left(purchased_rights=purchased, taken_away=taken)
    return purchased - fewest.rights if fewest.rights < 0 else None
