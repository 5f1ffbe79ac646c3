"""Searching lists for words: what holds a word, and the indexes that find it."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import ForeignKey, Model, Q, QuerySet
from django.db.models.functions import Upper


def holding(
    model: type[Model], word: str, paths: Sequence[str], numbered: Mapping[str, Sequence[str]]
) -> Q:
    """
    What holds a word of a search.

    :param model: of the records that are searched
    :param paths: of the texts to look in
    :param numbered: by the prefix of a shown number, as in E-41, the paths of the ids it stands for
    """
    conditions = _holding(model, word, paths)
    for prefix, ids in numbered.items():
        if found := re.fullmatch(rf"{prefix}-(\d{{1,18}})", word, re.ASCII | re.IGNORECASE):
            conditions += [Q(**{path: int(found[1])}) for path in ids]
    return reduce(or_, conditions)


def _holding(model: type[Model], word: str, paths: Sequence[str]) -> list[Q]:
    """
    One condition for each text of the record itself, and for each record that it refers to.

    What it refers to is found first: a joined table could not be read by an index, once "or" stands
    between its conditions and others.
    """
    conditions: list[Q] = []
    of_others: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in paths:
        name, _, rest = path.partition("__")
        if rest and isinstance(model._meta.get_field(name), ForeignKey):
            # What is further away is a condition of its own, for the same reason.
            of_others[name, rest.rpartition("__")[0]].append(rest)
        else:
            conditions.append(Q(**{f"{path}__icontains": word}))
    for (name, _), rests in of_others.items():
        other: Any = model._meta.get_field(name).related_model
        found = other._base_manager.filter(reduce(or_, _holding(other, word, rests)))
        conditions.append(Q(**{f"{name}__in": found.values("pk")}))
    return conditions


def few_keys[Record: Model](
    records: QuerySet[Record], conditions: Sequence[Q], most: int
) -> list[Any] | None:
    """
    The keys of the records that meet all conditions, where they are few; else None.

    Each side of an "or" is looked up in an index by itself. That is quick for what is rare, which a
    walk through all rows in order is not; for what is frequent it is the other way round.
    """
    read = records.filter(*(_side_by_side(records.model, each) for each in conditions))
    keys = list(read.order_by().values_list("pk", flat=True)[: most + 1])
    return keys if len(keys) <= most else None


def _side_by_side(model: type[Model], condition: Q) -> Q:
    if condition.connector != Q.OR or len(condition.children) == 1:
        return condition
    sides = [Q(child) for child in condition.children]
    first, *others = [model._base_manager.filter(side).order_by().values("pk") for side in sides]
    return Q(pk__in=first.union(*others, all=True))


def trigrams(*fields: str, name: str) -> GinIndex:
    """An index by which any three letters or more are found anywhere in some texts."""
    columns = [OpClass(Upper(field), name="gin_trgm_ops") for field in fields]
    return GinIndex(*columns, name=name)
