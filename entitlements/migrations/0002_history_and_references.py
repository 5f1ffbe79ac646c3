from django.db import migrations

from common.constraints import RefersWithin
from common.history import TrackHistory


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0001_initial")]

    operations = [
        RefersWithin("entitlement", "definition", ["company"]),
        RefersWithin("entitlement", "contract", ["company"]),
        RefersWithin("entitlement", "owned_by_person", ["company"]),
        RefersWithin("entitlement", "owned_by_department", ["company"]),
        RefersWithin("entitlement", "department", ["company"]),
        RefersWithin("entitlement", "location", ["company"]),
        RefersWithin("entitlement", "cost_centre", ["company"]),
        RefersWithin("stateperiod", "entitlement", ["company"]),
        RefersWithin("upgradedentitlement", "target", ["company"]),
        RefersWithin("upgradedentitlement", "source", ["company"]),
        RefersWithin("downgraderight", "entitlement", ["company"]),
        RefersWithin("purchasereturn", "entitlement", ["company"]),
        RefersWithin("purchasereturn", "definition", ["company"]),
        RefersWithin("returnassignment", "purchase_return", ["company"]),
        RefersWithin("returnassignment", "position", ["company"]),
        TrackHistory("MetricGroup"),
        TrackHistory("LicenseMetric"),
        TrackHistory("AgreementType"),
        TrackHistory("PublisherPart"),
        TrackHistory("EntitlementDefinition"),
        TrackHistory("Entitlement"),
        TrackHistory("StatePeriod"),
        TrackHistory("UpgradedEntitlement"),
        TrackHistory("DowngradeRight"),
        TrackHistory("PurchaseReturn"),
        TrackHistory("ReturnAssignment"),
    ]
