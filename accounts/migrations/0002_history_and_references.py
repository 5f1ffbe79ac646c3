from django.db import migrations

from common.constraints import RefersWithin
from common.history import TrackHistory


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        RefersWithin("person", "department", ["company"]),
        RefersWithin("person", "manager", ["company"]),
        TrackHistory("User"),
        TrackHistory("Company"),
        TrackHistory("Membership"),
        TrackHistory("Department"),
        TrackHistory("CostCentre"),
        TrackHistory("Location"),
        TrackHistory("Person"),
    ]
