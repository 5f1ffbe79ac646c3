"""Contracts: what each staged one would become, its latest term or renewal included."""

from common.sql import run
from contracts.dates import EARLIEST_DAY
from entitlements.workbook.columns import CONTRACT_COLUMNS
from entitlements.workbook.planning.sql import (
    IS_REFUSED,
    NO_CURRENCY,
    NOT_THERE,
    SEVERAL_PEOPLE,
    Check,
    found,
    kept,
    kept_text,
    refuse,
    same_in_file,
    stage,
)

# People may be named by e-mail address or by name.
PEOPLE = """
    SELECT k, min(id) AS id, count(*) AS n FROM (
        SELECT lower(email) AS k, id FROM accounts_person JOIN importing USING (company_id)
        WHERE email <> ''
        UNION
        SELECT lower(name), id FROM accounts_person JOIN importing USING (company_id)
    ) named GROUP BY k
"""


def plan() -> None:
    stage("staged_contract", CONTRACT_COLUMNS, "'contract'")
    run(_PLANNED)
    same_in_file("planned_contract", "number", "number", "Contract number")
    refuse("planned_contract", CHECKS, _FOR_CHECKS)
    _refuse_below_refused_parents()
    _refuse_circles()


_PLANNED = f"""
CREATE TEMP TABLE planned_contract ON COMMIT DROP AS
SELECT s.row_id, s.sheet, s."row", s.given, s.company,
    e.id AS target_id,
    coalesce(s.number, '') AS number,
    {kept_text("name")} AS name,
    {kept("type_id", name="type", read=found("type.id", "s.type"))} AS type_id,
    s.type AS type_name,
    {kept("vendor_id", name="vendor", read=found("vendor.id", "s.vendor"))} AS vendor_id,
    s.vendor AS vendor_name,
    {kept("reseller_id", name="reseller", read=found("reseller.id", "s.reseller"))} AS reseller_id,
    s.reseller AS reseller_name,
    {kept("parent_id", name="parent", read=found("parent.id", "s.parent"))} AS parent_id,
    s.parent AS parent_number,
    {kept_text("legal_entity")} AS legal_entity,
    {kept("purchased_on")} AS purchased_on,
    {kept("value")} AS value,
    {kept_text("currency")} AS currency,
    {kept_text("po_number")} AS po_number,
    {kept_text("invoice_number")} AS invoice_number,
    CASE WHEN lower(s.business_owner) IN (lower(owner_now.email), lower(owner_now.name))
        THEN e.business_owner_id
        ELSE {
    kept("business_owner_id", name="business_owner", read=found("owner.id", "s.business_owner"))
}
    END AS business_owner_id,
    owner.n AS owners_of_name,
    s.business_owner AS owner_name,
    {kept_text("status_by_hand", name="status")} AS status_by_hand,
    {kept_text("notes")} AS notes,
    term.id AS term_id,
    s.starts_on > term.starts_on AS is_renewal,
    coalesce(s.starts_on, s.ends_on) IS NOT NULL OR s.term_value IS NOT NULL
        OR coalesce(s.notice_length, s.renewal_length, s.anchor_day) IS NOT NULL
        OR s.renewal <> 'none' AS has_term,
    CASE WHEN s.starts_on > term.starts_on THEN s.starts_on
        ELSE coalesce(s.starts_on, term.starts_on) END AS starts_on,
    CASE WHEN s.starts_on > term.starts_on THEN s.ends_on
        ELSE {kept("ends_on", now="term")} END AS ends_on,
    CASE WHEN s.starts_on > term.starts_on THEN s.term_value
        ELSE {kept("value", name="term_value", now="term")} END AS term_value,
    CASE WHEN s.starts_on > term.starts_on THEN coalesce(s.term_currency, '')
        ELSE {kept_text("currency", name="term_currency", now="term")} END AS term_currency,
    -- A renewal has the notice and the renewal of the term before it, unless the row says others.
    {kept("notice_length", now="term")} AS notice_length,
    coalesce({kept("notice_unit", now="term")}, 'days') AS notice_unit,
    coalesce({kept("renewal", now="term")}, 'none') AS renewal,
    {kept("renewal_length", now="term")} AS renewal_length,
    coalesce({kept("renewal_unit", now="term")}, 'months') AS renewal_unit,
    {kept("anchor_day", now="term")} AS anchor_day,
    NULL::bigint AS new_id,
    false AS is_refused,
    NULL::text AS outcome,
    '{{}}'::jsonb AS changes
FROM importing CROSS JOIN staged_contract s
LEFT JOIN contracts_contract e ON e.company_id = importing.company_id AND e.number = s.number
LEFT JOIN accounts_person owner_now ON owner_now.id = e.business_owner_id
LEFT JOIN LATERAL (
    SELECT * FROM contracts_contractterm WHERE contract_id = e.id ORDER BY starts_on DESC LIMIT 1
) term ON true
LEFT JOIN contracts_contracttype type ON lower(type.name) = lower(s.type)
LEFT JOIN contracts_vendor vendor ON lower(vendor.name) = lower(s.vendor)
LEFT JOIN contracts_vendor reseller ON lower(reseller.name) = lower(s.reseller)
LEFT JOIN contracts_contract parent
    ON parent.company_id = importing.company_id AND parent.number = s.parent
LEFT JOIN ({PEOPLE}) owner ON owner.k = lower(s.business_owner)
"""

