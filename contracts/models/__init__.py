"""Vendors, their products and software models, and the contracts under which they are used."""

from contracts.models.catalogue import (
    DiscoveryMap,
    Product,
    ProductType,
    SoftwareModel,
    SuitePart,
    Vendor,
)
from contracts.models.contract import (
    Contract,
    ContractDocument,
    ContractQuerySet,
    ContractTerm,
    ContractType,
)
from contracts.models.reminders import (
    CalendarKey,
    RemindedMember,
    Reminder,
    SentReminder,
)
from contracts.renewal import ENDLESS, LengthUnit, Renewal

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
    "SuitePart",
    "Vendor",
]
