from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0008_ends_and_purchase_lines"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="entitlement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tags__len__lte", 20), models.Q(("tags__contains", [""]), _negated=True)
                ),
                name="entitlement_tags_are_words_and_few",
            ),
        ),
    ]
