"""What each row does, told once everything about it is known; and kept beside the staged rows."""

from common.sql import rows_of, run
from entitlements.models import Import
from entitlements.workbook.columns import SheetKind, columns_by_name
from entitlements.workbook.headers import SheetMapping
from entitlements.workbook.planning import states
from entitlements.workbook.planning.library import PART_FIELDS
from entitlements.workbook.planning.sql import IS_REFUSED, NOT_THERE
from entitlements.workbook.planning.warnings import warnings
from entitlements.workbook.rows import Record

PLANNED = (
    "planned_contract",
    "planned_entitlement",
    "planned_return",
    "planned_model",
    "planned_part",
    "planned_component",
)


def forget(source: Import) -> None:
    """Forget what an earlier preview found; what reading the cells found stays."""
    run(
        "DELETE FROM entitlements_importproblem WHERE source_id = %s AND NOT is_of_cell",
        [source.pk],
    )


def mark_repeated_rows(source: Import) -> None:
    """
    Mark the rows that tell a record again: a preset says which rows are alike.

    One that says something else of the record is refused: which row is right, nobody can know.
    """
    run(
        "UPDATE entitlements_importrow SET outcome = ''"
        " WHERE source_id = %s AND outcome = 'repeated'",
        [source.pk],
    )
    for place, stored in enumerate(source.mappings):
        mapping = SheetMapping.from_json(stored)
        if mapping.one_record_for:
            _mark_repeated(source, place, list(mapping.one_record_for))
        elif mapping.kind is SheetKind.MODELS:
            alike = [name for name in columns_by_name(SheetKind.MODELS) if name in mapping.names]
            _mark_repeated(source, place, alike)


def _mark_repeated(source: Import, sheet: int, alike: list[str]) -> None:
    run(
        """
        WITH told AS (
            SELECT id, "row", "values", first_value("row") OVER same AS first,
                first_value("values") OVER same AS told
            FROM entitlements_importrow
            WHERE source_id = %(source)s AND sheet = %(sheet)s
            WINDOW same AS (
                PARTITION BY (
                    SELECT jsonb_agg(lower("values" ->> name)) FROM unnest(%(alike)s::text[]) name
                )
                ORDER BY "row", id
            )
        ), marked AS (
            UPDATE entitlements_importrow r SET outcome = 'repeated'
            FROM told WHERE told.id = r.id AND told."row" > told.first
        )
        INSERT INTO entitlements_importproblem
            (source_id, sheet, "row", name, reason, is_of_cell)
        SELECT %(source)s, %(sheet)s, told."row", said.name,
            format('Row %%s tells the same record and says %%s here.', told.first,
                coalesce(told.told ->> said.name, 'nothing')), false
        FROM told CROSS JOIN LATERAL jsonb_each_text(told."values") said(name, said)
        WHERE told."row" > told.first
            AND lower(told.told ->> said.name) IS DISTINCT FROM lower(said.said)
        """,
        {"source": source.pk, "sheet": sheet, "alike": alike},
    )


def decide() -> None:
    """Set outcome and changes of all planned records."""
    for table in PLANNED:
        run(f"UPDATE {table} p SET is_refused = true FROM importing WHERE {IS_REFUSED}")
    run(_changes_of("planned_contract", "contracts_contract", CONTRACT_FIELDS))
    run(_TERM_CHANGES)
    run(_changes_of("planned_entitlement", "entitlements_entitlement", ENTITLEMENT_FIELDS))
    run(states.SET_CHANGES)
    run(_changes_of("planned_return", "entitlements_purchasereturn", {"Notes": ("notes", "", "")}))
    run(_changes_of("planned_part", "entitlements_publisherpart", PART_FIELDS))
    for table in PLANNED:
        run(
            f"UPDATE {table} SET outcome = CASE WHEN is_refused THEN 'refused'"
            " WHEN target_id IS NULL THEN 'new' WHEN changes <> '{}' THEN 'changed'"
            " ELSE 'unchanged' END"
        )


def _called(table: str, name: str = "name") -> str:
    return f"(SELECT {name} FROM {table} WHERE id = {{}})"


_VENDOR = _called("contracts_vendor")
_PERSON = _called("accounts_person")
_DEPARTMENT = _called("accounts_department")
_CONTRACT = _called("contracts_contract", "number")

