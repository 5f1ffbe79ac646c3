"""Records that belong to no domain: jobs, kept files, views of lists, fields of one's own."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from common.history import History


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


class KeptFile(models.Model):
    """
    A file that somebody uploaded or that was written for them (``common.kept_files``).

    Its content lies in the database, in pieces: out of reach of the web server and of its own name,
    and at hand for a worker on any host.
    """

    company_id = models.BigIntegerField(db_index=True)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kept_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class FilePiece(models.Model):
    """One piece of a file's content."""

    file = models.ForeignKey(KeptFile, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=("file", "number"), name="piece_of_file_is_kept_once")
        ]

    def __str__(self) -> str:
        return f"Piece {self.number} of {self.file}"


class Document(models.Model):
    """
    What all documents have in common; a subclass says of which record and company they are.

    A document is removed from sight, never deleted.
    """

    file = models.OneToOneField(KeptFile, models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("title", "pk")

    def __str__(self) -> str:
        return self.title


class FieldKind(models.TextChoices):
    """What a field of one's own holds."""

    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    DATE = "date", "Date"
    CHOICE = "choice", "Choice"
    YES_NO = "yes_no", "Yes or no"


class CustomField(models.Model):
    """
    A field that an administrator adds to records of a kind.

    A record keeps its values in ``custom``, by the key of the field. A field is withdrawn, never
    deleted: its values stay where they are.
    """

    record = models.CharField("belongs to", max_length=20)  # a key of those that have such fields
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=FieldKind)
    choices = ArrayField(
        models.CharField(max_length=100), default=list, blank=True, help_text="Of a choice."
    )
    help_text = models.CharField("explanation", max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    history = History()

    class Meta:
        verbose_name = "field of one's own"
        verbose_name_plural = "fields of one's own"
        ordering = ("record", "position", "pk")
        constraints = [
            models.UniqueConstraint(
                "record",
                Lower("name"),
                condition=Q(withdrawn_at=None),
                name="custom_field_has_its_own_name",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=FieldKind.values), name="custom_field_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind=FieldKind.CHOICE, choices__len__gte=1)
                | (~Q(kind=FieldKind.CHOICE) & Q(choices=[])),
                name="choices_are_of_a_choice",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """
    What a person asks of a list, under a name of theirs: filters, search, order and columns.

    The list itself says whether it understands the query, whenever it is asked for it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list_name = models.CharField(max_length=60)
    label = models.CharField("name", max_length=60)
    query = models.TextField()  # of an address, without its question mark
    is_default = models.BooleanField(
        "begin with it", default=False, help_text="The list opens with this view."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "user", "list_name", Lower("label"), name="saved_view_has_its_own_name"
            ),
            models.UniqueConstraint(
                fields=("user", "list_name"),
                condition=Q(is_default=True),
                name="saved_view_to_begin_with_is_one",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class ChangeAtOnce(models.Model):
    """What one person changed on many records at once, so that they can undo it."""

    kind = models.CharField(max_length=100)  # the label of the model
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=500)
    # By the key of a record and the name of a field, the values before and after.
    records = models.JSONField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "change of many records"

    def __str__(self) -> str:
        return f"Change of {len(self.records):,} records: {self.reason}"

    @property
    def ids(self) -> list[int]:
        """The keys of the records."""
        return [int(key) for key in self.records]

    @property
    def fields(self) -> list[str]:
        """The names of the fields that were changed on any of them."""
        return sorted({name for changes in self.records.values() for name in changes})


class Upload(models.Model):
    """
    What all files have in common that are read by the worker, looked at, and imported.

    A subclass says of which company it is, and which states there are (``common.uploads``).
    """

    file = models.OneToOneField(KeptFile, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10)
    progress = models.ForeignKey(JobProgress, models.PROTECT, null=True, related_name="+")
    # How it is read.
    choices = models.JSONField(default=dict)
    # What the preview found.
    figures = models.JSONField(default=dict)
    # What the person should know: what was skipped, what lacks, why it was not imported.
    remarks = models.JSONField(default=list)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    applied_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
