"""What ``winget export`` writes: the packages of one device, which the file does not name."""

from collections.abc import Iterator
from typing import Any

from deployments.formats import json_text
from deployments.formats.cells import Broken, Row, read_each, text_of, title_of
from deployments.formats.found import Found, FoundInstallation, Question
from deployments.formats.options import Options
from deployments.formats.sources import Source

WHICH_DEVICE = "An export of winget does not say which device it is of. Name the device."


def read(source: Source, options: Options) -> Iterator[Found]:
    """What is found, or a question for the device."""
    device = text_of("device", source.stem if options.device_is_file_name else options.device)
    if not device:
        yield Question(needs=("device",), sentence=WHICH_DEVICE)
        return

    def read_package(row: Row, package: Any) -> Iterator[Found]:
        if not isinstance(package, dict):
            raise Broken("it is no package")
        identifier = text_of("tag", package.get("PackageIdentifier"))
        # By winget's convention; packages of its store have mere numbers.
        publisher, _, name = identifier.partition(".")
        yield FoundInstallation(
            number=row.number,
            device=device,
            title=title_of(
                name=name or identifier,
                publisher=publisher if name else "",
                version=package.get("Version"),
                platform="Windows",
                tag=identifier,
            ),
        )

    packages = json_text.entries(source, "Sources.item.Packages.item")
    yield from read_each(packages, "Package", read_package)
