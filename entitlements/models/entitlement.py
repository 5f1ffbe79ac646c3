"""
Entitlements of two kinds, licenses and maintenance, with their states, upgrades and downgrades.

The fields and their rules are those of the specification's table *Fields*.
"""

from datetime import date
from functools import reduce
from operator import or_
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    DateRangeField,
    RangeBoundary,
    RangeOperators,
)
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, Func, Q, When

from accounts.models import Company, CostCentre, Department, Location, Person
from accounts.scope import ScopedQuerySet
from common.history import History
from common.searching import trigrams
from common.tags import MOST_TAGS
from contracts.models import Contract, SoftwareModel, Vendor
from entitlements.models.catalogue import (
    AgreementType,
    EntitlementDefinition,
    LicenseMetric,
    LicenseType,
)
from entitlements.models.parts import PublisherPart
from entitlements.states import SUBSTATES, State, Substate


class Kind(models.TextChoices):
    """The two kinds of entitlement."""

    LICENSE = "license", "License"
    MAINTENANCE = "maintenance", "Maintenance"


class Duration(models.TextChoices):
    """How long a license is valid."""

    PERPETUAL = "perpetual", "Perpetual"
    SUBSCRIPTION = "subscription", "Subscription"


class EntitlementQuerySet(ScopedQuerySet["Entitlement"]):
    def licenses(self) -> Self:
        return self.filter(kind=Kind.LICENSE)

    def maintenance(self) -> Self:
        return self.filter(kind=Kind.MAINTENANCE)


