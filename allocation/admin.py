"""Allocations and runs in the admin: to read. They are made on pages of their own."""

from django.contrib import admin

from accounts.administration import AdministeredCompanies, ReadOnlyCompanyAdmin
from allocation.models import Allocation, ConsolidateRun, KeptApart


@admin.register(Allocation)
class AllocationAdmin(ReadOnlyCompanyAdmin):
    list_display = ("__str__", "license", "entitlement", "quantity", "basis", "made_on", "ended_on")
    list_filter = (AdministeredCompanies, "basis", "end_reason")
    list_select_related = (
        "license__model",
        "license__definition",
        "entitlement__model",
        "entitlement__definition",
    )
    search_fields = ("license__asset_tag", "entitlement__asset_tag", "license__model__name")


@admin.register(ConsolidateRun)
class ConsolidateRunAdmin(ReadOnlyCompanyAdmin):
    list_display = ("__str__", "company", "as_of", "state", "started_by", "ended_at")
    list_filter = (AdministeredCompanies, "state")
    list_select_related = ("company", "started_by")


@admin.register(KeptApart)
class KeptApartAdmin(ReadOnlyCompanyAdmin):
    list_display = ("position", "license", "reason", "parted_by", "parted_at", "lifted_at")
    list_select_related = (
        "position__model",
        "position__definition",
        "license__model",
        "license__definition",
        "parted_by",
    )
