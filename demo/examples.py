"""
The examples of the three documents the system follows, by name.

- *Linking entitlements to deployments*: 90 rights of M365 E5 in a Microsoft contract.
- *Add a software entitlement*: rights of Office Professional Plus 2013 upgraded to 2016, with the
  downgrade right back to 2013; a database option of the Oracle DB Server, which is a separate
  entitlement; an unlimited agreement; a license that was sold.
- *Allocating entitlements to licenses*: two units on a license of two units, one of them returned,
  which swings the position from over- to under-allocated (AutoCAD LT); a serial number that
  displaces other cover, which moves on (Visio Standard); a renewal that stands beside what it
  renewed (Project Standard); maintenance bought after its licenses on a separate transaction,
  matched to their serial number (Fusion Pro).

All are the first company's. Their titles are bought by nobody else, so that each shows just what
its document says.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Company
from contracts.models import (
    Contract,
    ContractTerm,
    ContractType,
    LengthUnit,
    Renewal,
    Vendor,
)
from demo.titles import Title
from entitlements.models import (
    AgreementType,
    DowngradeRight,
    Duration,
    Entitlement,
    EntitlementDefinition,
    Kind,
    LicenseType,
    PurchaseReturn,
    StatePeriod,
    UpgradedEntitlement,
)
from entitlements.states import State, Substate

YEAR = timedelta(days=365)
CURRENCY = "CHF"


class Examples:
    """Makes the examples for a company; days are counted back from ``today``."""

    def __init__(
        self,
        company: Company,
        definition: EntitlementDefinition,
        titles: dict[str, Title],
        today: date,
    ) -> None:
        self.company = company
        self.definition = definition
        self.titles = titles
        self.today = today

    def make(self, microsoft: Vendor) -> None:
        self._link_to_deployments(microsoft)
        self._upgrade_and_downgrade()
        self._database_option()
        self._swing_by_a_return()
        self._displace_by_serial()
        self._renew()
        self._match_to_a_group()

    def _link_to_deployments(self, microsoft: Vendor) -> None:
        contract = Contract.objects.create(
            company=self.company,
            number="MS-EA-2026",
            name="Microsoft Enterprise Agreement",
            type=ContractType.objects.get(name="Subscription"),
            vendor=microsoft,
            value=Decimal(55_800),
            currency=CURRENCY,
        )
        starts_on = self._ago(300)
        ends_on = starts_on + 3 * YEAR
        ContractTerm.objects.create(
            company=self.company,
            contract=contract,
            starts_on=starts_on,
            ends_on=ends_on,
            value=Decimal(55_800),
            currency=CURRENCY,
            notice_length=3,
            notice_unit=LengthUnit.MONTHS,
            renewal=Renewal.AUTOMATIC,
            renewal_length=12,
        )
        self._license(
            "M365 E5",
            90,
            days_ago=300,
            asset_tag="M365-E5",
            contract=contract,
            duration=Duration.SUBSCRIPTION,
            starts_on=starts_on,
            ends_on=ends_on,
        )

    def _upgrade_and_downgrade(self) -> None:
        source = self._license(
            "Office Professional Plus 2013", 50, days_ago=1200, asset_tag="OPP-13"
        )
        target = self._license(
            "Office Professional Plus 2016",
            30,
            days_ago=600,
            asset_tag="OPP-16",
            license_type=LicenseType.UPGRADE,
        )
        UpgradedEntitlement.objects.create(
            company=self.company,
            target=target,
            source=source,
            rights=30,
            effective_on=target.purchased_on,
        )
        DowngradeRight.objects.create(
            company=self.company,
            entitlement=target,
            model=source.model,
            order=1,
            starts_on=target.purchased_on,
        )

    def _database_option(self) -> None:
        server = "DB Server 19c Enterprise"
        self._license(server, 8, days_ago=900, asset_tag="ORA-DB")
        self._license(server, 8, days_ago=900, asset_tag="ORA-PART", database_option="Partitioning")
        self._license(
            server,
            None,
            days_ago=250,
            asset_tag="ORA-ULA",
            agreement_type=AgreementType.objects.get(group__name="Oracle", code="ULA"),
            is_unlimited=True,
        )
        sold = self._license(server, 2, days_ago=1100, asset_tag="ORA-OLD")
        StatePeriod.objects.create(
            company=self.company,
            entitlement=sold,
            state=State.RETIRED,
            substate=Substate.SOLD,
            from_on=self._ago(400),
        )

    def _swing_by_a_return(self) -> None:
        self._license("AutoCAD LT 2024", 2, days_ago=500, asset_tag="ACAD-LT")
        position = self._position("AutoCAD LT 2024", 2, days_ago=200, asset_tag="ACAD-LT-SA")
        PurchaseReturn.objects.create(
            company=self.company,
            definition=self.definition,
            model=position.model,
            quantity=1,
            returned_on=self._ago(45),
            unit_price=position.unit_cost,
            currency=CURRENCY,
            notes="One unit of two given back.",
        )

    def _displace_by_serial(self) -> None:
        title = "Visio Standard 2021"
        self._license(title, 1, days_ago=500, asset_tag="VISIO-1", serial_number="S-1009")
        self._license(title, 1, days_ago=400, asset_tag="VISIO-2")
        self._position(title, 1, days_ago=150, asset_tag="VISIO-SA-1")
        self._position(title, 1, days_ago=75, asset_tag="VISIO-SA-2", serial_number="S-1009")

    def _renew(self) -> None:
        title = "Project Standard 2021"
        self._license(title, 3, days_ago=700, asset_tag="PROJ-STD")
        self._position(title, 3, days_ago=380, asset_tag="PROJ-SA-1", starts_on=self._ago(380))
        self._position(title, 3, days_ago=40, asset_tag="PROJ-SA-2", starts_on=self._ago(15))

    def _match_to_a_group(self) -> None:
        title = "Fusion Pro 13"
        for number, units in enumerate((2, 3)):
            self._license(
                title,
                units,
                days_ago=320,
                asset_tag=f"FUSION-{number + 1}",
                serial_number="S-2040",
                license_number=number,
            )
        self._position(title, 5, days_ago=300, asset_tag="FUSION-SA")

    def _license(
        self, title: str, rights: int | None, *, days_ago: int, **fields: Any
    ) -> Entitlement:
        of = self.titles[title]
        return Entitlement.objects.create(
            **{
                "company": self.company,
                "kind": Kind.LICENSE,
                "model": of.model,
                "license_type": LicenseType.FULL,
                "duration": Duration.PERPETUAL,
                "metric": of.metric,
                "agreement_type": of.agreement_type,
                "purchased_rights": rights,
                "purchased_on": self._ago(days_ago),
                "unit_cost": Decimal(of.sold.price),
                "currency": CURRENCY,
                **fields,
            }
        )

    def _position(self, title: str, units: int, *, days_ago: int, **fields: Any) -> Entitlement:
        of = self.titles[title]
        starts_on = fields.pop("starts_on", self._ago(days_ago))
        return Entitlement.objects.create(
            company=self.company,
            kind=Kind.MAINTENANCE,
            definition=self.definition,
            model=of.model,
            purchased_rights=units,
            purchased_on=self._ago(days_ago),
            starts_on=starts_on,
            ends_on=starts_on + YEAR - timedelta(days=1),
            unit_cost=Decimal(of.sold.price) * Decimal("0.2"),
            currency=CURRENCY,
            **fields,
        )

    def _ago(self, days: int) -> date:
        return self.today - timedelta(days=days)
