"""The jobs of this app, as the worker knows them."""

from procrastinate.contrib.django import app

from entitlements.workbook import exporting, jobs


@app.task
def read_workbook(import_id: int) -> None:
    jobs.read(import_id)


@app.task
def apply_import(import_id: int) -> None:
    jobs.apply(import_id)


@app.task
def undo_import(import_id: int) -> None:
    jobs.undo(import_id)


@app.task
def write_workbook(export_id: int) -> None:
    exporting.write(export_id)
