"""The tables that other tools export, told by their headers, and their reading."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from common.limited import Refused
from deployments.formats import plain_tables
from deployments.formats.cells import Broken, Row, number_of, text_of, title_of
from deployments.formats.days import Unordered, written_day
from deployments.formats.fields import KNOWN, SEEMING, plain
from deployments.formats.found import (
    Found,
    FoundCount,
    FoundInstallation,
    FoundProblem,
    FoundSubscription,
    Question,
)
from deployments.formats.options import Options
from deployments.formats.sources import Source
from deployments.formats.tables import Table, Unreadable, read_lines, table_of

TableReader = Callable[[Table, Options], Iterator[Found]]


def tell(source: Source) -> str:
    """The key of the format whose headers a table has; empty where it is no table."""
    try:
        with table_of(source, Options()) as table:
            headers = set(table.plain_headers)
    except Unreadable:
        return "csv"  # it has text, of which something is asked
    except Refused:
        return ""
    for key, needed in PRESETS.items():
        if needed <= headers:
            return key
    if any(shown & headers for shown in CONFIGMGR_TITLES):
        return "configmgr"
    return "csv" if len(headers) > 1 or headers & (KNOWN.keys() | SEEMING.keys()) else ""


# By format, headers that it always has, as ``plain`` makes them.
PRESETS = {
    "intune": {"applicationname", "applicationversion", "devicecount"},
    "microsoft365": {"userprincipalname", "assignedproducts", "reportrefreshdate"},
}
# Configuration Manager's views number their columns.
CONFIGMGR_TITLES = ({"productname0"}, {"displayname0"}, {"arpdisplayname0"}, {"normalizedname0"})


def read_csv(source: Source, options: Options) -> Iterator[Found]:
    yield from _read(source, options, plain_tables.read)


def read_intune(source: Source, options: Options) -> Iterator[Found]:
    yield from _read(source, options, _intune)


def read_microsoft365(source: Source, options: Options) -> Iterator[Found]:
    yield from _read(source, options, _microsoft365)


def read_configmgr(source: Source, options: Options) -> Iterator[Found]:
    yield from _read(source, options, _configmgr)


def _read(source: Source, options: Options, read: TableReader) -> Iterator[Found]:
    """What a reader finds in a table, or a question for what its text does not tell."""
    try:
        with table_of(source, options) as table:
            yield from read(table, options)
    except Unreadable as problem:
        yield Question(needs=(problem.option,), sentence=str(problem))
    except Unordered as day:
        yield Question(
            needs=("day_order",),
            sentence=f"“{day}” is written with the day first, or with the month first. Say which.",
        )


class _Cells:
    """The cells of a row by the plain names of their columns."""

    def __init__(self, table: Table) -> None:
        self._places = {name: place for place, name in enumerate(table.plain_headers)}

    def has(self, name: str) -> bool:
        return name in self._places

    def of(self, cells: Sequence[str], *names: str) -> str:
        """The first that is not empty."""
        places = (self._places[name] for name in names if name in self._places)
        return next((cells[place] for place in places if cells[place].strip()), "")


def _needed(table: Table, names: Mapping[str, str]) -> None:
    """:raises Refused: where a column is missing that the format always has"""
    missing = [label for name, label in names.items() if name not in table.plain_headers]
    if missing:
        raise Refused(f"It has no column {' and no column '.join(missing)}")


# --- Intune ---


def _intune(table: Table, options: Options) -> Iterator[Found]:
    """The report DetectedAppsAggregate."""
    _needed(table, {"applicationname": "ApplicationName", "devicecount": "DeviceCount"})
    columns = _Cells(table)

    def read(row: Row, cells: list[str]) -> Iterator[Found]:
        count = number_of("DeviceCount", columns.of(cells, "devicecount"))
        if count is None:
            raise Broken("it does not say on how many devices it is")
        yield FoundCount(
            number=row.number,
            title=title_of(
                name=columns.of(cells, "applicationname"),
                publisher=columns.of(cells, "applicationpublisher", "publisher"),
                version=columns.of(cells, "applicationversion"),
                platform=columns.of(cells, "platform"),
                tag=columns.of(cells, "applicationkey"),
            ),
            metric="installs",
            count=count,
        )

    yield from read_lines(table.lines, read)


# --- Microsoft 365 ---


SERVICES = ("exchange", "onedrive", "sharepoint", "skypeforbusiness", "yammer", "teams")


def _microsoft365(table: Table, options: Options) -> Iterator[Found]:
    """
    The report getOffice365ActiveUserDetail.

    Its days are of services, not of products: they are taken where a person has one product. Where
    the tenant conceals names, products are counted instead.
    """
    _needed(
        table,
        {"userprincipalname": "User Principal Name", "assignedproducts": "Assigned Products"},
    )
    columns = _Cells(table)
    concealed: Counter[str] = Counter()

    def days(cells: list[str], what: str) -> list[date]:
        """Those of a kind over all services."""
        said = (columns.of(cells, f"{service}{what}") for service in SERVICES)
        read = (written_day(value, options.day_order) for value in said)
        return [day for day in read if day is not None]

    def read(row: Row, cells: list[str]) -> Iterator[Found]:
        if columns.of(cells, "isdeleted").lower() == "true":
            return
        products = _products(columns.of(cells, "assignedproducts"))
        person = text_of("person", columns.of(cells, "userprincipalname"))
        if not person:
            raise Broken("it names no user")
        if "@" not in person:
            concealed.update(products)
            return
        alone = len(products) == 1
        assigned_on = days(cells, "licenseassigndate") if alone else []
        last_used_on = days(cells, "lastactivitydate") if alone else []
        for product in products:
            yield FoundSubscription(
                number=row.number,
                person=person,
                person_name=text_of("person_name", columns.of(cells, "displayname")),
                title=title_of(name=product, publisher="Microsoft"),
                assigned_on=min(assigned_on, default=None),
                last_used_on=max(last_used_on, default=None),
            )

    yield from read_lines(table.lines, read)
    yield from _counts_of_concealed(concealed)


def _products(said: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in said.split("+") if part.strip()))


def _counts_of_concealed(concealed: Counter[str]) -> Iterator[Found]:
    if not concealed:
        return
    yield FoundProblem(
        0,
        "It conceals names, so that people cannot be told apart from file to file: products are"
        " counted instead. Have names shown in the reports of the admin center to get people.",
        False,
    )
    for product, count in concealed.items():
        title = title_of(name=product, publisher="Microsoft")
        yield FoundCount(number=0, title=title, metric="users", count=count)


# --- Configuration Manager ---


# By what a column means, its names in the views, the best first.
CONFIGMGR = {
    "device": ("name", "netbiosname", "machinename", "computername", "systemname", "resourceid"),
    "name": ("productname", "displayname", "arpdisplayname", "normalizedname"),
    "publisher": ("publisher", "normalizedpublisher"),
    "version": ("productversion", "version", "normalizedversion"),
    "tag": ("productcode", "prodid", "softwarecode"),
    "installed_on": ("installdate",),
}


def _configmgr(table: Table, options: Options) -> Iterator[Found]:
    """
    Rows of the views of installed software, joined with the names of devices.

    Where no column names a device, a person says which does.
    """
    if options.columns:
        yield from plain_tables.read(table, options)
        return
    columns = _Cells(_without_numbers(table))
    if not any(columns.has(name) for name in CONFIGMGR["device"]):
        yield _no_device(table)
        return

    def read(row: Row, cells: list[str]) -> Iterator[Found]:
        said = {
            field: "" if (cell := columns.of(cells, *names)) == "NULL" else cell
            for field, names in CONFIGMGR.items()
        }
        device = text_of("device", said["device"])
        if not device:
            raise Broken("it names no device")
        yield FoundInstallation(
            number=row.number,
            device=device,
            title=title_of(
                name=said["name"],
                publisher=said["publisher"],
                version=said["version"],
                tag=said["tag"],
                platform="Windows",
            ),
            installed_on=row.day(
                "day of installation",
                said["installed_on"],
                lambda value: written_day(value, options.day_order),
            ),
        )

    yield from read_lines(table.lines, read)


def _without_numbers(table: Table) -> Table:
    return Table([header.rstrip("0") for header in table.headers], table.lines)


def _no_device(table: Table) -> Question:
    return Question(
        needs=("columns",),
        sentence="No column names the device. Say which does, or join the view with v_R_System.",
        headers=tuple(table.headers),
        columns={
            header: field
            for header in table.headers
            for field, names in CONFIGMGR.items()
            if plain(header.rstrip("0")) in names
        },
    )
