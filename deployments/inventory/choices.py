"""What a person chooses for the import of an inventory, besides the file: pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Choices:
    """
    How a file is to be read, where it does not say so itself.

    :param columns: what the columns of a CSV file hold, by their headers
    :param headers: which headers that was said about, as ``signature`` gives them
    :param device: of a file that names none
    :param device_is_file_name: the files in a ZIP that name no device are named after theirs
    :param day_order: ``dmy`` or ``mdy`` where days are no ISO dates
    :param adds_people: people with an e-mail address who are not known yet are added
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    headers: str = ""
    device: str = ""
    device_is_file_name: bool = False
    day_order: str = ""
    encoding: str = ""
    separator: str = ""
    adds_people: bool = True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**stored)

    @property
    def for_reader(self) -> dict[str, Any]:
        """What the program that reads the file has to know."""
        others = {"headers", "adds_people"}
        return {name: value for name, value in asdict(self).items() if name not in others}


EARLIEST_DAY = date(1990, 1, 1)  # no tool of inventories is older; such a year is a slip


def refuse_day(day: date, *, today: date) -> str:
    """Why an inventory cannot be of a day, as a sentence; empty where it can."""
    if day > today:
        return f"{day} is yet to come."
    if day < EARLIEST_DAY:
        return f"{day} is before {EARLIEST_DAY}: no inventory is that old."
    return ""


def signature(headers: Sequence[str]) -> str:
    """The same headers have the same signature, whatever their case."""
    return hashlib.sha256("\x1f".join(headers).casefold().encode()).hexdigest()[:32]
