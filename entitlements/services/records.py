"""Entitlements themselves: entered and changed."""

from accounts.models import User
from common.acting import acting
from common.locks import hold_shared
from entitlements.models import Entitlement, Kind, UpgradedEntitlement
from entitlements.queries import next_license_number
from entitlements.services.expenses import keep_purchase_lines
from entitlements.services.library import make_suite, take_model
from entitlements.services.rights import RightsRefused, demand_rights_suffice, lock_in_order
from entitlements.signals import rights_changed


def save_entitlement(entitlement: Entitlement, *, by: User, reason: str) -> Entitlement:
    """
    Record a new entitlement, or what was changed on one; its purchase is kept among the expenses.

    Without a software model it gets the one that its part number means. A new license of a group
    that shares a serial number gets the next number in it, unless it has one.

    :param reason: what the history is to say; a usual sentence where it is empty
    :raises SeveralModelsFit: where it has none and its part number fits several
    :raises RightsRefused: for fewer rights than were returned or moved away, and for a software
        model of another publisher while rights move between the two
    :raises common.locks.CompanyIsBusy: while a run rewrites the company's allocations
    """
    usual = "Changed by hand" if entitlement.pk else "Entered by hand"
    with acting(by, reason or usual):
        hold_shared(entitlement.company_id)
        _take_from_library(entitlement)
        _number_in_group(entitlement)
        if entitlement.pk:
            lock_in_order(entitlement)
            demand_rights_suffice(entitlement)
            _demand_publisher(entitlement)
        entitlement.save()
        keep_purchase_lines(entitlement.company_id, [entitlement.pk])
        rights_changed.send(
            Entitlement, company_id=entitlement.company_id, license_ids=[entitlement.pk]
        )
    return entitlement


def _take_from_library(entitlement: Entitlement) -> None:
    if entitlement.part is None:
        return
    if entitlement.model_id is None:
        entitlement.model = take_model(entitlement.part)
    if entitlement.part.is_suite:
        make_suite(entitlement.part, entitlement.model)


def _number_in_group(entitlement: Entitlement) -> None:
    is_one_of_a_group = entitlement.kind == Kind.LICENSE and entitlement.serial_number
    if is_one_of_a_group and entitlement.pk is None and entitlement.license_number is None:
        entitlement.license_number = next_license_number(
            entitlement.company_id, entitlement.serial_number
        )


def _demand_publisher(entitlement: Entitlement) -> None:
    """Refuse a software model of another publisher than the licenses it shares rights with."""
    if entitlement.kind != Kind.LICENSE:
        return
    standing = UpgradedEntitlement.objects.filter(ended_on=None).select_related(
        "source__model__product", "target__model__product"
    )
    others = [
        *(each.source for each in standing.filter(target=entitlement.pk)),
        *(each.target for each in standing.filter(source=entitlement.pk)),
    ]
    vendor = entitlement.model.product.vendor
    for other in others:
        if other.model.product.vendor_id != vendor.pk:
            raise RightsRefused(
                f"Rights moved between it and {other}, which is not of {vendor}."
                " End that upgrade first.",
                field="model",
            )
