from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Three letters or more can be found anywhere in a text (``common.searching``)."""

    dependencies = [("common", "0004_changes_at_once")]

    operations = [TrigramExtension()]
