"""
What the demo's companies bought over some years: contracts, licenses, and maintenance on them.

Licenses are bought in bundles. Most bundles of perpetual licenses have maintenance, renewed from
year to year: some on time, some late, some with a gap, some dropped, some already for next year.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from contracts.models import (
    Contract,
    ContractTerm,
    ContractType,
    LengthUnit,
    Renewal,
    Vendor,
)
from demo.catalogue import RESELLERS
from demo.organisation import CURRENCIES, Household
from demo.titles import Title
from entitlements.models import (
    Duration,
    Entitlement,
    EntitlementDefinition,
    Kind,
    LicenseType,
    PurchaseReturn,
)

CONTRACTS_OF_COMPANY = (90, 60, 50)
LICENSES_OF_COMPANY = (1450, 850, 720)
YEARS_OF_HISTORY = 5
YEAR = timedelta(days=365)
NOTICE_PERIODS = (
    (30, LengthUnit.DAYS),
    (60, LengthUnit.DAYS),
    (3, LengthUnit.MONTHS),
    (6, LengthUnit.MONTHS),
)
DEFINITIONS = (
    ("Software Assurance", 30, 60),
    ("Vendor Support", 14, 0),
    ("Upgrade Protection", 45, 90),
)


class Bundle(NamedTuple):
    """Licenses bought together, for one title."""

    title: Title
    bought_on: date
    serial: str
    licenses: list[Entitlement]

    @property
    def units(self) -> int:
        return sum(license.purchased_rights or 0 for license in self.licenses)


class Buyer:
    """Buys for one company. Everything is decided by the random numbers it is given."""

    def __init__(
        self, household: Household, vendors: dict[str, Vendor], today: date, random: Random
    ) -> None:
        self.household = household
        self.company = household.company
        self.currency, self.rate = CURRENCIES[household.company.code]
        self.vendors = vendors
        self.today = today
        self.random = random
        self.definitions = EntitlementDefinition.objects.bulk_create(
            EntitlementDefinition(
                company=self.company,
                name=name,
                grace_days=grace_days,
                maximum_days=maximum_days,
                is_orderable=True,
                usual_term_months=12,
            )
            for name, grace_days, maximum_days in DEFINITIONS
        )
        self.contracts: dict[int, list[Contract]] = {}
        self.serials = 0

    # Contracts

    def sign_contracts(self, number: int, titles: Sequence[Title]) -> None:
        """Sign contracts with the vendors of the titles, each with its terms."""
        types = list(ContractType.objects.order_by("pk"))
        contracts = [self._contract(n, self.random.choice(titles), types) for n in range(number)]
        Contract.objects.bulk_create(contracts)
        for contract in contracts:
            self.contracts.setdefault(contract.vendor_id, []).append(contract)
        ContractTerm.objects.bulk_create(
            term for contract in contracts for term in self._terms(contract)
        )

    def _contract(self, number: int, title: Title, types: list[ContractType]) -> Contract:
        kind = self.random.choice(types)
        bought_on = self._some_day()
        return Contract(
            company=self.company,
            number=f"{self.company.code[:3]}-{bought_on.year}-{number + 101:04}",
            name=f"{title.vendor.name} {kind.name}",
            type=kind,
            vendor=title.vendor,
            reseller=self.vendors[self.random.choice(RESELLERS)],
            legal_entity=self.company.name,
            purchased_on=bought_on,
            value=Decimal(self.random.randrange(4_000, 400_000, 500) * self.rate),
            currency=self.currency,
            po_number=f"PO-{self.random.randrange(10_000, 99_999)}",
            business_owner=self.random.choice(self.household.people),
        )

    def _terms(self, contract: Contract) -> list[ContractTerm]:
        assert contract.purchased_on is not None
        starts_on = contract.purchased_on + timedelta(days=self.random.randrange(0, 60))
        terms = []
        for _ in range(self.random.choice((1, 1, 2, 3))):
            ends_on = starts_on + YEAR * self.random.choice((1, 1, 2, 3)) - timedelta(days=1)
            terms.append(
                ContractTerm(
                    company=self.company, contract=contract, starts_on=starts_on, ends_on=ends_on
                )
            )
            starts_on = ends_on + timedelta(days=1)
        self._agree_on_renewal(terms[-1])
        return terms

    def _agree_on_renewal(self, last: ContractTerm) -> None:
        """Say what comes after the last term, and until when notice can be given."""
        last.notice_length, last.notice_unit = self.random.choice(
            (
                (30, LengthUnit.DAYS),
                (60, LengthUnit.DAYS),
                (3, LengthUnit.MONTHS),
                (6, LengthUnit.MONTHS),
            )
        )
        is_over = last.ends_on is not None and last.ends_on < self.today
        # One that renews itself would have done so.
        last.renewal = Renewal.MANUAL if is_over else self.random.choice(list(Renewal))
        if last.renewal == Renewal.AUTOMATIC:
            last.renewal_length = 12

    # Licenses

    def buy_licenses(self, number: int, titles: Sequence[Title]) -> list[Bundle]:
        """Buy about a number of licenses, in bundles."""
        bundles: list[Bundle] = []
        bought = 0
        while bought < number:
            bundle = self._bundle(self.random.choice(titles))
            bundles.append(bundle)
            bought += len(bundle.licenses)
        Entitlement.objects.bulk_create(
            [license for bundle in bundles for license in bundle.licenses], batch_size=1000
        )
        return bundles

    def _bundle(self, title: Title) -> Bundle:
        bought_on = self._some_day()
        serial = self._serial() if self.random.random() < 0.4 else ""
        licenses = [
            self._license(title, bought_on, serial, number)
            for number in range(self.random.choice((1, 2, 2, 3, 4, 5)))
        ]
        return Bundle(title, bought_on, serial, licenses)

    def _license(self, title: Title, bought_on: date, serial: str, number: int) -> Entitlement:
        units = self.random.choice((1, 1, 1, 2, 2, 3, 5, 10, 25))
        return Entitlement(
            **self._common(title, bought_on),
            kind=Kind.LICENSE,
            license_type=LicenseType.FULL,
            metric=title.metric,
            agreement_type=title.agreement_type,
            serial_number=serial,
            license_number=number if serial else None,
            purchased_rights=units,
            unit_cost=self._price(title.sold.price),
            part=title.part,
            **self._duration(title, bought_on),
            **self._place(),
        )

    def _duration(self, title: Title, bought_on: date) -> dict[str, Any]:
        if not title.sold.is_subscription:
            return {"duration": Duration.PERPETUAL}
        starts_on = bought_on + timedelta(days=self.random.randrange(0, 20))
        # Subscriptions run for a year; most of those shown are in force.
        while starts_on + YEAR < self.today and self.random.random() < 0.8:
            starts_on += YEAR
        return {
            "duration": Duration.SUBSCRIPTION,
            "starts_on": starts_on,
            "ends_on": starts_on + YEAR - timedelta(days=1),
        }

    def _common(self, title: Title, bought_on: date) -> dict[str, Any]:
        of_vendor = self.contracts.get(title.vendor.pk)
        return {
            "company": self.company,
            "model": title.model,
            "contract": self.random.choice(of_vendor) if of_vendor else None,
            "vendor": self.vendors[self.random.choice(RESELLERS)],
            "purchased_on": bought_on,
            "currency": self.currency,
            "po_number": f"PO-{self.random.randrange(10_000, 99_999)}",
            "invoice_number": f"{bought_on.year}-{self.random.randrange(1000, 9999)}",
        }

    def _place(self) -> dict[str, Any]:
        number = self.random.randrange(len(self.household.departments))
        owner = self.random.random()
        return {
            "department": self.household.departments[number],
            "cost_centre": self.household.cost_centres[number],
            "location": self.random.choice(self.household.locations),
            "owned_by_person": self.random.choice(self.household.people) if owner < 0.3 else None,
            "owned_by_department": self.household.departments[number] if owner > 0.6 else None,
        }

    # Maintenance

    def buy_maintenance(self, bundles: Sequence[Bundle]) -> list[Entitlement]:
        """Buy maintenance for most bundles of perpetual licenses, year after year."""
        positions = [
            position
            for bundle in bundles
            if not bundle.title.sold.is_subscription and self.random.random() < 0.95
            for position in self._years(bundle)
        ]
        Entitlement.objects.bulk_create(positions, batch_size=1000)
        return positions

    def _years(self, bundle: Bundle) -> list[Entitlement]:
        """The positions of a bundle, one a year."""
        definition = self.random.choice(self.definitions)
        carries_serial = bool(bundle.serial) and self.random.random() < 0.4
        starts_on = bundle.bought_on + timedelta(days=self.random.choice((0, 0, 5, 12, 25, 70)))
        bought_on = starts_on
        positions: list[Entitlement] = []
        while bought_on <= self.today and len(positions) < YEARS_OF_HISTORY:
            ends_on = starts_on + YEAR - timedelta(days=1)
            position = self._position(bundle, definition, bought_on, starts_on, ends_on)
            position.serial_number = bundle.serial if carries_serial else ""
            positions.append(position)
            if self.random.random() < 0.06:
                break  # not renewed
            # Renewed on time, early, late within most graces, or with a gap.
            starts_on = ends_on + timedelta(days=self.random.choice((1, 1, 1, 1, -10, 9, 22, 75)))
            bought_on = min(starts_on, ends_on) - timedelta(days=self.random.randrange(0, 45))
        return positions

    def _position(
        self,
        bundle: Bundle,
        definition: EntitlementDefinition,
        bought_on: date,
        starts_on: date,
        ends_on: date,
    ) -> Entitlement:
        off_by = self.random.choice((0, 0, 0, 0, 0, 0, 1, 2, 5, -1))
        return Entitlement(
            **self._common(bundle.title, bought_on),
            kind=Kind.MAINTENANCE,
            definition=definition,
            purchased_rights=max(1, bundle.units + off_by),
            starts_on=starts_on,
            ends_on=ends_on,
            unit_cost=self._price(bundle.title.sold.price * 0.22),
        )

    def give_back(self, number: int, positions: Sequence[Entitlement]) -> None:
        """Return some maintenance, at its price or at one nobody paid."""
        returned = [
            position
            for position in self.random.sample(positions, number)
            if position.purchased_on + timedelta(days=60) < self.today
        ]
        PurchaseReturn.objects.bulk_create(
            PurchaseReturn(
                company=self.company,
                definition=position.definition,
                model=position.model,
                quantity=self.random.choice((1, 1, 2, 3)),
                returned_on=position.purchased_on + timedelta(days=self.random.randrange(10, 60)),
                unit_price=self.random.choice((position.unit_cost, None)),
                currency=position.currency,
                notes="Given back to the vendor.",
            )
            for position in returned
        )

    # Figures

    def _some_day(self) -> date:
        """A working day of the years behind, long ago a little more often."""
        ago = int(YEARS_OF_HISTORY * 365 * self.random.random() ** 0.8)
        day = self.today - timedelta(days=ago)
        return day - timedelta(days=max(0, day.weekday() - 4))

    def _serial(self) -> str:
        self.serials += 1
        return f"{self.company.code[:2]}-{1000 + self.serials}"

    def _price(self, usual: float) -> Decimal:
        price = usual * self.rate * self.random.choice((0.85, 0.9, 1, 1, 1.05))
        return Decimal(price).quantize(Decimal("0.01"))
