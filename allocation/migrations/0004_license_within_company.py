import django.db.models.deletion
from django.db import migrations, models

from common.constraints import RefersWithin


class Migration(migrations.Migration):
    dependencies = [("allocation", "0003_targets_and_numbers")]

    operations = [
        migrations.AlterField(
            model_name="allocation",
            name="license",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cover",
                to="entitlements.entitlement",
            ),
        ),
        RefersWithin("allocation", "license", ["company"]),
    ]
