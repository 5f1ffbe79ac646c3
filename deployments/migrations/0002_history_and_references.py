import common.constraints
import common.history
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("deployments", "0001_initial"),
    ]

    operations = [
        common.constraints.RefersWithin(
            model_name="device",
            field="host",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="device",
            field="person",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="device",
            field="department",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="device",
            field="location",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="device",
            field="cost_centre",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="installation",
            field="device",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="installation",
            field="software",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="installation",
            field="person",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="subscription",
            field="person",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="subscription",
            field="software",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="usage",
            field="software",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="usage",
            field="device",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="usage",
            field="person",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="reportedcount",
            field="software",
            shared=["company"],
        ),
        # Rows that are thrown away soon need no log, and survive no crash.
        migrations.RunSQL(
            'ALTER TABLE "deployments_foundrow" SET UNLOGGED',
            'ALTER TABLE "deployments_foundrow" SET LOGGED',
        ),
        common.history.TrackHistory(
            model_name="Device",
        ),
    ]
