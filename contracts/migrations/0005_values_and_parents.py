from datetime import date

from django.db import migrations, models

from common.constraints import NeverAboveItself


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0004_suites_tags_and_own_fields"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(("value", None), ("value__gte", 0), _connector="OR"),
                name="contract_value_is_not_below_0",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractterm",
            constraint=models.CheckConstraint(
                condition=models.Q(("value", None), ("value__gte", 0), _connector="OR"),
                name="contract_term_value_is_not_below_0",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractterm",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_on__gte", date(1950, 1, 1))),
                name="contract_term_starts_within_memory",
            ),
        ),
        NeverAboveItself("contract", "parent"),
    ]
