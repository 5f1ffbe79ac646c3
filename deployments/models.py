"""
What inventories found: devices, software on them, who uses it, and what that adds up to.

What a source said is kept as it was said (``DiscoveredSoftware``); which product it is, is told by
the rules of discovery and can be told anew. A row of an inventory is never deleted: it is gone from
a day on, so that past days can be counted.
"""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import MD5, Concat, Lower

from accounts.models import Company, CostCentre, Department, Location, Person
from accounts.scope import ScopedQuerySet
from common.history import History
from common.models import Upload
from common.searching import trigrams
from contracts.models import DiscoveryMap, Product, SoftwareModel


class DeploymentMetric(models.TextChoices):
    """What of a product is counted."""

    INSTALLS = "installs", "Installs"
    USERS = "users", "Users"


class DeviceKind(models.TextChoices):
    """What a device is; a virtual one runs on a host."""

    DESKTOP = "desktop", "Desktop"
    LAPTOP = "laptop", "Laptop"
    SERVER = "server", "Server"
    VIRTUAL = "virtual", "Virtual machine"
    MOBILE = "mobile", "Mobile device"
    OTHER = "other", "Other"


class Device(models.Model):
    """A computer that runs software. Its name is its identity in a company, for all sources."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    serial_number = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=DeviceKind, default=DeviceKind.OTHER)
    operating_system = models.CharField(max_length=200, blank=True)
    processor_model = models.CharField(max_length=200, blank=True)
    processors = models.PositiveIntegerField(null=True, blank=True)  # sockets
    cores = models.PositiveIntegerField(null=True, blank=True)  # of all processors together
    threads = models.PositiveIntegerField(null=True, blank=True)
    host = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="guests", db_constraint=False
    )
    cluster = models.CharField(max_length=200, blank=True)
    cloud = models.CharField(max_length=100, blank=True)  # whose; empty: on own premises
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="devices",
        db_constraint=False,
        verbose_name="used by",
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    cost_centre = models.ForeignKey(
        CostCentre, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    last_seen_on = models.DateField(null=True, blank=True)
    gone_on = models.DateField(null=True, blank=True)  # the first day without it

    objects = ScopedQuerySet["Device"].as_manager()
    # That it was seen again is no change of the device.
    history = History(excluded_fields=["last_seen_on"])

    class Meta:
        ordering = ("name", "pk")
        indexes = [
            models.Index(fields=("name", "id"), name="device_by_name"),
            trigrams("name", "serial_number", name="device_by_any_part"),
        ]
        constraints = [
            models.UniqueConstraint("company", Lower("name"), name="device_is_unique_in_company"),
            models.UniqueConstraint(fields=("id", "company"), name="device_within_company"),
            models.CheckConstraint(condition=~Q(name=""), name="device_has_a_name"),
            models.CheckConstraint(
                condition=Q(host=None) | ~Q(host=F("pk")), name="device_is_not_its_own_host"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DiscoveredSoftware(models.Model):
    """A title as a source named it, and the software model that the rules make of it."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    publisher = models.CharField(max_length=400, blank=True)
    name = models.CharField(max_length=400)
    version = models.CharField(max_length=200, blank=True)
    edition = models.CharField(max_length=200, blank=True)
    platform = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=100, blank=True)
    # What the source itself calls the title: a SWID tag, an installer's code, a part number.
    tag = models.CharField(max_length=300, blank=True)
    identity = models.GeneratedField(
        expression=MD5(
            Concat(
                "publisher",
                Value("\x1f"),
                "name",
                Value("\x1f"),
                "version",
                Value("\x1f"),
                "edition",
                Value("\x1f"),
                "platform",
                Value("\x1f"),
                "language",
                Value("\x1f"),
                "tag",
            )
        ),
        output_field=models.CharField(max_length=32),
        db_persist=True,
    )
    # By which rule it was matched; a rule without a model leaves the title out of all counts.
    rule = models.ForeignKey(
        DiscoveryMap, models.PROTECT, null=True, blank=True, related_name="matched"
    )
    model = models.ForeignKey(
        SoftwareModel, models.PROTECT, null=True, blank=True, related_name="discovered"
    )
    seen_on = models.DateField()  # the first day
    # How many devices and people have it, or what the largest source reports for want of rows.
    installs = models.PositiveIntegerField(default=0, db_default=0)
    users = models.PositiveIntegerField(default=0, db_default=0)

    objects = ScopedQuerySet["DiscoveredSoftware"].as_manager()

    class Meta:
        verbose_name = "discovered title"
        ordering = ("name", "version", "pk")
        indexes = [
            models.Index(fields=("name", "id"), name="title_by_name"),
            trigrams("name", "publisher", "tag", name="title_by_any_part"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("company", "identity"), name="title_is_discovered_once_in_company"
            ),
            models.UniqueConstraint(
                fields=("id", "company"), name="discoveredsoftware_within_company"
            ),
            models.CheckConstraint(
                condition=Q(model=None) | Q(rule__isnull=False), name="title_is_matched_by_a_rule"
            ),
        ]

    def __str__(self) -> str:
        """Its name, and its version unless the name says it already."""
        return self.name if self.version in self.name else f"{self.name} {self.version}"


