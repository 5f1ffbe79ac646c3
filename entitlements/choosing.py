"""What forms let a person choose of entitlements, by typing."""

from accounts.choosing import Source
from entitlements.models import Entitlement, EntitlementDefinition

LICENSES = Source(
    name="licenses",
    noun="license",
    records=lambda scope: (
        Entitlement.objects.visible_to(scope)
        .licenses()
        .select_related("model", "definition", "company")
        .order_by("model__name", "pk")
    ),
    search=("model__name", "asset_tag", "serial_number"),
    narrowing={"company": "company"},
    describe=lambda license: license.company.name,
)
DEFINITIONS = Source(
    name="definitions",
    noun="definition",
    records=lambda scope: EntitlementDefinition.objects.visible_to(scope).order_by("name", "pk"),
    search=("name",),
    narrowing={"company": "company"},
)
