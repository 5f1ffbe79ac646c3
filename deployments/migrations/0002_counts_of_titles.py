from django.db import migrations, models


class Migration(migrations.Migration):
    """Titles know how much of them there is, so that lists sort by it."""

    dependencies = [("deployments", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="discoveredsoftware",
            name="installs",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="discoveredsoftware",
            name="users",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
