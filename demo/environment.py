"""
What inventories found at the demo's companies: devices, titles on them, subscriptions, totals.

Each title of the catalogue is known by a rule of discovery; some tools that everybody has are not,
and wait to be matched.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from accounts.models import Person
from contracts.models import DiscoveryMap
from demo.catalogue import CORE, PROCESSOR
from demo.organisation import Household
from demo.titles import Title
from deployments.counting import recount, recount_titles
from deployments.models import (
    DeploymentMetric,
    Device,
    DeviceKind,
    DiscoveredSoftware,
    Installation,
    ReportedCount,
    Subscription,
    Usage,
)

AGENT, DIRECTORY, INTUNE = "GLPI agent", "Microsoft Entra ID", "Intune"
SEEN_SINCE = 700  # days
# By the name of a title, how many of its people the seed's example has: 52 in all.
USERS_OF_EXAMPLE = {"365 Apps": 40, "Office": 12}
SERVERS_OF_COMPANY = {"HALDEN": 24, "NORDIC": 12, "BRUECK": 10}
# Publisher, name, version: on how many of a hundred computers. No rule knows them.
UNMATCHED = (
    ("Igor Pavlov", "7-Zip 24.08 (x64)", "24.08", 62),
    ("Notepad++ Team", "Notepad++ (64-bit x64)", "8.6.9", 41),
    ("Mozilla", "Mozilla Firefox (x64 de)", "132.0", 33),
    ("Google LLC", "Google Chrome", "131.0.6778.86", 71),
    ("VideoLAN", "VLC media player", "3.0.21", 24),
    ("The GIMP Team", "GIMP 2.10.38", "2.10.38", 6),
    ("Python Software Foundation", "Python 3.12.7 (64-bit)", "3.12.7150.0", 9),
    ("Docker Inc.", "Docker Desktop", "4.35.1", 7),
    ("Oracle Corporation", "Java 8 Update 431", "8.0.4310.10", 14),
    ("Simon Tatham", "PuTTY release 0.81 (64-bit)", "0.81.0.0", 12),
    ("Greenshot", "Greenshot 1.2.10.6", "1.2.10.6", 18),
    ("Logitech", "Logi Options+", "1.84.641788", 27),
    ("Cisco Systems, Inc.", "Cisco Secure Client - AnyConnect VPN", "5.1.6.103", 55),
    ("Bentley Systems", "MicroStation 2023", "23.00.01.44", 3),
    ("Trimble", "SketchUp Pro 2024", "24.0.594", 4),
)


def make_rules(titles: Sequence[Title]) -> dict[int, DiscoveryMap]:
    """One rule of discovery for each title, by the id of its model."""
    rules = DiscoveryMap.objects.bulk_create(
        DiscoveryMap(
            publisher=f"{title.sold.vendor}*",
            name=f"{found_as(title)}*",
            version=f"{title.model.version}*" if title.model.version else "",
            model=title.model,
            reason="As the vendor's installer names it",
        )
        for title in titles
    )
    return {rule.model_id: rule for rule in rules if rule.model_id is not None}


def found_as(title: Title) -> str:
    """What installers call a title: its product, after the vendor where it does not say whose."""
    vendor, product = title.sold.vendor, title.sold.product
    return product if vendor.split()[0] in product else f"{vendor} {product}"


class Environment:
    """What was found at one company, and since when. Decided by the random numbers it is given."""

    def __init__(
        self, household: Household, rules: dict[int, DiscoveryMap], today: date, random: Random
    ) -> None:
        self.household = household
        self.company = household.company
        self.rules = rules
        self.today = today
        self.random = random

    def find(self, titles: Sequence[Title], examples: Sequence[Title]) -> None:
        """
        Make all that was found, and count it.

        :param examples: subscriptions of the examples, which have as many people as they say
        """
        self.computers = self._computers()
        self.servers = self._servers()
        self._install(titles)
        self._subscribe(titles, examples)
        self._leave_unmatched()
        products = {title.model.product_id for title in (*titles, *examples)}
        titles_found = DiscoveredSoftware.objects.filter(company=self.company)
        recount_titles(list(titles_found.values_list("pk", flat=True)))
        recount(company_id=self.company.pk, product_ids=sorted(products))

    def _computers(self) -> list[Device]:
        prefix = self.company.code[:3]
        return Device.objects.bulk_create(
            self._computer(f"{prefix}-{number:04}", person)
            for number, person in enumerate(self.household.people, start=1)
        )

    def _computer(self, name: str, person: Person) -> Device:
        kind, model, cores = self.random.choice(
            (
                (DeviceKind.LAPTOP, "Intel Core Ultra 7 155U", 12),
                (DeviceKind.LAPTOP, "AMD Ryzen 7 PRO 7840U", 8),
                (DeviceKind.LAPTOP, "Intel Core i5-1335U", 10),
                (DeviceKind.DESKTOP, "Intel Xeon w5-2445", 10),
            )
        )
        return Device(
            company=self.company,
            name=name,
            serial_number=f"PF{self.random.randrange(10**6, 10**7)}",
            kind=kind,
            operating_system="Windows 11 Enterprise 23H2",
            processor_model=model,
            processors=1,
            cores=cores,
            threads=cores * 2,
            person=person,
            department=person.department,
            location=self.random.choice(self.household.locations),
            cost_centre=self.random.choice(self.household.cost_centres),
            last_seen_on=self._lately(),
        )

    def _servers(self) -> list[Device]:
        """Hosts of a cluster and, three on each, virtual machines."""
        number = SERVERS_OF_COMPANY[self.company.code]
        hosts = Device.objects.bulk_create(
            self._server(f"esx{n:02}", DeviceKind.SERVER, 2, 32) for n in range(1, number // 4 + 1)
        )
        guests = Device.objects.bulk_create(
            self._server(f"srv-{n:03}", DeviceKind.VIRTUAL, 1, 8, host=hosts[n % len(hosts)])
            for n in range(1, number - len(hosts) + 1)
        )
        return [*hosts, *guests]

    def _server(
        self, name: str, kind: DeviceKind, processors: int, cores: int, host: Device | None = None
    ) -> Device:
        return Device(
            company=self.company,
            name=name,
            kind=kind,
            operating_system="VMware ESXi 8.0" if host is None else "Windows Server 2022",
            processor_model="Intel Xeon Gold 6430",
            processors=processors,
            cores=cores,
            threads=cores * 2,
            host=host,
            cluster=f"{self.company.code.lower()}-prod",
            location=self.household.locations[0],
            last_seen_on=self._lately(),
        )

    # Software on devices

    def _install(self, titles: Sequence[Title]) -> None:
        local = [title for title in titles if not title.sold.is_subscription]
        found = self._discover(
            [(f"{found_as(t)} {t.model.version}".strip(), self._build(t), t) for t in local]
        )
        Installation.objects.bulk_create(
            (row for title, software in found for row in self._installations(title, software)),
            batch_size=2000,
        )

    def _build(self, title: Title) -> str:
        """The exact version that the agent reads: the model's, and some figures after it."""
        figures = f"{self.random.randrange(9)}.{self.random.randrange(9000)}"
        return f"{title.model.version}.{figures}" if title.model.version else figures

    def _discover(
        self, named: Sequence[tuple[str, str, Title]]
    ) -> Iterator[tuple[Title, DiscoveredSoftware]]:
        made = DiscoveredSoftware.objects.bulk_create(
            DiscoveredSoftware(
                company=self.company,
                publisher=f"{title.sold.vendor} Inc.",
                name=name,
                version=version,
                rule=self.rules[title.model.pk],
                model=title.model,
                seen_on=self.today - timedelta(days=SEEN_SINCE),
            )
            for name, version, title in named
        )
        return zip((title for _, _, title in named), made, strict=True)

    def _installations(self, title: Title, software: DiscoveredSoftware) -> list[Installation]:
        is_for_servers = "Server" in title.model.name or title.metric.name in (CORE, PROCESSOR)
        devices = self.servers if is_for_servers else self.computers
        share = self.random.choice((0.02, 0.04, 0.08, 0.12, 0.25))
        chosen = self.random.sample(devices, max(1, int(len(devices) * share)))
        return [self._installation(device, software) for device in chosen]

    def _installation(self, device: Device, software: DiscoveredSoftware) -> Installation:
        seen_on = self.today - timedelta(days=self.random.randrange(20, SEEN_SINCE))
        last_seen_on, gone_on = device.last_seen_on or self.today, None
        if self.random.random() < 0.08:
            gone_on = seen_on + (self.today - seen_on) // 2
            last_seen_on = gone_on - timedelta(days=1)
        return Installation(
            company=self.company,
            device=device,
            software=software,
            person=device.person,
            source=AGENT,
            seen_on=seen_on,
            last_seen_on=last_seen_on,
            gone_on=gone_on,
        )

    # Subscriptions, and totals

    def _subscribe(self, titles: Sequence[Title], examples: Sequence[Title]) -> None:
        online = [title for title in titles if title.sold.is_subscription]
        known_by_total = online[::7]
        found = self._discover([(found_as(t), "", t) for t in (*online, *examples)])
        for title, software in found:
            if title in known_by_total:
                self._report(software)
            else:
                self._assign(title, software)

    def _assign(self, title: Title, software: DiscoveredSoftware) -> None:
        people = self.household.people
        number = USERS_OF_EXAMPLE.get(
            title.model.name, self.random.randrange(4, max(5, len(people) // 4))
        )
        chosen = self.random.sample(people, min(number, len(people)))
        since = self.today - timedelta(days=self.random.randrange(60, SEEN_SINCE))
        Subscription.objects.bulk_create(
            Subscription(
                company=self.company,
                person=person,
                software=software,
                source=DIRECTORY,
                assigned_on=since,
                seen_on=since,
                last_seen_on=self.today,
            )
            for person in chosen
        )
        Usage.objects.bulk_create(
            Usage(
                company=self.company,
                software=software,
                person=person,
                source=DIRECTORY,
                last_used_on=self.today - timedelta(days=self.random.choice((0, 1, 3, 9, 130))),
            )
            for person in chosen
        )

    def _report(self, software: DiscoveredSoftware) -> None:
        ReportedCount.objects.create(
            company=self.company,
            software=software,
            source=INTUNE,
            metric=DeploymentMetric.USERS,
            day=self.today,
            count=self.random.randrange(10, 60),
        )

    # What no rule knows

    def _leave_unmatched(self) -> None:
        titles = DiscoveredSoftware.objects.bulk_create(
            DiscoveredSoftware(
                company=self.company,
                publisher=publisher,
                name=name,
                version=version,
                seen_on=self.today - timedelta(days=self.random.randrange(5, 400)),
            )
            for publisher, name, version, _percent in UNMATCHED
        )
        Installation.objects.bulk_create(
            self._installation(device, title)
            for title, (_, _, _, percent) in zip(titles, UNMATCHED, strict=True)
            for device in self.computers
            if self.random.randrange(100) < percent
        )

    def _lately(self) -> date:
        return self.today - timedelta(days=self.random.choice((0, 0, 0, 0, 1, 2, 6, 48)))
