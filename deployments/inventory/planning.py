"""
What a staged inventory means for the records of its company: found out by sets.

``plan`` makes temporary tables, which the preview counts and ``applying`` writes from:

- ``importing``: the import itself, one row
- ``found_person``, ``found_device``, ``found_title``: each once, with the id it has or will have
- ``found_installation``, ``found_subscription``: each pair once, with the row that tells of it
- ``gone_installation``, ``gone_subscription``: rows that the file tells to be gone

**Days.** A row is a period: the first day seen, and the first day without it. A file speaks of its
day. Where a period has that day in it, or none began before, the file only widens what is known:
its first day moves back, its last day seen moves on. Files come late and out of order, so what an
older file finds must not stand up again:

- What a later file did not find, though it held everything of its source, begins and ends between
  the two. So does what an older file of a whole device found, if the device was seen later.
- Only what was last seen on the day of the file or before it can be gone by it.
- A file that left rows unread, or says itself that it is a part, ends nothing: what it seems to
  omit may be among the others.
"""

from django.db import connection

from common.sql import rows_of, run
from deployments.inventory.choices import Choices
from deployments.matching import hold_rules, matched, rules_in_force
from deployments.models import InventoryImport, InventoryState

IDENTITY = " || E'\\x1f' || ".join(
    ("publisher", "name", "version", "edition", "platform", "language", "tag")
)


def plan(source: InventoryImport) -> None:
    """
    Compare what is staged with what there is, in the caller's transaction.

    The rules of discovery are held from here on.
    """
    _forget()
    _set_up(source)
    _find_people()
    _find_devices()
    _find_titles()
    _match_new_titles()
    for kind in (INSTALLATIONS, SUBSCRIPTIONS):
        kind.find()


def _forget() -> None:
    """A transaction that compares twice begins anew."""
    run(
        "DROP TABLE IF EXISTS importing, found_person, found_device, found_title,"
        " found_installation, found_subscription, gone_installation, gone_subscription"
    )


def _set_up(source: InventoryImport) -> None:
    run("ANALYZE (SKIP_LOCKED) deployments_foundrow")
    later_full_day = (
        InventoryImport.objects.filter(
            company_id=source.company_id,
            source=source.source,
            state=InventoryState.APPLIED,
            is_full=True,
            day__gt=source.day,
            figures__omits_rows=False,
        )
        .order_by("day")
        .values_list("day", flat=True)
        .first()
    )
    run(
        "CREATE TEMP TABLE importing ON COMMIT DROP AS SELECT %(id)s::bigint AS import_id,"
        " %(company)s::bigint AS company_id, %(source)s::text AS source, %(day)s::date AS day,"
        " %(is_full)s::boolean AS is_full, %(ends)s::boolean AS ends_rows,"
        " %(later)s::date AS later_full_day, %(adds)s::boolean AS adds_people",
        {
            "id": source.pk,
            "company": source.company_id,
            "source": source.source,
            "day": source.day,
            "is_full": source.is_full,
            "ends": not source.figures["omits_rows"],
            "later": later_full_day,
            "adds": Choices.from_json(source.choices).adds_people,
        },
    )


# --- People, devices and titles ---


def _find_people() -> None:
    """By e-mail address, else by a name that just one active person of the company has."""
    run(
        """
        CREATE TEMP TABLE found_person ON COMMIT DROP AS
        WITH named AS (
            SELECT lower(person) AS key, min(person COLLATE "C") AS text,
                max(more ->> 'person_name') AS name
            FROM deployments_foundrow row JOIN importing ON row.source_import_id = import_id
            WHERE person <> '' GROUP BY 1
        ), by_name AS (
            SELECT lower(person.name) AS key, min(person.id) AS id
            FROM accounts_person person JOIN importing USING (company_id)
            WHERE person.inactive_on IS NULL OR person.inactive_on > day
            GROUP BY 1 HAVING count(*) = 1
        )
        SELECT named.key, named.text, coalesce(nullif(named.name, ''), named.text) AS name,
            coalesce(by_email.id, by_name.id) AS person_id, false AS is_new
        FROM importing CROSS JOIN named
        LEFT JOIN accounts_person by_email
            ON by_email.company_id = importing.company_id AND by_email.email <> ''
            AND lower(by_email.email) = named.key
        LEFT JOIN by_name ON by_name.key = named.key
        """
    )
    run(
        "UPDATE found_person SET is_new = true,"
        " person_id = nextval(pg_get_serial_sequence('accounts_person', 'id'))"
        " FROM importing WHERE adds_people AND person_id IS NULL AND key ~ '^[^@\\s]+@[^@\\s]+$'"
        " AND length(key) <= 254"
    )
    run("ANALYZE found_person")


