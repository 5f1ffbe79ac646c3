import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.math
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_history_and_references"),
        ("common", "0001_initial"),
        ("deployments", "0002_history_and_references"),
        ("entitlements", "0002_history_and_references"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsolidateRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("as_of", models.DateField(verbose_name="for the day")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("stopped", "Stopped"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("fingerprint", models.CharField(blank=True, max_length=64)),
                ("expected_fingerprint", models.CharField(blank=True, max_length=64)),
                ("counts", models.JSONField(default=dict)),
                ("first_allocation_id", models.BigIntegerField(null=True)),
                ("last_allocation_id", models.BigIntegerField(null=True)),
                ("problem", models.TextField(blank=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "progress",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="run",
                        to="common.jobprogress",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "consolidate run",
                "ordering": ("-pk",),
                "indexes": [
                    models.Index(fields=["company", "-as_of"], name="run_by_company_and_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="Allocation",
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
                        choices=[("license", "License"), ("maintenance", "Maintenance")],
                        max_length=12,
                    ),
                ),
                (
                    "reservation_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("department", "Department"),
                            ("project", "Project"),
                            ("cost_centre", "Cost centre"),
                            ("cals", "CALs"),
                        ],
                        db_default="",
                        max_length=12,
                    ),
                ),
                (
                    "reservation_label",
                    models.CharField(
                        blank=True, db_default="", max_length=200, verbose_name="reserved for"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                (
                    "metric",
                    models.CharField(
                        blank=True,
                        choices=[("installs", "Installs"), ("users", "Users")],
                        db_default="",
                        max_length=10,
                        verbose_name="deployment metric",
                    ),
                ),
                ("consumed", models.PositiveIntegerField(db_default=0, default=0)),
                ("deployed", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("manual", "By hand"),
                            ("serial", "Serial number"),
                            ("portal", "Portal"),
                            ("continuity", "Continuity"),
                            ("uncovered", "Uncovered license"),
                        ],
                        max_length=10,
                    ),
                ),
                ("rule", models.CharField(blank=True, max_length=40)),
                ("figures", models.JSONField(default=list)),
                ("notes", models.TextField(blank=True)),
                ("made_on", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("ended_on", models.DateField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("over-allocated", "Position over-allocated"),
                            ("license-invalid", "License no longer valid"),
                            ("license-changed", "License changed"),
                            ("serial-displaced", "Displaced by serial number"),
                            ("manual", "By hand"),
                            ("revoked", "Revoked"),
                            ("split", "License split"),
                        ],
                        max_length=20,
                    ),
                ),
                ("end_rule", models.CharField(blank=True, max_length=40)),
                ("end_figures", models.JSONField(default=list)),
                ("end_notes", models.TextField(blank=True)),
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
                    "deployment",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="deployments.deployment",
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="deployments.device",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="entitlements.entitlement",
                    ),
                ),
                (
                    "license",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cover",
                        to="entitlements.entitlement",
                    ),
                ),
                (
                    "license_key",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="entitlements.licensekey",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="accounts.person",
                    ),
                ),
                (
                    "ended_in_run",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ended",
                        to="allocation.consolidaterun",
                    ),
                ),
                (
                    "made_in_run",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="made",
                        to="allocation.consolidaterun",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["license", "id"], name="allocation_by_license"),
                    models.Index(fields=["entitlement", "id"], name="allocation_by_entitlement"),
                    models.Index(fields=["company", "id"], name="allocation_by_company"),
                    models.Index(
                        condition=models.Q(("ended_at", None), ("license", None)),
                        fields=["entitlement", "id"],
                        name="use_by_license",
                    ),
                    models.Index(
                        condition=models.Q(("license_key__isnull", False)),
                        fields=["license_key"],
                        name="allocation_by_license_key",
                    ),
                    models.Index(
                        condition=models.Q(("ended_in_run__isnull", False)),
                        fields=["ended_in_run"],
                        name="allocation_by_ending_run",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("license", "entitlement"),
                        name="position_covers_a_license_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("deployment__isnull", False), ("ended_at", None)),
                        fields=("deployment", "entitlement", "metric"),
                        name="license_tracks_a_product_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("person__isnull", False)),
                        fields=("person", "entitlement"),
                        name="person_holds_a_license_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("device__isnull", False), ("ended_at", None)),
                        fields=("device", "entitlement"),
                        name="device_holds_a_license_once",
                    ),
                    models.UniqueConstraint(
                        models.F("entitlement"),
                        models.F("reservation_kind"),
                        django.db.models.functions.text.Lower("reservation_label"),
                        condition=models.Q(
                            ("ended_at", None), models.Q(("reservation_kind", ""), _negated=True)
                        ),
                        name="license_is_reserved_for_a_label_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("license_key", None),
                            ("person__isnull", False),
                            ("device__isnull", False),
                            _connector="OR",
                        ),
                        name="key_is_given_to_people_and_devices",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            models.Func(
                                models.F("license"),
                                models.F("deployment"),
                                django.db.models.functions.comparison.NullIf(
                                    "reservation_kind", models.Value("")
                                ),
                                models.F("person"),
                                models.F("device"),
                                function="num_nonnulls",
                                output_field=models.IntegerField(),
                            ),
                            1,
                        ),
                        name="allocation_has_one_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "maintenance"), ("license__isnull", False)),
                            models.Q(("kind", "license"), ("license", None)),
                            _connector="OR",
                        ),
                        name="only_maintenance_covers_licenses",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity__gte", 1), ("deployment__isnull", False), _connector="OR"
                        ),
                        name="only_deployments_are_unlimited",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "basis__in",
                                    ["manual", "serial", "portal", "continuity", "uncovered"],
                                ),
                                ("license__isnull", False),
                            ),
                            models.Q(("basis", ""), ("license", None)),
                            _connector="OR",
                        ),
                        name="cover_has_a_basis",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("deployment__isnull", False), ("metric__in", ["installs", "users"])
                            ),
                            models.Q(("deployment", None), ("metric", "")),
                            _connector="OR",
                        ),
                        name="tracked_deployment_has_a_metric",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reservation_kind", ""), ("reservation_label", "")),
                            models.Q(
                                (
                                    "reservation_kind__in",
                                    ["department", "project", "cost_centre", "cals"],
                                ),
                                models.Q(("reservation_label", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="reservation_has_kind_and_label",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("made_by__isnull", False),
                            ("made_in_run__isnull", False),
                            _connector="OR",
                        ),
                        name="allocation_is_made_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("end_reason", ""),
                                ("ended_at", None),
                                ("ended_by", None),
                                ("ended_in_run", None),
                                ("ended_on", None),
                            ),
                            models.Q(
                                (
                                    "end_reason__in",
                                    [
                                        "over-allocated",
                                        "license-invalid",
                                        "license-changed",
                                        "serial-displaced",
                                        "manual",
                                        "revoked",
                                        "split",
                                    ],
                                ),
                                ("ended_at__isnull", False),
                                ("ended_on__isnull", False),
                                models.Q(
                                    ("ended_by__isnull", False),
                                    ("ended_in_run__isnull", False),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="allocation_is_ended_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptApart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField()),
                ("parted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lifted_at", models.DateTimeField(null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "license",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kept_apart",
                        to="entitlements.entitlement",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "position",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kept_apart_from",
                        to="entitlements.entitlement",
                    ),
                ),
            ],
            options={
                "verbose_name": "pair kept apart",
                "verbose_name_plural": "pairs kept apart",
                "ordering": ("-pk",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("position", "license"),
                        name="pair_is_kept_apart_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position", models.F("license")), _negated=True),
                        name="pair_is_of_two_entitlements",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LicenseNumbers",
            fields=[
                (
                    "license",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="numbers",
                        serialize=False,
                        to="entitlements.entitlement",
                    ),
                ),
                ("entitled", models.BigIntegerField(null=True)),
                ("consumed", models.BigIntegerField()),
                ("deployed", models.BigIntegerField()),
                ("idle", models.BigIntegerField()),
                ("reserved", models.BigIntegerField()),
                ("available", models.BigIntegerField(null=True)),
                (
                    "utilisation",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                entitled__gt=0,
                                then=django.db.models.functions.math.Round(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.functions.comparison.Cast(
                                            "consumed",
                                            models.DecimalField(decimal_places=10, max_digits=30),
                                        ),
                                        "/",
                                        django.db.models.functions.comparison.Cast(
                                            "entitled",
                                            models.DecimalField(decimal_places=10, max_digits=30),
                                        ),
                                    ),
                                    precision=4,
                                ),
                            )
                        ),
                        output_field=models.DecimalField(
                            decimal_places=4, max_digits=24, null=True
                        ),
                    ),
                ),
                ("holds_until", models.DateField(null=True)),
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
            ],
            options={
                "ordering": ("license",),
                "indexes": [
                    models.Index(
                        fields=["company", "available", "license"], name="license_by_available"
                    ),
                    models.Index(
                        fields=["company", "deployed", "license"], name="license_by_deployed"
                    ),
                    models.Index(
                        fields=["company", "consumed", "license"], name="license_by_consumed"
                    ),
                    models.Index(fields=["company", "idle", "license"], name="license_by_idle"),
                    models.Index(
                        fields=["company", "entitled", "license"], name="license_by_entitled"
                    ),
                    models.Index(
                        fields=["company", "utilisation", "license"], name="license_by_utilisation"
                    ),
                    models.Index(fields=["holds_until"], name="license_by_numbers_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProductNumbers",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "metric",
                    models.CharField(
                        choices=[("installs", "Installs"), ("users", "Users")], max_length=10
                    ),
                ),
                ("deployed", models.BigIntegerField()),
                ("allocated", models.BigIntegerField(default=0)),
                ("idle", models.BigIntegerField(default=0)),
                ("covered", models.BigIntegerField()),
                ("uncovered", models.BigIntegerField()),
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
                    "deployment",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="numbers",
                        to="deployments.deployment",
                    ),
                ),
            ],
            options={
                "ordering": ("deployment", "metric"),
                "indexes": [
                    models.Index(fields=["company", "uncovered"], name="product_by_uncovered")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("deployment", "metric"), name="product_has_numbers_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RunPreview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("as_of", models.DateField(verbose_name="for the day")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("fingerprint", models.CharField(blank=True, max_length=64)),
                ("counts", models.JSONField(default=dict)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "progress",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="preview",
                        to="common.jobprogress",
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="PreviewChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("step", models.CharField(max_length=20)),
                ("change", models.CharField(max_length=20)),
                ("position_id", models.BigIntegerField(null=True)),
                ("license_id", models.BigIntegerField(null=True)),
                ("allocation_id", models.BigIntegerField(null=True)),
                ("return_id", models.BigIntegerField(null=True)),
                ("units", models.PositiveIntegerField(null=True)),
                ("basis", models.CharField(blank=True, max_length=10)),
                ("reason", models.CharField(blank=True, max_length=20)),
                ("serial", models.CharField(blank=True, max_length=200)),
                ("rule", models.CharField(blank=True, max_length=40)),
                ("figures", models.JSONField(default=list)),
                (
                    "preview",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="changes",
                        to="allocation.runpreview",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="HistoricalAllocation",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("license", "License"), ("maintenance", "Maintenance")],
                        max_length=12,
                    ),
                ),
                (
                    "reservation_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("department", "Department"),
                            ("project", "Project"),
                            ("cost_centre", "Cost centre"),
                            ("cals", "CALs"),
                        ],
                        db_default="",
                        max_length=12,
                    ),
                ),
                (
                    "reservation_label",
                    models.CharField(
                        blank=True, db_default="", max_length=200, verbose_name="reserved for"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                (
                    "metric",
                    models.CharField(
                        blank=True,
                        choices=[("installs", "Installs"), ("users", "Users")],
                        db_default="",
                        max_length=10,
                        verbose_name="deployment metric",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("manual", "By hand"),
                            ("serial", "Serial number"),
                            ("portal", "Portal"),
                            ("continuity", "Continuity"),
                            ("uncovered", "Uncovered license"),
                        ],
                        max_length=10,
                    ),
                ),
                ("rule", models.CharField(blank=True, max_length=40)),
                ("figures", models.JSONField(default=list)),
                ("notes", models.TextField(blank=True)),
                ("made_on", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("ended_on", models.DateField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("over-allocated", "Position over-allocated"),
                            ("license-invalid", "License no longer valid"),
                            ("license-changed", "License changed"),
                            ("serial-displaced", "Displaced by serial number"),
                            ("manual", "By hand"),
                            ("revoked", "Revoked"),
                            ("split", "License split"),
                        ],
                        max_length=20,
                    ),
                ),
                ("end_rule", models.CharField(blank=True, max_length=40)),
                ("end_figures", models.JSONField(default=list)),
                ("end_notes", models.TextField(blank=True)),
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
                    "deployment",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="deployments.deployment",
                    ),
                ),
                (
                    "device",
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
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_in_run",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="allocation.consolidaterun",
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
                    "license",
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
                    "license_key",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.licensekey",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_in_run",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="allocation.consolidaterun",
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
                    ),
                ),
            ],
            options={
                "verbose_name": "historical allocation",
                "verbose_name_plural": "historical allocations",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="allocation_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalKeptApart",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("reason", models.TextField()),
                ("parted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lifted_at", models.DateTimeField(null=True)),
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
                    "license",
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
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parted_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "position",
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
                "verbose_name": "historical pair kept apart",
                "verbose_name_plural": "historical pairs kept apart",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "history_id"], name="keptapart_history_of")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
