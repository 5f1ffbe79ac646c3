"""What every failure of the embedded server has in common."""


class Unavailable(Exception):
    """The embedded server cannot be used; the message says why, and what to do."""
