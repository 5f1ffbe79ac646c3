"""Inventories for tests: what a file tells, as the reader gives it, imported by the jobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from accounts.models import Company, User
from common.acting import acting
from contracts.models import DiscoveryMap, Product, SoftwareModel
from deployments.inventory import jobs, services
from deployments.inventory.choices import Choices
from deployments.models import InventoryImport, InventoryState
from tests.factories import ProductFactory, SoftwareModelFactory, UserFactory

DAY = date(2026, 11, 2)


def row(kind: str, **said: Any) -> dict[str, Any]:
    """A row as the program that reads files gives it; what is not said is empty."""
    texts = ("device", "person", "publisher", "name", "version", "edition", "platform", "language")
    cells = [said.get(text, "") for text in (*texts, "tag")]
    others = [said.get(name) for name in ("installed_on", "last_used_on", "count", "more")]
    return {"row": [said.get("number", 1), kind, *cells, *others]}


def installation(device: str, name: str = "DrawIt", **said: Any) -> dict[str, Any]:
    return row("installation", device=device, name=name, **said)


def device(name: str, person: str = "", **more: Any) -> dict[str, Any]:
    return row("device", device=name, person=person, more=more)


def subscription(person: str, name: str = "DrawIt", **said: Any) -> dict[str, Any]:
    return row("subscription", person=person, name=name, **said)


def count(metric: str, number: int, name: str = "DrawIt", **said: Any) -> dict[str, Any]:
    return row("count", name=name, count=number, more={"metric": metric}, **said)


class Inventories:
    """Imports what tests say a file tells."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._events: list[dict[str, Any]] = []
        patch.setattr(jobs, "opened", self._opened)

    @contextmanager
    def _opened(self, *_: Any, **__: Any) -> Iterator[Iterator[dict[str, Any]]]:
        yield iter([{"format": "csv"}, *(_copied(event) for event in self._events)])

    def preview(
        self,
        company: Company,
        *events: dict[str, Any],
        day: date = DAY,
        source: str = "agent",
        is_full: bool = False,
        by: User | None = None,
        **choices: Any,
    ) -> InventoryImport:
        self._events = list(events)
        started = services.start_inventory(
            company=company,
            name="inventory.csv",
            content=[b"as the test says"],
            source=source,
            day=day,
            is_full=is_full,
            by=by or UserFactory(),
            choices=Choices(**choices),
        )
        jobs.read(started.pk)
        started.refresh_from_db()
        return started

    def load(self, company: Company, *events: dict[str, Any], **options: Any) -> InventoryImport:
        """Preview and import."""
        started = self.preview(company, *events, **options)
        assert started.state == InventoryState.PREVIEWED, started.remarks
        services.confirm(started, by=started.started_by)
        jobs.apply(started.pk)
        started.refresh_from_db()
        assert started.state == InventoryState.APPLIED, started.remarks
        return started


def _copied(event: dict[str, Any]) -> dict[str, Any]:
    return {key: list(value) if key == "row" else value for key, value in event.items()}


def model_of(name: str, version: str = "") -> SoftwareModel:
    """A software model of a product, made where it is missing."""
    found = SoftwareModel.objects.filter(product__name=name, version=version).first()
    if found is not None:
        return found
    product = Product.objects.filter(name=name).first() or ProductFactory(name=name)
    return SoftwareModelFactory(product=product, version=version, name=f"{name} {version}".strip())


def rule_for(model: SoftwareModel | None, **patterns: str) -> DiscoveryMap:
    """A rule that is in force, put there past the services."""
    with acting(None, "Set up by a test"):
        return DiscoveryMap.objects.create(model=model, **patterns)
