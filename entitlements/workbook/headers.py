"""
Which sheet is which, and which column is what: pure.

A sheet is known by its headers, or by how a person mapped the same headers before; for any other
the person is asked, with a guess to begin from.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from entitlements.workbook.cells import Cell, as_text
from entitlements.workbook.columns import COLUMNS, Column, SheetKind, columns_by_name
from entitlements.workbook.presets import MARK, NOT_READ, OURS, PRESETS, SYNONYMS, Preset

ROWS_TO_SEARCH = 20  # a header stands among the first rows, below a title perhaps

# Cells under these are secrets: they are neither imported nor kept with the row.
SECRET_HEADERS = frozenset({"license key", "license keys", "product key", "activation key"})

# One of these a row needs, so that it is about something.
ABOUT = {
    SheetKind.CONTRACTS: ("number",),
    SheetKind.LICENSES: ("product", "software_model", "part"),
    SheetKind.MAINTENANCE: ("product", "software_model", "part"),
    SheetKind.PARTS: ("part",),
    SheetKind.COMPONENTS: ("part",),
    SheetKind.MODELS: ("product",),
}


def normalised(header: str) -> str:
    """A header without what people vary: case, blanks, underscores, a star for *required*."""
    return re.sub(r"[\s_]+", " ", header.replace("*", " ")).strip().lower()


def header_keys(headers: Sequence[str]) -> list[str]:
    """The headers as unique keys: a second *Notes* is ``notes #2``; no header, no key."""
    keys: list[str] = []
    for header in headers:
        key = normalised(header)
        before = sum(1 for other in keys if other == key or other.startswith(f"{key} #"))
        keys.append(f"{key} #{before + 1}" if key and before else key)
    return keys


def headers_to_map(headers: Sequence[str]) -> list[tuple[int, str]]:
    """Place and key of the headers whose meaning a person can say; that of our mark is known."""
    return [(i, key) for i, key in enumerate(header_keys(headers)) if key and key != MARK]


def signature(headers: Sequence[str]) -> str:
    """One text for a set of headers, in whatever order they stand, with our own or without."""
    keys = sorted(key for key in header_keys(headers) if key and key not in OURS)
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class SheetMapping:
    """
    How one sheet of a file is read.

    :param sheet: its title in the file
    :param header_row: where its headers stand, from 1
    :param headers: as they are written in the file, from the first column on
    :param kind: what its rows are; None where it is not read
    :param columns: column name by header key; a header without one is not read
    :param preset: the name of the preset that knew it, if one did
    """

    sheet: str
    header_row: int
    headers: tuple[str, ...]
    kind: SheetKind | None
    columns: Mapping[str, str]
    preset: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "header_row": self.header_row,
            "headers": list(self.headers),
            "kind": self.kind,
            "columns": dict(self.columns),
            "preset": self.preset,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(
            sheet=stored["sheet"],
            header_row=stored["header_row"],
            headers=tuple(stored["headers"]),
            kind=SheetKind(stored["kind"]) if stored["kind"] else None,
            columns=stored["columns"],
            preset=stored["preset"],
        )

    @property
    def placed(self) -> list[tuple[int, Column]]:
        """The columns that are read, each with its place in a row."""
        if self.kind is None:
            return []
        known = columns_by_name(self.kind)
        columns = {**self.columns, MARK: "refused_as"}
        return [
            (place, known[name])
            for place, key in enumerate(header_keys(self.headers))
            if key and (name := columns.get(key, NOT_READ)) in known
        ]

    @property
    def names(self) -> frozenset[str]:
        """The names of the columns that are read."""
        return frozenset(column.name for _, column in self.placed)

    @property
    def read_as(self) -> list[tuple[str, str]]:
        """The headers of the file that are read, each with the column it is read as."""
        return [(self.headers[place], column.header) for place, column in self.placed]

    @property
    def secret_places(self) -> list[int]:
        return [i for i, header in enumerate(self.headers) if normalised(header) in SECRET_HEADERS]

    @property
    def one_record_for(self) -> tuple[str, ...]:
        """Rows alike in these columns tell one record again and again."""
        for preset in PRESETS:
            if preset.name == self.preset and preset.kind == self.kind:
                return preset.one_record_for
        return ()

    def problems(self) -> list[str]:
        """Why the sheet cannot be read so; nothing where it can."""
        if self.kind is None:
            return []
        found = []
        names = [column.name for _, column in self.placed]
        for name in sorted({name for name in names if names.count(name) > 1}):
            header = columns_by_name(self.kind)[name].header
            found.append(f"Sheet {self.sheet}: two columns are read as {header}. Choose one.")
        if not set(ABOUT[self.kind]) & set(names):
            wanted = [columns_by_name(self.kind)[name].header for name in ABOUT[self.kind]]
            found.append(
                f"Sheet {self.sheet}: no column is read as {' or '.join(wanted)},"
                f" by which {self.kind.label.lower()} are known."
            )
        return found


