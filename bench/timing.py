"""How long something takes, and how much memory it took."""

import resource
import sys
import time
from collections.abc import Callable


def timed(what: str, work: Callable[[], object]) -> float:
    """Seconds that something takes, which is told meanwhile."""
    print(what, file=sys.stderr, flush=True)
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 1)


def peak_mb() -> int:
    """The most memory of this process and of the largest of its children, in megabytes."""
    kilobytes = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    )
    return kilobytes // 1024
