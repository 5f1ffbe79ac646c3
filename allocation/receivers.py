"""What apps below announce, and the numbers of licenses hang on."""

from collections.abc import Collection
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from allocation.services.numbers import refresh
from deployments.signals import deployments_counted
from entitlements.signals import rights_changed


@receiver(rights_changed)
def refresh_licenses(*, company_id: int, license_ids: Collection[int], **_sent: Any) -> None:
    """Keep the numbers in step with what licenses grant, in the transaction that changes it."""
    refresh(company_id=company_id, licenses=license_ids, day=timezone.localdate())


@receiver(deployments_counted)
def refresh_deployments(*, company_id: int, deployment_ids: Collection[int], **_sent: Any) -> None:
    """Keep the numbers in step with what inventories found."""
    refresh(company_id=company_id, deployments=deployment_ids, day=timezone.localdate())