# The term before the latest, which an earlier start may run into; and the parent in this file.
_FOR_CHECKS = """
LEFT JOIN contracts_contractterm term ON term.id = p.term_id
LEFT JOIN LATERAL (
    SELECT * FROM contracts_contractterm earlier
    WHERE earlier.contract_id = p.target_id AND earlier.starts_on < term.starts_on
    ORDER BY earlier.starts_on DESC LIMIT 1
) earlier ON true
LEFT JOIN LATERAL (
    SELECT true AS is_there FROM planned_contract other WHERE other.number = p.parent_number LIMIT 1
) parent ON true
"""

_LONGEST = 32_767  # days or months, the most that is kept

_LENGTH_CHECKS = tuple(
    Check(
        name,
        f"p.{name} NOT BETWEEN {least} AND {_LONGEST}",
        f"format('Must be {least} to {_LONGEST:,}, and is %s.', p.{name})",
    )
    for name, least in (("notice_length", 0), ("renewal_length", 1))
)

_NOT_BELOW_0 = tuple(
    Check(name, f"p.{name} < 0", f"format('Must not be below 0, and is %s.', p.{name})")
    for name in ("value", "term_value")
)

CHECKS = (
    Check(
        "company",
        "lower(p.company) NOT IN (lower(company_name), lower(company_code))",
        "format('The row is of %s; this import is of %s. Import it into its own company.',"
        " p.company, company_name)",
    ),
    Check("number", "p.number = ''", "'Has no contract number.'"),
    Check("name", "p.name = ''", "'A new contract needs a name.'"),
    Check("type", "p.type_id IS NULL", "'A new contract needs a contract type.'"),
    Check(
        "type",
        f"p.type_id = {NOT_THERE}",
        "format('There is no contract type %s. There are: %s.', p.type_name,"
        " (SELECT string_agg(name, ', ' ORDER BY name) FROM contracts_contracttype))",
    ),
    Check("vendor", "p.vendor_id IS NULL", "'A new contract needs a vendor.'"),
    Check(
        "vendor",
        f"p.vendor_id = {NOT_THERE} AND NOT makes_catalogue",
        "format('No vendor is called %s. Let the import make vendors, or correct the name.',"
        " p.vendor_name)",
    ),
    Check(
        "reseller",
        f"p.reseller_id = {NOT_THERE} AND NOT makes_catalogue",
        "format('No vendor is called %s. Let the import make vendors, or correct the name.',"
        " p.reseller_name)",
    ),
    Check(
        "parent",
        f"p.parent_id = {NOT_THERE} AND parent.is_there IS NULL",
        "format('There is no contract %s in %s, nor in this file.', p.parent_number, company_name)",
    ),
    Check("parent", "p.parent_number = p.number", "'A contract cannot stand under itself.'"),
    Check(
        "business_owner",
        f"p.business_owner_id = {NOT_THERE}",
        "format('Nobody in %s has the name or e-mail address %s.', company_name, p.owner_name)",
    ),
    Check(
        "business_owner",
        "p.owners_of_name > 1 AND p.business_owner_id IS DISTINCT FROM"
        " (SELECT business_owner_id FROM contracts_contract WHERE id = p.target_id)",
        SEVERAL_PEOPLE,
    ),
    *_NOT_BELOW_0,
    Check(
        "starts_on",
        f"p.starts_on < '{EARLIEST_DAY}'",
        "format('%s is long ago. Is the year right?', p.starts_on)",
    ),
    Check(
        "value",
        "p.value IS NOT NULL AND p.currency = ''",
        NO_CURRENCY,
    ),
    Check(
        "term_value",
        "p.term_value IS NOT NULL AND p.term_currency = ''",
        NO_CURRENCY,
    ),
    Check(
        "starts_on",
        "p.has_term AND p.starts_on IS NULL",
        "'The contract has no term yet, and a new term needs a start.'",
    ),
    Check(
        "ends_on",
        "p.ends_on < p.starts_on",
        "format('Ends on %s, before it starts on %s.', p.ends_on, p.starts_on)",
    ),
    Check(
        "starts_on",
        "p.is_renewal AND term.notice_given_on IS NOT NULL",
        "format('Notice was given on %s. Withdraw it on the contract''s page before you renew.',"
        " term.notice_given_on)",
    ),
    *_LENGTH_CHECKS,
    Check(
        "ends_on",
        "p.starts_on IS NOT NULL AND p.renewal = 'automatic' AND p.ends_on IS NULL",
        "'The term renews itself and has no last day after which it could. Write its end, or choose"
        " another renewal.'",
    ),
    Check(
        "renewal_length",
        "p.starts_on IS NOT NULL AND p.renewal = 'automatic' AND p.renewal_length IS NULL",
        "'The term renews itself: write for how long.'",
    ),
    Check(
        "anchor_day",
        "p.anchor_day NOT BETWEEN 1 AND 31",
        "format('%s is no day of a month. Write 1 to 31.', p.anchor_day)",
    ),
    Check(
        "anchor_day",
        "p.anchor_day IS NOT NULL AND p.renewal_unit = 'days'",
        "'A renewal in days has no day of the month. Empty it, or renew for months.'",
    ),
    Check(
        "starts_on",
        "p.is_renewal AND (term.ends_on IS NULL OR p.starts_on <= term.ends_on)",
        "format('Starts on %s, within the term %s to %s. A renewal starts after the term before it"
        " has ended.', p.starts_on, term.starts_on, coalesce(term.ends_on::text, 'open end'))",
    ),
    Check(
        "starts_on",
        "NOT p.is_renewal AND (earlier.ends_on IS NULL OR p.starts_on <= earlier.ends_on)"
        " AND earlier.id IS NOT NULL",
        "format('Starts on %s, within the earlier term %s to %s.', p.starts_on, earlier.starts_on,"
        " coalesce(earlier.ends_on::text, 'open end'))",
    ),
)


