"""
Results of osquery: rows of its tables of software, alone, or in logs that name the host.

Read are plain rows (a list, or a row a line) and the three kinds of logs: events, batches and
snapshots. What a log says was removed later does not count. Rows of other queries are passed over.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from deployments.formats import json_text
from deployments.formats.cells import (
    Broken,
    Row,
    description_of,
    read_each,
    some_number,
    text_of,
    title_of,
)
from deployments.formats.days import osquery_day
from deployments.formats.found import (
    Found,
    FoundDevice,
    FoundInstallation,
    FoundPart,
    FoundProblem,
    Question,
)
from deployments.formats.options import Options
from deployments.formats.platforms import PLATFORMS_OF_TABLES
from deployments.formats.sources import Source

Result = Mapping[str, Any]

# Where collectors write the name of the host, the best first.
HOST_KEYS = ("computer_name", "hostname", "host_hostname", "host_display_name", "host")
IDENTIFIER_KEYS = ("hostIdentifier", "host_identifier")

WHICH_DEVICE = (
    "These results do not say which host they are of. Name the device, or have the results logged"
    " with their host."
)


@dataclass(frozen=True)
class Told:
    """A row of a table, and whether it was found or is gone."""

    device: str
    columns: Result
    is_gone: bool = False

    @property
    def identity(self) -> int:
        """The same for the same row; hashed, so that many removals need little memory."""
        return hash(
            (self.device, *sorted((key, str(value)) for key, value in self.columns.items()))
        )


@dataclass
class Passed:
    """What was passed over."""

    gone: int = 0
    other_rows: int = 0
    tells_changes: bool = False
    # By the identity of a row, the last place that says it is gone.
    last_gone: dict[int, int] = field(default_factory=dict)


def read(source: Source, options: Options) -> Iterator[Found]:
    """What is found, or a question for the device."""
    passed = Passed()
    results = _results_of(source)
    device = source.stem if options.device_is_file_name else options.device
    try:
        if results.may_tell_removals:
            _note_removals(results, passed)
        yield from read_each(results.entries(), results.place, _Reader(device, passed).read)
    except _Nameless:
        yield Question(needs=("device",), sentence=WHICH_DEVICE)
        return
    yield from _remarks(passed)


def _remarks(passed: Passed) -> Iterator[FoundProblem | FoundPart]:
    if passed.gone:
        yield FoundProblem(
            0, f"Rows that tell of a removal, which end nothing: {passed.gone:,}.", False
        )
    if passed.tells_changes:
        yield FoundPart(
            "It logs changes, not all that there is. Import snapshots to have what is removed"
            " marked as gone."
        )
    if passed.other_rows:
        yield FoundProblem(
            0, f"Rows of other queries, which are passed over: {passed.other_rows:,}.", False
        )


class _Nameless(Exception):
    """A row of software does not say which device it is of."""


@dataclass(frozen=True)
class Results:
    """
    The results in a file, to be read more than once.

    :param place: what their numbers count
    :param entries: each with its number; those of lines as bytes
    """

    place: str
    entries: Callable[[], Iterator[tuple[int, Any]]]
    may_tell_removals: bool = True


def _results_of(source: Source) -> Results:
    if json_text.has_a_document_a_line(source):
        return Results("Line", lambda: json_text.lines(source))
    if not json_text.is_list(source):
        return Results("Result", lambda: json_text.documents(source))
    shown = json_text.keys_at_the_beginning(source)
    return Results(
        "Result",
        lambda: json_text.entries(source, "item"),
        may_tell_removals=bool(shown & {"item.action", "item.diffResults"}),
    )


def _document(entry: Any) -> Result:
    if isinstance(entry, bytes):
        try:
            entry = json_text.document_in(entry)
        except (ValueError, RecursionError):
            raise Broken("it is no whole result in JSON") from None
    if not isinstance(entry, dict):
        raise Broken("it is no result")
    return entry


def _note_removals(results: Results, passed: Passed) -> None:
    """Where the log says of what it added that it was removed later."""
    for number, entry in results.entries():
        if isinstance(entry, bytes) and b"removed" not in entry:
            continue
        try:
            document = _document(entry)
        except Broken:
            continue  # it is told where results are read
        for told in _told(document, ""):
            if told.is_gone:
                passed.last_gone[told.identity] = number


def _told(document: Result, device: str) -> Iterator[Told]:
    """
    The rows that a result holds.

    :param device: of rows that name no host
    """
    host = _host(document)
    match document:
        case {"snapshot": list() as rows}:
            listed: list[tuple[Any, bool]] = [(rows, False)]
        case {"diffResults": {**changes}}:
            # The gone first: a change of version is both, in one batch.
            listed = [(changes.get("removed"), True), (changes.get("added"), False)]
        case {"columns": {**columns}}:
            listed = [([columns], document.get("action") == "removed")]
        case _:
            listed = [([document], False)]
    for rows, is_gone in listed:
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                yield Told(host or _host(row) or device, row, is_gone)


def _tells_a_change(document: Result) -> bool:
    """Whether it tells what differs from the result before, rather than all that there is."""
    return "snapshot" not in document and ("diffResults" in document or "columns" in document)


def _host(document: Result) -> str:
    """A host's name; its identifier, which may be a mere number, where there is no name."""
    decorations = document.get("decorations")
    places = (decorations, document) if isinstance(decorations, dict) else (document,)
    for keys in (HOST_KEYS, IDENTIFIER_KEYS):
        for place in places:
            for key in keys:
                if isinstance(said := place.get(key), str) and said.strip():
                    return text_of("device", said)
    return ""


