"""A browser for tests: headless Chromium, which fails a test by any error in its console."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from accounts.models import User

# Playwright's sync API runs an event loop in the thread of the test, which Django takes for async.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
# A machine may be busy with more than this; nothing waits longer than it has to.
MOST_MILLISECONDS = 40_000
expect.set_options(timeout=MOST_MILLISECONDS)
# As root, and where there is no graphics card.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("There is no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Visit]:
    """Opens the application as a user: ``visit(user, "/runs/", script=False, width=360)``."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(user: User, path: str, *, script: bool = True, width: int = 1600) -> Page:
        context = browser.new_context(
            java_script_enabled=script,
            base_url=live_server.url,
            viewport={"width": width, "height": 1000},
        )
        context.set_default_timeout(MOST_MILLISECONDS)
        context.add_cookies([_session_of(user, live_server.url)])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda told: errors.extend(_error_of(told)))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


# A form that is wrong is answered by 422, and by 401 if whoever sent it was signed out meanwhile.
ANSWERS = re.compile(r"status of (401|422)|Status Error Code 401")


def _error_of(told: ConsoleMessage) -> list[str]:
    """The error in a message of the console."""
    if told.type != "error" or ANSWERS.search(told.text):
        return []
    return [f"{told.text} ({told.location['url']})"]


def _session_of(user: User, url: str) -> Any:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def problems_of(page: Page) -> list[str]:
    """What the rules of axe find wrong with a page."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']} at {[node['target'] for node in each['nodes'][:3]]}"
        for each in found
    ]
