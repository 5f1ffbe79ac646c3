"""
Texts in spreadsheets: harmless to whoever opens a file of ours, and read back as they were.

A spreadsheet program takes a cell that begins like a formula for one. In CSV nothing says that a
cell is a text, so such a text gets an apostrophe in front, which is what a person would type. The
two functions are each other's inverse: ``read_back(make_harmless(text)) == text`` for every text.
"""

import re

# What a spreadsheet program may take for the beginning of a formula: the signs, their full-width
# twins, and the characters it skips before it looks for one.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NEGATIVE_NUMBER = re.compile(r"-[0-9]+([.,][0-9]+)*")


def make_harmless(text: str) -> str:
    """
    Guard a text that a spreadsheet program would take for a formula, for CSV.

    A plain negative number computes nothing and stays a number.
    """
    if _FORMULA.match(text) and not _NEGATIVE_NUMBER.fullmatch(text):
        return "'" + text
    return text


def read_back(text: str) -> str:
    """The text as it was before it was made harmless."""
    return text[1:] if _GUARDED.match(text) else text
