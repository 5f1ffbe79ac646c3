import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0005_values_and_parents"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contract",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="contract_by_tag"),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tags__len__lte", 20), models.Q(("tags__contains", [""]), _negated=True)
                ),
                name="contract_tags_are_words_and_few",
            ),
        ),
    ]