class Entitlement(models.Model):
    """
    Use rights that one of our companies owns.

    A *license* grants use of a software model; *maintenance* extends licenses and is a position
    that consolidate allocates to them. The state and the active rights of a day are computed
    (``entitlements.queries``), never stored.
    """

    # Whose and what
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    model = models.ForeignKey(
        SoftwareModel, models.PROTECT, related_name="entitlements", verbose_name="software model"
    )
    definition = models.ForeignKey(
        EntitlementDefinition,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="positions",
        db_constraint=False,
    )
    part = models.ForeignKey(
        PublisherPart,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entitlements",
        verbose_name="publisher part number",
    )
    asset_tag = models.CharField(max_length=100, blank=True, db_collation="C")
    serial_number = models.CharField(max_length=200, blank=True, db_collation="C")
    license_number = models.PositiveIntegerField(null=True, blank=True)
    # Given to a position without serial number by consolidate's pre-processing, and by which run.
    matched_serial = models.CharField(max_length=200, blank=True, db_collation="C", editable=False)
    matched_run_id = models.BigIntegerField(null=True, editable=False)
    # The figures that decided the match, as for allocations.
    matched_figures = models.JSONField(null=True, editable=False)
    may_be_matched = models.BooleanField(
        "may be matched to a group of licenses",
        default=True,
        help_text="Off: consolidate's pre-processing gives this position no serial number.",
    )

    # Rights
    license_type = models.CharField(max_length=10, choices=LicenseType, blank=True)
    duration = models.CharField(max_length=12, choices=Duration, blank=True)
    metric = models.ForeignKey(
        LicenseMetric,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entitlements",
        verbose_name="license metric",
    )
    agreement_type = models.ForeignKey(
        AgreementType, models.PROTECT, null=True, blank=True, related_name="entitlements"
    )
    database_option = models.CharField(max_length=200, blank=True)
    is_unlimited = models.BooleanField("unlimited", default=False)
    purchased_rights = models.PositiveIntegerField(null=True, blank=True)
    rights_per_pack = models.PositiveIntegerField(null=True, blank=True)
    packs = models.PositiveIntegerField("number of packs", null=True, blank=True)

    # Days
    purchased_on = models.DateField()
    starts_on = models.DateField("start", null=True, blank=True)
    ends_on = models.DateField("end", null=True, blank=True)  # the last day counts; empty: endless

    # Money
    unit_cost = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    total_cost = models.GeneratedField(
        expression=Case(
            When(is_unlimited=True, then=F("unit_cost")),
            default=F("unit_cost") * F("purchased_rights"),
        ),
        output_field=models.DecimalField(max_digits=28, decimal_places=4),
        db_persist=True,
    )

    # Where from and where to
    contract = models.ForeignKey(
        Contract,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entitlements",
        db_constraint=False,
    )
    vendor = models.ForeignKey(
        Vendor, models.PROTECT, null=True, blank=True, related_name="sold_entitlements"
    )
    po_number = models.CharField("PO number", max_length=100, blank=True)
    invoice_number = models.CharField(max_length=100, blank=True)
    owned_by_person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    owned_by_department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
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
    notes = models.TextField(blank=True)
    tags = ArrayField(models.CharField(max_length=50), default=list, db_default=[], blank=True)
    custom = models.JSONField(default=dict, db_default={}, blank=True)  # by key of a CustomField
    # The record that this one was split from: it shares its days, contract and story until then.
    split_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="split_into",
        db_constraint=False,
        db_index=False,
    )

    objects = EntitlementQuerySet.as_manager()
    history = History(excluded_fields=["total_cost"])

    class Meta:
        ordering = ("pk",)
        indexes = [
            models.Index(fields=("company", "kind", "model"), name="entitlement_by_title"),
            models.Index(
                fields=("company", "serial_number"),
                condition=~Q(serial_number=""),
                name="entitlement_by_serial",
            ),
            models.Index(fields=("company", "kind", "id"), name="entitlement_by_company"),
            models.Index(
                fields=("matched_run_id",),
                condition=Q(matched_run_id__isnull=False),
                name="entitlement_by_matching_run",
            ),
            models.Index(fields=("purchased_on", "id"), name="entitlement_by_purchase"),
            models.Index(fields=("ends_on", "id"), name="entitlement_by_end"),
            GinIndex(fields=("tags",), name="entitlement_by_tag"),
            models.Index(
                fields=("split_from",),
                condition=Q(split_from__isnull=False),
                name="entitlement_by_origin",
            ),
            trigrams(
                "asset_tag",
                "serial_number",
                "matched_serial",
                "po_number",
                name="entitlement_by_any_part",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("company", "asset_tag"),
                condition=~Q(asset_tag=""),
                name="asset_tag_is_unique_in_company",
            ),
            models.UniqueConstraint(
                fields=("id", "company", "kind"), name="entitlement_within_company_and_kind"
            ),
            models.UniqueConstraint(fields=("id", "company"), name="entitlement_within_company"),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values), name="entitlement_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="entitlement_ends_not_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(is_unlimited=True, purchased_rights=None)
                | Q(is_unlimited=False, purchased_rights__gte=1),
                name="entitlement_grants_rights",
            ),
            models.CheckConstraint(
                condition=Q(packs=None) | Q(purchased_rights=F("packs") * F("rights_per_pack")),
                name="entitlement_rights_are_those_of_its_packs",
            ),
            models.CheckConstraint(
                condition=Q(unit_cost=None) | (~Q(currency="") & Q(unit_cost__gte=0)),
                name="entitlement_cost_has_a_currency",
            ),
            models.CheckConstraint(
                condition=Q(owned_by_person=None) | Q(owned_by_department=None),
                name="entitlement_has_one_owner",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.MAINTENANCE)
                | Q(
                    definition__isnull=False,
                    starts_on__isnull=False,
                    is_unlimited=False,
                    license_type="",
                    duration="",
                    metric=None,
                    agreement_type=None,
                    license_number=None,
                    database_option="",
                ),
                name="maintenance_has_its_own_fields",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.LICENSE)
                | Q(
                    definition=None,
                    matched_serial="",
                    matched_run_id=None,
                    license_type__in=LicenseType.values,
                    duration__in=Duration.values,
                ),
                name="license_has_its_own_fields",
            ),
            models.CheckConstraint(
                condition=~Q(duration=Duration.SUBSCRIPTION) | Q(starts_on__isnull=False),
                name="subscription_has_a_start",
            ),
            models.CheckConstraint(
                condition=~Q(duration=Duration.PERPETUAL) | Q(ends_on=None),
                name="perpetual_license_has_no_end",
            ),
            models.CheckConstraint(
                condition=Q(matched_serial="", matched_run_id=None)
                | (~Q(matched_serial="") & Q(serial_number="", matched_run_id__isnull=False)),
                name="entitlement_is_matched_where_it_has_no_serial",
            ),
            models.CheckConstraint(
                condition=Q(tags__len__lte=MOST_TAGS) & ~Q(tags__contains=[""]),
                name="entitlement_tags_are_words_and_few",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_name} ({self.reference})"

    @property
    def display_name(self) -> str:
        """Made of the software model's name, and the definition's for maintenance."""
        if self.definition is None:
            return self.model.name
        return f"{self.definition.name} for {self.model.name}"

    @property
    def reference(self) -> str:
        """What tells this record from others of its name: the asset tag, else its number."""
        return self.asset_tag or f"E-{self.pk}"

    @property
    def effective_serial(self) -> str:
        """The serial number consolidate works with: the entered one, else the matched one."""
        return self.serial_number or self.matched_serial

    @property
    def is_maintenance(self) -> bool:
        return self.kind == Kind.MAINTENANCE

    @property
    def hides_active_rights(self) -> bool:
        """Whether an enterprise agreement grants it, under which their number says nothing."""
        return self.contract is not None and self.contract.type.is_enterprise

    @property
    def follows_dates(self) -> bool:
        """Whether the state is told by start and end (subscriptions and maintenance)."""
        return self.is_maintenance or self.duration == Duration.SUBSCRIPTION


