"""Vendors, their products and software models, and the contracts under which they are used."""

from contracts.models.catalogue import (
    DiscoveryMap,
    Product,
    ProductType,
    SoftwareModel,
    Vendor,
)
from contracts.models.contract import (
    ENDLESS,
    Contract,
    ContractDocument,
    ContractQuerySet,
    ContractTerm,
    ContractType,
    LengthUnit,
    Renewal,
)
from contracts.models.reminders import (
    CalendarKey,
    RemindedMember,
    Reminder,
    SentReminder,
)

__all__ = [
    "ENDLESS",
    "CalendarKey",
    "Contract",
    "ContractDocument",
    "ContractQuerySet",
    "ContractTerm",
    "ContractType",
    "DiscoveryMap",
    "LengthUnit",
    "Product",
    "ProductType",
    "RemindedMember",
    "Reminder",
    "Renewal",
    "SentReminder",
    "SoftwareModel",
    "Vendor",
]
