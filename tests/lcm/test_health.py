import pytest


@pytest.mark.django_db
def test_x(client):
    assert client.get("/healthz").status_code == 200
