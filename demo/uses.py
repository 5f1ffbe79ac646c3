"""What uses the demo's licenses: tracked deployments, reservations, people and devices."""

from datetime import date
from random import Random

from accounts.models import User
from allocation.models import ReservationKind
from allocation.services import (
    allocate_to_device,
    allocate_to_person,
    refresh,
    reserve,
    track_deployment,
)
from contracts.models import Product
from demo.organisation import Household
from deployments.models import Deployment, DeploymentMetric, Device
from entitlements.models import CountedBy, Entitlement, EntitlementQuerySet

TRACKED_PRODUCTS = 18
RESERVED_LICENSES = 4
ASSIGNED_LICENSES = 3


def link_the_example(license: Entitlement, by: User, today: date) -> None:
    """The seed's example: 90 rights of M365 E5, 52 of them deployed over two products."""
    for name, notes in (
        ("365 Apps", "Follows the directory: whoever has a plan counts."),
        ("Office", "Shared computers of the plant; counted by user, as the agreement says."),
    ):
        track_deployment(
            license=license,
            product=Product.objects.get(vendor__name="Microsoft", name=name),
            metric=DeploymentMetric.USERS,
            quantity=0,
            day=today,
            by=by,
            notes=notes,
        )


class Uses:
    """Lets a company use its licenses. Decided by the random numbers it is given."""

    def __init__(self, household: Household, by: User, today: date, random: Random) -> None:
        self.household = household
        self.company = household.company
        self.by = by
        self.today = today
        self.random = random

    def make(self) -> None:
        self._count()
        for deployment in self._some_deployments():
            self._track(deployment)
        self._reserve()
        self._assign_to_people()
        self._assign_to_devices()

    def _count(self) -> None:
        """Count the numbers of all licenses: they were bought in bulk."""
        licenses = Entitlement.objects.licenses().filter(company=self.company)
        refresh(
            company_id=self.company.pk,
            licenses=list(licenses.values_list("pk", flat=True)),
            day=self.today,
        )

    def _some_deployments(self) -> list[Deployment]:
        untracked = Deployment.objects.filter(company=self.company, allocations=None)
        rows = untracked.select_related("product__vendor").order_by("pk")
        found = [row for row in rows if row.installs or row.users]
        return self.random.sample(found, TRACKED_PRODUCTS)

    def _track(self, deployment: Deployment) -> None:
        """Track a product by its largest licenses, some without limit and some with."""
        metric = DeploymentMetric.INSTALLS if deployment.installs else DeploymentMetric.USERS
        of_product = self._free_licenses().filter(model__product=deployment.product_id)
        largest = of_product.order_by("-numbers__available", "pk")
        for license in largest[: self.random.choice((1, 2, 2, 3))]:
            available = license.numbers.available or 0
            track_deployment(
                license=license,
                product=deployment.product,
                metric=metric,
                quantity=self.random.choice((0, 0, available, (available + 1) // 2)),
                day=self.today,
                by=self.by,
            )

    def _reserve(self) -> None:
        spare = self._free_licenses().filter(numbers__available__gte=10, numbers__consumed=0)
        for license in spare.order_by("pk")[:RESERVED_LICENSES]:
            department = self.random.choice(self.household.departments)
            reserve(
                license=license,
                kind=ReservationKind.DEPARTMENT,
                label=department.name,
                quantity=4,
                day=self.today,
                by=self.by,
                notes="Planned for next year's team",
            )

    def _assign_to_people(self) -> None:
        counted = self._free_licenses().filter(metric__counted_by=CountedBy.PERSON)
        for license in counted.filter(numbers__available__gte=3).order_by("pk")[:ASSIGNED_LICENSES]:
            for person in self.random.sample(self.household.people, 3):
                allocate_to_person(
                    license=license, person=person, quantity=1, day=self.today, by=self.by
                )

    def _assign_to_devices(self) -> None:
        counted = self._free_licenses().filter(metric__counted_by=CountedBy.DEVICE)
        devices = list(Device.objects.filter(company=self.company).order_by("pk"))
        for license in counted.filter(numbers__available__gte=2).order_by("pk")[:ASSIGNED_LICENSES]:
            for device in self.random.sample(devices, 2):
                allocate_to_device(
                    license=license, device=device, quantity=1, day=self.today, by=self.by
                )

    def _free_licenses(self) -> EntitlementQuerySet:
        """Those of no example that have something available."""
        free = Entitlement.objects.licenses().filter(
            company=self.company, numbers__available__gt=0, asset_tag=""
        )
        return free.select_related("numbers", "metric", "model", "definition", "company")
