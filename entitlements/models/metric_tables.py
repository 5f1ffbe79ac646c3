"""The numbers that metrics count with: attributes, values of processors, tiers. All are data."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from common.history import History
from contracts.models import SoftwareModel
from entitlements.models.catalogue import LicenseMetric, Sourced


class MetricAttribute(Sourced):
    """A number of a metric that may differ by software model; empty means unlimited."""

    metric = models.ForeignKey(LicenseMetric, models.PROTECT, related_name="attributes")
    key = models.CharField(max_length=40, db_collation="C")
    name = models.CharField(max_length=100)
    default_value = models.PositiveIntegerField(
        null=True, blank=True, help_text="Empty: unlimited."
    )

    history = History()

    class Meta:
        ordering = ("metric", "name")
        constraints = [
            models.UniqueConstraint(fields=("metric", "key"), name="attribute_is_of_metric_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.metric}"


class ModelAttribute(Sourced):
    """What an attribute of a metric is for one software model."""

    model = models.ForeignKey(SoftwareModel, models.PROTECT, related_name="metric_attributes")
    attribute = models.ForeignKey(MetricAttribute, models.PROTECT, related_name="of_models")
    value = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: unlimited.")

    history = History()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("model", "attribute"), name="attribute_is_set_once_for_a_model"
            )
        ]

    def __str__(self) -> str:
        return f"{self.attribute} for {self.model}"


class ProcessorTable(models.TextChoices):
    """The publishers' tables of processors."""

    PVU = "pvu", "Processor value units a core (IBM)"
    CORE_FACTOR = "core_factor", "Core factor (Oracle)"


class ProcessorValue(Sourced):
    """What a core of a processor counts in one of the tables."""

    table = models.CharField(max_length=12, choices=ProcessorTable)
    processor = models.CharField(max_length=100)
    value = models.DecimalField(max_digits=10, decimal_places=4)
    notes = models.TextField(blank=True)

    history = History()

    class Meta:
        ordering = ("table", "processor")
        constraints = [
            models.UniqueConstraint(
                "table", Lower("processor"), name="processor_is_in_a_table_once"
            ),
            models.CheckConstraint(condition=Q(value__gt=0), name="processor_value_is_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.processor}: {self.value.normalize():f}"


class TierWay(models.TextChoices):
    """How tiers are counted."""

    SUMMED = "summed", "Each unit at the factor of its bracket"
    REACHED = "reached", "All units at the factor of the tier that is reached"


class TierTable(Sourced):
    """Brackets of a number, each with a factor."""

    key = models.CharField(max_length=40, unique=True, db_collation="C")
    name = models.CharField(max_length=100)
    way = models.CharField(max_length=8, choices=TierWay)

    history = History()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Tier(models.Model):
    """One bracket: from the one before it up to its bound; the last one has none."""

    table = models.ForeignKey(TierTable, models.PROTECT, related_name="tiers")
    up_to = models.PositiveBigIntegerField(null=True, blank=True, help_text="Empty: all above.")
    factor = models.DecimalField(max_digits=12, decimal_places=5)

    history = History()

    class Meta:
        ordering = ("table", models.F("up_to").asc(nulls_last=True))
        constraints = [
            models.UniqueConstraint(
                fields=("table", "up_to"),
                name="tier_bound_is_in_a_table_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(factor__gte=0), name="tier_factor_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.table} up to {self.up_to}" if self.up_to else f"{self.table} above"
