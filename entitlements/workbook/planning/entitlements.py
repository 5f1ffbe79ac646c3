"""Licenses and maintenance: which record each staged one is, and what it would become."""

from common.sql import run
from contracts.models.catalogue import ProductType
from entitlements.workbook.planning import origins, states
from entitlements.workbook.planning.sql import (
    NO_CURRENCY,
    NOT_THERE,
    SEVERAL_PEOPLE,
    Check,
    kept,
    kept_text,
    labelled,
    refuse,
    same_in_file,
)

_KINDS = "'license', 'maintenance'"


def plan() -> None:
    _match()
    run(_PLANNED)
    run("ANALYZE planned_entitlement")
    same_in_file("planned_entitlement", "row_tag", "asset_tag", "Asset tag")
    refuse("planned_entitlement", CHECKS, _FOR_CHECKS)


def _match() -> None:
    """Make ``matched``: by asset tag, else by what a row has become before, else by the key."""
    run(_MATCHED_BY_TAG)
    run("CREATE INDEX ON matched (target_id)")
    run("ANALYZE matched")
    origins.match("matched", kinds=_KINDS, records="entitlements_entitlement")
    run(_KEYED)
    run("ANALYZE keyed")
    for origin in origins.in_order():
        run("DROP TABLE IF EXISTS existing")
        run(_EXISTING, {"origin": origin})
        # What is free is beyond what the database can guess: it has to know before it joins.
        run("ANALYZE existing")
        run(_MATCH_BY_KEY, {"origin": origin})


_MATCHED_BY_TAG = f"""
CREATE TEMP TABLE matched ON COMMIT DROP AS
SELECT s.row_id, e.id AS target_id
FROM importing CROSS JOIN named s
JOIN entitlements_entitlement e
    ON e.company_id = importing.company_id AND e.asset_tag = s.asset_tag
WHERE s.record IN ({_KINDS})
"""

# What tells entitlements without an asset tag apart; the n-th equal row is the n-th equal record.
_KEY = (
    "{0}.kind, {0}.model_id, {0}.definition_id, {0}.serial_number, {0}.license_number,"
    " {0}.purchased_on, {0}.starts_on, {0}.unit_cost, {0}.currency"
)

# The rows without a tag that are not matched yet, each with its key.
_KEYED = f"""
CREATE TEMP TABLE keyed ON COMMIT DROP AS
SELECT keyed.*, row_number() OVER (
    PARTITION BY origin_id, {_KEY.format("keyed")} ORDER BY sheet, "row", row_id
) AS n FROM (
    SELECT named.row_id, named.sheet, named."row", named.record AS kind, origin_id, model_id,
        coalesce(definition_id, 0) AS definition_id,
        coalesce(serial_number, '') AS serial_number,
        coalesce(license_number, -1) AS license_number,
        purchased_on,
        coalesce(starts_on, '-infinity') AS starts_on,
        coalesce(unit_cost, -1) AS unit_cost,
        coalesce(currency, '') AS currency
    FROM named JOIN origin USING (row_id)
    WHERE named.record IN ({_KINDS}) AND asset_tag IS NULL
        AND model_id IS NOT NULL AND purchased_on IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM matched WHERE matched.row_id = named.row_id)
) keyed
"""

# Records with a tag that this file names are not matched by key, and those with another tag only
# after those without.
_EXISTING = f"""
CREATE TEMP TABLE existing ON COMMIT DROP AS
SELECT e.id, {_KEY.format("e")}, row_number() OVER (
    PARTITION BY {_KEY.format("e")} ORDER BY e.asset_tag <> '', e.id
) AS n FROM (
    SELECT record.id, kind, model_id, coalesce(definition_id, 0) AS definition_id,
        serial_number, coalesce(license_number, -1) AS license_number, purchased_on,
        coalesce(starts_on, '-infinity') AS starts_on, coalesce(unit_cost, -1) AS unit_cost,
        currency, asset_tag
    FROM entitlements_entitlement record JOIN importing USING (company_id)
    WHERE {origins.is_free("record", "matched", kinds=_KINDS)}
        AND model_id IN (SELECT model_id FROM keyed)
) e
"""

_MATCH_BY_KEY = """
INSERT INTO matched (row_id, target_id)
SELECT keyed.row_id, existing.id
FROM keyed JOIN existing USING (kind, model_id, definition_id, serial_number, license_number,
    purchased_on, starts_on, unit_cost, currency, n)
WHERE keyed.origin_id = %(origin)s
"""


