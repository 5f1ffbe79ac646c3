"""The formats that are read, as a person chooses among them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Format:
    """
    A format and what it can tell.

    :param holds: what is found in such a file, as the end of a sentence
    :param asks_for_device: whether its files do not say which device they are of
    """

    key: str
    label: str
    holds: str
    asks_for_device: bool = False


FORMATS: dict[str, Format] = {
    format.key: format
    for format in (
        Format(
            key="glpi",
            label="GLPI inventory (JSON)",
            holds="one device with its hardware, all of its software and its virtual machines",
        ),
        Format(
            key="ocs",
            label="OCS Inventory or FusionInventory (XML)",
            holds="one device with its hardware, all of its software and its virtual machines",
        ),
        Format(
            key="osquery",
            label="osquery results (JSON)",
            holds="rows of programs, deb_packages, rpm_packages, apps and the like, of many devices"
            " where the results name their host",
            asks_for_device=True,
        ),
        Format(
            key="fleet",
            label="Fleet software (JSON)",
            holds="how many hosts have each title or version, or hosts with their software",
        ),
        Format(
            key="graph",
            label="Microsoft Graph (JSON)",
            holds="subscribedSkus, users with their assigned licenses, or detectedApps",
        ),
        Format(
            key="intune",
            label="Intune detected apps (CSV)",
            holds="on how many devices each app was detected",
        ),
        Format(
            key="microsoft365",
            label="Microsoft 365 active users (CSV)",
            holds="people and the products assigned to them, with their last activity",
        ),
        Format(
            key="configmgr",
            label="Configuration Manager software (CSV)",
            holds="software by device, from the views of installed software",
        ),
        Format(
            key="winget",
            label="winget export (JSON)",
            holds="the packages of one device",
            asks_for_device=True,
        ),
        Format(
            key="swid",
            label="SWID tags (XML)",
            holds="one title a tag, installed on the device it was collected from",
            asks_for_device=True,
        ),
        Format(
            key="csv",
            label="Table (CSV)",
            holds="devices, installations, subscriptions or counts, a row each",
        ),
    )
}
