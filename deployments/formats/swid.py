"""SWID tags (ISO/IEC 19770-2:2015): each names one title of the device it lay on."""

from collections.abc import Iterator

from common.limited import Refused
from deployments.formats import xml_text
from deployments.formats.cells import Row, read_each, text_of, title_of
from deployments.formats.found import Found, FoundInstallation, Question
from deployments.formats.options import Options
from deployments.formats.sources import Source
from deployments.formats.xml_text import Element

WHICH_DEVICE = "A SWID tag does not say which device it was on. Name the device."

Tag = tuple[Element, tuple[Element, ...]]


def read(source: Source, options: Options) -> Iterator[Found]:
    """
    What is found, or a question for the device.

    :raises Refused: where there is no tag of the standard in it
    """
    device = text_of("device", source.stem if options.device_is_file_name else options.device)
    if not device:
        yield Question(needs=("device",), sentence=WHICH_DEVICE)
        return

    def read_tag(row: Row, tag: Tag) -> Iterator[Found]:
        identity, parts = tag
        if kind := _kind_of_no_install(identity):
            row.remark(f"a tag of {kind} is no install of its own: it is passed over.")
            return
        meta = _attributes(parts, "Meta")
        yield FoundInstallation(
            number=row.number,
            device=device,
            title=title_of(
                name=identity.attributes.get("name"),
                publisher=_creator(parts),
                version=identity.attributes.get("version"),
                edition=meta.get("edition"),
                language=identity.attributes.get("lang"),
                tag=identity.attributes.get("tagId"),
            ),
        )

    yield from read_each(_tags(source), "Line", read_tag)


def _tags(source: Source) -> Iterator[tuple[int, Tag]]:
    parts: list[Element] = []
    found = False
    for element in xml_text.elements(source):
        if element.path[-1] == "SoftwareIdentity":
            found = True
            yield element.line, (element, tuple(parts))
            parts = []
        elif element.path[-1] in {"Entity", "Meta"}:
            parts.append(element)
    if not found:
        raise Refused("It has no SoftwareIdentity, as tags of ISO/IEC 19770-2:2015 have")


_NO_INSTALLS = {"patch": "a patch", "corpus": "an installer", "supplemental": "a supplement"}


def _kind_of_no_install(identity: Element) -> str:
    return next(
        (
            kind
            for attribute, kind in _NO_INSTALLS.items()
            if identity.attributes.get(attribute) in {"true", "1"}
        ),
        "",
    )


def _attributes(parts: tuple[Element, ...], name: str) -> dict[str, str]:
    return next((part.attributes for part in parts if part.path[-1] == name), {})


def _creator(parts: tuple[Element, ...]) -> str:
    """Who made the software; else who made the tag."""
    entities = [part.attributes for part in parts if part.path[-1] == "Entity"]
    creators = [
        entity for entity in entities if "softwareCreator" in entity.get("role", "").split()
    ]
    return next((entity.get("name", "") for entity in creators or entities), "")
