"""The form of a device: what people keep of it, and what its inventories lack."""

from typing import Any

from django import forms

from accounts.choosing import COST_CENTRES, DEPARTMENTS, LOCATIONS, PEOPLE, ChosenField
from accounts.models import CostCentre, Department, Location, Person
from common.forms import RecordForm
from deployments.choosing import DEVICES
from deployments.devices import KEPT_BY_HAND
from deployments.models import Device

MOST_PARTS = 100_000
OFFERED: dict[str, Any] = {
    "person": Person,
    "department": Department,
    "location": Location,
    "cost_centre": CostCentre,
    "host": Device,
}


def _number(help_text: str = "") -> forms.IntegerField:
    """How many of something a device has, where that is known."""
    return forms.IntegerField(
        min_value=1, max_value=MOST_PARTS, required=False, help_text=help_text
    )


class DeviceForm(RecordForm):
    groups = {
        "Who has it, and where": ("person", "department", "location", "cost_centre"),
        "What it is": ("kind", "processors", "cores", "threads"),
        "What it runs on": ("host", "cluster", "cloud"),
    }

    person = ChosenField(source=PEOPLE, required=False, label="Used by")
    department = ChosenField(source=DEPARTMENTS, required=False)
    location = ChosenField(source=LOCATIONS, required=False)
    cost_centre = ChosenField(source=COST_CENTRES, required=False)
    processors = _number("Sockets. An inventory that tells how many writes over it.")
    cores = _number("Of all processors together.")
    threads = _number()
    host = ChosenField(
        source=DEVICES, required=False, help_text="The device on which this virtual one runs."
    )

    class Meta:
        model = Device
        fields = KEPT_BY_HAND
        help_texts = {"cloud": "Whose it is, as in AWS. Empty: on own premises."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in OFFERED.items():
            field = self.fields[name]
            assert isinstance(field, ChosenField)
            field.queryset = model._default_manager.filter(company=self.instance.company_id)
            field.offer_within(self.instance.company_id)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        processors, cores, threads = map(cleaned.get, ("processors", "cores", "threads"))
        if processors and cores and cores < processors:
            self.add_error("cores", f"{processors} processors have at least {processors} cores.")
        if cores and threads and threads < cores:
            self.add_error("threads", f"{cores} cores have at least {cores} threads.")
        return cleaned
