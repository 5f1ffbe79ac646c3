"""
Imports of workbooks: the file, how it is read, what it would do, what it did.

The staging tables are unlogged: a crash of the server empties them, and the preview is made anew.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Company
from accounts.scope import ScopedQuerySet
from common.history import History
from common.models import JobProgress, KeptFile, Upload
from entitlements.workbook.columns import SheetKind


class ImportState(models.TextChoices):
    """Where an import stands."""

    READING = "reading", "Being read"
    ASKING = "asking", "Waiting for answers"
    PREVIEWED = "previewed", "Ready to import"
    APPLYING = "applying", "Being imported"
    APPLIED = "applied", "Imported"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"
    REFUSED = "refused", "File refused"


class Import(Upload):
    """One workbook on its way into one company."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    # Whose refused rows the file holds, mended, as the person said. None: it stands for itself.
    continues = models.ForeignKey("self", models.PROTECT, null=True, related_name="continued_by")
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.READING)
    # Which column of which sheet means what (workbook.headers).
    mappings = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=32, blank=True)
    leaves_refused_out = models.BooleanField(default=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet["Import"].as_manager()

    class Meta:
        verbose_name = "workbook import"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Import of {self.file.name} (#{self.pk})"


class Outcome(models.TextChoices):
    """What a row of a file would do."""

    NEW = "new", "New"
    CHANGED = "changed", "Changed"
    UNCHANGED = "unchanged", "Unchanged"
    REFUSED = "refused", "Refused"
    REPEATED = "repeated", "Told before"


class ImportRow(models.Model):
    """One record that a row of a file tells of, staged. Unlogged."""

    source = models.ForeignKey(
        Import, models.DO_NOTHING, related_name="rows", db_constraint=False, db_index=False
    )
    sheet = models.PositiveSmallIntegerField()  # its place among the import's mappings
    row = models.PositiveIntegerField()
    record = models.CharField(max_length=12)
    raw = models.JSONField()
    values = models.JSONField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, db_default="")
    target_id = models.BigIntegerField(null=True)
    changes = models.JSONField(
        default=dict, db_default={}
    )  # by field: before and after, as people read them

    class Meta:
        ordering = ("sheet", "row", "pk")
        indexes = [
            models.Index(fields=("source", "sheet", "row"), name="import_row_by_place"),
            models.Index(
                fields=("source", "outcome", "sheet", "row"), name="import_row_by_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"Row {self.row}"


class ImportProblem(models.Model):
    """What is wrong with one cell of a row, staged. Unlogged."""

    source = models.ForeignKey(
        Import, models.DO_NOTHING, related_name="problems", db_constraint=False, db_index=False
    )
    sheet = models.PositiveSmallIntegerField()
    row = models.PositiveIntegerField()
    name = models.CharField(max_length=40)  # of the column
    reason = models.TextField()
    # Whether reading the cell found it, or comparing with the database: that is found anew.
    is_of_cell = models.BooleanField(db_default=True)

    class Meta:
        ordering = ("pk",)
        indexes = [models.Index(fields=("source", "sheet", "row"), name="import_problem_by_place")]

    def __str__(self) -> str:
        return self.reason


class ImportedRecord(models.Model):
    """
    What an import made or changed: enough to undo it.

    The history row it wrote tells whether anybody touched the record since, and the one before it
    what the record was.
    """

    source = models.ForeignKey(Import, models.PROTECT, related_name="records")
    model = models.CharField(max_length=40)  # like "entitlements.entitlement"
    object_id = models.BigIntegerField()
    history_id = models.BigIntegerField()
    is_new = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("source", "model", "object_id"), name="record_is_imported_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"


class ToldRecord(models.Model):
    """
    Which record a row of a file is, kept where rows of the file were left out.

    A row that was left out comes back alone: it is another record than those of the rows beside it,
    however equal; and once it is in, it is that record whenever it comes back.
    """

    origin = models.ForeignKey(Import, models.PROTECT, related_name="told_records")
    sheet = models.PositiveSmallIntegerField()
    row = models.PositiveIntegerField()
    record = models.CharField(max_length=12)  # a license and its maintenance may share a row
    object_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("origin", "sheet", "row", "record", "object_id"),
                name="record_of_row_is_kept_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.record} {self.object_id}, row {self.row} of {self.origin}"


class HeaderMapping(models.Model):
    """How a person mapped the headers of a sheet; the same headers are read so again."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    signature = models.CharField(max_length=64)
    kind = models.CharField(
        max_length=12, choices=[(kind.value, kind.label) for kind in SheetKind], blank=True
    )
    columns = models.JSONField()

    objects = ScopedQuerySet["HeaderMapping"].as_manager()
    history = History()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("company", "signature"), name="headers_are_mapped_once_in_company"
            )
        ]

    def __str__(self) -> str:
        return f"Mapping of {len(self.columns)} columns"


class WorkbookExport(models.Model):
    """A file the worker writes for a person: a company's records, or an import's refused rows."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    # The import whose refused rows are written; none: the company's records.
    refused_of = models.ForeignKey(Import, models.PROTECT, null=True, related_name="refused_files")
    sheet = models.CharField(max_length=12, blank=True)  # of a CSV file; empty: a whole workbook
    progress = models.OneToOneField(JobProgress, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    file = models.OneToOneField(KeptFile, models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet["WorkbookExport"].as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Export #{self.pk}"
