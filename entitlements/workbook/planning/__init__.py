"""
What an import would do: computed by sets in temporary tables, for each preview and import anew.

``plan`` leaves, until the end of the transaction,

- ``importing``: one row, the import, its company and its choices,
- ``planned_contract``, ``planned_entitlement``, ``planned_return``, ``planned_model``,
  ``planned_part``, ``planned_component``: for each staged record what it would become, with
  ``outcome``, ``target_id`` and ``changes``,
- ``missing_…``: what would be made by the way,

and the problems it found in ``entitlements_importproblem``. In these tables a reference is a
record's id, NULL where nothing is named, and NOT_THERE where what is named does not exist yet.
"""

from common.sql import run
from entitlements.models import Import
from entitlements.workbook.choices import Choices, Makes
from entitlements.workbook.planning import (
    contracts,
    entitlements,
    library,
    missing,
    names,
    origins,
    outcomes,
    returns,
)


def plan(source: Import, choices: Choices) -> None:
    """Compute what the staged rows of an import would do, and keep it with them."""
    _begin(source, choices)
    outcomes.forget(source)
    outcomes.mark_repeated_rows(source)
    contracts.plan()
    names.resolve(choices.model_names)
    library.plan()
    origins.find()
    entitlements.plan()
    returns.plan()
    names.plan_models()
    outcomes.decide()
    missing.gather()
    outcomes.keep(source)


# They end with the transaction, in which a plan may be made more than once.
TEMPORARY = (
    "importing, staged_contract, planned_contract, staged_entitlement, part_model,"
    " metric_name, with_model, group_of_publisher, named, origin, told, keyed, matched, existing,"
    " planned_entitlement, wanted_return, matched_return, existing_return, planned_return,"
    " planned_model, needed_model, missing, staged_part, planned_part, staged_component,"
    " planned_component, written, product_of"
)


def _begin(source: Import, choices: Choices) -> None:
    run(f"DROP TABLE IF EXISTS {TEMPORARY}")
    run(
        "CREATE TEMP TABLE importing ON COMMIT DROP AS SELECT c.id AS company_id, c.name AS"
        " company_name, c.code AS company_code, %s::bigint AS source_id, %s::boolean AS"
        " makes_catalogue, %s::boolean AS makes_parts, %s::boolean AS makes_definitions,"
        " %s::boolean AS makes_places, %s::boolean AS may_change_catalogue FROM accounts_company c"
        " WHERE c.id = %s",
        [
            source.pk,
            Makes.CATALOGUE in choices.makes,
            Makes.PARTS in choices.makes,
            Makes.DEFINITIONS in choices.makes,
            Makes.PLACES in choices.makes,
            (source.applied_by or source.started_by).is_superuser,
            source.company_id,
        ],
    )
