from importlib import import_module

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from common.acting import acting
from entitlements import shipped

EDITION = "2026-11-24"


def ship_catalogue(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with acting(None, f"Shipped with LCM, edition of {EDITION}"):
        describe_metrics(apps)
        add_attributes(apps)
        add_values_of_processors(apps)
        add_tiers(apps)


def describe_metrics(apps: Apps) -> None:
    """Texts that say more; one that a person changed since stays."""
    first_texts = {
        (group, name): calculation
        for group, metrics in import_module(f"{__package__}.0003_metric_catalogue").METRICS.items()
        for name, _counted_by, calculation in metrics
    }
    of_the_database = metrics_by_name(apps)
    for text in shipped.metric_texts(EDITION):
        key = text.group, text.name
        metric = of_the_database[key]
        if metric.calculation == first_texts[key]:
            metric.calculation = text.calculation
        metric.description = metric.description or text.description
        metric.source = metric.source or text.source
        metric.save(update_fields=["calculation", "description", "source"])


def add_attributes(apps: Apps) -> None:
    attribute = apps.get_model("entitlements", "MetricAttribute")
    of_the_database = metrics_by_name(apps)
    attribute.objects.bulk_create(
        attribute(
            metric=of_the_database[default.group, default.metric],
            key=default.key,
            name=default.name,
            default_value=default.value,
            source=default.source,
            as_of=default.as_of,
        )
        for default in shipped.attribute_defaults(EDITION)
    )


def add_values_of_processors(apps: Apps) -> None:
    value = apps.get_model("entitlements", "ProcessorValue")
    tables = {
        "pvu": shipped.pvu_per_core(EDITION),
        "core_factor": shipped.core_factors(EDITION),
    }
    for table, values in tables.items():
        value.objects.bulk_create(value(table=table, **vars(of_chip)) for of_chip in values)


def add_tiers(apps: Apps) -> None:
    tier_table, tier = (apps.get_model("entitlements", name) for name in ("TierTable", "Tier"))
    for table in shipped.tier_tables(EDITION):
        added = tier_table.objects.create(
            key=table.key,
            name=table.name,
            way=table.way,
            source=table.source,
            as_of=table.as_of,
        )
        tier.objects.bulk_create(
            tier(table=added, up_to=bracket.up_to, factor=bracket.factor) for bracket in table.tiers
        )


def metrics_by_name(apps: Apps) -> dict[tuple[str, str], object]:
    metrics = apps.get_model("entitlements", "LicenseMetric").objects.select_related("group")
    return {(metric.group.name, metric.name): metric for metric in metrics}


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0003_metric_catalogue")]

    operations = [migrations.RunPython(ship_catalogue, migrations.RunPython.noop)]
