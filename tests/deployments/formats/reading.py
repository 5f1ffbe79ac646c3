"""Reading samples of formats in tests, in the process of the tests itself."""

from pathlib import Path
from typing import Any

from common.limited import Limits
from deployments.formats.found import Found
from deployments.formats.options import Options
from deployments.formats.process import found_in

SAMPLES = Path(__file__).parent.parent / "samples"
LIMITS = Limits(
    unpacked=64 << 20,
    ratio=250,
    parts=200,
    rows=100_000,
    columns=100,
    memory=1 << 30,
    seconds=60,
)


def found(path: Path | str, *, format: str = "", **options: Any) -> list[Found]:
    """What is found in a file; a text names one of the samples."""
    path = SAMPLES / path if isinstance(path, str) else path
    told = found_in(
        str(path), name=path.name, format=format, options=Options(**options), limits=LIMITS
    )
    return [value for value in told if not isinstance(value, dict)]


def format_of(path: Path) -> str:
    """The format that a file is told to be of."""
    told = found_in(str(path), name=path.name, format="", options=Options(), limits=LIMITS)
    first = next(iter(told))
    assert isinstance(first, dict)
    return str(first["format"])
