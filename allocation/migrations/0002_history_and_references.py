import common.constraints
import common.history
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("allocation", "0001_initial"),
    ]

    operations = [
        common.constraints.RefersWithin(
            model_name="allocation",
            field="entitlement",
            shared=["company", "kind"],
        ),
        common.constraints.RefersWithin(
            model_name="keptapart",
            field="position",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="keptapart",
            field="license",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="allocation",
            field="deployment",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="allocation",
            field="person",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="allocation",
            field="device",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="allocation",
            field="license",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="licensenumbers",
            field="license",
            shared=["company"],
            cascades=True,
        ),
        common.constraints.RefersWithin(
            model_name="productnumbers",
            field="deployment",
            shared=["company"],
            cascades=True,
        ),
        # Rows that are thrown away soon need no log, and survive no crash.
        migrations.RunSQL(
            'ALTER TABLE "allocation_previewchange" SET UNLOGGED',
            'ALTER TABLE "allocation_previewchange" SET LOGGED',
        ),
        common.history.TrackHistory(
            model_name="Allocation",
        ),
        common.history.TrackHistory(
            model_name="KeptApart",
        ),
        common.constraints.RefersWithin(
            model_name="allocation",
            field="license_key",
            shared=["company", "entitlement"],
        ),
    ]
