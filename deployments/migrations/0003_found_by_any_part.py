import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0005_trigrams"),
        ("accounts", "0003_found_by_any_part"),
        ("contracts", "0006_found_by_any_part"),
        ("deployments", "0002_counts_of_titles"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="device",
            index=models.Index(fields=["name", "id"], name="device_by_name"),
        ),
        migrations.AddIndex(
            model_name="device",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"
                ),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("serial_number"), name="gin_trgm_ops"
                ),
                name="device_by_any_part",
            ),
        ),
        migrations.AddIndex(
            model_name="discoveredsoftware",
            index=models.Index(fields=["name", "id"], name="title_by_name"),
        ),
        migrations.AddIndex(
            model_name="discoveredsoftware",
            index=django.contrib.postgres.indexes.GinIndex(
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
        ),
    ]
