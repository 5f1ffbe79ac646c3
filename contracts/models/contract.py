"""Contracts, their terms and documents."""

from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, Func, Max, Min, Q, When
from django.db.models.functions import Coalesce, Lower
from django.db.models.lookups import Exact

from accounts.models import Company, Person
from accounts.scope import ScopedQuerySet
from common.history import History
from common.models import Document
from common.searching import trigrams
from common.tags import MOST_TAGS
from contracts.dates import EARLIEST_DAY, ContractStatus, status_on
from contracts.models.catalogue import Vendor
from contracts.renewal import ENDLESS, Length, LengthUnit, Renewal, Term


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
        Adds ``starts_on`` and ``ends_on``, the dates of all terms together, and ``is_given_up``.

        A term without an end makes the contract endless: ``ends_on`` is None. It is given up where
        notice was given in its last term.
        """
        last = Max(Coalesce("terms__ends_on", ENDLESS))
        given_up = Max("terms__starts_on", filter=Q(terms__notice_given_on__isnull=False))
        return self.annotate(
            starts_on=Min("terms__starts_on"),
            ends_on=Func(last, ENDLESS, function="NULLIF", output_field=models.DateField()),
            is_given_up=Case(
                When(Exact(given_up, Max("terms__starts_on")), then=True),
                default=False,
                output_field=models.BooleanField(),
            ),
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
    tags = ArrayField(models.CharField(max_length=50), default=list, db_default=[], blank=True)
    custom = models.JSONField(default=dict, db_default={}, blank=True)  # by key of a CustomField

    objects = ContractQuerySet.as_manager()
    history = History()

    class Meta:
        ordering = ("number",)
        indexes = [
            models.Index(fields=("name", "id"), name="contract_by_name"),
            trigrams("name", "number", "po_number", "legal_entity", name="contract_by_any_part"),
            GinIndex(fields=("tags",), name="contract_by_tag"),
        ]
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
                condition=Q(value=None) | Q(value__gte=0), name="contract_value_is_not_below_0"
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("pk")), name="contract_is_not_its_own_parent"
            ),
            models.CheckConstraint(
                condition=Q(tags__len__lte=MOST_TAGS) & ~Q(tags__contains=[""]),
                name="contract_tags_are_words_and_few",
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
            is_given_up=self.is_given_up,  # type: ignore[attr-defined]
            by_hand=self.status_by_hand,
        )


class ContractTerm(models.Model):
    """
    One period of a contract. Terms of a contract do not overlap; the last day counts.

    Notice and renewal say what can be done before its end, and what comes after it
    (``contracts.renewal``).
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="terms", db_constraint=False
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)  # empty: endless
    value = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    notice_length = models.PositiveSmallIntegerField("notice period", null=True, blank=True)
    notice_unit = models.CharField(
        "notice period in", max_length=6, choices=LengthUnit, default=LengthUnit.DAYS
    )
    renewal = models.CharField(max_length=9, choices=Renewal, default=Renewal.NONE)
    renewal_length = models.PositiveSmallIntegerField("renews for", null=True, blank=True)
    renewal_unit = models.CharField(
        "renews for a number of", max_length=6, choices=LengthUnit, default=LengthUnit.MONTHS
    )
    # The day of the month on which renewed terms begin; empty: the day after the end.
    anchor_day = models.PositiveSmallIntegerField(null=True, blank=True)
    # When notice was given: the term is the last one, whatever its renewal says.
    notice_given_on = models.DateField(null=True, blank=True)

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
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__gte=0), name="contract_term_value_is_not_below_0"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__gte=EARLIEST_DAY), name="contract_term_starts_within_memory"
            ),
            models.CheckConstraint(
                condition=Q(renewal__in=Renewal.values), name="contract_renewal_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(renewal=Renewal.AUTOMATIC)
                | Q(renewal_length__gte=1, ends_on__isnull=False),
                name="contract_renews_itself_for_a_time",
            ),
            models.CheckConstraint(
                condition=Q(anchor_day=None) | Q(anchor_day__gte=1, anchor_day__lte=31),
                name="contract_anchor_is_a_day_of_the_month",
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

    @property
    def by_rules(self) -> Term:
        """The term as ``contracts.renewal`` sees it."""
        return Term(
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            notice=_length(self.notice_length, self.notice_unit),
            renewal=Renewal(self.renewal),
            renews_for=_length(self.renewal_length or None, self.renewal_unit),
            anchor_day=self.anchor_day,
            notice_given_on=self.notice_given_on,
        )


def _length(number: int | None, unit: str) -> Length | None:
    return None if number is None else Length(number, LengthUnit(unit))


class ContractDocument(Document):
    """A file that belongs to a contract. It is removed from sight, never deleted."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="documents", db_constraint=False
    )

    objects = ScopedQuerySet["ContractDocument"].as_manager()
    history = History()

    class Meta(Document.Meta):
        abstract = False
