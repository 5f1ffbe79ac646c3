"""Forms for licenses and maintenance: the fields of each kind, and what must fit together."""

from typing import Any

from django import forms
from django.db.models import Model, Q

from accounts.choosing import COST_CENTRES, DEPARTMENTS, LOCATIONS, PEOPLE, ChosenField
from accounts.models import Company, CostCentre, Department, Location, Person
from accounts.roles import Capability
from accounts.scope import Scope
from common.forms import RecordForm
from contracts.choosing import CONTRACTS, MODELS, VENDORS
from contracts.models import Contract, SoftwareModel, Vendor
from entitlements.models import (
    Duration,
    Entitlement,
    EntitlementDefinition,
    Kind,
    LicenseMetric,
    LicenseType,
)

# What a form may offer, of the companies of who fills it in.
OFFERED: dict[str, type[Model]] = {
    "contract": Contract,
    "definition": EntitlementDefinition,
    "owned_by_person": Person,
    "owned_by_department": Department,
    "department": Department,
    "location": Location,
    "cost_centre": CostCentre,
}
ORIGIN = ("contract", "vendor", "po_number", "invoice_number")
PLACE = (
    "owned_by_person",
    "owned_by_department",
    "department",
    "location",
    "cost_centre",
    "notes",
)


OF_THE_COMPANY = {"company": "company"}


class EntitlementForm(RecordForm):
    """What both kinds have in common."""

    kind: Kind

    model = ChosenField(source=MODELS, queryset=SoftwareModel.objects.all(), label="Software model")
    contract = ChosenField(source=CONTRACTS, narrowed_by=OF_THE_COMPANY, required=False)
    vendor = ChosenField(source=VENDORS, queryset=Vendor.objects.all(), required=False)
    owned_by_person = ChosenField(source=PEOPLE, narrowed_by=OF_THE_COMPANY, required=False)
    owned_by_department = ChosenField(
        source=DEPARTMENTS, narrowed_by=OF_THE_COMPANY, required=False
    )
    department = ChosenField(source=DEPARTMENTS, narrowed_by=OF_THE_COMPANY, required=False)
    location = ChosenField(source=LOCATIONS, narrowed_by=OF_THE_COMPANY, required=False)
    cost_centre = ChosenField(source=COST_CENTRES, narrowed_by=OF_THE_COMPANY, required=False)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        """
        :param scope: whose companies and records can be chosen
        """
        super().__init__(*args, **kwargs)
        companies = scope.companies(Capability.MANAGE)
        self._offer("company", Company.objects.filter(pk__in=companies))
        for name, model in OFFERED.items():
            if name in self.fields:
                self._offer(name, model._default_manager.filter(company__in=companies))
        if self.instance.pk:
            # What is allocated of an entitlement belongs to its company; it does not move.
            del self.fields["company"]
        elif len(companies) == 1:
            self.initial.setdefault("company", next(iter(companies)))
        self.instance.kind = self.kind

    def _offer(self, name: str, records: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = records

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.check_money("unit_cost")
        self._check_days(cleaned)
        if cleaned.get("owned_by_person") and cleaned.get("owned_by_department"):
            self.add_error("owned_by_department", "Owned by a person or by a department, not both.")
        company = cleaned.get("company") or (self.instance.company if self.instance.pk else None)
        if company is not None:
            self._check_company(cleaned, company)
        return cleaned

    def _check_days(self, cleaned: dict[str, Any]) -> None:
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", f"The end is before the start, {starts_on:%Y-%m-%d}.")

    def _check_company(self, cleaned: dict[str, Any], company: Company) -> None:
        for name in OFFERED:
            chosen = cleaned.get(name)
            if chosen is not None and chosen.company_id != company.pk:
                self.add_error(name, f"“{chosen}” belongs to {chosen.company}, not to {company}.")
        tag = cleaned.get("asset_tag")
        others = Entitlement.objects.filter(~Q(pk=self.instance.pk), company=company)
        if tag and others.filter(asset_tag=tag).exists():
            self.add_error("asset_tag", f"Another entitlement of {company} has the tag “{tag}”.")


class LicenseForm(EntitlementForm):
    kind = Kind.LICENSE
    groups = {
        "What": ("company", "model", "license_type", "metric", "asset_tag", "serial_number"),
        "Rights": ("is_unlimited", "purchased_rights", "duration", "starts_on", "ends_on"),
        "Purchase": ("purchased_on", "unit_cost", "currency", *ORIGIN),
        "Where it belongs": PLACE,
    }

    class Meta:
        model = Entitlement
        fields = (
            "company",
            "model",
            "license_type",
            "metric",
            "asset_tag",
            "serial_number",
            "is_unlimited",
            "purchased_rights",
            "duration",
            "starts_on",
            "ends_on",
            "purchased_on",
            "unit_cost",
            "currency",
            *ORIGIN,
            *PLACE,
        )
        help_texts = {"ends_on": "It still counts. Empty: the subscription does not expire."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A metric is shown with its group, which would be asked for one by one.
        self._offer("metric", LicenseMetric.objects.select_related("group"))
        self.initial.setdefault("license_type", LicenseType.FULL)
        self.initial.setdefault("duration", Duration.PERPETUAL)
        self.fields["duration"].required = True
        if self.instance.pk:
            # Upgrades hang on it; the specification has it read-only once saved.
            del self.fields["license_type"]
        else:
            self.fields["license_type"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("is_unlimited") and cleaned.get("purchased_rights"):
            self.add_error("purchased_rights", "An unlimited license has no number of rights.")
        elif not cleaned.get("is_unlimited") and "purchased_rights" not in self.errors:
            self._require_rights(cleaned)
        if cleaned.get("duration") == Duration.SUBSCRIPTION and not cleaned.get("starts_on"):
            self.add_error("starts_on", "A subscription needs the day on which it starts.")
        if cleaned.get("duration") == Duration.PERPETUAL and cleaned.get("ends_on"):
            self.add_error("ends_on", "A perpetual license has no end. Is it a subscription?")
        return cleaned

    def _require_rights(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("purchased_rights"):
            self.add_error("purchased_rights", "Say how many rights were purchased: 1 or more.")


class MaintenanceForm(EntitlementForm):
    kind = Kind.MAINTENANCE
    groups = {
        "What": ("company", "model", "definition", "asset_tag", "serial_number"),
        "Rights and period": ("purchased_rights", "starts_on", "ends_on", "may_be_matched"),
        "Purchase": ("purchased_on", "unit_cost", "currency", *ORIGIN),
        "Where it belongs": PLACE,
    }

    class Meta:
        model = Entitlement
        fields = (
            "company",
            "model",
            "definition",
            "asset_tag",
            "serial_number",
            "purchased_rights",
            "starts_on",
            "ends_on",
            "may_be_matched",
            "purchased_on",
            "unit_cost",
            "currency",
            *ORIGIN,
            *PLACE,
        )
        labels = {"purchased_rights": "Units"}
        help_texts = {"ends_on": "It still counts. Empty: the maintenance has no end."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("definition", "starts_on", "purchased_rights"):
            self.fields[name].required = True

    def clean_purchased_rights(self) -> int:
        units: int = self.cleaned_data["purchased_rights"]
        if units < 1:
            raise forms.ValidationError("Say how many units were purchased: 1 or more.")
        return units
