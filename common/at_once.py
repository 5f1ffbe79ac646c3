"""
Changing many records at once: decided for each, shown before, written in one transaction.

What is to be written is planned anew under the locks of the records. Where that is not what a
person was shown, nothing is written: they are shown it again.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol, runtime_checkable

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Field, ForeignKey, Model
from django.utils import timezone

from common.acting import acting
from common.locks import hold_shared
from common.models import ChangeAtOnce

MOST_AT_ONCE = 5_000  # more than anybody looks through before saying yes


@dataclass(frozen=True, kw_only=True)
class Kind:
    """
    Records that can be changed many at once. Each is of a company.

    :param noun, nouns: what one is called, and several
    :param refuse: why a record must not be changed so, from the record and what is wanted; empty
        where it may
    :param waits_for_runs: whether a run of the company may be reading them
    :param written: told in the same transaction of each company, the keys of its records that were
        changed, and the names of the fields
    """

    model: type[Model]
    noun: str
    nouns: str
    refuse: Callable[[Any, Mapping[str, Any]], str] = lambda record, wanted: ""
    waits_for_runs: bool = False
    written: Callable[[int, Collection[int], Collection[str]], None] = lambda *what: None


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field of a record: the values as they are stored, and in words."""

    name: str
    label: str
    before: Any
    after: Any
    before_text: str
    after_text: str


@dataclass(frozen=True, kw_only=True)
class PlannedChange:
    """What becomes of one record: changes, or why there are none."""

    record: Any
    changes: Sequence[FieldChange] = ()
    refusal: str = ""


@dataclass(frozen=True)
class Plan:
    """What becomes of all of them."""

    of_records: Sequence[PlannedChange]

    @property
    def changed(self) -> list[PlannedChange]:
        return [each for each in self.of_records if each.changes]

    @property
    def refused(self) -> list[PlannedChange]:
        return [each for each in self.of_records if each.refusal]

    @property
    def as_they_are(self) -> int:
        """How many have the values already."""
        return len(self.of_records) - len(self.changed) - len(self.refused)

    @property
    def fingerprint(self) -> str:
        """The same for the same plan only."""
        said = [
            [each.record.pk, each.refusal, [(c.name, c.before, c.after) for c in each.changes]]
            for each in self.of_records
        ]
        return sha256(json.dumps(said, default=str).encode()).hexdigest()


@runtime_checkable
class OfItsOwn(Protocol):
    """Among what is wanted: a value that follows from the one that a record has."""

    def follow(self, before: Any) -> Any:
        """What the record is to have instead."""

    def refuse(self, before: Any) -> str:
        """Why it cannot have that; empty where it can."""