def _reference(column: str, *, name: str) -> str:
    return kept(f"{column}", name=name, read=f"s.{column}")


_PLANNED = f"""
CREATE TEMP TABLE planned_entitlement ON COMMIT DROP AS
SELECT s.row_id, s.sheet, s."row", s.given, s.record AS kind,
    e.id AS target_id,
    e.kind AS kind_now,
    CASE WHEN s.model_id IS NOT NULL THEN s.model_id
        WHEN s.product IS NOT NULL THEN {NOT_THERE}
        WHEN NOT s.names_model THEN e.model_id END AS model_id,
    s.publisher, s.product, s.version, s.edition, s.platform, s.language,
    s.part AS part_number,
    CASE WHEN s.part = part_now.number THEN e.part_id
        WHEN s.part_id IS NOT NULL THEN s.part_id
        WHEN s.part IS NOT NULL AND s.product IS NOT NULL THEN {NOT_THERE}
        WHEN s.part IS NULL AND NOT s.given ? 'part' THEN e.part_id END AS part_id,
    CASE WHEN s.record = 'maintenance'
        THEN {_reference("definition_id", name="definition")} END AS definition_id,
    s.definition,
    s.asset_tag AS row_tag,
    {kept_text("asset_tag")} AS asset_tag,
    {kept_text("serial_number")} AS serial_number,
    {kept("license_number")} AS license_number,
    CASE WHEN s.record = 'license'
        THEN coalesce(s.license_type, e.license_type, s.part_license_type, 'full')
        ELSE '' END AS license_type,
    CASE WHEN s.record = 'license' THEN coalesce(s.duration, e.duration, 'perpetual')
        ELSE '' END AS duration,
    CASE WHEN s.record <> 'license' THEN NULL
        WHEN s.metric IS NOT NULL THEN s.metric_id
        WHEN s.given ? 'metric' THEN NULL
        ELSE coalesce(e.metric_id, s.part_metric_id) END AS metric_id,
    CASE WHEN s.record = 'license'
        THEN {_reference("agreement_type_id", name="agreement_type")} END AS agreement_type_id,
    s.group_name,
    {kept_text("database_option")} AS database_option,
    CASE WHEN s.is_unlimited IS NOT NULL THEN s.is_unlimited
        WHEN s.given ? 'is_unlimited' THEN false
        ELSE coalesce(e.is_unlimited, false) END AS is_unlimited,
    CASE WHEN s.purchased_rights IS NOT NULL THEN s.purchased_rights
        WHEN s.packs IS NOT NULL
            THEN s.packs * coalesce(s.rights_per_pack, s.part_rights_per_pack, e.rights_per_pack)
        WHEN s.given ? 'purchased_rights' OR s.is_unlimited THEN NULL
        ELSE e.purchased_rights END AS purchased_rights,
    coalesce({kept("rights_per_pack")},
        CASE WHEN s.packs IS NOT NULL THEN s.part_rights_per_pack END)
        AS rights_per_pack,
    {kept("packs")} AS packs,
    {kept("purchased_on")} AS purchased_on,
    {kept("starts_on")} AS starts_on,
    {kept("ends_on")} AS ends_on,
    {kept("unit_cost")} AS unit_cost,
    {kept_text("currency")} AS currency,
    {_reference("contract_id", name="contract")} AS contract_id,
    s.contract AS contract_number,
    {_reference("vendor_id", name="seller")} AS vendor_id,
    s.seller AS vendor_name,
    {kept_text("po_number")} AS po_number,
    {kept_text("invoice_number")} AS invoice_number,
    CASE WHEN lower(s.owner) IN (lower(owner_now.email), lower(owner_now.name))
            THEN e.owned_by_person_id
        WHEN s.owner IS NOT NULL THEN s.owner_id
        WHEN s.given ? 'owner' OR s.owning_department IS NOT NULL THEN NULL
        ELSE e.owned_by_person_id END AS owned_by_person_id,
    s.owner AS owner_name, s.owners_of_name,
    CASE WHEN s.owning_department IS NOT NULL THEN s.owning_department_id
        WHEN s.given ? 'owning_department' OR s.owner IS NOT NULL THEN NULL
        ELSE e.owned_by_department_id END AS owned_by_department_id,
    s.owning_department AS owning_department_name,
    {_reference("department_id", name="department")} AS department_id,
    s.department AS department_name,
    {_reference("location_id", name="location")} AS location_id,
    s.location AS location_name,
    {_reference("cost_centre_id", name="cost_centre")} AS cost_centre_id,
    s.cost_centre AS cost_centre_name,
    {kept_text("notes")} AS notes,
    CASE WHEN s.tags IS NOT NULL THEN s.tags::varchar[]
        WHEN s.given ? 'tags' OR e.id IS NULL THEN '{{}}' ELSE e.tags::varchar[] END AS tags,
    s.product_type,
    CASE WHEN s.may_be_matched IS NOT NULL THEN s.may_be_matched
        WHEN s.given ? 'may_be_matched' THEN true
        ELSE coalesce(e.may_be_matched, true) END AS may_be_matched,
    {states.PLANNED}
    NULL::bigint AS new_id,
    false AS is_refused,
    NULL::text AS outcome,
    '{{}}'::jsonb AS changes
FROM named s
LEFT JOIN matched USING (row_id)
LEFT JOIN entitlements_entitlement e ON e.id = matched.target_id
LEFT JOIN accounts_person owner_now ON owner_now.id = e.owned_by_person_id
LEFT JOIN entitlements_publisherpart part_now ON part_now.id = e.part_id
{states.LATEST}
WHERE s.record IN ('license', 'maintenance')
"""


