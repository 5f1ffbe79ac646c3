"""What a company runs, as the pages of deployments show it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.test import Client
from factory.declarations import SelfAttribute, SubFactory

from accounts.models import Company, Person
from accounts.roles import Role
from common.acting import acting
from contracts.models import DiscoveryMap, Product, SoftwareModel
from deployments.counting import products_of, recount, recount_titles
from deployments.models import (
    Deployment,
    DeploymentMetric,
    Device,
    DeviceKind,
    DiscoveredSoftware,
    Installation,
    ReportedCount,
    Subscription,
)
from tests.factories import (
    CompanyFactory,
    PersonFactory,
    ProductFactory,
    Recorded,
    SoftwareModelFactory,
    VendorFactory,
    make_user,
)

DAY = date(2026, 11, 2)


class DeviceFactory(Recorded[Device]):
    class Meta:
        model = Device

    company = SubFactory(CompanyFactory)
    kind = DeviceKind.LAPTOP
    last_seen_on = DAY


class TitleFactory(Recorded[DiscoveredSoftware]):
    """A title as an inventory calls it, which no rule meets; give ``name``."""

    class Meta:
        model = DiscoveredSoftware

    company = SubFactory(CompanyFactory)
    seen_on = DAY


class InstallationFactory(Recorded[Installation]):
    """Give ``device`` and ``software``."""

    class Meta:
        model = Installation

    company = SelfAttribute("device.company")
    source = "agent"
    seen_on = DAY
    last_seen_on = DAY


class SubscriptionFactory(Recorded[Subscription]):
    """Give ``person`` and ``software``."""

    class Meta:
        model = Subscription

    company = SelfAttribute("person.company")
    source = "agent"
    seen_on = DAY
    last_seen_on = DAY


@dataclass
class Premises:
    """A company, its people and devices, and what is found there."""

    company: Company = field(default_factory=CompanyFactory)

    def person(self, name: str, **fields: Any) -> Person:
        return PersonFactory(
            company=self.company, name=name, email=f"{name.lower()}@example.org", **fields
        )

    def device(self, name: str, **fields: Any) -> Device:
        return DeviceFactory(company=self.company, name=name, **fields)

    def found(
        self, name: str, *, model: SoftwareModel | None = None, **fields: Any
    ) -> DiscoveredSoftware:
        """A title, and the rule that makes it a software model."""
        rule = None
        if model is not None:
            with acting(None, "Set up by a test"):
                rule, _ = DiscoveryMap.objects.get_or_create(name=name, model=model)
        return TitleFactory(company=self.company, name=name, model=model, rule=rule, **fields)

    def install(self, device: Device, title: DiscoveredSoftware, **fields: Any) -> Installation:
        installation: Installation = InstallationFactory(device=device, software=title, **fields)
        self.count(title)
        return installation

    def subscribe(self, person: Person, title: DiscoveredSoftware, **fields: Any) -> Subscription:
        subscription: Subscription = SubscriptionFactory(person=person, software=title, **fields)
        self.count(title)
        return subscription

    def count(self, title: DiscoveredSoftware) -> None:
        """Count what was put there, as an import does in the end."""
        with acting(None, "Set up by a test"):
            recount_titles([title.pk])
            recount(company_id=self.company.pk, product_ids=products_of([title.pk]))

    def deploy(self, vendor: str, product: str, installs: int) -> Product:
        """A product of a vendor that is found on so many devices."""
        made = ProductFactory(name=product, vendor=VendorFactory(name=vendor))
        title = self.found(product, model=SoftwareModelFactory(product=made))
        for number in range(installs):
            self.install(self.device(f"{product}-{number}"), title)
        return made

    def report(self, title: DiscoveredSoftware, installs: int, *, source: str = "Fleet") -> None:
        """A total that a source tells of a title, without saying where it is installed."""
        with acting(None, "Set up by a test"):
            ReportedCount.objects.create(
                company=self.company,
                software=title,
                source=source,
                metric=DeploymentMetric.INSTALLS,
                day=DAY,
                count=installs,
            )
        self.count(title)

    def visitor(self, role: Role = Role.AUDITOR, **fields: Any) -> Client:
        """Somebody with a role in the company, signed in."""
        return signed_in(role, self.company, **fields)


@dataclass
class Environment(Premises):
    """
    A company in which Acme's DrawIt runs on a device of Ada's and on one of nobody's, while Bob
    has it as a subscription.
    """

    def __post_init__(self) -> None:
        product = ProductFactory(name="DrawIt", vendor=VendorFactory(name="Acme"))
        self.model: SoftwareModel = SoftwareModelFactory(product=product)
        self.ada = self.person("Ada")
        self.bob = self.person("Bob")
        self.pc = self.device("pc-1", person=self.ada)
        self.spare = self.device("pc-2")
        self.title = self.found("DrawIt", version="24.1", model=self.model)
        self.install(self.pc, self.title)
        self.install(self.spare, self.title)
        self.subscribe(self.bob, self.found("DrawIt Online", model=self.model))

    @property
    def deployment(self) -> Deployment:
        return Deployment.objects.get(company=self.company, product=self.model.product)


def signed_in(role: Role, *companies: Company, **fields: Any) -> Client:
    client = Client()
    client.force_login(make_user(role, *companies, **fields))
    return client
