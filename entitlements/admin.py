"""Entitlements and what describes them in the admin; and the imports of workbooks."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.administration import (
    AdministeredCompanies,
    CatalogueAdmin,
    CatalogueInline,
    CompanyAdmin,
    ReadOnlyCompanyAdmin,
)
from common.locks import hold_shared
from entitlements.import_admin import ImportAdmin, WorkbookExportAdmin
from entitlements.metric_admin import LicenseMetricAdmin
from entitlements.models import (
    Entitlement,
    EntitlementDefinition,
    PublisherPart,
    PurchaseReturn,
    SuiteComponent,
)

__all__ = ["ImportAdmin", "LicenseMetricAdmin", "WorkbookExportAdmin"]


class SuiteComponentInline(CatalogueInline):
    model = SuiteComponent
    autocomplete_fields = ("vendor",)


@admin.register(PublisherPart)
class PublisherPartAdmin(CatalogueAdmin):
    list_display = (
        "number",
        "vendor",
        "description",
        "software",
        "license_type",
        "rights_per_pack",
        "is_suite",
        "is_example",
    )
    list_filter = ("is_suite", "is_example")
    list_select_related = ("vendor",)
    search_fields = ("number", "vendor__name", "description", "product_name")
    autocomplete_fields = ("vendor", "metric")
    inlines = (SuiteComponentInline,)


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
