"""What a person answered about a file, and how much of the machine reading it may take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

# How a day is written whose order its digits do not tell: 03/04/2026.
DayOrder = Literal["", "dmy", "mdy"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """
    :param columns: fields (``fields.FIELDS``) by header of a table; empty: not read
    :param device: the name of the device, for files that do not tell it
    :param device_is_file_name: each file is named for its device
    :param encoding: of a text without byte order mark; empty: UTF-8
    :param separator: of a table; empty: found in its first row
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    device: str = ""
    device_is_file_name: bool = False
    day_order: DayOrder = ""
    encoding: str = ""
    separator: str = ""
