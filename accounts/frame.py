"""The frame around every page: places to go to, companies, what runs now, how it looks."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse

from accounts.roles import Capability
from accounts.scope import NOTHING, Scope
from common.models import JobProgress, JobState


@dataclass(frozen=True)
class Place:
    """
    An entry of the navigation.

    :param key: the letter that follows ``g`` on the keyboard
    :param also: how the addresses begin of other pages that belong to the place
    """

    label: str
    view: str
    icon: str
    key: str
    capability: Capability
    also: tuple[str, ...] = ()


PLACES = (
    Place("Home", "home", "home", "h", Capability.REQUEST),
    Place("Contracts", "contracts", "contract", "c", Capability.READ, also=("/terms/",)),
    Place("Renewals", "renewals", "calendar", "n", Capability.READ),
    Place(
        "Entitlements",
        "entitlements",
        "license",
        "e",
        Capability.READ,
        also=("/parts/", "/metrics/"),
    ),
    Place(
        "Deployments",
        "deployments",
        "deployment",
        "d",
        Capability.READ,
        also=("/installations/", "/subscriptions/", "/software/", "/inventories/"),
    ),
    Place("Devices", "devices", "device", "v", Capability.READ),
    Place("People", "people", "person", "p", Capability.READ),
    Place("License use", "license-use", "use", "u", Capability.READ),
    Place("Consolidate", "consolidate", "consolidate", "o", Capability.MANAGE),
    Place("Runs", "runs", "run", "r", Capability.READ),
    Place(
        "Allocation history",
        "allocations",
        "history",
        "l",
        Capability.READ,
        also=("/kept-apart/",),
    ),
    Place("Admin", "admin:index", "admin", "a", Capability.ADMINISTER),
)


@dataclass(frozen=True)
class ShownPlace:
    label: str
    address: str
    icon: str
    key: str
    is_current: bool


class Frame:
    """What the frame's templates ask for. Nothing is read before it is asked."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        # An error page may be drawn for a request that never got this far.
        self._scope: Scope = getattr(request, "scope", NOTHING)

    @cached_property
    def places(self) -> list[ShownPlace]:
        return [
            ShownPlace(place.label, address, place.icon, place.key, self._is_at(place, address))
            for place in PLACES
            if self._scope.may_anywhere(place.capability)
            for address in [reverse(place.view)]
        ]

    def _is_at(self, place: Place, address: str) -> bool:
        path = self._request.path
        if address == reverse("home"):
            return path == address
        return path.startswith((address, *place.also))

    @property
    def may_search(self) -> bool:
        return self._scope.may_anywhere(Capability.READ)

    @property
    def may_consolidate(self) -> bool:
        """Whether one may ask for a preview; an auditor reads previews and runs only."""
        return self._scope.may_anywhere(Capability.MANAGE)

    @property
    def companies(self) -> list[tuple[int, str, bool]]:
        """The companies of the switcher: key, name, whether it is the chosen one."""
        chosen = self._scope.narrowed_to
        return [(key, name, key == chosen) for key, name in self._scope.names.items()]

    @property
    def narrowed_to(self) -> str:
        """The name of the chosen company; empty where all are shown."""
        chosen = self._scope.narrowed_to
        return "" if chosen is None else self._scope.names[chosen]

    @cached_property
    def running(self) -> list[JobProgress]:
        """The jobs that are under way in the companies of the scope, the oldest first."""
        jobs = JobProgress.objects.filter(
            state__in=(JobState.QUEUED, JobState.RUNNING), company_id__in=self._scope.companies()
        )
        return list(jobs.order_by("pk"))

    @property
    def initials(self) -> str:
        words = str(self._request.user).split() or ["?"]
        return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()

    @property
    def roles(self) -> list[str]:
        """What the person is, in words: "Auditor of Northwind"."""
        if self._scope.is_superuser:
            return ["Superuser"]
        return [f"{role.label} of {self._scope.names[key]}" for key, role in self._scope.roles]

    # The look is kept in cookies of the browser, so that a page comes as it was chosen at once.

    @property
    def theme(self) -> str:
        return self._cookie("theme", ("light", "dark"))

    @property
    def density(self) -> str:
        return self._cookie("density", ("comfortable",))

    @property
    def navigation(self) -> str:
        return self._cookie("navigation", ("narrow",))

    @property
    def is_light(self) -> bool:
        return self.theme == "light"

    @property
    def is_dark(self) -> bool:
        return self.theme == "dark"

    @property
    def follows_system(self) -> bool:
        return not self.theme

    @property
    def is_comfortable(self) -> bool:
        return bool(self.density)

    def _cookie(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self._request.COOKIES.get(f"lcm_{name}", "")
        return value if value in allowed else ""


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: ``frame`` in every template."""
    return {"frame": Frame(request)}
