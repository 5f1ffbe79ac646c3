"""
The headers of files that people already have: our own template and other tools' exports.

Pure. Headers stand normalised (``headers.normalised``): small letters, single blanks. An empty
column name means: known, and not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from entitlements.workbook.columns import TEMPLATE_SHEETS, SheetKind, template_columns

NOT_READ = ""
REASON = "reason"  # what we add to refused rows, and skip when they come back
MARK = "refused as"  # what we add as well, and know them by
OURS = frozenset({REASON, MARK})


@dataclass(frozen=True, kw_only=True)
class Preset:
    """
    How one kind of sheet of one tool is read.

    :param headers: column name by header
    :param tells: the headers by which the sheet is known
    :param one_record_for: rows that are alike in these columns are one record, told again
    :param note: what the person should know about how it is read
    """

    name: str
    kind: SheetKind
    headers: Mapping[str, str]
    tells: frozenset[str]
    one_record_for: tuple[str, ...] = ()
    note: str = ""


OWN_TELLS = {
    SheetKind.CONTRACTS: frozenset({"contract number", "contract name"}),
    SheetKind.LICENSES: frozenset({"publisher", "product", "purchased rights"}),
    SheetKind.MAINTENANCE: frozenset({"entitlement definition", "quantity"}),
    SheetKind.PARTS: frozenset({"publisher part number", "publisher", "product"}),
    SheetKind.COMPONENTS: frozenset({"publisher part number", "publisher", "component"}),
}


def _own(kind: SheetKind) -> Preset:
    headers = {column.header.lower(): column.name for column in template_columns(kind)}
    return Preset(
        name="LCM template",
        kind=kind,
        headers=headers,
        tells=OWN_TELLS[kind],
    )


SERVICE_NOW = Preset(
    name="ServiceNow",
    kind=SheetKind.LICENSES,
    headers={
        "publisher part number": "part",
        "software model": "software_model",
        "publisher": "publisher",
        "product": "product",
        "version": "version",
        "edition": "edition",
        "platform": "platform",
        "language": "language",
        # Some sheets say Full or Upgrade here, others Perpetual or Subscription.
        "license type": "type_or_duration",
        "license duration": "duration",
        "metric group": "metric_group",
        "license metric": "metric",
        "rights per license pack": "rights_per_pack",
        "rights per pack": "rights_per_pack",
        "number of packs": "packs",
        "packs": "packs",
        "purchased rights": "purchased_rights",
        "agreement type": "agreement_type",
        "unit cost": "unit_cost",
        "purchase date": "purchased_on",
        "purchased on": "purchased_on",
        "start date": "starts_on",
        "end date": "ends_on",
        "cost center": "cost_centre",
        "company": "company",
        "department": "department",
        "location": "location",
        "owned by": "owner",
        "asset tag": "asset_tag",
        "license key": NOT_READ,
        "serial number": "serial_number",
        "invoice number": "invoice_number",
        "po number": "po_number",
        "contract number": "contract",
        "vendor": "seller",
        "gl account": NOT_READ,
        "product type": "product_type",
        "state": "state",
        "substate": "substate",
    },
    tells=frozenset({"license type", "license metric", "purchased rights", "unit cost"}),
    note="Perpetual and Subscription, which the sheet may call license type, become the duration."
    " License keys are not imported and not kept.",
)

SNIPE_IT = Preset(
    name="Snipe-IT",
    kind=SheetKind.LICENSES,
    headers={
        "full name": NOT_READ,
        "email": NOT_READ,
        "username": NOT_READ,
        "item name": "product",
        "serial number": "serial_number",
        "category": NOT_READ,
        "manufacturer": "publisher",
        "purchase date": "purchased_on",
        "purchase cost": "unit_cost",
        "purchase order": "po_number",
        "order number": NOT_READ,
        "licensed to name": NOT_READ,
        "licensed to email": NOT_READ,
        "expiration date": "ends_on",
        "maintained": NOT_READ,
        "reassignable": NOT_READ,
        "seats": "purchased_rights",
        "company": "company",
        "supplier": "seller",
        "notes": "notes",
    },
    tells=frozenset({"item name", "manufacturer", "seats"}),
    one_record_for=("product", "serial_number"),
    note="The file has a row for each seat: rows of one name and serial number are one license, and"
    " their seats are not added up. The cost is that of one seat. A license with an expiration date"
    " is a subscription from its purchase date on.",
)

OPTISAM_RIGHTS = Preset(
    name="OpTISAM acquired rights",
    kind=SheetKind.LICENSES,
    headers={
        "sku": "part",
        "product name": "product",
        "product version": "version",
        "product editor": "publisher",
        "metric": "metric",
        "licence type": "duration",
        "acquired licenses": "purchased_rights",
        "unit price": "unit_cost",
        "maintenance licences": "maintenance_rights",
        "maintenance unit price": "maintenance_unit_cost",
        "maintenance start": "maintenance_starts_on",
        "maintenance end": "maintenance_ends_on",
        "last po": "po_number",
        "support number": NOT_READ,
        "maintenance provider": "maintenance_seller",
        "software provider": "seller",
        "ordering date": "purchased_on",
        "csc": NOT_READ,
    },
    tells=frozenset({"sku", "product editor", "acquired licenses"}),
    note="A row becomes a license and, where it has maintenance, a maintenance position as well.",
)

OPTISAM_PRODUCTS = Preset(
    name="OpTISAM products",
    kind=SheetKind.MODELS,
    headers={
        "product name": "product",
        "product version": "version",
        "product editor": "publisher",
        "host id": NOT_READ,
        "allocated metric": NOT_READ,
        "allocated users": NOT_READ,
    },
    tells=frozenset({"product name", "product editor", "host id"}),
    note="Missing software models are made. Hosts and allocations are not entitlements.",
)

PRESETS = (
    *(_own(kind) for kind in TEMPLATE_SHEETS),
    SERVICE_NOW,
    SNIPE_IT,
    OPTISAM_RIGHTS,
    OPTISAM_PRODUCTS,
)

# Further names by which people call our columns: only to guess on the mapping page.
SYNONYMS: dict[SheetKind, dict[str, str]] = {
    SheetKind.CONTRACTS: {
        "contract no": "number",
        "contract no.": "number",
        "number": "number",
        "name": "name",
        "title": "name",
        "type": "type",
        "supplier": "vendor",
        "publisher": "vendor",
        "start date": "starts_on",
        "start": "starts_on",
        "end date": "ends_on",
        "end": "ends_on",
        "expiry date": "ends_on",
        "value": "value",
        "amount": "value",
        "currency code": "currency",
        "owner": "business_owner",
        "comments": "notes",
    },
    SheetKind.LICENSES: {
        "manufacturer": "publisher",
        "product name": "product",
        "application name": "product",
        "software": "product",
        "sku": "part",
        "part number": "part",
        "application part number": "part",
        "quantity": "purchased_rights",
        "rights": "purchased_rights",
        "metric": "metric",
        "purchase date": "purchased_on",
        "order date": "purchased_on",
        "expiration date": "ends_on",
        "expiry date": "ends_on",
        "price": "unit_cost",
        "unit price": "unit_cost",
        "cost": "unit_cost",
        "currency code": "currency",
        "supplier": "seller",
        "reseller": "seller",
        "legal organisation": "company",
        "contract": "contract",
        "owner": "owner",
        "cost center": "cost_centre",
        "comments": "notes",
        "serial": "serial_number",
    },
    SheetKind.MAINTENANCE: {
        "definition": "definition",
        "maintenance": "definition",
        "maintenance type": "definition",
        "maintenance start": "starts_on",
        "maintenance end": "ends_on",
        "rights": "purchased_rights",
        "units": "purchased_rights",
    },
    SheetKind.PARTS: {
        "sku": "part",
        "part number": "part",
        "manufacturer": "publisher",
        "product name": "product",
    },
    SheetKind.COMPONENTS: {"sku": "part", "part number": "part"},
    SheetKind.MODELS: {"product name": "product", "manufacturer": "publisher"},
}
