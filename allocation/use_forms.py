"""Forms for what uses a license: deployments, reservations, people, devices."""

from typing import Any

from django import forms
from django.db.models import Q

from accounts.choosing import ChosenField, Source
from accounts.scope import NOTHING
from allocation.choosing import deployed_text, sources_for, suggested_labels
from allocation.models import Allocation, ReservationKind
from common.forms import notes_field, reason_field
from contracts.choosing import VENDORS
from contracts.models import Vendor
from deployments.models import DeploymentMetric
from entitlements.metric_rules import allocates_to
from entitlements.models import CountedBy, Entitlement, LicenseKey

MOST_PRODUCTS_SHOWN = 500
UNLIMITED_HELP = (
    "0 means unlimited: the deployment takes what it needs of the whole license, and the figures"
    " follow the inventory. Any other number sets that many aside, whether they are in use or not."
)


def quantity_field(label: str, *, least: int, help_text: str = "") -> forms.IntegerField:
    """How many units of a license something takes."""
    return forms.IntegerField(
        label=label,
        min_value=least,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": f"Give a number, {least} or more.",
            "invalid": "Write a whole number.",
            "min_value": f"%(show_value)s is no quantity. Give {least} or more.",
        },
    )


def _of_source(source: Source, label: str, **options: Any) -> ChosenField:
    return ChosenField(
        source=source,
        queryset=source.records(NOTHING),
        label=label,
        error_messages={"required": f"Choose a {source.noun}."},
        **options,
    )


class TrackForm(forms.Form):
    """Which deployment to let use a license, and how much of it."""

    field_order = ("vendor", "product", "quantity", "metric", "notes")

    vendor = ChosenField(
        source=VENDORS,
        queryset=Vendor.objects.all(),
        label="Vendor",
        error_messages={"required": "Choose a vendor."},
    )
    quantity = quantity_field("Allocated Quantity", least=0, help_text=UNLIMITED_HELP)
    metric = forms.ChoiceField(
        label="Deployment Metric", choices=DeploymentMetric.choices, widget=forms.RadioSelect
    )
    notes = notes_field("Assumptions, how it is allocated, what an audit should know.")

    def __init__(self, *args: Any, license: Entitlement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"] = _of_source(
            sources_for(license)["products"],
            "Product",
            narrowed_by={"vendor": "vendor"},
            help_text="Those of the vendor, the most deployed first.",
        )
        self.order_fields(self.field_order)
        self.fields["vendor"].initial = license.model.product.vendor_id
        self.fields["quantity"].initial = 0
        self.fields["metric"].initial = _usual_metric(license)
        self.fields["metric"].help_text = _what_is_counted(license)

    def clean_vendor(self) -> Vendor:
        """Whatever is written as product is looked for at the vendor alone."""
        vendor: Vendor = self.cleaned_data["vendor"]
        products: Any = self.fields["product"]
        products.queryset = products.queryset.filter(vendor=vendor)
        return vendor

    def show_products(self) -> None:
        """Offer the products of the vendor that was given, and say nothing of the rest yet."""
        is_known = "vendor" not in self.errors
        for name in [name for name in self.errors if name != "vendor"]:
            del self.errors[name]
        if is_known:
            field: Any = self.fields["product"]
            field.widget.candidates = [
                (product.pk, f"{product} ({deployed_text(product)})")
                for product in field.queryset[:MOST_PRODUCTS_SHOWN]
            ]


def _usual_metric(license: Entitlement) -> DeploymentMetric:
    if allocates_to(license.metric) == CountedBy.PERSON:
        return DeploymentMetric.USERS
    return DeploymentMetric.INSTALLS


def _what_is_counted(license: Entitlement) -> str:
    how = "How the deployment is counted: by the devices that have it, or by the people."
    counted = allocates_to(license.metric)
    if counted == CountedBy.NEITHER:
        return how
    return f"{how} The metric of this license, {license.metric}, counts {counted.label.lower()}."


class ReserveForm(forms.Form):
    """For whom or what to set units of a license aside."""

    kind = forms.ChoiceField(label="Reserve for", choices=ReservationKind.choices)
    label = forms.CharField(
        label="Name",
        max_length=200,
        widget=forms.TextInput(attrs={"list": "reservation-labels", "autocomplete": "off"}),
        help_text="Of the department, the project, the cost centre, or what the CALs are for.",
        error_messages={"required": "Say what the units are reserved for."},
    )
    quantity = quantity_field("Reserved quantity", least=1)
    notes = notes_field("Why, and until when, they are set aside.")

    def __init__(self, *args: Any, license: Entitlement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suggested_labels = suggested_labels(license.company_id)


def add_key_field(form: forms.Form, license: Entitlement, given: LicenseKey | None = None) -> None:
    """
    Let a form choose a license key, where the license has any that can be given.

    :param given: the key that is given already
    """
    source = sources_for(license)["keys"]
    if given is None and not source.records(NOTHING).exists():
        return
    form.fields["license_key"] = ChosenField(
        source=source,
        queryset=source.records(NOTHING) if given is None else _with(given, license),
        label="License key",
        required=False,
        initial=given,
        help_text="By what it is called; the key itself is not shown. Empty: none.",
    )


def _with(given: LicenseKey, license: Entitlement) -> Any:
    """The keys that can be given, and the one that is, though it may be withdrawn."""
    return LicenseKey.objects.filter(Q(pk=given.pk) | Q(withdrawn_at=None), entitlement=license)


class PersonForm(forms.Form):
    """To whom to give units of a license."""

    field_order = ("person", "quantity", "license_key", "notes")

    quantity = quantity_field("Quantity", least=1)
    notes = notes_field("Why this person has it.")

    def __init__(self, *args: Any, license: Entitlement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = _of_source(sources_for(license)["people"], "Person")
        add_key_field(self, license)
        self.order_fields(self.field_order)
        self.fields["quantity"].initial = 1


class DeviceForm(forms.Form):
    """To which device to give units of a license."""

    field_order = ("device", "quantity", "license_key", "notes")

    quantity = quantity_field("Quantity", least=1)
    notes = notes_field("Why this device has it.")

    def __init__(self, *args: Any, license: Entitlement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["device"] = _of_source(sources_for(license)["devices"], "Device")
        add_key_field(self, license)
        self.order_fields(self.field_order)
        self.fields["quantity"].initial = 1


class ChangeUseForm(forms.Form):
    """How much a use takes from now on, and what is noted about it."""

    field_order = ("quantity", "license_key", "notes", "reason")

    notes = notes_field("What is to be known of this allocation.")
    reason = reason_field("Kept in the history beside your name.")

    def __init__(self, *args: Any, use: Allocation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        may_be_unlimited = use.deployment_id is not None
        self.fields["quantity"] = quantity_field(
            "Allocated Quantity",
            least=0 if may_be_unlimited else 1,
            help_text=UNLIMITED_HELP if may_be_unlimited else "",
        )
        if use.person_id is not None or use.device_id is not None:
            add_key_field(self, use.entitlement, use.license_key)
        self.order_fields(self.field_order)
        self.fields["quantity"].initial = use.quantity
        self.fields["notes"].initial = use.notes
