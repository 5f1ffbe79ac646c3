"""The table of our own, and any other whose columns a person maps to its fields."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice

from deployments.formats.cells import (
    Broken,
    Row,
    description_of,
    number_of,
    shortened,
    text_of,
    title_of,
)
from deployments.formats.days import written_day
from deployments.formats.fields import FIELDS, HARDWARE, KNOWN, SEEMING
from deployments.formats.found import (
    Found,
    FoundCount,
    FoundDevice,
    FoundInstallation,
    FoundProblem,
    FoundSubscription,
    FoundTitle,
    Question,
)
from deployments.formats.options import Options
from deployments.formats.tables import Line, Table, read_lines

SAMPLES = 3
TITLE = ("publisher", "version", "edition", "platform", "language", "tag")
NOT_ENOUGH = (
    "A row needs a title with a device, a person or a count, or a device alone. Say which columns"
    " hold them."
)


@dataclass(frozen=True)
class Columns:
    """
    Which columns hold which fields.

    :param places: by field, from 0
    :param seeming: headers that are known by another name, by a person's leave
    :param unread: headers that mean nothing here
    """

    places: Mapping[str, int]
    seeming: tuple[str, ...]
    unread: tuple[str, ...]
    repeated: tuple[str, ...]

    @property
    def are_enough(self) -> bool:
        if "name" in self.places:
            return bool({"device", "person", "count"} & self.places.keys())
        return "device" in self.places and bool({*HARDWARE, "person"} & self.places.keys())


def read(table: Table, options: Options) -> Iterator[Found]:
    """What is found, or a question for the meaning of columns."""
    columns = _columns(table, options)
    answered = bool(options.columns)
    if columns.repeated or not columns.are_enough or (columns.seeming and not answered):
        yield _question(table, columns)
        return
    if columns.unread and not answered:
        yield FoundProblem(1, _what_is_unread(columns.unread), False)
    reader = _Reader(columns.places, options)
    yield from read_lines(table.lines, reader.read)


def _columns(table: Table, options: Options) -> Columns:
    meant: list[str] = []
    seeming, unread = [], []
    for header, known_by in zip(table.headers, table.plain_headers, strict=True):
        if options.columns:
            field = options.columns.get(header, "")
            field = field if field in FIELDS else ""
        else:
            field = KNOWN.get(known_by, "")
        if not field and not options.columns and (field := SEEMING.get(known_by, "")):
            seeming.append(header)
        if not field and header:
            unread.append(header)
        meant.append(field)
    times = Counter(field for field in meant if field)
    return Columns(
        places={field: place for place, field in enumerate(meant) if field},
        seeming=tuple(seeming),
        unread=tuple(unread),
        repeated=tuple(field for field, count in times.items() if count > 1),
    )


def _question(table: Table, columns: Columns) -> Question:
    if columns.repeated:
        twice = ", ".join(FIELDS[field] for field in columns.repeated)
        sentence = f"More than one column is taken for the same: {twice}. Choose one of them."
    elif not columns.are_enough:
        sentence = NOT_ENOUGH
    else:
        sentence = "Its columns are not those of the template. Say what they hold."
    samples = (
        tuple(shortened(cell) for cell in line.cells)
        for line in table.lines
        if isinstance(line, Line)
    )
    return Question(
        needs=("columns",),
        sentence=sentence,
        headers=tuple(table.headers),
        samples=tuple(islice(samples, SAMPLES)),
        columns={table.headers[place]: field for field, place in columns.places.items()},
    )


def _what_is_unread(headers: tuple[str, ...]) -> str:
    named = ", ".join(f"“{shortened(header)}”" for header in headers[:10])
    more = f" and {len(headers) - 10} more" if len(headers) > 10 else ""
    return f"Line 1: the columns {named}{more} are not read."


class _Reader:
    """Reads rows of a table whose columns are known."""

    def __init__(self, places: Mapping[str, int], options: Options) -> None:
        self._places = places
        self._options = options
        self._hardware = [field for field in HARDWARE if field in places]
        self._last_device: FoundDevice | None = None

    def read(self, row: Row, cells: list[str]) -> Iterator[Found]:
        said = {field: cells[place].strip() for field, place in self._places.items()}
        device = text_of("device", said.get("device"))
        has_hardware = any(said[field] for field in self._hardware)
        if has_hardware and not device:
            raise Broken("it tells of a device, and does not name it")
        names_title = bool(said.get("name"))
        if names_title:
            yield self._use(row, said, device)
        elif not device:
            raise Broken("it names neither a title nor a device")
        elif not has_hardware and not said.get("person"):
            raise Broken("it names a device, and says nothing of it")
        if has_hardware or not names_title:
            yield from self._device(row, said, device, with_person=not names_title)

    def _use(self, row: Row, said: Mapping[str, str], device: str) -> Found:
        title = title_of(name=said["name"], **{field: said.get(field) for field in TITLE})
        person = text_of("person", said.get("person"))
        if said.get("count"):
            if device or person:
                raise Broken("a count is of no single device or person: leave one of them out")
            return _count(row, said, title)
        if device:
            return FoundInstallation(
                number=row.number,
                device=device,
                title=title,
                person=person,
                installed_on=self._day(said, "installed_on"),
                last_used_on=self._day(said, "last_used_on"),
            )
        if person:
            return FoundSubscription(
                number=row.number,
                person=person,
                person_name=text_of("person_name", said.get("person_name")),
                title=title,
                assigned_on=self._day(said, "assigned_on"),
                last_used_on=self._day(said, "last_used_on"),
            )
        raise Broken("it names no device, no person and no count")

    def _day(self, said: Mapping[str, str], field: str) -> date | None:
        try:
            return written_day(said.get(field), self._options.day_order)
        except Broken as broken:
            raise Broken(f"in {FIELDS[field]}: {broken}") from None

    def _device(
        self, row: Row, said: Mapping[str, str], name: str, *, with_person: bool
    ) -> Iterator[Found]:
        """The device of a row, unless the row before has told the same of it."""
        last, number = self._last_device, row.number
        device = FoundDevice(
            number=last.number if last is not None and last.name == name else number,
            name=name,
            serial_number=description_of("serial_number", said.get("serial_number")),
            kind=_kind(said.get("kind", "")),
            operating_system=description_of("operating_system", said.get("operating_system")),
            processor_model=description_of("processor_model", said.get("processor_model")),
            processors=number_of("processors", said.get("processors")),
            cores=number_of("cores", said.get("cores")),
            threads=number_of("threads", said.get("threads")),
            host=description_of("host", said.get("host")),
            cluster=description_of("cluster", said.get("cluster")),
            cloud=description_of("cloud", said.get("cloud")),
            person=text_of("person", said.get("person")) if with_person else "",
        )
        if device != last:
            self._last_device = device
            yield device


_KINDS = {
    "desktop": "desktop",
    "laptop": "laptop",
    "notebook": "laptop",
    "server": "server",
    "virtual": "virtual",
    "virtual machine": "virtual",
    "vm": "virtual",
    "mobile": "mobile",
    "mobile device": "mobile",
    "other": "other",
    "": "",
}


def _kind(said: str) -> str:
    try:
        return _KINDS[said.lower()]
    except KeyError:
        raise Broken(
            f"“{shortened(said)}” is no kind of device; write desktop, laptop, server, virtual,"
            " mobile or other"
        ) from None


def _count(row: Row, said: Mapping[str, str], title: FoundTitle) -> FoundCount:
    count = number_of("count", said["count"])
    match said.get("metric", "").lower():
        case "installs" | "users" as metric:
            assert count is not None
            return FoundCount(number=row.number, title=title, metric=metric, count=count)
        case "":
            raise Broken("its count has no metric; write installs or users")
        case other:
            raise Broken(f"“{shortened(other)}” is no metric; write installs or users")