Table = Literal["apps", "programs", "deb_packages", "rpm_packages", "system", "version", "software"]

# By which columns a table is known; the first whose columns are there.
TABLES: tuple[tuple[Table, tuple[str, ...]], ...] = (
    ("system", ("cpu_brand",)),
    ("system", ("hardware_serial",)),
    ("version", ("version", "platform_like")),
    ("version", ("version", "major", "minor")),
    ("apps", ("bundle_identifier",)),
    ("apps", ("bundle_short_version",)),
    ("programs", ("identifying_number",)),
    ("programs", ("install_source",)),
    ("programs", ("uninstall_string",)),
    ("programs", ("name", "version", "publisher")),
    ("deb_packages", ("name", "version", "maintainer")),
    ("deb_packages", ("name", "version", "revision")),
    ("rpm_packages", ("name", "version", "release")),
    ("software", ("name", "version")),
)


def table_of(columns: Result) -> Table | None:
    """Which table a row is of; None where it is none of software or of the host."""
    return next((table for table, keys in TABLES if all(key in columns for key in keys)), None)


class _Reader:
    """Reads results, knowing the device that a person named and what was removed later."""

    def __init__(self, device: str, passed: Passed) -> None:
        self._device = device
        self._passed = passed

    def read(self, row: Row, entry: Any) -> Iterator[Found]:
        document = _document(entry)
        self._passed.tells_changes |= _tells_a_change(document)
        for told in _told(document, self._device):
            if told.is_gone:
                self._passed.gone += 1
            elif not self._is_removed_later(row.number, told):
                try:
                    yield from self._read_row(row, told)
                except Broken as broken:
                    yield FoundProblem(row.number, f"{row.place}: {broken}.")

    def _is_removed_later(self, number: int, told: Told) -> bool:
        if not self._passed.last_gone:
            return False
        return self._passed.last_gone.get(told.identity, 0) > number

    def _read_row(self, row: Row, told: Told) -> Iterator[Found]:
        table = table_of(told.columns)
        if table is None:
            self._passed.other_rows += 1
            return
        if not told.device:
            raise _Nameless
        if table in {"system", "version"}:
            yield _device(row, told)
        elif _is_installed(told.columns):
            yield _installation(row, told, table)


def _device(row: Row, told: Told) -> FoundDevice:
    columns = told.columns
    system = " ".join(
        str(columns[part])
        for part in ("name", "version")
        if columns.get("version") and part in columns
    )
    return FoundDevice(
        number=row.number,
        name=told.device,
        serial_number=description_of("serial_number", columns.get("hardware_serial")),
        operating_system=description_of("operating_system", system),
        processor_model=description_of("processor_model", columns.get("cpu_brand")),
        processors=some_number("processors", columns.get("cpu_sockets")),
        cores=some_number("cores", columns.get("cpu_physical_cores")),
        threads=some_number("threads", columns.get("cpu_logical_cores")),
    )


def _is_installed(columns: Result) -> bool:
    """Packages of Debian stay listed when only their settings are left."""
    status = columns.get("status")
    return not isinstance(status, str) or not status or status.endswith(" installed")


def _installation(row: Row, told: Told, table: Table) -> FoundInstallation:
    columns = told.columns
    if table == "apps":
        name = columns.get("display_name") or columns.get("bundle_name") or columns.get("name")
        version = columns.get("bundle_short_version") or columns.get("bundle_version")
    else:
        name, version = columns.get("name"), columns.get("version")
    return FoundInstallation(
        number=row.number,
        device=told.device,
        title=title_of(
            name=name,
            publisher=_publisher(columns),
            version=version,
            platform=PLATFORMS_OF_TABLES.get(table, ""),
            language=columns.get("language"),
            tag=columns.get("identifying_number") or columns.get("bundle_identifier"),
        ),
        installed_on=row.day(
            "day of installation",
            columns.get("install_date") or columns.get("install_time"),
            osquery_day,
        ),
        last_used_on=row.day("day of use", columns.get("last_opened_time"), osquery_day),
    )


_ADDRESS = re.compile(r"\s*<[^<>]*>\s*$")


def _publisher(columns: Result) -> Any:
    """Packages of Debian name a maintainer, with an address."""
    maintainer = columns.get("maintainer")
    if isinstance(maintainer, str):
        maintainer = _ADDRESS.sub("", maintainer)
    return columns.get("publisher") or columns.get("vendor") or maintainer
