"""What tells of the life of an entitlement: of each kind of record, its histories."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet, TextChoices

from allocation.models import Allocation, KeptApart
from common.history import HistoryRow
from common.stories import Row
from entitlements.models import (
    DowngradeRight,
    Entitlement,
    EntitlementDocument,
    ExpenseLine,
    KeyReveal,
    LicenseKey,
    PurchaseReturn,
    ReturnAssignment,
    StatePeriod,
    UpgradedEntitlement,
    WorkNote,
)


class EventKind(TextChoices):
    """To what of an entitlement something happened."""

    RECORD = "record", "The record itself"
    STATE = "state", "States"
    USE = "use", "Allocations"
    COVER = "cover", "Cover by maintenance"
    UPGRADE = "upgrade", "Upgrades"
    DOWNGRADE = "downgrade", "Downgrade rights"
    RETURN = "return", "Returns"
    SPLIT = "split", "Splits"
    KEY = "key", "License keys"
    EXPENSE = "expense", "Expense lines"
    NOTE = "note", "Work notes"
    DOCUMENT = "document", "Documents"


@dataclass(frozen=True, kw_only=True)
class Source:
    """
    Records of one kind that belong to an entitlement, and where it is told what happened to them.

    :param subject: what a record is called, so that a name can follow: "an upgrade from"
    :param model: of the records
    :param events: their history rows, or the records themselves where they are written once
    :param named_by: the fields by whose values one is told from others
    :param numbered: what stands before the number of one without a name
    :param untold: fields that go without saying: those by which it belongs to the entitlement
    :param at, by: where events hold their moment, and the id of who acted
    :param verb: what happened, where that is always the same
    """

    kind: EventKind
    subject: str
    model: type[Model]
    events: QuerySet[Any]
    named_by: Sequence[str] = ()
    numbered: str = ""
    untold: Sequence[str] = ()
    at: str = "history_date"
    by: str = "history_user_id"
    verb: str = ""

    @property
    def is_history(self) -> bool:
        return issubclass(self.events.model, HistoryRow)

    @property
    def record_label(self) -> str:
        """The label of the model, as imports note it."""
        return self.model._meta.label_lower

    def history_rows(self, numbers: Collection[int]) -> QuerySet[Any]:
        """Some of the history rows by their numbers; the one before an event need not be one."""
        rows: QuerySet[Any] = self.events.model.objects.filter(history_id__in=numbers)
        return rows

    def written_rows(self, subject: str, numbers: Collection[int]) -> Iterator[Row]:
        """Some of the records that are written once, as rows of which each is a beginning."""
        for record in self.events.model._default_manager.filter(pk__in=numbers):
            fields = record._meta.concrete_fields
            yield Row(
                subject=subject,
                model=self.model,
                history_id=record.pk,
                kind="+",
                at=getattr(record, self.at),
                user_id=getattr(record, self.by),
                reason=None,
                run_id=None,
                record_id=record.pk,
                values={str(field.column): field.value_from_object(record) for field in fields},
            )


def sources_of(entitlement: Entitlement, *, tells_of_keys: bool) -> list[Source]:
    """
    What tells of the life of an entitlement, in an order that stays.

    :param tells_of_keys: whether license keys are among it: that they came and went, and who was
        shown one; what they say never is
    """
    maintenance = entitlement.is_maintenance
    return [
        *_of_itself(entitlement),
        *(_of_maintenance(entitlement) if maintenance else _of_license(entitlement)),
        *_beside(entitlement),
        *(_of_keys(entitlement) if tells_of_keys and not maintenance else ()),
    ]


def _of_itself(entitlement: Entitlement) -> list[Source]:
    what = "the maintenance" if entitlement.is_maintenance else "the license"
    return [
        Source(
            kind=EventKind.RECORD,
            subject=what,
            model=Entitlement,
            events=Entitlement.history.filter(id=entitlement.pk),
            untold=("kind",),
        ),
        Source(
            kind=EventKind.STATE,
            subject="the state",
            model=StatePeriod,
            events=StatePeriod.history.filter(entitlement=entitlement.pk),
            named_by=("state",),
            untold=("entitlement",),
        ),
    ]


def _of_license(license: Entitlement) -> list[Source]:
    uses = Allocation.objects.filter(entitlement=license.pk, license=None)
    cover = Allocation.objects.filter(license=license.pk)
    apart = KeptApart.objects.filter(license=license.pk)
    split_off = Entitlement.objects.filter(split_from=license.pk)
    return [
        Source(
            kind=EventKind.USE,
            subject="the allocation to",
            model=Allocation,
            events=_histories_of(Allocation, uses),
            named_by=("deployment", "reservation_label", "person", "device"),
            untold=("entitlement", "kind"),
        ),
        Source(
            kind=EventKind.COVER,
            subject="the cover by",
            model=Allocation,
            events=_histories_of(Allocation, cover),
            named_by=("entitlement",),
            untold=("license", "kind"),
        ),
        Source(
            kind=EventKind.COVER,
            subject="that it is kept apart from",
            model=KeptApart,
            events=_histories_of(KeptApart, apart),
            named_by=("position",),
            untold=("license", "parted_at", "parted_by", "lifted_by"),
        ),
        Source(
            kind=EventKind.UPGRADE,
            subject="an upgrade from",
            model=UpgradedEntitlement,
            events=UpgradedEntitlement.history.filter(target=license.pk),
            named_by=("source",),
            untold=("target",),
        ),
        Source(
            kind=EventKind.UPGRADE,
            subject="an upgrade to",
            model=UpgradedEntitlement,
            events=UpgradedEntitlement.history.filter(source=license.pk),
            named_by=("target",),
            untold=("source",),
        ),
        Source(
            kind=EventKind.DOWNGRADE,
            subject="the downgrade right to",
            model=DowngradeRight,
            events=DowngradeRight.history.filter(entitlement=license.pk),
            named_by=("model",),
            untold=("entitlement",),
        ),
        Source(
            kind=EventKind.RETURN,
            subject="a return",
            model=PurchaseReturn,
            events=PurchaseReturn.history.filter(entitlement=license.pk),
            untold=("entitlement",),
        ),
        Source(
            kind=EventKind.SPLIT,
            subject="a license of its own:",
            model=Entitlement,
            events=_histories_of(Entitlement, split_off).filter(history_type="+"),
            named_by=("asset_tag",),
            numbered="E-",
            untold=("kind", "split_from"),
            verb="split off",
        ),
    ]


def _of_maintenance(position: Entitlement) -> list[Source]:
    cover = Allocation.objects.filter(entitlement=position.pk, license__isnull=False)
    apart = KeptApart.objects.filter(position=position.pk)
    return [
        Source(
            kind=EventKind.COVER,
            subject="the cover of",
            model=Allocation,
            events=_histories_of(Allocation, cover),
            named_by=("license",),
            untold=("entitlement", "kind"),
        ),
        Source(
            kind=EventKind.COVER,
            subject="that it is kept apart from",
            model=KeptApart,
            events=_histories_of(KeptApart, apart),
            named_by=("license",),
            untold=("position", "parted_at", "parted_by", "lifted_by"),
        ),
        Source(
            kind=EventKind.RETURN,
            subject="what was taken for",
            model=ReturnAssignment,
            events=ReturnAssignment.history.filter(position=position.pk),
            named_by=("purchase_return",),
            untold=("position", "made_in_run_id"),
        ),
    ]


def _beside(entitlement: Entitlement) -> list[Source]:
    return [
        Source(
            kind=EventKind.EXPENSE,
            subject="an expense line:",
            model=ExpenseLine,
            events=ExpenseLine.history.filter(entitlement=entitlement.pk),
            named_by=("kind",),
            untold=("entitlement", "is_of_purchase"),
        ),
        Source(
            kind=EventKind.NOTE,
            subject="a work note",
            model=WorkNote,
            events=WorkNote.objects.filter(entitlement=entitlement.pk),
            untold=("entitlement", "written_by", "written_at"),
            at="written_at",
            by="written_by_id",
            verb="wrote",
        ),
        Source(
            kind=EventKind.DOCUMENT,
            subject="the document",
            model=EntitlementDocument,
            events=EntitlementDocument.history.filter(entitlement=entitlement.pk),
            named_by=("title",),
            untold=("entitlement", "content_type"),
        ),
    ]


def _of_keys(license: Entitlement) -> list[Source]:
    return [
        Source(
            kind=EventKind.KEY,
            subject="the license key",
            model=LicenseKey,
            events=LicenseKey.history.filter(entitlement=license.pk),
            named_by=("label",),
            untold=("entitlement",),
        ),
        Source(
            kind=EventKind.KEY,
            subject="the license key",
            model=KeyReveal,
            events=KeyReveal.objects.filter(key__entitlement=license.pk),
            named_by=("key",),
            untold=("key", "revealed_by", "revealed_at"),
            at="revealed_at",
            by="revealed_by_id",
            verb="was shown",
        ),
    ]


def _histories_of(model: Any, records: QuerySet[Any]) -> QuerySet[Any]:
    """The history rows of records that are never deleted."""
    rows: QuerySet[Any] = model.history.filter(id__in=records.order_by().values("pk"))
    return rows
