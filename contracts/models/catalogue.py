"""Vendors, their products and software models, and how inventories call them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from common.history import History
from common.searching import trigrams


class Vendor(models.Model):
    """A publisher of software, or a reseller."""

    name = models.CharField(max_length=200)
    website = models.URLField(blank=True)

    history = History()

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(Lower("name"), name="vendor_name_is_unique")]
        indexes = [trigrams("name", name="vendor_by_any_part")]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """What a vendor sells under one name, whatever its version."""

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="products")
    name = models.CharField(max_length=200)

    history = History()

    class Meta:
        ordering = ("vendor__name", "name")
        indexes = [trigrams("name", name="product_by_any_part")]
        constraints = [
            models.UniqueConstraint(
                "vendor", Lower("name"), name="product_name_is_unique_at_vendor"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ProductType(models.TextChoices):
    """Whether a model asks for rights at all."""

    LICENSABLE = "licensable", "Licensable"
    FREEWARE = "freeware", "Freeware"
    OPEN_SOURCE = "open_source", "Open source"
    COMPONENT = "component", "Component of another"


class SoftwareModel(models.Model):
    """A title: the product in one version, edition, platform and language. Empty means any."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="software_models")
    # Made of product, version, edition, platform and language; kept to search and sort by.
    name = models.CharField(max_length=400)
    version = models.CharField(max_length=100, blank=True)
    edition = models.CharField(max_length=100, blank=True)
    platform = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=100, blank=True)
    product_type = models.CharField(
        max_length=20, choices=ProductType, default=ProductType.LICENSABLE
    )

    history = History()

    class Meta:
        ordering = ("name", "pk")
        indexes = [
            models.Index(fields=("name", "id"), name="software_model_by_name"),
            trigrams("name", name="software_model_by_any_part"),
        ]
        constraints = [
            models.UniqueConstraint(
                "product",
                Lower("version"),
                Lower("edition"),
                Lower("platform"),
                Lower("language"),
                name="software_model_is_unique",
            )
        ]

    def __str__(self) -> str:
        return self.name


class SuitePart(models.Model):
    """That a software model, a suite, holds another one."""

    suite = models.ForeignKey(SoftwareModel, models.PROTECT, related_name="suite_parts")
    component = models.ForeignKey(SoftwareModel, models.PROTECT, related_name="suites")

    history = History()

    class Meta:
        ordering = ("suite", "component__name")
        constraints = [
            models.UniqueConstraint(fields=("suite", "component"), name="suite_holds_a_model_once"),
            models.CheckConstraint(
                condition=~Q(suite=models.F("component")), name="suite_does_not_hold_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component} in {self.suite}"


class DiscoveryMap(models.Model):
    """
    A rule of discovery: what inventories call so, is this software model.

    A pattern is compared without regard to case; ``*`` stands for any text; empty matches anything.
    Without a model the titles are left out of all counts. A rule is withdrawn, never deleted.
    """

    publisher = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200)
    version = models.CharField(max_length=100, blank=True)
    edition = models.CharField(max_length=100, blank=True)
    platform = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=100, blank=True)
    model = models.ForeignKey(
        SoftwareModel, models.PROTECT, null=True, blank=True, related_name="discovery_maps"
    )
    reason = models.TextField(blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)

    history = History()

    class Meta:
        verbose_name = "rule of discovery"
        verbose_name_plural = "rules of discovery"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                Lower("publisher"),
                Lower("name"),
                Lower("version"),
                Lower("edition"),
                Lower("platform"),
                Lower("language"),
                condition=Q(withdrawn_at=None),
                name="discovery_map_is_in_force_once",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="discovery_map_names_something"),
        ]

    def __str__(self) -> str:
        said = (self.publisher, self.name, self.version, self.edition, self.platform, self.language)
        return " · ".join(pattern for pattern in said if pattern)
