"""Documents of contracts: kept, and removed from sight."""

from django.utils import timezone

from accounts.models import User
from common import kept_files
from common.acting import acting
from contracts.documents import kind_of
from contracts.models import Contract, ContractDocument


class ReasonMissing(Exception):
    """A document is removed for a reason."""


class AlreadyRemoved(Exception):
    """A document is removed once."""


def add_document(
    *, contract: Contract, name: str, content: bytes, title: str, by: User, reason: str = ""
) -> ContractDocument:
    """
    Keep a document with a contract.

    :param name: the file's, as the person calls it
    :param title: what the page shows; the file's name where it is empty
    :raises contracts.documents.DocumentRefused: where the content is of no kind that is kept
    """
    kind = kind_of(name, content)
    with acting(by, reason or "Added by hand"):
        file = kept_files.keep(company_id=contract.company_id, name=name, content=[content], by=by)
        return ContractDocument.objects.create(
            company_id=contract.company_id,
            contract=contract,
            file=file,
            title=title or file.name,
            content_type=kind.content_type,
        )


def remove_document(*, document: ContractDocument, by: User, reason: str) -> None:
    """
    Take a document out of sight. Its file stays, and the history says who removed it and why.

    :raises ReasonMissing: without a reason
    :raises AlreadyRemoved: if somebody else was faster
    """
    if not reason.strip():
        raise ReasonMissing("Give a reason: others will want to know why.")
    with acting(by, reason):
        row = ContractDocument.objects.select_for_update().get(pk=document.pk)
        if row.removed_at is not None:
            raise AlreadyRemoved(f"{row.title} was removed already.")
        row.removed_at = timezone.now()
        row.save(update_fields=["removed_at"])
