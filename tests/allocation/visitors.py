"""Who visits the pages of allocations, and what these have to show."""

import re
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from allocation.deciding import decide
from allocation.models import Allocation, ConsolidateRun, KeptApart, RunPreview
from allocation.queries import raw_connection
from allocation.saving import save_preview
from allocation.services import end_allocation, new_preview, run_now
from allocation.steps import count
from common.models import JobProgress, JobState
from common.watching import Unwatched
from tests.allocation.world import DAY, World, make_world
from tests.factories import CompanyFactory, make_user

LATER = date(2026, 7, 1)


@dataclass
class Shown:
    """A company after its first run, with an allocation that was ended and a pair kept apart."""

    world: World
    run: ConsolidateRun
    preview: RunPreview
    live: Allocation
    ended: Allocation
    apart: KeptApart
    visitors: dict[str, User]

    def client(self, who: str) -> Client:
        client = Client()
        if who != "nobody":
            client.force_login(self.visitors[who])
        return client


def make_shown() -> Shown:
    world = make_world(name="Northwind")
    run = run_now(company=world.company, as_of=DAY, by=world.by)
    ended, live = Allocation.objects.filter(made_in_run=run).order_by("pk")[:2]
    end_allocation(
        allocation=ended, day=LATER, by=world.by, reason="Moved to Bonn", keep_apart=True
    )
    ended.refresh_from_db()
    elsewhere = CompanyFactory(name="Contoso")
    return Shown(
        world=world,
        run=run,
        preview=computed_preview(world, LATER),
        live=live,
        ended=ended,
        apart=KeptApart.objects.get(),
        visitors={
            "manager": make_user(Role.LICENSE_MANAGER, world.company, username="mona"),
            "administrator": make_user(Role.ADMINISTRATOR, world.company, username="adam"),
            "auditor": make_user(Role.AUDITOR, world.company, username="auda"),
            "requester": make_user(Role.REQUESTER, world.company, username="rex"),
            "stranger": make_user(Role.ADMINISTRATOR, elsewhere, username="sven"),
        },
    )


def computed_preview(world: World, day: date) -> RunPreview:
    """A preview as the worker leaves it, computed over the connection of the test."""
    preview = new_preview(company=world.company, as_of=day, by=world.by)
    decision = decide(raw_connection(), company=world.company.pk, day=day, watcher=Unwatched())
    save_preview(preview, decision.changes, Unwatched())
    preview.fingerprint = decision.fingerprint
    preview.counts = count(decision.changes)
    preview.save()
    JobProgress.objects.filter(pk=preview.progress_id).update(state=JobState.DONE)
    return RunPreview.objects.get(pk=preview.pk)


def text_of(response: Any) -> str:
    """What a page says, without its tags and with single spaces."""
    page = response.content.decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def stored() -> list[Any]:
    """All that pages of allocations could change, to see that they did not."""
    with connection.cursor() as cursor:
        found = []
        for table in ("allocation_allocation", "allocation_keptapart", "allocation_consolidaterun"):
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY id")
            found.append(cursor.fetchall())
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        return [*found, cursor.fetchone()]
