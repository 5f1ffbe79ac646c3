"""Returns: negative lines of a maintenance sheet. Known by key, day, quantity and price."""

from common.sql import run
from entitlements.workbook.planning import origins
from entitlements.workbook.planning.sql import NO_CURRENCY, NOT_THERE, Check, kept_text, refuse

_KEY = (
    "{0}.definition_id, {0}.model_id, {0}.returned_on, {0}.quantity, {0}.unit_price, {0}.currency"
)


_KINDS = "'return'"


def plan() -> None:
    run(_WANTED)
    run("ANALYZE wanted_return")
    _match()
    run(_PLANNED)
    refuse("planned_return", CHECKS)


def _match() -> None:
    """Make ``matched_return``: by what a row has become before, else by the key."""
    run("CREATE TEMP TABLE matched_return (row_id bigint, target_id bigint) ON COMMIT DROP")
    origins.match("matched_return", kinds=_KINDS, records="entitlements_purchasereturn")
    for origin in origins.in_order():
        run("DROP TABLE IF EXISTS existing_return")
        run(_EXISTING, {"origin": origin})
        run("ANALYZE existing_return")
        run(_MATCH_BY_KEY, {"origin": origin})


_WANTED = f"""
CREATE TEMP TABLE wanted_return ON COMMIT DROP AS
SELECT named.row_id, named.sheet, named."row", origin_id, given, definition_id, definition,
    CASE WHEN model_id IS NULL AND product IS NOT NULL THEN {NOT_THERE}
        ELSE model_id END AS model_id,
    publisher, product, version, edition, platform, language, part,
    purchased_on AS returned_on, purchased_rights AS quantity,
    coalesce(unit_cost, -1) AS unit_price, coalesce(currency, '') AS currency, notes
FROM named JOIN origin USING (row_id) WHERE named.record = 'return'
"""

# A return that was taken back is still the one that its row tells of: the same sheet does not make
# it anew.
_EXISTING = f"""
CREATE TEMP TABLE existing_return ON COMMIT DROP AS
SELECT e.*, row_number() OVER (
    PARTITION BY {_KEY.format("e")} ORDER BY is_taken_back, id
) AS n FROM (
    SELECT record.id, definition_id, model_id, returned_on, quantity,
        coalesce(unit_price, -1) AS unit_price, currency, ended_on IS NOT NULL AS is_taken_back
    FROM entitlements_purchasereturn record JOIN importing USING (company_id)
    WHERE entitlement_id IS NULL
        AND {origins.is_free("record", "matched_return", kinds=_KINDS)}
) e
"""

_MATCH_BY_KEY = f"""
WITH wanted AS (
    SELECT w.*, row_number() OVER (PARTITION BY {_KEY.format("w")} ORDER BY sheet, "row") AS n
    FROM wanted_return w
    WHERE origin_id = %(origin)s
        AND NOT EXISTS (SELECT 1 FROM matched_return m WHERE m.row_id = w.row_id)
)
INSERT INTO matched_return (row_id, target_id)
SELECT wanted.row_id, e.id FROM wanted
JOIN existing_return e
    USING (definition_id, model_id, returned_on, quantity, unit_price, currency, n)
"""

_PLANNED = f"""
CREATE TEMP TABLE planned_return ON COMMIT DROP AS
SELECT s.row_id, s.sheet, s."row", s.given, e.id AS target_id, s.definition_id, s.definition,
    s.model_id, s.publisher, s.product, s.version, s.edition, s.platform, s.language, s.part,
    s.returned_on, s.quantity, nullif(s.unit_price, -1) AS unit_price,
    s.currency,
    {kept_text("notes")} AS notes,
    NULL::bigint AS new_id, false AS is_refused, NULL::text AS outcome, '{{}}'::jsonb AS changes
FROM wanted_return s
LEFT JOIN matched_return USING (row_id)
LEFT JOIN entitlements_purchasereturn e ON e.id = matched_return.target_id
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
