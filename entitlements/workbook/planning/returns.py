"""Returns: negative lines of a maintenance sheet. Known by key, day, quantity and price."""

from entitlements.workbook.planning.sql import NO_CURRENCY, NOT_THERE, Check, kept_text, refuse, run

_KEY = (
    "{0}.definition_id, {0}.model_id, {0}.returned_on, {0}.quantity, {0}.unit_price, {0}.currency"
)


def plan() -> None:
    run(_PLANNED)
    refuse("planned_return", CHECKS)


_PLANNED = f"""
CREATE TEMP TABLE planned_return ON COMMIT DROP AS
WITH wanted AS (
    SELECT wanted.*, row_number() OVER (
        PARTITION BY {_KEY.format("wanted")} ORDER BY sheet, "row"
    ) AS n FROM (
        SELECT row_id, sheet, "row", given, definition_id, definition,
            CASE WHEN model_id IS NULL AND product IS NOT NULL THEN {NOT_THERE}
                ELSE model_id END AS model_id,
            publisher, product, version, edition, platform, language, part,
            purchased_on AS returned_on, purchased_rights AS quantity,
            coalesce(unit_cost, -1) AS unit_price, coalesce(currency, '') AS currency, notes
        FROM named WHERE record = 'return'
    ) wanted
), existing AS (
    SELECT e.*, row_number() OVER (PARTITION BY {_KEY.format("e")} ORDER BY id) AS n FROM (
        SELECT id, definition_id, model_id, returned_on, quantity,
            coalesce(unit_price, -1) AS unit_price, currency, notes
        FROM entitlements_purchasereturn JOIN importing USING (company_id)
        WHERE entitlement_id IS NULL
    ) e
)
SELECT s.row_id, s.sheet, s."row", s.given, e.id AS target_id, s.definition_id, s.definition,
    s.model_id, s.publisher, s.product, s.version, s.edition, s.platform, s.language, s.part,
    s.returned_on, s.quantity, nullif(s.unit_price, -1) AS unit_price,
    s.currency,
    {kept_text("notes")} AS notes,
    NULL::bigint AS new_id, false AS is_refused, NULL::text AS outcome, '{{}}'::jsonb AS changes
FROM wanted s
LEFT JOIN existing e
    USING (definition_id, model_id, returned_on, quantity, unit_price, currency, n)
"""

CHECKS = (
    Check("definition", "p.definition_id IS NULL", "'A return needs an entitlement definition.'"),
    Check(
        "product",
        "p.model_id IS NULL AND p.product IS NULL AND p.part IS NULL"
        " AND NOT p.given ? 'software_model'",
        "'Names no software model: give publisher and product, or a part number.'",
    ),
    Check("purchased_on", "p.returned_on IS NULL", "'Does not say on which day it was returned.'"),
    Check(
        "purchased_rights",
        "coalesce(p.quantity, 0) < 1",
        "'Does not say how many units were returned.'",
    ),
    Check(
        "unit_cost",
        "p.unit_price IS NOT NULL AND p.currency = ''",
        NO_CURRENCY,
    ),
)
