"""What belongs to an entitlement beside its rights: notes, costs, documents, templates."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import Company
from accounts.scope import ScopedQuerySet
from common.history import History
from common.models import Document
from entitlements.models.entitlement import Entitlement, Kind


class WorkNote(models.Model):
    """What somebody wrote about an entitlement: dated, signed, and never edited."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    entitlement = models.ForeignKey(
        Entitlement, models.PROTECT, related_name="work_notes", db_constraint=False
    )
    text = models.TextField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet["WorkNote"].as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="work_note_says_something")
        ]

    def __str__(self) -> str:
        return f"Note of {self.written_at:%Y-%m-%d}"


class ExpenseKind(models.TextChoices):
    """What money was spent for."""

    PURCHASE = "purchase", "Purchase"
    MAINTENANCE = "maintenance", "Maintenance"
    SUBSCRIPTION = "subscription", "Subscription"
    OTHER = "other", "Other"


class ExpenseLine(models.Model):
    """Money that was spent for an entitlement on a day."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    entitlement = models.ForeignKey(
        Entitlement, models.PROTECT, related_name="expense_lines", db_constraint=False
    )
    kind = models.CharField(max_length=12, choices=ExpenseKind)
    spent_on = models.DateField()
    amount = models.DecimalField(max_digits=28, decimal_places=4)  # negative: money back
    currency = models.CharField(max_length=3)
    notes = models.CharField(max_length=500, blank=True)
    # The line of the purchase itself, kept in step with the entitlement's total cost.
    is_of_purchase = models.BooleanField(default=False, editable=False)
    ended_on = models.DateField(null=True, blank=True)  # taken back: it counts no more

    objects = ScopedQuerySet["ExpenseLine"].as_manager()
    history = History()

    class Meta:
        ordering = ("spent_on", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("entitlement",),
                condition=Q(is_of_purchase=True),
                name="entitlement_has_one_line_of_its_purchase",
            ),
            models.CheckConstraint(condition=~Q(currency=""), name="expense_has_a_currency"),
            models.CheckConstraint(
                condition=Q(kind__in=ExpenseKind.values), name="expense_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.spent_on:%Y-%m-%d}"


class EntitlementDocument(Document):
    """A file that belongs to an entitlement. It is removed from sight, never deleted."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    entitlement = models.ForeignKey(
        Entitlement, models.PROTECT, related_name="documents", db_constraint=False
    )

    objects = ScopedQuerySet["EntitlementDocument"].as_manager()
    history = History()

    class Meta(Document.Meta):
        abstract = False


class EntitlementTemplate(models.Model):
    """Values to begin a new entitlement with, under a name."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=Kind)
    values = models.JSONField(default=dict)  # by field of the form, as it posts them

    objects = ScopedQuerySet["EntitlementTemplate"].as_manager()
    history = History()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                "company", Lower("name"), name="entitlement_template_name_is_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name