class Installation(models.Model):
    """A title on a device, as one source saw it, from a day until it was gone."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    device = models.ForeignKey(
        Device, models.PROTECT, related_name="installations", db_constraint=False, db_index=False
    )
    software = models.ForeignKey(
        DiscoveredSoftware,
        models.PROTECT,
        related_name="installations",
        db_constraint=False,
        db_index=False,
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    source = models.CharField(max_length=40)
    installed_on = models.DateField(null=True, blank=True)  # as the source says
    seen_on = models.DateField()  # the first day
    last_seen_on = models.DateField()
    gone_on = models.DateField(null=True, blank=True)  # the first day without it

    objects = ScopedQuerySet["Installation"].as_manager()

    class Meta:
        ordering = ("pk",)
        indexes = [
            models.Index(fields=("device", "id"), name="installation_by_device"),
            models.Index(fields=("software", "id"), name="installation_by_software"),
            models.Index(fields=("company", "id"), name="installation_by_company"),
            models.Index(fields=("seen_on", "id"), name="installation_by_day"),
            # Few of many are gone; a page of them would look at all the others first.
            models.Index(
                fields=("seen_on", "id"),
                condition=Q(gone_on__isnull=False),
                name="installation_gone_by_day",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("device", "software", "source"),
                condition=Q(gone_on=None),
                name="installation_is_live_once",
            ),
            models.CheckConstraint(
                condition=Q(gone_on=None) | Q(gone_on__gte=F("seen_on")),
                name="installation_is_gone_after_it_was_seen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.software} on {self.device}"


class Subscription(models.Model):
    """A person's assigned use of a title that is no install: an account, a plan."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="subscriptions", db_constraint=False, db_index=False
    )
    software = models.ForeignKey(
        DiscoveredSoftware,
        models.PROTECT,
        related_name="subscriptions",
        db_constraint=False,
        db_index=False,
    )
    source = models.CharField(max_length=40)
    assigned_on = models.DateField(null=True, blank=True)
    seen_on = models.DateField()
    last_seen_on = models.DateField()
    gone_on = models.DateField(null=True, blank=True)

    objects = ScopedQuerySet["Subscription"].as_manager()

    class Meta:
        ordering = ("pk",)
        indexes = [
            models.Index(fields=("person", "id"), name="subscription_by_person"),
            models.Index(fields=("software", "id"), name="subscription_by_software"),
            models.Index(fields=("company", "id"), name="subscription_by_company"),
            models.Index(fields=("seen_on", "id"), name="subscription_by_day"),
            models.Index(
                fields=("seen_on", "id"),
                condition=Q(gone_on__isnull=False),
                name="subscription_gone_by_day",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("person", "software", "source"),
                condition=Q(gone_on=None),
                name="subscription_is_live_once",
            ),
            models.CheckConstraint(
                condition=Q(gone_on=None) | Q(gone_on__gte=F("seen_on")),
                name="subscription_is_gone_after_it_was_seen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.software} of {self.person}"


class Usage(models.Model):
    """The last day on which a title was used, on a device or by a person."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    software = models.ForeignKey(
        DiscoveredSoftware, models.PROTECT, related_name="usage", db_constraint=False
    )
    device = models.ForeignKey(
        Device, models.PROTECT, null=True, blank=True, related_name="usage", db_constraint=False
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="usage", db_constraint=False
    )
    source = models.CharField(max_length=40)
    last_used_on = models.DateField()

    objects = ScopedQuerySet["Usage"].as_manager()

    class Meta:
        verbose_name_plural = "usage"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("software", "device", "person", "source"),
                nulls_distinct=False,
                name="usage_is_kept_once",
            ),
            models.CheckConstraint(
                condition=Q(device__isnull=False) | Q(person__isnull=False),
                name="usage_is_on_a_device_or_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.software}, last used on {self.last_used_on:%Y-%m-%d}"


class ReportedCount(models.Model):
    """A total that a source gives without saying which devices or people; used for want of rows."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    software = models.ForeignKey(
        DiscoveredSoftware, models.PROTECT, related_name="reported_counts", db_constraint=False
    )
    source = models.CharField(max_length=40)
    metric = models.CharField(max_length=10, choices=DeploymentMetric)
    day = models.DateField()
    count = models.PositiveIntegerField()

    objects = ScopedQuerySet["ReportedCount"].as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("software", "source", "metric", "day"), name="count_is_reported_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(metric__in=DeploymentMetric.values), name="reported_metric_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.metric} of {self.software}"


