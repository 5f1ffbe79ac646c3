"""
Doing what was planned: by sets, in the caller's transaction, after ``planning.plan`` in it.

Everything written is noted in ``ImportedRecord``, with the history row it left.
"""

from typing import Any

from django.apps import apps
from django.db import connection, models

from common.sql import rows_of, run
from entitlements.models import Import, ImportRow, Outcome
from entitlements.services import keep_purchase_lines
from entitlements.signals import rights_changed
from entitlements.workbook.planning import states
from entitlements.workbook.planning.library import PART_VALUES
from entitlements.workbook.planning.outcomes import (
    CONTRACT_FIELDS,
    ENTITLEMENT_FIELDS,
    TERM_RULES,
    qualified,
)
from entitlements.workbook.planning.parts import SUITE_COMPONENTS
from entitlements.workbook.planning.sql import NOT_THERE

CONTRACT_COLUMNS = [column for column, _, _ in CONTRACT_FIELDS.values()]
ENTITLEMENT_COLUMNS = [column for column, _, _ in ENTITLEMENT_FIELDS.values()]


def write(source: Import) -> None:
    """Write all rows that are not refused; the caller holds the company's lock and acts."""
    run("CREATE TEMP TABLE written (model text, object_id bigint, is_new boolean) ON COMMIT DROP")
    _make_vendors()
    _make_places()
    _make_definitions()
    _write_contracts()
    _write_library()
    _make_models()
    _write_entitlements()
    _write_states()
    _write_returns()
    _keep_purchases(source)
    _keep_what_rows_are(source)
    _note(source)
    _announce(source)


def _insert(model: str, columns: str, select: str, *, on_conflict: str = "") -> None:
    """INSERT … SELECT, noting what was written; fields a file does not tell begin as in a form."""
    record = apps.get_model(model)
    defaults = _defaults(record, told=set(columns.split(", ")))
    table = record._meta.db_table
    run(
        f"WITH made AS (INSERT INTO {table} ({', '.join([columns, *defaults])})"
        f" SELECT {', '.join(['told.*', *(['%s'] * len(defaults))])} FROM ({select}) told"
        f" {on_conflict} RETURNING id)"
        f" INSERT INTO written SELECT '{model}', id, true FROM made",
        list(defaults.values()),
    )


def _defaults(record: type[models.Model], *, told: set[str]) -> dict[str, Any]:
    """By column, the defaults of the fields that are not told and must not be NULL."""
    return {
        str(field.column): field.get_db_prep_save(field.get_default(), connection)
        for field in record._meta.concrete_fields
        if not (field.primary_key or field.null or field.generated or field.column in told)
    }


def _update(model: str, assigned: str, source: str) -> None:
    """UPDATE … FROM, the record as ``e`` and the planned one as ``p``, noting what was written."""
    table = apps.get_model(model)._meta.db_table
    run(
        f"WITH changed AS (UPDATE {table} e SET {assigned} FROM {source} RETURNING e.id)"
        f" INSERT INTO written SELECT '{model}', id, false FROM changed"
    )


# Somebody else may make the same vendor at the same moment: then it is theirs, and there.
_OR_THERE = "ON CONFLICT DO NOTHING"


def _make_vendors() -> None:
    _insert(
        "contracts.vendor",
        "name, website",
        "SELECT name, '' FROM missing WHERE what = 'vendor' ORDER BY name",
        on_conflict=_OR_THERE,
    )
    for table, column, name in (
        ("planned_contract", "vendor_id", "vendor_name"),
        ("planned_contract", "reseller_id", "reseller_name"),
        ("planned_entitlement", "vendor_id", "vendor_name"),
        ("planned_part", "vendor_id", "vendor_name"),
        ("planned_component", "vendor_id", "vendor_name"),
    ):
        _refer(table, column, name, "contracts_vendor")


def _refer(table: str, column: str, name: str, records: str, within: str = "") -> None:
    """Give planned records the ids of what was just made."""
    run(
        f"UPDATE {table} p SET {column} = r.id FROM {records} r {within}"
        f" {'AND' if within else 'WHERE'} lower(r.name) = lower(p.{name})"
        f" AND p.{column} = {NOT_THERE} AND NOT p.is_refused"
    )


