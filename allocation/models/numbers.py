"""The numbers of licenses and of deployed products, kept current as rows to sort and filter by."""

from django.db import models
from django.db.models import Case, When
from django.db.models.functions import Cast, Round

from accounts.models import Company
from accounts.scope import ScopedQuerySet
from deployments.models import Deployment, DeploymentMetric
from entitlements.models import Entitlement


def _share(part: str, whole: str) -> Round:
    """A share to four places, exactly as ``allocation.core.numbers`` rounds it."""
    exact = models.DecimalField(max_digits=30, decimal_places=10)
    return Round(Cast(part, exact) / Cast(whole, exact), precision=4)


class LicenseNumbers(models.Model):
    """
    The numbers of a license: what is entitled, consumed and deployed (``allocation.core.numbers``).

    Kept current in the transaction that changes anything they depend on, and by the day: they hold
    through ``holds_until``, the last day before dates alone change them.
    """

    license = models.OneToOneField(
        Entitlement,
        models.DO_NOTHING,  # the database deletes the numbers with the license
        primary_key=True,
        related_name="numbers",
        db_constraint=False,
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    entitled = models.BigIntegerField(null=True)  # empty: endless
    consumed = models.BigIntegerField()
    deployed = models.BigIntegerField()
    idle = models.BigIntegerField()
    reserved = models.BigIntegerField()
    available = models.BigIntegerField(null=True)  # below 0: over-allocated by that many
    # The consumed share of what is entitled; empty where that is nothing, or endless.
    utilisation = models.GeneratedField(
        expression=Case(When(entitled__gt=0, then=_share("consumed", "entitled"))),
        output_field=models.DecimalField(max_digits=24, decimal_places=4, null=True),
        db_persist=True,
    )
    holds_until = models.DateField(null=True)  # empty: for ever

    objects = ScopedQuerySet["LicenseNumbers"].as_manager()

    class Meta:
        ordering = ("license",)
        indexes = [
            models.Index(fields=("company", "available", "license"), name="license_by_available"),
            models.Index(fields=("company", "deployed", "license"), name="license_by_deployed"),
            models.Index(fields=("company", "consumed", "license"), name="license_by_consumed"),
            models.Index(fields=("company", "idle", "license"), name="license_by_idle"),
            models.Index(fields=("company", "entitled", "license"), name="license_by_entitled"),
            models.Index(
                fields=("company", "utilisation", "license"), name="license_by_utilisation"
            ),
            models.Index(fields=("holds_until",), name="license_by_numbers_day"),
        ]

    def __str__(self) -> str:
        return f"Numbers of {self.license}"

    @property
    def over_allocated(self) -> int:
        """By how many units more is allocated than is entitled; 0 where it is not."""
        return max(0, -(self.available or 0))

    @property
    def assigned(self) -> int:
        """The units that people and devices hold."""
        return self.consumed - self.deployed - self.idle - self.reserved


class ProductNumbers(models.Model):
    """How much of a deployment licenses track, cover and leave uncovered, in one metric."""

    deployment = models.ForeignKey(
        Deployment, models.DO_NOTHING, related_name="numbers", db_constraint=False
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    metric = models.CharField(max_length=10, choices=DeploymentMetric)
    deployed = models.BigIntegerField()
    allocated = models.BigIntegerField(default=0)
    idle = models.BigIntegerField(default=0)  # allocated, and not deployed
    covered = models.BigIntegerField()
    uncovered = models.BigIntegerField()

    objects = ScopedQuerySet["ProductNumbers"].as_manager()

    class Meta:
        ordering = ("deployment", "metric")
        indexes = [
            models.Index(fields=("company", "uncovered"), name="product_by_uncovered"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("deployment", "metric"), name="product_has_numbers_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.uncovered} {self.metric} of {self.deployment} uncovered"
