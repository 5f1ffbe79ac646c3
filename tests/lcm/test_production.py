"""The files for production say what the application asks for."""

import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lcm import postgres
from lcm.home import PROJECT
from lcm.postgres.cluster import locale_arguments

COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
DOCKERFILE = (PROJECT / "Dockerfile").read_text()


def production_variables() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LCM_ENV": "production",
        "LCM_SECRET_KEY": secrets.token_urlsafe(50),
        "LCM_KEY_SECRETS": secrets.token_urlsafe(50),
        "LCM_ALLOWED_HOSTS": "licenses.example.org",
        "DATABASE_URL": postgres.database_url(),
    }


def run(*command: str, variables: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env=variables, capture_output=True, text=True
    )


def test_the_settings_for_production_pass_the_deployment_check() -> None:
    postgres.ensure_running()

    checked = run(
        "manage.py", "check", "--deploy", "--fail-level=WARNING", variables=production_variables()
    )

    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout


FAILING = """
import django, logging
django.setup()

def fail():
    entered = "-".join(["hunter", "2"])
    raise ValueError("a wrong amount")

try:
    fail()
except ValueError:
    logging.getLogger("entitlements").exception("an import failed")
"""


def test_errors_are_logged_as_events_without_what_people_entered() -> None:
    failed = run(
        "-c", FAILING, variables=production_variables() | {"DJANGO_SETTINGS_MODULE": "lcm.settings"}
    )

    event = json.loads(failed.stderr.splitlines()[-1])
    assert event["event"] == "an import failed"
    assert event["level"] == "error"
    assert event["exception"].endswith("ValueError: a wrong amount")
    assert "hunter-2" not in failed.stderr


ASKED = """
import django
import structlog
django.setup()

log = structlog.get_logger("django_structlog.middlewares.request")
log.info("request_finished", request="GET /calendar/s3cret-key.ics?x=1")
"""


def test_the_log_holds_no_address_that_opens_a_calendar() -> None:
    asked = run(
        "-c", ASKED, variables=production_variables() | {"DJANGO_SETTINGS_MODULE": "lcm.settings"}
    )

    event = json.loads(asked.stderr.splitlines()[-1])
    assert event["request"] == "GET /calendar/…?x=1"
    assert "s3cret-key" not in asked.stderr


def test_web_worker_and_database_are_kept_running() -> None:
    services = COMPOSE["services"]

    assert {"web", "worker", "db"} <= services.keys()
    assert all(services[name]["restart"] == "unless-stopped" for name in ("web", "worker", "db"))
    assert "healthcheck" in services["web"]
    assert "healthcheck" in services["db"]


def test_nothing_starts_before_the_tables_are_there() -> None:
    services = COMPOSE["services"]

    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("web", "worker"):
        waits_for = services[name]["depends_on"]["migrate"]
        assert waits_for == {"condition": "service_completed_successfully"}


def test_compose_has_no_default_for_a_secret() -> None:
    text = (PROJECT / "docker-compose.yml").read_text()

    for variable in ("LCM_SECRET_KEY", "LCM_KEY_SECRETS", "LCM_DB_PASSWORD", "LCM_ALLOWED_HOSTS"):
        uses = re.findall(r"\$\{" + variable + r"(.*?)\}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses)


def test_compose_gives_the_application_all_that_production_asks_for() -> None:
    given = COMPOSE["services"]["web"]["environment"].keys()

    assert given >= production_variables().keys() - {"PATH"}


def test_the_database_orders_text_as_the_embedded_one_does() -> None:
    database = COMPOSE["services"]["db"]

    assert database["image"] == "postgres:18"
    arguments = database["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert set(arguments) == {"--encoding=UTF8", *locale_arguments(18)}


def test_only_the_proxy_on_this_host_reaches_the_application() -> None:
    assert COMPOSE["services"]["web"]["ports"] == ["127.0.0.1:${LCM_PORT:-8000}:8000"]
    assert "ports" not in COMPOSE["services"]["db"]


def test_the_image_runs_as_an_ordinary_user_in_production() -> None:
    final_stage = DOCKERFILE.split("\nFROM ")[-1]

    assert "\nUSER lcm\n" in final_stage
    assert "LCM_ENV=production" in final_stage
    assert not re.search(r"SECRET_KEY=[^\"$]", DOCKERFILE)


def test_static_files_are_collected_as_the_image_does(tmp_path: Path) -> None:
    collected = run(
        "-c",
        "import django, sys; from django.conf import settings;"
        "from django.core.management import call_command;"
        "settings.STATIC_ROOT = sys.argv[1]; django.setup();"
        "call_command('collectstatic', '--no-input')",
        str(tmp_path),
        variables=production_variables()
        | {"DJANGO_SETTINGS_MODULE": "lcm.settings", "DATABASE_URL": "postgresql://nowhere/none"},
    )

    assert collected.returncode == 0, collected.stderr
    assert (tmp_path / "staticfiles.json").exists()


@pytest.mark.parametrize("script", ["run", "audit"])
def test_scripts_of_the_pipeline_are_sound_bash(script: str) -> None:
    checked = subprocess.run(["bash", "-n", PROJECT / ".ci" / script], capture_output=True)

    assert checked.returncode == 0, checked.stderr
    assert os.access(PROJECT / ".ci" / script, os.X_OK)
