"""The shipped catalogue: what the specification's tables say, with source and date."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from typing import Any

import pytest

from entitlements import shipped

PVU = {value.processor: value.value for value in shipped.pvu_per_core()}
FACTORS = {value.processor: value.value for value in shipped.core_factors()}
TIERS = {table.key: table for table in shipped.tier_tables()}
DEFAULTS = {
    (default.group, default.metric, default.key): default.value
    for default in shipped.attribute_defaults()
}


def summed(key: str, units: int) -> Decimal:
    """The bracket sum of a table, reckoned unit by unit of its bounds."""
    total, reached = Decimal(0), 0
    for tier in TIERS[key].tiers:
        upper = units if tier.up_to is None else min(units, tier.up_to)
        total += max(0, upper - reached) * tier.factor
        reached = max(reached, upper)
    return total


@pytest.mark.parametrize(
    ("processor", "value"),
    [
        ("POWER7 750", 100),
        ("POWER7 PS702", 70),
        ("POWER7 740", 70),
        ("POWER7 795", 120),
        ("POWER11 E1180", 120),
        ("POWER11 S1122", 70),
        ("POWER10 E1050", 100),
        ("POWER9 S924", 70),
        ("POWER8 E850", 100),
        ("POWER6 JS12", 80),
        ("POWER5", 100),
        ("POWER5 QCM", 50),
        ("POWER (Linux)", 70),
        ("POWER IFL", 70),
        ("System z10", 120),
        ("z17", 120),
        ("Intel Xeon 75xx, 2 sockets", 70),
        ("Intel Xeon 75xx, 4 sockets", 100),
        ("Intel Xeon 65xx, more than 4 sockets", 120),
        ("AMD Opteron, multi-core", 50),
        ("AMD Opteron, single-core", 100),
        ("Intel Xeon", 70),
    ],
)
def test_a_core_counts_the_value_units_that_ibm_publishes(processor: str, value: int) -> None:
    assert PVU[processor] == value


@pytest.mark.parametrize(
    ("processor", "factor"),
    [
        ("UltraSPARC T1 1.0 GHz", "0.25"),
        ("SPARC T3", "0.25"),
        ("Ampere", "0.25"),
        ("Intel Xeon", "0.5"),
        ("AMD EPYC", "0.5"),
        ("UltraSPARC T1 1.4 GHz", "0.5"),
        ("UltraSPARC T2+", "0.5"),
        ("SPARC64 VII+", "0.5"),
        ("SPARC64 VII", "0.75"),
        ("UltraSPARC T2", "0.75"),
        ("POWER5+", "0.75"),
        ("POWER6", "1"),
        ("POWER11", "1"),
        ("Single-core chip", "1"),
    ],
)
def test_a_core_counts_the_factor_that_oracle_publishes(processor: str, factor: str) -> None:
    assert FACTORS[processor] == Decimal(factor)


def test_what_was_not_found_is_left_out() -> None:
    assert not [name for name in PVU if "EPYC" in name or "Scalable" in name]


@pytest.mark.parametrize(
    ("key", "units", "rights"),
    [
        ("rvu", 150_000, 72_500),
        ("rvu", 45_000, 29_500),
        ("rvu", 2_501, Decimal("2500.8")),
        ("uvu_authorized", 150, Decimal("124.9")),
        ("uvu_employee", 11_000, 8_650),
        ("uvu_external", 15_000, 14_375),
    ],
)
def test_brackets_add_up_as_in_the_examples_of_their_sources(
    key: str, units: int, rights: Decimal
) -> None:
    assert TIERS[key].way == "summed"
    assert summed(key, units) == rights


@pytest.mark.parametrize(
    ("employees", "price"), [(999, "15"), (1_000, "12"), (1_200, "12"), (49_999, "5.25")]
)
def test_the_price_of_java_is_that_of_the_tier_reached(employees: int, price: str) -> None:
    java = TIERS["java_price"]

    reached = next(tier for tier in java.tiers if tier.up_to and tier.up_to >= employees)

    assert java.way == "reached"
    assert reached.factor == Decimal(price)


def test_tiers_grow_and_grow_cheaper() -> None:
    for table in TIERS.values():
        for lower, higher in pairwise(table.tiers):
            assert lower.up_to is not None, table.key
            assert higher.up_to is None or higher.up_to > lower.up_to, table.key
            assert higher.factor < lower.factor, table.key


@pytest.mark.parametrize(
    ("group", "metric", "key", "value"),
    [
        ("Microsoft", "Per Device", "max_installs_per_right", None),
        ("VMware", "Per OSI", "max_installs_per_right", None),
        ("VMware", "Per Application Instance", "max_installs_per_right", 1),
        ("Common", "Per Core", "min_cores_per_processor", 1),
        ("Microsoft", "Per Core (Physical Core)", "min_cores_per_processor", 4),
        ("Microsoft", "Per Core (Virtual OSE)", "min_cores_per_vm", 4),
        ("Microsoft", "Per Core (with CAL)", "min_cores_per_processor", 8),
        ("Microsoft", "Per Core (with CAL)", "min_cores_per_vm", 8),
        ("Microsoft", "Per Core (with CAL)", "min_cores_per_server", 16),
        ("Microsoft", "Per Core (with CAL)", "max_oses_per_server", 2),
        ("Microsoft", "Per Processor", "max_oses_per_server", 2),
        ("Microsoft", "Per Processor", "max_processors_per_right", 2),
        ("Microsoft", "Server (Per Instance)", "max_installs_per_ose", 1),
        ("VMware", "Per Processor", "max_cores_per_processor", 32),
        ("Citrix", "Per Processor", "max_cores_per_processor", None),
        ("Oracle", "Named User Plus", "min_users_per_processor", 25),
        ("Oracle", "Named User Plus", "min_nups", 5),
        ("Oracle", "Named User Plus", "min_nups_per_server", 10),
        ("Oracle", "Named User Plus", "min_nups_cloud", 10),
        ("Oracle", "Named User Plus", "min_nups_weblogic", 10),
        ("Oracle", "Named User Plus", "min_nups_weblogic_cloud", 10),
        ("Oracle", "Per Processor", "max_sockets_per_server", 2),
        ("Oracle", "Per Processor", "max_instance_size_on_cloud", 8),
    ],
)
def test_an_attribute_has_the_default_of_its_source(
    group: str, metric: str, key: str, value: int | None
) -> None:
    assert DEFAULTS[group, metric, key] == value


def test_everything_has_a_source_and_a_day() -> None:
    rows: list[Any] = [
        *shipped.pvu_per_core(),
        *shipped.core_factors(),
        *shipped.tier_tables(),
        *shipped.attribute_defaults(),
    ]

    sourced = [*rows, *shipped.metric_texts()]
    assert not [row for row in sourced if not row.source.startswith("http")]
    assert not [row for row in rows if not row.as_of]


def test_a_processor_is_in_a_table_once_whatever_its_letters() -> None:
    for values in (shipped.pvu_per_core(), shipped.core_factors()):
        names = Counter(value.processor.casefold() for value in values)

        assert [name for name, times in names.items() if times > 1] == []


def test_names_of_processors_have_no_blanks_around_them() -> None:
    values = [*shipped.pvu_per_core(), *shipped.core_factors()]

    assert [value for value in map(attrgetter("processor"), values) if value != value.strip()] == []
