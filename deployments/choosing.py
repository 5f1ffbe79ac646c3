"""What forms let a person choose of devices, by typing."""

from accounts.choosing import Source
from deployments.models import Device

DEVICES = Source(
    name="devices",
    noun="device",
    records=lambda scope: Device.objects.visible_to(scope).filter(gone_on=None),
    search=("name", "serial_number"),
    narrowing={"company": "company"},
    describe=lambda device: device.operating_system,
)