def _refuse_below_refused_parents() -> None:
    """A contract below one that this file would make falls with it; so does what is below that."""
    while run(
        "INSERT INTO entitlements_importproblem"
        ' (source_id, sheet, "row", name, reason, is_of_cell)'
        " SELECT importing.source_id, p.sheet, p.\"row\", 'parent',"
        " format('The row of its parent contract %s is refused.', p.parent_number), false"
        " FROM importing CROSS JOIN planned_contract p"
        f" WHERE p.parent_id = {NOT_THERE} AND NOT {IS_REFUSED} AND EXISTS ("
        "  SELECT 1 FROM planned_contract parent JOIN entitlements_importproblem problem"
        '   ON problem.sheet = parent.sheet AND problem."row" = parent."row"'
        "   AND problem.source_id = importing.source_id"
        "  WHERE parent.number = p.parent_number)"
    ):
        pass
    run(f"UPDATE planned_contract p SET is_refused = true FROM importing WHERE {IS_REFUSED}")


def _refuse_circles() -> None:
    """A contract must not stand, over however many others, under itself."""
    run(
        """
        WITH RECURSIVE link AS (
            SELECT p.number, coalesce(p.parent_number, parent.number) AS parent
            FROM planned_contract p LEFT JOIN contracts_contract parent ON parent.id = p.parent_id
            UNION ALL
            SELECT e.number, parent.number FROM importing
            JOIN contracts_contract e USING (company_id)
            JOIN contracts_contract parent ON parent.id = e.parent_id
            WHERE NOT EXISTS (SELECT 1 FROM planned_contract p WHERE p.target_id = e.id)
        ), above AS (
            SELECT number, parent FROM link WHERE parent IS NOT NULL
            UNION
            SELECT above.number, link.parent FROM above JOIN link ON link.number = above.parent
            WHERE link.parent IS NOT NULL AND above.parent <> above.number
        )
        INSERT INTO entitlements_importproblem
            (source_id, sheet, "row", name, reason, is_of_cell)
        SELECT DISTINCT importing.source_id, p.sheet, p."row", 'parent',
            format('Contract %s would stand under itself, over its parent %s.', p.number,
                p.parent_number), false
        FROM importing CROSS JOIN planned_contract p
        JOIN above ON above.number = p.number AND above.parent = p.number
        WHERE p.parent_number IS NOT NULL AND p.parent_number <> p.number
        """
    )
    run(
        f"UPDATE planned_contract p SET is_refused = true FROM importing"
        f" WHERE NOT p.is_refused AND {IS_REFUSED}"
    )
