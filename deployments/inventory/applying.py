"""
Writing what was planned: by sets, in the caller's transaction, after ``planning.plan`` in it.

Nothing is deleted. Where a file says what is known already, nothing is written.
"""

from common.sql import rows_of, run
from common.watching import Watcher
from deployments.counting import products_of, recount, recount_titles, recount_what_is_on
from deployments.formats.cells import LARGEST
from deployments.inventory.planning import HARDWARE, INSTALLATIONS, SUBSCRIPTIONS, FoundPairs
from deployments.models import InventoryImport

ROWS_AT_ONCE = 50_000


def write(source: InventoryImport, watcher: Watcher) -> None:
    """Write people, devices, titles and what holds them; then count the products they are of."""
    watcher.step("Writing devices and titles")
    _write_people()
    _write_devices()
    _write_titles()
    moved = _devices_with_another_person()
    _update_devices()
    _analyze_what_grew("accounts_person", "found_person WHERE is_new")
    _analyze_what_grew("deployments_device", "found_device WHERE is_new")
    _analyze_what_grew("deployments_discoveredsoftware", "found_title WHERE is_new")
    for pairs in (INSTALLATIONS, SUBSCRIPTIONS):
        _write_pairs(pairs, watcher)
        _analyze_what_grew(pairs.records, f"{pairs.found} WHERE row_id IS NULL")
    watcher.step("Writing usage and totals")
    _write_usage()
    _write_counts()
    _end_devices()
    watcher.step("Counting deployments")
    titles = _titles_touched()
    recount_titles(titles)
    recount(company_id=source.company_id, product_ids=products_of(titles))
    recount_what_is_on(company_id=source.company_id, device_ids=moved)


def _analyze_what_grew(table: str, new: str) -> None:
    """
    Bring the statistics of a table up to date where it has more new rows than they tell of.

    Without them the planner checks the references of each row through the index of the company,
    which is all of its rows. Somebody who does the same at the moment is not waited for.
    """
    ((grew,),) = rows_of(
        f"SELECT (SELECT count(*) FROM {new}) > greatest(reltuples, 0)"
        f" FROM pg_class WHERE oid = '{table}'::regclass"
    )
    if grew:
        run(f"ANALYZE (SKIP_LOCKED) {table}")


# --- People, devices and titles ---


def _write_people() -> None:
    run(
        "INSERT INTO accounts_person (id, company_id, name, email)"
        " SELECT person_id, company_id, left(name, 200), text"
        " FROM found_person CROSS JOIN importing WHERE is_new ORDER BY person_id"
    )


def _write_devices() -> None:
    """New ones by their name alone; what is known of them follows as for all others."""
    empty = ", ".join(f"'{'other' if name == 'kind' else ''}'" for name in _TEXTS)
    run(
        f"INSERT INTO deployments_device (id, company_id, name, {', '.join(_TEXTS)}, last_seen_on)"
        f" SELECT device_id, company_id, name, {empty}, day FROM found_device CROSS JOIN importing"
        " WHERE is_new ORDER BY device_id"
    )


_TEXTS = [name for name, type_ in HARDWARE.items() if type_ == "text"]


def _devices_with_another_person() -> list[int]:
    """Known devices that change hands: their other installs come to have another user."""
    return [
        device_id
        for (device_id,) in rows_of(
            "SELECT device_id FROM found_device found"
            " JOIN deployments_device device ON device.id = found.device_id"
            " WHERE NOT found.is_new AND found.person_id <> coalesce(device.person_id, 0)"
        )
    ]


def _update_devices() -> None:
    """What a file does not say stays as it is; what an older one says is not news."""
    changes = {name: f"coalesce(found.{name}, device.{name})" for name in HARDWARE}
    changes |= {
        "person_id": "coalesce(found.person_id, device.person_id)",
        "host_id": "coalesce(host.id, device.host_id)",
        "gone_on": "CASE WHEN device.gone_on > day THEN device.gone_on END",
        "last_seen_on": "day",
    }
    columns = ", ".join(f"device.{name}" for name in changes)
    values = ", ".join(changes.values())
    run(
        f"""
        UPDATE deployments_device device SET ({", ".join(changes)}) = ROW ({values})
        FROM importing JOIN found_device found ON true
        LEFT JOIN deployments_device host ON host.company_id = importing.company_id
            AND lower(host.name) = found.host_key AND host.id <> found.device_id
        WHERE device.id = found.device_id AND coalesce(device.last_seen_on, day) <= day
            AND ({columns}) IS DISTINCT FROM ({values})
        """
    )


def _write_titles() -> None:
    columns = "publisher, name, version, edition, platform, language, tag, rule_id, model_id"
    run(
        f"INSERT INTO deployments_discoveredsoftware (id, company_id, {columns}, seen_on)"
        f" SELECT software_id, company_id, {columns}, day FROM found_title CROSS JOIN importing"
        " WHERE is_new ORDER BY software_id"
    )
    run(
        "UPDATE deployments_discoveredsoftware title SET seen_on = day"
        " FROM found_title found CROSS JOIN importing"
        " WHERE title.id = found.software_id AND title.seen_on > day"
    )


# --- Installations and subscriptions ---

# Found on an earlier day than its period begins, and known to have been missing between.
_STANDS_APART = "row_seen_on > day AND closes_on < row_seen_on"
_IS_NEW = f"(row_id IS NULL OR {_STANDS_APART})"


