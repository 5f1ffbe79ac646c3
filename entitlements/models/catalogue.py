"""What entitlements are described by: metrics, agreement types, definitions."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Company
from accounts.scope import ScopedQuerySet
from common.history import History

MOST_DAYS = 3650  # ten years: the longest grace and the longest wait a definition may have


class Sourced(models.Model):
    """What somebody published: where, and as of which day."""

    source = models.TextField(blank=True)  # an address, or whoever entered it
    as_of = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


class MetricGroup(models.Model):
    """The publisher whose licensing rules a metric follows, or Common, or Custom."""

    name = models.CharField(max_length=50, unique=True)

    history = History()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class CountedBy(models.TextChoices):
    """What an allocation under a metric is given to."""

    DEVICE = "device", "Devices"
    PERSON = "person", "People"
    NEITHER = "neither", "Neither"


class LicenseMetric(models.Model):
    """
    What a license counts.

    A metric and an agreement type stay in their group; those of an entitlement are of one group
    (triggers of the database).
    """

    group = models.ForeignKey(MetricGroup, models.PROTECT, related_name="metrics")
    name = models.CharField(max_length=100)
    counted_by = models.CharField(max_length=10, choices=CountedBy)
    description = models.TextField(help_text="What it is for, in a sentence or two.")
    calculation = models.TextField(help_text="How rights are counted, for people to read.")
    source = models.TextField(blank=True, help_text="Where the publisher says so.")

    history = History()

    class Meta:
        ordering = ("group__name", "name")
        constraints = [
            models.UniqueConstraint("group", Lower("name"), name="metric_name_is_unique_in_group"),
            models.CheckConstraint(
                condition=~Q(description="") & ~Q(calculation=""), name="metric_is_explained"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.group})"


class AgreementType(models.Model):
    """Under which kind of agreement a license was bought."""

    group = models.ForeignKey(MetricGroup, models.PROTECT, related_name="agreement_types")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    # Under enterprise and unlimited agreements unlicensed installs do not break compliance.
    always_compliant = models.BooleanField(default=False)
    has_license_impact = models.BooleanField(default=True)

    history = History()

    class Meta:
        ordering = ("group__name", "name")
        constraints = [
            models.UniqueConstraint(
                fields=("group", "code"), name="agreement_type_code_is_unique_in_group"
            )
        ]

    def __str__(self) -> str:
        return self.name


class LicenseType(models.TextChoices):
    """Whether rights grant full access or upgrade earlier ones."""

    FULL = "full", "Full"
    UPGRADE = "upgrade", "Upgrade"


class EntitlementDefinition(models.Model):
    """What kind of maintenance a position is, and how much its periods may stand apart."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    grace_days = models.PositiveIntegerField(
        default=0,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text="How far a renewal may start before or after the end of the cover it continues.",
    )
    maximum_days = models.PositiveIntegerField(
        "maximum days after authorization",
        default=0,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text=(
            "How long after a license the maintenance may be bought for it."
            " 0: thirty days, and not offered later in the portal."
        ),
    )
    is_orderable = models.BooleanField("offered in the portal", default=False)
    is_forced_in = models.BooleanField("comes with every request", default=False)
    usual_term_months = models.PositiveSmallIntegerField(null=True, blank=True)
    price = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)

    objects = ScopedQuerySet["EntitlementDefinition"].as_manager()
    history = History()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                "company", Lower("name"), name="definition_name_is_unique_in_company"
            ),
            models.UniqueConstraint(fields=("id", "company"), name="definition_within_company"),
            models.CheckConstraint(
                condition=Q(grace_days__lte=MOST_DAYS, maximum_days__lte=MOST_DAYS),
                name="definition_days_are_at_most_ten_years",
            ),
            models.CheckConstraint(
                condition=Q(price=None) | ~Q(currency=""), name="definition_price_has_a_currency"
            ),
        ]

    def __str__(self) -> str:
        return self.name
