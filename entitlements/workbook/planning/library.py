"""
The part library: what sheets of part numbers and of the components of suites would add to it.

All companies share it: an administrator's rows add to it, and only a superuser's change it.
"""

from common.sql import run
from entitlements.parts import ATTRIBUTES
from entitlements.workbook.columns import COMPONENT_COLUMNS, PART_COLUMNS
from entitlements.workbook.planning.sql import (
    IS_REFUSED,
    NOT_THERE,
    Check,
    found,
    kept,
    kept_text,
    refuse,
    same_in_file,
    stage,
)

# By header: the column; and, for a reference, how a record is called and what the row calls it.
PART_FIELDS = {
    "Description": ("description", "", ""),
    "Product": ("product_name", "", ""),
    "Version": ("version", "", ""),
    "Edition": ("edition", "", ""),
    "Platform": ("platform", "", ""),
    "Language": ("language", "", ""),
    "Product type": ("product_type", "", ""),
    "License type": ("license_type", "", ""),
    "License metric": (
        "metric_id",
        "(SELECT name FROM entitlements_licensemetric WHERE id = {})",
        "''",
    ),
    "Rights per pack": ("rights_per_pack", "", ""),
    "Suite": ("is_suite", "", ""),
    "Example": ("is_example", "", ""),
    "Source": ("source", "", ""),
    "Source as of": ("as_of", "", ""),
}
PART_VALUES = [column for column, _, _ in PART_FIELDS.values()]


def plan() -> None:
    """Make ``planned_part`` and ``planned_component``."""
    stage("staged_part", PART_COLUMNS, "'part'")
    run(_PLANNED_PARTS)
    same_in_file("planned_part", "called", "part", "Publisher and part number")
    refuse("planned_part", PART_CHECKS, _PART_NOW)
    stage("staged_component", COMPONENT_COLUMNS, "'component'")
    run(_PLANNED_COMPONENTS)
    same_in_file("planned_component", "called", "component", "Component")
    refuse("planned_component", COMPONENT_CHECKS)


_PLANNED_PARTS = f"""
CREATE TEMP TABLE planned_part ON COMMIT DROP AS
SELECT s.row_id, s.sheet, s."row", s.given, e.id AS target_id,
    coalesce(s.part, '') AS number, concat_ws(' ', s.publisher, s.part) AS called,
    {found("vendor.id", "s.publisher")} AS vendor_id, s.publisher AS vendor_name,
    {kept_text("description")} AS description,
    {kept_text("product_name", name="product")} AS product_name,
    {", ".join(f"{kept_text(name)} AS {name}" for name in ATTRIBUTES)},
    coalesce(s.product_type, e.product_type, 'licensable') AS product_type,
    coalesce(s.license_type, e.license_type, 'full') AS license_type,
    s.metric_group, metric_group.id AS group_id, s.metric AS metric_name,
    {kept("metric_id", name="metric", read=found("metric.id", "s.metric"))} AS metric_id,
    coalesce(s.rights_per_pack, e.rights_per_pack, 1) AS rights_per_pack,
    coalesce(s.is_suite, e.is_suite, false) AS is_suite,
    coalesce(s.is_example, e.is_example, false) AS is_example,
    {kept_text("source")} AS source,
    {kept("as_of")} AS as_of,
    false AS is_refused, NULL::text AS outcome, '{{}}'::jsonb AS changes
FROM staged_part s
LEFT JOIN contracts_vendor vendor ON lower(vendor.name) = lower(s.publisher)
LEFT JOIN entitlements_publisherpart e ON e.vendor_id = vendor.id AND e.number = s.part
LEFT JOIN entitlements_metricgroup metric_group
    ON lower(metric_group.name) = lower(coalesce(s.metric_group, 'Common'))
LEFT JOIN metric_name metric ON metric.group_id = metric_group.id AND metric.k = lower(s.metric)
"""

_PART_NOW = "LEFT JOIN entitlements_publisherpart e ON e.id = p.target_id"


def _row(alias: str) -> str:
    return f"ROW({', '.join(f'{alias}.{column}' for column in PART_VALUES)})"


_MISSING_PUBLISHER = (
    "format('No publisher is called %s. Let the import make publishers, or correct the name.',"
    " p.vendor_name)"
)

