"""What a monitor is told about the application."""

from pathlib import Path

import pytest
from django.db import connections
from django.test import Client, override_settings


@pytest.mark.django_db
def test_is_up_with_its_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer["Cache-Control"].startswith("max-age=0")


@pytest.mark.django_db(transaction=True)
def test_is_not_up_without_its_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    database = connections["default"]
    database.close()
    monkeypatch.setitem(database.settings_dict, "HOST", "/nowhere")

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert b"database" in answer.content


@pytest.mark.django_db(transaction=True)
def test_is_not_up_where_its_server_cannot_be_started(
    client: Client, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = connections["default"]
    database.close()
    monkeypatch.setitem(database.settings_dict, "HOST", "/nowhere")
    monkeypatch.setenv("LCM_HOME", str(home))
    monkeypatch.setenv("LCM_PG_BIN", "/nowhere")

    assert client.get("/healthz").status_code == 503


@pytest.mark.django_db
def test_is_asked_without_tls_where_pages_are_not(client: Client) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True, SECURE_REDIRECT_EXEMPT=["^healthz$"]):
        health = client.get("/healthz")
        page = client.get("/admin/")

    assert health.status_code == 200
    assert page.status_code == 301


@pytest.mark.django_db
def test_changes_nothing(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
