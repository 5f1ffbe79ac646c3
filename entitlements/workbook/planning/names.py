"""
What rows name: software models by publisher, product and version, by their name or by part number;
and contracts, places, people and metrics, each by its name. All by joins.
"""

from common.sql import run
from entitlements.metric_rules import NAMES_OF_PUBLISHERS
from entitlements.workbook.columns import (
    LICENSE_COLUMNS,
    MAINTENANCE_COLUMNS,
    NAMED_IN_ONE,
    Column,
)
from entitlements.workbook.model_names import ModelNames
from entitlements.workbook.planning import parts
from entitlements.workbook.planning.contracts import PEOPLE
from entitlements.workbook.planning.sql import NOT_THERE, Check, found, refuse, stage

_NAMES = {column.name: column for column in (*LICENSE_COLUMNS, *MAINTENANCE_COLUMNS)}
ENTITLEMENT_COLUMNS = (
    *_NAMES.values(),
    *(Column(name=name, header="", explanation="") for name in NAMED_IN_ONE),
)


def resolve(model_names: ModelNames) -> None:
    """Make ``named``: each staged record with the ids of what it names."""
    stage(
        "staged_entitlement",
        ENTITLEMENT_COLUMNS,
        "'license', 'maintenance', 'return', 'model'",
    )
    parts.find_models()
    if model_names is not ModelNames.KNOWN:
        run(_TAKE_APART)
    run(_METRIC_NAMES)
    run(_WITH_MODEL)
    run(GROUPS_OF_PUBLISHERS)
    run(_NAMED)
    run("ANALYZE named")
    refuse("named", CHECKS)


# Names of software models, with the publisher's before them or without.
_MODELS_CALLED = """
    SELECT lower(name) AS k, id FROM contracts_softwaremodel
    UNION
    SELECT lower(vendor.name || ' ' || model.name), model.id
    FROM contracts_softwaremodel model
    JOIN contracts_product product ON product.id = model.product_id
    JOIN contracts_vendor vendor ON vendor.id = product.vendor_id
"""

# A name that is known, or a part number that is, needs no taking apart.
_TAKE_APART = f"""
UPDATE staged_entitlement s SET publisher = coalesce(s.publisher, s.named_publisher),
    product = s.named_product, version = coalesce(s.version, s.named_version)
WHERE s.named_product IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM ({_MODELS_CALLED}) called WHERE called.k = lower(s.software_model))
    AND NOT EXISTS (SELECT 1 FROM entitlements_publisherpart part WHERE part.number = s.part)
"""

# A metric may be named without its "Per"; the full name stands first.
_METRIC_NAMES = """
CREATE TEMP TABLE metric_name ON COMMIT DROP AS
SELECT DISTINCT ON (group_id, k) group_id, k, id FROM (
    SELECT group_id, lower(name) AS k, id, 0 AS rank FROM entitlements_licensemetric
    UNION ALL
    SELECT group_id, substr(lower(name), 5), id, 1 FROM entitlements_licensemetric
    WHERE lower(name) LIKE 'per %'
) named ORDER BY group_id, k, rank, id
"""

_KNOWN_AS = ", ".join(
    f"({place}, '{group}', ARRAY{list(words)})"
    for place, (group, names) in enumerate(NAMES_OF_PUBLISHERS.items())
    for words in names
)

# By the name of a publisher its metric group, as ``metric_rules.default_group`` says it.
GROUPS_OF_PUBLISHERS = f"""
CREATE TEMP TABLE group_of_publisher ON COMMIT DROP AS
SELECT DISTINCT ON (named.k) named.k, own.id
FROM (
    SELECT lower(publisher) AS k FROM with_model UNION SELECT lower(name) FROM contracts_vendor
) named
JOIN (VALUES {_KNOWN_AS}) known_as(place, group_name, words)
    ON regexp_split_to_array(named.k, '[^[:alnum:]]+') @> known_as.words
JOIN entitlements_metricgroup own ON own.name = known_as.group_name
ORDER BY named.k, known_as.place
"""

# A part number tells the version where the row names only the product.
_TOLD_BY_PART = (
    "(part_model.product_id = known.product_id"
    " AND coalesce(known.version, known.edition, known.platform, known.language) IS NULL)"
)

