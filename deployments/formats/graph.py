"""
Answers of Microsoft Graph: ``subscribedSkus``, users with their licenses, ``detectedApps``.

Names are compared without case: PowerShell writes the same properties with large first letters.
One file can hold both ``subscribedSkus`` and ``users``, each as Graph answered it: then the ids of
a user's ``assignedLicenses`` get their names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from deployments.formats import json_text
from deployments.formats.cells import Broken, Row, number_of, read_each, text_of, title_of
from deployments.formats.found import (
    Found,
    FoundCount,
    FoundProblem,
    FoundSubscription,
    FoundTitle,
    one_of_several_pages,
)
from deployments.formats.options import Options
from deployments.formats.sources import Source

# The answers that one file can hold together.
TOGETHER = ("subscribedSkus", "users", "detectedApps")


def read(source: Source, options: Options) -> Iterator[Found]:
    """What is found; remarks on pages and on licenses without a name."""
    shown = json_text.keys_at_the_beginning(source)
    names = _Names()
    for path in _paths(shown):
        yield from read_each(json_text.entries(source, path), "Entry", _Reader(names).read)
    for number, sku in names.missing.items():
        yield FoundProblem(
            number,
            f"The license {sku} is named by its id alone. Put the answers to subscribedSkus and to"
            ' users in one file, {"subscribedSkus": …, "users": …}, to have its name.',
            False,
        )
    if any(key.lower() == "@odata.nextlink" for key in shown):
        yield one_of_several_pages(is_in_zip=source.is_member)


def _paths(shown: frozenset[str]) -> tuple[str, ...]:
    if "value" in shown:
        return ("value.item",)
    if any(key.startswith("item.") for key in shown):
        return ("item",)
    if any(name in shown for name in TOGETHER):
        return tuple(f"{name}{path}" for name in TOGETHER for path in (".item", ".value.item"))
    return ("",)


@dataclass
class _Names:
    """The names of licenses by their ids, and those that had none, by the place of the first."""

    by_id: dict[str, str] = field(default_factory=dict)
    missing: dict[int, str] = field(default_factory=dict)

    def of(self, number: int, sku: str) -> str:
        if sku not in self.by_id:
            self.by_id[sku] = sku
            self.missing[number] = sku
        return self.by_id[sku]


class _Reader:
    def __init__(self, names: _Names) -> None:
        self._names = names

    def read(self, row: Row, entry: Any) -> Iterator[Found]:
        if not isinstance(entry, dict):
            raise Broken("it is no object of Graph")
        said = {str(name).lower(): value for name, value in entry.items()}
        if "skupartnumber" in said and "consumedunits" in said:
            yield from self._read_sku(row, said)
        elif "userprincipalname" in said or "assignedlicenses" in said or "licensedetails" in said:
            yield from self._read_user(row, said)
        elif "devicecount" in said:
            yield _detected_app(row, said)
        else:
            raise Broken("it is no subscribed SKU, no user and no detected app")

    def _read_sku(self, row: Row, sku: dict[str, Any]) -> Iterator[Found]:
        title = _license(sku.get("skuid"), sku["skupartnumber"])
        self._names.by_id[title.tag] = title.name
        if str(sku.get("appliesto") or "User").lower() != "user":
            row.remark(f"“{title.name}” is not assigned to people: it is passed over.")
            return
        count = number_of("consumedUnits", sku["consumedunits"])
        if count is None:
            raise Broken("it does not say how many units are consumed")
        yield FoundCount(number=row.number, title=title, metric="users", count=count)

    def _read_user(self, row: Row, user: dict[str, Any]) -> Iterator[Found]:
        person = text_of("person", user.get("userprincipalname") or user.get("mail"))
        if not person:
            raise Broken("it names no user: have userPrincipalName exported too")
        details, assigned = user.get("licensedetails"), user.get("assignedlicenses")
        if details is None and assigned is None:
            raise Broken("it tells no licenses: have assignedLicenses exported too")
        for title in self._licenses(row.number, details or assigned):
            yield FoundSubscription(
                number=row.number,
                person=person,
                person_name=text_of("person_name", user.get("displayname")),
                title=title,
            )

    def _licenses(self, number: int, licenses: Any) -> Iterator[FoundTitle]:
        for license in licenses if isinstance(licenses, list) else ():
            if not isinstance(license, dict):
                raise Broken("one of its licenses is none")
            said = {str(name).lower(): value for name, value in license.items()}
            sku = text_of("tag", said.get("skuid"))
            yield _license(sku, said.get("skupartnumber") or self._names.of(number, sku))


def _license(sku: Any, part_number: Any) -> FoundTitle:
    return title_of(name=part_number, publisher="Microsoft", tag=sku)


def _detected_app(row: Row, app: dict[str, Any]) -> FoundCount:
    count = number_of("deviceCount", app["devicecount"])
    if count is None:
        raise Broken("it does not say on how many devices it is")
    return FoundCount(
        number=row.number,
        title=title_of(
            name=app.get("displayname"),
            publisher=app.get("publisher"),
            version=app.get("version"),
            platform=_platform(app.get("platform")),
        ),
        metric="installs",
        count=count,
    )


_PLATFORMS = {"windows": "Windows", "macos": "macOS", "ios": "iOS"}


def _platform(said: Any) -> Any:
    return _PLATFORMS.get(str(said).lower(), "" if said == "unknown" else said)
