"""What readers find in files: values of one shape, whatever the format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Metric = Literal["installs", "users"]


@dataclass(frozen=True, kw_only=True)
class FoundTitle:
    """Software as the source names it; empty where it does not say."""

    name: str
    publisher: str = ""
    version: str = ""
    edition: str = ""
    platform: str = ""
    language: str = ""
    tag: str = ""  # what the source itself calls it: a SWID tag, an installer's code, a part number


@dataclass(frozen=True, kw_only=True)
class FoundDevice:
    """
    A device and its hardware; None and empty where the source does not say.

    :param number: its place in the file, from 1: a line, or an entry
    :param processors: sockets
    :param cores: of all processors together, as ``threads``
    :param person: an e-mail address, else a login or a name, as the source says
    :param is_whole: whether the file holds everything that is installed on it
    """

    number: int
    name: str
    serial_number: str = ""
    kind: str = ""  # a value of DeviceKind
    operating_system: str = ""
    processor_model: str = ""
    processors: int | None = None
    cores: int | None = None
    threads: int | None = None
    host: str = ""
    cluster: str = ""
    cloud: str = ""
    person: str = ""
    is_whole: bool = False


@dataclass(frozen=True, kw_only=True)
class FoundInstallation:
    """A title on a device, which is told by its name."""

    number: int
    device: str
    title: FoundTitle
    person: str = ""
    installed_on: date | None = None
    last_used_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class FoundSubscription:
    """A title assigned to a person, on no device in particular."""

    number: int
    person: str
    title: FoundTitle
    person_name: str = ""
    assigned_on: date | None = None
    last_used_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class FoundCount:
    """How many installs or users of a title a source counts, without saying which."""

    number: int
    title: FoundTitle
    metric: Metric
    count: int


@dataclass(frozen=True)
class FoundProblem:
    """
    What is wrong at a place of the file, as a sentence that begins with the place.

    :param is_refused: whether nothing is read there; else it is a remark on what was read
    """

    number: int
    message: str
    is_refused: bool = True


@dataclass(frozen=True)
class FoundPart:
    """
    That the file, by what it says itself, holds only a part of what its source has.

    :param message: what it says, as sentences
    """

    message: str


def one_of_several_pages(*, is_in_zip: bool) -> FoundPart | FoundProblem:
    """What is said of an answer that has more pages. Whether a ZIP has them all, no page tells."""
    if is_in_zip:
        return FoundProblem(0, "More pages follow it: see that they are in the ZIP too.", False)
    return FoundPart("It is one page of several. Export the others too, and import all in one ZIP.")


@dataclass(frozen=True, kw_only=True)
class Question:
    """
    What must be answered before the file can be read. Nothing follows it.

    :param needs: the options that answer it (``options.Options``)
    :param sentence: for the person who is asked
    :param headers: of a table, with ``samples`` of its first rows below them
    :param columns: which fields the headers seem to mean
    """

    needs: tuple[str, ...]
    sentence: str
    headers: tuple[str, ...] = ()
    samples: tuple[tuple[str, ...], ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)


Found = (
    FoundDevice
    | FoundInstallation
    | FoundSubscription
    | FoundCount
    | FoundProblem
    | FoundPart
    | Question
)