def _write_pairs(pairs: FoundPairs, watcher: Watcher) -> None:
    ((last,),) = rows_of(f"SELECT coalesce(max(place), 0) FROM {pairs.found}")
    watcher.step(f"Writing {pairs.kind}s", total=last)
    for first in range(0, last, ROWS_AT_ONCE):
        _write_some(pairs, first, first + ROWS_AT_ONCE)
        watcher.move_to(min(first + ROWS_AT_ONCE, last))
    run(
        f"UPDATE {pairs.records} record SET gone_on = day FROM {pairs.gone} gone"
        " CROSS JOIN importing WHERE record.id = gone.row_id"
    )


def _write_some(pairs: FoundPairs, after: int, until: int) -> None:
    """The pairs of some places in the plan."""
    bounds = {"after": after, "until": until}
    person = ("person_id", "user_id") if pairs.holder == "device_id" else ("", "")
    columns = [pairs.holder, "software_id", pairs.since, *filter(None, person[:1])]
    values = [pairs.holder, "software_id", "since", *filter(None, person[1:])]
    run(
        f"INSERT INTO {pairs.records} (company_id, source, seen_on, last_seen_on, gone_on,"
        f" {', '.join(columns)})"
        f" SELECT company_id, source, day, day, closes_on, {', '.join(values)}"
        f" FROM {pairs.found} CROSS JOIN importing"
        f" WHERE place > %(after)s AND place <= %(until)s AND {_IS_NEW} ORDER BY place",
        bounds,
    )
    changes = {
        "seen_on": "least(record.seen_on, day)",
        "last_seen_on": "greatest(record.last_seen_on, day)",
        "gone_on": "CASE WHEN record.gone_on > day THEN record.gone_on END",
        pairs.since: f"coalesce(pair.since, record.{pairs.since})",
    }
    if pairs.holder == "device_id":
        changes["person_id"] = "coalesce(pair.user_id, record.person_id)"
    run(
        f"UPDATE {pairs.records} record SET ({', '.join(changes)}) ="
        f" ROW ({', '.join(changes.values())}) FROM {pairs.found} pair CROSS JOIN importing"
        " WHERE place > %(after)s AND place <= %(until)s AND record.id = pair.row_id"
        f" AND NOT coalesce({_STANDS_APART}, false)"
        f" AND ({', '.join(f'record.{name}' for name in changes)}) IS DISTINCT FROM"
        f" ({', '.join(changes.values())})",
        bounds,
    )


def _end_devices() -> None:
    """A device is gone when a full file of what saw it has it no more, and nothing else sees it."""
    run(
        """
        UPDATE deployments_device device SET gone_on = day
        FROM importing
        WHERE is_full AND device.company_id = importing.company_id AND device.gone_on IS NULL
            AND device.last_seen_on <= day
            AND device.id IN (SELECT device_id FROM gone_installation)
            AND device.id NOT IN (SELECT device_id FROM found_device)
            AND NOT EXISTS (
                SELECT FROM deployments_installation live
                WHERE live.device_id = device.id AND live.gone_on IS NULL
            )
        """
    )


# --- Usage and totals ---


def _write_usage() -> None:
    for pairs in (INSTALLATIONS, SUBSCRIPTIONS):
        run(
            f"""
            INSERT INTO deployments_usage AS known (company_id, source, software_id,
                {pairs.holder}, last_used_on)
            SELECT company_id, source, software_id, {pairs.holder}, last_used_on
            FROM {pairs.found} CROSS JOIN importing WHERE last_used_on IS NOT NULL ORDER BY place
            ON CONFLICT (software_id, device_id, person_id, source)
            DO UPDATE SET last_used_on = excluded.last_used_on
            WHERE known.last_used_on < excluded.last_used_on
            """
        )


def _write_counts() -> None:
    """Totals of the day; what a full file has no total of any more, there is none of."""
    run(
        f"""
        WITH told AS (
            SELECT title.software_id, row.more ->> 'metric' AS metric,
                least(sum(row.count), {LARGEST}) AS count
            FROM deployments_foundrow row
            JOIN importing ON row.source_import_id = import_id
            JOIN found_title title
                USING (publisher, name, version, edition, platform, language, tag)
            WHERE row.kind = 'count' GROUP BY 1, 2
        ), omitted AS (
            SELECT DISTINCT ON (report.software_id, report.metric) report.software_id,
                report.metric, report.count
            FROM deployments_reportedcount report JOIN importing USING (company_id, source)
            WHERE is_full AND ends_rows AND report.day <= importing.day
            ORDER BY report.software_id, report.metric, report.day DESC
        )
        INSERT INTO deployments_reportedcount AS known
            (company_id, source, day, software_id, metric, count)
        SELECT company_id, source, day, software_id, metric, count
        FROM importing CROSS JOIN (
            SELECT * FROM told
            UNION ALL
            SELECT software_id, metric, 0 FROM omitted WHERE count > 0
                AND NOT EXISTS (SELECT FROM told WHERE (told.software_id, told.metric)
                    = (omitted.software_id, omitted.metric))
        ) total
        ON CONFLICT (software_id, source, metric, day) DO UPDATE SET count = excluded.count
        WHERE known.count <> excluded.count
        """
    )


def _titles_touched() -> list[int]:
    return [
        title_id
        for (title_id,) in rows_of(
            """
            SELECT software_id FROM found_title
            UNION SELECT software_id FROM gone_installation
            UNION SELECT software_id FROM gone_subscription
            UNION SELECT report.software_id FROM deployments_reportedcount report
                JOIN importing USING (company_id, source, day)
            """
        )
    ]