# What a file may say of a device: the key in ``more``, and the type of the column of that name.
HARDWARE = {
    "serial_number": "text",
    "kind": "text",
    "operating_system": "text",
    "processor_model": "text",
    "processors": "integer",
    "cores": "integer",
    "threads": "integer",
    "cluster": "text",
    "cloud": "text",
}


def _find_devices() -> None:
    """By name, without regard to case. Of several rows about one the last counts."""
    hardware = ", ".join(
        f"nullif(told.more ->> '{name}', '')::{type_} AS {name}" for name, type_ in HARDWARE.items()
    )
    run(
        f"""
        CREATE TEMP TABLE found_device ON COMMIT DROP AS
        WITH named AS (
            SELECT lower(device) AS key, min(device COLLATE "C") AS name
            FROM deployments_foundrow row JOIN importing ON row.source_import_id = import_id
            WHERE device <> '' GROUP BY 1
        ), told AS (
            SELECT DISTINCT ON (lower(device)) lower(device) AS key, device AS name, person, more
            FROM deployments_foundrow row JOIN importing ON row.source_import_id = import_id
            WHERE kind = 'device' ORDER BY lower(device), number DESC
        )
        SELECT named.key, coalesce(told.name, named.name) AS name,
            coalesce(
                device.id, nextval(pg_get_serial_sequence('deployments_device', 'id'))
            ) AS device_id,
            device.id IS NULL AS is_new,
            coalesce((told.more ->> 'is_whole')::boolean, false) AS is_whole,
            lower(nullif(told.more ->> 'host', '')) AS host_key,
            person.person_id, {hardware}
        FROM importing CROSS JOIN named
        LEFT JOIN told USING (key)
        LEFT JOIN deployments_device device
            ON device.company_id = importing.company_id AND lower(device.name) = named.key
        LEFT JOIN found_person person ON person.key = lower(told.person)
        """
    )
    run("ANALYZE found_device")


def _find_titles() -> None:
    run(
        f"""
        CREATE TEMP TABLE found_title ON COMMIT DROP AS
        WITH named AS (
            SELECT md5({IDENTITY}) AS identity, publisher, name, version, edition, platform,
                language, tag
            FROM deployments_foundrow row JOIN importing ON row.source_import_id = import_id
            WHERE kind <> 'device'
            GROUP BY publisher, name, version, edition, platform, language, tag
        )
        SELECT named.*,
            coalesce(
                title.id, nextval(pg_get_serial_sequence('deployments_discoveredsoftware', 'id'))
            ) AS software_id,
            title.id IS NULL AS is_new, title.rule_id, title.model_id
        FROM importing CROSS JOIN named
        LEFT JOIN deployments_discoveredsoftware title
            ON title.company_id = importing.company_id AND title.identity = named.identity
        """
    )
    run("ANALYZE found_title")


def _match_new_titles() -> None:
    hold_rules()
    run(
        "CREATE TEMP TABLE matched_title (software_id bigint, rule_id bigint, model_id bigint)"
        " ON COMMIT DROP"
    )
    new = rows_of(
        "SELECT software_id, publisher, name, version, edition, platform, language"
        " FROM found_title WHERE is_new"
    )
    rules = rules_in_force()  # read first: while rows are copied, nothing else can be asked
    with connection.cursor() as cursor, cursor.copy("COPY matched_title FROM STDIN") as copy:
        for software_id, rule in matched(new, rules):
            if rule is not None:
                copy.write_row((software_id, rule.pk, rule.model_id))
    run(
        "UPDATE found_title title SET rule_id = matched.rule_id, model_id = matched.model_id"
        " FROM matched_title matched WHERE matched.software_id = title.software_id"
    )
    run("DROP TABLE matched_title")


