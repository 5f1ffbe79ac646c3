import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0005_trigrams"),
        ("accounts", "0003_found_by_any_part"),
        ("contracts", "0006_found_by_any_part"),
        ("entitlements", "0006_mended_rows"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="entitlement",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("asset_tag"), name="gin_trgm_ops"
                ),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("serial_number"), name="gin_trgm_ops"
                ),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("matched_serial"), name="gin_trgm_ops"
                ),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("po_number"), name="gin_trgm_ops"
                ),
                name="entitlement_by_any_part",
            ),
        ),
    ]
