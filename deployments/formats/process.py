"""
The program that reads a file of an inventory, in a process of its own with limited memory and time.

This program (``common.limited``) is given a path and, in JSON, what is asked of it:

    {"format": "", "name": "pc-1.json", "options": {…}, "limits": {…}}

and writes one JSON line an event:

    {"format": "glpi"}                        what the file is
    {"row": [1, "installation", "PC-1", …]}   in the order of ``COLUMNS``
    {"problem": [17, "Line 17: …", true]}     its place, a sentence, and whether a row was refused
    {"part": "It is one page of …"}           the file says itself that it is only a part
    {"asking": {"needs": ["columns"], …}}     what must be answered first; nothing follows
    {"refused": "a sentence"}                 the file cannot be read, and why
    {"end": true}                             all was read

It imports nothing of the project that knows Django.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from common.limited import Event, Limits, Refused, answer
from deployments.formats import agents, fleet, graph, osquery, swid, table_formats, winget
from deployments.formats.found import (
    Found,
    FoundCount,
    FoundDevice,
    FoundInstallation,
    FoundPart,
    FoundProblem,
    FoundSubscription,
    FoundTitle,
    Question,
)
from deployments.formats.options import Options
from deployments.formats.sniffing import likeness, sniff
from deployments.formats.sources import Source, sources_of

# The columns of a row; days are ISO dates or null, texts are never null.
COLUMNS = (
    "number",
    "kind",
    "device",
    "person",
    "publisher",
    "name",
    "version",
    "edition",
    "platform",
    "language",
    "tag",
    "installed_on",
    "last_used_on",
    "count",
    "more",
)

READERS: dict[str, Callable[[Source, Options], Iterator[Found]]] = {
    "glpi": agents.read_glpi,
    "ocs": agents.read_ocs,
    "osquery": osquery.read,
    "fleet": fleet.read,
    "graph": graph.read,
    "intune": table_formats.read_intune,
    "microsoft365": table_formats.read_microsoft365,
    "configmgr": table_formats.read_configmgr,
    "winget": winget.read,
    "swid": swid.read,
    "csv": table_formats.read_csv,
}


def main() -> None:
    path, asked = sys.argv[1], json.loads(sys.argv[2])
    limits = Limits(**asked["limits"])
    # ijson's parser crashes where Python refuses to make a number of thousands of digits. Without
    # that limit it makes it, and the time of this process bounds how long that takes.
    sys.set_int_max_str_digits(0)
    answer(
        lambda: events(
            path,
            name=asked["name"],
            format=asked["format"],
            options=Options(**asked["options"]),
            limits=limits,
        ),
        limits,
    )


def events(
    path: str, *, name: str, format: str, options: Options, limits: Limits
) -> Iterator[Event]:
    """
    What the program says of a file, but for its end.

    :param name: as the person calls the file
    :param format: a key of ``catalogue.FORMATS``; empty: told by the file
    :raises Refused: where it cannot be read
    """
    rows_left = limits.rows
    for found in found_in(path, name=name, format=format, options=options, limits=limits):
        event = found if isinstance(found, dict) else event_of(found)
        if "row" in event:
            if rows_left <= 0:
                raise Refused(f"It has more than {limits.rows:,} rows. Split it")
            rows_left -= 1
        yield event
        if "asking" in event:
            return


def found_in(
    path: str, *, name: str, format: str, options: Options, limits: Limits
) -> Iterator[Found | Event]:
    told = ""
    with sources_of(path, name=name, limits=limits) as sources:
        for source in sources:
            key = format or sniff(source)
            if key and key != told:
                told = told or key
                yield {"format": told}
            if source.is_member:
                yield from _read_member(source, key, options)
            elif key:
                yield from READERS[key](source, options)
            else:
                raise Refused(f"It is of no format that is read: it is {likeness(source)}")
    if not told:
        raise Refused("None of the files in it is of a format that is read")


def _read_member(source: Source, key: str, options: Options) -> Iterator[Found]:
    """A file in a ZIP; that it cannot be read is a problem of its own."""
    try:
        if not key:
            raise Refused(f"It is of no format that is read: it is {likeness(source)}")
        for found in READERS[key](source, options):
            if isinstance(found, FoundProblem | FoundPart):
                found = replace(found, message=_in(source, found.message))
            yield found
    except Refused as refusal:
        yield FoundProblem(0, _in(source, f"{refusal}."))


def _in(source: Source, sentence: str) -> str:
    name = source.name if source.name.isprintable() else ascii(source.name)
    return f"{name[-100:]}: {sentence}"


# --- Events ---


def event_of(found: Found) -> Event:
    match found:
        case FoundInstallation():
            return _row(
                found.number,
                "installation",
                found.title,
                device=found.device,
                person=found.person,
                installed_on=found.installed_on,
                last_used_on=found.last_used_on,
            )
        case FoundSubscription():
            more = {"person_name": found.person_name} if found.person_name else None
            return _row(
                found.number,
                "subscription",
                found.title,
                person=found.person,
                installed_on=found.assigned_on,
                last_used_on=found.last_used_on,
                more=more,
            )
        case FoundCount():
            more = {"metric": found.metric}
            return _row(found.number, "count", found.title, count=found.count, more=more)
        case FoundDevice():
            return _row(
                found.number,
                "device",
                _NO_TITLE,
                device=found.name,
                person=found.person,
                more=_hardware(found),
            )
        case FoundProblem():
            return {"problem": [found.number, found.message, found.is_refused]}
        case FoundPart():
            return {"part": found.message}
        case Question():
            return {"asking": _question(found)}


_NO_TITLE = FoundTitle(name="")


def _row(
    number: int,
    kind: str,
    title: FoundTitle,
    *,
    device: str = "",
    person: str = "",
    installed_on: date | None = None,
    last_used_on: date | None = None,
    count: int | None = None,
    more: dict[str, Any] | None = None,
) -> Event:
    return {
        "row": [
            number,
            kind,
            device,
            person,
            title.publisher,
            title.name,
            title.version,
            title.edition,
            title.platform,
            title.language,
            title.tag,
            installed_on.isoformat() if installed_on else None,
            last_used_on.isoformat() if last_used_on else None,
            count,
            more,
        ]
    }


def _hardware(device: FoundDevice) -> dict[str, Any]:
    """What the file says of a device, but for its name and person."""
    said = asdict(device)
    for field in ("number", "name", "person"):
        del said[field]
    whole = said.pop("is_whole")
    return {field: value for field, value in said.items() if value not in ("", None)} | {
        "is_whole": whole
    }


def _question(question: Question) -> dict[str, Any]:
    return {
        "needs": question.needs,
        "questions": [question.sentence],
        "headers": question.headers,
        "samples": question.samples,
        "columns": dict(question.columns),
    }
