from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from common.acting import acting

# (name, is_enterprise)
CONTRACT_TYPES = (
    ("License Agreement", False),
    ("Enterprise Agreement", True),
    ("Subscription", False),
    ("Support", False),
    ("Maintenance", False),
    ("SaaS", False),
)


def add_contract_types(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    contract_type = apps.get_model("contracts", "ContractType")
    with acting(None, "Shipped with LCM"):
        contract_type.objects.bulk_create(
            contract_type(name=name, is_enterprise=is_enterprise)
            for name, is_enterprise in CONTRACT_TYPES
        )


class Migration(migrations.Migration):
    dependencies = [("contracts", "0002_history_and_references")]

    operations = [migrations.RunPython(add_contract_types, migrations.RunPython.noop)]
