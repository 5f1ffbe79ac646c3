"""What a person should look at, though it goes in all the same."""

from common.sql import rows_of

MOST_ROWS_NAMED = 10

# By sentence, which takes the rows: whether a planned entitlement ``p`` is one of them.
WARNINGS = {
    "The part number is of another publisher or product than the software model: {}.": """
        part.id IS NOT NULL AND ROW(lower(part_vendor.name), lower(part.product_name))
            IS DISTINCT FROM ROW(lower(coalesce(publisher.name, p.publisher, part_vendor.name)),
                lower(coalesce(product.name, p.product)))
    """,
    "An upgrade counts twice until the page of its license names what it upgrades: {}.": """
        p.license_type = 'upgrade' AND NOT EXISTS (
            SELECT 1 FROM entitlements_upgradedentitlement WHERE target_id = p.target_id
            AND ended_on IS NULL)
    """,
    "The software model has licenses of another metric, which IBM counts apart: {}.": """
        p.group_name = 'IBM' AND EXISTS (
            SELECT 1 FROM entitlements_entitlement other
            WHERE other.company_id = importing.company_id AND other.model_id = p.model_id
                AND other.metric_id <> p.metric_id AND other.id IS DISTINCT FROM p.target_id)
    """,
}


def warnings() -> list[str]:
    """The sentences that hold for rows which are not refused, with the first of those rows."""
    found = []
    for sentence, holds in WARNINGS.items():
        rows = rows_of(
            'SELECT "row", count(*) OVER () FROM (SELECT DISTINCT p.sheet, p."row"'
            " FROM importing CROSS JOIN planned_entitlement p"
            " LEFT JOIN contracts_softwaremodel model ON model.id = p.model_id"
            " LEFT JOIN contracts_product product ON product.id = model.product_id"
            " LEFT JOIN contracts_vendor publisher ON publisher.id = product.vendor_id"
            " LEFT JOIN entitlements_publisherpart part ON part.id = p.part_id"
            " LEFT JOIN contracts_vendor part_vendor ON part_vendor.id = part.vendor_id"
            f" WHERE NOT p.is_refused AND ({holds})) warned"
            f' ORDER BY sheet, "row" LIMIT {MOST_ROWS_NAMED}'
        )
        if rows:
            found.append(sentence.format(_listed([row for row, _ in rows], rows[0][1])))
    return found


def _listed(rows: list[int], number: int) -> str:
    named = ", ".join(str(row) for row in rows)
    more = f" and {number - len(rows):,} more" if number > len(rows) else ""
    return f"row {named}" if number == 1 else f"rows {named}{more}"
