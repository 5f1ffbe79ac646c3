"""Jobs that look after the others."""

from procrastinate import JobContext
from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="take-up-stalled-jobs", pass_context=True)
async def take_up_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """
    Let jobs be done whose worker was killed: it has not been heard of for half a minute.

    So every job has to bear being done again.
    """
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        await jobs.retry_job(job)
