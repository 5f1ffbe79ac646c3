import common.history
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]

    operations = [
        common.history.TrackHistory(
            model_name="CustomField",
        ),
    ]
