"""Access: every request gets its scope, and every view names what it needs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from accounts.models import Company, User
from accounts.roles import CAPABILITIES, Capability, Role
from accounts.scope import NOTHING, Scope

NARROWED_TO = "company"  # the session's key of the company switcher
SENT_BY_SCRIPT = frozenset({"Hx-Request", "X-Requested-With"})


class ScopedRequest(HttpRequest):
    """A request after ``ScopeMiddleware``: who asks is known, and what they may see."""

    user: User
    scope: Scope
    htmx: HtmxDetails  # what the script of the page that asks says of itself


def needs[**Rest](
    capability: Capability,
) -> Callable[
    [Callable[Concatenate[ScopedRequest, Rest], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, Rest], HttpResponseBase],
]:
    """
    Name what a view needs: signed in, and the capability in at least one company.

    Whoever lacks it everywhere gets 404, as the page does not exist for them. What the view then
    shows or changes it takes through ``request.scope``, which decides company by company.
    """

    def decorate(
        view: Callable[Concatenate[Any, Rest], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]:
        @wraps(view)
        def guarded(
            request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs
        ) -> HttpResponseBase:
            scope: Scope = request.scope  # type: ignore[attr-defined]
            if not scope.may_anywhere(Capability.READ) and capability != Capability.REQUEST:
                raise Http404
            if not scope.may_anywhere(capability):
                raise PermissionDenied(f"Your role does not let you {capability}.")
            return view(request, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]  # a test reads it off every URL
        return _signed_in(guarded)

    return decorate


def _signed_in[**Rest](
    view: Callable[Concatenate[HttpRequest, Rest], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]:
    """
    Lead whoever is not signed in to where they can.

    The script of a page that is still open is told so instead (401): it would put the page for
    signing in where it wanted a part of its own, and what was typed there would be lost.
    """
    asking_to_sign_in = login_required(view)

    @wraps(view)
    def asked(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        is_by_script = not SENT_BY_SCRIPT.isdisjoint(request.headers)
        if is_by_script and not request.user.is_authenticated:
            return HttpResponse("You are signed out.", status=401, content_type="text/plain")
        return asking_to_sign_in(request, *args, **kwargs)

    return asked


class ScopeMiddleware:
    """Gives each request the scope of who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.scope = _scope_of(request)  # type: ignore[attr-defined]
        return self.get_response(request)


class PrivacyMiddleware:
    """
    Lets no browser keep what a signed-in person was shown.

    Back shows nothing of it once they have signed out or narrowed to another company.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def _scope_of(request: HttpRequest) -> Scope:
    if not request.user.is_authenticated:
        return NOTHING
    return scope_of(request.user).narrowed(request.session.get(NARROWED_TO))


def scope_of(user: User) -> Scope:
    """The scope of a user: their memberships, or everything for a superuser."""
    if not user.is_active:
        return NOTHING
    if user.is_superuser:
        everything = frozenset(Capability)
        names = dict(Company.objects.order_by("name").values_list("pk", "name"))
        return Scope(
            user_id=user.pk,
            capabilities=dict.fromkeys(names, everything),
            names=names,
            is_superuser=True,
        )
    held = user.memberships.order_by("company__name", "role")
    memberships = list(held.values_list("company_id", "company__name", "role"))
    capabilities: dict[int, frozenset[Capability]] = {}
    for company_id, _name, role in memberships:
        former = capabilities.get(company_id, frozenset())
        capabilities[company_id] = former | CAPABILITIES[Role(role)]
    return Scope(
        user_id=user.pk,
        capabilities=capabilities,
        names={company_id: name for company_id, name, _role in memberships},
        roles=[(company_id, Role(role)) for company_id, _name, role in memberships],
    )
