"""
The embedded PostgreSQL server: for demo, tests and simple installations.

Used wherever `DATABASE_URL` is not set. Needs no Django, so that it can be started before settings
are read. One server belongs to one home folder (`lcm.home.home`); any number of processes may ask
for it at once.
"""

import os

from lcm.home import home
from lcm.postgres.cluster import Cluster
from lcm.postgres.unavailable import Unavailable

__all__ = ["Unavailable", "database_url", "embedded", "ensure_running"]


def embedded() -> Cluster:
    """The server of this home folder, running or not."""
    return Cluster(home(), durable=os.environ.get("LCM_PG_FSYNC") != "off")


def ensure_running() -> None:
    """
    Start the embedded server unless it runs, or `DATABASE_URL` names another one.

    :raises Unavailable: if it does not come up
    """
    if not os.environ.get("DATABASE_URL"):
        embedded().ensure_running()


def database_url() -> str:
    """The address of the application's database, whether it is the embedded one or not."""
    return os.environ.get("DATABASE_URL") or embedded().url
