"""
Files on their way: read by the worker, looked at by a person, imported by the worker.

A person only asks, which moves the file to the state of a job; the worker does the job, once, and
moves it on. Where the job fails, the file stands where it stood before.
"""

from collections.abc import Callable

from django.contrib.auth.base_user import AbstractBaseUser

from common.locks import CompanyIsBusy
from common.models import JobProgress, Upload
from common.progress import Progress, StopAsked, ask_to_stop, interrupted, running


class NotNow(Exception):
    """The import does not stand where this can be done; the message says where it stands."""


# --- What a person asks for ---


def demand_state(upload: Upload, *states: str) -> None:
    """
    Lock the row of a file, in the caller's transaction, and refuse it where it stands elsewhere.

    :raises NotNow: also to the second of two people who press a button at once
    """
    upload.refresh_from_db(from_queryset=type(upload)._base_manager.select_for_update())
    if upload.state not in states:
        label = dict(upload._meta.get_field("state").flatchoices)[upload.state]
        raise NotNow(f"This import is {label.lower()} now.")


def demand_interrupted(upload: Upload) -> None:
    """
    Refuse to queue a job anew that is done by somebody.

    :raises NotNow: where its worker was not killed
    """
    if not is_interrupted(upload):
        raise NotNow("It is under way.")


def set_on_its_way(
    upload: Upload, state: str, *, title: str, company_id: int, by: AbstractBaseUser
) -> None:
    """
    Move a file to the state of a job, with the progress of that job; the caller queues it.

    :param title: what a person sees the job called
    """
    upload.state = state
    upload.progress = JobProgress.objects.create(
        title=title, company_id=company_id, started_by_id=by.pk
    )
    upload.save()


def stop(upload: Upload) -> None:
    """Ask the job to stop; everything stays as before."""
    if upload.progress:
        ask_to_stop(upload.progress)


def is_interrupted(upload: Upload) -> bool:
    """Whether the job was killed: nothing of what it began is left."""
    return upload.progress is not None and upload.progress.pk in interrupted([upload.progress])


# --- What the worker does ---


def do_once[Waiting: Upload](
    waiting: Callable[[], Waiting | None],
    work: Callable[[Waiting, Progress], None],
    *,
    fall_back: Callable[[Waiting, list[str]], None],
) -> None:
    """
    Do the job that a file waits for, unless another worker has done it.

    :param waiting: reads the file anew; None where it waits for this job no more
    :param fall_back: puts it back to where it stood, with remarks; called where the job is stopped
        or fails
    """
    upload = waiting()
    if upload is None or upload.progress is None:
        return
    with running(upload.progress) as progress:
        # Asked again, now that no other worker can have the job.
        upload = waiting()
        if upload is None:
            return
        try:
            work(upload, progress)
        except CompanyIsBusy as busy:
            fall_back(upload, [str(busy)])
        except StopAsked:
            fall_back(upload, ["It was stopped, and nothing was written."])
            raise
        except Exception:
            fall_back(upload, ["Something went wrong, and nothing was written."])
            raise
