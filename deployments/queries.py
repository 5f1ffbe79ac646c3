"""Questions about what was found: versions of a product, who uses it, what is on a device."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Person
from common.sql import rows_of
from contracts.models import ProductType, SoftwareModel
from deployments.models import Deployment, Device, Installation, Subscription

LIVE = Q(gone_on=None)


@dataclass(frozen=True, kw_only=True)
class FoundVersion:
    """A version of a software model as it was found; empty where none was told."""

    version: str
    installs: int
    users: int
    last_seen_on: date | None


@dataclass(frozen=True, kw_only=True)
class FoundModel:
    """A software model of a deployed product, with the versions that were found of it."""

    deployment_id: int
    model: SoftwareModel
    installs: int
    users: int
    last_seen_on: date | None
    versions: list[FoundVersion] = field(default_factory=list)

    @property
    def tells_versions(self) -> bool:
        """Whether the versions say more than the model itself does."""
        return any(found.version not in ("", self.model.version) for found in self.versions)


def models_found(deployment_ids: Collection[int]) -> dict[int, list[FoundModel]]:
    """
    The software models that deployments consist of, by deployment, the most installed first.

    Installs and users are counted as ``deployments.counting`` does; where there is not one row to
    count, they are what the titles were reported with.
    """
    rows = rows_of(MODELS_FOUND, [sorted(deployment_ids)])
    models = SoftwareModel.objects.in_bulk({row[1] for row in rows})
    found: dict[tuple[int, int], FoundModel] = {}
    for deployment_id, model_id, version, is_whole, installs, users, last_seen_on in rows:
        if is_whole:
            found[deployment_id, model_id] = FoundModel(
                deployment_id=deployment_id,
                model=models[model_id],
                installs=installs,
                users=users,
                last_seen_on=last_seen_on,
            )
        else:
            found[deployment_id, model_id].versions.append(
                FoundVersion(
                    version=version, installs=installs, users=users, last_seen_on=last_seen_on
                )
            )
    by_deployment: dict[int, list[FoundModel]] = defaultdict(list)
    for (deployment_id, _), each in found.items():
        by_deployment[deployment_id].append(each)
    return dict(by_deployment)


# Whole models come before their versions, since each of those is added to its model.
MODELS_FOUND = """
WITH title AS (
    SELECT deployment.id AS deployment_id, title.id, title.model_id, title.version,
        title.installs, title.users
    FROM deployments_deployment deployment
    JOIN contracts_softwaremodel model ON model.product_id = deployment.product_id
    JOIN deployments_discoveredsoftware title
        ON title.model_id = model.id AND title.company_id = deployment.company_id
    WHERE deployment.id = ANY(%s)
), holder AS (
    SELECT title.deployment_id, title.model_id, title.version, installation.device_id,
        coalesce(installation.person_id, device.person_id) AS person_id,
        installation.last_seen_on
    FROM title
    JOIN deployments_installation installation ON installation.software_id = title.id
    JOIN deployments_device device ON device.id = installation.device_id
    WHERE installation.gone_on IS NULL
    UNION ALL
    SELECT title.deployment_id, title.model_id, title.version, NULL, subscription.person_id,
        subscription.last_seen_on
    FROM title JOIN deployments_subscription subscription ON subscription.software_id = title.id
    WHERE subscription.gone_on IS NULL
), counted AS (
    SELECT deployment_id, model_id, version, grouping(version) = 1 AS is_whole,
        count(DISTINCT device_id) AS installs, count(DISTINCT person_id) AS users,
        max(last_seen_on) AS last_seen_on
    FROM holder
    GROUP BY GROUPING SETS ((deployment_id, model_id), (deployment_id, model_id, version))
), told AS (
    SELECT deployment_id, model_id, version, grouping(version) = 1 AS is_whole,
        sum(installs) AS installs, sum(users) AS users
    FROM title
    GROUP BY GROUPING SETS ((deployment_id, model_id), (deployment_id, model_id, version))
)
SELECT told.deployment_id, told.model_id, coalesce(told.version, ''), told.is_whole,
    coalesce(nullif(counted.installs, 0), told.installs)::bigint AS installs,
    coalesce(nullif(counted.users, 0), told.users)::bigint AS users, counted.last_seen_on
FROM told LEFT JOIN counted ON counted.deployment_id = told.deployment_id
    AND counted.model_id = told.model_id AND counted.is_whole = told.is_whole
    AND counted.version IS NOT DISTINCT FROM told.version
ORDER BY told.is_whole DESC, installs DESC, users DESC, told.version COLLATE "C" DESC,
    told.model_id
"""


def versions_found(deployment_ids: Collection[int]) -> dict[int, int]:
    """How many versions of its software models each of some deployments consists of."""
    return dict(rows_of(VERSIONS_FOUND, [sorted(deployment_ids)]))


VERSIONS_FOUND = """
SELECT deployment.id, count(DISTINCT (title.model_id, title.version))
FROM deployments_deployment deployment
JOIN contracts_softwaremodel model ON model.product_id = deployment.product_id
JOIN deployments_discoveredsoftware title
    ON title.model_id = model.id AND title.company_id = deployment.company_id
WHERE deployment.id = ANY(%s)
GROUP BY deployment.id
"""


def installations_of(deployment: Deployment) -> Q:
    """The condition of installations, and of subscriptions, that they are of a deployment."""
    return Q(company=deployment.company_id, software__model__product=deployment.product_id)


def people_using(deployment: Deployment) -> QuerySet[Person]:
    """
    The distinct people that a deployment's users are.

    Those of subscriptions, and of installations: the person of the installation, else the device's.
    """
    live = Installation.objects.filter(LIVE, installations_of(deployment))
    subscribed = Subscription.objects.filter(LIVE, installations_of(deployment))
    return Person.objects.filter(
        Q(pk__in=subscribed.order_by().values("person"))
        | Q(pk__in=live.exclude(person=None).order_by().values("person"))
        | Q(pk__in=live.filter(person=None).order_by().values("device__person")),
        company=deployment.company_id,
    )


def has_devices_or_subscriptions(person: Person) -> bool:
    """Whether anything that is not gone is a person's."""
    theirs = (model.objects.filter(LIVE, person=person) for model in (Device, Subscription))
    return any(found.exists() for found in theirs)


def needs_a_license() -> Exists:
    """For queries over deployments: whether any software model of the product asks for rights."""
    return Exists(
        SoftwareModel.objects.filter(
            product=OuterRef("product"), product_type=ProductType.LICENSABLE
        )
    )
