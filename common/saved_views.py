"""What a person does with the views that they keep of lists."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction

from common.models import SavedView

MOST_VIEWS = 30  # of a list; more tabs find nobody


class ViewRefused(Exception):
    """A view that cannot be kept so; the message says why."""


def keep_view(view: SavedView) -> SavedView:
    """
    Keep a new view of a list, or what was changed on one.

    :raises ViewRefused: where another has its name, or there are too many
    """
    others = SavedView.objects.filter(user=view.user, list_name=view.list_name).exclude(pk=view.pk)
    if others.count() >= MOST_VIEWS:
        raise ViewRefused(f"You keep {MOST_VIEWS} views of this list already. Delete one first.")
    try:
        with transaction.atomic():
            if view.is_default:
                others.filter(is_default=True).update(is_default=False)
            view.save()
    except IntegrityError as error:
        raise ViewRefused(
            f"You have a view called “{view.label}” already. Choose another name."
        ) from error
    return view


def delete_view(*, user: AbstractBaseUser, pk: int) -> None:
    """Delete a view of a person's own; of others' nothing is deleted."""
    SavedView.objects.filter(user=user.pk, pk=pk).delete()