_WITH_MODEL = f"""
CREATE TEMP TABLE with_model ON COMMIT DROP AS
WITH known AS (
    SELECT s.*,
        publisher.id AS publisher_id,
        coalesce(product.id, CASE WHEN s.publisher IS NULL AND alone.n = 1 THEN alone.id END)
            AS product_id,
        coalesce(alone.n, 0) AS products_of_name,
        CASE WHEN whole.n = 1 THEN whole.id END AS whole_model_id,
        coalesce(whole.n, 0) AS models_of_name,
        coalesce(own_part.id, CASE WHEN any_part.n = 1 THEN any_part.id END) AS part_id,
        coalesce(any_part.n, 0) AS parts_of_number
    FROM staged_entitlement s
    LEFT JOIN contracts_vendor publisher ON lower(publisher.name) = lower(s.publisher)
    LEFT JOIN contracts_product product
        ON product.vendor_id = publisher.id AND lower(product.name) = lower(s.product)
    LEFT JOIN (
        SELECT lower(name) AS k, min(id) AS id, count(*) AS n FROM contracts_product GROUP BY k
    ) alone ON alone.k = lower(s.product)
    LEFT JOIN (
        SELECT k, min(id) AS id, count(*) AS n FROM ({_MODELS_CALLED}) called GROUP BY k
    ) whole ON whole.k = lower(s.software_model)
    LEFT JOIN entitlements_publisherpart own_part
        ON own_part.vendor_id = publisher.id AND own_part.number = s.part
    LEFT JOIN (
        SELECT number, min(id) AS id, count(*) AS n FROM entitlements_publisherpart GROUP BY number
    ) any_part ON any_part.number = s.part
)
SELECT known.*,
    CASE WHEN known.product IS NULL THEN coalesce(known.whole_model_id, part_model.model_id)
        WHEN {_TOLD_BY_PART} THEN coalesce(part_model.model_id, model.id)
        ELSE model.id END AS model_id,
    known.product IS NULL OR {_TOLD_BY_PART} AS is_told_by_part,
    part_model.models AS models_of_part,
    part_model.model_names AS names_of_part,
    known.product IS NOT NULL OR known.software_model IS NOT NULL OR known.part IS NOT NULL
        AS names_model,
    part.license_type AS part_license_type,
    part.metric_id AS part_metric_id,
    part.rights_per_pack AS part_rights_per_pack
FROM known
LEFT JOIN entitlements_publisherpart part ON part.id = known.part_id
LEFT JOIN part_model ON part_model.part_id = known.part_id
LEFT JOIN contracts_softwaremodel model ON model.product_id = known.product_id
    AND lower(model.version) = lower(coalesce(known.version, ''))
    AND lower(model.edition) = lower(coalesce(known.edition, ''))
    AND lower(model.platform) = lower(coalesce(known.platform, ''))
    AND lower(model.language) = lower(coalesce(known.language, ''))
"""

