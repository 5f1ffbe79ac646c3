"""What forms let a person choose of entitlements, by typing."""

from accounts.choosing import Source
from entitlements.models import Entitlement, EntitlementDefinition, PublisherPart

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
PARTS = Source(
    name="parts",
    noun="part number",
    records=lambda scope: PublisherPart.objects.select_related("vendor").order_by("number", "pk"),
    search=("number", "description", "product_name", "vendor__name"),
    narrowing={"vendor": "vendor"},
    describe=lambda part: _told_of(part),
)


def _told_of(part: PublisherPart) -> str:
    told = [part.vendor.name, part.description or part.software]
    told += ["Suite defined: yes"] if part.is_suite else []
    return " · ".join(told + (["Example"] if part.is_example else []))
