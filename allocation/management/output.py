"""What commands write for other programs to read."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def as_far_as_it_is_read() -> Iterator[None]:
    """Write to standard output until it is all written, or whoever reads it (``head``) goes."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more when it ends: that goes into nothing now.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
