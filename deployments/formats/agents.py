"""
Inventories of the agents of GLPI, FusionInventory and OCS: one device a file.

They tell the same in JSON and in XML; both are brought to one shape here: sections by name in small
letters, each a list of numbered entries, whose names are in small letters too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.limited import Refused
from deployments.formats import json_text, xml_text
from deployments.formats.cells import (
    LARGEST,
    Broken,
    Row,
    description_of,
    read_each,
    some_number,
    text_of,
    title_of,
)
from deployments.formats.days import agent_day
from deployments.formats.found import (
    Found,
    FoundDevice,
    FoundInstallation,
    FoundPart,
    FoundProblem,
)
from deployments.formats.options import Options
from deployments.formats.platforms import platform_of
from deployments.formats.sources import Source

Entries = Sequence[tuple[int, dict[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """
    What an agent tells of a device.

    :param device_id: a name and the moment of the agent's installation
    :param item_type: what kind of thing it is; empty: a computer
    :param is_partial: whether it says itself that it tells only some
    :param place: what the numbers of entries count
    """

    sections: Mapping[str, Entries]
    device_id: str
    item_type: str
    is_partial: bool
    place: str

    def first(self, section: str) -> dict[str, Any]:
        """The entry of a section that has only one."""
        return next((entry for _, entry in self.sections.get(section, ())), {})


def read_glpi(source: Source, options: Options) -> Iterator[Found]:
    """:raises Refused: where it is no inventory of GLPI's agent"""
    for _, document in json_text.documents(source):
        if not isinstance(document, dict) or not isinstance(document.get("content"), dict):
            raise Refused("It is no inventory of GLPI: it has no “content”")
        yield from _read(
            Inventory(
                # A section that is null is missing; one that is empty holds nothing.
                sections={
                    str(name).lower(): _entries(section)
                    for name, section in document["content"].items()
                    if section is not None
                },
                device_id=str(document.get("deviceid") or ""),
                item_type=str(document.get("itemtype") or ""),
                is_partial=str(document.get("partial", "")).lower() in {"true", "1"},
                place="Entry",
            )
        )


def _entries(section: Any) -> Entries:
    listed = section if isinstance(section, list) else [section]
    return [
        (number, {str(name).lower(): value for name, value in entry.items()})
        for number, entry in enumerate(listed, start=1)
        if isinstance(entry, dict)
    ]


def read_ocs(source: Source, options: Options) -> Iterator[Found]:
    """:raises Refused: where it is no inventory of an agent of OCS or FusionInventory"""
    sections: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    entry: dict[str, Any] = {}
    about: dict[str, str] = {}
    for element in xml_text.elements(source):
        match [name.lower() for name in element.path]:
            case ["request", "content", _, name]:
                entry.setdefault(name, element.text)
            case ["request", "content", section]:
                sections.setdefault(section, []).append((element.line, entry))
                entry = {}
            case ["request", name]:
                about[name] = element.text
    if not sections:
        raise Refused("It is no inventory of OCS or FusionInventory: its CONTENT is empty")
    yield from _read(
        Inventory(
            sections=sections,
            device_id=about.get("deviceid", ""),
            item_type=about.get("itemtype", ""),
            is_partial=about.get("partial", "").lower() in {"true", "1"},
            place="Line",
        )
    )


# --- What both tell ---


_INSTALLED_AT = re.compile(r"-[0-9]{4}(?:-[0-9]{2}){5}$")  # at the end of a device's id


def _read(inventory: Inventory) -> Iterator[Found]:
    hardware = inventory.first("hardware")
    said = hardware.get("name") or _INSTALLED_AT.sub("", inventory.device_id)
    try:
        name = text_of("device", said)
    except Broken as broken:
        raise Refused(f"The device cannot be read: {broken}") from None
    if not name:
        raise Refused("It does not name its device")
    if not hardware and "softwares" not in inventory.sections:
        yield FoundProblem(1, f"“{name}” is no computer: nothing of it is read.", False)
        return
    system = _operating_system(inventory)
    yield FoundDevice(
        number=1,
        name=name,
        serial_number=description_of("serial_number", inventory.first("bios").get("ssn")),
        kind=_kind(inventory),
        operating_system=system,
        person=_person(inventory),
        is_whole="softwares" in inventory.sections and not inventory.is_partial,
        **_processors(inventory),
    )
    yield from _read_software(inventory, name, platform_of(system))
    yield from _read_guests(inventory, name)
    if inventory.is_partial:
        yield FoundPart(f"It says itself that it tells only some of “{name}”.")


def _operating_system(inventory: Inventory) -> str:
    system = inventory.first("operatingsystem")
    hardware = inventory.first("hardware")
    said = (
        system.get("full_name")
        or " ".join(str(system[part]) for part in ("name", "version") if system.get(part))
        or " ".join(str(hardware[part]) for part in ("osname", "osversion") if hardware.get(part))
    )
    return description_of("operating_system", said)


