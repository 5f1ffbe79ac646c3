"""
What installations, subscriptions and reported counts of a company add up to, product by product.

- Installs: distinct pairs of device and software model among the installations that are not gone.
- Users: distinct people of subscriptions that are not gone, and of such installations: the person
  of the installation, else the person of its device. An install without a person is no user; how
  many there are stands beside the number.
- A source that gives only totals counts where there is not one single row to count: for each title
  its latest total, summed by source; of several sources the largest, which is named.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from contracts.models import Product, SoftwareModel
from deployments.formats.cells import LARGEST
from deployments.models import Deployment, Installation
from deployments.signals import deployments_counted


def recount(*, company_id: int, product_ids: Collection[int]) -> None:
    """
    Count products of a company anew, in the caller's transaction.

    Sends ``deployments_counted`` with those whose installs or users differ from before.
    """
    if not product_ids:
        return
    products: dict[str, Any] = {"company": company_id, "products": sorted(product_ids)}
    with connection.cursor() as cursor:
        # Locked in the order of keys before anything is counted: of two who count at once, the
        # second waits, and then sees what the first one wrote.
        cursor.execute(MAKE_MISSING, products)
        cursor.execute(LOCK, products)
        cursor.execute(RECOUNT, products)
        changed = [deployment_id for deployment_id, differs in cursor.fetchall() if differs]
    if changed:
        deployments_counted.send(Deployment, company_id=company_id, deployment_ids=changed)


def deployment_of(company_id: int, product: Product) -> Deployment:
    """The row of a product in a company; made and counted where there is none yet."""
    rows = Deployment.objects.filter(company_id=company_id, product=product)
    if not rows.exists():
        recount(company_id=company_id, product_ids=[product.pk])
    return rows.get()


@dataclass(frozen=True)
class Units:
    """What there is of a product in a company."""

    installs: int
    users: int


def counts_if(
    *, company_id: int, product_ids: Collection[int], models: Mapping[int, int | None]
) -> dict[int, Units]:
    """
    What products of a company would count if titles were other software models.

    :param models: by the id of a title, the id of its model, or None where it would have none
    """
    with connection.cursor() as cursor:
        cursor.execute(
            COUNTS_IF,
            {
                "company": company_id,
                "products": sorted(product_ids),
                "titles": list(models),
                "models": list(models.values()),
            },
        )
        return {product_id: Units(*units) for product_id, *units in cursor.fetchall()}


def recount_titles(title_ids: Collection[int]) -> None:
    """Count titles anew, matched or not, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT_TITLES, {"titles": sorted(title_ids)})


def recount_what_is_on(*, company_id: int, device_ids: Collection[int]) -> None:
    """Count anew what is on devices whose person changed, in the caller's transaction."""
    titles = _titles_on(device_ids)
    recount_titles(titles)
    recount(company_id=company_id, product_ids=products_of(titles))


def products_of(title_ids: Collection[int]) -> set[int]:
    """The products that titles are matched to."""
    models = SoftwareModel.objects.filter(discovered__in=title_ids).order_by()
    return set(models.values_list("product_id", flat=True))


def _titles_on(device_ids: Collection[int]) -> set[int]:
    """The titles of which an installation that is not gone is on any of some devices."""
    installed = Installation.objects.filter(device__in=device_ids, gone_on=None)
    return set(installed.order_by().values_list("software_id", flat=True))


MAKE_MISSING = """
INSERT INTO deployments_deployment (
    company_id, product_id, installs, users, installs_without_person, installs_reported_by,
    users_reported_by
)
SELECT %(company)s, product.id, 0, 0, 0, '', ''
FROM unnest(%(products)s::bigint[]) AS product(id) ORDER BY product.id
ON CONFLICT (company_id, product_id) DO NOTHING
"""

LOCK = """
SELECT FROM deployments_deployment
WHERE company_id = %(company)s AND product_id = ANY(%(products)s)
ORDER BY product_id FOR NO KEY UPDATE
"""

_TITLES = """
    SELECT title.id, title.model_id, model.product_id
    FROM deployments_discoveredsoftware title
    JOIN contracts_softwaremodel model ON model.id = title.model_id
    WHERE title.company_id = %(company)s AND model.product_id = ANY(%(products)s)
"""

_TITLES_IF = """
    SELECT title.id, model.id AS model_id, model.product_id
    FROM deployments_discoveredsoftware title
    LEFT JOIN unnest(%(titles)s::bigint[], %(models)s::bigint[]) AS supposed (title_id, model_id)
        ON supposed.title_id = title.id
    JOIN contracts_softwaremodel model ON model.id =
        CASE WHEN supposed.title_id IS NULL THEN title.model_id ELSE supposed.model_id END
    WHERE title.company_id = %(company)s AND model.product_id = ANY(%(products)s)
"""

