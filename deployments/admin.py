"""Deployments in the admin: to read. Inventories are imported on pages of their own."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.administration import AdministeredCompanies, ReadOnlyCompanyAdmin
from deployments.models import Device, InventoryImport


@admin.register(Device)
class DeviceAdmin(ReadOnlyCompanyAdmin):
    list_display = ("name", "company", "kind", "operating_system", "person", "last_seen_on")
    list_filter = (AdministeredCompanies, "kind")
    list_select_related = ("company", "person")
    search_fields = ("name", "serial_number")


@admin.register(InventoryImport)
class InventoryImportAdmin(ReadOnlyCompanyAdmin):
    list_display = ("__str__", "company", "source", "day", "state", "started_by", "started_at")
    list_filter = (AdministeredCompanies, "state")
    list_select_related = ("company", "file", "started_by")
    search_fields = ("file__name", "source")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Upload is one way, for everybody."""
        return redirect("add-inventory")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """So is what comes of it; the page asks who may see it."""
        if not object_id.isdecimal():
            raise Http404
        return redirect("inventory-import", int(object_id))