class NotAsShown(Exception):
    """The records have changed since a person was shown what would become of them: ``plan``."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("Some of the records were changed meanwhile. Look again.")
        self.plan = plan


def plan_changes(
    kind: Kind, records: Iterable[Any], wanted: Mapping[str, Any], *, companies: Collection[int]
) -> Plan:
    """
    Decide what becomes of each record.

    :param wanted: by the name of a field the value that all are to have, or one ``OfItsOwn``
    :param companies: the ids of those in which the person may change records
    """
    return Plan([_planned(kind, record, wanted, companies) for record in records])


def _planned(
    kind: Kind, record: Any, wanted: Mapping[str, Any], companies: Collection[int]
) -> PlannedChange:
    if record.company_id not in companies:
        return PlannedChange(
            record=record, refusal=f"Your role does not let you change what {record.company} has."
        )
    refusal = (
        _of_another_company(record, wanted)
        or kind.refuse(record, wanted)
        or _against_its_own(record, wanted)
    )
    if refusal:
        return PlannedChange(record=record, refusal=refusal)
    fields = [
        (record._meta.get_field(name), _follow(record, name, value))
        for name, value in wanted.items()
    ]
    return PlannedChange(
        record=record,
        changes=[
            _change(record, field, value)
            for field, value in fields
            if getattr(record, field.attname) != _stored(value)
        ],
    )


def _of_another_company(record: Any, wanted: Mapping[str, Any]) -> str:
    for value in wanted.values():
        company_id = getattr(value, "company_id", record.company_id)
        if company_id != record.company_id:
            return f"“{value}” belongs to {value.company}, not to {record.company}."
    return ""


def _against_its_own(record: Any, wanted: Mapping[str, Any]) -> str:
    refusals = (
        value.refuse(getattr(record, name))
        for name, value in wanted.items()
        if isinstance(value, OfItsOwn)
    )
    return next(filter(None, refusals), "")


def _follow(record: Any, name: str, value: Any) -> Any:
    return value.follow(getattr(record, name)) if isinstance(value, OfItsOwn) else value


def _change(record: Any, field: "Field[Any, Any]", value: Any) -> FieldChange:
    label = str(field.verbose_name)
    return FieldChange(
        name=field.name,
        label=label[:1].upper() + label[1:],
        before=getattr(record, field.attname),
        after=_stored(value),
        before_text=_said(field, getattr(record, field.name)),
        after_text=_said(field, value),
    )


def _stored(value: Any) -> Any:
    return value.pk if isinstance(value, Model) else value


def _said(field: "Field[Any, Any]", value: Any) -> str:
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, list):
        return "; ".join(value)
    return "" if value is None else str(value)


def records_to_change(kind: Kind, ids: Collection[int], wanted: Iterable[str]) -> list[Any]:
    """The records with all that a plan reads of them, in the order of keys."""
    return list(_read(kind, ids, wanted))


def change_at_once(
    kind: Kind,
    *,
    ids: Collection[int],
    wanted: Mapping[str, Any],
    companies: Collection[int],
    by: AbstractBaseUser,
    reason: str,
    shown: str,
) -> ChangeAtOnce:
    """
    Change all of the records that may be.

    :param shown: the fingerprint of the plan that the person has agreed to
    :raises NotAsShown: where it has become another
    :raises common.locks.CompanyIsBusy: while a run reads them
    """
    with acting(by, reason):
        _hold(kind, ids)
        records = _read(kind, ids, wanted).select_for_update(of=("self",), no_key=True)
        plan = plan_changes(kind, records, wanted, companies=companies)
        if plan.fingerprint != shown:
            raise NotAsShown(plan)
        changed = plan.changed
        _write(kind, changed, wanted)
        _tell(kind, [each.record for each in changed], wanted)
        return ChangeAtOnce.objects.create(
            kind=kind.model._meta.label_lower,
            made_by_id=by.pk,
            reason=reason,
            records={
                each.record.pk: {c.name: [c.before, c.after] for c in each.changes}
                for each in changed
            },
        )


def _write(kind: Kind, changed: Sequence[PlannedChange], wanted: Mapping[str, Any]) -> None:
    if not any(isinstance(value, OfItsOwn) for value in wanted.values()):
        # All get the same values: one statement, which the history's trigger tells in one too.
        keys = [each.record.pk for each in changed]
        kind.model._base_manager.filter(pk__in=keys).update(**wanted)
        return
    for each in changed:
        for change in each.changes:
            setattr(each.record, each.record._meta.get_field(change.name).attname, change.after)
    if changed:
        records = [each.record for each in changed]
        kind.model._base_manager.bulk_update(records, list(wanted), batch_size=500)


@dataclass(frozen=True)
class Undone:
    """How many records have their former values again, and how many were left as they are."""

    restored: int
    left: int


class AlreadyUndone(Exception):
    """A change is undone once."""


def undo_at_once(
    kind: Kind, *, change_id: int, companies: Collection[int], by: AbstractBaseUser
) -> Undone:
    """
    Give the records their former values again, where nothing has touched those since.

    :raises AlreadyUndone: where somebody has
    :raises common.locks.CompanyIsBusy: while a run reads them
    """
    of_kind = ChangeAtOnce.objects.filter(kind=kind.model._meta.label_lower, made_by=by.pk)
    before = of_kind.get(pk=change_id)
    with acting(by, f"Undone: {before.reason}"):
        _hold(kind, before.ids)
        change = of_kind.select_for_update().get(pk=change_id)
        if change.undone_at is not None:
            raise AlreadyUndone("This was undone already.")
        records = _read(kind, change.ids, ()).select_for_update(of=("self",), no_key=True)
        restored = [record for record in records if _is_untouched(record, change, companies)]
        for record in restored:
            for name, (former, _) in change.records[str(record.pk)].items():
                setattr(record, record._meta.get_field(name).attname, former)
        if restored:
            kind.model._base_manager.bulk_update(restored, change.fields, batch_size=500)
        _tell(kind, restored, change.fields)
        change.undone_at = timezone.now()
        change.save(update_fields=["undone_at"])
    return Undone(len(restored), len(change.records) - len(restored))


def _is_untouched(record: Any, change: ChangeAtOnce, companies: Collection[int]) -> bool:
    values = change.records[str(record.pk)].items()
    return record.company_id in companies and all(
        getattr(record, record._meta.get_field(name).attname) == after
        for name, (_, after) in values
    )


def _read(kind: Kind, ids: Collection[int], names: Iterable[str]) -> Any:
    of_model = kind.model._meta
    related = [name for name in names if isinstance(of_model.get_field(name), ForeignKey)]
    records = kind.model._default_manager.filter(pk__in=ids).order_by("pk")
    return records.select_related("company", *related)


def _hold(kind: Kind, ids: Collection[int]) -> None:
    if kind.waits_for_runs:
        owners = kind.model._base_manager.filter(pk__in=ids).values_list("company", flat=True)
        for company_id in sorted(set(owners)):
            hold_shared(company_id)


def _tell(kind: Kind, records: Sequence[Any], fields: Collection[str]) -> None:
    for company_id in sorted({record.company_id for record in records}):
        of_company = [record.pk for record in records if record.company_id == company_id]
        kind.written(company_id, of_company, fields)
