"""Tags: short words that people put on records of theirs. Pure."""

import re
from collections.abc import Iterable, Sequence

MOST_TAGS = 20
LONGEST_TAG = 50
# Between tags that are written in one line.
SEPARATORS = re.compile(r"[;,\n]")


class TagsRefused(Exception):
    """What was written are no tags, or too many; the message says which."""


def read_tags(written: str) -> list[str]:
    """
    The tags that somebody has written, each once, in their order. Capitals make no other tag.

    :raises TagsRefused: for one that is too long, and for too many
    """
    tags = each_once(_tidy(part) for part in SEPARATORS.split(written))
    for tag in tags:
        if len(tag) > LONGEST_TAG:
            raise TagsRefused(
                f"“{tag}” has {len(tag)} characters, and a tag has at most {LONGEST_TAG}."
            )
    if refusal := refuse_number(tags):
        raise TagsRefused(refusal)
    return tags


def _tidy(written: str) -> str:
    """Without what cannot be seen, and with single spaces."""
    seen = "".join(each for each in written if each.isprintable() or each.isspace())
    return " ".join(seen.split())


def refuse_number(tags: Sequence[str]) -> str:
    """Why a record cannot have these tags, if there are too many; else nothing."""
    if len(tags) <= MOST_TAGS:
        return ""
    return f"These are {len(tags)} tags, and a record has at most {MOST_TAGS}."


def write_tags(tags: Iterable[str]) -> str:
    """Tags in one line, as ``read_tags`` reads them."""
    return "; ".join(tags)


def each_once(tags: Iterable[str]) -> list[str]:
    """Tags without empty ones, and without those that differ from an earlier one by capitals."""
    first: dict[str, str] = {}
    for tag in tags:
        if tag:
            first.setdefault(tag.casefold(), tag)
    return list(first.values())


def change_tags(tags: Sequence[str], *, add: Sequence[str], remove: Sequence[str]) -> list[str]:
    """The tags of a record after some were added and others removed, whatever their capitals."""
    removed = {tag.casefold() for tag in remove}
    return each_once([*(tag for tag in tags if tag.casefold() not in removed), *add])


def as_in_use(tags: Iterable[str], in_use: Iterable[str]) -> list[str]:
    """Tags written as they are in use already, where they differ by capitals alone."""
    known = {tag.casefold(): tag for tag in in_use}
    return [known.get(tag.casefold(), tag) for tag in tags]


def spellings(tag: str, in_use: Iterable[str]) -> list[str]:
    """A tag in all the ways in which it is in use; as it is written where it is not."""
    return [other for other in in_use if other.casefold() == tag.casefold()] or [tag]
