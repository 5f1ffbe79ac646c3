"""
The columns of the three sheets: what they are called, what they hold, which values they allow.

Pure: the template, the mapping page, the reader and the export all follow these definitions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from contracts.dates import ContractStatus
from contracts.models.catalogue import ProductType
from contracts.renewal import LengthUnit, Renewal
from entitlements.states import State, Substate


class SheetKind(StrEnum):
    """What a sheet of a workbook lists."""

    CONTRACTS = "contracts"
    LICENSES = "licenses"
    MAINTENANCE = "maintenance"
    PARTS = "parts"
    COMPONENTS = "components"
    MODELS = "models"  # in no template of ours, but in what other tools export

    @property
    def label(self) -> str:
        return _LABELS.get(self, self.value.capitalize())


_LABELS = {
    SheetKind.PARTS: "Part numbers",
    SheetKind.COMPONENTS: "Suite components",
    SheetKind.MODELS: "Software models",
}


class Holds(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    DAY = "a date"
    COUNT = "a whole number"
    AMOUNT = "an amount of money"
    CURRENCY = "a currency"
    YES_NO = "yes or no"
    CHOICE = "one of the allowed values"
    TAGS = "tags"
    MARK = "the mark of a refused row"


@dataclass(frozen=True, kw_only=True)
class Column:
    """
    One column.

    :param name: the name of its value in a staged row
    :param longest: the most characters of a text
    :param options: label by code, of a choice
    :param decimals: of an amount
    :param currency: the name of the column that holds an amount's currency
    :param in_template: false for columns that are only read where another tool has them
    :param needed: a row that makes a new record has to fill it
    """

    name: str
    header: str
    explanation: str
    holds: Holds = Holds.TEXT
    longest: int = 200
    options: Mapping[str, str] = field(default_factory=dict)
    decimals: int = 4
    currency: str = ""
    in_template: bool = True
    needed: bool = False


LICENSE_TYPES = {"full": "Full", "upgrade": "Upgrade"}
DURATIONS = {"perpetual": "Perpetual", "subscription": "Subscription"}

_COMPANY = Column(
    name="company",
    header="Company",
    explanation="Name or short code. May stay empty: an import is of one company.",
)
_REFUSED_AS = Column(
    name="refused_as",
    header="Refused as",
    explanation="Which refused row this is. Leave it as LCM wrote it.",
    holds=Holds.MARK,
    in_template=False,
)
_NOTES = Column(name="notes", header="Notes", explanation="Anything worth keeping.", longest=32_000)
_PO_NUMBER = Column(
    name="po_number", header="PO number", explanation="Of the purchase order.", longest=100
)
_INVOICE = Column(
    name="invoice_number", header="Invoice number", explanation="Of the invoice.", longest=100
)

CONTRACT_COLUMNS = (
    _COMPANY,
    Column(
        name="number",
        header="Contract number",
        explanation="Tells contracts of the company apart. A known number changes that contract.",
        longest=100,
        needed=True,
    ),
    Column(
        name="name",
        header="Contract name",
        explanation="What people call it.",
        longest=300,
        needed=True,
    ),
    Column(
        name="type",
        header="Contract type",
        explanation="One of the contract types.",
        longest=100,
        needed=True,
    ),
    Column(name="vendor", header="Vendor", explanation="With whom it was made.", needed=True),
    Column(name="reseller", header="Reseller", explanation="Through whom it was bought, if any."),
    Column(
        name="parent",
        header="Parent contract",
        explanation="Number of the contract it belongs under, in this file or known.",
        longest=100,
    ),
    Column(name="legal_entity", header="Legal entity", explanation="Who signed it on our side."),
    Column(
        name="purchased_on",
        header="Purchased on",
        explanation="Date like 2026-01-31.",
        holds=Holds.DAY,
    ),
    Column(
        name="value",
        header="Contract value",
        explanation="Amount like 1200.50 or EUR;1200.50.",
        holds=Holds.AMOUNT,
        decimals=2,
        currency="currency",
    ),
    Column(
        name="currency",
        header="Currency",
        explanation="Code like EUR.",
        holds=Holds.CURRENCY,
    ),
    _PO_NUMBER,
    _INVOICE,
    Column(
        name="business_owner",
        header="Business owner",
        explanation="E-mail address or name of a known person.",
    ),
    Column(
        name="status",
        header="Status by hand",
        explanation="Empty: the dates decide.",
        holds=Holds.CHOICE,
        options=dict(ContractStatus.choices),
    ),
    Column(
        name="starts_on",
        header="Term start",
        explanation="First day of the latest term. Later than the known one: a renewal.",
        holds=Holds.DAY,
    ),
    Column(
        name="ends_on",
        header="Term end",
        explanation="Last day of that term, which still counts. Empty: endless.",
        holds=Holds.DAY,
    ),
    Column(
        name="term_value",
        header="Term value",
        explanation="Amount of that term.",
        holds=Holds.AMOUNT,
        decimals=2,
        currency="term_currency",
    ),
    Column(
        name="term_currency",
        header="Term currency",
        explanation="Code like EUR.",
        holds=Holds.CURRENCY,
    ),
    Column(
        name="notice_length",
        header="Notice period",
        explanation="How long before the term's end notice has to be given.",
        holds=Holds.COUNT,
    ),
    Column(
        name="notice_unit",
        header="Notice period in",
        explanation="Days or months. Empty: days.",
        holds=Holds.CHOICE,
        options=dict(LengthUnit.choices),
    ),
    Column(
        name="renewal",
        header="Renewal",
        explanation="What happens at the term's end. Of a later term, empty: as before.",
        holds=Holds.CHOICE,
        options=dict(Renewal.choices),
    ),
    Column(
        name="renewal_length",
        header="Renews for",
        explanation="How long the next term is. Empty: as long as this one.",
        holds=Holds.COUNT,
    ),
    Column(
        name="renewal_unit",
        header="Renews for a number of",
        explanation="Days or months. Empty: months.",
        holds=Holds.CHOICE,
        options=dict(LengthUnit.choices),
    ),
    Column(
        name="anchor_day",
        header="Anchor day",
        explanation="Day of the month, 1 to 31, on which later terms begin. Empty: after the end.",
        holds=Holds.COUNT,
    ),
    _NOTES,
    _REFUSED_AS,
)

_MODEL_COLUMNS = (
    Column(
        name="part",
        header="Publisher part number",
        explanation="What was ordered. A known one fills in the software model.",
        longest=100,
    ),
    Column(name="publisher", header="Publisher", explanation="Whose software it is.", needed=True),
    Column(name="product", header="Product", explanation="Without version.", needed=True),
    Column(name="version", header="Version", explanation="Empty: any.", longest=100),
    Column(name="edition", header="Edition", explanation="Empty: any.", longest=100),
    Column(name="platform", header="Platform", explanation="Empty: any.", longest=100),
    Column(name="language", header="Language", explanation="Empty: any.", longest=100),
    Column(
        name="software_model",
        header="Software model",
        explanation="Its whole name, with or without the publisher's.",
        longest=600,
        in_template=False,
    ),
)
_PRODUCT_TYPE = Column(
    name="product_type",
    header="Product type",
    explanation="Of the software model. Empty: Licensable.",
    holds=Holds.CHOICE,
    options=dict(ProductType.choices),
)
_ASSET_TAG = Column(
    name="asset_tag",
    header="Asset tag",
    explanation="Your own number for it. A known one changes that entitlement.",
    longest=100,
)
_PURCHASED_ON = Column(
    name="purchased_on",
    header="Purchased on",
    explanation="Date like 2026-01-31.",
    holds=Holds.DAY,
    needed=True,
)
_PACKS = (
    Column(
        name="rights_per_pack",
        header="Rights per pack",
        explanation="Only where packs were bought.",
        holds=Holds.COUNT,
    ),
    Column(
        name="packs",
        header="Packs",
        explanation="How many packs. Rights per pack × packs are the rights.",
        holds=Holds.COUNT,
    ),
)
_SERIAL = Column(
    name="serial_number",
    header="Serial number",
    explanation="Licenses that share it are a group; maintenance with it covers them first.",
)
_COST = (
    Column(
        name="unit_cost",
        header="Unit cost",
        explanation="For one right: 40.00 or EUR;40.00.",
        holds=Holds.AMOUNT,
        currency="currency",
    ),
    Column(name="currency", header="Currency", explanation="Code like EUR.", holds=Holds.CURRENCY),
    Column(name="seller", header="Vendor", explanation="Who sold it."),
    _PO_NUMBER,
    _INVOICE,
)
_BELONGS_TO = (
    Column(
        name="contract",
        header="Contract number",
        explanation="Of a contract in this file or a known one.",
        longest=100,
    ),
    Column(
        name="owner",
        header="Owned by person",
        explanation="E-mail address or name of a known person.",
    ),
    Column(
        name="owning_department",
        header="Owned by department",
        explanation="Where a department owns it rather than a person.",
    ),
    Column(name="department", header="Department", explanation="Of the person who uses it."),
    Column(name="location", header="Location", explanation="Where it is used."),
    Column(name="cost_centre", header="Cost centre", explanation="Who pays."),
    Column(
        name="tags",
        header="Tags",
        explanation="Short words with ; between them, like Berlin; audit.",
        holds=Holds.TAGS,
    ),
    _NOTES,
)
_STATE = (
    Column(
        name="state",
        header="State by hand",
        explanation="Empty: the dates decide. Else the latest that was set.",
        holds=Holds.CHOICE,
        options=dict(State.choices),
    ),
    Column(
        name="substate",
        header="Substate",
        explanation="One of the state's, like Sold of Retired.",
        holds=Holds.CHOICE,
        options=dict(Substate.choices),
    ),
    Column(
        name="state_from",
        header="State from",
        explanation="First day of that state. Empty: as before, else the purchase day.",
        holds=Holds.DAY,
    ),
    Column(
        name="state_until",
        header="State until",
        explanation="Last day of that state, which still counts. Empty: until it is set back.",
        holds=Holds.DAY,
    ),
)
# Tools that keep a license and its maintenance in one row: they become two records.
_MAINTENANCE_WITH_IT = (
    Column(
        name="maintenance_rights",
        header="Maintenance: quantity",
        explanation="Rights with maintenance.",
        holds=Holds.COUNT,
        in_template=False,
    ),
    Column(
        name="maintenance_definition",
        header="Maintenance: definition",
        explanation="Entitlement definition of the maintenance.",
        in_template=False,
    ),
    Column(
        name="maintenance_unit_cost",
        header="Maintenance: unit cost",
        explanation="For one right.",
        holds=Holds.AMOUNT,
        currency="currency",
        in_template=False,
    ),
    Column(
        name="maintenance_starts_on",
        header="Maintenance: start",
        explanation="First day.",
        holds=Holds.DAY,
        in_template=False,
    ),
    Column(
        name="maintenance_ends_on",
        header="Maintenance: end",
        explanation="Last day.",
        holds=Holds.DAY,
        in_template=False,
    ),
    Column(
        name="maintenance_seller",
        header="Maintenance: vendor",
        explanation="Who sold the maintenance.",
        in_template=False,
    ),
)

LICENSE_COLUMNS = (
    _COMPANY,
    _ASSET_TAG,
    *_MODEL_COLUMNS,
    _PRODUCT_TYPE,
    Column(
        name="license_type",
        header="License type",
        explanation="Full, or Upgrade of earlier rights. Empty: Full.",
        holds=Holds.CHOICE,
        options=LICENSE_TYPES,
    ),
    Column(
        name="duration",
        header="Duration",
        explanation="Perpetual or Subscription. Empty: Perpetual.",
        holds=Holds.CHOICE,
        options=DURATIONS,
    ),
    Column(
        name="starts_on",
        header="Start",
        explanation="First day. A subscription needs it.",
        holds=Holds.DAY,
    ),
    Column(
        name="ends_on",
        header="End",
        explanation="Last day of a subscription, which still counts. Empty: endless.",
        holds=Holds.DAY,
    ),
    _PURCHASED_ON,
    Column(
        name="metric_group",
        header="Metric group",
        explanation="Empty: the publisher's own, else Common.",
        longest=50,
    ),
    Column(
        name="metric",
        header="License metric",
        explanation="What is counted; one of the group's.",
        longest=100,
    ),
    Column(
        name="agreement_type",
        header="Agreement type",
        explanation="One of the group's, by code or name.",
        longest=100,
    ),
    Column(
        name="database_option",
        header="Database option",
        explanation="Only for Oracle database options.",
    ),
    *_PACKS,
    Column(
        name="purchased_rights",
        header="Purchased rights",
        explanation="A whole number above 0. May stay empty where packs are given.",
        holds=Holds.COUNT,
        needed=True,
    ),
    Column(
        name="is_unlimited",
        header="Unlimited",
        explanation="Yes where the number of rights has no limit. Empty: no.",
        holds=Holds.YES_NO,
    ),
    _SERIAL,
    Column(
        name="license_number",
        header="License number",
        explanation="Number in the group of its serial number, from 0.",
        holds=Holds.COUNT,
    ),
    *_COST,
    *_STATE,
    *_BELONGS_TO,
    *_MAINTENANCE_WITH_IT,
    Column(
        name="type_or_duration",
        header="License type or duration",
        explanation="Full, Upgrade, Perpetual or Subscription: each goes where it belongs.",
        holds=Holds.CHOICE,
        options=LICENSE_TYPES | DURATIONS,
        in_template=False,
    ),
    _REFUSED_AS,
)

MAINTENANCE_COLUMNS = (
    _COMPANY,
    _ASSET_TAG,
    Column(
        name="definition",
        header="Entitlement definition",
        explanation="Which kind of maintenance it is.",
        needed=True,
    ),
    *_MODEL_COLUMNS,
    _PRODUCT_TYPE,
    Column(
        name="starts_on",
        header="Start",
        explanation="First day.",
        holds=Holds.DAY,
        needed=True,
    ),
    Column(
        name="ends_on",
        header="End",
        explanation="Last day, which still counts. Empty: endless.",
        holds=Holds.DAY,
    ),
    Column(
        name="purchased_on",
        header="Purchased on",
        explanation="Date like 2026-01-31. Of a return: the day it was given back.",
        holds=Holds.DAY,
        needed=True,
    ),
    *_PACKS,
    Column(
        name="purchased_rights",
        header="Quantity",
        explanation="Units bought. Negative, here or in the unit cost: a return of so many.",
        holds=Holds.COUNT,
        needed=True,
    ),
    _SERIAL,
    Column(
        name="may_be_matched",
        header="May be matched",
        explanation="No: consolidate gives it no serial number of a license. Empty: yes.",
        holds=Holds.YES_NO,
    ),
    *_COST,
    *_STATE,
    *_BELONGS_TO,
    _REFUSED_AS,
)

_PART = Column(
    name="part",
    header="Publisher part number",
    explanation="What is ordered. A known one of the publisher is not entered twice.",
    longest=100,
    needed=True,
)
PART_COLUMNS = (
    _PART,
    Column(name="publisher", header="Publisher", explanation="Who sells it.", needed=True),
    Column(
        name="description",
        header="Description",
        explanation="What the publisher calls it.",
        longest=300,
    ),
    *_MODEL_COLUMNS[2:7],
    _PRODUCT_TYPE,
    Column(
        name="license_type",
        header="License type",
        explanation="Full, or Upgrade of earlier rights. Empty: Full.",
        holds=Holds.CHOICE,
        options=LICENSE_TYPES,
    ),
    Column(
        name="metric_group",
        header="Metric group",
        explanation="Empty: Common.",
        longest=50,
    ),
    Column(
        name="metric",
        header="License metric",
        explanation="What its rights count; one of the group's.",
        longest=100,
    ),
    Column(
        name="rights_per_pack",
        header="Rights per pack",
        explanation="How many rights one of it grants. Empty: 1.",
        holds=Holds.COUNT,
    ),
    Column(
        name="is_suite",
        header="Suite",
        explanation="Yes where it holds the components of the sheet Suite components.",
        holds=Holds.YES_NO,
    ),
    Column(
        name="is_example",
        header="Example",
        explanation="Yes where it is made up.",
        holds=Holds.YES_NO,
    ),
    Column(
        name="source",
        header="Source",
        explanation="Where the publisher says so: an address.",
        longest=1_000,
    ),
    Column(
        name="as_of",
        header="Source as of",
        explanation="Date like 2026-01-31.",
        holds=Holds.DAY,
    ),
    _REFUSED_AS,
)
COMPONENT_COLUMNS = (
    _PART,
    Column(name="publisher", header="Publisher", explanation="Who sells the suite.", needed=True),
    Column(
        name="component",
        header="Component",
        explanation="Product that the suite holds, without version.",
        needed=True,
    ),
    Column(
        name="component_publisher",
        header="Component publisher",
        explanation="Empty: the suite's own.",
    ),
    Column(
        name="component_version",
        header="Component version",
        explanation="Empty: any.",
        longest=100,
    ),
    Column(
        name="component_edition",
        header="Component edition",
        explanation="Empty: any.",
        longest=100,
    ),
    _REFUSED_AS,
)

COLUMNS: dict[SheetKind, tuple[Column, ...]] = {
    SheetKind.CONTRACTS: CONTRACT_COLUMNS,
    SheetKind.LICENSES: LICENSE_COLUMNS,
    SheetKind.MAINTENANCE: MAINTENANCE_COLUMNS,
    SheetKind.PARTS: PART_COLUMNS,
    SheetKind.COMPONENTS: COMPONENT_COLUMNS,
    SheetKind.MODELS: (_COMPANY, *_MODEL_COLUMNS[1:-1], _REFUSED_AS),
}
# What the name of a software model in one cell is taken apart into; it stands in no header.
NAMED_IN_ONE = ("named_publisher", "named_product", "named_version")
OWN_SHEETS = (SheetKind.CONTRACTS, SheetKind.LICENSES, SheetKind.MAINTENANCE)
# What all companies share stands in the template beside what is a company's own.
TEMPLATE_SHEETS = (*OWN_SHEETS, SheetKind.PARTS, SheetKind.COMPONENTS)


def template_columns(kind: SheetKind) -> tuple[Column, ...]:
    """The columns of a sheet as the template and the export have them."""
    return tuple(column for column in COLUMNS[kind] if column.in_template)


def columns_by_name(kind: SheetKind) -> dict[str, Column]:
    return {column.name: column for column in COLUMNS[kind]}


def all_columns() -> Iterator[Column]:
    """Every column once, whatever sheet it is on. Columns of one name hold the same everywhere."""
    seen: dict[str, Column] = {}
    for columns in COLUMNS.values():
        for column in columns:
            seen.setdefault(column.name, column)
    yield from seen.values()
