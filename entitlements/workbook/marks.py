"""The mark by which a refused row is known when it comes back: pure."""

import re
from dataclasses import dataclass

from entitlements.workbook.cells import BLANKS, CannotRead, Cell, as_text, shortened

_WRITTEN = re.compile(r"import [0-9]{1,18} sheet [1-9][0-9]{0,3} row [0-9]{1,9}")


@dataclass(frozen=True, kw_only=True)
class RowMark:
    """
    Which row of which file a row is.

    Its text is made of words and numbers, which no spreadsheet program takes for a date or a sum.

    :param sheet: the place among the file's sheets, from 0
    :param row: from 1, as spreadsheet programs count
    """

    import_id: int
    sheet: int
    row: int

    def __str__(self) -> str:
        return f"import {self.import_id} sheet {self.sheet + 1} row {self.row}"


def read_mark(cell: Cell) -> str:
    """
    A mark as it was written.

    :raises CannotRead: where the cell holds something else
    """
    text = as_text(cell).strip(BLANKS).lower()
    if not _WRITTEN.fullmatch(text):
        raise CannotRead(
            f"“{shortened(text)}” is not how LCM marks a refused row: leave the cell as it was"
            " written, or empty it"
        )
    return text
