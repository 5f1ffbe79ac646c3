"""Licenses of a company and what is deployed in it, for tests of what uses licenses."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.models import Company, User
from allocation.models import Allocation, LicenseNumbers
from allocation.queries import numbers_of
from allocation.services import refresh, track_deployment
from common.acting import acting
from contracts.models import Product
from deployments.models import Deployment
from deployments.signals import deployments_counted
from entitlements.models import Entitlement
from tests.factories import CompanyFactory, LicenseFactory, ProductFactory, UserFactory

TODAY = date(2026, 6, 1)


@dataclass
class Household:
    """A company that owns licenses and runs products; ``by`` is whoever acts for it."""

    company: Company = field(default_factory=CompanyFactory)
    by: User = field(default_factory=UserFactory)

    def license(self, rights: int | None, **fields: Any) -> Entitlement:
        """A license of so many rights (None: unlimited), with its numbers."""
        granted = {"purchased_rights": rights, "is_unlimited": rights is None, **fields}
        license = LicenseFactory(company=self.company, **granted)
        self.count(license)
        return license

    def product(self, *, installs: int = 0, users: int = 0) -> Product:
        """A product that is deployed so often."""
        product = ProductFactory()
        self.deploy(product, installs=installs, users=users)
        return product

    def deploy(self, product: Product, **counts: int) -> Deployment:
        """Have an inventory find a product so often."""
        with acting(None, "Found by an inventory"):
            row, _ = Deployment.objects.update_or_create(
                company=self.company, product=product, defaults=counts
            )
            deployments_counted.send(
                Deployment, company_id=self.company.pk, deployment_ids=[row.pk]
            )
        return row

    def track(
        self, license: Entitlement, product: Product, quantity: int, metric: str = "installs"
    ) -> Allocation:
        return track_deployment(
            license=license,
            product=product,
            metric=metric,
            quantity=quantity,
            day=TODAY,
            by=self.by,
        )

    def count(self, *licenses: Entitlement, day: date = TODAY) -> None:
        """Count licenses anew, as of a day."""
        with acting(None, "Counted by a test"):
            refresh(company_id=self.company.pk, licenses=[each.pk for each in licenses], day=day)


def figures(license: Entitlement) -> LicenseNumbers:
    """The stored numbers of a license, which has some."""
    numbers = numbers_of(license)
    assert numbers is not None
    return numbers
