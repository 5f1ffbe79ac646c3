import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_history_and_references"),
        ("common", "0001_initial"),
        ("contracts", "0002_history_and_references"),
    ]

    operations = [
        migrations.CreateModel(
            name="Device",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("serial_number", models.CharField(blank=True, max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("desktop", "Desktop"),
                            ("laptop", "Laptop"),
                            ("server", "Server"),
                            ("virtual", "Virtual machine"),
                            ("mobile", "Mobile device"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=10,
                    ),
                ),
                ("operating_system", models.CharField(blank=True, max_length=200)),
                ("processor_model", models.CharField(blank=True, max_length=200)),
                ("processors", models.PositiveIntegerField(blank=True, null=True)),
                ("cores", models.PositiveIntegerField(blank=True, null=True)),
                ("threads", models.PositiveIntegerField(blank=True, null=True)),
                ("cluster", models.CharField(blank=True, max_length=200)),
                ("cloud", models.CharField(blank=True, max_length=100)),
                ("last_seen_on", models.DateField(blank=True, null=True)),
                ("gone_on", models.DateField(blank=True, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "cost_centre",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.costcentre",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                    ),
                ),
                (
                    "host",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guests",
                        to="deployments.device",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.location",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="devices",
                        to="accounts.person",
                        verbose_name="used by",
                    ),
                ),
            ],
            options={
                "ordering": ("name", "pk"),
                "indexes": [
                    models.Index(fields=["name", "id"], name="device_by_name"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"
                        ),
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("serial_number"),
                            name="gin_trgm_ops",
                        ),
                        name="device_by_any_part",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("company"),
                        django.db.models.functions.text.Lower("name"),
                        name="device_is_unique_in_company",
                    ),
                    models.UniqueConstraint(fields=("id", "company"), name="device_within_company"),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="device_has_a_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("host", None),
                            models.Q(("host", models.F("pk")), _negated=True),
                            _connector="OR",
                        ),
                        name="device_is_not_its_own_host",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DiscoveredSoftware",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("publisher", models.CharField(blank=True, max_length=400)),
                ("name", models.CharField(max_length=400)),
                ("version", models.CharField(blank=True, max_length=200)),
                ("edition", models.CharField(blank=True, max_length=200)),
                ("platform", models.CharField(blank=True, max_length=100)),
                ("language", models.CharField(blank=True, max_length=100)),
                ("tag", models.CharField(blank=True, max_length=300)),
                (
                    "identity",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.MD5(
                            django.db.models.functions.text.Concat(
                                "publisher",
                                models.Value("\x1f"),
                                "name",
                                models.Value("\x1f"),
                                "version",
                                models.Value("\x1f"),
                                "edition",
                                models.Value("\x1f"),
                                "platform",
                                models.Value("\x1f"),
                                "language",
                                models.Value("\x1f"),
                                "tag",
                            )
                        ),
                        output_field=models.CharField(max_length=32),
                    ),
                ),
                ("seen_on", models.DateField()),
                ("installs", models.PositiveIntegerField(db_default=0, default=0)),
                ("users", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="discovered",
                        to="contracts.softwaremodel",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matched",
                        to="contracts.discoverymap",
                    ),
                ),
            ],
            options={
                "verbose_name": "discovered title",
                "ordering": ("name", "version", "pk"),
                "indexes": [
                    models.Index(fields=["name", "id"], name="title_by_name"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"
                        ),
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("publisher"), name="gin_trgm_ops"
                        ),
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("tag"), name="gin_trgm_ops"
                        ),
                        name="title_by_any_part",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "identity"), name="title_is_discovered_once_in_company"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "company"), name="discoveredsoftware_within_company"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("model", None), ("rule__isnull", False), _connector="OR"
                        ),
                        name="title_is_matched_by_a_rule",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Installation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=40)),
                ("installed_on", models.DateField(blank=True, null=True)),
                ("seen_on", models.DateField()),
                ("last_seen_on", models.DateField()),
                ("gone_on", models.DateField(blank=True, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="installations",
                        to="deployments.device",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.person",
                    ),
                ),
                (
                    "software",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="installations",
                        to="deployments.discoveredsoftware",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["device", "id"], name="installation_by_device"),
                    models.Index(fields=["software", "id"], name="installation_by_software"),
                    models.Index(fields=["company", "id"], name="installation_by_company"),
                    models.Index(fields=["seen_on", "id"], name="installation_by_day"),
                    models.Index(
                        condition=models.Q(("gone_on__isnull", False)),
                        fields=["seen_on", "id"],
                        name="installation_gone_by_day",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("gone_on", None)),
                        fields=("device", "software", "source"),
                        name="installation_is_live_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("gone_on", None),
                            ("gone_on__gte", models.F("seen_on")),
                            _connector="OR",
                        ),
                        name="installation_is_gone_after_it_was_seen",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InventoryImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("choices", models.JSONField(default=dict)),
                ("figures", models.JSONField(default=dict)),
                ("remarks", models.JSONField(default=list)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("applied_at", models.DateTimeField(null=True)),
                ("format", models.CharField(blank=True, max_length=40)),
                ("source", models.CharField(max_length=40)),
                (
                    "is_full",
                    models.BooleanField(
                        default=False, verbose_name="holds everything of its source"
                    ),
                ),
                ("day", models.DateField(verbose_name="found on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reading", "Being read"),
                            ("asking", "Waiting for answers"),
                            ("previewed", "Ready to import"),
                            ("applying", "Being imported"),
                            ("applied", "Imported"),
                            ("refused", "File refused"),
                        ],
                        default="reading",
                        max_length=10,
                    ),
                ),
                (
                    "applied_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
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
                (
                    "progress",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="common.jobprogress",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "inventory import",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="FoundRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=12)),
                ("device", models.CharField(blank=True, max_length=200)),
                ("person", models.CharField(blank=True, max_length=320)),
                ("publisher", models.CharField(blank=True, max_length=400)),
                ("name", models.CharField(blank=True, max_length=400)),
                ("version", models.CharField(blank=True, max_length=200)),
                ("edition", models.CharField(blank=True, max_length=200)),
                ("platform", models.CharField(blank=True, max_length=100)),
                ("language", models.CharField(blank=True, max_length=100)),
                ("tag", models.CharField(blank=True, max_length=300)),
                ("installed_on", models.DateField(null=True)),
                ("last_used_on", models.DateField(null=True)),
                ("count", models.PositiveIntegerField(null=True)),
                ("more", models.JSONField(null=True)),
                (
                    "source_import",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="rows",
                        to="deployments.inventoryimport",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["source_import", "kind"], name="found_row_by_kind")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportedCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=40)),
                (
                    "metric",
                    models.CharField(
                        choices=[("installs", "Installs"), ("users", "Users")], max_length=10
                    ),
                ),
                ("day", models.DateField()),
                ("count", models.PositiveIntegerField()),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "software",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reported_counts",
                        to="deployments.discoveredsoftware",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("software", "source", "metric", "day"),
                        name="count_is_reported_once_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("metric__in", ["installs", "users"])),
                        name="reported_metric_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=40)),
                ("assigned_on", models.DateField(blank=True, null=True)),
                ("seen_on", models.DateField()),
                ("last_seen_on", models.DateField()),
                ("gone_on", models.DateField(blank=True, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subscriptions",
                        to="accounts.person",
                    ),
                ),
                (
                    "software",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subscriptions",
                        to="deployments.discoveredsoftware",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["person", "id"], name="subscription_by_person"),
                    models.Index(fields=["software", "id"], name="subscription_by_software"),
                    models.Index(fields=["company", "id"], name="subscription_by_company"),
                    models.Index(fields=["seen_on", "id"], name="subscription_by_day"),
                    models.Index(
                        condition=models.Q(("gone_on__isnull", False)),
                        fields=["seen_on", "id"],
                        name="subscription_gone_by_day",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("gone_on", None)),
                        fields=("person", "software", "source"),
                        name="subscription_is_live_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("gone_on", None),
                            ("gone_on__gte", models.F("seen_on")),
                            _connector="OR",
                        ),
                        name="subscription_is_gone_after_it_was_seen",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Usage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=40)),
                ("last_used_on", models.DateField()),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="usage",
                        to="deployments.device",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="usage",
                        to="accounts.person",
                    ),
                ),
                (
                    "software",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="usage",
                        to="deployments.discoveredsoftware",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "usage",
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("software", "device", "person", "source"),
                        name="usage_is_kept_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("device__isnull", False), ("person__isnull", False), _connector="OR"
                        ),
                        name="usage_is_on_a_device_or_by_a_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deployment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("installs", models.PositiveIntegerField(default=0)),
                ("users", models.PositiveIntegerField(default=0)),
                ("installs_without_person", models.PositiveIntegerField(default=0)),
                ("installs_reported_by", models.CharField(blank=True, max_length=40)),
                ("users_reported_by", models.CharField(blank=True, max_length=40)),
                ("last_seen_on", models.DateField(blank=True, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deployments",
                        to="contracts.product",
                    ),
                ),
            ],
            options={
                "ordering": ("product__vendor__name", "product__name"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "product"), name="product_is_deployed_once_in_company"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "company"), name="deployment_within_company"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalDevice",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("name", models.CharField(max_length=200)),
                ("serial_number", models.CharField(blank=True, max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("desktop", "Desktop"),
                            ("laptop", "Laptop"),
                            ("server", "Server"),
                            ("virtual", "Virtual machine"),
                            ("mobile", "Mobile device"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=10,
                    ),
                ),
                ("operating_system", models.CharField(blank=True, max_length=200)),
                ("processor_model", models.CharField(blank=True, max_length=200)),
                ("processors", models.PositiveIntegerField(blank=True, null=True)),
                ("cores", models.PositiveIntegerField(blank=True, null=True)),
                ("threads", models.PositiveIntegerField(blank=True, null=True)),
                ("cluster", models.CharField(blank=True, max_length=200)),
                ("cloud", models.CharField(blank=True, max_length=100)),
                ("gone_on", models.DateField(blank=True, null=True)),
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
                    "cost_centre",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.costcentre",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.department",
                    ),
                ),
                (
                    "host",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="deployments.device",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.location",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.person",
                        verbose_name="used by",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical device",
                "verbose_name_plural": "historical devices",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="device_history_of")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
