"""Vendors, their products and software models, and the contracts under which they are used."""

from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Max, Min, Q
from django.db.models.functions import Coalesce, Lower

from accounts.models import Company, Person
from accounts.scope import ScopedQuerySet
from common.history import History
from contracts.dates import ContractStatus, status_on

ENDLESS = date(9999, 12, 31)


class Vendor(models.Model):
    """A publisher of software, or a reseller."""

    name = models.CharField(max_length=200)
    website = models.URLField(blank=True)

    history = History()

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(Lower("name"), name="vendor_name_is_unique")]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """What a vendor sells under one name, whatever its version."""

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="products")
    name = models.CharField(max_length=200)

    history = History()

    class Meta:
        ordering = ("vendor__name", "name")
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


class ContractType(models.Model):
    """License Agreement, Subscription, Support, …: a list that an administrator extends."""

    name = models.CharField(max_length=100)
    # An enterprise contract makes the number of active rights meaningless; it is not shown.
    is_enterprise = models.BooleanField("enterprise agreement", default=False)

    history = History()

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(Lower("name"), name="contract_type_name_is_unique")]

    def __str__(self) -> str:
        return self.name


class ContractQuerySet(ScopedQuerySet["Contract"]):
    def with_dates(self) -> Self:
        """
        Adds ``starts_on`` and ``ends_on``, the dates of all terms together.

        A term without an end makes the contract endless: ``ends_on`` is None.
        """
        last = Max(Coalesce("terms__ends_on", ENDLESS))
        return self.annotate(
            starts_on=Min("terms__starts_on"),
            ends_on=Func(last, ENDLESS, function="NULLIF", output_field=models.DateField()),
        )


class Contract(models.Model):
    """An agreement between a licensor and one of our companies."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    number = models.CharField(max_length=100, db_collation="C")
    name = models.CharField(max_length=300)
    type = models.ForeignKey(ContractType, models.PROTECT, related_name="contracts")
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="contracts")
    reseller = models.ForeignKey(
        Vendor, models.PROTECT, null=True, blank=True, related_name="resold_contracts"
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        db_constraint=False,
    )
    legal_entity = models.CharField(max_length=200, blank=True)
    purchased_on = models.DateField(null=True, blank=True)
    value = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    po_number = models.CharField("PO number", max_length=100, blank=True)
    invoice_number = models.CharField(max_length=100, blank=True)
    business_owner = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_contracts",
        db_constraint=False,
    )
    status_by_hand = models.CharField(
        max_length=20, choices=ContractStatus, blank=True, help_text="Empty: by its dates."
    )
    notes = models.TextField(blank=True)

    objects = ContractQuerySet.as_manager()
    history = History()

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(
                fields=("company", "number"), name="contract_number_is_unique_in_company"
            ),
            models.UniqueConstraint(fields=("id", "company"), name="contract_within_company"),
            models.CheckConstraint(condition=~Q(number=""), name="contract_number_is_given"),
            models.CheckConstraint(
                condition=Q(value=None) | ~Q(currency=""), name="contract_value_has_a_currency"
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("pk")), name="contract_is_not_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    def status(self, day: date) -> ContractStatus:
        """The status on a day; for a contract that was read ``with_dates()``."""
        return status_on(
            day,
            starts_on=self.starts_on,  # type: ignore[attr-defined]
            ends_on=self.ends_on,  # type: ignore[attr-defined]
            by_hand=self.status_by_hand,
        )


class ContractTerm(models.Model):
    """One period of a contract. Terms of a contract do not overlap; the last day counts."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="terms", db_constraint=False
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)  # empty: endless
    value = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)

    objects = ScopedQuerySet["ContractTerm"].as_manager()
    history = History()

    class Meta:
        ordering = ("starts_on",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="contract_term_ends_not_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(value=None) | ~Q(currency=""), name="contract_term_value_has_a_currency"
            ),
            ExclusionConstraint(
                name="contract_terms_do_not_overlap",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        end = f"{self.ends_on:%Y-%m-%d}" if self.ends_on else "open end"
        return f"{self.starts_on:%Y-%m-%d} to {end}"
