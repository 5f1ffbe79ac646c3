"""
All that is known of one entitlement on a day, as a document that programs read.

The names are those of the pages, in the words of ISO/IEC 19770; ``docs/entitlement-document.md``
tells them. License keys are counted and named by their labels; what they say is not in it.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from allocation.models import Allocation
from entitlements.models import Entitlement, LicenseKey
from entitlements.states import State

Entry = dict[str, Any]

VERSION = 1


def entitlement_document(entitlement: Any, day: date) -> Entry:
    """
    :param entitlement: read ``with_state`` and ``with_rights`` of the day
    :returns: what ``json.dumps`` takes; days as ISO text, amounts as text, absent values as None
    """
    return {
        "document": "entitlement",
        "version": VERSION,
        "as_of": day.isoformat(),
        **_what(entitlement),
        **_rights(entitlement),
        **_purchase(entitlement),
        **_place(entitlement),
        "tags": list(entitlement.tags),
        **_records(entitlement),
        **_allocations(entitlement),
    }


def _what(entitlement: Entitlement) -> Entry:
    model, metric = entitlement.model, entitlement.metric
    return {
        "reference": entitlement.reference,
        "asset_tag": entitlement.asset_tag,
        "kind": entitlement.kind,
        "name": entitlement.display_name,
        "company": {"code": entitlement.company.code, "name": entitlement.company.name},
        "software": {
            "publisher": model.product.vendor.name,
            "product": model.product.name,
            "version": model.version,
            "edition": model.edition,
            "platform": model.platform,
            "language": model.language,
            "product_type": model.product_type,
        },
        "publisher_part_number": _text(entitlement.part),
        "definition": _text(entitlement.definition),
        "serial_number": entitlement.effective_serial,
        "serial_number_is_matched": bool(entitlement.matched_serial),
        "license_number": entitlement.license_number,
        "split_from": _reference(entitlement.split_from),
        "license_type": entitlement.license_type or None,
        "duration": entitlement.duration or None,
        "metric": None if metric is None else {"group": metric.group.name, "name": metric.name},
        "agreement_type": _text(entitlement.agreement_type),
        "database_option": entitlement.database_option,
    }


def _rights(entitlement: Any) -> Entry:
    state = entitlement.state_now
    return {
        "state": None if state is None else State(state).value,
        "rights": {
            "unlimited": entitlement.is_unlimited,
            "purchased": entitlement.purchased_rights,
            "packs": entitlement.packs,
            "rights_per_pack": entitlement.rights_per_pack,
            # What remains of them: less returns and what upgrades moved away; 0 when retired.
            "active": entitlement.active_rights,
        },
        "purchased_on": _day(entitlement.purchased_on),
        "starts_on": _day(entitlement.starts_on),
        "ends_on": _day(entitlement.ends_on),
        "states_by_hand": [
            {
                "state": period.state,
                "substate": period.substate or None,
                "from_on": _day(period.from_on),
                "until_on": _day(period.until_on),
            }
            for period in entitlement.state_periods.all()
        ],
    }


def _purchase(entitlement: Entitlement) -> Entry:
    contract = entitlement.contract
    return {
        "unit_cost": _amount(entitlement.unit_cost),
        "total_cost": _amount(entitlement.total_cost),
        "currency": entitlement.currency or None,
        "contract": None
        if contract is None
        else {"number": contract.number, "name": contract.name},
        "bought_from": _text(entitlement.vendor),
        "po_number": entitlement.po_number,
        "invoice_number": entitlement.invoice_number,
    }


def _place(entitlement: Entitlement) -> Entry:
    return {
        "owned_by": _text(entitlement.owned_by_person or entitlement.owned_by_department),
        "department": _text(entitlement.department),
        "location": _text(entitlement.location),
        "cost_centre": _text(entitlement.cost_centre),
        "notes": entitlement.notes,
    }


def _records(entitlement: Entitlement) -> Entry:
    """What hangs on the record itself."""
    return {
        "upgraded_from": [
            {"entitlement": row.source.reference, **_moved(row)}
            for row in entitlement.upgraded_from.select_related("source")
        ],
        "upgraded_to": [
            {"entitlement": row.target.reference, **_moved(row)}
            for row in entitlement.upgraded_to.select_related("target")
        ],
        "downgrade_rights": [
            {
                "software_model": row.model.name,
                "order": row.order,
                "starts_on": _day(row.starts_on),
                "ends_on": _day(row.ends_on),
            }
            for row in entitlement.downgrade_rights.select_related("model")
        ],
        "returns": [
            {
                "quantity": row.quantity,
                "returned_on": _day(row.returned_on),
                "unit_price": _amount(row.unit_price),
                "currency": row.currency or None,
                "ended_on": _day(row.ended_on),
            }
            for row in entitlement.returns.all()
        ],
        "expense_lines": [
            {
                "kind": row.kind,
                "spent_on": _day(row.spent_on),
                "amount": _amount(row.amount),
                "currency": row.currency,
                "ended_on": _day(row.ended_on),
            }
            for row in entitlement.expense_lines.all()
        ],
        "work_notes": [
            {
                "text": row.text,
                "written_by": str(row.written_by),
                "written_at": row.written_at.isoformat(timespec="seconds"),
            }
            for row in entitlement.work_notes.select_related("written_by")
        ],
        "documents": [row.title for row in entitlement.documents.filter(removed_at=None)],
        "license_keys": _keys(entitlement.keys.all()),
    }


def _moved(row: Any) -> Entry:
    return {
        "rights": row.rights,
        "effective_on": _day(row.effective_on),
        "ended_on": _day(row.ended_on),
    }


def _keys(keys: Iterable[LicenseKey]) -> list[Entry]:
    return [{"called": key.label, "withdrawn": key.withdrawn_at is not None} for key in keys]


def _allocations(entitlement: Entitlement) -> Entry:
    related = ("deployment__product__vendor", "license__model", "license__definition")
    given = Allocation.objects.filter(entitlement=entitlement).select_related(
        *related, "person", "device"
    )
    received = Allocation.objects.filter(license=entitlement).select_related(
        "entitlement__model", "entitlement__definition"
    )
    return {
        "allocations": [
            {"target": row.target_text, "unlimited": row.is_unlimited, **_held(row)}
            for row in given.order_by("pk")
        ],
        "cover": [
            {"maintenance": row.entitlement.reference, "basis": row.basis, **_held(row)}
            for row in received.order_by("pk")
        ],
    }


def _held(row: Allocation) -> Entry:
    return {
        "quantity": row.quantity,
        "made_on": _day(row.made_on),
        "ended_on": _day(row.ended_on),
        "notes": row.notes,
    }


def _text(record: Any) -> str | None:
    return None if record is None else str(record)


def _reference(entitlement: Entitlement | None) -> str | None:
    return None if entitlement is None else entitlement.reference


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount.normalize():f}"
