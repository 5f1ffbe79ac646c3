"""What the tests of the set-up share."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lcm.postgres.cluster import Cluster


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home folder; what runs in it is stopped and removed after the test."""
    folder = Path(tempfile.mkdtemp(prefix="lcm-home-")).resolve()
    folder.chmod(0o711)  # unlike pytest's own, where the server of root's tests could not enter
    yield folder
    Cluster(folder, durable=False).remove()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """Variables for commands that use this home, and nothing of the tests' own server."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**inherited, "LCM_HOME": str(home), "LCM_PG_FSYNC": "off"}