_OF_COMPANY = "JOIN importing USING (company_id) WHERE true"


def _make_places() -> None:
    for what, model, extra in (
        ("department", "accounts.department", ""),
        ("location", "accounts.location", ", country"),
        ("cost centre", "accounts.costcentre", ""),
    ):
        value = ", ''" if extra else ""
        _insert(
            model,
            f"company_id, name{extra}",
            f"SELECT company_id, name{value} FROM missing CROSS JOIN importing"
            f" WHERE what = '{what}' ORDER BY name",
            on_conflict=_OR_THERE,
        )
    for column, name, records in (
        ("owned_by_department_id", "owning_department_name", "accounts_department"),
        ("department_id", "department_name", "accounts_department"),
        ("location_id", "location_name", "accounts_location"),
        ("cost_centre_id", "cost_centre_name", "accounts_costcentre"),
    ):
        _refer("planned_entitlement", column, name, records, _OF_COMPANY)


def _make_definitions() -> None:
    _insert(
        "entitlements.entitlementdefinition",
        "company_id, name, grace_days, maximum_days, is_orderable, is_forced_in, currency",
        "SELECT company_id, name, 0, 0, false, false, '' FROM missing CROSS JOIN importing"
        " WHERE what = 'definition' ORDER BY name",
        on_conflict=_OR_THERE,
    )
    for table in ("planned_entitlement", "planned_return"):
        _refer(
            table,
            "definition_id",
            "definition",
            "entitlements_entitlementdefinition",
            _OF_COMPANY,
        )


def _number_new(planned: str, records: str) -> None:
    """Give new records their ids, in the order of the file."""
    run(
        f"UPDATE {planned} p SET new_id = numbered.id FROM ("
        f" SELECT row_id, nextval(pg_get_serial_sequence('{records}', 'id')) AS id FROM ("
        f"  SELECT row_id FROM {planned} WHERE outcome = 'new' ORDER BY sheet, \"row\", row_id"
        " ) in_order) numbered WHERE numbered.row_id = p.row_id"
    )


def _write_contracts() -> None:
    _number_new("planned_contract", "contracts_contract")
    run(
        "UPDATE planned_contract p SET parent_id = parent.new_id FROM planned_contract parent"
        f" WHERE p.parent_id = {NOT_THERE} AND parent.number = p.parent_number"
        " AND parent.new_id IS NOT NULL"
    )
    columns = ", ".join(CONTRACT_COLUMNS)
    _insert(
        "contracts.contract",
        f"id, company_id, number, {columns}",
        f"SELECT new_id, company_id, number, {columns} FROM planned_contract CROSS JOIN importing"
        " WHERE outcome = 'new' ORDER BY new_id",
    )
    _update(
        "contracts.contract",
        ", ".join(f"{column} = p.{column}" for column in CONTRACT_COLUMNS),
        "planned_contract p WHERE p.target_id = e.id AND p.outcome = 'changed'"
        " AND p.changes - ARRAY['Term', 'Renewal'] <> '{}'",
    )
    _insert(
        "contracts.contractterm",
        f"company_id, contract_id, starts_on, ends_on, value, currency, {TERM_RULES}",
        "SELECT company_id, coalesce(new_id, target_id), starts_on, ends_on, term_value,"
        f" term_currency, {TERM_RULES} FROM planned_contract CROSS JOIN importing"
        " WHERE starts_on IS NOT NULL AND (outcome = 'new' OR outcome = 'changed'"
        " AND (term_id IS NULL OR is_renewal)) ORDER BY 2",
    )
    _update(
        "contracts.contractterm",
        "starts_on = p.starts_on, ends_on = p.ends_on, value = p.term_value,"
        f" currency = p.term_currency, ({TERM_RULES}) = ROW({qualified(TERM_RULES, 'p')})",
        "planned_contract p WHERE p.term_id = e.id AND p.outcome = 'changed'"
        " AND p.changes ? 'Term'",
    )
    run(
        "UPDATE planned_entitlement p SET contract_id = c.new_id FROM planned_contract c"
        f" WHERE p.contract_id = {NOT_THERE} AND c.number = p.contract_number"
        " AND c.new_id IS NOT NULL"
    )


