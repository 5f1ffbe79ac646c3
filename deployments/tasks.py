"""The jobs of this app, as the worker knows them."""

from procrastinate.contrib.django import app

from deployments.inventory import jobs


@app.task
def read_inventory(import_id: int) -> None:
    jobs.read(import_id)


@app.task
def apply_inventory(import_id: int) -> None:
    jobs.apply(import_id)
