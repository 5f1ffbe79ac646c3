"""What rows name and does not exist: what an import would make by the way, each thing once."""

from common.sql import run
from entitlements.workbook.planning.parts import SUITE_COMPONENTS
from entitlements.workbook.planning.sql import NOT_THERE


def gather() -> None:
    """Make ``missing``: what it is and its name, for the rows that are not refused."""
    run(_NEEDED)
    run(_MISSING)


# The models that rows need, with all their parts as one text to tell them apart by.
_NEEDED = f"""
CREATE TEMP TABLE needed_model ON COMMIT DROP AS
SELECT sheet, "row", publisher, product, coalesce(version, '') AS version,
    coalesce(edition, '') AS edition, coalesce(platform, '') AS platform,
    coalesce(language, '') AS language, is_missing, part,
    coalesce(product_type, 'licensable') AS product_type
FROM (
    SELECT sheet, "row", publisher, product, planned.version, planned.edition, planned.platform,
        planned.language, model_id = {NOT_THERE} AS is_missing,
        CASE WHEN part_id = {NOT_THERE} THEN part_number END AS part,
        coalesce(planned.product_type, known.product_type) AS product_type
    FROM planned_entitlement planned
    LEFT JOIN entitlements_publisherpart known ON known.id = planned.part_id
    WHERE NOT is_refused AND (model_id = {NOT_THERE} OR part_id = {NOT_THERE})
    UNION ALL
    SELECT sheet, "row", publisher, product, version, edition, platform, language, true, NULL, NULL
    FROM planned_return WHERE NOT is_refused AND model_id = {NOT_THERE}
    UNION ALL
    SELECT sheet, "row", publisher, product, version, edition, platform, language, true, NULL, NULL
    FROM planned_model WHERE NOT is_refused AND target_id IS NULL
    UNION ALL
    SELECT sheet, "row", component.publisher, component.product_name, component.version,
        component.edition, NULL, NULL, true, NULL, NULL
    FROM importing JOIN planned_entitlement planned ON NOT is_refused
    JOIN ({SUITE_COMPONENTS}) component USING (part_id)
    WHERE makes_catalogue AND component.model_id IS NULL
) needed
"""

# Of several spellings the first in the file; equal ones come together before they are sorted.
_MISSING = f"""
CREATE TEMP TABLE missing ON COMMIT DROP AS
SELECT DISTINCT ON (what, lower(name)) what, name FROM (
    SELECT what, name, min(sheet::bigint << 32 | "row") AS place FROM (
    SELECT 'vendor' AS what, vendor_name AS name, sheet, "row" FROM planned_contract
        WHERE NOT is_refused AND vendor_id = {NOT_THERE}
    UNION ALL SELECT 'vendor', reseller_name, sheet, "row" FROM planned_contract
        WHERE NOT is_refused AND reseller_id = {NOT_THERE}
    UNION ALL SELECT 'vendor', vendor_name, sheet, "row" FROM planned_entitlement
        WHERE NOT is_refused AND vendor_id = {NOT_THERE}
    UNION ALL SELECT 'vendor', vendor_name, sheet, "row" FROM planned_part
        WHERE NOT is_refused AND vendor_id = {NOT_THERE}
    UNION ALL SELECT 'vendor', vendor_name, sheet, "row" FROM planned_component
        WHERE NOT is_refused AND vendor_id = {NOT_THERE}
    UNION ALL SELECT 'vendor', publisher, sheet, "row" FROM needed_model
        LEFT JOIN contracts_vendor ON lower(name) = lower(publisher)
        WHERE publisher IS NOT NULL AND name IS NULL
    UNION ALL SELECT 'definition', definition, sheet, "row" FROM planned_entitlement
        WHERE NOT is_refused AND definition_id = {NOT_THERE}
    UNION ALL SELECT 'definition', definition, sheet, "row" FROM planned_return
        WHERE NOT is_refused AND definition_id = {NOT_THERE}
    UNION ALL SELECT 'department', owning_department_name, sheet, "row" FROM planned_entitlement
        WHERE NOT is_refused AND owned_by_department_id = {NOT_THERE}
    UNION ALL SELECT 'department', department_name, sheet, "row" FROM planned_entitlement
        WHERE NOT is_refused AND department_id = {NOT_THERE}
    UNION ALL SELECT 'location', location_name, sheet, "row" FROM planned_entitlement
        WHERE NOT is_refused AND location_id = {NOT_THERE}
    UNION ALL SELECT 'cost centre', cost_centre_name, sheet, "row" FROM planned_entitlement
        WHERE NOT is_refused AND cost_centre_id = {NOT_THERE}
    UNION ALL SELECT 'product', concat_ws(' ', publisher, needed.product), sheet, "row"
        FROM needed_model needed
        LEFT JOIN contracts_vendor vendor ON lower(vendor.name) = lower(publisher)
        LEFT JOIN contracts_product product
            ON product.vendor_id = vendor.id AND lower(product.name) = lower(needed.product)
        WHERE publisher IS NOT NULL AND product.id IS NULL
    UNION ALL SELECT 'software model',
            concat_ws(' ', publisher, product, nullif(version, ''), nullif(edition, ''),
                nullif(platform, ''), nullif(language, '')), sheet, "row" FROM needed_model
        WHERE is_missing
    UNION ALL SELECT 'part number', part, sheet, "row" FROM needed_model WHERE part IS NOT NULL
) named GROUP BY what, name
) spelled ORDER BY what, lower(name), place
"""
