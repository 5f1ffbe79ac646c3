"""Part numbers: which software models they and the components of suites mean, by sets."""

from common.sql import run
from entitlements.parts import ATTRIBUTES


def find_models() -> None:
    """Make ``part_model``: the part numbers that rows name, each with the models that fit it."""
    run(_PART_MODEL)
    run(_DESCRIBE)
    run("ANALYZE part_model")


def _fitting(described: str, vendor: str, attributes: tuple[str, ...]) -> str:
    """
    Joins and columns of the rule of ``entitlements.parts.fit``, grouped by what is described.

    :param described: the alias of a table with ``product_name`` and the attributes
    :param vendor: the expression of its publisher's id
    """
    has = "".join(
        f" AND ({described}.{name} = '' OR lower(model.{name}) = lower({described}.{name}))"
        for name in attributes
    )
    return (
        f" LEFT JOIN contracts_product product ON product.vendor_id = {vendor}"
        f" AND lower(product.name) = lower({described}.product_name)"
        f" LEFT JOIN contracts_softwaremodel model ON model.product_id = product.id{has}"
    )


def _meant(described: str, attributes: tuple[str, ...]) -> str:
    exact = " AND ".join(
        f"lower(model.{name}) = lower({described}.{name})"
        if name in attributes
        else f"model.{name} = ''"
        for name in ATTRIBUTES
    )
    return (
        f"coalesce(min(model.id) FILTER (WHERE {exact}),"
        " CASE WHEN count(model.id) = 1 THEN min(model.id) END)"
    )


_PART_MODEL = f"""
CREATE TEMP TABLE part_model ON COMMIT DROP AS
SELECT part.id AS part_id, part.vendor_id, part.number, min(vendor.name) AS publisher,
    part.product_name, part.version, part.edition, part.platform, part.language,
    min(product.id) AS product_id,
    {_meant("part", ATTRIBUTES)} AS model_id,
    count(model.id) AS models,
    string_agg(model.name, ', ' ORDER BY model.name) AS model_names
FROM entitlements_publisherpart part
JOIN contracts_vendor vendor ON vendor.id = part.vendor_id
{_fitting("part", "part.vendor_id", ATTRIBUTES)}
WHERE part.number IN (SELECT part FROM staged_entitlement)
GROUP BY part.id
"""

# Where no model fits, one will be made: the row says in words what the part says.
_DESCRIBE = f"""
UPDATE staged_entitlement s SET publisher = known.publisher, product = known.product_name,
    {", ".join(f"{name} = nullif(known.{name}, '')" for name in ATTRIBUTES)}
FROM (
    SELECT *, count(*) OVER (PARTITION BY number) AS of_number FROM part_model
) known
WHERE known.number = s.part AND known.models = 0
    AND (known.of_number = 1 OR lower(known.publisher) = lower(s.publisher))
    AND coalesce(s.version, s.edition, s.platform, s.language) IS NULL
    AND (s.product IS NULL
        OR (lower(s.product) = lower(known.product_name)
            AND coalesce(lower(s.publisher), lower(known.publisher)) = lower(known.publisher)))
    AND NOT EXISTS (
        SELECT 1 FROM contracts_softwaremodel model
        JOIN contracts_product product ON product.id = model.product_id
        JOIN contracts_vendor vendor ON vendor.id = product.vendor_id
        WHERE s.product IS NULL
            AND lower(s.software_model) IN (
                lower(model.name), lower(vendor.name || ' ' || model.name))
    )
"""

_COMPONENT = ("version", "edition")

# The components of the suites that rows use, each with the model that it means, if there is one.
SUITE_COMPONENTS = f"""
SELECT component.id, component.part_id, min(coalesce(own.name, whole.name)) AS publisher,
    component.product_name, component.version, component.edition,
    {_meant("component", _COMPONENT)} AS model_id
FROM entitlements_suitecomponent component
JOIN entitlements_publisherpart part ON part.id = component.part_id AND part.is_suite
JOIN contracts_vendor whole ON whole.id = part.vendor_id
LEFT JOIN contracts_vendor own ON own.id = component.vendor_id
{_fitting("component", "coalesce(component.vendor_id, part.vendor_id)", _COMPONENT)}
WHERE component.part_id IN (SELECT part_id FROM planned_entitlement WHERE NOT is_refused)
GROUP BY component.id
"""
