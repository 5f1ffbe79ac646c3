"""The part library: what publishers sell under a number, and what their suites hold."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from common.history import History
from common.searching import trigrams
from contracts.models import ProductType, Vendor
from entitlements.models.catalogue import LicenseMetric, LicenseType, Sourced


class PublisherPart(Sourced):
    """
    A publisher part number: what one orders, and what it grants.

    It describes software rather than naming a software model: which models fit is found when it is
    used (``entitlements.parts``), and one is made where none does. An empty attribute fits any.
    """

    vendor = models.ForeignKey(
        Vendor, models.PROTECT, related_name="parts", verbose_name="publisher"
    )
    number = models.CharField("part number", max_length=100, db_collation="C")
    description = models.CharField(
        max_length=300, blank=True, help_text="What the publisher calls it."
    )
    product_name = models.CharField("product", max_length=200)
    version = models.CharField(max_length=100, blank=True, help_text="Empty: any.")
    edition = models.CharField(max_length=100, blank=True, help_text="Empty: any.")
    platform = models.CharField(max_length=100, blank=True, help_text="Empty: any.")
    language = models.CharField(max_length=100, blank=True, help_text="Empty: any.")
    product_type = models.CharField(
        max_length=20, choices=ProductType, default=ProductType.LICENSABLE
    )
    license_type = models.CharField(max_length=10, choices=LicenseType, default=LicenseType.FULL)
    metric = models.ForeignKey(
        LicenseMetric,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name="license metric",
    )
    rights_per_pack = models.PositiveIntegerField(default=1)
    is_suite = models.BooleanField("suite defined", default=False)
    is_example = models.BooleanField(
        "example", default=False, help_text="Made up, to show how it works: nothing that is sold."
    )

    history = History()

    class Meta:
        ordering = ("number",)
        indexes = [trigrams("number", "description", "product_name", name="part_by_any_part")]
        constraints = [
            models.UniqueConstraint(
                fields=("vendor", "number"), name="part_number_is_unique_at_vendor"
            ),
            models.CheckConstraint(condition=Q(rights_per_pack__gte=1), name="part_grants_rights"),
            models.CheckConstraint(condition=~Q(product_name=""), name="part_is_of_a_product"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def software(self) -> str:
        """The software as a software model of it would be called."""
        words = (self.product_name, self.version, self.edition, self.platform, self.language)
        return " ".join(filter(None, words))


class SuiteComponent(models.Model):
    """What a part that is a suite holds: the predefined suite library."""

    part = models.ForeignKey(PublisherPart, models.PROTECT, related_name="components")
    vendor = models.ForeignKey(
        Vendor,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="publisher",
        help_text="Empty: the suite's own.",
    )
    product_name = models.CharField("product", max_length=200)
    version = models.CharField(max_length=100, blank=True, help_text="Empty: any.")
    edition = models.CharField(max_length=100, blank=True, help_text="Empty: any.")

    history = History()

    class Meta:
        ordering = ("part", "product_name", "version", "edition")
        constraints = [
            models.UniqueConstraint(
                "part",
                "vendor",
                Lower("product_name"),
                Lower("version"),
                Lower("edition"),
                name="suite_component_is_listed_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=~Q(product_name=""), name="component_is_of_a_product"),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.product_name, self.version, self.edition)))
