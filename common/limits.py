"""The limits of uploaded files that this installation sets."""

from typing import Literal

from django.conf import settings

from common.limited import MB, Limits


def limits_of(kind: Literal["IMPORT", "INVENTORY"]) -> Limits:
    """What the settings ``LCM_IMPORT_…`` or ``LCM_INVENTORY_…`` say."""

    def setting(name: str) -> int:
        return int(getattr(settings, f"LCM_{kind}_{name}"))

    return Limits(
        unpacked=setting("MOST_UNPACKED_MB") * MB,
        ratio=setting("MOST_RATIO"),
        parts=setting("MOST_PARTS"),
        rows=setting("MOST_ROWS"),
        columns=setting("MOST_COLUMNS"),
        memory=setting("MEMORY_MB") * MB,
        seconds=setting("SECONDS"),
    )
