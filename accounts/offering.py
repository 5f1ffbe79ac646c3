"""What a box to type in offers: the answer to it, for whichever records."""

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.access import ScopedRequest
from accounts.choosing import MOST_OFFERED, Source


def offer(request: ScopedRequest, source: Source) -> HttpResponse:
    """
    The first records of a source that are called so, of what the person may see.

    :raises Http404: where the address narrows them by what is no key
    """
    text = request.GET.get("q", "").strip()
    records = source.records(request.scope).filter(_narrowed(request, source))
    found = list(source.matching(records, text)[: MOST_OFFERED + 1])
    return render(
        request,
        "accounts/choices.html",
        {
            "choices": [
                {"key": record.pk, "label": str(record), "more": source.describe(record)}
                for record in found[:MOST_OFFERED]
            ],
            "is_cut": len(found) > MOST_OFFERED,
            "text": text,
            "noun": source.noun,
        },
    )


def _narrowed(request: ScopedRequest, source: Source) -> Q:
    """What the address narrows the records to; nothing else can be asked of them."""
    narrowed = Q()
    for parameter, path in source.narrowing.items():
        value = request.GET.get(parameter, "")
        if value.isdecimal():
            narrowed &= Q(**{path: int(value)})
        elif value:
            raise Http404
    return narrowed
