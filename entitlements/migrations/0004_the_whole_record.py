import common.constraints
import common.history
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_history_and_references"),
        ("accounts", "__first__"),
        ("common", "0002_fields_of_ones_own"),
        ("contracts", "0004_suites_tags_and_own_fields"),
        ("entitlements", "0003_metric_catalogue"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="stateperiod",
            name="substate_is_one_of_the_state",
        ),
        migrations.RemoveConstraint(
            model_name="upgradedentitlement",
            name="upgrade_is_listed_once",
        ),
        migrations.AddField(
            model_name="entitlement",
            name="custom",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="entitlement",
            name="split_from",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="split_into",
                to="entitlements.entitlement",
            ),
        ),
        migrations.AddField(
            model_name="entitlement",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=50), blank=True, db_default=[], default=list
            ),
        ),
        migrations.AddField(
            model_name="historicalentitlement",
            name="custom",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="historicalentitlement",
            name="split_from",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="entitlements.entitlement",
            ),
        ),
        migrations.AddField(
            model_name="historicalentitlement",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=50), blank=True, db_default=[], default=list
            ),
        ),
        migrations.AddField(
            model_name="historicallicensemetric",
            name="description",
            field=models.TextField(blank=True, help_text="What it is for, in a sentence or two."),
        ),
        migrations.AddField(
            model_name="historicallicensemetric",
            name="source",
            field=models.TextField(blank=True, help_text="Where the publisher says so."),
        ),
        migrations.AddField(
            model_name="historicalpurchasereturn",
            name="ended_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalupgradedentitlement",
            name="ended_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="licensemetric",
            name="description",
            field=models.TextField(blank=True, help_text="What it is for, in a sentence or two."),
        ),
        migrations.AddField(
            model_name="licensemetric",
            name="source",
            field=models.TextField(blank=True, help_text="Where the publisher says so."),
        ),
        migrations.AddField(
            model_name="purchasereturn",
            name="ended_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="upgradedentitlement",
            name="ended_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="historicalstateperiod",
            name="substate",
            field=models.CharField(
                blank=True,
                choices=[
                    ("available", "Available"),
                    ("reserved", "Reserved"),
                    ("pending_transfer", "Pending transfer"),
                    ("pending_disposal", "Pending disposal"),
                    ("lost", "Lost"),
                    ("stolen", "Stolen"),
                    ("disposed", "Disposed"),
                    ("sold", "Sold"),
                    ("donated", "Donated"),
                    ("vendor_credit", "Vendor credit"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="stateperiod",
            name="substate",
            field=models.CharField(
                blank=True,
                choices=[
                    ("available", "Available"),
                    ("reserved", "Reserved"),
                    ("pending_transfer", "Pending transfer"),
                    ("pending_disposal", "Pending disposal"),
                    ("lost", "Lost"),
                    ("stolen", "Stolen"),
                    ("disposed", "Disposed"),
                    ("sold", "Sold"),
                    ("donated", "Donated"),
                    ("vendor_credit", "Vendor credit"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="entitlement",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["tags"], name="entitlement_by_tag"
            ),
        ),
        migrations.AddIndex(
            model_name="entitlement",
            index=models.Index(
                condition=models.Q(("split_from__isnull", False)),
                fields=["split_from"],
                name="entitlement_by_origin",
            ),
        ),
        migrations.AddConstraint(
            model_name="stateperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("substate", ""),
                    models.Q(("state", "on_order"), ("substate__in", ())),
                    models.Q(
                        ("state", "in_stock"),
                        (
                            "substate__in",
                            ("available", "reserved", "pending_transfer", "pending_disposal"),
                        ),
                    ),
                    models.Q(
                        ("state", "in_transit"),
                        ("substate__in", ("available", "reserved", "pending_transfer")),
                    ),
                    models.Q(("state", "in_use"), ("substate__in", ())),
                    models.Q(("state", "consumed"), ("substate__in", ())),
                    models.Q(("state", "in_maintenance"), ("substate__in", ())),
                    models.Q(
                        ("state", "retired"),
                        ("substate__in", ("disposed", "sold", "donated", "vendor_credit")),
                    ),
                    models.Q(("state", "missing"), ("substate__in", ("lost", "stolen"))),
                    _connector="OR",
                ),
                name="substate_is_one_of_the_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="upgradedentitlement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_on", None)),
                fields=("target", "source"),
                name="upgrade_is_listed_once",
            ),
        ),
        migrations.CreateModel(
            name="EntitlementDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=100)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="entitlements.entitlement",
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="common.keptfile",
                    ),
                ),
            ],
            options={
                "ordering": ("title", "pk"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="EntitlementTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[("license", "License"), ("maintenance", "Maintenance")],
                        max_length=12,
                    ),
                ),
                ("values", models.JSONField(default=dict)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("company"),
                        django.db.models.functions.text.Lower("name"),
                        name="entitlement_template_name_is_unique",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExpenseLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("purchase", "Purchase"),
                            ("maintenance", "Maintenance"),
                            ("subscription", "Subscription"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                    ),
                ),
                ("spent_on", models.DateField()),
                ("amount", models.DecimalField(decimal_places=4, max_digits=28)),
                ("currency", models.CharField(max_length=3)),
                ("notes", models.CharField(blank=True, max_length=500)),
                ("is_of_purchase", models.BooleanField(default=False, editable=False)),
                ("ended_on", models.DateField(blank=True, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="expense_lines",
                        to="entitlements.entitlement",
                    ),
                ),
            ],
            options={
                "ordering": ("spent_on", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_of_purchase", True)),
                        fields=("entitlement",),
                        name="entitlement_has_one_line_of_its_purchase",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency", ""), _negated=True),
                        name="expense_has_a_currency",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["purchase", "maintenance", "subscription", "other"])
                        ),
                        name="expense_kind_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalEntitlementDocument",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("title", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=100)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_user_id", models.BigIntegerField(null=True)),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.entitlement",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="common.keptfile",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical entitlement document",
                "verbose_name_plural": "historical entitlement documents",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="entitlementdocument_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalEntitlementTemplate",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("name", models.CharField(max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[("license", "License"), ("maintenance", "Maintenance")],
                        max_length=12,
                    ),
                ),
                ("values", models.JSONField(default=dict)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_user_id", models.BigIntegerField(null=True)),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical entitlement template",
                "verbose_name_plural": "historical entitlement templates",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="entitlementtemplate_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalExpenseLine",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("purchase", "Purchase"),
                            ("maintenance", "Maintenance"),
                            ("subscription", "Subscription"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                    ),
                ),
                ("spent_on", models.DateField()),
                ("amount", models.DecimalField(decimal_places=4, max_digits=28)),
                ("currency", models.CharField(max_length=3)),
                ("notes", models.CharField(blank=True, max_length=500)),
                ("is_of_purchase", models.BooleanField(default=False, editable=False)),
                ("ended_on", models.DateField(blank=True, null=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_user_id", models.BigIntegerField(null=True)),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.entitlement",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical expense line",
                "verbose_name_plural": "historical expense lines",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="expenseline_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLicenseKey",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("label", models.CharField(max_length=200, verbose_name="called")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_user_id", models.BigIntegerField(null=True)),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.entitlement",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical license key",
                "verbose_name_plural": "historical license keys",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="licensekey_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalMetricAttribute",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("source", models.TextField(blank=True)),
                ("as_of", models.DateField(blank=True, null=True)),
                ("key", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=100)),
                (
                    "default_value",
                    models.PositiveIntegerField(
                        blank=True, help_text="Empty: unlimited.", null=True
                    ),
                ),
                ("history_change_reason", models.TextField(null=True)),
                ("history_user_id", models.BigIntegerField(null=True)),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "metric",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.licensemetric",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical metric attribute",
                "verbose_name_plural": "historical metric attributes",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="metricattribute_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="MetricAttribute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.TextField(blank=True)),
                ("as_of", models.DateField(blank=True, null=True)),
                ("key", models.CharField(db_collation="C", max_length=40)),
                ("name", models.CharField(max_length=100)),
                (
                    "default_value",
                    models.PositiveIntegerField(
                        blank=True, help_text="Empty: unlimited.", null=True
                    ),
                ),
                (
                    "metric",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attributes",
                        to="entitlements.licensemetric",
                    ),
                ),
            ],
            options={
                "ordering": ("metric", "name"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("metric", "key"), name="attribute_is_of_metric_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalModelAttribute",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("source", models.TextField(blank=True)),
                ("as_of", models.DateField(blank=True, null=True)),
                (
                    "value",
                    models.PositiveIntegerField(
                        blank=True, help_text="Empty: unlimited.", null=True
                    ),
                ),
                ("history_change_reason", models.TextField(null=True)),
                ("history_user_id", models.BigIntegerField(null=True)),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contracts.softwaremodel",
                    ),
                ),
                (
                    "attribute",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.metricattribute",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical model attribute",
                "verbose_name_plural": "historical model attributes",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="modelattribute_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalProcessorValue",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("source", models.TextField(blank=True)),
                ("as_of", models.DateField(blank=True, null=True)),
                (
                    "table",
                    models.CharField(
                        choices=[
                            ("pvu", "Processor value units a core (IBM)"),
                            ("core_factor", "Core factor (Oracle)"),
                        ],
                        max_length=12,
                    ),
                ),
                ("processor", models.CharField(max_length=100)),
                ("value", models.DecimalField(decimal_places=4, max_digits=10)),
                ("notes", models.TextField(blank=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_user_id", models.BigIntegerField(null=True)),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
            ],
            options={
                "verbose_name": "historical processor value",
                "verbose_name_plural": "historical processor values",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="processorvalue_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="TierTable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.TextField(blank=True)),
                ("as_of", models.DateField(blank=True, null=True)),
                ("key", models.CharField(db_collation="C", max_length=40, unique=True)),
                ("name", models.CharField(max_length=100)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("summed", "Each unit at the factor of its bracket"),
                            ("reached", "All units at the factor of the tier that is reached"),
                        ],
                        max_length=8,
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="HistoricalTier",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                (
                    "up_to",
                    models.PositiveBigIntegerField(
                        blank=True, help_text="Empty: all above.", null=True
                    ),
                ),
                ("factor", models.DecimalField(decimal_places=5, max_digits=12)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_user_id", models.BigIntegerField(null=True)),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "table",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.tiertable",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical tier",
                "verbose_name_plural": "historical tiers",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="tier_history_of")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTierTable",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("source", models.TextField(blank=True)),
                ("as_of", models.DateField(blank=True, null=True)),
                ("key", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=100)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("summed", "Each unit at the factor of its bracket"),
                            ("reached", "All units at the factor of the tier that is reached"),
                        ],
                        max_length=8,
                    ),
                ),
                ("history_change_reason", models.TextField(null=True)),
                ("history_user_id", models.BigIntegerField(null=True)),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
            ],
            options={
                "verbose_name": "historical tier table",
                "verbose_name_plural": "historical tier tables",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="tiertable_history_of")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="LicenseKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=200, verbose_name="called")),
                ("ciphertext", models.BinaryField()),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("secret_id", models.CharField(editable=False, max_length=16)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="keys",
                        to="entitlements.entitlement",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [models.Index(fields=["secret_id"], name="license_key_by_secret")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("entitlement", "fingerprint"),
                        name="license_key_is_unique_in_entitlement",
                    ),
                    models.UniqueConstraint(
                        fields=("id", "company"), name="license_key_within_company"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "company", "entitlement"),
                        name="license_key_within_entitlement",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeyReveal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revealed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "revealed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reveals",
                        to="entitlements.licensekey",
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="ModelAttribute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.TextField(blank=True)),
                ("as_of", models.DateField(blank=True, null=True)),
                (
                    "value",
                    models.PositiveIntegerField(
                        blank=True, help_text="Empty: unlimited.", null=True
                    ),
                ),
                (
                    "attribute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="of_models",
                        to="entitlements.metricattribute",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="metric_attributes",
                        to="contracts.softwaremodel",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model", "attribute"), name="attribute_is_set_once_for_a_model"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProcessorValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.TextField(blank=True)),
                ("as_of", models.DateField(blank=True, null=True)),
                (
                    "table",
                    models.CharField(
                        choices=[
                            ("pvu", "Processor value units a core (IBM)"),
                            ("core_factor", "Core factor (Oracle)"),
                        ],
                        max_length=12,
                    ),
                ),
                ("processor", models.CharField(max_length=100)),
                ("value", models.DecimalField(decimal_places=4, max_digits=10)),
                ("notes", models.TextField(blank=True)),
            ],
            options={
                "ordering": ("table", "processor"),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("table"),
                        django.db.models.functions.text.Lower("processor"),
                        name="processor_is_in_a_table_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value__gt", 0)), name="processor_value_is_above_zero"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "up_to",
                    models.PositiveBigIntegerField(
                        blank=True, help_text="Empty: all above.", null=True
                    ),
                ),
                ("factor", models.DecimalField(decimal_places=5, max_digits=12)),
                (
                    "table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tiers",
                        to="entitlements.tiertable",
                    ),
                ),
            ],
            options={
                "ordering": ("table", models.OrderBy(models.F("up_to"), nulls_last=True)),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("table", "up_to"),
                        name="tier_bound_is_in_a_table_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("factor__gte", 0)), name="tier_factor_is_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_notes",
                        to="entitlements.entitlement",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="work_note_says_something",
                    )
                ],
            },
        ),
        common.history.TrackHistory(
            model_name="entitlement",
        ),
        common.history.TrackHistory(
            model_name="upgradedentitlement",
        ),
        common.history.TrackHistory(
            model_name="purchasereturn",
        ),
        common.history.TrackHistory(
            model_name="licensemetric",
        ),
        common.history.TrackHistory(
            model_name="licensekey",
        ),
        common.history.TrackHistory(
            model_name="expenseline",
        ),
        common.history.TrackHistory(
            model_name="entitlementdocument",
        ),
        common.history.TrackHistory(
            model_name="entitlementtemplate",
        ),
        common.history.TrackHistory(
            model_name="metricattribute",
        ),
        common.history.TrackHistory(
            model_name="modelattribute",
        ),
        common.history.TrackHistory(
            model_name="processorvalue",
        ),
        common.history.TrackHistory(
            model_name="tiertable",
        ),
        common.history.TrackHistory(
            model_name="tier",
        ),
        common.constraints.RefersWithin(
            model_name="entitlement",
            field="split_from",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="licensekey",
            field="entitlement",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="keyreveal",
            field="key",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="worknote",
            field="entitlement",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="expenseline",
            field="entitlement",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="entitlementdocument",
            field="entitlement",
            shared=["company"],
        ),
        common.constraints.NeverEdited(
            model_name="keyreveal",
        ),
        common.constraints.NeverEdited(
            model_name="worknote",
        ),
    ]
