"""Single values of a file, made to fit: texts, whole numbers, and the row that they stand in."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from deployments.formats.found import Found, FoundProblem, FoundTitle


class Broken(Exception):
    """A row cannot be read; the message is the rest of a sentence that begins with its place."""


# Of texts that make up what a thing is, which are refused where they are longer.
LONGEST: dict[str, int] = {
    "device": 200,
    "person": 320,
    "person_name": 200,
    "publisher": 400,
    "name": 400,
    "version": 200,
    "edition": 200,
    "platform": 100,
    "language": 100,
    "tag": 300,
}
# Of texts that merely describe a device, which are cut.
LONGEST_DESCRIPTION: dict[str, int] = {
    "serial_number": 200,
    "operating_system": 200,
    "processor_model": 200,
    "host": 200,
    "cluster": 200,
    "cloud": 100,
}
LARGEST = 2_147_483_647  # of PostgreSQL's integer


def text_of(field: str, value: Any) -> str:
    """
    A value of a field as text, without blanks around it and with single ones in it.

    :raises Broken: where it is no text, too long, or nothing that a database can keep
    """
    if value is None or value == "":
        return ""
    text = _plain_text(field, value)
    if len(text) > LONGEST[field]:
        raise Broken(
            f"its {_called(field)} has {len(text):,} characters, at most {LONGEST[field]} are kept"
        )
    return text


def description_of(field: str, value: Any) -> str:
    """The same of a text that merely describes; what does not fit or cannot be kept is left out."""
    try:
        return _plain_text(field, value)[: LONGEST_DESCRIPTION[field]].rstrip()
    except Broken:
        return ""


def _plain_text(field: str, value: Any) -> str:
    match value:
        case str():
            text = value
        case None:
            return ""
        case bool() | int() | float() | Decimal():
            text = str(value)
        case _:
            raise Broken(f"its {_called(field)} is no text")
    # Registries of Windows end texts with one.
    text = " ".join(text.rstrip("\x00").split())
    if not text.isprintable() and _cannot_be_kept(text):
        raise Broken(f"its {_called(field)} has characters that are no text")
    return text


def _cannot_be_kept(text: str) -> bool:
    """Whether it has control characters, or halves of characters, which no encoding has."""
    return any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) <= 0xDFFF for c in text)


def _called(field: str) -> str:
    return field.replace("_", " ")


def number_of(field: str, value: Any) -> int | None:
    """
    A whole number from 0; None where there is none.

    :raises Broken: where it is something else
    """
    match value:
        case None | "":
            return None
        case bool():
            pass
        case int():
            if 0 <= value <= LARGEST:
                return value
        case Decimal():
            if value == value.to_integral_value() and 0 <= value <= LARGEST:
                return int(value)
        case str():
            digits = value.strip()
            if not digits:
                return None
            if digits.isascii() and digits.isdigit() and len(digits) <= 10:
                return number_of(field, int(digits))
    raise Broken(f"its {_called(field)} “{shortened(value)}” is no whole number that can be kept")


def some_number(field: str, value: Any) -> int | None:
    """The same of a number that merely describes; None where it cannot be read, or is 0."""
    try:
        return number_of(field, value) or None
    except Broken:
        return None


def shortened(value: Any) -> str:
    """A value as it may stand in a sentence."""
    text = " ".join(str(value)[:200].split())
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return text if len(text) <= 60 else text[:59] + "…"


def title_of(*, name: Any, **others: Any) -> FoundTitle:
    """
    A title from raw values.

    :param others: values of the other fields of a title
    :raises Broken: where it has no name, or one of them does not fit
    """
    cleaned = text_of("name", name)
    if not cleaned:
        raise Broken("it names no software")
    return FoundTitle(
        name=cleaned,
        **{field: text_of(field, value) for field, value in others.items() if value != ""},
    )


@dataclass
class Row:
    """
    A place in a file, and what is remarked about it while it is read.

    :param number: from 1
    :param place: as the beginning of a sentence: "Line 17"
    """

    number: int
    place: str
    remarks: list[FoundProblem] = field(default_factory=list)

    def remark(self, sentence: str) -> None:
        self.remarks.append(FoundProblem(self.number, f"{self.place}: {sentence}", False))

    def day(self, what: str, value: Any, read: Callable[[Any], date | None]) -> date | None:
        """A day that is left out, with a remark, where it cannot be read."""
        try:
            return read(value)
        except Broken as broken:
            self.remark(f"its {what} is left out: {broken}.")
            return None


def read_each(
    entries: Iterable[tuple[int, Any]],
    place: str,
    read: Callable[[Row, Any], Iterator[Found]],
) -> Iterator[Found]:
    """
    What is found in entries; one that cannot be read is a problem, and the next is read.

    :param entries: each with its number
    :param place: what the number counts: "Line", "Entry 3 of software"
    """
    for number, entry in entries:
        row = Row(number, f"{place} {number}")
        try:
            yield from read(row, entry)
        except Broken as broken:
            yield FoundProblem(number, f"{row.place}: {broken}.")
        yield from row.remarks
