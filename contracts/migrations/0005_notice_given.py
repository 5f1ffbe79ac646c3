from django.db import migrations, models

from common.history import TrackHistory


class Migration(migrations.Migration):
    dependencies = [("contracts", "0004_renewals_documents_and_discovery")]

    operations = [
        migrations.AddField(
            model_name="contractterm",
            name="notice_given_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalcontractterm",
            name="notice_given_on",
            field=models.DateField(blank=True, null=True),
        ),
        TrackHistory("ContractTerm"),
    ]
