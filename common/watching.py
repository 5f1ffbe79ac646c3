"""Who is told how far some work is: no Django, so that worker processes may know it."""

from typing import Protocol


class Watcher(Protocol):
    """Whoever is told how far some work is, and may ask it to stop."""

    def step(self, name: str, total: int = 0) -> None:
        """
        Begin a step.

        :raises common.progress.StopAsked: if a person asked for it
        """

    def move_to(self, done: int) -> None:
        """
        Say how much of the step is done; cheap enough to call for every batch.

        :raises common.progress.StopAsked: if a person asked for it
        """


class Unwatched:
    """For work that nobody looks at while it lasts."""

    def step(self, name: str, total: int = 0) -> None: ...

    def move_to(self, done: int) -> None: ...