_NAMED = f"""
CREATE TEMP TABLE named ON COMMIT DROP AS
SELECT s.*,
    metric_group.id AS group_id,
    metric_group.name AS group_name,
    {found("metric.id", "s.metric")} AS metric_id,
    {found("agreement.id", "s.agreement_type")} AS agreement_type_id,
    {found("definition.id", "s.definition")} AS definition_id,
    {found("contract.id", "s.contract")} AS contract_id,
    new_contract.is_refused AS contract_is_refused,
    {found("seller.id", "s.seller")} AS vendor_id,
    {found("owner.id", "s.owner")} AS owner_id,
    owner.n AS owners_of_name,
    {found("owning.id", "s.owning_department")} AS owning_department_id,
    {found("department.id", "s.department")} AS department_id,
    {found("location.id", "s.location")} AS location_id,
    {found("centre.id", "s.cost_centre")} AS cost_centre_id
FROM importing CROSS JOIN with_model s
LEFT JOIN contracts_softwaremodel model ON model.id = s.model_id
LEFT JOIN contracts_product product ON product.id = model.product_id
LEFT JOIN contracts_vendor publisher ON publisher.id = product.vendor_id
LEFT JOIN group_of_publisher ON s.metric_group IS NULL
    AND group_of_publisher.k = lower(coalesce(s.publisher, publisher.name))
LEFT JOIN entitlements_licensemetric part_metric
    ON part_metric.id = s.part_metric_id AND s.metric IS NULL
LEFT JOIN entitlements_metricgroup metric_group
    ON CASE WHEN s.metric_group IS NOT NULL THEN lower(metric_group.name) = lower(s.metric_group)
        WHEN part_metric.id IS NOT NULL THEN metric_group.id = part_metric.group_id
        WHEN group_of_publisher.id IS NOT NULL THEN metric_group.id = group_of_publisher.id
        ELSE metric_group.name = 'Common' END
LEFT JOIN metric_name metric ON metric.group_id = metric_group.id AND metric.k = lower(s.metric)
LEFT JOIN LATERAL (
    SELECT id FROM entitlements_agreementtype agreement
    WHERE agreement.group_id = metric_group.id
        AND lower(s.agreement_type) IN (lower(agreement.code), lower(agreement.name))
    ORDER BY lower(agreement.code) = lower(s.agreement_type) DESC, id LIMIT 1
) agreement ON s.agreement_type IS NOT NULL
LEFT JOIN entitlements_entitlementdefinition definition
    ON definition.company_id = importing.company_id
    AND lower(definition.name) = lower(s.definition)
LEFT JOIN contracts_contract contract
    ON contract.company_id = importing.company_id AND contract.number = s.contract
LEFT JOIN (
    SELECT number, bool_or(is_refused) AS is_refused FROM planned_contract
    WHERE target_id IS NULL AND number <> '' GROUP BY number
) new_contract ON new_contract.number = s.contract
LEFT JOIN contracts_vendor seller ON lower(seller.name) = lower(s.seller)
LEFT JOIN ({PEOPLE}) owner ON owner.k = lower(s.owner)
LEFT JOIN accounts_department owning
    ON owning.company_id = importing.company_id AND lower(owning.name) = lower(s.owning_department)
LEFT JOIN accounts_department department
    ON department.company_id = importing.company_id
    AND lower(department.name) = lower(s.department)
LEFT JOIN accounts_location location
    ON location.company_id = importing.company_id AND lower(location.name) = lower(s.location)
LEFT JOIN accounts_costcentre centre
    ON centre.company_id = importing.company_id AND lower(centre.name) = lower(s.cost_centre)
"""

