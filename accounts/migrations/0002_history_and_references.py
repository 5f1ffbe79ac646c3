import common.constraints
import common.history
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        common.constraints.RefersWithin(
            model_name="person",
            field="department",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="person",
            field="manager",
            shared=["company"],
        ),
        common.history.TrackHistory(
            model_name="User",
        ),
        common.history.TrackHistory(
            model_name="Company",
        ),
        common.history.TrackHistory(
            model_name="Membership",
        ),
        common.history.TrackHistory(
            model_name="Department",
        ),
        common.history.TrackHistory(
            model_name="CostCentre",
        ),
        common.history.TrackHistory(
            model_name="Location",
        ),
        common.history.TrackHistory(
            model_name="Person",
        ),
    ]
