"""Records that belong to no domain: the progress of long jobs."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class JobState(models.TextChoices):
    """Where a long job stands."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Failed"


OVER = frozenset({JobState.DONE, JobState.STOPPED, JobState.FAILED})


class JobProgress(models.Model):
    """
    What a person sees of a job in the worker: the step, how far it is, how it ended.

    It is written over a connection of its own, so that it moves while the job's transaction is
    open.
    """

    title = models.CharField(max_length=200)
    company_id = models.BigIntegerField(null=True, db_index=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    step = models.CharField(max_length=200, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    stop_asked_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)

    class Meta:
        verbose_name = "job"

    def __str__(self) -> str:
        return f"{self.title}: {self.get_state_display()}"

    @property
    def percent(self) -> int:
        """How far the present step is, 0 to 100."""
        return min(100, self.done * 100 // self.total) if self.total else 0

    @property
    def is_over(self) -> bool:
        return self.state in OVER
