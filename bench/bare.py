"""
A bare Django application: the pages of the benchmark, rendered from memory.

Each page is asked for once as the application gives it. From then on its template is rendered with
what that one had read, with no session, no scope, no middleware and no query.
"""

import json
import os
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402  # there are no models before the set-up
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.forms import ModelChoiceField, Select  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template import loader  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment, teardown_test_environment  # noqa: E402
from django.urls import path  # noqa: E402

from accounts.models import User  # noqa: E402
from lcm.urls import urlpatterns as application_urls  # noqa: E402

PAGES: dict[str, str] = json.loads(os.environ["BENCH_PAGES"])


def forbid(*_: Any) -> None:
    raise AssertionError("The bare page asks the database.")


def remembered(address: str) -> Callable[[HttpRequest], HttpResponse]:
    """A view that renders what a page of the application rendered."""
    client = Client()
    client.force_login(User.objects.get(username="bench"))
    page = client.get(address)
    assert page.status_code == 200, address
    template = loader.get_template(str(page.templates[0].name))
    contexts: Any = page.context  # one for each template that was included
    read = contexts[0].flatten()
    for value in read.values():
        remember_choices(getattr(value, "form", None))

    def view(request: HttpRequest) -> HttpResponse:
        with connection.execute_wrapper(forbid):
            return HttpResponse(template.render(read))

    view(HttpRequest())
    return view


def remember_choices(form: Any) -> None:
    """Keep what the selects of a form offer, which else asks for it each time that it is drawn."""
    for field in getattr(form, "fields", {}).values():
        if isinstance(field, ModelChoiceField) and isinstance(field.widget, Select):
            offered: Any = field.choices
            field.widget.choices = list(offered)


setup_test_environment(debug=False)
urlpatterns = [
    *(path(name, remembered(address)) for name, address in PAGES.items()),
    *application_urls,  # templates name them
]
teardown_test_environment()
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
application = get_wsgi_application()
