"""The numbers of licenses and of deployed products, kept current as rows to sort and filter by."""

from django.db import models

from accounts.models import Company
from accounts.scope import ScopedQuerySet
from deployments.models import Deployment, DeploymentMetric
from entitlements.models import Entitlement


class LicenseNumbers(models.Model):
    """
    The numbers of a license: what is entitled, consumed and deployed (``allocation.core.numbers``).

    Kept current in the transaction that changes anything they depend on, and by the day: they hold
    through ``holds_until``, the last day before dates alone change them.
    """

    license = models.OneToOneField(
        Entitlement, models.CASCADE, primary_key=True, related_name="numbers"
    )
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", db_index=False)
    entitled = models.BigIntegerField(null=True)  # empty: endless
    consumed = models.BigIntegerField()
    deployed = models.BigIntegerField()
    idle = models.BigIntegerField()
    reserved = models.BigIntegerField()
    available = models.BigIntegerField(null=True)  # below 0: over-allocated by that many
    holds_until = models.DateField(null=True)  # empty: for ever

    objects = ScopedQuerySet["LicenseNumbers"].as_manager()

    class Meta:
        ordering = ("license",)
        indexes = [
            models.Index(fields=("company", "available", "license"), name="license_by_available"),
            models.Index(fields=("company", "deployed", "license"), name="license_by_deployed"),
            models.Index(fields=("company", "consumed", "license"), name="license_by_consumed"),
            models.Index(fields=("holds_until",), name="license_by_numbers_day"),
        ]

    def __str__(self) -> str:
        return f"Numbers of {self.license}"


class ProductNumbers(models.Model):
    """How much of a deployment is not covered by any allocation, in one metric."""

    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="numbers")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", db_index=False)
    metric = models.CharField(max_length=10, choices=DeploymentMetric)
    deployed = models.BigIntegerField()
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
