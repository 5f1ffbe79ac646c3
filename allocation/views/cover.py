"""Parts of the pages of licenses and of maintenance: coverage, and why there is not more of it."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from allocation.coverage import Coverage, Phase, coverage_from, coverage_of
from allocation.explanation import (
    names_of,
    who_ended,
    who_made,
    why_ended,
    why_made,
    why_not,
    why_not_covering_more,
)
from allocation.views.lists import ENDED, EXPIRED, LIVE, allocations_of
from allocation.views.time_line import TimeLine
from common.shown import State, Tone
from entitlements.models import Entitlement

PHASES = {
    Phase.PRESENT: State("Covers now", Tone.FINE),
    Phase.PROMISED: State("Yet to begin", Tone.SOON),
    Phase.PAST: State("Past", Tone.ENDED),
    Phase.TAKEN_BACK: State("Ended early", Tone.ENDED),
}


def parts_of_license(license: Entitlement, day: date, *, has_rows: bool = True) -> dict[str, Any]:
    """
    What the page of a license shows of its cover.

    :param has_rows: false where it is known that nothing ever covered it
    """
    coverage = coverage_of(license, day) if has_rows else coverage_from((), day)
    return {
        "coverage": coverage,
        "time_line": TimeLine(coverage),
        "cover_lines": _lines(coverage),
    }


def parts_of_maintenance(request: ScopedRequest, position: Entitlement) -> dict[str, Any]:
    """What the page of maintenance shows of its licenses."""
    of_position = str(position.pk)
    return {
        "allocated_now": allocations_of(request, position=of_position, state=[LIVE]),
        "allocated_before": allocations_of(request, position=of_position, state=[EXPIRED, ENDED]),
    }


def _lines(coverage: Coverage) -> list[dict[str, Any]]:
    """The rows behind the drawing, each with its reasons in sentences."""
    stretches = coverage.rows
    rows = [stretch.row for stretch in stretches if stretch.row is not None]
    names = names_of(rows)
    return [
        {
            "stretch": stretch,
            "row": row,
            "state": PHASES[stretch.phase],
            "made_by": who_made(row),
            "run_id": row.made_in_run_id,
            "why": why_made(row, names),
            "ended_by": who_ended(row),
            "why_ended": why_ended(row, names),
            "is_live": row.is_live,
        }
        for stretch, row in zip(stretches, rows, strict=True)
    ]


@require_safe
@needs(Capability.READ)
def coverage_page(request: ScopedRequest, pk: int) -> HttpResponse:
    """The coverage of a license on a page of its own, as of today or another day."""
    license = _entitlement(request, pk)
    today = timezone.localdate()
    return render(
        request,
        "allocation/coverage.html",
        {
            "entitlement": license,
            "may_change": request.scope.may(Capability.MANAGE, license.company_id),
            **parts_of_license(license, today),
        },
    )


@require_safe
@needs(Capability.READ)
def why_not_page(request: ScopedRequest, pk: int) -> HttpResponse:
    """Why a license is not covered, or maintenance does not cover more: a part, or a page."""
    entitlement = _entitlement(request, pk)
    today = timezone.localdate()
    ask = why_not_covering_more if entitlement.is_maintenance else why_not
    is_part = "HX-Request" in request.headers
    response = render(
        request,
        "allocation/parts/why_not.html" if is_part else "allocation/why_not.html",
        {
            "entitlement": entitlement,
            "answer": ask(entitlement, today),
            "day": today,
            "heading": "h3" if is_part else "h2",
        },
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def _entitlement(request: ScopedRequest, pk: int) -> Entitlement:
    visible = Entitlement.objects.visible_to(request.scope.whole)
    related = visible.select_related("model", "definition", "company")
    return get_object_or_404(related, pk=pk)
