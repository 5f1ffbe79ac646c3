"""
What differs between installations, read from environment variables and checked as a whole.

Without any of them the project is a local installation: for one machine, on loopback, with the
embedded database and a secret of its own. `LCM_ENV=production` asks for everything that production
needs.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from lcm import postgres
from lcm.home import kept_token

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
SHORTEST_SECRET = 50
# What Django compares a request's host with: a name, all names below it, or an address.
HOST_NAME = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)
# What one uploaded workbook may ask for; LCM_IMPORT_… of the same name allows more, or less.
IMPORT_LIMITS = {
    "MOST_FILE_MB": 50,
    "MOST_UNPACKED_MB": 1024,
    "MOST_RATIO": 250,  # unpacked size over packed size; ordinary workbooks have 5 to 50
    "MOST_PARTS": 2_000,
    "MOST_ROWS": 200_000,  # over all sheets
    "MOST_COLUMNS": 200,
    "MEMORY_MB": 1536,  # address space of the process that reads it
    "SECONDS": 120,  # of the processor, for reading it
}

# The same of one uploaded inventory: it holds more rows, and fewer bytes a row.
INVENTORY_LIMITS = {
    "MOST_FILE_MB": 500,
    "MOST_UNPACKED_MB": 4096,
    "MOST_RATIO": 250,
    "MOST_PARTS": 20_000,  # files in a ZIP, one a device
    "MOST_ROWS": 3_000_000,
    "MOST_COLUMNS": 500,
    "MEMORY_MB": 1536,
    "SECONDS": 600,
}

# How a mail server is spoken to, by the scheme of LCM_EMAIL_URL.
MAIL_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
SECONDS_FOR_MAIL = 20  # before a mail server that says nothing is given up


class Refused(Exception):
    """The environment does not do to start with; the message lists every reason and its remedy."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("LCM cannot start:\n" + "\n".join(f"  - {reason}" for reason in reasons))


@dataclass(frozen=True, kw_only=True)
class Installation:
    """One installation's own settings."""

    is_production: bool
    debug: bool
    secret_key: str
    key_secrets: tuple[str, ...]  # the first encrypts license keys, all of them decrypt
    database_url: str | None  # None: the embedded server
    hosts: tuple[str, ...]
    https: bool
    behind_proxy: bool
    import_limits: Mapping[str, int]
    inventory_limits: Mapping[str, int]
    document_most_mb: int
    named_address: str
    named_sender: str
    mailer: Mapping[str, Any] | None  # an entry for Django's MAILERS; None: no mail goes out

    @property
    def address(self) -> str:
        """Where people find the application, without a slash at the end."""
        scheme = "https" if self.https else "http"
        return self.named_address or f"{scheme}://{self.hosts[0]}"

    @property
    def mail_from(self) -> str:
        return self.named_sender or f"LCM <lcm@{urlsplit(self.address).hostname}>"

    @property
    def database(self) -> dict[str, Any]:
        """The entry for Django's DATABASES. Reading it starts nothing."""
        if self.database_url:
            return _database_entry("django.db.backends.postgresql", self.database_url)
        return _database_entry("lcm.database", postgres.embedded().url)


def read_installation(variables: Mapping[str, str], *, home: Callable[[], Path]) -> Installation:
    """
    Read an installation's settings, all of them or none.

    `home` gives the folder that keeps a local installation's secret; production never asks for it.

    :raises Refused: naming each variable that is missing or wrong, and how to set it
    """
    reader = _Reader(variables)
    kind = reader.one_of("LCM_ENV", "local", "production")
    is_production = kind == "production"
    installation = Installation(
        is_production=is_production,
        debug=reader.switch("LCM_DEBUG", default=False),
        secret_key=reader.secret_key(home=None if is_production else home),
        key_secrets=reader.key_secrets(home=None if is_production else home),
        database_url=reader.database_url(required=is_production),
        hosts=reader.hosts(required=is_production),
        https=reader.switch("LCM_HTTPS", default=is_production),
        behind_proxy=reader.switch("LCM_BEHIND_PROXY", default=False),
        import_limits=reader.limits("LCM_IMPORT", IMPORT_LIMITS),
        inventory_limits=reader.limits("LCM_INVENTORY", INVENTORY_LIMITS),
        document_most_mb=reader.whole_number("LCM_DOCUMENT_MOST_MB", default=25),
        named_address=reader.address(),
        named_sender=variables.get("LCM_EMAIL_FROM", ""),
        mailer=reader.mailer(mailbox=home if kind == "local" else None),
    )
    if is_production and installation.debug:
        reader.reasons.append(
            "LCM_DEBUG is on: its error pages show data to anybody. Unset it in production."
        )
    if reader.reasons:
        raise Refused(reader.reasons)
    return installation


