"""
Allocations, and pairs kept apart.

An allocation gives rights of one entitlement to one target. One that consolidate makes carries all
of a license's units from one maintenance position. None is ever deleted; each is ended once.
"""

from collections.abc import Collection
from functools import reduce
from operator import or_
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, NullIf
from django.db.models.lookups import Exact
from django.utils import timezone

from accounts.models import Company, Person
from accounts.scope import ScopedQuerySet
from allocation.models.runs import ConsolidateRun
from common.history import History
from deployments.models import Deployment, DeploymentMetric, Device
from entitlements.models import Entitlement, Kind, LicenseKey


class Basis(models.TextChoices):
    """By which step a license was covered; strongest last where it matters (the core decides)."""

    MANUAL = "manual", "By hand"
    SERIAL = "serial", "Serial number"
    PORTAL = "portal", "Portal"
    CONTINUITY = "continuity", "Continuity"
    UNCOVERED = "uncovered", "Uncovered license"


class EndReason(models.TextChoices):
    """Why an allocation was ended."""

    OVER_ALLOCATED = "over-allocated", "Position over-allocated"
    LICENSE_INVALID = "license-invalid", "License no longer valid"
    LICENSE_CHANGED = "license-changed", "License changed"
    SERIAL_DISPLACED = "serial-displaced", "Displaced by serial number"
    MANUAL = "manual", "By hand"
    REVOKED = "revoked", "Revoked"
    SPLIT = "split", "License split"


class ReservationKind(models.TextChoices):
    """For what rights are set aside."""

    DEPARTMENT = "department", "Department"
    PROJECT = "project", "Project"
    COST_CENTRE = "cost_centre", "Cost centre"
    CALS = "cals", "CALs"


class TargetKind(models.TextChoices):
    """What an allocation gives rights to."""

    LICENSE = "license", "Cover of a license"
    DEPLOYMENT = "deployment", "Deployment"
    RESERVATION = "reservation", "Reservation"
    PERSON = "person", "Person"
    DEVICE = "device", "Device"


HAS_ONE_TARGET = Exact(
    Func(
        F("license"),
        F("deployment"),
        NullIf("reservation_kind", Value("")),
        F("person"),
        F("device"),
        function="num_nonnulls",
        output_field=models.IntegerField(),
    ),
    1,
)


HAS_TARGET = {
    TargetKind.LICENSE: Q(license__isnull=False),
    TargetKind.DEPLOYMENT: Q(deployment__isnull=False),
    TargetKind.RESERVATION: ~Q(reservation_kind=""),
    TargetKind.PERSON: Q(person__isnull=False),
    TargetKind.DEVICE: Q(device__isnull=False),
}


class AllocationQuerySet(ScopedQuerySet["Allocation"]):
    def live(self) -> Self:
        return self.filter(ended_at=None)

    def cover(self) -> Self:
        """The rows of maintenance on licenses: those that consolidate decides."""
        return self.filter(license__isnull=False)

    def uses(self) -> Self:
        """The rows of licenses on whatever uses them: these draw on the license's pool."""
        return self.filter(license=None)

    def tracked(self) -> Self:
        return self.filter(deployment__isnull=False)

    def given_to(self, kinds: Collection[str]) -> Self:
        """The rows with a target of one of some kinds (``TargetKind``)."""
        return self.filter(reduce(or_, (HAS_TARGET[TargetKind(kind)] for kind in kinds), Q()))


