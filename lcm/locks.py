"""Locks between processes, held by the kernel: they vanish with their holder, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(path: Path) -> Iterator[int]:
    """
    Hold the lock of a file, waiting for whoever holds it; give its file descriptor.

    A child process that inherits the descriptor holds the lock on, until it too has ended.
    """
    with _opened(path) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor


@contextmanager
def if_free(path: Path) -> Iterator[int | None]:
    """Hold the lock of a file if nobody does, and give its descriptor as above; else None."""
    with _opened(path) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield descriptor


def is_held(path: Path) -> bool:
    """Whether any process holds the lock of a file."""
    with _opened(path) as descriptor:
        try:
            # Shared: of many who ask at once, none takes another for a holder.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
