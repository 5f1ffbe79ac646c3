"""A form in a dialog where htmx asks for it, else on a page of its own."""

from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers


def dialog_or_page(
    request: HttpRequest, template: str, form: BaseForm, **context: Any
) -> HttpResponse:
    """
    Answer with a form: as a dialog, or as a page.

    :param template: extends ``layout``, which is either of ``templates/common/layouts``
    :param context: ``back``, where *Cancel* leads from the page, and what the template needs
    """
    is_dialog = "HX-Request" in request.headers
    layout = f"common/layouts/{'dialog' if is_dialog else 'page'}.html"
    response = render(
        request,
        template,
        {"form": form, "layout": layout, "is_dialog": is_dialog, **context},
        # What was typed is shown again with what is wrong about it.
        status=422 if form.errors else 200,
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """On to a page; htmx is told to load it whole, with what the message says."""
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
