"""What license managers keep of devices, beside what inventories tell."""

from accounts.models import Company, User
from common.acting import acting
from common.locks import hold_shared
from common.trees import closes_a_circle
from deployments.counting import recount_what_is_on
from deployments.models import Device

KEPT_BY_HAND = (
    "kind",
    "person",
    "department",
    "location",
    "cost_centre",
    "processors",
    "cores",
    "threads",
    "host",
    "cluster",
    "cloud",
)


class RunsOnItself(Exception):
    """A device cannot run on a host that runs on it; the message names both."""


def save_device(device: Device, *, by: User, reason: str) -> Device:
    """
    Record what was changed of a device, and count anew what is installed on it where its person
    changed.

    :param reason: what the history is to say; a usual sentence where it is empty
    :raises RunsOnItself: where its host runs on the device, directly or through others
    :raises CompanyIsBusy: while something rewrites the company
    """
    with acting(by, reason or "Changed by hand"):
        hold_shared(device.company_id)
        before = Device.objects.select_for_update(no_key=True).get(pk=device.pk)
        if device.host_id is not None:
            _demand_no_circle(device)
        device.save(update_fields=KEPT_BY_HAND)
        if device.person_id != before.person_id:
            recount_what_is_on(company_id=device.company_id, device_ids=[device.pk])
    return device


def _demand_no_circle(device: Device) -> None:
    # One at a time in a company: two people could close a circle together, each with half of it.
    Company.objects.select_for_update(no_key=True).get(pk=device.company_id)
    hosted = Device.objects.filter(company=device.company_id).exclude(host=None)
    if closes_a_circle(device.pk, device.host_id, dict(hosted.values_list("pk", "host_id"))):
        raise RunsOnItself(
            f"{device.host} runs on {device.name} itself, directly or through others."
            " Choose a host that does not."
        )
