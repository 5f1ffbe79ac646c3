"""
Allocations, the runs that make and end them, previews of runs, and pairs kept apart.

An allocation carries all of a license's units from one maintenance position. It is never deleted or
rewritten, only ended, once.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Company
from accounts.scope import ScopedQuerySet
from common.history import History
from common.models import OVER, JobProgress, JobState
from entitlements.models import Entitlement, Kind


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


class ConsolidateRun(models.Model):
    """
    One consolidate of one company for one day.

    Its changes are the allocations made or ended in it, the serial numbers matched and the returns
    assigned: there is no further copy of them.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    as_of = models.DateField("for the day")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    progress = models.OneToOneField(JobProgress, models.PROTECT, related_name="run")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    asked_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # What the run was given, as one number: equal input, equal fingerprint.
    fingerprint = models.CharField(max_length=64, blank=True)
    # The fingerprint of the preview that a person agreed to: the run is applied to the same or not.
    expected_fingerprint = models.CharField(max_length=64, blank=True)
    # By step of the run: how many records it changed and how many units that were.
    counts = models.JSONField(default=dict)
    # The span of its new rows' numbers, so that they are found without an index of their own.
    first_allocation_id = models.BigIntegerField(null=True)
    last_allocation_id = models.BigIntegerField(null=True)
    problem = models.TextField(blank=True)

    objects = ScopedQuerySet["ConsolidateRun"].as_manager()

    class Meta:
        verbose_name = "consolidate run"
        ordering = ("-pk",)
        indexes = [models.Index(fields=("company", "-as_of"), name="run_by_company_and_day")]

    def __str__(self) -> str:
        return f"Consolidate #{self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state in OVER


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
    license = models.ForeignKey(Entitlement, models.PROTECT, related_name="cover", db_index=False)
    quantity = models.PositiveIntegerField()
    basis = models.CharField(max_length=10, choices=Basis)
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

    objects = ScopedQuerySet["Allocation"].as_manager()
    history = History()

    class Meta:
        ordering = ("pk",)
        indexes = [
            models.Index(fields=("license", "id"), name="allocation_by_license"),
            models.Index(fields=("entitlement", "id"), name="allocation_by_entitlement"),
            models.Index(fields=("company", "id"), name="allocation_by_company"),
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
            models.CheckConstraint(
                condition=Q(kind=Kind.MAINTENANCE), name="only_maintenance_covers_licenses"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cover_has_units"),
            models.CheckConstraint(
                condition=Q(basis__in=Basis.values), name="allocation_basis_is_known"
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


class RunPreview(models.Model):
    """What a run would change, computed and thrown away again."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    as_of = models.DateField("for the day")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    progress = models.OneToOneField(JobProgress, models.PROTECT, related_name="preview")
    fingerprint = models.CharField(max_length=64, blank=True)
    counts = models.JSONField(default=dict)

    objects = ScopedQuerySet["RunPreview"].as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Preview for {self.as_of:%Y-%m-%d}"


class PreviewChange(models.Model):
    """
    One change of a preview. Its table is unlogged: a crash of the server empties it, which is fine.

    No foreign keys: it is written in bulk, read for some minutes, and purged.
    """

    preview = models.ForeignKey(
        RunPreview, models.DO_NOTHING, related_name="changes", db_constraint=False
    )
    step = models.CharField(max_length=20)
    change = models.CharField(max_length=20)
    position_id = models.BigIntegerField(null=True)
    license_id = models.BigIntegerField(null=True)
    allocation_id = models.BigIntegerField(null=True)
    return_id = models.BigIntegerField(null=True)
    units = models.PositiveIntegerField(null=True)
    basis = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    serial = models.CharField(max_length=200, blank=True)
    rule = models.CharField(max_length=40, blank=True)
    figures = models.JSONField(default=list)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.change} in {self.step}"
