"""Filters of lists by a record that is chosen by typing."""

from typing import Any

from django_filters import Filter
from django_filters.filters import QuerySetRequestMixin

from accounts.choosing import ChosenField, Source


class ChosenFilter(QuerySetRequestMixin, Filter):
    """
    What belongs to one record of a source, of those that the person may see.

    :param narrowed_by: as of ``ChosenField``
    """

    field_class = ChosenField

    def __init__(self, *, source: Source, **options: Any) -> None:
        options.setdefault("queryset", lambda request: source.records(request.scope))
        super().__init__(source=source, **options)