def _days(first: str, last: str) -> Func:
    return Func(
        F(first),
        F(last),
        RangeBoundary(inclusive_lower=True, inclusive_upper=True),
        function="DATERANGE",
        output_field=DateRangeField(),
    )


class StatePeriod(models.Model):
    """A state set by hand, for a period; outside of all periods the dates decide."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    entitlement = models.ForeignKey(
        Entitlement, models.PROTECT, related_name="state_periods", db_constraint=False
    )
    state = models.CharField(max_length=20, choices=State)
    substate = models.CharField(max_length=20, choices=Substate, blank=True)
    from_on = models.DateField("from")
    until_on = models.DateField("until", null=True, blank=True)  # empty: until set back

    objects = ScopedQuerySet["StatePeriod"].as_manager()
    history = History()

    class Meta:
        ordering = ("from_on",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="state_is_known"),
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    (
                        Q(state=state, substate__in=substates)
                        for state, substates in SUBSTATES.items()
                    ),
                    Q(substate=""),
                ),
                name="substate_is_one_of_the_state",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="state_period_ends_not_before_it_starts",
            ),
            ExclusionConstraint(
                name="state_periods_do_not_overlap",
                expressions=[
                    ("entitlement", RangeOperators.EQUAL),
                    (_days("from_on", "until_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} from {self.from_on:%Y-%m-%d}"

    def holds(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


class UpgradedEntitlement(models.Model):
    """Rights that moved from one license to another, of type Upgrade."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    target = models.ForeignKey(
        Entitlement, models.PROTECT, related_name="upgraded_from", db_constraint=False
    )
    source = models.ForeignKey(
        Entitlement, models.PROTECT, related_name="upgraded_to", db_constraint=False
    )
    rights = models.PositiveIntegerField("number of rights")
    effective_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)  # taken back: the rights count at the source

    objects = ScopedQuerySet["UpgradedEntitlement"].as_manager()
    history = History()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("target", "source"),
                condition=Q(ended_on=None),
                name="upgrade_is_listed_once",
            ),
            models.CheckConstraint(condition=Q(rights__gte=1), name="upgrade_moves_rights"),
            models.CheckConstraint(
                condition=~Q(target=F("source")), name="upgrade_is_not_of_itself"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("effective_on")),
                name="upgrade_ends_not_before_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rights} rights from {self.source} to {self.target}"


class DowngradeRight(models.Model):
    """The right to use another version under a license. Never deleted, only ended."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    entitlement = models.ForeignKey(
        Entitlement, models.PROTECT, related_name="downgrade_rights", db_constraint=False
    )
    model = models.ForeignKey(SoftwareModel, models.PROTECT, related_name="+")
    order = models.PositiveIntegerField(default=0)
    starts_on = models.DateField("start", null=True, blank=True)  # empty: open
    ends_on = models.DateField("end", null=True, blank=True)

    objects = ScopedQuerySet["DowngradeRight"].as_manager()
    history = History()

    class Meta:
        ordering = ("order", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="downgrade_right_ends_not_before_it_starts",
            ),
            ExclusionConstraint(
                name="downgrade_rights_to_a_model_do_not_overlap",
                expressions=[
                    ("entitlement", RangeOperators.EQUAL),
                    ("model", RangeOperators.EQUAL),
                    (_days("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} under {self.entitlement}"
