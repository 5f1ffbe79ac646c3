"""What moves rights ends after it began; and what was bought before has the line of its purchase."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from common.acting import acting

KEEP_LINES = """
INSERT INTO entitlements_expenseline
  (company_id, entitlement_id, kind, spent_on, amount, currency, notes, is_of_purchase)
SELECT company_id, id,
  CASE WHEN kind = 'maintenance' THEN 'maintenance'
    WHEN duration = 'subscription' THEN 'subscription' ELSE 'purchase' END,
  purchased_on, total_cost, currency, '', true
FROM entitlements_entitlement WHERE total_cost IS NOT NULL ORDER BY id
ON CONFLICT (entitlement_id) WHERE is_of_purchase DO NOTHING
"""


def keep_lines(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    keeping = acting(None, "Purchases are kept among the expenses")
    with keeping, schema_editor.connection.cursor() as cursor:
        cursor.execute(KEEP_LINES)


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0007_metrics_fit_their_groups")]

    operations = [
        migrations.AddConstraint(
            model_name="upgradedentitlement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_on", None), ("ended_on__gte", models.F("effective_on")), _connector="OR"
                ),
                name="upgrade_ends_not_before_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchasereturn",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_on", None), ("ended_on__gte", models.F("returned_on")), _connector="OR"
                ),
                name="return_ends_not_before_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="returnassignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_on", None), ("ended_on__gte", models.F("made_on")), _connector="OR"
                ),
                name="return_assignment_ends_not_before_it_begins",
            ),
        ),
        migrations.RunPython(keep_lines, migrations.RunPython.noop),
    ]
