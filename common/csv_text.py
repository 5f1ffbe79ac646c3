"""What the text of a CSV file tells of itself."""

import csv
import io
import re
from typing import IO

from common.limited import Refused

BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def find_separator(text: IO[str]) -> str:
    """
    The separator that divides the first row into the most cells.

    :raises Refused: where two of them divide it alike
    """
    start = text.read(1 << 16)
    if declared := re.match("\ufeff?sep=(.)\r?\n", start, re.IGNORECASE):
        return declared.group(1)
    counts: dict[str, int] = {}
    for separator in (",", ";", "\t"):
        try:
            first = next(
                (row for row in csv.reader(io.StringIO(start), delimiter=separator) if row), []
            )
        except csv.Error:
            continue
        counts[separator] = len(first)
    most = max(counts.values(), default=1)
    best = [separator for separator, count in counts.items() if count == most]
    if most > 1 and len(best) > 1:
        raise Refused(
            "Commas, semicolons and tabs divide its first row alike. Use one of them only"
        )
    return best[0] if best else ","
