"""Records for tests: name what the test is about, the rest is believable."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from factory.declarations import (
    LazyAttribute,
    LazyFunction,
    SelfAttribute,
    Sequence,
    SubFactory,
)
from factory.django import DjangoModelFactory

from accounts.models import Company, Membership, Person, User
from accounts.roles import Role
from common.acting import acting
from contracts.models import (
    Contract,
    ContractTerm,
    ContractType,
    Product,
    SoftwareModel,
    Vendor,
)
from entitlements.models import (
    Duration,
    Entitlement,
    EntitlementDefinition,
    Kind,
    LicenseMetric,
    LicenseType,
    PublisherPart,
    PurchaseReturn,
    StatePeriod,
    SuiteComponent,
)


class Recorded[Record: models.Model](DjangoModelFactory[Record]):
    """A factory that acts, since nothing is written where nobody does."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: type[Record], *args: Any, **kwargs: Any) -> Record:
        with acting(None, "Set up by a test"):
            record: Record = super()._create(model_class, *args, **kwargs)
            return record


class UserFactory(Recorded[User]):
    class Meta:
        model = User

    username = Sequence(lambda n: f"user{n}")
    first_name = "Ada"
    last_name = Sequence(lambda n: f"Byron {n}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        with acting(None, "Set up by a test"):
            return User.objects.create_user(*args, **kwargs)


class CompanyFactory(Recorded[Company]):
    class Meta:
        model = Company

    name = Sequence(lambda n: f"Company {n}")
    code = Sequence(lambda n: f"C{n}")


class MembershipFactory(Recorded[Membership]):
    class Meta:
        model = Membership

    user = SubFactory(UserFactory)
    company = SubFactory(CompanyFactory)
    role = Role.LICENSE_MANAGER


def make_user(role: Role, *companies: Company, **fields: Any) -> User:
    """A user with a role in each of the companies."""
    user = UserFactory(**fields)
    for company in companies:
        MembershipFactory(user=user, company=company, role=role)
    return user


class PersonFactory(Recorded[Person]):
    class Meta:
        model = Person

    company = SubFactory(CompanyFactory)
    name = Sequence(lambda n: f"Person {n}")


class VendorFactory(Recorded[Vendor]):
    class Meta:
        model = Vendor

    name = Sequence(lambda n: f"Vendor {n}")


class ProductFactory(Recorded[Product]):
    class Meta:
        model = Product

    vendor = SubFactory(VendorFactory)
    name = Sequence(lambda n: f"Product {n}")


class SoftwareModelFactory(Recorded[SoftwareModel]):
    class Meta:
        model = SoftwareModel

    product = SubFactory(ProductFactory)
    version = "2024"
    name = LazyAttribute(lambda model: f"{model.product.name} {model.version}")


class ContractFactory(Recorded[Contract]):
    class Meta:
        model = Contract

    company = SubFactory(CompanyFactory)
    number = Sequence(lambda n: f"C-{n}")
    name = Sequence(lambda n: f"Agreement {n}")
    type = LazyFunction(lambda: ContractType.objects.get(name="License Agreement"))
    vendor = SubFactory(VendorFactory)


class ContractTermFactory(Recorded[ContractTerm]):
    class Meta:
        model = ContractTerm

    contract = SubFactory(ContractFactory)
    company = SelfAttribute("contract.company")
    starts_on = date(2026, 1, 1)
    ends_on = date(2026, 12, 31)


class PartFactory(Recorded[PublisherPart]):
    """A part number of one right a pack."""

    class Meta:
        model = PublisherPart

    vendor = SubFactory(VendorFactory)
    number = Sequence(lambda n: f"P-{n}")
    product_name = Sequence(lambda n: f"Product {n}")


class SuiteComponentFactory(Recorded[SuiteComponent]):
    class Meta:
        model = SuiteComponent

    part = SubFactory(PartFactory, is_suite=True)
    product_name = Sequence(lambda n: f"Component {n}")


class DefinitionFactory(Recorded[EntitlementDefinition]):
    class Meta:
        model = EntitlementDefinition

    company = SubFactory(CompanyFactory)
    name = Sequence(lambda n: f"Software Assurance {n}")
    grace_days = 30


class LicenseFactory(Recorded[Entitlement]):
    """A perpetual license of one right, counted by device."""

    class Meta:
        model = Entitlement

    company = SubFactory(CompanyFactory)
    kind = Kind.LICENSE
    model = SubFactory(SoftwareModelFactory)
    license_type = LicenseType.FULL
    duration = Duration.PERPETUAL
    metric = LazyFunction(
        lambda: LicenseMetric.objects.get(group__name="Common", name="Per Device")
    )
    purchased_rights = 1
    purchased_on = date(2025, 1, 1)
    unit_cost = Decimal("200")
    currency = "EUR"


class MaintenanceFactory(Recorded[Entitlement]):
    """A maintenance position of one right, in force through 2026."""

    class Meta:
        model = Entitlement

    company = SubFactory(CompanyFactory)
    kind = Kind.MAINTENANCE
    model = SubFactory(SoftwareModelFactory)
    definition = SubFactory(DefinitionFactory, company=SelfAttribute("..company"))
    purchased_rights = 1
    purchased_on = date(2026, 1, 1)
    starts_on = date(2026, 1, 1)
    ends_on = date(2026, 12, 31)
    unit_cost = Decimal("40")
    currency = "EUR"


class StatePeriodFactory(Recorded[StatePeriod]):
    """A state set by hand; give ``entitlement``, ``state`` and ``from_on``."""

    class Meta:
        model = StatePeriod

    company = SelfAttribute("entitlement.company")


class ReturnFactory(Recorded[PurchaseReturn]):
    """A return of one unit of maintenance; give ``definition`` and ``model``."""

    class Meta:
        model = PurchaseReturn

    company = SelfAttribute("definition.company")
    quantity = 1
    returned_on = date(2026, 1, 12)
