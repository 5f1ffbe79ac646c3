import common.constraints
import common.history
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0001_initial"),
    ]

    operations = [
        common.constraints.RefersWithin(
            model_name="contract",
            field="parent",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="contract",
            field="business_owner",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="contractterm",
            field="contract",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="contractdocument",
            field="contract",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="reminder",
            field="contract",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="remindedmember",
            field="reminder",
            shared=["company"],
        ),
        common.constraints.RefersWithin(
            model_name="sentreminder",
            field="contract",
            shared=["company"],
        ),
        common.history.TrackHistory(
            model_name="Vendor",
        ),
        common.history.TrackHistory(
            model_name="Product",
        ),
        common.history.TrackHistory(
            model_name="SoftwareModel",
        ),
        common.history.TrackHistory(
            model_name="ContractType",
        ),
        common.history.TrackHistory(
            model_name="Contract",
        ),
        common.history.TrackHistory(
            model_name="ContractTerm",
        ),
        common.history.TrackHistory(
            model_name="ContractDocument",
        ),
        common.history.TrackHistory(
            model_name="DiscoveryMap",
        ),
        common.history.TrackHistory(
            model_name="Reminder",
        ),
        common.history.TrackHistory(
            model_name="RemindedMember",
        ),
        common.history.TrackHistory(
            model_name="SuitePart",
        ),
        common.constraints.NeverAboveItself("contract", "parent"),
    ]