CHECKS = (
    Check(
        "company",
        "lower(p.company) NOT IN (lower(company_name), lower(company_code))",
        "format('The row is of %s; this import is of %s. Import it into its own company.',"
        " p.company, company_name)",
    ),
    Check(
        "software_model",
        "p.model_id IS NULL AND p.product IS NULL AND p.software_model IS NOT NULL"
        " AND p.models_of_name <> 1",
        "CASE WHEN p.models_of_name > 1"
        " THEN format('%s software models are called %s. Name publisher, product and version in"
        " columns of their own.', p.models_of_name, p.software_model)"
        " ELSE format('No software model is called %s. Choose how such names are read, or name"
        " publisher, product and version in columns of their own, so that it can be made.',"
        " p.software_model) END",
    ),
    Check(
        "part",
        "p.model_id IS NULL AND p.product IS NULL AND p.software_model IS NULL"
        " AND p.part IS NOT NULL AND p.models_of_part IS NULL",
        "CASE WHEN p.parts_of_number > 1"
        " THEN format('%s publishers have the part number %s. Name the publisher.',"
        " p.parts_of_number, p.part)"
        " ELSE format('The part number %s is not known, and the row names no product.', p.part)"
        " END",
    ),
    Check(
        "part",
        "p.model_id IS NULL AND p.is_told_by_part AND p.models_of_part > 1",
        "format('Several software models fit the part number %s: %s. Name publisher, product and"
        " version in columns of their own.', p.part, p.names_of_part)",
    ),
    Check(
        "product",
        "p.product IS NOT NULL AND p.publisher IS NULL AND p.product_id IS NULL",
        "CASE WHEN p.products_of_name > 1"
        " THEN format('%s publishers have a product %s. Name the publisher.', p.products_of_name,"
        " p.product)"
        " ELSE format('No product is called %s. Name its publisher, so that it can be made.',"
        " p.product) END",
    ),
    Check(
        "publisher",
        "p.publisher IS NOT NULL AND p.publisher_id IS NULL AND p.product IS NOT NULL"
        " AND NOT makes_catalogue",
        "format('No publisher is called %s. Let the import make publishers, or correct the name.',"
        " p.publisher)",
    ),
    Check(
        "product",
        "p.product IS NOT NULL AND p.publisher_id IS NOT NULL AND p.product_id IS NULL"
        " AND NOT makes_catalogue",
        "format('%s has no product %s. Let the import make products, or correct the name.',"
        " p.publisher, p.product)",
    ),
    Check(
        "version",
        "p.product_id IS NOT NULL AND p.product IS NOT NULL AND p.model_id IS NULL"
        " AND NOT makes_catalogue",
        "format('There is no software model %s. Let the import make software models, or correct the"
        " name.', concat_ws(' ', p.product, p.version, p.edition, p.platform, p.language))",
    ),
    Check(
        "part",
        "p.part IS NOT NULL AND p.part_id IS NULL AND p.product IS NOT NULL AND NOT makes_parts",
        "format('The part number %s is not known. Let the import make part numbers, or correct"
        " it.', p.part)",
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
        "format('%s is no metric of the group %s. It has: %s.', p.metric, p.group_name,"
        " coalesce((SELECT string_agg(name, ', ' ORDER BY name) FROM entitlements_licensemetric"
        " WHERE group_id = p.group_id), 'none'))",
    ),
    Check(
        "agreement_type",
        f"p.agreement_type_id = {NOT_THERE} AND p.group_id IS NOT NULL",
        "format('%s is no agreement type of the group %s. It has: %s.', p.agreement_type,"
        " p.group_name, coalesce((SELECT string_agg(code, ', ' ORDER BY code)"
        " FROM entitlements_agreementtype WHERE group_id = p.group_id), 'none'))",
    ),
    Check(
        "definition",
        f"p.definition_id = {NOT_THERE} AND NOT makes_definitions",
        "format('%s has no entitlement definition %s. Let the import make definitions, or correct"
        " the name.', company_name, p.definition)",
    ),
    Check(
        "contract",
        f"p.contract_id = {NOT_THERE} AND p.contract_is_refused IS NULL",
        "format('There is no contract %s in %s, nor in this file.', p.contract, company_name)",
    ),
    Check(
        "contract",
        f"p.contract_id = {NOT_THERE} AND p.contract_is_refused",
        "format('The row of the contract %s in this file is refused.', p.contract)",
    ),
    Check(
        "seller",
        f"p.vendor_id = {NOT_THERE} AND NOT makes_catalogue",
        "format('No vendor is called %s. Let the import make vendors, or correct the name.',"
        " p.seller)",
    ),
    Check(
        "owner",
        f"p.owner_id = {NOT_THERE}",
        "format('Nobody in %s has the name or e-mail address %s.', company_name, p.owner)",
    ),
    Check(
        "owner",
        "p.owner IS NOT NULL AND p.owning_department IS NOT NULL",
        "'Is owned by a person or by a department, not by both.'",
    ),
    *(
        Check(
            name,
            f"p.{column} = {NOT_THERE} AND NOT makes_places",
            f"format('%s has no {what} %s. Let the import make {what}s, or correct the name.',"
            f" company_name, p.{name})",
        )
        for name, column, what in (
            ("owning_department", "owning_department_id", "department"),
            ("department", "department_id", "department"),
            ("location", "location_id", "location"),
            ("cost_centre", "cost_centre_id", "cost centre"),
        )
    ),
)


def plan_models() -> None:
    """Make ``planned_model``: sheets that list software models only make what is missing."""
    run(
        """
        CREATE TEMP TABLE planned_model ON COMMIT DROP AS
        SELECT row_id, sheet, "row", model_id AS target_id, publisher, product, version, edition,
            platform, language, false AS is_refused, NULL::text AS outcome, '{}'::jsonb AS changes
        FROM named WHERE record = 'model'
        """
    )
    refuse(
        "planned_model",
        (
            Check("product", "p.product IS NULL", "'Names no product.'"),
            Check(
                "publisher",
                "p.publisher IS NULL AND p.target_id IS NULL AND p.product IS NOT NULL",
                "'Names no publisher.'",
            ),
        ),
    )
