import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
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
            name="MetricGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=50, unique=True)),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="AgreementType",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=100)),
                ("always_compliant", models.BooleanField(default=False)),
                ("has_license_impact", models.BooleanField(default=True)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreement_types",
                        to="entitlements.metricgroup",
                    ),
                ),
            ],
            options={
                "ordering": ("group__name", "name"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("group", "code"), name="agreement_type_code_is_unique_in_group"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LicenseMetric",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "counted_by",
                    models.CharField(
                        choices=[
                            ("device", "Devices"),
                            ("person", "People"),
                            ("neither", "Neither"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "description",
                    models.TextField(help_text="What it is for, in a sentence or two."),
                ),
                (
                    "calculation",
                    models.TextField(help_text="How rights are counted, for people to read."),
                ),
                ("source", models.TextField(blank=True, help_text="Where the publisher says so.")),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="metrics",
                        to="entitlements.metricgroup",
                    ),
                ),
            ],
            options={
                "ordering": ("group__name", "name"),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("group"),
                        django.db.models.functions.text.Lower("name"),
                        name="metric_name_is_unique_in_group",
                    ),
                ],
            },
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
            name="EntitlementDefinition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "grace_days",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="How far a renewal may start before or after the end of the cover it continues.",
                        validators=[django.core.validators.MaxValueValidator(3650)],
                    ),
                ),
                (
                    "maximum_days",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="How long after a license the maintenance may be bought for it. 0: thirty days, and not offered later in the portal.",
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="maximum days after authorization",
                    ),
                ),
                (
                    "is_orderable",
                    models.BooleanField(default=False, verbose_name="offered in the portal"),
                ),
                (
                    "is_forced_in",
                    models.BooleanField(default=False, verbose_name="comes with every request"),
                ),
                ("usual_term_months", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "price",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
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
                        name="definition_name_is_unique_in_company",
                    ),
                    models.UniqueConstraint(
                        fields=("id", "company"), name="definition_within_company"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grace_days__lte", 3650), ("maximum_days__lte", 3650)),
                        name="definition_days_are_at_most_ten_years",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("price", None),
                            models.Q(("currency", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="definition_price_has_a_currency",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PublisherPart",
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
                    "number",
                    models.CharField(db_collation="C", max_length=100, verbose_name="part number"),
                ),
                (
                    "description",
                    models.CharField(
                        blank=True, help_text="What the publisher calls it.", max_length=300
                    ),
                ),
                ("product_name", models.CharField(max_length=200, verbose_name="product")),
                ("version", models.CharField(blank=True, help_text="Empty: any.", max_length=100)),
                ("edition", models.CharField(blank=True, help_text="Empty: any.", max_length=100)),
                ("platform", models.CharField(blank=True, help_text="Empty: any.", max_length=100)),
                ("language", models.CharField(blank=True, help_text="Empty: any.", max_length=100)),
                (
                    "product_type",
                    models.CharField(
                        choices=[
                            ("licensable", "Licensable"),
                            ("freeware", "Freeware"),
                            ("open_source", "Open source"),
                            ("component", "Component of another"),
                        ],
                        default="licensable",
                        max_length=20,
                    ),
                ),
                (
                    "license_type",
                    models.CharField(
                        choices=[("full", "Full"), ("upgrade", "Upgrade")],
                        default="full",
                        max_length=10,
                    ),
                ),
                ("rights_per_pack", models.PositiveIntegerField(default=1)),
                ("is_suite", models.BooleanField(default=False, verbose_name="suite defined")),
                (
                    "is_example",
                    models.BooleanField(
                        default=False,
                        help_text="Made up, to show how it works: nothing that is sold.",
                        verbose_name="example",
                    ),
                ),
                (
                    "metric",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="entitlements.licensemetric",
                        verbose_name="license metric",
                    ),
                ),
                (
                    "vendor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="contracts.vendor",
                        verbose_name="publisher",
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("number"), name="gin_trgm_ops"
                        ),
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("description"),
                            name="gin_trgm_ops",
                        ),
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("product_name"),
                            name="gin_trgm_ops",
                        ),
                        name="part_by_any_part",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vendor", "number"), name="part_number_is_unique_at_vendor"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rights_per_pack__gte", 1)), name="part_grants_rights"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("product_name", ""), _negated=True),
                        name="part_is_of_a_product",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entitlement",
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
                ("asset_tag", models.CharField(blank=True, db_collation="C", max_length=100)),
                ("serial_number", models.CharField(blank=True, db_collation="C", max_length=200)),
                ("license_number", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "matched_serial",
                    models.CharField(blank=True, db_collation="C", editable=False, max_length=200),
                ),
                ("matched_run_id", models.BigIntegerField(editable=False, null=True)),
                ("matched_figures", models.JSONField(editable=False, null=True)),
                (
                    "may_be_matched",
                    models.BooleanField(
                        default=True,
                        help_text="Off: consolidate's pre-processing gives this position no serial number.",
                        verbose_name="may be matched to a group of licenses",
                    ),
                ),
                (
                    "license_type",
                    models.CharField(
                        blank=True,
                        choices=[("full", "Full"), ("upgrade", "Upgrade")],
                        max_length=10,
                    ),
                ),
                (
                    "duration",
                    models.CharField(
                        blank=True,
                        choices=[("perpetual", "Perpetual"), ("subscription", "Subscription")],
                        max_length=12,
                    ),
                ),
                ("database_option", models.CharField(blank=True, max_length=200)),
                ("is_unlimited", models.BooleanField(default=False, verbose_name="unlimited")),
                ("purchased_rights", models.PositiveIntegerField(blank=True, null=True)),
                ("rights_per_pack", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "packs",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="number of packs"
                    ),
                ),
                ("purchased_on", models.DateField()),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="start")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="end")),
                (
                    "unit_cost",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                (
                    "total_cost",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(is_unlimited=True, then=models.F("unit_cost")),
                            default=django.db.models.expressions.CombinedExpression(
                                models.F("unit_cost"), "*", models.F("purchased_rights")
                            ),
                        ),
                        output_field=models.DecimalField(decimal_places=4, max_digits=28),
                    ),
                ),
                (
                    "po_number",
                    models.CharField(blank=True, max_length=100, verbose_name="PO number"),
                ),
                ("invoice_number", models.CharField(blank=True, max_length=100)),
                ("notes", models.TextField(blank=True)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50),
                        blank=True,
                        db_default=[],
                        default=list,
                    ),
                ),
                ("custom", models.JSONField(blank=True, db_default={}, default=dict)),
                (
                    "agreement_type",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entitlements",
                        to="entitlements.agreementtype",
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
                    "contract",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entitlements",
                        to="contracts.contract",
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
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entitlements",
                        to="contracts.softwaremodel",
                        verbose_name="software model",
                    ),
                ),
                (
                    "owned_by_department",
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
                    "owned_by_person",
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
                    "split_from",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="split_into",
                        to="entitlements.entitlement",
                    ),
                ),
                (
                    "vendor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sold_entitlements",
                        to="contracts.vendor",
                    ),
                ),
                (
                    "definition",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="positions",
                        to="entitlements.entitlementdefinition",
                    ),
                ),
                (
                    "metric",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entitlements",
                        to="entitlements.licensemetric",
                        verbose_name="license metric",
                    ),
                ),
                (
                    "part",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entitlements",
                        to="entitlements.publisherpart",
                        verbose_name="publisher part number",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["company", "kind", "model"], name="entitlement_by_title"),
                    models.Index(
                        condition=models.Q(("serial_number", ""), _negated=True),
                        fields=["company", "serial_number"],
                        name="entitlement_by_serial",
                    ),
                    models.Index(fields=["company", "kind", "id"], name="entitlement_by_company"),
                    models.Index(
                        condition=models.Q(("matched_run_id__isnull", False)),
                        fields=["matched_run_id"],
                        name="entitlement_by_matching_run",
                    ),
                    models.Index(fields=["purchased_on", "id"], name="entitlement_by_purchase"),
                    models.Index(fields=["ends_on", "id"], name="entitlement_by_end"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["tags"], name="entitlement_by_tag"
                    ),
                    models.Index(
                        condition=models.Q(("split_from__isnull", False)),
                        fields=["split_from"],
                        name="entitlement_by_origin",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("asset_tag"), name="gin_trgm_ops"
                        ),
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("serial_number"),
                            name="gin_trgm_ops",
                        ),
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("matched_serial"),
                            name="gin_trgm_ops",
                        ),
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("po_number"), name="gin_trgm_ops"
                        ),
                        name="entitlement_by_any_part",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("asset_tag", ""), _negated=True),
                        fields=("company", "asset_tag"),
                        name="asset_tag_is_unique_in_company",
                    ),
                    models.UniqueConstraint(
                        fields=("id", "company", "kind"), name="entitlement_within_company_and_kind"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "company"), name="entitlement_within_company"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["license", "maintenance"])),
                        name="entitlement_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on", None),
                            ("starts_on", None),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="entitlement_ends_not_before_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_unlimited", True), ("purchased_rights", None)),
                            models.Q(("is_unlimited", False), ("purchased_rights__gte", 1)),
                            _connector="OR",
                        ),
                        name="entitlement_grants_rights",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("packs", None),
                            (
                                "purchased_rights",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("packs"), "*", models.F("rights_per_pack")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="entitlement_rights_are_those_of_its_packs",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("unit_cost", None),
                            models.Q(
                                models.Q(("currency", ""), _negated=True), ("unit_cost__gte", 0)
                            ),
                            _connector="OR",
                        ),
                        name="entitlement_cost_has_a_currency",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("owned_by_person", None),
                            ("owned_by_department", None),
                            _connector="OR",
                        ),
                        name="entitlement_has_one_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "maintenance"), _negated=True),
                            models.Q(
                                ("agreement_type", None),
                                ("database_option", ""),
                                ("definition__isnull", False),
                                ("duration", ""),
                                ("is_unlimited", False),
                                ("license_number", None),
                                ("license_type", ""),
                                ("metric", None),
                                ("starts_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="maintenance_has_its_own_fields",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "license"), _negated=True),
                            models.Q(
                                ("definition", None),
                                ("duration__in", ["perpetual", "subscription"]),
                                ("license_type__in", ["full", "upgrade"]),
                                ("matched_run_id", None),
                                ("matched_serial", ""),
                            ),
                            _connector="OR",
                        ),
                        name="license_has_its_own_fields",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("duration", "subscription"), _negated=True),
                            ("starts_on__isnull", False),
                            _connector="OR",
                        ),
                        name="subscription_has_a_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("duration", "perpetual"), _negated=True),
                            ("ends_on", None),
                            _connector="OR",
                        ),
                        name="perpetual_license_has_no_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("matched_run_id", None), ("matched_serial", "")),
                            models.Q(
                                models.Q(("matched_serial", ""), _negated=True),
                                ("matched_run_id__isnull", False),
                                ("serial_number", ""),
                            ),
                            _connector="OR",
                        ),
                        name="entitlement_is_matched_where_it_has_no_serial",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tags__len__lte", 20),
                            models.Q(("tags__contains", [""]), _negated=True),
                        ),
                        name="entitlement_tags_are_words_and_few",
                    ),
                ],
            },
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
            name="HeaderMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("signature", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("contracts", "Contracts"),
                            ("licenses", "Licenses"),
                            ("maintenance", "Maintenance"),
                            ("parts", "Part numbers"),
                            ("components", "Suite components"),
                            ("models", "Software models"),
                        ],
                        max_length=12,
                    ),
                ),
                ("columns", models.JSONField()),
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "signature"), name="headers_are_mapped_once_in_company"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Import",
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
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reading", "Being read"),
                            ("asking", "Waiting for answers"),
                            ("previewed", "Ready to import"),
                            ("applying", "Being imported"),
                            ("applied", "Imported"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                            ("refused", "File refused"),
                        ],
                        default="reading",
                        max_length=10,
                    ),
                ),
                ("mappings", models.JSONField(default=list)),
                ("fingerprint", models.CharField(blank=True, max_length=32)),
                ("leaves_refused_out", models.BooleanField(default=False)),
                ("undone_at", models.DateTimeField(null=True)),
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
                    "continues",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="continued_by",
                        to="entitlements.import",
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
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "workbook import",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="ImportedRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=40)),
                ("object_id", models.BigIntegerField()),
                ("history_id", models.BigIntegerField()),
                ("is_new", models.BooleanField()),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="entitlements.import",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "model", "object_id"), name="record_is_imported_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportProblem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.PositiveSmallIntegerField()),
                ("row", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=40)),
                ("reason", models.TextField()),
                ("is_of_cell", models.BooleanField(db_default=True)),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="problems",
                        to="entitlements.import",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["source", "sheet", "row"], name="import_problem_by_place")
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.PositiveSmallIntegerField()),
                ("row", models.PositiveIntegerField()),
                ("record", models.CharField(max_length=12)),
                ("raw", models.JSONField()),
                ("values", models.JSONField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new", "New"),
                            ("changed", "Changed"),
                            ("unchanged", "Unchanged"),
                            ("refused", "Refused"),
                            ("repeated", "Told before"),
                        ],
                        db_default="",
                        max_length=10,
                    ),
                ),
                ("target_id", models.BigIntegerField(null=True)),
                ("changes", models.JSONField(db_default={}, default=dict)),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="rows",
                        to="entitlements.import",
                    ),
                ),
            ],
            options={
                "ordering": ("sheet", "row", "pk"),
                "indexes": [
                    models.Index(fields=["source", "sheet", "row"], name="import_row_by_place"),
                    models.Index(
                        fields=["source", "outcome", "sheet", "row"], name="import_row_by_outcome"
                    ),
                ],
            },
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
            name="PurchaseReturn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("returned_on", models.DateField()),
                (
                    "unit_price",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("notes", models.TextField(blank=True)),
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
                    "definition",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returns",
                        to="entitlements.entitlementdefinition",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returns",
                        to="entitlements.entitlement",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contracts.softwaremodel",
                    ),
                ),
            ],
            options={
                "ordering": ("returned_on", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("id", "company"), name="return_within_company"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1)), name="return_has_units"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("unit_price", None), ("unit_price__gte", 0), _connector="OR"
                        ),
                        name="return_price_is_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on", None),
                            ("ended_on__gte", models.F("returned_on")),
                            _connector="OR",
                        ),
                        name="return_ends_not_before_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("definition", None),
                                ("entitlement__isnull", False),
                                ("model", None),
                            ),
                            models.Q(
                                ("definition__isnull", False),
                                ("entitlement", None),
                                ("model__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="return_is_of_a_license_or_of_maintenance",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnAssignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("units", models.PositiveIntegerField()),
                ("rule", models.CharField(blank=True, max_length=40)),
                ("figures", models.JSONField(default=list)),
                ("made_on", models.DateField()),
                ("made_in_run_id", models.BigIntegerField()),
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
                    "position",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="return_assignments",
                        to="entitlements.entitlement",
                    ),
                ),
                (
                    "purchase_return",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="entitlements.purchasereturn",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["made_in_run_id"], name="return_assignment_by_run")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("units__gte", 1)), name="return_assignment_has_units"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on", None),
                            ("ended_on__gte", models.F("made_on")),
                            _connector="OR",
                        ),
                        name="return_assignment_ends_not_before_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatePeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("on_order", "On order"),
                            ("in_stock", "In stock"),
                            ("in_transit", "In transit"),
                            ("in_use", "In use"),
                            ("consumed", "Consumed"),
                            ("in_maintenance", "In maintenance"),
                            ("retired", "Retired"),
                            ("missing", "Missing"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "substate",
                    models.CharField(
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
                ("from_on", models.DateField(verbose_name="from")),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="until")),
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
                        related_name="state_periods",
                        to="entitlements.entitlement",
                    ),
                ),
            ],
            options={
                "ordering": ("from_on",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "on_order",
                                    "in_stock",
                                    "in_transit",
                                    "in_use",
                                    "consumed",
                                    "in_maintenance",
                                    "retired",
                                    "missing",
                                ],
                            )
                        ),
                        name="state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("substate", ""),
                            models.Q(("state", "on_order"), ("substate__in", ())),
                            models.Q(
                                ("state", "in_stock"),
                                (
                                    "substate__in",
                                    (
                                        "available",
                                        "reserved",
                                        "pending_transfer",
                                        "pending_disposal",
                                    ),
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
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_on", None),
                            ("until_on__gte", models.F("from_on")),
                            _connector="OR",
                        ),
                        name="state_period_ends_not_before_it_starts",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("entitlement", "="),
                            (
                                models.Func(
                                    models.F("from_on"),
                                    models.F("until_on"),
                                    django.contrib.postgres.fields.ranges.RangeBoundary(
                                        inclusive_lower=True, inclusive_upper=True
                                    ),
                                    function="DATERANGE",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="state_periods_do_not_overlap",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SuiteComponent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("product_name", models.CharField(max_length=200, verbose_name="product")),
                ("version", models.CharField(blank=True, help_text="Empty: any.", max_length=100)),
                ("edition", models.CharField(blank=True, help_text="Empty: any.", max_length=100)),
                (
                    "part",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="components",
                        to="entitlements.publisherpart",
                    ),
                ),
                (
                    "vendor",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the suite's own.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contracts.vendor",
                        verbose_name="publisher",
                    ),
                ),
            ],
            options={
                "ordering": ("part", "product_name", "version", "edition"),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("part"),
                        models.F("vendor"),
                        django.db.models.functions.text.Lower("product_name"),
                        django.db.models.functions.text.Lower("version"),
                        django.db.models.functions.text.Lower("edition"),
                        name="suite_component_is_listed_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("product_name", ""), _negated=True),
                        name="component_is_of_a_product",
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
            name="ToldRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.PositiveSmallIntegerField()),
                ("row", models.PositiveIntegerField()),
                ("record", models.CharField(max_length=12)),
                ("object_id", models.BigIntegerField()),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told_records",
                        to="entitlements.import",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("origin", "sheet", "row", "record", "object_id"),
                        name="record_of_row_is_kept_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UpgradedEntitlement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rights", models.PositiveIntegerField(verbose_name="number of rights")),
                ("effective_on", models.DateField()),
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
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="upgraded_to",
                        to="entitlements.entitlement",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="upgraded_from",
                        to="entitlements.entitlement",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on", None)),
                        fields=("target", "source"),
                        name="upgrade_is_listed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rights__gte", 1)), name="upgrade_moves_rights"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("target", models.F("source")), _negated=True),
                        name="upgrade_is_not_of_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on", None),
                            ("ended_on__gte", models.F("effective_on")),
                            _connector="OR",
                        ),
                        name="upgrade_ends_not_before_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkbookExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.CharField(blank=True, max_length=12)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "asked_by",
                    models.ForeignKey(
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="common.keptfile",
                    ),
                ),
                (
                    "progress",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="common.jobprogress",
                    ),
                ),
                (
                    "refused_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refused_files",
                        to="entitlements.import",
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
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
        migrations.CreateModel(
            name="DowngradeRight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order", models.PositiveIntegerField(default=0)),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="start")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="end")),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contracts.softwaremodel",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="downgrade_rights",
                        to="entitlements.entitlement",
                    ),
                ),
            ],
            options={
                "ordering": ("order", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on", None),
                            ("starts_on", None),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="downgrade_right_ends_not_before_it_starts",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("entitlement", "="),
                            ("model", "="),
                            (
                                models.Func(
                                    models.F("starts_on"),
                                    models.F("ends_on"),
                                    django.contrib.postgres.fields.ranges.RangeBoundary(
                                        inclusive_lower=True, inclusive_upper=True
                                    ),
                                    function="DATERANGE",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="downgrade_rights_to_a_model_do_not_overlap",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalDowngradeRight",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("order", models.PositiveIntegerField(default=0)),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="start")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="end")),
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
            ],
            options={
                "verbose_name": "historical downgrade right",
                "verbose_name_plural": "historical downgrade rights",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="downgraderight_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalEntitlementDefinition",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "grace_days",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="How far a renewal may start before or after the end of the cover it continues.",
                        validators=[django.core.validators.MaxValueValidator(3650)],
                    ),
                ),
                (
                    "maximum_days",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="How long after a license the maintenance may be bought for it. 0: thirty days, and not offered later in the portal.",
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="maximum days after authorization",
                    ),
                ),
                (
                    "is_orderable",
                    models.BooleanField(default=False, verbose_name="offered in the portal"),
                ),
                (
                    "is_forced_in",
                    models.BooleanField(default=False, verbose_name="comes with every request"),
                ),
                ("usual_term_months", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "price",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
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
                "verbose_name": "historical entitlement definition",
                "verbose_name_plural": "historical entitlement definitions",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="entitlementdefinition_history_")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
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
            name="HistoricalHeaderMapping",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("signature", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("contracts", "Contracts"),
                            ("licenses", "Licenses"),
                            ("maintenance", "Maintenance"),
                            ("parts", "Part numbers"),
                            ("components", "Suite components"),
                            ("models", "Software models"),
                        ],
                        max_length=12,
                    ),
                ),
                ("columns", models.JSONField()),
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
                "verbose_name": "historical header mapping",
                "verbose_name_plural": "historical header mappings",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="headermapping_history_of")
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
            name="HistoricalMetricGroup",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("name", models.CharField(max_length=50)),
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
                "verbose_name": "historical metric group",
                "verbose_name_plural": "historical metric groups",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="metricgroup_history_of")
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
            name="HistoricalPurchaseReturn",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("quantity", models.PositiveIntegerField()),
                ("returned_on", models.DateField()),
                (
                    "unit_price",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("notes", models.TextField(blank=True)),
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
                    "definition",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.entitlementdefinition",
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
            ],
            options={
                "verbose_name": "historical purchase return",
                "verbose_name_plural": "historical purchase returns",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="purchasereturn_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalStatePeriod",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("on_order", "On order"),
                            ("in_stock", "In stock"),
                            ("in_transit", "In transit"),
                            ("in_use", "In use"),
                            ("consumed", "Consumed"),
                            ("in_maintenance", "In maintenance"),
                            ("retired", "Retired"),
                            ("missing", "Missing"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "substate",
                    models.CharField(
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
                ("from_on", models.DateField(verbose_name="from")),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="until")),
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
                "verbose_name": "historical state period",
                "verbose_name_plural": "historical state periods",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="stateperiod_history_of")
                ],
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
            name="HistoricalUpgradedEntitlement",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("rights", models.PositiveIntegerField(verbose_name="number of rights")),
                ("effective_on", models.DateField()),
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
                    "source",
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
                    "target",
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
                "verbose_name": "historical upgraded entitlement",
                "verbose_name_plural": "historical upgraded entitlements",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="upgradedentitlement_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPublisherPart",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("source", models.TextField(blank=True)),
                ("as_of", models.DateField(blank=True, null=True)),
                ("number", models.CharField(max_length=100, verbose_name="part number")),
                (
                    "description",
                    models.CharField(
                        blank=True, help_text="What the publisher calls it.", max_length=300
                    ),
                ),
                ("product_name", models.CharField(max_length=200, verbose_name="product")),
                ("version", models.CharField(blank=True, help_text="Empty: any.", max_length=100)),
                ("edition", models.CharField(blank=True, help_text="Empty: any.", max_length=100)),
                ("platform", models.CharField(blank=True, help_text="Empty: any.", max_length=100)),
                ("language", models.CharField(blank=True, help_text="Empty: any.", max_length=100)),
                (
                    "product_type",
                    models.CharField(
                        choices=[
                            ("licensable", "Licensable"),
                            ("freeware", "Freeware"),
                            ("open_source", "Open source"),
                            ("component", "Component of another"),
                        ],
                        default="licensable",
                        max_length=20,
                    ),
                ),
                (
                    "license_type",
                    models.CharField(
                        choices=[("full", "Full"), ("upgrade", "Upgrade")],
                        default="full",
                        max_length=10,
                    ),
                ),
                ("rights_per_pack", models.PositiveIntegerField(default=1)),
                ("is_suite", models.BooleanField(default=False, verbose_name="suite defined")),
                (
                    "is_example",
                    models.BooleanField(
                        default=False,
                        help_text="Made up, to show how it works: nothing that is sold.",
                        verbose_name="example",
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
                    "vendor",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contracts.vendor",
                        verbose_name="publisher",
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
                        verbose_name="license metric",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical publisher part",
                "verbose_name_plural": "historical publisher parts",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="publisherpart_history_of")
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
            name="HistoricalLicenseMetric",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("name", models.CharField(max_length=100)),
                (
                    "counted_by",
                    models.CharField(
                        choices=[
                            ("device", "Devices"),
                            ("person", "People"),
                            ("neither", "Neither"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "description",
                    models.TextField(help_text="What it is for, in a sentence or two."),
                ),
                (
                    "calculation",
                    models.TextField(help_text="How rights are counted, for people to read."),
                ),
                ("source", models.TextField(blank=True, help_text="Where the publisher says so.")),
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
                    "group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.metricgroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical license metric",
                "verbose_name_plural": "historical license metrics",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="licensemetric_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalAgreementType",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=100)),
                ("always_compliant", models.BooleanField(default=False)),
                ("has_license_impact", models.BooleanField(default=True)),
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
                    "group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.metricgroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical agreement type",
                "verbose_name_plural": "historical agreement types",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="agreementtype_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalSuiteComponent",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("product_name", models.CharField(max_length=200, verbose_name="product")),
                ("version", models.CharField(blank=True, help_text="Empty: any.", max_length=100)),
                ("edition", models.CharField(blank=True, help_text="Empty: any.", max_length=100)),
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
                    "vendor",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="Empty: the suite's own.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contracts.vendor",
                        verbose_name="publisher",
                    ),
                ),
                (
                    "part",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.publisherpart",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical suite component",
                "verbose_name_plural": "historical suite components",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="suitecomponent_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalEntitlement",
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
                ("asset_tag", models.CharField(blank=True, max_length=100)),
                ("serial_number", models.CharField(blank=True, max_length=200)),
                ("license_number", models.PositiveIntegerField(blank=True, null=True)),
                ("matched_serial", models.CharField(blank=True, editable=False, max_length=200)),
                ("matched_run_id", models.BigIntegerField(editable=False, null=True)),
                ("matched_figures", models.JSONField(editable=False, null=True)),
                (
                    "may_be_matched",
                    models.BooleanField(
                        default=True,
                        help_text="Off: consolidate's pre-processing gives this position no serial number.",
                        verbose_name="may be matched to a group of licenses",
                    ),
                ),
                (
                    "license_type",
                    models.CharField(
                        blank=True,
                        choices=[("full", "Full"), ("upgrade", "Upgrade")],
                        max_length=10,
                    ),
                ),
                (
                    "duration",
                    models.CharField(
                        blank=True,
                        choices=[("perpetual", "Perpetual"), ("subscription", "Subscription")],
                        max_length=12,
                    ),
                ),
                ("database_option", models.CharField(blank=True, max_length=200)),
                ("is_unlimited", models.BooleanField(default=False, verbose_name="unlimited")),
                ("purchased_rights", models.PositiveIntegerField(blank=True, null=True)),
                ("rights_per_pack", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "packs",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="number of packs"
                    ),
                ),
                ("purchased_on", models.DateField()),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="start")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="end")),
                (
                    "unit_cost",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                (
                    "po_number",
                    models.CharField(blank=True, max_length=100, verbose_name="PO number"),
                ),
                ("invoice_number", models.CharField(blank=True, max_length=100)),
                ("notes", models.TextField(blank=True)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50),
                        blank=True,
                        db_default=[],
                        default=list,
                    ),
                ),
                ("custom", models.JSONField(blank=True, db_default={}, default=dict)),
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
                    "agreement_type",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.agreementtype",
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
                    "contract",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contracts.contract",
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
                    "definition",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.entitlementdefinition",
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
                    "model",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contracts.softwaremodel",
                        verbose_name="software model",
                    ),
                ),
                (
                    "owned_by_department",
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
                    "owned_by_person",
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
                (
                    "split_from",
                    models.ForeignKey(
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
                (
                    "vendor",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contracts.vendor",
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
                        verbose_name="license metric",
                    ),
                ),
                (
                    "part",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.publisherpart",
                        verbose_name="publisher part number",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical entitlement",
                "verbose_name_plural": "historical entitlements",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="entitlement_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalReturnAssignment",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                ("run_id", models.BigIntegerField(null=True)),
                ("units", models.PositiveIntegerField()),
                ("rule", models.CharField(blank=True, max_length=40)),
                ("figures", models.JSONField(default=list)),
                ("made_on", models.DateField()),
                ("made_in_run_id", models.BigIntegerField()),
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
                (
                    "purchase_return",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="entitlements.purchasereturn",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical return assignment",
                "verbose_name_plural": "historical return assignments",
                "ordering": ("-history_id",),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["id", "history_id"], name="returnassignment_history_of")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
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
    ]
