"""Documents of records: kept, and removed from sight."""

from typing import Any, Protocol

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from common import kept_files
from common.acting import acting
from common.documents import kind_of
from common.models import Document


class Documented(Protocol):
    """A record of a company with documents of its own."""

    company_id: int
    documents: Any  # related records of a model that extends Document


class ReasonMissing(Exception):
    """A document is removed for a reason."""


class AlreadyRemoved(Exception):
    """A document is removed once."""


def add_document(
    *,
    to: Documented,
    name: str,
    content: bytes,
    title: str,
    by: AbstractBaseUser,
    reason: str = "",
) -> Document:
    """
    Keep a document with a record.

    :param name: the file's, as the person calls it
    :param title: what the page shows; the file's name where it is empty
    :raises common.documents.DocumentRefused: where the content is of no kind that is kept
    """
    kind = kind_of(name, content)
    with acting(by, reason or "Added by hand"):
        file = kept_files.keep(company_id=to.company_id, name=name, content=[content], by=by)
        document: Document = to.documents.create(
            company_id=to.company_id,
            file=file,
            title=title or file.name,
            content_type=kind.content_type,
        )
    return document


def remove_document(*, document: Document, by: AbstractBaseUser, reason: str) -> None:
    """
    Take a document out of sight. Its file stays, and the history says who removed it and why.

    :raises ReasonMissing: without a reason
    :raises AlreadyRemoved: if somebody else was faster
    """
    if not reason.strip():
        raise ReasonMissing("Give a reason: others will want to know why.")
    with acting(by, reason):
        row = type(document)._default_manager.select_for_update().get(pk=document.pk)
        if row.removed_at is not None:
            raise AlreadyRemoved(f"{row.title} was removed already.")
        row.removed_at = timezone.now()
        row.save(update_fields=["removed_at"])
