"""
The numbers of licenses: what allocations consume, how much of that is deployed, what is left.

Rule: the specification of the numbers, *Definitions*. Everything that uses a license draws on its
pool; what was made earlier draws first, and unlimited allocations draw after all others.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

# A deployment and the metric it is counted in.
Counted = tuple[int, str]


class Use(NamedTuple):
    """
    An allocation that draws on a license's pool; the order of the ids is that of the making.

    :param quantity: units; 0: unlimited, whatever is deployed
    :param tracks: the deployment, in a metric; None: a reservation, a person, a device
    """

    id: int
    license: int
    quantity: int
    tracks: Counted | None = None
    is_reservation: bool = False


class UseFigures(NamedTuple):
    """
    What an allocation consumes, and of that the deployed units, and those that its pool held.

    What a reservation, a person or a device consumes is not known to be deployed.
    """

    consumed: int
    deployed: int = 0
    covered: int = 0


class LicenseFigures(NamedTuple):
    """
    The numbers of a license; ``entitled`` None: endless.

    :param tracked: what its tracked deployments consume
    :param reserved: what is set aside by reservations
    """

    entitled: int | None
    consumed: int
    tracked: int
    deployed: int
    reserved: int

    @property
    def available(self) -> int | None:
        """What is left; below 0 it is over-allocated by that many. None: endless."""
        return None if self.entitled is None else self.entitled - self.consumed

    @property
    def idle(self) -> int:
        """Units allocated to deployments that are not in use."""
        return self.tracked - self.deployed

    @property
    def utilisation(self) -> Decimal | None:
        """The consumed share of what is entitled, to four places; None where that is no share."""
        if self.entitled is None or self.entitled <= 0:
            return None
        share = Decimal(self.consumed) / self.entitled
        return share.quantize(Decimal("0.0001"), ROUND_HALF_UP)


class ProductFigures(NamedTuple):
    """The numbers of a deployment in one metric, over all licenses that track it."""

    deployed: int
    allocated: int
    idle: int
    covered: int

    @property
    def uncovered(self) -> int:
        """The deployed units that no license has the rights for."""
        return self.deployed - self.covered


class Numbers(NamedTuple):
    """All numbers, by the id of the use, of the license, and by deployment and metric."""

    uses: Mapping[int, UseFigures]
    licenses: Mapping[int, LicenseFigures]
    products: Mapping[Counted, ProductFigures]


def count_numbers(
    *, entitled: Mapping[int, int | None], uses: Iterable[Use], deployed: Mapping[Counted, int]
) -> Numbers:
    """
    The numbers of some licenses.

    They are right where the licenses are together with all that track a product one of them tracks.

    :param entitled: what each license grants, by id; None: endless
    :param uses: all live uses of these licenses, in any order
    :param deployed: the units found, for at least each deployment and metric that is tracked
    """
    in_order = sorted(uses)
    of_uses = _draw(in_order, _Pools(entitled), dict(deployed))
    by_license: dict[int, list[_Drawn]] = {license: [] for license in entitled}
    by_product: dict[Counted, list[_Drawn]] = {product: [] for product in deployed}
    for use in in_order:
        by_license[use.license].append((use, of_uses[use.id]))
        if use.tracks:
            by_product[use.tracks].append((use, of_uses[use.id]))
    return Numbers(
        uses=of_uses,
        licenses={id_: _license_figures(entitled[id_], by_license[id_]) for id_ in entitled},
        products={each: _product_figures(deployed[each], by_product[each]) for each in deployed},
    )


class _Pools:
    """What the licenses still hold while their uses draw on them, one after the other."""

    def __init__(self, entitled: Mapping[int, int | None]) -> None:
        self._left = dict(entitled)

    def held(self, license: int, wanted: int) -> int:
        """How many of the wanted units the pool holds."""
        left = self._left[license]
        return wanted if left is None else min(wanted, max(0, left))

    def draw(self, license: int, units: int) -> int:
        """Take units, also more than there are; tells how many of them the pool held."""
        held = self.held(license, units)
        left = self._left[license]
        if left is not None:
            self._left[license] = left - units
        return held


def _draw(in_order: list[Use], pools: _Pools, left: dict[Counted, int]) -> dict[int, UseFigures]:
    """
    Let all uses draw in their order.

    :param left: the deployed units that no use has taken yet; used up
    """
    figures = {use.id: _draw_fixed(use, pools, left) for use in in_order if use.quantity}
    # Across all products: an unlimited use of another product, made earlier, may drain the pool.
    unlimited = [(use, use.tracks) for use in in_order if use.tracks and not use.quantity]
    last_of = {tracks: use.id for use, tracks in unlimited}
    for use, tracks in unlimited:
        # The last one takes all that is left, so that over-use shows on a license.
        is_last = last_of[tracks] == use.id
        taken = left[tracks] if is_last else pools.held(use.license, left[tracks])
        left[tracks] -= taken
        covered = pools.draw(use.license, taken)
        figures[use.id] = UseFigures(consumed=taken, deployed=taken, covered=covered)
    return figures


def _draw_fixed(use: Use, pools: _Pools, left: dict[Counted, int]) -> UseFigures:
    held = pools.draw(use.license, use.quantity)
    if use.tracks is None:
        return UseFigures(consumed=use.quantity)
    deployed = min(use.quantity, left[use.tracks])
    left[use.tracks] -= deployed
    return UseFigures(consumed=use.quantity, deployed=deployed, covered=min(held, deployed))


_Drawn = tuple[Use, UseFigures]


def _license_figures(entitled: int | None, drawn: Sequence[_Drawn]) -> LicenseFigures:
    return LicenseFigures(
        entitled=entitled,
        consumed=sum(of_use.consumed for _, of_use in drawn),
        tracked=sum(of_use.consumed for use, of_use in drawn if use.tracks),
        deployed=sum(of_use.deployed for _, of_use in drawn),
        reserved=sum(of_use.consumed for use, of_use in drawn if use.is_reservation),
    )


def _product_figures(deployed: int, drawn: Sequence[_Drawn]) -> ProductFigures:
    return ProductFigures(
        deployed=deployed,
        allocated=sum(of_use.consumed for _, of_use in drawn),
        idle=sum(of_use.consumed - of_use.deployed for _, of_use in drawn),
        covered=sum(of_use.covered for _, of_use in drawn),
    )