def _write_library() -> None:
    columns = ", ".join(PART_VALUES)
    _insert(
        "entitlements.publisherpart",
        f"vendor_id, number, {columns}",
        f"SELECT vendor_id, number, {columns} FROM planned_part WHERE outcome = 'new'"
        ' ORDER BY sheet, "row"',
    )
    _update(
        "entitlements.publisherpart",
        ", ".join(f"{column} = p.{column}" for column in PART_VALUES),
        "planned_part p WHERE p.target_id = e.id AND p.outcome = 'changed'",
    )
    _insert(
        "entitlements.suitecomponent",
        "part_id, vendor_id, product_name, version, edition",
        "SELECT part.id, p.vendor_id, p.product_name, p.version, p.edition"
        " FROM planned_component p"
        " JOIN contracts_vendor whole ON lower(whole.name) = lower(p.suite_publisher)"
        " JOIN entitlements_publisherpart part"
        "  ON part.vendor_id = whole.id AND part.number = p.number"
        " WHERE p.outcome = 'new' ORDER BY p.sheet, p.\"row\"",
    )


def _make_models() -> None:
    _insert(
        "contracts.product",
        "vendor_id, name",
        "SELECT DISTINCT ON (vendor.id, lower(needed.product)) vendor.id, needed.product"
        " FROM needed_model needed JOIN contracts_vendor vendor"
        " ON lower(vendor.name) = lower(needed.publisher)"
        ' WHERE needed.is_missing ORDER BY vendor.id, lower(needed.product), sheet, "row"',
        on_conflict=_OR_THERE,
    )
    # A product named without its publisher was found by its name alone.
    run(
        """
        CREATE TEMP TABLE product_of ON COMMIT DROP AS
        SELECT needed.publisher, needed.product, found.id AS product_id, found.vendor_id
        FROM (
            SELECT DISTINCT coalesce(lower(publisher), '') AS publisher, lower(product) AS product
            FROM needed_model
        ) needed
        JOIN contracts_product found ON lower(found.name) = needed.product
        JOIN contracts_vendor vendor ON vendor.id = found.vendor_id
            AND needed.publisher IN ('', lower(vendor.name))
        """
    )
    # Of tables that were empty a moment ago the database thinks that they still are.
    run("ANALYZE needed_model, product_of, contracts_product")
    _insert(
        "contracts.softwaremodel",
        "product_id, name, version, edition, platform, language, product_type",
        """
        SELECT DISTINCT ON (
                product_id, lower(version), lower(edition), lower(platform), lower(language)
            ) product_id,
            left(concat_ws(' ', needed.product, nullif(version, ''), nullif(edition, ''),
                nullif(platform, ''), nullif(language, '')), 400),
            version, edition, platform, language, needed.product_type
        FROM needed_model needed
        JOIN product_of ON product_of.publisher = coalesce(lower(needed.publisher), '')
            AND product_of.product = lower(needed.product)
        WHERE needed.is_missing
        ORDER BY product_id, lower(version), lower(edition), lower(platform), lower(language),
            sheet, "row"
        """,
        on_conflict=_OR_THERE,
    )
    run("ANALYZE contracts_softwaremodel")
    for table in ("planned_entitlement", "planned_return"):
        _refer_to_models(table)
    _make_parts()
    _make_suites()


def _refer_to_models(table: str) -> None:
    run(
        f"""
        UPDATE {table} p SET model_id = model.id
        FROM product_of JOIN contracts_softwaremodel model USING (product_id)
        WHERE p.model_id = {NOT_THERE} AND NOT p.is_refused
            AND product_of.publisher = coalesce(lower(p.publisher), '')
            AND product_of.product = lower(p.product)
            AND lower(model.version) = lower(coalesce(p.version, ''))
            AND lower(model.edition) = lower(coalesce(p.edition, ''))
            AND lower(model.platform) = lower(coalesce(p.platform, ''))
            AND lower(model.language) = lower(coalesce(p.language, ''))
        """
    )


