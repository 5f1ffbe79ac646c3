"""A small company in which a run has something to do in most of its steps."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import Company, User
from allocation.models import Allocation
from common.acting import acting
from entitlements.models import Entitlement, PurchaseReturn
from tests.factories import (
    CompanyFactory,
    DefinitionFactory,
    LicenseFactory,
    MaintenanceFactory,
    ReturnFactory,
    SoftwareModelFactory,
    UserFactory,
)

DAY = date(2026, 6, 1)


@dataclass
class World:
    """
    The records, by the part they play on the day.

    ``small`` has two units and covers the three of ``plain``, so that its row is ended; ``large``
    gives one unit to a return and covers ``plain`` then; ``unmatched`` fits the serial group.
    """

    by: User
    company: Company
    plain: Entitlement
    first_of_group: Entitlement
    second_of_group: Entitlement
    small: Entitlement
    large: Entitlement
    unmatched: Entitlement
    returned: PurchaseReturn
    over_allocated: Allocation


def make_world(**company: Any) -> World:
    by = UserFactory(first_name="Grace", last_name="Hopper")
    owner = CompanyFactory(**company)
    visio = SoftwareModelFactory(name="Visio 2024")
    common = {"company": owner, "model": visio}
    definition = DefinitionFactory(company=owner)
    plain = LicenseFactory(**common, purchased_rights=3)
    group = {"purchased_rights": 2, "serial_number": "S-1009", "purchased_on": date(2026, 1, 10)}
    first, second = LicenseFactory(**common, **group), LicenseFactory(**common, **group)
    small, large, unmatched = (
        MaintenanceFactory(
            **common, definition=definition, purchased_rights=rights, purchased_on=purchased_on
        )
        for rights, purchased_on in (
            (2, date(2025, 12, 1)),
            (5, date(2026, 1, 1)),
            (4, date(2026, 1, 20)),
        )
    )
    with acting(by, "Set up by a test"):
        row = Allocation.objects.create(
            company=owner,
            kind=small.kind,
            entitlement=small,
            license=plain,
            quantity=3,
            basis="uncovered",
            made_on=date(2026, 1, 2),
            made_at="2026-01-02T00:00Z",
            made_by=by,
        )
    return World(
        by=by,
        company=owner,
        plain=plain,
        first_of_group=first,
        second_of_group=second,
        small=small,
        large=large,
        unmatched=unmatched,
        returned=ReturnFactory(
            definition=definition,
            model=visio,
            returned_on=date(2026, 1, 12),
            unit_price="40",
            currency="EUR",
        ),
        over_allocated=row,
    )
