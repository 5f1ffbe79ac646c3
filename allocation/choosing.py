"""What the forms of a license's uses let a person choose, by typing: all of its company."""

from dataclasses import replace

from django.db.models import Count, F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse

from accounts.choosing import PEOPLE, Source
from accounts.models import CostCentre, Department, Person
from allocation.models import Allocation, ReservationKind
from common.shown import count_of
from contracts.choosing import PRODUCTS
from contracts.models import Product
from deployments.choosing import DEVICES
from deployments.models import Device
from entitlements.models import Entitlement, LicenseKey

LABELS_SUGGESTED = 200


def sources_for(license: Entitlement) -> dict[str, Source]:
    """By name, what can use a license; whoever asks may change the license."""
    company = license.company_id
    return {
        "products": replace(
            PRODUCTS,
            address=_address(license, "products"),
            records=lambda scope: deployed_products(company),
            describe=_how_deployed,
        ),
        "people": replace(
            PEOPLE,
            address=_address(license, "people"),
            records=lambda scope: Person.objects.filter(company=company, inactive_on=None),
        ),
        "devices": replace(
            DEVICES,
            address=_address(license, "devices"),
            records=lambda scope: Device.objects.filter(company=company, gone_on=None),
        ),
        "keys": Source(
            name="keys",
            noun="license key",
            address=_address(license, "keys"),
            records=lambda scope: keys_to_give(license),
            search=("label",),
            describe=_how_often_given,
        ),
    }


def keys_to_give(license: Entitlement) -> QuerySet[LicenseKey]:
    """The license keys that can be given, the free ones first, with how often each is given."""
    live = Count("allocations", filter=Q(allocations__ended_at=None))
    standing = LicenseKey.objects.filter(entitlement=license, withdrawn_at=None)
    return standing.annotate(times_given=live).order_by("times_given", "pk")


def _how_often_given(key: LicenseKey) -> str:
    times: int = key.times_given  # type: ignore[attr-defined]
    return f"given {count_of(times, 'time')}" if times else "free"


def _address(license: Entitlement, source: str) -> str:
    return reverse("choose-for-license", args=[license.pk, source])


def deployed_products(company_id: int) -> QuerySet[Product]:
    """All products, those most deployed in a company first, with its installs and users."""
    here = FilteredRelation("deployments", condition=Q(deployments__company=company_id))
    products = Product.objects.select_related("vendor").annotate(
        here=here,
        installs=Coalesce(F("here__installs"), 0),
        users=Coalesce(F("here__users"), 0),
    )
    return products.order_by(Greatest("installs", "users").desc(), "name", "pk")


def _how_deployed(product: Product) -> str:
    return f"{product.vendor} · {deployed_text(product)}"


def deployed_text(product: Product) -> str:
    """How often a product is deployed, of those read by ``deployed_products``."""
    installs: int = product.installs  # type: ignore[attr-defined]
    users: int = product.users  # type: ignore[attr-defined]
    if not installs and not users:
        return "not deployed"
    return f"{count_of(installs, 'install')}, {count_of(users, 'user')}"


def suggested_labels(company_id: int) -> list[tuple[str, str]]:
    """
    For whom or what a company may reserve, as it calls them, with the kind in words.

    Departments and cost centres that it has; of projects and CALs, those reserved for before.
    """
    known = [
        (name, ReservationKind.DEPARTMENT.label)
        for name in _first_names(Department.objects.filter(company=company_id))
    ] + [
        (name, ReservationKind.COST_CENTRE.label)
        for name in _first_names(CostCentre.objects.filter(company=company_id))
    ]
    reserved = Allocation.objects.filter(
        company=company_id, reservation_kind__in=(ReservationKind.PROJECT, ReservationKind.CALS)
    ).values_list("reservation_label", "reservation_kind")
    before = reserved.order_by("reservation_label").distinct()[:LABELS_SUGGESTED]
    return known + [(label, ReservationKind(kind).label) for label, kind in before]


def _first_names(records: QuerySet[Department] | QuerySet[CostCentre]) -> list[str]:
    return list(records.order_by("name").values_list("name", flat=True)[:LABELS_SUGGESTED])
