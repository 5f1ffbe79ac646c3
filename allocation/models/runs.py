"""The runs that make and end allocations, and previews of runs."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Company
from accounts.scope import ScopedQuerySet
from common.models import OVER, JobProgress, JobState


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
