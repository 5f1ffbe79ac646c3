"""License keys of the demo: made up, encrypted, and given to some of the people and devices."""

from random import Random

from accounts.models import User
from demo.organisation import Household
from entitlements.models import Duration, Entitlement
from entitlements.services import add_keys

LICENSES_WITH_KEYS = 15
LETTERS = "BCDFGHJKMPQRTVWXY2346789"
MOST_KEYS = 5


def paste_keys(household: Household, by: User, random: Random) -> None:
    """Give the oldest perpetual licenses of a company keys of their own."""
    perpetual = Entitlement.objects.licenses().filter(
        company=household.company, duration=Duration.PERPETUAL
    )
    for license in perpetual.order_by("purchased_on", "pk")[:LICENSES_WITH_KEYS]:
        keys = [_key(random) for _ in range(random.randint(1, MOST_KEYS))]
        add_keys(entitlement=license, pasted="\n".join(keys), label="", by=by)


def _key(random: Random) -> str:
    """Five groups of five letters, as many publishers print them."""
    return "-".join("".join(random.choices(LETTERS, k=5)) for _ in range(5))
