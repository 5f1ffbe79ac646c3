"""
Units given back to vendors: of a license, whose rights they lower at once, and of maintenance.

Rules: the specification's section *Returns*, and the decision *Returns and serials*.
"""

from datetime import date
from decimal import Decimal

from accounts.models import Company, User
from common.acting import acting
from common.locks import hold_shared
from common.shown import day_text
from contracts.models import SoftwareModel
from entitlements.models import (
    Entitlement,
    EntitlementDefinition,
    Kind,
    PurchaseReturn,
    ReturnAssignment,
)
from entitlements.queries import taken_from, with_rights, with_state
from entitlements.rights import fewest_rights_left
from entitlements.services.rights import RightsRefused, demand_reason, lock_in_order
from entitlements.signals import rights_changed
from entitlements.states import State


class ReturnRefused(RightsRefused):
    """Units cannot be returned so; the message says why, with the figures."""


def add_return(
    *,
    license: Entitlement,
    quantity: int,
    day: date,
    unit_price: Decimal | None,
    currency: str,
    by: User,
    notes: str = "",
    reason: str = "",
) -> PurchaseReturn:
    """
    Return rights of a license: they count no more from the day on.

    :param unit_price: what came back for each; None: nothing is said of it
    :raises ReturnRefused: for more than the active rights of that day or of any after it
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    if license.kind != Kind.LICENSE:
        raise ReturnRefused(f"{license} is maintenance: return it by definition and model.")
    _demand_quantity(quantity)
    _demand_price(unit_price, currency)
    with acting(by, reason or "Return entered by hand"):
        hold_shared(license.company_id)
        lock_in_order(license)
        _demand_active_rights(license.pk, quantity, day)
        returned = PurchaseReturn.objects.create(
            company_id=license.company_id,
            entitlement=license,
            quantity=quantity,
            returned_on=day,
            unit_price=unit_price,
            currency=currency,
            notes=notes,
        )
        _announce(returned)
    return returned


def add_maintenance_return(
    *,
    company: Company,
    definition: EntitlementDefinition,
    model: SoftwareModel,
    quantity: int,
    day: date,
    unit_price: Decimal | None,
    currency: str,
    by: User,
    notes: str = "",
    reason: str = "",
) -> PurchaseReturn:
    """
    Return units of maintenance. The next run of consolidate takes them from positions.

    :param unit_price: positions of this price and currency are taken first
    :raises ReturnRefused: for a quantity or price that is none
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    _demand_quantity(quantity)
    _demand_price(unit_price, currency)
    if definition.company_id != company.pk:
        raise ReturnRefused(
            f"{definition} is a definition of {definition.company}, not of {company}.",
            field="definition",
        )
    with acting(by, reason or "Return entered by hand"):
        hold_shared(company.pk)
        return PurchaseReturn.objects.create(
            company=company,
            definition=definition,
            model=model,
            quantity=quantity,
            returned_on=day,
            unit_price=unit_price,
            currency=currency,
            notes=notes,
        )


def change_maintenance_return(
    *,
    returned: PurchaseReturn,
    quantity: int,
    day: date,
    unit_price: Decimal | None,
    currency: str,
    notes: str,
    by: User,
    reason: str,
) -> None:
    """
    Correct a return of maintenance of which no run has taken units yet.

    :raises ReturnRefused: where units are assigned, or it was taken back
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    demand_reason(reason)
    _demand_quantity(quantity)
    _demand_price(unit_price, currency)
    with acting(by, reason):
        hold_shared(returned.company_id)
        row = _standing(returned)
        if row.entitlement_id is not None:
            raise ReturnRefused("A return of a license is taken back and entered anew.")
        if units := _assigned_units(row):
            raise ReturnRefused(
                f"{units:,} of its {row.quantity:,} units are taken from positions. Give them back"
                " to those first."
            )
        row.quantity, row.returned_on, row.notes = quantity, day, notes
        row.unit_price, row.currency = unit_price, currency
        row.save(update_fields=["quantity", "returned_on", "unit_price", "currency", "notes"])


def end_return_assignments(
    *, purchase_return: PurchaseReturn, day: date, by: User, reason: str
) -> int:
    """
    Give the units that a return took back to their positions; the return is pending again.

    :param day: the first day on which they count there again
    :returns: how many units that were
    :raises ReturnRefused: if there are none, or one was taken after that day
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    demand_reason(reason)
    with acting(by, f"Return corrected: {reason}"):
        hold_shared(purchase_return.company_id)
        units = _end_assignments(purchase_return, day)
        if not units:
            raise ReturnRefused(f"{purchase_return}: none of its units are assigned.")
    return units