# --- Installations and subscriptions ---


class FoundPairs:
    """
    Pairs of a title and what holds it, a device or a person, and the rows that tell of them.

    Installations and subscriptions are alike but for who holds them.

    :param kind: of the staged rows
    :param records: the table of the rows
    :param holder: the column of the device or person
    :param holders: the temporary table of those that the file names
    :param since: the column of the day from which the source itself says it is there
    """

    def __init__(
        self, kind: str, *, records: str, holder: str, holders: str, said: str, since: str
    ) -> None:
        self.kind = kind
        self.records = records
        self.holder = holder
        self.since = since
        self.found = f"found_{kind}"
        self.gone = f"gone_{kind}"
        self._holders = holders
        self._said = said

    def find(self) -> None:
        self._pair()
        self._find_earlier_periods()
        self._close_what_is_told_late()
        self._find_gone()

    def _pair(self) -> None:
        """Each pair once, with the row of its source that is not gone, if there is one."""
        person = "min(person.person_id)" if self.kind == "installation" else "NULL::bigint"
        run(
            f"""
            CREATE TEMP TABLE {self.found} (
                place bigint GENERATED ALWAYS AS IDENTITY, {self.holder} bigint,
                software_id bigint, user_id bigint, since date, last_used_on date,
                row_id bigint, row_seen_on date, row_gone_on date, closes_on date
            ) ON COMMIT DROP
            """
        )
        run(
            f"""
            INSERT INTO {self.found} ({self.holder}, software_id, user_id, since, last_used_on,
                row_id, row_seen_on)
            SELECT pair.*, live.id, live.seen_on
            FROM importing CROSS JOIN (
                SELECT holder.{self.holder}, title.software_id, {person} AS user_id,
                    min(row.installed_on) AS since, max(row.last_used_on) AS last_used_on
                FROM deployments_foundrow row
                JOIN importing ON row.source_import_id = import_id
                JOIN {self._holders} holder ON holder.key = lower(row.{self._said})
                JOIN found_title title ON title.identity = md5({IDENTITY_OF_ROW})
                LEFT JOIN found_person person ON person.key = lower(row.person)
                WHERE row.kind = '{self.kind}' AND holder.{self.holder} IS NOT NULL
                GROUP BY holder.{self.holder}, title.software_id
            ) pair
            LEFT JOIN {self.records} live ON live.{self.holder} = pair.{self.holder}
                AND live.software_id = pair.software_id AND live.source = importing.source
                AND live.gone_on IS NULL
            """
        )
        run(f"ANALYZE {self.found}")

    def _find_earlier_periods(self) -> None:
        """Prefer a period that was over, and has the day of the file in it or began after it."""
        run(
            f"""
            UPDATE {self.found} pair SET row_id = period.id, row_seen_on = period.seen_on,
                row_gone_on = period.gone_on
            FROM (
                SELECT DISTINCT ON (past.{self.holder}, past.software_id) past.*, day
                FROM {self.records} past
                JOIN importing USING (company_id, source)
                WHERE past.gone_on >= day
                ORDER BY past.{self.holder}, past.software_id, past.seen_on
            ) period
            WHERE period.{self.holder} = pair.{self.holder}
                AND period.software_id = pair.software_id
                AND (
                    period.gone_on > period.day
                        AND period.seen_on < coalesce(row_seen_on, 'infinity')
                    -- Another file of the same day did not find it; this one came after that.
                    OR row_id IS NULL AND period.gone_on = period.day
                )
            """
        )

    def _close_what_is_told_late(self) -> None:
        """The first day without what is found, where a later file is known not to have found it."""
        run(
            f"UPDATE {self.found} SET closes_on = later_full_day FROM importing"
            " WHERE later_full_day IS NOT NULL"
        )
        if self.kind == "installation":
            run(
                f"""
                UPDATE {self.found} pair
                SET closes_on = least(pair.closes_on, later.seen_on)
                FROM (
                    SELECT device_id, min(seen.on_day) AS seen_on
                    FROM found_device device
                    JOIN {self.records} past USING (device_id)
                    JOIN importing USING (company_id, source)
                    CROSS JOIN LATERAL (VALUES (past.seen_on), (past.last_seen_on)) seen (on_day)
                    WHERE device.is_whole AND NOT device.is_new AND seen.on_day > day
                    GROUP BY device_id
                ) later WHERE later.device_id = pair.device_id
                """
            )

    def _find_gone(self) -> None:
        is_whole = (
            f"OR {self.holder} IN (SELECT device_id FROM found_device WHERE is_whole)"
            if self.kind == "installation"
            else ""
        )
        # Who is named as several are, or as somebody who has left, may be whose row it is.
        is_named = (
            """AND live.person_id NOT IN (
                SELECT person.id FROM accounts_person person JOIN importing USING (company_id)
                JOIN found_person unknown
                    ON unknown.person_id IS NULL AND unknown.key = lower(person.name)
            )"""
            if self.kind == "subscription"
            else ""
        )
        run(
            f"""
            CREATE TEMP TABLE {self.gone} ON COMMIT DROP AS
            SELECT live.id AS row_id, live.{self.holder}, live.software_id
            FROM {self.records} live JOIN importing USING (company_id, source)
            WHERE live.gone_on IS NULL AND live.last_seen_on <= day AND ends_rows
                AND (is_full {is_whole}) {is_named}
                AND NOT EXISTS (
                    SELECT FROM {self.found} pair WHERE pair.{self.holder} = live.{self.holder}
                    AND pair.software_id = live.software_id
                )
            """
        )