def _most_at_once(*takings: str) -> str:
    """
    SQL for the most rights that are taken on any one day.

    :param takings: queries for rights, the day they are taken on and the one they are given back on
    """
    changes = " UNION ALL ".join(
        f"SELECT from_on AS day, rights AS change FROM ({taken}) t(rights, from_on, back_on)"
        f" UNION ALL SELECT back_on, -rights FROM ({taken}) t(rights, from_on, back_on)"
        " WHERE back_on IS NOT NULL"
        for taken in takings
    )
    return (
        "(SELECT coalesce(max(total), 0) FROM (SELECT sum(sum(change)) OVER (ORDER BY day) AS total"
        f" FROM ({changes}) c GROUP BY day) by_day)"
    )


# What a record has now, and how many of its rights are returned or moved away at once; the rule is
# that of ``entitlements.services.rights``.
_FOR_CHECKS = f"""
LEFT JOIN entitlements_entitlement e ON e.id = p.target_id
LEFT JOIN contracts_softwaremodel model ON model.id = p.model_id
LEFT JOIN contracts_product product ON product.id = model.product_id
LEFT JOIN entitlements_licensemetric metric ON metric.id = p.metric_id
LEFT JOIN entitlements_agreementtype agreement ON agreement.id = p.agreement_type_id
LEFT JOIN LATERAL (
    SELECT {
    _most_at_once(
        "SELECT quantity, returned_on, ended_on FROM entitlements_purchasereturn"
        " WHERE entitlement_id = p.target_id",
        "SELECT rights, effective_on, ended_on FROM entitlements_upgradedentitlement"
        " WHERE source_id = p.target_id",
        "SELECT units, made_on, ended_on FROM entitlements_returnassignment"
        " WHERE position_id = p.target_id",
    )
} AS gone,
        {
    _most_at_once(
        "SELECT rights, effective_on, ended_on FROM entitlements_upgradedentitlement"
        " WHERE target_id = p.target_id"
    )
} AS upgraded
) bound ON p.purchased_rights < e.purchased_rights
"""

_MOST = 2_147_483_647

