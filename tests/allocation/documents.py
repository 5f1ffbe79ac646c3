"""Scenario documents as records of the database, and what runs did to these as a result."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from accounts.models import Company, User
from allocation.models import Allocation, ConsolidateRun, KeptApart
from allocation.services import run_now
from common.acting import acting
from contracts.models import SoftwareModel
from entitlements.models import (
    Duration,
    Entitlement,
    EntitlementDefinition,
    PurchaseReturn,
    ReturnAssignment,
)
from tests.factories import (
    CompanyFactory,
    DefinitionFactory,
    LicenseFactory,
    MaintenanceFactory,
    ReturnFactory,
    SoftwareModelFactory,
    UserFactory,
)

Document = dict[str, Any]

# Prices without a currency cannot be stored; one that no document uses stands for none.
NO_CURRENCY = "XXX"


def can_be_stored(document: Document) -> bool:
    """
    Whether the records of this document exist already: authorizations and orders do not yet.

    A row across companies can be stored, but as definitions belong to companies it covers there
    under another definition.
    """
    companies = {
        (listed, entry["id"]): entry["company"]
        for listed in ("licenses", "positions")
        for entry in document.get(listed) or []
    }
    pairs = [*(document.get("allocations") or []), *(document.get("kept_apart") or [])]
    return not (document.get("authorizations") or document.get("orders")) and all(
        companies["positions", pair["position"]] == companies["licenses", pair["license"]]
        for pair in pairs
    )


@dataclass
class Stored:
    """The records of a document, by the texts that it calls them."""

    as_of: date
    by: User
    companies: dict[str, Company] = field(default_factory=dict)
    titles: dict[str, SoftwareModel] = field(default_factory=dict)
    definitions: dict[tuple[str, str], EntitlementDefinition] = field(default_factory=dict)
    licenses: dict[str, Entitlement] = field(default_factory=dict)
    positions: dict[str, Entitlement] = field(default_factory=dict)
    returns: dict[str, PurchaseReturn] = field(default_factory=dict)
    allocations: dict[str, Allocation] = field(default_factory=dict)

    def run_all(self) -> list[ConsolidateRun]:
        """Consolidate every company for the document's day."""
        return [
            run_now(company=company, as_of=self.as_of, by=self.by)
            for company in self.companies.values()
        ]

    def result(self, runs: Iterable[ConsolidateRun]) -> Document:
        """What runs changed, by the document's texts."""
        ids = [run.pk for run in runs]
        name = {
            **{record.pk: text for text, record in self.licenses.items()},
            **{record.pk: text for text, record in self.positions.items()},
        }
        of_return = {record.pk: text for text, record in self.returns.items()}
        of_row = {record.pk: text for text, record in self.allocations.items()}
        return {
            "returned": [
                {
                    "return": of_return[row.purchase_return_id],
                    "position": name[row.position_id],
                    "units": row.units,
                }
                for row in ReturnAssignment.objects.filter(made_in_run_id__in=ids)
            ],
            "released": [],
            "deallocated": [
                {"allocation": of_row[row.pk], "reason": row.end_reason}
                for row in Allocation.objects.filter(ended_in_run__in=ids)
            ],
            "assigned": [],
            "serials": [
                {"position": name[position.pk], "serial": position.matched_serial}
                for position in Entitlement.objects.filter(matched_run_id__in=ids)
            ],
            "allocated": [
                {
                    "position": name[row.entitlement_id],
                    "license": name[row.covered_id],
                    "units": row.quantity,
                    "basis": row.basis,
                }
                for row in Allocation.objects.filter(made_in_run__in=ids)
            ],
        }


def store(document: Document) -> Stored:
    """Make the records of a document, in its order."""
    stored = Stored(as_of=date.fromisoformat(document["as_of"]), by=UserFactory())
    for entry in document.get("licenses") or []:
        _store_license(stored, entry)
    for entry in document.get("positions") or []:
        _store_position(stored, document, entry)
    for entry in document.get("returns") or []:
        _store_return(stored, document, entry)
    for entry in document.get("allocations") or []:
        _store_allocation(stored, entry)
    for entry in document.get("kept_apart") or []:
        _store_kept_apart(stored, entry)
    return stored


def _company(stored: Stored, text: str) -> Company:
    if text not in stored.companies:
        stored.companies[text] = CompanyFactory()
    return stored.companies[text]


def _title(stored: Stored, text: str) -> SoftwareModel:
    if text not in stored.titles:
        stored.titles[text] = SoftwareModelFactory()
    return stored.titles[text]