# By header: the column; and, for a reference, how a record is called and what the row calls it.
CONTRACT_FIELDS = {
    "Contract name": ("name", "", ""),
    "Contract type": ("type_id", _called("contracts_contracttype"), "type_name"),
    "Vendor": ("vendor_id", _VENDOR, "vendor_name"),
    "Reseller": ("reseller_id", _VENDOR, "reseller_name"),
    "Parent contract": ("parent_id", _CONTRACT, "parent_number"),
    "Legal entity": ("legal_entity", "", ""),
    "Purchased on": ("purchased_on", "", ""),
    "Contract value": ("value", "", ""),
    "Currency": ("currency", "", ""),
    "PO number": ("po_number", "", ""),
    "Invoice number": ("invoice_number", "", ""),
    "Business owner": ("business_owner_id", _PERSON, "owner_name"),
    "Status by hand": ("status_by_hand", "", ""),
    "Notes": ("notes", "", ""),
}
ENTITLEMENT_FIELDS = {
    "Software model": (
        "model_id",
        _called("contracts_softwaremodel"),
        "concat_ws(' ', p.product, p.version, p.edition, p.platform, p.language)",
    ),
    "Publisher part number": (
        "part_id",
        _called("entitlements_publisherpart", "number"),
        "part_number",
    ),
    "Entitlement definition": (
        "definition_id",
        _called("entitlements_entitlementdefinition"),
        "definition",
    ),
    "Asset tag": ("asset_tag", "", ""),
    "Serial number": ("serial_number", "", ""),
    "License number": ("license_number", "", ""),
    "License type": ("license_type", "", ""),
    "Duration": ("duration", "", ""),
    "License metric": ("metric_id", _called("entitlements_licensemetric"), "''"),
    "Agreement type": ("agreement_type_id", _called("entitlements_agreementtype"), "''"),
    "Database option": ("database_option", "", ""),
    "Unlimited": ("is_unlimited", "", ""),
    "Purchased rights": ("purchased_rights", "", ""),
    "Rights per pack": ("rights_per_pack", "", ""),
    "Packs": ("packs", "", ""),
    "Purchased on": ("purchased_on", "", ""),
    "Start": ("starts_on", "", ""),
    "End": ("ends_on", "", ""),
    "Unit cost": ("unit_cost", "", ""),
    "Currency": ("currency", "", ""),
    "Contract number": ("contract_id", _CONTRACT, "contract_number"),
    "Vendor": ("vendor_id", _VENDOR, "vendor_name"),
    "PO number": ("po_number", "", ""),
    "Invoice number": ("invoice_number", "", ""),
    "Owned by person": ("owned_by_person_id", _PERSON, "owner_name"),
    "Owned by department": ("owned_by_department_id", _DEPARTMENT, "owning_department_name"),
    "Department": ("department_id", _DEPARTMENT, "department_name"),
    "Location": ("location_id", _called("accounts_location"), "location_name"),
    "Cost centre": ("cost_centre_id", _called("accounts_costcentre"), "cost_centre_name"),
    "Tags": ("tags", "", ""),
    "May be matched": ("may_be_matched", "", ""),
    "Notes": ("notes", "", ""),
}


def _changes_of(planned: str, records: str, fields: dict[str, tuple[str, str, str]]) -> str:
    """The statement that sets ``changes`` of the planned records that differ from what there is."""
    columns = [column for column, _, _ in fields.values()]
    ours, theirs = (", ".join(f"{alias}.{column}" for column in columns) for alias in ("p", "e"))
    pairs = ", ".join(
        f"'{header}', CASE WHEN p.{column} IS DISTINCT FROM e.{column} THEN jsonb_build_array("
        f"{_shown('e', column, called, name)}, {_shown('p', column, called, name)}) END"
        for header, (column, called, name) in fields.items()
    )
    return (
        f"UPDATE {planned} p SET changes = jsonb_strip_nulls(jsonb_build_object({pairs}))"
        f" FROM {records} e WHERE e.id = p.target_id AND NOT p.is_refused"
        f" AND ROW({ours}) IS DISTINCT FROM ROW({theirs})"
    )


def _shown(alias: str, column: str, called: str, name: str) -> str:
    if not called:
        return f"{alias}.{column}"
    found = called.format(f"{alias}.{column}")
    if alias == "e":
        return found
    named = name if "(" in name or name == "''" else f"p.{name}"
    return f"CASE WHEN p.{column} = {NOT_THERE} THEN {named} ELSE {found} END"


# What is done before the end of a term and after it; the columns are called so on either side.
TERM_RULES = "notice_length, notice_unit, renewal, renewal_length, renewal_unit, anchor_day"