PART_CHECKS = (
    Check("part", "p.number = ''", "'Names no part number.'"),
    Check("publisher", "p.vendor_id IS NULL", "'Names no publisher.'"),
    Check("publisher", f"p.vendor_id = {NOT_THERE} AND NOT makes_catalogue", _MISSING_PUBLISHER),
    Check("product", "p.product_name = ''", "'A part number needs the product that it is of.'"),
    Check(
        "rights_per_pack",
        "p.rights_per_pack < 1",
        "format('Must be above 0, and is %s.', p.rights_per_pack)",
    ),
    Check(
        "metric_group",
        "p.metric_group IS NOT NULL AND p.group_id IS NULL",
        "format('There is no metric group %s. There are: %s.', p.metric_group,"
        " (SELECT string_agg(name, ', ' ORDER BY name) FROM entitlements_metricgroup))",
    ),
    Check(
        "metric",
        f"p.metric_id = {NOT_THERE} AND p.group_id IS NOT NULL",
        "format('%s is no metric of the group %s.', p.metric_name,"
        " coalesce(p.metric_group, 'Common'))",
    ),
    Check(
        "part",
        f"NOT may_change_catalogue AND {_row('e')} IS DISTINCT FROM {_row('p')}"
        " AND e.id IS NOT NULL",
        "format('%s of %s is known and described otherwise. Only a superuser changes what all"
        " companies share.', p.number, p.vendor_name)",
    ),
)

_PLANNED_COMPONENTS = f"""
CREATE TEMP TABLE planned_component ON COMMIT DROP AS
SELECT s.row_id, s.sheet, s."row", s.given, e.id AS target_id,
    s.part AS number, s.publisher AS suite_publisher, part.id AS part_id,
    coalesce(planned.is_suite, part.is_suite) AS is_suite,
    planned.row_id IS NOT NULL AS is_in_file,
    planned.is_refused_so_far AS part_is_refused,
    {found("own.id", "s.component_publisher")} AS vendor_id, s.component_publisher AS vendor_name,
    coalesce(s.component, '') AS product_name,
    coalesce(s.component_version, '') AS version,
    coalesce(s.component_edition, '') AS edition,
    concat_ws(' ', s.publisher, s.part, s.component_publisher, s.component, s.component_version,
        s.component_edition) AS called,
    false AS is_refused, NULL::text AS outcome, '{{}}'::jsonb AS changes
FROM staged_component s
LEFT JOIN contracts_vendor whole ON lower(whole.name) = lower(s.publisher)
LEFT JOIN contracts_vendor own ON lower(own.name) = lower(s.component_publisher)
LEFT JOIN entitlements_publisherpart part ON part.vendor_id = whole.id AND part.number = s.part
LEFT JOIN (
    SELECT p.row_id, p.number, p.vendor_name, p.is_suite, {IS_REFUSED} AS is_refused_so_far
    FROM importing CROSS JOIN planned_part p
) planned ON planned.number = s.part AND lower(planned.vendor_name) = lower(s.publisher)
LEFT JOIN entitlements_suitecomponent e ON e.part_id = part.id
    AND e.vendor_id IS NOT DISTINCT FROM own.id
    AND lower(e.product_name) = lower(s.component)
    AND lower(e.version) = lower(coalesce(s.component_version, ''))
    AND lower(e.edition) = lower(coalesce(s.component_edition, ''))
"""

COMPONENT_CHECKS = (
    Check("component", "p.product_name = ''", "'Names no component.'"),
    Check(
        "part",
        "p.part_id IS NULL AND NOT p.is_in_file",
        "format('There is no part number %s of %s, nor in this file.', p.number,"
        " coalesce(p.suite_publisher, 'no publisher'))",
    ),
    Check(
        "part",
        "p.is_in_file AND p.part_is_refused",
        "format('The row of the part number %s in this file is refused.', p.number)",
    ),
    Check(
        "part",
        "NOT p.is_suite",
        "format('%s is no suite: say so on its row among the part numbers.', p.number)",
    ),
    Check(
        "component_publisher",
        f"p.vendor_id = {NOT_THERE} AND NOT makes_catalogue",
        _MISSING_PUBLISHER,
    ),
)