IDENTITY_OF_ROW = " || E'\\x1f' || ".join(
    f"row.{column}"
    for column in ("publisher", "name", "version", "edition", "platform", "language", "tag")
)

INSTALLATIONS = FoundPairs(
    "installation",
    records="deployments_installation",
    holder="device_id",
    holders="found_device",
    said="device",
    since="installed_on",
)
SUBSCRIPTIONS = FoundPairs(
    "subscription",
    records="deployments_subscription",
    holder="person_id",
    holders="found_person",
    said="person",
    since="assigned_on",
)


# --- What it comes to ---


def figures() -> dict[str, int]:
    """How many of each there are in the plan, by what a preview calls them."""
    ((*numbers,),) = rows_of(
        """
        SELECT
            (SELECT count(*) FROM found_device WHERE is_new),
            (SELECT count(*) FROM found_device WHERE NOT is_new),
            (SELECT count(*) FROM found_title WHERE is_new),
            (SELECT count(*) FROM found_title WHERE NOT is_new),
            (SELECT count(*) FROM found_title WHERE rule_id IS NULL),
            (SELECT count(*) FROM found_title WHERE rule_id IS NOT NULL AND model_id IS NULL),
            (SELECT count(*) FROM found_installation WHERE row_id IS NULL),
            (SELECT count(*) FROM found_installation WHERE row_id IS NOT NULL),
            (SELECT count(*) FROM gone_installation),
            (SELECT count(*) FROM found_subscription WHERE row_id IS NULL),
            (SELECT count(*) FROM found_subscription WHERE row_id IS NOT NULL),
            (SELECT count(*) FROM gone_subscription),
            (SELECT count(*) FROM found_person WHERE is_new),
            (SELECT count(*) FROM found_person WHERE person_id IS NULL),
            (SELECT count(*) FROM deployments_foundrow JOIN importing
                ON source_import_id = import_id WHERE kind = 'count')
        """
    )
    return dict(zip(FIGURES, numbers, strict=True))


FIGURES = (
    "devices_new",
    "devices_seen",
    "titles_new",
    "titles_known",
    "titles_unmatched",
    "titles_left_out",
    "installations_new",
    "installations_seen",
    "installations_gone",
    "subscriptions_new",
    "subscriptions_seen",
    "subscriptions_gone",
    "people_new",
    "people_unknown",
    "counts",
)


def unknown_people(limit: int) -> list[str]:
    """Some of those whom the file names and nobody knows."""
    return [
        text
        for (text,) in rows_of(
            "SELECT text FROM found_person WHERE person_id IS NULL ORDER BY key LIMIT %s", [limit]
        )
    ]
