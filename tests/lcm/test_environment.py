"""Settings from the environment: what production asks for, and what is made locally."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lcm.environment import Refused, read_installation
from lcm.home import PROJECT, kept_token

SECRET = "k3J9vQ2xZ7mN5bR8tW1yP4sD6fG0hL-aEcUoIqXzVnMw_TjKuBiYr"
KEY_SECRET = "wY7tB2nQ5vK8mX1zR4cJ6pL9sD3fG0hA-eUoIqViZxMw_TjKuHyBrEd"
PRODUCTION = {
    "LCM_ENV": "production",
    "LCM_SECRET_KEY": SECRET,
    "LCM_KEY_SECRETS": KEY_SECRET,
    "DATABASE_URL": "postgresql://lcm:pass%20word@db.example.org:5433/licenses?sslmode=require",
    "LCM_ALLOWED_HOSTS": "licenses.example.org, lcm.example.org",
}


def no_home() -> Path:
    raise AssertionError("production keeps nothing in a home folder")


def manage(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), *arguments],
        env={name: os.environ[name] for name in ("PATH", "HOME", "LCM_HOME")} | variables,
        capture_output=True,
        text=True,
    )


def test_a_local_installation_needs_no_settings(tmp_path: Path) -> None:
    installation = read_installation({}, home=lambda: tmp_path)

    assert not installation.is_production
    assert not installation.debug
    assert installation.hosts == ("localhost", "127.0.0.1", "[::1]")
    assert installation.database["ENGINE"] == "lcm.database"


def test_a_local_installation_keeps_a_secret_of_its_own(tmp_path: Path) -> None:
    first = read_installation({}, home=lambda: tmp_path)
    second = read_installation({}, home=lambda: tmp_path)

    assert len(first.secret_key) >= 50
    assert first.secret_key == second.secret_key
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_a_local_installation_keeps_another_secret_for_license_keys(tmp_path: Path) -> None:
    installation = read_installation({}, home=lambda: tmp_path)

    assert len(installation.key_secrets) == 1
    assert installation.key_secrets[0] != installation.secret_key
    assert (tmp_path / "license-keys-secret").stat().st_mode & 0o077 == 0


def test_the_first_secret_of_license_keys_is_the_one_that_encrypts() -> None:
    named = {"LCM_KEY_SECRETS": f"{KEY_SECRET}, {KEY_SECRET[::-1]}"}

    installation = read_installation(PRODUCTION | named, home=no_home)

    assert installation.key_secrets == (KEY_SECRET, KEY_SECRET[::-1])


def test_a_folder_that_cannot_be_used_is_named() -> None:
    with pytest.raises(Refused, match=r"/proc/nowhere.*set LCM_HOME"):
        read_installation({}, home=lambda: Path("/proc/nowhere"))


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    homes = [tmp_path / "one", tmp_path / "other"]
    for home in homes:
        home.mkdir()

    keys = {kept_token(home / "secret-key") for home in homes}

    assert len(keys) == 2


def test_production_takes_all_from_the_environment() -> None:
    installation = read_installation(PRODUCTION, home=no_home)

    assert installation.is_production
    assert installation.https
    assert not installation.behind_proxy
    assert installation.hosts[:2] == ("licenses.example.org", "lcm.example.org")
    assert installation.database["ENGINE"] == "django.db.backends.postgresql"
    assert installation.database["HOST"] == "db.example.org"
    assert installation.database["PORT"] == "5433"
    assert installation.database["NAME"] == "licenses"
    assert installation.database["PASSWORD"] == "pass word"
    assert installation.database["OPTIONS"] == {"sslmode": "require"}


def test_the_limits_of_imports_can_be_set_one_by_one() -> None:
    installation = read_installation(PRODUCTION | {"LCM_IMPORT_MOST_ROWS": "500"}, home=no_home)

    assert installation.import_limits["MOST_ROWS"] == 500
    assert installation.import_limits["MOST_FILE_MB"] == 50


def test_production_names_everything_that_is_missing_at_once() -> None:
    with pytest.raises(Refused) as refused:
        read_installation({"LCM_ENV": "production"}, home=no_home)

    lines = str(refused.value).splitlines()
    assert [line.split()[1] for line in lines[1:]] == [
        "LCM_SECRET_KEY",
        "LCM_KEY_SECRETS",
        "DATABASE_URL",
        "LCM_ALLOWED_HOSTS",
    ]
    assert "secrets.token_urlsafe" in lines[1]


@pytest.mark.parametrize(
    ("variable", "setting", "reason"),
    [
        pytest.param("LCM_SECRET_KEY", "changeme", "LCM_SECRET_KEY is weak", id="short secret"),
        pytest.param("LCM_SECRET_KEY", "a" * 60, "LCM_SECRET_KEY is weak", id="monotonous secret"),
        pytest.param("LCM_KEY_SECRETS", "changeme", "number 1 of 1 is weak", id="short key secret"),
        pytest.param(
            "LCM_KEY_SECRETS", f"{KEY_SECRET}, old", "number 2 of 2 is weak", id="short old secret"
        ),
        pytest.param(
            "LCM_KEY_SECRETS", SECRET, "holds LCM_SECRET_KEY", id="one secret for all things"
        ),
        pytest.param("LCM_DEBUG", "on", "LCM_DEBUG is on", id="debug"),
        pytest.param("LCM_DEBUG", "true", "LCM_DEBUG=true", id="neither on nor off"),
        pytest.param("LCM_ENV", "prod", "LCM_ENV=prod: it can be local or production", id="kind"),
        pytest.param("LCM_ALLOWED_HOSTS", "*", "name the hosts", id="any host"),
        pytest.param("LCM_ALLOWED_HOSTS", " , ", "LCM_ALLOWED_HOSTS is not set", id="no host"),
        pytest.param(
            "LCM_ALLOWED_HOSTS", "a.org,https://b.org/", "has https://b.org/: give", id="address"
        ),
        pytest.param("LCM_ALLOWED_HOSTS", "a.org:8443", "without https://, port", id="port"),
        pytest.param("LCM_ALLOWED_HOSTS", "*.a.org", r"\.example\.org for all", id="wildcard"),
        pytest.param("LCM_IMPORT_MOST_ROWS", "many", "LCM_IMPORT_MOST_ROWS=many", id="a word"),
        pytest.param("LCM_IMPORT_SECONDS", "0", "whole number from 1", id="no time at all"),
        pytest.param("DATABASE_URL", "mysql://x/y", "not the address", id="other database"),
        pytest.param("DATABASE_URL", "postgresql://h", "not the address", id="no database name"),
    ],
)
def test_production_refuses(variable: str, setting: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason.replace("*", r"\*")):
        read_installation(PRODUCTION | {variable: setting}, home=no_home)


def test_a_refusal_does_not_repeat_the_database_password() -> None:
    wrong = {"DATABASE_URL": "postgresql://lcm:hunter2@db:port/"}

    with pytest.raises(Refused) as refused:
        read_installation(PRODUCTION | wrong, home=no_home)

    assert "hunter2" not in str(refused.value)


def test_a_command_without_its_settings_ends_with_a_list_and_no_traceback() -> None:
    refused = manage("check", LCM_ENV="production")

    assert refused.returncode == 1
    assert refused.stderr.startswith("LCM cannot start:\n  - LCM_SECRET_KEY is not set.")
    assert "Traceback" not in refused.stderr


def test_the_web_server_does_not_start_without_its_settings() -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "gunicorn", "lcm.wsgi", "--bind=127.0.0.1:0"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "LCM_ENV": "production"},
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert refused.returncode != 0
    assert "LCM_SECRET_KEY is not set" in refused.stderr


def test_commands_without_a_database_start_none(tmp_path: Path) -> None:
    shown = manage("help", LCM_HOME=str(tmp_path))

    assert shown.returncode == 0
    assert not (tmp_path / "postgres").exists()


@pytest.mark.parametrize(
    ("url", "options"),
    [
        pytest.param(
            "smtp+starttls://ada:p%40ss@mail.example.org",
            {"port": 587, "username": "ada", "password": "p@ss", "use_tls": True, "use_ssl": False},
            id="STARTTLS",
        ),
        pytest.param(
            "smtps://mail.example.org:4650",
            {"port": 4650, "username": "", "password": "", "use_tls": False, "use_ssl": True},
            id="TLS from the start",
        ),
        pytest.param(
            "smtp://mail.example.org",
            {"port": 25, "username": "", "password": "", "use_tls": False, "use_ssl": False},
            id="a relay of one's own",
        ),
    ],
)
def test_mails_go_through_the_named_server(url: str, options: dict[str, object]) -> None:
    installation = read_installation(PRODUCTION | {"LCM_EMAIL_URL": url}, home=no_home)

    assert installation.mailer is not None
    found = installation.mailer["OPTIONS"]
    assert found["host"] == "mail.example.org"
    assert {name: found[name] for name in options} == options


def test_without_a_mail_server_production_sends_no_mail() -> None:
    assert read_installation(PRODUCTION, home=no_home).mailer is None


def test_without_a_mail_server_a_local_installation_keeps_its_mails(tmp_path: Path) -> None:
    installation = read_installation({}, home=lambda: tmp_path)

    assert installation.mailer is not None
    assert installation.mailer["OPTIONS"] == {"file_path": str(tmp_path / "mailbox")}


def test_links_begin_with_the_first_host_name_unless_another_address_is_set() -> None:
    usual = read_installation(PRODUCTION, home=no_home)
    other = read_installation(
        PRODUCTION | {"LCM_ADDRESS": "https://example.org/lcm/"}, home=no_home
    )

    assert usual.address == "https://licenses.example.org"
    assert usual.mail_from == "LCM <lcm@licenses.example.org>"
    assert other.address == "https://example.org/lcm"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("LCM_ADDRESS", "licenses.example.org", id="address without scheme"),
        pytest.param("LCM_ADDRESS", "https://example.org:port", id="address with an odd port"),
        pytest.param("LCM_EMAIL_URL", "mail.example.org", id="mail server without scheme"),
        pytest.param("LCM_EMAIL_URL", "http://mail.example.org", id="mail server of the web"),
    ],
)
def test_an_address_that_is_none_is_refused(name: str, value: str) -> None:
    with pytest.raises(Refused, match=f"{name}.*[Ss]et it like"):
        read_installation(PRODUCTION | {name: value}, home=no_home)