_KINDS = (
    ("laptop", ("laptop", "notebook", "portable", "convertible", "detachable")),
    ("server", ("server", "rack", "blade")),
    ("mobile", ("tablet", "hand held", "phone")),
    ("desktop", ("desktop", "tower", "all in one", "mini pc", "stick pc", "space-saving")),
)


def _kind(inventory: Inventory) -> str:
    if inventory.item_type.lower() in {"phone", "tablet"}:
        return "mobile"
    hardware = inventory.first("hardware")
    system = str(hardware.get("vmsystem") or "Physical")
    if system.lower() != "physical":
        return "virtual"
    chassis = str(hardware.get("chassis_type") or "").lower()
    return next((kind for kind, words in _KINDS if any(word in chassis for word in words)), "")


# Accounts of systems, which are no people.
_NOBODY = {"root", "system", "administrator", "admin", "nobody", "local service", "localservice"}


def _person(inventory: Inventory) -> str:
    """Who used the device last, without the domain."""
    said = inventory.first("hardware").get("lastloggeduser") or inventory.first("users").get(
        "login"
    )
    return _somebody(said)


def _somebody(said: Any) -> str:
    try:
        login = text_of("person", said).rpartition("\\")[2]
    except Broken:
        return ""
    return "" if login.lower() in _NOBODY or login.endswith("$") else login


def _processors(inventory: Inventory) -> dict[str, Any]:
    """
    Model, sockets, cores and threads, added up over processors.

    Agents count threads of the whole processor, whatever the schema's title says of them; fewer
    threads than cores can only be those of each core.
    """
    hardware = inventory.first("hardware")
    processors = [entry for _, entry in inventory.sections.get("cpus", ())]
    if not processors:
        return {
            "processor_model": description_of("processor_model", hardware.get("processort")),
            "processors": some_number("processors", hardware.get("processorn")),
        }
    cores = [_first_number(entry, "core", "cores", "corecount") for entry in processors]
    threads = [_first_number(entry, "thread", "logical_cpus") for entry in processors]
    counted = [
        of_processor * of_core if of_processor and of_core and of_core < of_processor else of_core
        for of_processor, of_core in zip(cores, threads, strict=True)
    ]
    model = processors[0].get("name") or processors[0].get("type")
    return {
        "processor_model": description_of("processor_model", model),
        "processors": len(processors),
        "cores": _sum(cores),
        "threads": _sum(counted),
    }


def _first_number(entry: dict[str, Any], *names: str) -> int | None:
    numbers = (some_number(name, entry.get(name)) for name in names)
    return next((number for number in numbers if number), None)


def _sum(numbers: Sequence[int | None]) -> int | None:
    """The sum; None where one of them is not known, or where it is no number of a device."""
    known = [number for number in numbers if number is not None]
    total = sum(known)
    return total if len(known) == len(numbers) and total <= LARGEST else None


def _read_software(inventory: Inventory, device: str, platform: str) -> Iterator[Found]:
    def read(row: Row, entry: dict[str, Any]) -> Iterator[Found]:
        name = entry.get("name") or entry.get("fullname")
        if not name:  # registries have such entries; there is nothing to count
            row.remark("it names no software: it is passed over.")
            return
        yield FoundInstallation(
            number=row.number,
            device=device,
            title=title_of(
                name=name,
                publisher=entry.get("publisher"),
                version=entry.get("version"),
                platform=platform,
                language=entry.get("language"),
                tag=entry.get("guid"),
            ),
            person=_somebody(entry.get("username")),
            installed_on=row.day(
                "day of installation",
                entry.get("install_date") or entry.get("installdate"),
                agent_day,
            ),
        )

    place = "Line" if inventory.place == "Line" else "Entry of softwares"
    yield from read_each(inventory.sections.get("softwares", ()), place, read)


# Containers share the system of their host: no devices of their own.
_CONTAINERS = {"docker", "lxc", "lxd", "openvz", "vserver", "bsdjail", "solariszone"}


def _read_guests(inventory: Inventory, host: str) -> Iterator[Found]:
    def read(row: Row, entry: dict[str, Any]) -> Iterator[Found]:
        name = text_of("device", entry.get("name"))
        if not name or str(entry.get("vmtype") or "").lower() in _CONTAINERS:
            return
        yield FoundDevice(
            number=row.number,
            name=name,
            kind="virtual",
            cores=some_number("vcpu", entry.get("vcpu")),
            serial_number=description_of("serial_number", entry.get("serial")),
            host=host,
        )

    place = "Line" if inventory.place == "Line" else "Entry of virtualmachines"
    yield from read_each(inventory.sections.get("virtualmachines", ()), place, read)
