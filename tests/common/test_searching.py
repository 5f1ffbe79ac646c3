"""A word is found anywhere in the texts of a record and of what it refers to, by indexes."""

from collections.abc import Sequence
from copy import copy
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from common.acting import acting
from common.searching import few_keys, holding
from contracts.models import Contract, SoftwareModel, Vendor
from entitlements.models import Entitlement
from entitlements.queries import NUMBERED_BY, SEARCHED_BY
from tests.factories import (
    ContractFactory,
    LicenseFactory,
    MaintenanceFactory,
    SoftwareModelFactory,
)

pytestmark = pytest.mark.django_db

ROWS = 3_000


def found(word: str) -> list[Entitlement]:
    condition = holding(Entitlement, word, SEARCHED_BY, NUMBERED_BY)
    return list(Entitlement.objects.filter(condition).order_by("pk"))


@pytest.fixture
def many() -> None:
    """As many vendors, models, contracts and licenses as make an index worth its while."""
    contract, license = ContractFactory(), LicenseFactory()
    vendors = [Vendor(name=f"Vendor number {n}") for n in range(ROWS)]
    models = [
        SoftwareModel(product=license.model.product, name=f"Model number {n}", version=f"v{n}")
        for n in range(ROWS)
    ]
    with acting(None, "Set up by a test"):
        Vendor.objects.bulk_create(vendors)
        SoftwareModel.objects.bulk_create(models)
        Contract.objects.bulk_create(
            copy_of(contract, number=f"Many-{n}", vendor=vendor) for n, vendor in enumerate(vendors)
        )
        Entitlement.objects.bulk_create(copy_of(license, model=model) for model in models)
    with connection.cursor() as cursor:
        # What was just added lies in a list beside the index, until it is vacuumed.
        for index in ("vendor", "software_model", "contract", "entitlement"):
            cursor.execute("SELECT gin_clean_pending_list(%s)", [f"{index}_by_any_part"])
        for model in (Vendor, SoftwareModel, Contract, Entitlement):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def copy_of[Record: Model](record: Record, **changed: Any) -> Record:
    copied = copy(record)
    copied.pk = None
    for name, value in changed.items():
        setattr(copied, name, value)
    return copied


def plan_of_the_keys(model: type[Model], word: str, paths: Sequence[str]) -> str:
    """How the server would read the keys if reading whole tables cost it dearly."""
    with CaptureQueriesContext(connection) as captured:
        few_keys(model._base_manager.all(), [holding(model, word, paths, {})], 10)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {captured.captured_queries[-1]['sql']}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_a_word_is_found_in_own_texts_and_in_those_of_what_is_referred_to() -> None:
    visio = LicenseFactory(model=SoftwareModelFactory(name="Visio Standard"), asset_tag="A-77")
    position = MaintenanceFactory(definition__name="Gold Care")

    assert found("VISIO") == [visio]
    assert found("-77") == [visio]
    assert found("old ca") == [position]
    assert found("nothing of the kind") == []


def test_a_reference_stands_for_the_record_that_has_it() -> None:
    license, other = LicenseFactory(), LicenseFactory()

    assert found(f"e-{license.pk}") == [license]
    assert found(f"E-{other.pk}") == [other]


def test_words_reach_over_several_references() -> None:
    license = LicenseFactory(model__product__vendor__name="Vitruvian Systems")
    LicenseFactory()

    condition = holding(Entitlement, "vitruv", ["model__product__vendor__name"], {})

    assert list(Entitlement.objects.filter(condition)) == [license]


def test_licenses_are_found_by_the_name_of_their_publisher() -> None:
    license = LicenseFactory(model__product__vendor__name="Vitruvian Systems")
    LicenseFactory()

    assert found("vitruv") == [license]


@pytest.mark.parametrize("sign", ["%", "_", "\\"])
def test_signs_that_mean_something_to_the_database_mean_themselves(sign: str) -> None:
    LicenseFactory(asset_tag="plain")
    signed = LicenseFactory(asset_tag=f"a{sign}b")

    assert found(f"a{sign}b") == [signed]
    assert found(sign) == [signed]


def test_few_are_told_by_their_keys_and_many_are_not() -> None:
    licenses = LicenseFactory.create_batch(3, asset_tag="", po_number="PO-7")
    condition = [holding(Entitlement, "po-7", SEARCHED_BY, {})]

    assert sorted(few_keys(Entitlement.objects.all(), condition, 3) or []) == sorted(
        license.pk for license in licenses
    )
    assert few_keys(Entitlement.objects.all(), condition, 2) is None
    assert few_keys(Entitlement.objects.none(), condition, 2) == []


def test_entitlements_are_found_by_indexes_alone(many: None) -> None:
    said = plan_of_the_keys(Entitlement, "visio", SEARCHED_BY)

    assert "entitlement_by_any_part" in said
    assert "software_model_by_any_part" in said
    assert "Seq Scan on entitlements_entitlement " not in said


def test_contracts_are_found_by_indexes_alone(many: None) -> None:
    said = plan_of_the_keys(Contract, "adobe", ("name", "number", "vendor__name"))

    assert "contract_by_any_part" in said
    assert "vendor_by_any_part" in said
    assert "Seq Scan on contracts_contract " not in said