def take_back_return(*, returned: PurchaseReturn, day: date, by: User, reason: str) -> int:
    """
    Take a return back: its units count again, those of maintenance at the positions they left.

    :param day: the first day on which they do; the day of the return: it never was
    :returns: how many units go back to positions of maintenance
    :raises ReturnRefused: where it was taken back before, or the day is before it
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    demand_reason(reason)
    with acting(by, f"Return taken back: {reason}"):
        hold_shared(returned.company_id)
        row = _standing(returned)
        if day < row.returned_on:
            raise ReturnRefused(
                f"The units were returned on {day_text(row.returned_on)}: they cannot count again"
                f" on {day_text(day)}, before that.",
                field="day",
            )
        units = _end_assignments(row, day)
        row.ended_on = day
        row.save(update_fields=["ended_on"])
        if row.entitlement_id is not None:
            _announce(row)
    return units


def _standing(returned: PurchaseReturn) -> PurchaseReturn:
    row = PurchaseReturn.objects.select_for_update().get(pk=returned.pk)
    if row.ended_on is not None:
        raise ReturnRefused(f"The return was taken back on {day_text(row.ended_on)} already.")
    return row


def _end_assignments(returned: PurchaseReturn, day: date) -> int:
    live = ReturnAssignment.objects.filter(purchase_return=returned, ended_on=None)
    rows = list(live.select_for_update().order_by("pk"))
    if (last := max((row.made_on for row in rows), default=day)) > day:
        raise ReturnRefused(
            f"Consolidate took units from positions on {day_text(last)}: they cannot count there"
            f" again on {day_text(day)}, before that.",
            field="day",
        )
    live.update(ended_on=day)
    return sum(row.units for row in rows)


def _assigned_units(returned: PurchaseReturn) -> int:
    live = ReturnAssignment.objects.filter(purchase_return=returned, ended_on=None)
    return sum(live.values_list("units", flat=True))


def _announce(returned: PurchaseReturn) -> None:
    rights_changed.send(
        PurchaseReturn, company_id=returned.company_id, license_ids=[returned.entitlement_id]
    )


# --- Rules ---


def _demand_quantity(quantity: int) -> None:
    if quantity < 1:
        raise ReturnRefused(f"{quantity} is no quantity. Give 1 or more.", field="quantity")


def _demand_price(unit_price: Decimal | None, currency: str) -> None:
    if unit_price is None:
        return
    if unit_price < 0:
        raise ReturnRefused(
            f"{unit_price} is no price. Give what came back for each, as 12.50.", field="unit_price"
        )
    if not currency:
        raise ReturnRefused("Say in which currency the price is, as EUR or USD.", field="currency")


def _demand_active_rights(license_id: int, quantity: int, day: date) -> None:
    """Refuse more than is active on the day, or is left on any day after it."""
    stated = with_state(Entitlement.objects.filter(pk=license_id), day)
    license = with_rights(stated, day).select_related("model", "definition").get()
    if license.purchased_rights is None:
        raise ReturnRefused(f"{license} is unlimited: it has no number of rights to return.")
    state, active = license.state_now, license.active_rights  # type: ignore[attr-defined]
    if state is None:
        raise ReturnRefused(
            f"{license} is bought on {day_text(license.purchased_on)}: nothing of it can be"
            f" returned on {day_text(day)}, before that.",
            field="day",
        )
    if quantity > active:
        retired = " (it is retired)" if state == State.RETIRED else ""
        raise ReturnRefused(
            f"{quantity:,} is more than the {active:,} active rights that {license} has on"
            f" {day_text(day)}{retired}.",
            field="quantity",
        )
    fewest = fewest_rights_left(
        purchased_rights=license.purchased_rights, taken_away=taken_from(license_id), from_on=day
    )
    if quantity > fewest.rights:
        raise ReturnRefused(
            f"{quantity:,} is more than the {fewest.rights:,} rights that {license} has left on"
            f" {day_text(fewest.on)}, when others are returned or move away.",
            field="quantity",
        )
