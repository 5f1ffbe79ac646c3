"""Work notes on entitlements: dated, signed and never edited."""

from accounts.models import User
from entitlements.models import Entitlement, WorkNote


class NothingWritten(Exception):
    """A note says something."""

    field = "text"


def add_note(*, entitlement: Entitlement, text: str, by: User) -> WorkNote:
    """
    Write a note on an entitlement, as of now.

    :raises NothingWritten: where the text is empty
    """
    if not text.strip():
        raise NothingWritten("Write what is to be known.")
    return WorkNote.objects.create(
        company_id=entitlement.company_id,
        entitlement=entitlement,
        text=text.strip(),
        written_by=by,
    )