def qualified(columns: str, alias: str) -> str:
    """A list of columns, each of the table with an alias."""
    return ", ".join(f"{alias}.{column}" for column in columns.split(", "))


_TERM = (
    "concat_ws(', ',"
    " format('%s to %s', {0}.starts_on, coalesce({0}.ends_on::text, 'open end')),"
    " CASE WHEN {0}.{1} IS NOT NULL THEN format('%s %s', {0}.{2}, trim_scale({0}.{1})) END,"
    " CASE WHEN {0}.notice_length IS NOT NULL"
    "  THEN format('notice %s %s', {0}.notice_length, {0}.notice_unit) END,"
    " CASE {0}.renewal WHEN 'manual' THEN 'renewed by hand'"
    "  WHEN 'automatic' THEN 'renews itself' END,"
    " CASE WHEN {0}.renewal_length IS NOT NULL"
    "  THEN format('renews for %s %s', {0}.renewal_length, {0}.renewal_unit) END,"
    " CASE WHEN {0}.anchor_day IS NOT NULL THEN format('on day %s', {0}.anchor_day) END)"
)
_TERM_NOW = _TERM.format("term", "value", "currency")
_TERM_THEN = _TERM.format("p", "term_value", "term_currency")

_TERM_CHANGES = f"""
UPDATE planned_contract p SET changes = p.changes || jsonb_build_object(
    CASE WHEN p.is_renewal THEN 'Renewal' ELSE 'Term' END,
    jsonb_build_array(CASE WHEN term.id IS NOT NULL THEN {_TERM_NOW} END, {_TERM_THEN}))
FROM planned_contract other LEFT JOIN contracts_contractterm term ON term.id = other.term_id
WHERE other.row_id = p.row_id AND p.target_id IS NOT NULL AND NOT p.is_refused
    AND p.starts_on IS NOT NULL
    AND ROW(p.starts_on, p.ends_on, p.term_value, p.term_currency, {qualified(TERM_RULES, "p")})
        IS DISTINCT FROM ROW(term.starts_on, term.ends_on, term.value, term.currency,
            {qualified(TERM_RULES, "term")})
"""


def keep(source: Import) -> None:
    """Keep outcomes beside the staged rows, and the figures and fingerprint with the import."""
    planned = " UNION ALL ".join(
        f"SELECT row_id, outcome, target_id, changes FROM {table}" for table in PLANNED
    )
    run(
        "UPDATE entitlements_importrow r SET outcome = planned.outcome,"
        " target_id = planned.target_id, changes = planned.changes"
        f" FROM ({planned}) planned WHERE r.id = planned.row_id"
        " AND ROW(r.outcome, r.target_id, r.changes)"
        " IS DISTINCT FROM ROW(planned.outcome, planned.target_id, planned.changes)"
    )
    # A row that tells two records is refused with both of them.
    run(
        "UPDATE entitlements_importrow r SET outcome = 'refused'"
        " FROM entitlements_importproblem problem WHERE r.source_id = %s"
        " AND problem.source_id = r.source_id AND problem.sheet = r.sheet"
        ' AND problem."row" = r."row" AND r.outcome <> \'refused\'',
        [source.pk],
    )
    source.figures |= {"rows": _counts(source), "made": _made(), "warnings": warnings()}
    source.fingerprint = _fingerprint(source)


def _counts(source: Import) -> dict[str, dict[str, int]]:
    """Number of records by kind of record and outcome."""
    counts: dict[str, dict[str, int]] = {}
    for record, outcome, number in rows_of(
        "SELECT record, outcome, count(*) FROM entitlements_importrow WHERE source_id = %s"
        " GROUP BY record, outcome",
        [source.pk],
    ):
        counts.setdefault(Record(record), {})[outcome] = number
    return counts


def _made() -> dict[str, dict[str, object]]:
    """What would be made by the way: how many of each, and the first of them by name."""
    made: dict[str, dict[str, object]] = {}
    for what, number, names in rows_of(
        "SELECT what, count(*), (array_agg(name ORDER BY name))[1:50] FROM missing GROUP BY what"
    ):
        made[what] = {"number": number, "names": names}
    return made


def _fingerprint(source: Import) -> str:
    """One text for what all rows would do: equal outcomes, equal text."""
    (row,) = rows_of(
        "SELECT coalesce(md5(string_agg(md5(concat_ws('|', sheet, \"row\", record, outcome,"
        " target_id, changes)), '' ORDER BY sheet, \"row\", id)), '') FROM entitlements_importrow"
        " WHERE source_id = %s",
        [source.pk],
    )
    return str(row[0])
