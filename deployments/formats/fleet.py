"""
Answers of Fleet's interface: ``/software/titles``, ``/software/versions``, one title, or hosts.

Titles and versions come with the number of hosts that have them; only hosts tell which they are.
"""

from collections.abc import Iterator
from typing import Any

from deployments.formats import json_text
from deployments.formats.cells import (
    Broken,
    Row,
    description_of,
    number_of,
    read_each,
    some_number,
    text_of,
    title_of,
)
from deployments.formats.days import iso_day
from deployments.formats.found import (
    Found,
    FoundCount,
    FoundDevice,
    FoundInstallation,
    FoundProblem,
    FoundTitle,
    one_of_several_pages,
)
from deployments.formats.options import Options
from deployments.formats.platforms import PLATFORMS_OF_TABLES
from deployments.formats.sources import Source

# Where an answer has its entries, and how each is read: the first three are counted, a host is not.
PATHS = ("software_titles.item", "software.item", "software_title", "hosts.item", "host")


def read(source: Source, options: Options) -> Iterator[Found]:
    """What is found; told as a part where the answer is one page of several."""
    shown = json_text.keys_at_the_beginning(source)
    for path in PATHS:
        name = path.removesuffix(".item")
        if name in shown:
            reader = _read_host if name.startswith("host") else _read_counted
            yield from read_each(json_text.entries(source, path), f"Entry of {name}", reader)
    if any(more is True for _, more in json_text.entries(source, "meta.has_next_results")):
        yield one_of_several_pages(is_in_zip=source.is_member)


def _read_counted(row: Row, entry: Any) -> Iterator[Found]:
    if not isinstance(entry, dict):
        raise Broken("it is no title")
    versions = entry.get("versions")
    counted = [
        version
        for version in (versions if isinstance(versions, list) else ())
        if isinstance(version, dict) and version.get("hosts_count") is not None
    ]
    # One title is told with the hosts of each version, a list of titles without.
    for version in counted or [entry]:
        count = number_of("hosts_count", version.get("hosts_count"))
        if count is None:
            raise Broken("it does not say on how many hosts it is")
        yield FoundCount(
            number=row.number,
            title=_title(entry, version.get("version")),
            metric="installs",
            count=count,
        )


def _title(entry: dict[str, Any], version: Any) -> FoundTitle:
    return title_of(
        name=entry.get("name"),
        publisher=entry.get("vendor"),
        version=version,
        platform=PLATFORMS_OF_TABLES.get(str(entry.get("source")), ""),
        tag=entry.get("bundle_identifier"),
    )


def _read_host(row: Row, entry: Any) -> Iterator[Found]:
    if not isinstance(entry, dict):
        raise Broken("it is no host")
    said = entry.get("computer_name") or entry.get("hostname") or entry.get("display_name")
    name = text_of("device", said)
    if not name:
        raise Broken("it names no host")
    software = entry.get("software")
    yield FoundDevice(
        number=row.number,
        name=name,
        serial_number=description_of("serial_number", entry.get("hardware_serial")),
        operating_system=description_of("operating_system", entry.get("os_version")),
        processor_model=description_of("processor_model", entry.get("cpu_brand")),
        cores=some_number("cores", entry.get("cpu_physical_cores")),
        threads=some_number("threads", entry.get("cpu_logical_cores")),
        person=_person(entry),
        is_whole=isinstance(software, list),
    )
    for title in software if isinstance(software, list) else ():
        if isinstance(title, dict):
            yield from _read_title(row, name, title)


def _read_title(row: Row, device: str, title: dict[str, Any]) -> Iterator[Found]:
    try:
        yield FoundInstallation(
            number=row.number,
            device=device,
            title=_title(title, title.get("version")),
            last_used_on=row.day("day of use", title.get("last_opened_at"), iso_day),
        )
    except Broken as broken:
        yield FoundProblem(row.number, f"{row.place}: {broken}.")


def _person(entry: dict[str, Any]) -> str:
    """The first person whom the host is mapped to."""
    for users in (entry.get("end_users"), entry.get("device_mapping")):
        for user in users if isinstance(users, list) else ():
            if isinstance(user, dict):
                said = user.get("idp_username") or user.get("email")
                if isinstance(said, str):
                    return text_of("person", said)
    return ""