def _definition(stored: Stored, document: Document, entry: Document) -> EntitlementDefinition:
    key = (entry["company"], entry["definition"])
    if key not in stored.definitions:
        (written,) = [each for each in document["definitions"] if each["id"] == key[1]]
        stored.definitions[key] = DefinitionFactory(
            company=_company(stored, key[0]),
            grace_days=written.get("grace_days") or 0,
            maximum_days=written.get("match_days") or 0,
        )
    return stored.definitions[key]


def _store_license(stored: Stored, entry: Document) -> None:
    expires_on = entry.get("expires_on")
    valid: Document = {"duration": Duration.PERPETUAL}
    if expires_on:
        starts_on = min(entry["purchased_on"], expires_on)
        valid = {
            "duration": Duration.SUBSCRIPTION,
            "starts_on": date.fromisoformat(starts_on),
            "ends_on": date.fromisoformat(expires_on),
        }
    license = LicenseFactory(
        company=_company(stored, entry["company"]),
        model=_title(stored, entry["title"]),
        # A license has rights to begin with, and those of one without units were all returned.
        purchased_rights=max(1, entry["units"]),
        purchased_on=date.fromisoformat(entry["purchased_on"]),
        serial_number=entry.get("serial") or "",
        **valid,
    )
    stored.licenses[entry["id"]] = license
    if entry["units"] == 0:
        with acting(stored.by, "Set up by a test"):
            PurchaseReturn.objects.create(
                company=license.company,
                entitlement=license,
                quantity=1,
                returned_on=stored.as_of - timedelta(days=1),
            )


def _store_position(stored: Stored, document: Document, entry: Document) -> None:
    ends_on = entry.get("ends_on")
    position = MaintenanceFactory(
        company=_company(stored, entry["company"]),
        model=_title(stored, entry["title"]),
        definition=_definition(stored, document, entry),
        purchased_rights=entry["quantity"],
        purchased_on=date.fromisoformat(entry["purchased_on"]),
        starts_on=date.fromisoformat(entry["starts_on"]),
        ends_on=date.fromisoformat(ends_on) if ends_on else None,
        serial_number=entry.get("serial") or "",
        may_be_matched=entry.get("may_be_matched") is not False,
        **_price(entry, "unit_cost"),
    )
    stored.positions[entry["id"]] = position
    if entry.get("returned"):
        earlier = ReturnFactory(
            definition=position.definition, model=position.model, quantity=entry["returned"]
        )
        _assign(stored, earlier, position, entry["returned"])


def _store_return(stored: Stored, document: Document, entry: Document) -> None:
    returned = ReturnFactory(
        definition=_definition(stored, document, entry),
        model=_title(stored, entry["title"]),
        quantity=entry["quantity"],
        returned_on=date.fromisoformat(entry["returned_on"]),
        **_price(entry, "unit_price"),
    )
    stored.returns[entry["id"]] = returned
    if entry.get("assigned"):
        # Of which positions does not matter: theirs are said with them.
        elsewhere = MaintenanceFactory(
            company=returned.company, definition=returned.definition, model=SoftwareModelFactory()
        )
        _assign(stored, returned, elsewhere, entry["assigned"])


def _price(entry: Document, column: str) -> Document:
    currency = entry.get("currency") or (NO_CURRENCY if entry.get("unit_price") else "")
    return {column: entry.get("unit_price"), "currency": currency}


def _assign(stored: Stored, returned: PurchaseReturn, position: Entitlement, units: int) -> None:
    with acting(stored.by, "Set up by a test"):
        ReturnAssignment.objects.create(
            company=position.company,
            purchase_return=returned,
            position=position,
            units=units,
            made_on=stored.as_of,
            made_in_run_id=0,
        )


def _store_allocation(stored: Stored, entry: Document) -> None:
    position = stored.positions[entry["position"]]
    with acting(stored.by, "Set up by a test"):
        stored.allocations[entry["id"]] = Allocation.objects.create(
            company=position.company,
            kind=position.kind,
            entitlement=position,
            license=stored.licenses[entry["license"]],
            quantity=entry["units"],
            basis=entry["basis"],
            made_on=date(2025, 1, 1),
            made_at="2025-01-01T00:00Z",
            made_by=stored.by,
        )


def _store_kept_apart(stored: Stored, entry: Document) -> None:
    position = stored.positions[entry["position"]]
    with acting(stored.by, "Set up by a test"):
        KeptApart.objects.create(
            company=position.company,
            position=position,
            license=stored.licenses[entry["license"]],
            reason="Set up by a test",
            parted_by=stored.by,
        )
