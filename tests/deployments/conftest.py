import pytest

from tests.deployments.inventories import Inventories


@pytest.fixture
def inventories(monkeypatch: pytest.MonkeyPatch) -> Inventories:
    return Inventories(monkeypatch)