class _Reader:
    """Reads variables one by one and gathers what is wrong with them."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.reasons: list[str] = []

    def one_of(self, name: str, default: str, *others: str) -> str:
        value = self._variables.get(name) or default
        if value not in (default, *others):
            self.reasons.append(f"{name}={value}: it can be {' or '.join((default, *others))}.")
        return value

    def switch(self, name: str, *, default: bool) -> bool:
        words = ("on", "off") if default else ("off", "on")
        return self.one_of(name, *words) == "on"

    def whole_number(self, name: str, *, default: int) -> int:
        value = self._variables.get(name) or str(default)
        if not (value.isascii() and value.isdigit() and int(value)):
            self.reasons.append(f"{name}={value}: it can be a whole number from 1, like {default}.")
            return default
        return int(value)

    def limits(self, prefix: str, usual: Mapping[str, int]) -> dict[str, int]:
        return {
            name: self.whole_number(f"{prefix}_{name}", default=limit)
            for name, limit in usual.items()
        }

    def secret_key(self, *, home: Callable[[], Path] | None) -> str:
        """The key that signs sessions and links; a local installation makes and keeps its own."""
        key = self._variables.get("LCM_SECRET_KEY", "")
        if not key and home:
            return self._kept_secret(home, "secret-key")
        remedy = 'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
        if not key:
            self.reasons.append(f"LCM_SECRET_KEY is not set. {remedy}")
        elif _is_weak(key):
            self.reasons.append(
                f"LCM_SECRET_KEY is weak: it needs {SHORTEST_SECRET} random characters. {remedy}"
            )
        return key

    def key_secrets(self, *, home: Callable[[], Path] | None) -> tuple[str, ...]:
        """
        The secrets of license keys: the first encrypts, the others still decrypt.

        They are other ones than the key of the sessions, which may be changed at any time.
        """
        named = tuple(self._variables.get("LCM_KEY_SECRETS", "").replace(",", " ").split())
        if not named and home:
            kept = self._kept_secret(home, "license-keys-secret")
            return (kept,) if kept else ()
        remedy = (
            "Make one with: python3 -c"
            ' "import secrets; print(secrets.token_urlsafe(50))", and keep a copy of it apart from'
            " the database's: without it no license key can be read again."
        )
        if not named:
            self.reasons.append(f"LCM_KEY_SECRETS is not set: it encrypts license keys. {remedy}")
        weak = [place for place, secret in enumerate(named, 1) if _is_weak(secret)]
        if weak:
            self.reasons.append(
                f"LCM_KEY_SECRETS: number {weak[0]} of {len(named)} is weak: it needs"
                f" {SHORTEST_SECRET} random characters. {remedy}"
            )
        if named and self._variables.get("LCM_SECRET_KEY") in named:
            self.reasons.append(
                "LCM_KEY_SECRETS holds LCM_SECRET_KEY. Give it a secret of its own: that of the"
                f" sessions is known to more, and is changed without a thought. {remedy}"
            )
        return named

    def _kept_secret(self, home: Callable[[], Path], name: str) -> str:
        try:
            return kept_token(home() / name)
        except OSError as error:
            self.reasons.append(
                f"The folder for its secret and database cannot be used ({error}). Run the command "
                "as the user whose folder it is, or set LCM_HOME to a folder of your own."
            )
            return ""

    def database_url(self, *, required: bool) -> str | None:
        url = self._variables.get("DATABASE_URL")
        remedy = "Set it like postgresql://USER:PASSWORD@HOST:5432/NAME"
        if not url:
            if required:
                self.reasons.append(f"DATABASE_URL is not set. {remedy}")
            return None
        try:
            is_complete = bool(conninfo_to_dict(url).get("dbname"))
        except ProgrammingError:
            is_complete = False
        if not is_complete:
            # Not repeated in the message: it holds a password.
            self.reasons.append(
                f"DATABASE_URL is not the address of a PostgreSQL database. {remedy}"
            )
        return url

    def address(self) -> str:
        """Where people find the application; empty where its first host name says it."""
        address = self._variables.get("LCM_ADDRESS", "")
        parts = _split(address or "http://localhost")
        if parts is None or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
            self.reasons.append(
                f"LCM_ADDRESS={address}: set it like https://licenses.example.org, as people"
                " type it into a browser."
            )
        return address.rstrip("/")

    def mailer(self, *, mailbox: Callable[[], Path] | None) -> Mapping[str, Any] | None:
        """
        How mails are sent: by the server of LCM_EMAIL_URL.

        Without one a local installation writes them into the folder `mailbox` of its home, and
        production sends none.
        """
        url = self._variables.get("LCM_EMAIL_URL")
        if url:
            return self._mail_server(url)
        if mailbox is None:
            return None
        try:
            folder = mailbox() / "mailbox"
        except OSError:
            return None  # that its home cannot be used is said already
        return {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(folder)},
        }

    def _mail_server(self, url: str) -> Mapping[str, Any] | None:
        parts = _split(url)
        if parts is None or parts.scheme not in MAIL_PORTS:
            # Not repeated in the message: it may hold a password.
            self.reasons.append(
                "LCM_EMAIL_URL is not the address of a mail server. Set it like"
                " smtp+starttls://USER:PASSWORD@HOST:587, or smtps://… or smtp://…"
            )
            return None
        return {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": parts.hostname,
                "port": parts.port or MAIL_PORTS[parts.scheme],
                "username": unquote(parts.username or ""),
                "password": unquote(parts.password or ""),
                "use_tls": parts.scheme == "smtp+starttls",
                "use_ssl": parts.scheme == "smtps",
                "timeout": SECONDS_FOR_MAIL,
            },
        }

    def hosts(self, *, required: bool) -> tuple[str, ...]:
        """
        The names under which browsers may ask for the application.

        Loopback is always among them: health checks come from beside the application.
        """
        named = self._variables.get("LCM_ALLOWED_HOSTS", "").replace(" ", "").split(",")
        hosts = tuple(host for host in named if host)
        if required and not hosts:
            self.reasons.append(
                "LCM_ALLOWED_HOSTS is not set. Set it to the host names that people use, "
                "separated by commas, like licenses.example.org"
            )
        if "*" in hosts:
            self.reasons.append(
                "LCM_ALLOWED_HOSTS=*: name the hosts; any host opens the way to forged links."
            )
        # Others would be taken in silence, and no browser would ever be answered.
        for host in hosts:
            if host != "*" and not HOST_NAME.fullmatch(host):
                self.reasons.append(
                    f"LCM_ALLOWED_HOSTS has {host}: give names alone, without https://, port or "
                    "path, like licenses.example.org (.example.org for all names below it)."
                )
        return (*hosts, *LOOPBACK)


def _is_weak(secret: str) -> bool:
    return len(secret) < SHORTEST_SECRET or len(set(secret)) < 10


def _split(url: str) -> SplitResult | None:
    """The parts of an address; None where it has no host, or a port that is no number."""
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and (parts.port is None or parts.port) else None
    except ValueError:
        return None


def _database_entry(engine: str, url: str) -> dict[str, Any]:
    address = conninfo_to_dict(url)
    return {
        "ENGINE": engine,
        "NAME": address.pop("dbname"),
        "USER": address.pop("user", ""),
        "PASSWORD": address.pop("password", ""),
        "HOST": address.pop("host", ""),
        "PORT": address.pop("port", ""),
        "OPTIONS": address,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
