"""
A calendar as calendar programs read it: iCalendar (RFC 5545), of all-day events. Pure.

Days have no time zone, so that an event is on its day wherever its reader is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from unicodedata import category

# A line has at most this many octets, without its end; longer ones are folded.
MOST_OCTETS = 75


@dataclass(frozen=True, kw_only=True)
class Entry:
    """
    One event that lasts a day.

    :param uid: the same each time the feed is read
    :param url: where more is said
    """

    uid: str
    on: date
    summary: str
    description: str
    url: str


def write_calendar(name: str, entries: Iterable[Entry], *, written_at: datetime) -> str:
    """The text of a calendar file."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//LCM//Contracts//EN"]
    lines += ["CALSCALE:GREGORIAN", f"NAME:{_escape(name)}", f"X-WR-CALNAME:{_escape(name)}"]
    lines += ["REFRESH-INTERVAL;VALUE=DURATION:PT6H"]
    stamp = f"DTSTAMP:{written_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for entry in entries:
        lines += _event(entry, stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line))


def _event(entry: Entry, stamp: str) -> list[str]:
    lines = ["BEGIN:VEVENT", f"UID:{entry.uid}", stamp, f"DTSTART;VALUE=DATE:{_day(entry.on)}"]
    if entry.on < date.max:
        # The day after: an event ends before it. Without one it lasts its day as well.
        lines.append(f"DTEND;VALUE=DATE:{_day(entry.on + timedelta(days=1))}")
    lines.append(f"SUMMARY:{_escape(entry.summary)}")
    if entry.description:
        lines.append(f"DESCRIPTION:{_escape(entry.description)}")
    return [*lines, f"URL:{entry.url}", "TRANSP:TRANSPARENT", "END:VEVENT"]


def _day(day: date) -> str:
    return day.isoformat().replace("-", "")


def _escape(text: str) -> str:
    r"""Text as a value: ``\`` ``;`` and ``,`` escaped, line ends as ``\n``, other controls gone."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    text = "\n".join(text.splitlines())
    return "".join(c for c in text if c in "\n\t" or category(c) != "Cc").replace("\n", "\\n")


def _fold(line: str) -> Iterator[str]:
    """A line in pieces that are short enough; each but the first begins with a space."""
    piece, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > MOST_OCTETS:
            yield piece
            piece, octets = " ", 1
        piece += character
        octets += size
    yield piece
