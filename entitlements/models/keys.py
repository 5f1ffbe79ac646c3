"""License keys, encrypted, and who has seen them."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Company
from accounts.scope import ScopedQuerySet
from common.history import History
from entitlements.models.entitlement import Entitlement


class LicenseKey(models.Model):
    """
    A key of a license. What it says is encrypted, and in no history.

    Neither the text nor anything from which it could be guessed stands in the database: the
    fingerprint, which tells equal keys of an entitlement, is made with a secret too.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    entitlement = models.ForeignKey(
        Entitlement, models.PROTECT, related_name="keys", db_constraint=False
    )
    label = models.CharField("called", max_length=200)
    ciphertext = models.BinaryField(editable=False)
    fingerprint = models.BinaryField(max_length=32, editable=False)
    # Which of the installation's secrets it is encrypted with; a rotation changes it.
    secret_id = models.CharField(max_length=16, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet["LicenseKey"].as_manager()
    history = History(excluded_fields=["ciphertext", "fingerprint", "secret_id"])

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("entitlement", "fingerprint"), name="license_key_is_unique_in_entitlement"
            ),
            models.UniqueConstraint(fields=("id", "company"), name="license_key_within_company"),
            models.UniqueConstraint(
                fields=("id", "company", "entitlement"), name="license_key_within_entitlement"
            ),
        ]
        indexes = [models.Index(fields=("secret_id",), name="license_key_by_secret")]

    def __str__(self) -> str:
        return self.label


class KeyReveal(models.Model):
    """That somebody was shown a key. It is written once, and never changed."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    key = models.ForeignKey(LicenseKey, models.PROTECT, related_name="reveals", db_constraint=False)
    revealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    revealed_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet["KeyReveal"].as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.key} shown on {self.revealed_at:%Y-%m-%d}"
