"""
The document of an entitlement as CycloneDX licensing metadata. Pure.

CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): a component with the commercial license of
which the document tells, in ``components[].licenses[].license.licensing``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

Entry = dict[str, Any]

SPECIFICATION = "1.6"
# What a license counts, by the words in the name of its metric, in the words of the standard. The
# first that is found holds. What is none of them is a metric of its own to the standard.
TYPES_OF_METRICS = (
    ("named user", "named-user"),
    ("concurrent", "concurrent-user"),
    ("processor", "processor-points"),
    ("core", "core-points"),
    ("cal", "client-access"),
    ("user", "user"),
    ("device", "device"),
)
OWN_METRIC = "custom-metric"


def as_cyclonedx(document: Mapping[str, Any], *, serial: UUID, told_at: datetime) -> Entry:
    """
    :param document: of ``allocation.entitlement_document``
    :param serial: names this answer; another one each time
    :param told_at: with its time zone
    """
    software = document["software"]
    component = {
        "type": "application",
        "bom-ref": document["reference"],
        "name": software["product"],
        "publisher": software["publisher"],
        "supplier": {"name": document["bought_from"] or software["publisher"]},
        "licenses": [{"license": _license(document)}],
        "properties": _properties(document),
    }
    if software["version"]:
        component["version"] = software["version"]
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPECIFICATION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "serialNumber": serial.urn,
        "version": 1,
        "metadata": {"timestamp": told_at.isoformat(timespec="seconds")},
        "components": [component],
    }


def _license(document: Mapping[str, Any]) -> Entry:
    return {"name": document["name"], "licensing": _licensing(document)}


def _licensing(document: Mapping[str, Any]) -> Entry:
    owner = {"organization": {"name": document["company"]["name"]}}
    said = {
        "altIds": _other_names(document),
        "licensor": {"organization": {"name": document["software"]["publisher"]}},
        "licensee": owner,
        "purchaser": owner,
        "purchaseOrder": document["po_number"],
        "licenseTypes": _types(document),
        "lastRenewal": _moment(document["starts_on"]),
        "expiration": _moment(document["ends_on"], is_last=True),
    }
    return {name: value for name, value in said.items() if value}


def _other_names(document: Mapping[str, Any]) -> list[str]:
    """By which it is known elsewhere: tag, serial number, contract."""
    contract = document["contract"]
    names = (
        document["asset_tag"],
        document["serial_number"],
        document["publisher_part_number"],
        contract and contract["number"],
    )
    return list(dict.fromkeys(name for name in names if name))


def _types(document: Mapping[str, Any]) -> list[str]:
    types = [document["duration"]] if document["duration"] else []
    metric = document["metric"]
    if metric is not None:
        types.append(_type_of(metric["group"], metric["name"].casefold()))
    return types


def _type_of(group: str, metric: str) -> str:
    if group == "Custom":
        return OWN_METRIC
    return next((kind for words, kind in TYPES_OF_METRICS if words in metric), OWN_METRIC)


def _moment(day: str | None, *, is_last: bool = False) -> str | None:
    """The standard tells moments; a last day counts whole."""
    if day is None:
        return None
    return f"{day}T23:59:59Z" if is_last else f"{day}T00:00:00Z"


def _properties(document: Mapping[str, Any]) -> list[Entry]:
    """What the standard has no place for: the rights."""
    rights, metric = document["rights"], document["metric"]
    told = {
        "lcm:kind": document["kind"],
        "lcm:state": document["state"],
        "lcm:metric": metric and f"{metric['group']}: {metric['name']}",
        "lcm:rights:purchased": "unlimited" if rights["unlimited"] else rights["purchased"],
        "lcm:rights:active": "unlimited" if rights["unlimited"] else rights["active"],
        "lcm:agreement": document["agreement_type"],
    }
    return [
        {"name": name, "value": str(value)} for name, value in told.items() if value is not None
    ]