def _make_parts() -> None:
    _insert(
        "entitlements.publisherpart",
        "vendor_id, number, product_name, version, edition, platform, language, product_type,"
        " license_type, metric_id, rights_per_pack",
        f"""
        SELECT DISTINCT ON (product.vendor_id, p.part_number) product.vendor_id, p.part_number,
            product.name, model.version, model.edition, model.platform, model.language,
            model.product_type, coalesce(nullif(p.license_type, ''), 'full'), p.metric_id,
            greatest(coalesce(p.rights_per_pack, 1), 1)
        FROM planned_entitlement p
        JOIN contracts_softwaremodel model ON model.id = p.model_id
        JOIN contracts_product product ON product.id = model.product_id
        WHERE p.part_id = {NOT_THERE} AND NOT p.is_refused
        ORDER BY product.vendor_id, p.part_number, p.sheet, p."row"
        """,
        on_conflict=_OR_THERE,
    )
    run(
        f"""
        UPDATE planned_entitlement p SET part_id = part.id
        FROM contracts_softwaremodel model
        JOIN contracts_product product ON product.id = model.product_id
        JOIN entitlements_publisherpart part USING (vendor_id)
        WHERE model.id = p.model_id AND part.number = p.part_number
            AND p.part_id = {NOT_THERE} AND NOT p.is_refused
        """
    )


def _make_suites() -> None:
    """Say of the models that were bought as suites what they hold, as the part library has it."""
    _insert(
        "contracts.suitepart",
        "suite_id, component_id",
        f"""
        SELECT DISTINCT p.model_id, component.model_id
        FROM planned_entitlement p JOIN ({SUITE_COMPONENTS}) component USING (part_id)
        WHERE NOT p.is_refused AND component.model_id <> p.model_id
        ORDER BY p.model_id, component.model_id
        """,
        on_conflict=_OR_THERE,
    )


def _write_entitlements() -> None:
    _number_new("planned_entitlement", "entitlements_entitlement")
    columns = ", ".join(ENTITLEMENT_COLUMNS)
    _insert(
        "entitlements.entitlement",
        f"id, company_id, kind, {columns}, matched_serial",
        f"SELECT new_id, company_id, kind, {columns}, ''"
        " FROM planned_entitlement CROSS JOIN importing WHERE outcome = 'new' ORDER BY new_id",
    )
    # A serial number that is entered stands in the place of one that consolidate matched.
    _update(
        "entitlements.entitlement",
        ", ".join(f"{column} = p.{column}" for column in ENTITLEMENT_COLUMNS)
        + ", matched_serial = CASE WHEN p.serial_number = '' THEN e.matched_serial ELSE '' END"
        ", matched_run_id = CASE WHEN p.serial_number = '' THEN e.matched_run_id END"
        ", matched_figures = CASE WHEN p.serial_number = '' THEN e.matched_figures END",
        "planned_entitlement p WHERE p.target_id = e.id AND p.outcome = 'changed'"
        f" AND p.changes - '{states.HEADER}' <> '{{}}'",
    )


def _write_states() -> None:
    _update(
        "entitlements.stateperiod",
        "until_on = p.state_from - 1",
        "planned_entitlement p WHERE p.period_id = e.id AND p.outcome = 'changed'"
        " AND p.is_later_state AND (e.until_on IS NULL OR e.until_on >= p.state_from)",
    )
    _insert(
        "entitlements.stateperiod",
        "company_id, entitlement_id, state, substate, from_on, until_on",
        "SELECT company_id, coalesce(new_id, target_id), state, substate, state_from, state_until"
        " FROM planned_entitlement CROSS JOIN importing"
        " WHERE is_later_state AND outcome IN ('new', 'changed') ORDER BY 2",
    )
    _update(
        "entitlements.stateperiod",
        "state = p.state, substate = p.substate, until_on = p.state_until",
        "planned_entitlement p WHERE p.period_id = e.id AND p.outcome = 'changed'"
        f" AND NOT p.is_later_state AND p.changes ? '{states.HEADER}'",
    )