class Deployment(models.Model):
    """
    A product in the environment of a company: what its installations and subscriptions add up to.

    Kept current in the transaction that writes them (``deployments.counting``); never deleted.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="deployments")
    installs = models.PositiveIntegerField(default=0)
    users = models.PositiveIntegerField(default=0)
    installs_without_person = models.PositiveIntegerField(default=0)
    # The source whose total is taken for want of single rows; empty: they were counted.
    installs_reported_by = models.CharField(max_length=40, blank=True)
    users_reported_by = models.CharField(max_length=40, blank=True)
    last_seen_on = models.DateField(null=True, blank=True)

    objects = ScopedQuerySet["Deployment"].as_manager()

    class Meta:
        ordering = ("product__vendor__name", "product__name")
        constraints = [
            models.UniqueConstraint(
                fields=("company", "product"), name="product_is_deployed_once_in_company"
            ),
            models.UniqueConstraint(fields=("id", "company"), name="deployment_within_company"),
        ]

    def __str__(self) -> str:
        return f"{self.product.vendor} {self.product}"

    def units(self, metric: str) -> int:
        """How many there are, counted in a metric."""
        return self.installs if metric == DeploymentMetric.INSTALLS else self.users


class InventoryState(models.TextChoices):
    """Where an inventory import stands."""

    READING = "reading", "Being read"
    ASKING = "asking", "Waiting for answers"
    PREVIEWED = "previewed", "Ready to import"
    APPLYING = "applying", "Being imported"
    APPLIED = "applied", "Imported"
    REFUSED = "refused", "File refused"


class InventoryImport(Upload):
    """One file of an inventory on its way into one company."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    format = models.CharField(max_length=40, blank=True)  # empty: told by the file
    # Names the inventory: only rows of the same source are gone where a full file omits them.
    source = models.CharField(max_length=40)
    is_full = models.BooleanField("holds everything of its source", default=False)
    day = models.DateField("found on")
    state = models.CharField(max_length=10, choices=InventoryState, default=InventoryState.READING)

    objects = ScopedQuerySet["InventoryImport"].as_manager()

    class Meta:
        verbose_name = "inventory import"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Inventory {self.file.name} (#{self.pk})"


class FoundRow(models.Model):
    """
    One row that a file tells of, staged as text. Unlogged.

    ``kind`` says which columns count: a device, an installation, a subscription, a count.
    """

    source_import = models.ForeignKey(
        InventoryImport, models.DO_NOTHING, related_name="rows", db_constraint=False, db_index=False
    )
    number = models.PositiveIntegerField()  # its place in the file
    kind = models.CharField(max_length=12)
    device = models.CharField(max_length=200, blank=True)
    person = models.CharField(max_length=320, blank=True)  # e-mail address, else a name
    publisher = models.CharField(max_length=400, blank=True)
    name = models.CharField(max_length=400, blank=True)
    version = models.CharField(max_length=200, blank=True)
    edition = models.CharField(max_length=200, blank=True)
    platform = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=100, blank=True)
    tag = models.CharField(max_length=300, blank=True)
    installed_on = models.DateField(null=True)
    last_used_on = models.DateField(null=True)
    count = models.PositiveIntegerField(null=True)
    # Of a device: its hardware by field; of any row: what the source said besides.
    more = models.JSONField(null=True)

    class Meta:
        ordering = ("pk",)
        indexes = [models.Index(fields=("source_import", "kind"), name="found_row_by_kind")]

    def __str__(self) -> str:
        return f"Row {self.number}"
