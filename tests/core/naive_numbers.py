"""
The definitions of the numbers of licenses, one function a sentence, and nothing kept in between.

Each figure is told from the definition alone, however often it asks for the same others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from allocation.core.numbers import (
    Counted,
    LicenseFigures,
    Numbers,
    ProductFigures,
    Use,
    UseFigures,
)


def naive_numbers(
    *, entitled: Mapping[int, int | None], uses: Sequence[Use], deployed: Mapping[Counted, int]
) -> Numbers:
    world = _World(entitled, uses, deployed)
    return Numbers(
        uses={
            use.id: UseFigures(world.consumed(use), world.deployed_of(use), world.covered(use))
            for use in uses
        },
        licenses={
            license: LicenseFigures(
                entitled[license],
                sum(world.consumed(use) for use in uses if use.license == license),
                sum(world.consumed(use) for use in uses if use.license == license and use.tracks),
                sum(world.deployed_of(use) for use in uses if use.license == license),
                sum(use.quantity for use in uses if use.license == license and use.is_reservation),
            )
            for license in entitled
        },
        products={
            product: ProductFigures(
                deployed[product],
                sum(world.consumed(use) for use in uses if use.tracks == product),
                sum(
                    world.consumed(use) - world.deployed_of(use)
                    for use in uses
                    if use.tracks == product
                ),
                sum(world.covered(use) for use in uses if use.tracks == product),
            )
            for product in deployed
        },
    )


@dataclass(frozen=True, eq=False)
class _World:
    entitled: Mapping[int, int | None]
    uses: Sequence[Use]
    deployed: Mapping[Counted, int]

    @cache  # noqa: B019  # lives as long as the test
    def consumed(self, use: Use) -> int:
        """A quantity, whether or not it is deployed; or what an unlimited one takes."""
        if use.quantity:
            return use.quantity
        after_fixed = self.deployed[self.tracked(use)] - sum(
            other.quantity for other in self.of_product(use)
        )
        others = [other for other in self.of_product(use) if not other.quantity]
        left = max(0, after_fixed) - sum(
            self.consumed(other) for other in others if other.id < use.id
        )
        if all(other.id <= use.id for other in others):
            return left
        return min(left, self.still_held(use, left))

    def still_held(self, use: Use, wanted: int) -> int:
        """What of some units the pool of its license still holds when a use's turn comes."""
        entitled = self.entitled[use.license]
        if entitled is None:
            return wanted
        before = sum(self.consumed(other) for other in self.drawing_before(use))
        return min(wanted, max(0, entitled - before))

    def drawing_before(self, use: Use) -> list[Use]:
        """Fixed ones by their making, then unlimited ones by theirs."""
        of_license = [other for other in self.uses if other.license == use.license]
        turn = (use.quantity == 0, use.id)
        return [other for other in of_license if (other.quantity == 0, other.id) < turn]

    def deployed_of(self, use: Use) -> int:
        if use.tracks is None:
            return 0
        if not use.quantity:
            return self.consumed(use)
        earlier = [other for other in self.of_product(use) if other.id < use.id]
        left = self.deployed[use.tracks] - sum(other.quantity for other in earlier)
        return min(use.quantity, max(0, left))

    def covered(self, use: Use) -> int:
        """What of its consumption its license could give, at most what is deployed."""
        if use.tracks is None:
            return 0
        return min(self.still_held(use, self.consumed(use)), self.deployed_of(use))

    def of_product(self, use: Use) -> list[Use]:
        return [other for other in self.uses if other.tracks == use.tracks]

    def tracked(self, use: Use) -> Counted:
        assert use.tracks is not None
        return use.tracks
