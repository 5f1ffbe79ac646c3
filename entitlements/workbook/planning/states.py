"""
States set by hand: a row tells the latest one of its entitlement, as it tells a contract's term.

One that begins later than the one that is known comes after it, and cuts it short. The rules are
those of ``entitlements.services.states``.
"""

from entitlements.states import SUBSTATES, State, Substate
from entitlements.workbook.planning.sql import Check, kept, labelled

HEADER = "State by hand"

# The latest period of the known record ``e``; only rows that tell a state ask for it.
LATEST = """
LEFT JOIN LATERAL (
    SELECT * FROM entitlements_stateperiod WHERE entitlement_id = e.id
    ORDER BY from_on DESC LIMIT 1
) period ON s.state IS NOT NULL
"""

_IS_LATER = "(period.id IS NULL OR coalesce(s.state_from > period.from_on, false))"

# Columns of a planned entitlement; of a row that tells no state they say nothing.
PLANNED = f"""
    period.id AS period_id, period.from_on AS period_from_on,
    s.state IS NOT NULL AND {_IS_LATER} AS is_later_state,
    s.state,
    CASE WHEN s.substate IS NOT NULL THEN s.substate
        WHEN s.given ? 'substate' OR {_IS_LATER} OR s.state <> period.state THEN ''
        ELSE period.substate END AS substate,
    coalesce(s.state_from, period.from_on, {kept("purchased_on")}) AS state_from,
    CASE WHEN s.state_until IS NOT NULL OR s.given ? 'state_until' OR {_IS_LATER}
        THEN s.state_until ELSE period.until_on END AS state_until,
"""

_ALLOWED = ", ".join(
    f"('{state}', '{substate}')" for state, substates in SUBSTATES.items() for substate in substates
)
_OFFERED = " ".join(
    f"WHEN '{state}' THEN 'which has {', '.join(each.label for each in substates)}'"
    for state, substates in SUBSTATES.items()
    if substates
)

CHECKS = (
    Check(
        "state",
        "p.state IS NULL AND coalesce(p.given ->> 'substate', p.given ->> 'state_from',"
        " p.given ->> 'state_until') IS NOT NULL",
        "format('Names no state, and says %s of one.', coalesce(p.given ->> 'substate',"
        " p.given ->> 'state_from', p.given ->> 'state_until'))",
    ),
    Check(
        "substate",
        f"p.state IS NOT NULL AND p.substate <> '' AND (p.state, p.substate) NOT IN ({_ALLOWED})",
        f"format('%s is no substate of %s, %s.', {labelled('p.substate', Substate)},"
        f" {labelled('p.state', State)}, CASE p.state {_OFFERED} ELSE 'which has none' END)",
    ),
    Check(
        "state_from",
        "p.state IS NOT NULL AND p.state_from < p.purchased_on",
        "format('Begins on %s, before it was bought on %s.', p.state_from, p.purchased_on)",
    ),
    Check(
        "state_from",
        "p.state_from < p.period_from_on",
        "format('Begins on %s, before the state that was set from %s on. Set it on the page of the"
        " entitlement.', p.state_from, p.period_from_on)",
    ),
    Check(
        "state_until",
        "p.state IS NOT NULL AND p.state_until < p.state_from",
        "format('Ends on %s, before it begins on %s.', p.state_until, p.state_from)",
    ),
)


def _in_words(state: str, substate: str, first: str, last: str) -> str:
    return (
        f"concat_ws(', ', {labelled(state, State)}, {labelled(substate, Substate)})"
        f" || concat(' from ' || {first}, ' until ' || {last})"
    )


_SET = ("p.state", "p.substate", "p.state_from", "p.state_until")
_NOW = ("period.state", "period.substate", "period.from_on", "period.until_on")

SET_CHANGES = f"""
UPDATE planned_entitlement p SET changes = p.changes || jsonb_build_object('{HEADER}',
    jsonb_build_array({_in_words(*_NOW)}, {_in_words(*_SET)}))
FROM planned_entitlement other
LEFT JOIN entitlements_stateperiod period ON period.id = other.period_id
WHERE other.row_id = p.row_id AND p.target_id IS NOT NULL AND NOT p.is_refused
    AND p.state IS NOT NULL
    AND ROW({", ".join(_NOW)}) IS DISTINCT FROM ROW({", ".join(_SET)})
"""