class Allocation(models.Model):
    """Rights of one entitlement given to one target; live until it is ended."""

    # Held equal to the entitlement's by a foreign key over all three columns.
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=12, choices=Kind)
    entitlement = models.ForeignKey(
        Entitlement,
        models.PROTECT,
        related_name="allocations",
        db_constraint=False,
        db_index=False,
    )
    # Exactly one target, of the same company: what the rights are given to.
    license = models.ForeignKey(
        Entitlement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cover",
        db_constraint=False,
        db_index=False,
    )
    deployment = models.ForeignKey(
        Deployment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="allocations",
        db_constraint=False,
        db_index=False,
    )
    reservation_kind = models.CharField(
        max_length=12, choices=ReservationKind, blank=True, db_default=""
    )
    reservation_label = models.CharField("reserved for", max_length=200, blank=True, db_default="")
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="allocations",
        db_constraint=False,
        db_index=False,
    )
    device = models.ForeignKey(
        Device,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="allocations",
        db_constraint=False,
        db_index=False,
    )
    # Of the same license; only people and devices are given one.
    license_key = models.ForeignKey(
        LicenseKey,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="allocations",
        db_constraint=False,
        db_index=False,
    )
    quantity = models.PositiveIntegerField()  # 0: unlimited, on a deployment only
    metric = models.CharField(
        "deployment metric", max_length=10, choices=DeploymentMetric, blank=True, db_default=""
    )
    # Of a use: what it takes of its license's pool, and how much of that is deployed. Kept current
    # in the transaction that changes anything they depend on (allocation.services.numbers).
    consumed = models.PositiveIntegerField(default=0, db_default=0)
    deployed = models.PositiveIntegerField(default=0, db_default=0)
    basis = models.CharField(max_length=10, choices=Basis, blank=True)
    # The rule that made the row and the few figures that decided (allocation.core tells them).
    rule = models.CharField(max_length=40, blank=True)
    figures = models.JSONField(default=list)
    notes = models.TextField(blank=True)

    made_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    made_in_run = models.ForeignKey(
        ConsolidateRun, models.PROTECT, null=True, related_name="made", db_index=False
    )

    ended_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    ended_in_run = models.ForeignKey(
        ConsolidateRun, models.PROTECT, null=True, related_name="ended", db_index=False
    )
    end_reason = models.CharField(max_length=20, choices=EndReason, blank=True)
    end_rule = models.CharField(max_length=40, blank=True)
    end_figures = models.JSONField(default=list)
    end_notes = models.TextField(blank=True)

    objects = AllocationQuerySet.as_manager()
    # The inventory moves consumed and deployed by itself; the history is of what was decided.
    history = History(excluded_fields=["consumed", "deployed"])

    class Meta:
        ordering = ("pk",)
        indexes = [
            models.Index(fields=("license", "id"), name="allocation_by_license"),
            models.Index(fields=("entitlement", "id"), name="allocation_by_entitlement"),
            models.Index(fields=("company", "id"), name="allocation_by_company"),
            models.Index(
                fields=("entitlement", "id"),
                condition=Q(ended_at=None, license=None),
                name="use_by_license",
            ),
            models.Index(
                fields=("license_key",),
                condition=Q(license_key__isnull=False),
                name="allocation_by_license_key",
            ),
            models.Index(
                fields=("ended_in_run",),
                condition=Q(ended_in_run__isnull=False),
                name="allocation_by_ending_run",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("license", "entitlement"),
                condition=Q(ended_at=None),
                name="position_covers_a_license_once",
            ),
            models.UniqueConstraint(
                fields=("deployment", "entitlement", "metric"),
                condition=Q(ended_at=None, deployment__isnull=False),
                name="license_tracks_a_product_once",
            ),
            models.UniqueConstraint(
                fields=("person", "entitlement"),
                condition=Q(ended_at=None, person__isnull=False),
                name="person_holds_a_license_once",
            ),
            models.UniqueConstraint(
                fields=("device", "entitlement"),
                condition=Q(ended_at=None, device__isnull=False),
                name="device_holds_a_license_once",
            ),
            models.UniqueConstraint(
                "entitlement",
                "reservation_kind",
                Lower("reservation_label"),
                condition=Q(ended_at=None) & ~Q(reservation_kind=""),
                name="license_is_reserved_for_a_label_once",
            ),
            models.CheckConstraint(
                condition=Q(license_key=None) | Q(person__isnull=False) | Q(device__isnull=False),
                name="key_is_given_to_people_and_devices",
            ),
            models.CheckConstraint(condition=HAS_ONE_TARGET, name="allocation_has_one_target"),
            models.CheckConstraint(
                condition=Q(license__isnull=False, kind=Kind.MAINTENANCE)
                | Q(license=None, kind=Kind.LICENSE),
                name="only_maintenance_covers_licenses",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1) | Q(deployment__isnull=False),
                name="only_deployments_are_unlimited",
            ),
            models.CheckConstraint(
                condition=Q(license__isnull=False, basis__in=Basis.values)
                | Q(license=None, basis=""),
                name="cover_has_a_basis",
            ),
            models.CheckConstraint(
                condition=Q(deployment__isnull=False, metric__in=DeploymentMetric.values)
                | Q(deployment=None, metric=""),
                name="tracked_deployment_has_a_metric",
            ),
            models.CheckConstraint(
                condition=Q(reservation_kind="", reservation_label="")
                | (Q(reservation_kind__in=ReservationKind.values) & ~Q(reservation_label="")),
                name="reservation_has_kind_and_label",
            ),
            models.CheckConstraint(
                condition=Q(made_by__isnull=False) | Q(made_in_run__isnull=False),
                name="allocation_is_made_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(
                    ended_on=None,
                    ended_at=None,
                    ended_by=None,
                    ended_in_run=None,
                    end_reason="",
                )
                | (
                    Q(
                        ended_on__isnull=False,
                        ended_at__isnull=False,
                        end_reason__in=EndReason.values,
                    )
                    & (Q(ended_by__isnull=False) | Q(ended_in_run__isnull=False))
                ),
                name="allocation_is_ended_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"A-{self.pk}"

    @property
    def is_live(self) -> bool:
        return self.ended_at is None

    @property
    def covered(self) -> Entitlement:
        """The license that is covered: of rows that consolidate makes, and of no others."""
        assert self.license is not None, f"{self} covers no license"
        return self.license

    @property
    def covered_id(self) -> int:
        """The id of the license that is covered."""
        assert self.license_id is not None, f"{self} covers no license"
        return self.license_id

    @property
    def is_unlimited(self) -> bool:
        """Whether it takes whatever is deployed."""
        return self.quantity == 0

    @property
    def is_use(self) -> bool:
        """Whether it draws on the pool of a license, as all rows do that cover none."""
        return self.license_id is None

    @property
    def idle(self) -> int:
        """The units it takes for a deployment that are not in use."""
        return self.consumed - self.deployed if self.deployment_id is not None else 0

    @property
    def target_kind(self) -> TargetKind:
        """What kind of thing the rights are given to."""
        if self.license_id is not None:
            return TargetKind.LICENSE
        if self.deployment_id is not None:
            return TargetKind.DEPLOYMENT
        if self.person_id is not None:
            return TargetKind.PERSON
        return TargetKind.DEVICE if self.device_id is not None else TargetKind.RESERVATION

    @property
    def target_text(self) -> str:
        """What the rights are given to: "Microsoft Visio (users)", "Department: Legal"."""
        if self.deployment_id is not None:
            return f"{self.deployment} ({self.get_metric_display().lower()})"
        if self.reservation_kind:
            return f"{self.get_reservation_kind_display()}: {self.reservation_label}"
        return str(self.license or self.person or self.device)


class KeptApart(models.Model):
    """A position and a license that a person parted: no run allocates them, until it is lifted."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    position = models.ForeignKey(
        Entitlement, models.PROTECT, related_name="kept_apart_from", db_constraint=False
    )
    license = models.ForeignKey(
        Entitlement, models.PROTECT, related_name="kept_apart", db_constraint=False
    )
    reason = models.TextField()
    parted_at = models.DateTimeField(default=timezone.now)
    parted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ScopedQuerySet["KeptApart"].as_manager()
    history = History()

    class Meta:
        verbose_name = "pair kept apart"
        verbose_name_plural = "pairs kept apart"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("position", "license"),
                condition=Q(lifted_at=None),
                name="pair_is_kept_apart_once",
            ),
            models.CheckConstraint(
                condition=~Q(position=F("license")), name="pair_is_of_two_entitlements"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} and {self.license}"
