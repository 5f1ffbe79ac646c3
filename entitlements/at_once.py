"""Licenses and maintenance that are changed many at once."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms

from accounts.at_once_forms import TaggedAtOnceForm
from accounts.choosing import COST_CENTRES, DEPARTMENTS, LOCATIONS, PEOPLE, ChosenField
from common.at_once import Kind
from contracts.choosing import CONTRACTS, VENDORS
from entitlements.models import Entitlement
from entitlements.services import keep_purchase_lines
from entitlements.signals import rights_changed

OF_THE_COMPANY = {"company": "company"}


def _second_owner(entitlement: Any, wanted: Mapping[str, Any]) -> str:
    """Owned by a person or by a department: whoever gives it to one takes it from the other."""
    person = wanted.get("owned_by_person", entitlement.owned_by_person_id)
    department = wanted.get("owned_by_department", entitlement.owned_by_department_id)
    if not (person and department):
        return ""
    if "owned_by_person" in wanted:
        return "A department owns it. Empty that, and it can be given to a person."
    return "A person owns it. Empty that, and it can be given to a department."


# What the rights, the dates or the state of a license hang on; and what the line of its purchase.
OF_RIGHTS = {"purchased_rights", "is_unlimited", "duration", "purchased_on", "starts_on", "ends_on"}
OF_PURCHASE = OF_RIGHTS | {"unit_cost", "currency"}


def _keep_in_step(company_id: int, ids: Collection[int], fields: Collection[str]) -> None:
    if OF_PURCHASE.intersection(fields):
        keep_purchase_lines(company_id, ids)
    if OF_RIGHTS.intersection(fields):
        rights_changed.send(Entitlement, company_id=company_id, license_ids=ids)


ENTITLEMENTS_AT_ONCE = Kind(
    model=Entitlement,
    noun="entitlement",
    nouns="entitlements",
    refuse=_second_owner,
    waits_for_runs=True,
    written=_keep_in_step,
)


class EntitlementsForm(TaggedAtOnceForm):
    tagged = Entitlement
    emptied_as = {
        "owned_by_person": None,
        "owned_by_department": None,
        "department": None,
        "location": None,
        "cost_centre": None,
        "contract": None,
        "vendor": None,
        "po_number": "",
        "notes": "",
    }

    owned_by_person = ChosenField(source=PEOPLE, required=False, narrowed_by=OF_THE_COMPANY)
    owned_by_department = ChosenField(
        source=DEPARTMENTS, required=False, narrowed_by=OF_THE_COMPANY
    )
    department = ChosenField(source=DEPARTMENTS, required=False, narrowed_by=OF_THE_COMPANY)
    location = ChosenField(source=LOCATIONS, required=False, narrowed_by=OF_THE_COMPANY)
    cost_centre = ChosenField(source=COST_CENTRES, required=False, narrowed_by=OF_THE_COMPANY)
    contract = ChosenField(source=CONTRACTS, required=False, narrowed_by=OF_THE_COMPANY)
    vendor = ChosenField(source=VENDORS, required=False)
    po_number = forms.CharField(label="PO number", max_length=100, required=False)
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("owned_by_person") and cleaned.get("owned_by_department"):
            self.add_error("owned_by_department", "Owned by a person or by a department, not both.")
        return cleaned