# From the titles of some products to one row for each product. Totals are what strangers' files
# say, so that they may add up to more than a column holds.
_COUNTED = f"""
), installed AS (
    SELECT title.product_id, installation.device_id, title.model_id,
        coalesce(installation.person_id, device.person_id) AS person_id,
        installation.last_seen_on
    FROM title
    JOIN deployments_installation installation ON installation.software_id = title.id
    JOIN deployments_device device ON device.id = installation.device_id
    WHERE installation.gone_on IS NULL
), install AS (
    SELECT product_id, device_id, model_id, count(person_id) = 0 AS is_without_person,
        max(last_seen_on) AS last_seen_on
    FROM installed GROUP BY product_id, device_id, model_id
), installs AS (
    SELECT product_id, count(*) AS number,
        count(*) FILTER (WHERE is_without_person) AS without_person,
        max(last_seen_on) AS last_seen_on
    FROM install GROUP BY product_id
), subscribed AS (
    SELECT title.product_id, subscription.person_id, subscription.last_seen_on
    FROM title JOIN deployments_subscription subscription ON subscription.software_id = title.id
    WHERE subscription.gone_on IS NULL
), users AS (
    SELECT product_id, count(DISTINCT person_id) AS number, max(last_seen_on) AS last_seen_on
    FROM (
        SELECT product_id, person_id, last_seen_on FROM subscribed
        UNION ALL
        SELECT product_id, person_id, last_seen_on FROM installed WHERE person_id IS NOT NULL
    ) person GROUP BY product_id
), latest_report AS (
    SELECT DISTINCT ON (report.software_id, report.source, report.metric)
        title.product_id, report.source, report.metric, report.day, report.count
    FROM title JOIN deployments_reportedcount report ON report.software_id = title.id
    ORDER BY report.software_id, report.source, report.metric, report.day DESC
), report_of_source AS (
    SELECT product_id, metric, source, least(sum(count), {LARGEST}) AS number, max(day) AS day
    FROM latest_report GROUP BY product_id, metric, source HAVING sum(count) > 0
), report AS (
    SELECT DISTINCT ON (product_id, metric) product_id, metric, source, number, day
    FROM report_of_source ORDER BY product_id, metric, number DESC, source COLLATE "C"
), counted AS (
    SELECT product.id AS product_id,
        coalesce(installs.number, install_report.number, 0) AS installs,
        coalesce(users.number, user_report.number, 0) AS users,
        coalesce(installs.without_person, 0) AS installs_without_person,
        CASE WHEN installs.number IS NULL THEN coalesce(install_report.source, '') ELSE '' END
            AS installs_reported_by,
        CASE WHEN users.number IS NULL THEN coalesce(user_report.source, '') ELSE '' END
            AS users_reported_by,
        greatest(
            installs.last_seen_on, users.last_seen_on,
            CASE WHEN installs.number IS NULL THEN install_report.day END,
            CASE WHEN users.number IS NULL THEN user_report.day END
        ) AS last_seen_on
    FROM unnest(%(products)s::bigint[]) AS product(id)
    LEFT JOIN installs ON installs.product_id = product.id
    LEFT JOIN users ON users.product_id = product.id
    LEFT JOIN report install_report
        ON install_report.product_id = product.id AND install_report.metric = 'installs'
    LEFT JOIN report user_report
        ON user_report.product_id = product.id AND user_report.metric = 'users'
)
"""

COUNTS_IF = f"""
WITH title AS ({_TITLES_IF}{_COUNTED}
SELECT product_id, installs, users FROM counted
"""

RECOUNT = f"""
WITH title AS ({_TITLES}{_COUNTED}
UPDATE deployments_deployment deployment SET
    installs = counted.installs,
    users = counted.users,
    installs_without_person = counted.installs_without_person,
    installs_reported_by = counted.installs_reported_by,
    users_reported_by = counted.users_reported_by,
    last_seen_on = counted.last_seen_on
FROM counted JOIN deployments_deployment before
    ON before.company_id = %(company)s AND before.product_id = counted.product_id
WHERE deployment.id = before.id AND (
    before.installs, before.users, before.installs_without_person,
    before.installs_reported_by, before.users_reported_by, before.last_seen_on
) IS DISTINCT FROM (
    counted.installs, counted.users, counted.installs_without_person,
    counted.installs_reported_by, counted.users_reported_by, counted.last_seen_on
)
RETURNING deployment.id,
    (before.installs, before.users) IS DISTINCT FROM (deployment.installs, deployment.users)
"""

RECOUNT_TITLES = """
WITH installed AS (
    SELECT installation.software_id, installation.device_id,
        coalesce(installation.person_id, device.person_id) AS person_id
    FROM deployments_installation installation
    JOIN deployments_device device ON device.id = installation.device_id
    WHERE installation.gone_on IS NULL AND installation.software_id = ANY(%(titles)s)
), installs AS (
    SELECT software_id, count(DISTINCT device_id) AS number FROM installed GROUP BY software_id
), users AS (
    SELECT software_id, count(DISTINCT person_id) AS number FROM (
        SELECT software_id, person_id FROM installed WHERE person_id IS NOT NULL
        UNION ALL
        SELECT software_id, person_id FROM deployments_subscription
        WHERE gone_on IS NULL AND software_id = ANY(%(titles)s)
    ) person GROUP BY software_id
), latest AS (
    SELECT DISTINCT ON (software_id, source, metric) software_id, metric, count
    FROM deployments_reportedcount WHERE software_id = ANY(%(titles)s)
    ORDER BY software_id, source, metric, day DESC
), reported AS (
    SELECT software_id, max(count) FILTER (WHERE metric = 'installs') AS installs,
        max(count) FILTER (WHERE metric = 'users') AS users
    FROM latest GROUP BY software_id
), counted AS (
    SELECT title.id, coalesce(installs.number, reported.installs, 0) AS installs,
        coalesce(users.number, reported.users, 0) AS users
    FROM unnest(%(titles)s::bigint[]) AS title (id)
    LEFT JOIN installs ON installs.software_id = title.id
    LEFT JOIN users ON users.software_id = title.id
    LEFT JOIN reported ON reported.software_id = title.id
)
UPDATE deployments_discoveredsoftware title
SET installs = counted.installs, users = counted.users
FROM counted WHERE counted.id = title.id
    AND (title.installs, title.users) IS DISTINCT FROM (counted.installs, counted.users)
"""
