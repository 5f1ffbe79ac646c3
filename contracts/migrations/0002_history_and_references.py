from django.db import migrations

from common.constraints import RefersWithin
from common.history import TrackHistory


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_initial")]

    operations = [
        RefersWithin("contract", "parent", ["company"]),
        RefersWithin("contract", "business_owner", ["company"]),
        RefersWithin("contractterm", "contract", ["company"]),
        TrackHistory("Vendor"),
        TrackHistory("Product"),
        TrackHistory("SoftwareModel"),
        TrackHistory("ContractType"),
        TrackHistory("Contract"),
        TrackHistory("ContractTerm"),
    ]