def _keep_purchases(source: Import) -> None:
    """Bring the expense lines of purchases in step; they are undone with their entitlements."""
    # The lines refer to what was just written, of which the database knows no figures yet.
    run("ANALYZE written")
    written = rows_of("SELECT object_id FROM written WHERE model = 'entitlements.entitlement'")
    keep_purchase_lines(source.company_id, [object_id for (object_id,) in written])


def _write_returns() -> None:
    _number_new("planned_return", "entitlements_purchasereturn")
    _insert(
        "entitlements.purchasereturn",
        "id, company_id, definition_id, model_id, quantity, returned_on, unit_price, currency,"
        " notes",
        "SELECT new_id, company_id, definition_id, model_id, quantity, returned_on, unit_price,"
        " currency, notes FROM planned_return CROSS JOIN importing WHERE outcome = 'new'"
        " ORDER BY new_id",
    )
    _update(
        "entitlements.purchasereturn",
        "notes = p.notes",
        "planned_return p WHERE p.target_id = e.id AND p.outcome = 'changed'",
    )


def _keep_what_rows_are(source: Import) -> None:
    """
    Keep which record each row is, where other rows of the file are left out and may come back.

    Of a row that came back it is kept as well: so it is that record when it comes back once more.
    """
    leaves_out = ImportRow.objects.filter(source=source, outcome=Outcome.REFUSED).exists()
    run(
        'INSERT INTO entitlements_toldrecord (origin_id, sheet, "row", record, object_id)'
        ' SELECT origin.origin_id, origin.sheet, origin."row", origin.record,'
        " coalesce(p.new_id, p.target_id) FROM origin CROSS JOIN importing JOIN ("
        "  SELECT row_id, new_id, target_id FROM planned_entitlement WHERE NOT is_refused"
        "  UNION ALL"
        "  SELECT row_id, new_id, target_id FROM planned_return WHERE NOT is_refused"
        " ) p USING (row_id) WHERE %s OR origin.origin_id <> importing.source_id"
        " ON CONFLICT DO NOTHING",
        [leaves_out],
    )


WRITTEN = (
    "entitlements.purchasereturn",
    "entitlements.stateperiod",
    "entitlements.entitlement",
    "entitlements.suitecomponent",
    "entitlements.publisherpart",
    "contracts.suitepart",
    "contracts.softwaremodel",
    "contracts.product",
    "contracts.contractterm",
    "contracts.contract",
    "contracts.vendor",
    "entitlements.entitlementdefinition",
    "accounts.department",
    "accounts.location",
    "accounts.costcentre",
)


def _note(source: Import) -> None:
    """Keep what was written, each with the history row that says so."""
    run("ANALYZE written")
    for label in WRITTEN:
        history = apps.get_model(label).history.model._meta.db_table
        run(
            "INSERT INTO entitlements_importedrecord"
            " (source_id, model, object_id, history_id, is_new)"
            " SELECT %s, written.model, written.object_id,"
            f" (SELECT max(history_id) FROM {history} h WHERE h.id = written.object_id),"
            " written.is_new FROM written WHERE written.model = %s ORDER BY written.object_id",
            [source.pk, label],
        )


def _announce(source: Import) -> None:
    """Tell the apps above whose rights have changed."""
    # They look up what was just written, of which the database knows no figures yet.
    run("ANALYZE entitlements_entitlement")
    written = rows_of(
        "SELECT object_id FROM written WHERE model = 'entitlements.entitlement'"
        " UNION SELECT period.entitlement_id FROM written JOIN entitlements_stateperiod period"
        "  ON written.model = 'entitlements.stateperiod' AND period.id = written.object_id"
    )
    rights_changed.send(
        Import, company_id=source.company_id, license_ids=[object_id for (object_id,) in written]
    )