def find_header(rows: Sequence[Sequence[Cell]]) -> int:
    """
    The place of the header among the first rows, from 0: the one with the most headers we know.

    Where we know none, it is the first row that has anything.
    """
    known = _known_headers()
    scores = [sum(1 for cell in row if normalised(as_text(cell)) in known) for row in rows]
    best = max(range(len(rows)), key=lambda place: (scores[place], -place))
    if scores[best] >= 2:
        return best
    return next((i for i, row in enumerate(rows) if any(as_text(cell) for cell in row)), 0)


def _known_headers() -> frozenset[str]:
    presets = (header for preset in PRESETS for header in preset.headers)
    synonyms = (header for names in SYNONYMS.values() for header in names)
    return frozenset((*presets, *synonyms))


def recognised(headers: Sequence[str]) -> Preset | None:
    """The preset that knows every header of a sheet, if one does; of several the closest."""
    keys = {key for key in header_keys(headers) if key} - OURS
    fitting = [p for p in PRESETS if p.tells <= keys and keys <= p.headers.keys()]
    return max(fitting, key=lambda preset: _read_columns(preset, keys), default=None)


def _read_columns(preset: Preset, keys: set[str]) -> int:
    return sum(1 for key in keys if preset.headers[key] != NOT_READ)


def map_sheet(
    *,
    sheet: str,
    header_row: int,
    headers: Sequence[str],
    remembered: Mapping[str, Any] | None = None,
) -> tuple[SheetMapping, bool]:
    """
    How a sheet is to be read, and whether that is sure.

    :param remembered: how a person mapped the same headers before: ``kind`` and ``columns``
    :returns: the mapping; and false where it is only a guess, which a person has to confirm
    """
    blank = SheetMapping(
        sheet=sheet, header_row=header_row, headers=tuple(headers), kind=None, columns={}
    )
    if remembered is not None:
        kind = SheetKind(remembered["kind"]) if remembered["kind"] else None
        return replace(blank, kind=kind, columns=remembered["columns"]), True
    if preset := recognised(headers):
        return replace(
            blank, kind=preset.kind, columns=dict(preset.headers), preset=preset.name
        ), True
    likely = _likely_kind(headers)
    return replace(blank, kind=likely, columns=guess(headers, likely) if likely else {}), False


def guess(headers: Sequence[str], kind: SheetKind) -> dict[str, str]:
    """What the columns of a sheet of a kind may be, by their names; each column once."""
    names = _names_for(kind)
    guessed: dict[str, str] = {}
    for key in header_keys(headers):
        name = names.get(key, NOT_READ)
        if name and name not in guessed.values():
            guessed[key] = name
    return guessed


def _names_for(kind: SheetKind) -> dict[str, str]:
    names = dict(SYNONYMS[SheetKind.LICENSES]) if kind is SheetKind.MAINTENANCE else {}
    names |= SYNONYMS[kind]
    for preset in reversed(PRESETS):
        if preset.kind is kind:
            names |= preset.headers
    names |= {column.header.lower(): column.name for column in COLUMNS[kind]}
    allowed = columns_by_name(kind)
    return {header: name for header, name in names.items() if name in allowed}


def _likely_kind(headers: Sequence[str]) -> SheetKind | None:
    kinds = (SheetKind.LICENSES, SheetKind.MAINTENANCE, SheetKind.CONTRACTS)
    hits = {kind: len(guess(headers, kind)) for kind in kinds}
    best = max(kinds, key=lambda kind: hits[kind])
    return best if hits[best] else None
