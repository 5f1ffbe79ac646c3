from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from common.acting import acting

DEVICE, PERSON, NEITHER = "device", "person", "neither"

PER_DEVICE = (
    "Per Device",
    DEVICE,
    "One right for each device with the software, more where its installs exceed the most per right.",
)
PER_USER = (
    "Per User",
    PERSON,
    "One right for each user over all their devices; a device without a user costs one itself.",
)
PER_NAMED_USER = (
    "Per Named User",
    PERSON,
    "One right for each user to whom it is allocated; without an allocation nothing is licensed.",
)
PER_NAMED_DEVICE = (
    "Per Named Device",
    DEVICE,
    "One right for each device to which it is allocated; without an allocation nothing is licensed.",
)
USER_SUBSCRIPTION = (
    "User Subscription",
    PERSON,
    "One right for each user with an active subscription, which licenses their installs too.",
)
PER_PROCESSOR = (
    "Per Processor",
    DEVICE,
    "Processors, each counted again for every further block of cores a right allows.",
)

# The metrics that the document "Add a software entitlement" lists for each group.
METRICS = {
    "Adobe": (PER_DEVICE, PER_USER, USER_SUBSCRIPTION),
    "Citrix": (
        (
            "Concurrent User",
            NEITHER,
            "The highest number of simultaneous check-outs in the look-back time.",
        ),
        PER_DEVICE,
        PER_PROCESSOR,
        PER_USER,
    ),
    "Common": (
        (
            "Per Core",
            DEVICE,
            "Processors times the cores of each, at least the minimum a processor.",
        ),
        PER_DEVICE,
        PER_NAMED_DEVICE,
        PER_NAMED_USER,
        PER_PROCESSOR,
        PER_USER,
    ),
    "Custom": (),
    "IBM": (
        PER_DEVICE,
        PER_NAMED_USER,
        PER_PROCESSOR,
        PER_USER,
        (
            "Processor Value Unit (PVU) Full Capacity",
            DEVICE,
            "Activated cores of each physical host with the software, times the value of its chip.",
        ),
        (
            "Processor Value Unit (PVU) Sub-capacity",
            DEVICE,
            "Virtual cores with the software, at most those of the hosts, times the value of the chip.",
        ),
        (
            "Resource Value Unit (RVU) Full Capacity",
            NEITHER,
            "Activated cores over the whole product, counted in tiers that grow cheaper.",
        ),
        (
            "Resource Value Unit (RVU) Sub-capacity",
            NEITHER,
            "Virtual cores over the whole product, counted in tiers that grow cheaper.",
        ),
    ),
    "Microsoft": (
        ("Device CAL", DEVICE, "The devices in the client access records of the model."),
        (
            "Per Core (Physical Core)",
            DEVICE,
            "Cores of the physical host, at least four a processor.",
        ),
        ("Per Core (Virtual OSE)", DEVICE, "Virtual cores of each machine, at least four."),
        (
            "Per Core (with CAL)",
            DEVICE,
            "Cores of the host, at least eight a processor and sixteen a server, for every two machines.",
        ),
        PER_DEVICE,
        PER_PROCESSOR,
        PER_USER,
        ("Server (Per Instance)", DEVICE, "One right for each installed instance of a machine."),
        (
            "Server (Per Server)",
            DEVICE,
            "One right for each physical server with the software on it or on its machines.",
        ),
        ("User CAL", PERSON, "The users in the client access records of the model."),
        USER_SUBSCRIPTION,
    ),
    "Oracle": (
        (
            "Named User Plus",
            PERSON,
            "Users and devices with access, at least the minimum for the processors.",
        ),
        ("Per Processor", DEVICE, "Cores times the core factor of the chip, rounded up."),
    ),
    "VMware": (
        ("Per Application Instance", DEVICE, "One right for each running instance."),
        PER_DEVICE,
        PER_NAMED_USER,
        ("Per OSI", DEVICE, "One right for each physical or virtual server with the software."),
        PER_PROCESSOR,
    ),
}

GENERIC = ("Generic", "Generic", False, True)
ELA = ("ELA", "Enterprise License Agreement", True, True)

# (code, name, always compliant, has license impact)
AGREEMENT_TYPES = {
    "Adobe": (
        GENERIC,
        ("ETLA", "Enterprise Term License Agreement", True, True),
        ("CLP", "Cumulative Licensing Program", False, True),
        ("TLP", "Transactional Licensing Program", False, True),
        ("VIP", "Value Incentive Plan", False, True),
    ),
    "Citrix": (GENERIC,),
    "Common": (GENERIC, ELA),
    "Custom": (GENERIC, ELA),
    "IBM": (
        GENERIC,
        ELA,
        ("IPLA", "International Program License Agreement", False, False),
        ("ICA", "IBM Customer Agreement", False, False),
        ("IULA", "Unlimited License Agreement", True, True),
    ),
    "Microsoft": (GENERIC, ELA),
    "Oracle": (GENERIC, ("ULA", "Unlimited License Agreement", True, True)),
    "VMware": (
        GENERIC,
        ELA,
        ("EPP", "Enterprise Purchasing Program", False, False),
        ("VPP", "Volume Purchasing Program", False, False),
    ),
}


def add_metric_catalogue(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    group, metric, agreement_type = (
        apps.get_model("entitlements", name)
        for name in ("MetricGroup", "LicenseMetric", "AgreementType")
    )
    with acting(None, "Shipped with LCM"):
        for group_name, metrics in METRICS.items():
            of_group = group.objects.create(name=group_name)
            metric.objects.bulk_create(
                metric(group=of_group, name=name, counted_by=counted_by, calculation=calculation)
                for name, counted_by, calculation in metrics
            )
            agreement_type.objects.bulk_create(
                agreement_type(
                    group=of_group,
                    code=code,
                    name=name,
                    always_compliant=always_compliant,
                    has_license_impact=has_license_impact,
                )
                for code, name, always_compliant, has_license_impact in AGREEMENT_TYPES[group_name]
            )


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0002_history_and_references")]

    operations = [migrations.RunPython(add_metric_catalogue, migrations.RunPython.noop)]
