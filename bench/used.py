"""
Made uses of licenses for the benchmark of pages: contracts, people, devices, deployments.

On top of the licenses of ``bench.made``: ten live allocations on each (five people, three devices,
a reservation, a tracked deployment), and a contract for every ten.
"""

from django.db import connection

from accounts.models import Department, Membership, Person
from accounts.roles import Role
from allocation.models import Allocation
from allocation.services import refresh
from bench.made import DAY, MadeData, filled_at_once, insert, table_of
from common.acting import acting
from contracts.models import Contract, ContractTerm, ContractType, Product, Vendor
from deployments.models import Deployment, Device
from entitlements.models import Entitlement

USES_OF_LICENSE = 10
LICENSES_OF_CONTRACT = 10
PEOPLE, DEVICES, PRODUCTS = 20_000, 20_000, 1_000
REFRESHED_AT_ONCE = 10_000


def make_uses(made: MadeData) -> None:
    """Let everything use the licenses that were made, and count the numbers."""
    company = made.company
    with acting(None, "Made for a benchmark"):
        Membership.objects.create(user=made.user, company=company, role=Role.LICENSE_MANAGER)
        Department.objects.create(company=company, name="IT")
    with acting(None, "Made for a benchmark"), filled_at_once():
        _insert_targets(company.pk)
        _insert_contracts(company.pk, made.licenses // LICENSES_OF_CONTRACT)
        _insert_uses(made)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    _count(made)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _insert_targets(company: int) -> None:
    vendor = Vendor.objects.earliest("pk")
    insert(Person, PEOPLE, company_id=str(company), name="'Person ' || i")
    insert(Device, DEVICES, company_id=str(company), name="'PC-' || i", kind="'laptop'")
    insert(Product, PRODUCTS, vendor_id=str(vendor.pk), name="'Deployed ' || i")
    first = Product.objects.get(name="Deployed 0").pk
    insert(
        Deployment,
        PRODUCTS,
        company_id=str(company),
        product_id=f"{first} + i",
        installs="i",
        users="i / 2",
        installs_without_person="0",
    )


def _insert_contracts(company: int, contracts: int) -> None:
    insert(
        Contract,
        contracts,
        company_id=str(company),
        number="'C-' || i",
        name="'Contract ' || i",
        type_id=str(ContractType.objects.earliest("pk").pk),
        vendor_id=str(Vendor.objects.earliest("pk").pk),
        value="50000",
        currency="'EUR'",
    )
    first = Contract.objects.earliest("pk").pk
    insert(
        ContractTerm,
        contracts,
        company_id=str(company),
        contract_id=f"{first} + i",
        starts_on="date '2025-01-01' + i % 365",
        ends_on="date '2026-12-31' + i % 365",
        renewal="'manual'",
    )
    first_license = Entitlement.objects.earliest("pk").pk
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table_of(Entitlement)} SET contract_id = {first}"
            f" + (id - {first_license}) / {LICENSES_OF_CONTRACT} WHERE kind = 'license'"
        )


def _insert_uses(made: MadeData) -> None:
    first_license = Entitlement.objects.earliest("pk").pk
    first = {model: model._default_manager.earliest("pk").pk for model in (Person, Device)}
    deployment = Deployment.objects.earliest("pk").pk
    way = f"i % {USES_OF_LICENSE}"
    license = f"i / {USES_OF_LICENSE}"
    insert(
        Allocation,
        made.licenses * USES_OF_LICENSE,
        company_id=str(made.company.pk),
        kind="'license'",
        entitlement_id=f"{first_license} + {license}",
        quantity="1",
        consumed="1",
        figures="'[]'",
        end_figures="'[]'",
        person_id=f"CASE WHEN {way} < 5 THEN {first[Person]} + i % {PEOPLE} END",
        device_id=f"CASE WHEN {way} BETWEEN 5 AND 7 THEN {first[Device]} + i % {DEVICES} END",
        reservation_kind=f"CASE WHEN {way} = 8 THEN 'department' ELSE '' END",
        reservation_label=f"CASE WHEN {way} = 8 THEN 'IT' ELSE '' END",
        deployment_id=f"CASE WHEN {way} = 9 THEN {deployment} + ({license}) % {PRODUCTS} END",
        metric=f"CASE WHEN {way} = 9 THEN 'installs' ELSE '' END",
        made_on="date '2026-01-10'",
        made_at="now()",
        made_by_id=str(made.user.pk),
    )


def _count(made: MadeData) -> None:
    first = Entitlement.objects.earliest("pk").pk
    for begin in range(first, first + made.licenses, REFRESHED_AT_ONCE):
        with acting(None, "Made for a benchmark"):
            refresh(
                company_id=made.company.pk,
                licenses=list(range(begin, min(begin + REFRESHED_AT_ONCE, first + made.licenses))),
                day=DAY,
            )
