import common.constraints
import common.history
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0001_initial"),
    ]

    operations = [
        common.constraints.RefersWithin(
            model_name="entitlement",
            field="definition",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="entitlement",
            field="contract",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="entitlement",
            field="owned_by_person",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="entitlement",
            field="owned_by_department",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="entitlement",
            field="department",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="entitlement",
            field="location",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="entitlement",
            field="cost_centre",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="stateperiod",
            field="entitlement",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="upgradedentitlement",
            field="target",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="upgradedentitlement",
            field="source",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="downgraderight",
            field="entitlement",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="purchasereturn",
            field="entitlement",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="purchasereturn",
            field="definition",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="returnassignment",
            field="purchase_return",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="returnassignment",
            field="position",
            shared=["company"],
        ),
        # Rows that are thrown away soon need no log, and survive no crash.
        migrations.RunSQL(
            'ALTER TABLE "entitlements_importrow" SET UNLOGGED',
            'ALTER TABLE "entitlements_importrow" SET LOGGED',
        ),
        # Rows that are thrown away soon need no log, and survive no crash.
        migrations.RunSQL(
            'ALTER TABLE "entitlements_importproblem" SET UNLOGGED',
            'ALTER TABLE "entitlements_importproblem" SET LOGGED',
        ),
        common.history.TrackHistory(
            model_name="MetricGroup",
        ),
        common.history.TrackHistory(
            model_name="LicenseMetric",
        ),
        common.history.TrackHistory(
            model_name="AgreementType",
        ),
        common.history.TrackHistory(
            model_name="PublisherPart",
        ),
        common.history.TrackHistory(
            model_name="EntitlementDefinition",
        ),
        common.history.TrackHistory(
            model_name="Entitlement",
        ),
        common.history.TrackHistory(
            model_name="StatePeriod",
        ),
        common.history.TrackHistory(
            model_name="UpgradedEntitlement",
        ),
        common.history.TrackHistory(
            model_name="DowngradeRight",
        ),
        common.history.TrackHistory(
            model_name="PurchaseReturn",
        ),
        common.history.TrackHistory(
            model_name="ReturnAssignment",
        ),
        common.history.TrackHistory(
            model_name="HeaderMapping",
        ),
    ]
