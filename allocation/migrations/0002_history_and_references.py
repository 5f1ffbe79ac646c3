from django.db import migrations

from common.constraints import RefersWithin
from common.history import TrackHistory


class Migration(migrations.Migration):
    dependencies = [("allocation", "0001_initial")]

    operations = [
        RefersWithin("allocation", "entitlement", ["company", "kind"]),
        RefersWithin("keptapart", "position", ["company"]),
        RefersWithin("keptapart", "license", ["company"]),
        TrackHistory("Allocation"),
        TrackHistory("KeptApart"),
        # Previews are thrown away soon: they need no log, and survive no crash.
        migrations.RunSQL(
            'ALTER TABLE "allocation_previewchange" SET UNLOGGED',
            'ALTER TABLE "allocation_previewchange" SET LOGGED',
        ),
    ]
