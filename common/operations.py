"""What migration operations of ours have in common."""

from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class InDatabaseAlone(Operation):
    """An operation of which the models know nothing: what it makes stands in the database alone."""

    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass
