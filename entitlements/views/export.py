"""An entitlement as a file that other programs read."""

import json
import re
import uuid
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from allocation.entitlement_document import entitlement_document
from entitlements.cyclonedx import as_cyclonedx
from entitlements.views.pages import entitlement_in_scope


@require_safe
@needs(Capability.READ)
def as_json(request: ScopedRequest, pk: int) -> HttpResponse:
    """All that is known of an entitlement today, but what its license keys say."""
    document = _document(request, pk, timezone.localdate())
    return _file(document, f"{document['reference']}.json", "application/json")


@require_safe
@needs(Capability.READ)
def as_bill_of_materials(request: ScopedRequest, pk: int) -> HttpResponse:
    """The licensing metadata of an entitlement, as CycloneDX."""
    document = _document(request, pk, timezone.localdate())
    told = as_cyclonedx(document, serial=uuid.uuid4(), told_at=timezone.now())
    return _file(told, f"{document['reference']}.cdx.json", "application/vnd.cyclonedx+json")


def _document(request: ScopedRequest, pk: int, day: date) -> dict[str, Any]:
    return entitlement_document(entitlement_in_scope(request, pk, day), day)


def _file(content: dict[str, Any], name: str, content_type: str) -> HttpResponse:
    # A reference is an asset tag, which may hold anything.
    harmless = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    return HttpResponse(
        json.dumps(content, indent=2, ensure_ascii=False),
        content_type=content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, harmless) or "attachment",
            "X-Content-Type-Options": "nosniff",
        },
    )