CHECKS = (
    Check(
        "product",
        "p.model_id IS NULL AND p.product IS NULL AND p.part_number IS NULL"
        " AND NOT p.given ? 'software_model'",
        "'Names no software model: give publisher and product, or a part number.'",
    ),
    Check(
        "product_type",
        "p.product_type <> model.product_type",
        "format('%s is of the type %s, not %s. Only a superuser changes what all companies share:"
        " leave the product type empty.', model.name,"
        f" {labelled('model.product_type', ProductType)},"
        f" {labelled('p.product_type', ProductType)})",
    ),
    Check(
        "asset_tag",
        "p.kind_now <> p.kind",
        "format('The asset tag %s is that of a %s; this row is a %s.', p.row_tag,"
        " CASE p.kind_now WHEN 'license' THEN 'license' ELSE 'maintenance position' END,"
        " CASE p.kind WHEN 'license' THEN 'license' ELSE 'maintenance position' END)",
    ),
    Check(
        "definition",
        "p.kind = 'maintenance' AND p.definition_id IS NULL",
        "'Maintenance needs an entitlement definition.'",
    ),
    Check(
        "license_type",
        "p.kind = 'license' AND p.license_type <> e.license_type AND p.kind_now = 'license'",
        "'The license type of a license is not changed once it is saved.'",
    ),
    Check(
        "database_option",
        "p.database_option <> '' AND p.database_option IS DISTINCT FROM e.database_option"
        " AND (lower(coalesce(p.product, product.name)) <> 'db server'"
        " OR p.group_name IS DISTINCT FROM 'Oracle')",
        "'Only a license of DB Server in the metric group Oracle has a database option.'",
    ),
    Check(
        "agreement_type",
        "metric.group_id <> agreement.group_id",
        "format('%s is an agreement type of %s, but the metric %s is one of %s. Choose both of one"
        " group.', agreement.name,"
        " (SELECT name FROM entitlements_metricgroup WHERE id = agreement.group_id), metric.name,"
        " (SELECT name FROM entitlements_metricgroup WHERE id = metric.group_id))",
    ),
    Check("purchased_on", "p.purchased_on IS NULL", "'Has no purchase day.'"),
    Check(
        "starts_on",
        "p.kind = 'maintenance' AND p.starts_on IS NULL",
        "'Maintenance needs a start.'",
    ),
    Check(
        "starts_on",
        "p.duration = 'subscription' AND p.starts_on IS NULL",
        "'A subscription needs a start.'",
    ),
    Check(
        "ends_on",
        "p.duration = 'perpetual' AND p.ends_on IS NOT NULL",
        "format('Ends on %s, and a perpetual license has no end. Make it a subscription, or leave"
        " the end empty.', p.ends_on)",
    ),
    Check(
        "ends_on",
        "p.ends_on < p.starts_on",
        "format('Ends on %s, before it starts on %s.', p.ends_on, p.starts_on)",
    ),
    Check(
        "is_unlimited",
        "p.is_unlimited AND p.purchased_rights IS NOT NULL",
        "format('Is unlimited and has %s rights: one of them.', p.purchased_rights)",
    ),
    Check(
        "purchased_rights",
        "NOT p.is_unlimited AND p.purchased_rights IS NULL",
        "'Has no number of rights.'",
    ),
    Check(
        "purchased_rights",
        "p.purchased_rights < 1",
        "format('Must be above 0, and is %s.', p.purchased_rights)",
    ),
    Check(
        "purchased_rights",
        f"p.purchased_rights > {_MOST}",
        f"format('%s rights are more than {_MOST:,}, the most that is kept.', p.purchased_rights)",
    ),
    Check(
        "purchased_rights",
        "p.packs * p.rights_per_pack <> p.purchased_rights",
        "format('%s packs of %s rights are %s rights, not %s.', p.packs, p.rights_per_pack,"
        " p.packs * p.rights_per_pack, p.purchased_rights)",
    ),
    Check(
        "packs",
        "p.packs IS NOT NULL AND p.rights_per_pack IS NULL",
        "'Has packs, but not how many rights one has.'",
    ),
    Check("packs", "p.packs < 0", "format('Must not be below 0, and is %s.', p.packs)"),
    Check(
        "packs",
        "p.is_unlimited AND p.packs IS NOT NULL AND p.purchased_rights IS NULL",
        "'Is unlimited and has packs: one of them.'",
    ),
    Check(
        "rights_per_pack",
        "p.rights_per_pack < 0",
        "format('Must not be below 0, and is %s.', p.rights_per_pack)",
    ),
    Check(
        "license_number",
        "p.license_number < 0",
        "format('Must not be below 0, and is %s.', p.license_number)",
    ),
    Check(
        "unit_cost",
        "p.unit_cost < 0",
        "format('Must not be below 0, and is %s. A return of a license is booked on its page.',"
        " p.unit_cost)",
    ),
    Check(
        "unit_cost",
        "p.unit_cost IS NOT NULL AND p.currency = ''",
        NO_CURRENCY,
    ),
    Check(
        "owner",
        "p.owners_of_name > 1 AND p.owned_by_person_id IS DISTINCT FROM e.owned_by_person_id",
        SEVERAL_PEOPLE,
    ),
    Check(
        "purchased_rights",
        "p.purchased_rights < bound.gone",
        "format('%s of its rights are returned or moved away by upgrades: it cannot have only %s.',"
        " bound.gone, p.purchased_rights)",
    ),
    Check(
        "purchased_rights",
        "p.purchased_rights < bound.upgraded",
        "format('%s rights were moved to it by upgrades: it cannot have only %s.', bound.upgraded,"
        " p.purchased_rights)",
    ),
    *states.CHECKS,
)
