"""Does the jobs that pages leave to it."""

from typing import Any

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from lcm import postgres

# Long jobs are not waited for: what they did is undone, and they are done again.
SECONDS_FOR_JOBS_TO_END = 3


class Command(BaseCommand):
    help = "Do the jobs that pages leave to a worker, until it is told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        postgres.ensure_running()  # the worker connects by itself, past Django's backend
        connector = app.connector
        assert isinstance(connector, DjangoConnector)
        with app.replace_connector(connector.get_worker_connector()) as worker_app:
            worker_app.run_worker(shutdown_graceful_timeout=SECONDS_FOR_JOBS_TO_END)
