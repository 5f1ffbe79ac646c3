"""Units given back to vendors, and from which positions they were taken."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Company
from accounts.scope import ScopedQuerySet
from common.history import History
from contracts.models import SoftwareModel
from entitlements.models.catalogue import EntitlementDefinition
from entitlements.models.entitlement import Entitlement


class PurchaseReturn(models.Model):
    """
    Units given back to the vendor.

    A return of a license names it and lowers its rights at once. A return of maintenance names the
    definition and the software model; consolidate spreads it over positions.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    entitlement = models.ForeignKey(
        Entitlement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="returns",
        db_constraint=False,
    )
    definition = models.ForeignKey(
        EntitlementDefinition,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="returns",
        db_constraint=False,
    )
    model = models.ForeignKey(
        SoftwareModel, models.PROTECT, null=True, blank=True, related_name="+"
    )
    quantity = models.PositiveIntegerField()
    returned_on = models.DateField()
    unit_price = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    notes = models.TextField(blank=True)
    ended_on = models.DateField(null=True, blank=True)  # taken back: the units count again

    objects = ScopedQuerySet["PurchaseReturn"].as_manager()
    history = History()

    class Meta:
        ordering = ("returned_on", "pk")
        constraints = [
            models.UniqueConstraint(fields=("id", "company"), name="return_within_company"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="return_has_units"),
            models.CheckConstraint(
                condition=Q(unit_price=None) | Q(unit_price__gte=0),
                name="return_price_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("returned_on")),
                name="return_ends_not_before_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(entitlement__isnull=False, definition=None, model=None)
                | Q(entitlement=None, definition__isnull=False, model__isnull=False),
                name="return_is_of_a_license_or_of_maintenance",
            ),
        ]

    def __str__(self) -> str:
        return f"Return of {self.quantity} on {self.returned_on:%Y-%m-%d}"


class ReturnAssignment(models.Model):
    """Units of a maintenance return that a run took from a position."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    purchase_return = models.ForeignKey(
        PurchaseReturn, models.PROTECT, related_name="assignments", db_constraint=False
    )
    position = models.ForeignKey(
        Entitlement, models.PROTECT, related_name="return_assignments", db_constraint=False
    )
    units = models.PositiveIntegerField()
    # The rule that took them and the few figures that decided (allocation.core tells them).
    rule = models.CharField(max_length=40, blank=True)
    figures = models.JSONField(default=list)
    made_on = models.DateField()
    made_in_run_id = models.BigIntegerField()
    ended_on = models.DateField(null=True, blank=True)  # a correction of the return ends it

    objects = ScopedQuerySet["ReturnAssignment"].as_manager()
    history = History()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(units__gte=1), name="return_assignment_has_units"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("made_on")),
                name="return_assignment_ends_not_before_it_begins",
            ),
        ]
        indexes = [models.Index(fields=("made_in_run_id",), name="return_assignment_by_run")]

    def __str__(self) -> str:
        return f"{self.units} returned from {self.position}"
