from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("deployments", "0002_history_and_references"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="installation",
            index=models.Index(
                fields=["seen_on", "id"],
                condition=Q(gone_on__isnull=False),
                name="installation_gone_by_day",
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                fields=["seen_on", "id"],
                condition=Q(gone_on__isnull=False),
                name="subscription_gone_by_day",
            ),
        ),
    ]
