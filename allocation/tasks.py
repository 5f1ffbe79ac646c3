"""Jobs of the worker. Each can be taken up again after its process was killed, and does no harm."""

from procrastinate.contrib.django import app

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
