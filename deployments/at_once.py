"""Devices that are changed many at once."""

from collections.abc import Collection

from accounts.at_once_forms import AtOnceForm
from accounts.choosing import COST_CENTRES, DEPARTMENTS, LOCATIONS, PEOPLE, ChosenField
from common.at_once import Kind
from deployments.counting import recount_what_is_on
from deployments.models import Device

OF_THE_COMPANY = {"company": "company"}


def _count_anew(company_id: int, device_ids: Collection[int], fields: Collection[str]) -> None:
    """Who has a device uses what is installed on it."""
    if "person" in fields:
        recount_what_is_on(company_id=company_id, device_ids=device_ids)


DEVICES_AT_ONCE = Kind(
    model=Device, noun="device", nouns="devices", waits_for_runs=True, written=_count_anew
)


class DevicesForm(AtOnceForm):
    emptied_as = dict.fromkeys(("person", "department", "location", "cost_centre"))

    person = ChosenField(source=PEOPLE, required=False, label="Used by", narrowed_by=OF_THE_COMPANY)
    department = ChosenField(source=DEPARTMENTS, required=False, narrowed_by=OF_THE_COMPANY)
    location = ChosenField(source=LOCATIONS, required=False, narrowed_by=OF_THE_COMPANY)
    cost_centre = ChosenField(source=COST_CENTRES, required=False, narrowed_by=OF_THE_COMPANY)
