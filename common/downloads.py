"""Kept files as downloads, never to be shown by the browser itself."""

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from common import kept_files
from common.models import KeptFile


def as_download(kept: KeptFile) -> StreamingHttpResponse:
    """A kept file, sent piece by piece, whatever it holds and however it is called."""
    response = StreamingHttpResponse(
        kept_files.content_of(kept), content_type="application/octet-stream"
    )
    named = content_disposition_header(as_attachment=True, filename=kept.name)
    response.headers["Content-Disposition"] = named or "attachment"
    response.headers["Content-Length"] = str(kept.size)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
