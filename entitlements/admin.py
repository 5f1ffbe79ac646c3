"""Entitlements and what describes them in the admin; and the imports of workbooks."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.administration import (
    AdministeredCompanies,
    CatalogueAdmin,
    CompanyAdmin,
    ReadOnlyCompanyAdmin,
)
from common.locks import hold_shared
from entitlements.import_admin import ImportAdmin, WorkbookExportAdmin
from entitlements.models import (
    AgreementType,
    Entitlement,
    EntitlementDefinition,
    LicenseMetric,
    MetricGroup,
    PublisherPart,
    PurchaseReturn,
)

__all__ = ["ImportAdmin", "WorkbookExportAdmin"]


@admin.register(MetricGroup)
class MetricGroupAdmin(CatalogueAdmin):
    list_display = ("name",)
    search_fields = ("name",)


@admin.register(LicenseMetric)
class LicenseMetricAdmin(CatalogueAdmin):
    list_display = ("name", "group", "counted_by", "calculation")
    list_filter = ("group",)
    list_select_related = ("group",)
    search_fields = ("name",)


@admin.register(AgreementType)
class AgreementTypeAdmin(CatalogueAdmin):
    list_display = ("name", "code", "group", "always_compliant", "has_license_impact")
    list_filter = ("group",)
    list_select_related = ("group",)


@admin.register(PublisherPart)
class PublisherPartAdmin(CatalogueAdmin):
    list_display = ("number", "vendor", "model", "license_type", "rights_per_pack", "is_suite")
    list_select_related = ("vendor", "model")
    search_fields = ("number", "vendor__name", "model__name")
    autocomplete_fields = ("vendor", "model", "metric")


@admin.register(EntitlementDefinition)
class EntitlementDefinitionAdmin(CompanyAdmin):
    list_display = ("name", "company", "grace_days", "maximum_days", "is_orderable", "is_forced_in")
    list_filter = (AdministeredCompanies, "is_orderable", "is_forced_in")
    list_select_related = ("company",)
    search_fields = ("name",)

    def save_model(
        self, request: HttpRequest, obj: EntitlementDefinition, form: ModelForm, change: bool
    ) -> None:
        # A run that is under way works with the days the definition had when it began.
        hold_shared(obj.company_id)
        super().save_model(request, obj, form, change)


@admin.register(Entitlement)
class EntitlementAdmin(ReadOnlyCompanyAdmin):
    list_display = ("display_name", "reference", "kind", "company", "purchased_rights", "ends_on")
    list_filter = (AdministeredCompanies, "kind", "duration")
    list_select_related = ("model", "definition", "company")
    search_fields = ("asset_tag", "serial_number", "model__name")


@admin.register(PurchaseReturn)
class PurchaseReturnAdmin(ReadOnlyCompanyAdmin):
    list_display = ("__str__", "definition", "model", "entitlement", "company")
    list_select_related = (
        "definition",
        "model",
        "entitlement__model",
        "entitlement__definition",
        "company",
    )
