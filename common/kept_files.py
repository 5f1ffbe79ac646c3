"""Files that people give and get: kept in the database, in pieces, whatever their names say."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser

from common.models import FilePiece, KeptFile

PIECE = 1 << 20


def keep(*, company_id: int, name: str, content: Iterable[bytes], by: AbstractBaseUser) -> KeptFile:
    """
    Keep a file. The caller opens the transaction.

    :param name: as the person calls it: shown, and never used as a path
    """
    kept = KeptFile.objects.create(
        company_id=company_id, name=_harmless(name), size=0, kept_by_id=by.pk
    )
    for number, piece in enumerate(_pieces(content)):
        FilePiece.objects.create(file=kept, number=number, content=piece)
        kept.size += len(piece)
    kept.save(update_fields=["size"])
    return kept


def _harmless(name: str) -> str:
    """The last part of a name, without what would break a header or a line."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(character for character in last if character.isprintable())[-200:] or "file"


def _pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for part in content:
        held += part
        while len(held) >= PIECE:
            yield bytes(held[:PIECE])
            del held[:PIECE]
    if held:
        yield bytes(held)


def content_of(kept: KeptFile) -> Iterator[bytes]:
    """The content of a file, piece by piece."""
    pieces = kept.pieces.order_by("number").values_list("content", flat=True)
    for content in pieces.iterator(chunk_size=4):
        yield bytes(content)


@contextmanager
def on_disk(kept: KeptFile) -> Iterator[Path]:
    """The file under a name of our own in the temporary folder, for as long as it is needed."""
    with tempfile.NamedTemporaryFile(prefix="lcm-file-") as file:
        for piece in content_of(kept):
            file.write(piece)
        file.flush()
        yield Path(file.name)
