"""The list of contracts."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

import django_filters
from django.db.models import Count, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from accounts.access import ScopedRequest
from accounts.choosing import PEOPLE
from accounts.filters import ChosenFilter
from accounts.models import Person
from accounts.roles import Capability
from common.filters import AnyOfFilter, DayFilter, EndsWithinFilter, TagFilter
from common.lists import Chip, Column, RecordList, View
from common.shown import SOON_DAYS, Money, State, Tags, Tone, ends_in
from contracts.choosing import VENDORS
from contracts.dates import ContractStatus
from contracts.models import Contract, ContractTerm, ContractType
from contracts.queries import with_status
from contracts.renewal import last_notice_day
from entitlements.models import Entitlement, Kind

TONES = {
    ContractStatus.DRAFT: Tone.ENDED,
    ContractStatus.PENDING: Tone.SOON,
    ContractStatus.ACTIVE: Tone.FINE,
    ContractStatus.EXPIRED: Tone.ENDED,
    ContractStatus.CANCELLED: Tone.ENDED,
}

# Columns that show other records: by their name the field that is read where they are shown.
READ_WHERE_SHOWN = {"owner": "business_owner", "reseller": "reseller", "parent": "parent"}


class ContractFilters(django_filters.FilterSet):
    status = AnyOfFilter(label="Status", field_name="status_now", choices=ContractStatus.choices)
    vendor = ChosenFilter(label="Vendor", source=VENDORS)
    type = django_filters.ModelChoiceFilter(
        label="Type", queryset=ContractType.objects.all(), empty_label="Any type"
    )
    owner = ChosenFilter(
        label="Business owner",
        field_name="business_owner",
        source=PEOPLE,
        # Who has left still owns what nobody has taken over.
        queryset=lambda request: Person.objects.visible_to(request.scope),
    )
    ends = EndsWithinFilter(label="Ends")
    ends_from = DayFilter(label="from", field_name="ends_on", lookup_expr="gte")
    ends_until = DayFilter(label="until", field_name="ends_on", lookup_expr="lte")
    tag = TagFilter(label="Has the tag")


class ContractList(RecordList[Contract]):
    view = "contracts"
    name = "contracts"
    title = "Contracts"
    noun, nouns = "contract", "contracts"
    template = "contracts/contract_list.html"
    filterset = ContractFilters
    chips = (
        Chip("Status", ["status"]),
        Chip("Vendor", ["vendor"]),
        Chip("Type", ["type"]),
        Chip("Owner", ["owner"]),
        Chip("Ends", ["ends_from", "ends_until"]),
        Chip("Tag", ["tag"]),
        Chip("Ends", ["ends"], is_quiet=True),
    )
    views = (
        View("All"),
        View("Active", {"status": "active"}),
        View("Ending soon", {"status": "active", "ends": str(SOON_DAYS)}),
        View("Expired", {"status": "expired"}),
    )
    search = ("name", "number", "vendor__name", "po_number", "legal_entity")
    default_sort = "name"
    change_view = "change-contracts"
    is_selectable = True
    request: ScopedRequest

    def __init__(self, request: ScopedRequest, **context: Any) -> None:
        self.today = timezone.localdate()
        super().__init__(request, **context)

    def records(self) -> QuerySet[Contract]:
        visible = Contract.objects.visible_to(self.request.scope)
        return with_status(visible, self.today).select_related("vendor", "type", "company")

    def make_columns(self) -> Sequence[Column]:
        several = len(self.request.scope.companies()) > 1
        return (
            Column(name="name", label="Contract", value=lambda c: c.name, sort="name"),
            Column(
                name="number",
                label="Number",
                value=lambda c: c.number,
                sort="number",
                is_code=True,
            ),
            Column(
                name="vendor", label="Vendor", value=lambda c: c.vendor.name, sort="vendor__name"
            ),
            Column(
                name="type",
                label="Type",
                value=lambda c: c.type.name,
                sort="type__name",
                rank=3,
                is_chosen=False,
            ),
            Column(
                name="company",
                label="Company",
                value=lambda c: c.company.name,
                sort="company__name",
                rank=3,
                is_chosen=several,
            ),
            Column(name="status", label="Status", value=self.status, rank=1),
            Column(
                name="starts",
                label="Starts",
                value=lambda c: c.starts_on,
                sort="starts_on",
                rank=3,
                is_chosen=False,
            ),
            Column(name="ends", label="Ends", value=lambda c: c.ends_on, sort="ends_on", rank=3),
            Column(name="ends_in", label="Ends in", value=self.ends_in, rank=1),
            Column(name="notice", label="Notice by", value=lambda c: c.notice_by, rank=3),
            Column(
                name="licenses",
                label="Licenses",
                value=lambda c: c.entitlement_counts[Kind.LICENSE],
                is_number=True,
            ),
            Column(
                name="maintenance",
                label="Maintenance",
                value=lambda c: c.entitlement_counts[Kind.MAINTENANCE],
                is_number=True,
                rank=3,
            ),
            Column(
                name="value",
                label="Value",
                value=lambda c: None if c.value is None else Money(c.value, c.currency),
                sort="value",
                is_money=True,
            ),
            *self._more(),
            Column(
                name="tags",
                label="Tags",
                value=lambda c: Tags(c.tags, reverse("contracts")),
                is_across=True,
                is_chosen=False,
            ),
        )

    def _more(self) -> Sequence[Column]:
        """What is shown, and exported, when it is asked for."""
        further = (
            ("owner", "Business owner", "business_owner", "business_owner__name"),
            ("reseller", "Reseller", "reseller", "reseller__name"),
            ("legal_entity", "Legal entity", "legal_entity", "legal_entity"),
            ("parent", "Part of", "parent", None),
            ("purchased", "Purchased", "purchased_on", "purchased_on"),
            ("po", "PO number", "po_number", "po_number"),
            ("invoice", "Invoice number", "invoice_number", "invoice_number"),
        )
        return [
            Column(
                name=name,
                label=label,
                value=attrgetter(field),
                sort=sort,
                rank=3,
                is_chosen=False,
            )
            for name, label, field, sort in further
        ]

    def status(self, contract: Any) -> State:
        return shown_status(contract, self.today)

    def ends_in(self, contract: Any) -> State | str | None:
        return None if contract.starts_on is None else ends_in(contract.ends_on, self.today)

    def attach(self, rows: Sequence[Any]) -> None:
        counts: dict[int, Counter[str]] = {contract.pk: Counter() for contract in rows}
        grouped = (
            Entitlement.objects.filter(contract__in=counts)
            .order_by()
            .values_list("contract", "kind")
            .annotate(number=Count("pk"))
        )
        for contract_id, kind, number in grouped:
            counts[contract_id][kind] = number
        notice_days = _notice_days(counts)
        for contract in rows:
            contract.entitlement_counts = counts[contract.pk]
            contract.notice_by = notice_days.get(contract.pk)
        shown = {column.name for column in self.shown_columns}
        referred = [field for name, field in READ_WHERE_SHOWN.items() if name in shown]
        prefetch_related_objects(rows, *referred)

    def may_change_rows(self) -> bool:
        return self.request.scope.may_anywhere(Capability.MANAGE)

    def is_ended(self, contract: Any) -> bool:
        return contract.status_now in (ContractStatus.EXPIRED, ContractStatus.CANCELLED)

    def address(self, contract: Contract) -> str:
        return reverse("contract", args=[contract.pk])

    def empty_state(self) -> dict[str, str]:
        state = {
            "title": "No contracts yet",
            "text": "A contract holds the licenses and the maintenance that were bought under it,"
            " with its terms, its value and its history.",
        }
        if self.request.scope.companies(Capability.MANAGE):
            state |= {"action": "Add a contract", "address": reverse("add-contract")}
        return state


def _notice_days(contract_ids: Collection[int]) -> dict[int, date]:
    """By contract, the last day on which notice can be given in its last term."""
    terms = ContractTerm.objects.filter(contract__in=contract_ids)
    found = {}
    for term in terms.order_by("contract_id", "-starts_on").distinct("contract_id"):
        notice = last_notice_day(term.by_rules)
        if notice is not None and term.notice_given_on is None:
            found[term.contract_id] = notice.on
    return found


def shown_status(contract: Contract, day: date) -> State:
    """The status of a contract on a day, as a word with its tone."""
    status = contract.status(day)
    return State(status.label, TONES[status])
