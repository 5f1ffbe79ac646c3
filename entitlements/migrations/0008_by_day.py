from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_found_by_any_part"),
        ("contracts", "0006_found_by_any_part"),
        ("entitlements", "0007_found_by_any_part"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="entitlement",
            index=models.Index(fields=["purchased_on", "id"], name="entitlement_by_purchase"),
        ),
        migrations.AddIndex(
            model_name="entitlement",
            index=models.Index(fields=["ends_on", "id"], name="entitlement_by_end"),
        ),
    ]
