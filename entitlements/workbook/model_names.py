"""Software models that a sheet names in one cell, taken apart as a person chose: pure."""

from enum import StrEnum


class ModelNames(StrEnum):
    """What a name like *Acme DrawIt 5* is made of, where no software model is called so."""

    KNOWN = ""  # nothing is taken apart: only known names count
    PUBLISHER_FIRST = "publisher"
    PRODUCT_FIRST = "product"


def taken_apart(name: str, made_of: ModelNames) -> dict[str, str]:
    """
    Publisher, product and version of a name; those that it has.

    The publisher is the first word, the version the last one where that begins with a digit. What
    leaves no word for the product is not taken apart.
    """
    words = name.split()
    parts: dict[str, str] = {}
    if made_of is ModelNames.KNOWN:
        return parts
    if made_of is ModelNames.PUBLISHER_FIRST and words:
        parts["publisher"] = words.pop(0)
    if len(words) > 1 and words[-1][0].isdigit():
        parts["version"] = words.pop()
    return parts | {"product": " ".join(words)} if words else {}
