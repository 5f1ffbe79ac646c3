"""Roles, and what each of them may do in a company."""

from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    """What a membership makes of a user in one company."""

    ADMINISTRATOR = "administrator", "Administrator"
    LICENSE_MANAGER = "license_manager", "License manager"
    AUDITOR = "auditor", "Auditor"
    REQUESTER = "requester", "Requester"


class Capability(StrEnum):
    """What a view asks for. A view names one of these, never a role."""

    REQUEST = "ask for software"
    READ = "read contracts, entitlements and allocations"
    MANAGE = "change contracts, entitlements and allocations"
    SEE_KEYS = "see license keys"
    ADMINISTER = "import workbooks and keep users and definitions"


CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.ADMINISTRATOR: frozenset(Capability),
    Role.LICENSE_MANAGER: frozenset(
        {Capability.REQUEST, Capability.READ, Capability.MANAGE, Capability.SEE_KEYS}
    ),
    Role.AUDITOR: frozenset({Capability.REQUEST, Capability.READ}),
    Role.REQUESTER: frozenset({Capability.REQUEST}),
}
