"""Jobs of the worker. Each can be taken up again after its process was killed, and does no harm."""

from django.utils import timezone
from procrastinate.contrib.django import app

from allocation.services.numbers import refresh_outdated
from allocation.services.runs import RunRefused, carry_out, carry_out_preview


@app.task(name="allocation.tasks.consolidate")
def consolidate(run_id: int) -> None:
    """Carry a run out; why it was refused stands on the run."""
    try:
        carry_out(run_id)
    except RunRefused:
        return


@app.task(name="allocation.tasks.preview")
def preview(preview_id: int) -> None:
    """Compute a preview."""
    carry_out_preview(preview_id)


@app.periodic(cron="*/5 * * * *")
@app.task(name="allocation.tasks.refresh_numbers", queueing_lock="refresh-numbers")
def refresh_numbers(timestamp: int) -> None:
    """
    Count the numbers of licenses anew that dates alone have changed.

    It asks often, which costs nothing where none have: so the numbers of a new day are there soon
    after midnight in the time zone of the installation, and soon after a worker is back.
    """
    refresh_outdated(day=timezone.localdate())
